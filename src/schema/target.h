/* SPDX-License-Identifier: MIT
 *
 * A target: a field that is being filled, in a struct, from a map. */
#ifndef CMRELOAD_SCHEMA_TARGET_H
#define CMRELOAD_SCHEMA_TARGET_H

#include "schema/filling.h"

struct cmr__target {
    struct cmr__filling *filling;
    const struct cmr__view *view;
    const struct cmr__field *field;
    struct cmr__location place; /* its file is NULL: the field is not there, or has no entry of its own */
    char *now;                  /* the struct; NULL while counting; zeroed */
    const char *before;         /* the struct of the record that goes before, or NULL */
};

/* Says something of the field, at its place or where it would be. */
void cmr__target_tell(const struct cmr__target *target, cmr_report *report, cmr_status status,
                      const char *message);

/* Says that it is missing, if it is required. In a struct that is absent itself nothing is. */
void cmr__target_tell_missing(const struct cmr__target *target);

/* Whether the field is to keep what it is before. */
bool cmr__target_keeps(const struct cmr__target *target);

/* Says that the field is another one now, and takes effect at a restart only. value: a SCALAR's, else NULL.
 */
void cmr__target_tell_kept(const struct cmr__target *target, const cmr_value *value);

/* The member; NULL while counting. */
char *cmr__target_member(const struct cmr__target *target);

/* ---- of a LIST or STRUCTS */

/* Says so if there are too many items, or too few. */
void cmr__target_check_count(const struct cmr__target *target, size_t count);

/* Says so where items are left out, which in a flat document can be. */
void cmr__target_check_numbers(const struct cmr__target *target, const struct cmr__view_list *items);

/* Room for items; NULL for none, and while counting. */
char *cmr__target_take_items(const struct cmr__target *target, size_t count);

/* Sets the two members. */
void cmr__target_put_items(const struct cmr__target *target, const char *items, size_t count);

#endif
