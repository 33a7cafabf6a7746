/* SPDX-License-Identifier: MIT
 *
 * A selection: the part of a snapshot that somebody asks for, by patterns, and the type to read it as. */
#ifndef CMRELOAD_ENGINE_SELECTION_H
#define CMRELOAD_ENGINE_SELECTION_H

#include "model/diff.h"
#include "model/items.h"

struct cmr__selection {
    char *text; /* the patterns as they were given */
    struct cmr__patterns patterns;
    bool wild; /* some pattern is no plain key */
    bool keys; /* every pattern is a key, of an entry or of a file */
    cmr_type type;
    cmr_type item; /* of a LIST or MAP: what its items are */
    const cmr_enum_item *table;
};

/* CMR_ERR_INVALID_ARGUMENT: malformed patterns, a type that nothing is read as, LIST or MAP with a pattern
 * that is no key, `item` without either. CMR_ERR_NO_MEMORY. */
cmr_status cmr__selection_init(struct cmr__selection *selection, const char *patterns, cmr_type type,
                               cmr_type item, const cmr_enum_item *table);
void cmr__selection_reset(struct cmr__selection *selection);

/* The differences that concern the selection, appended to an empty diff. `known` is the whole diff of the
 * two snapshots, or NULL. False: out of memory. */
bool cmr__selection_differences(const struct cmr__selection *selection, const cmr_snapshot *before,
                                const cmr_snapshot *after, const struct cmr__diff *known,
                                struct cmr__diff *ret_diff);

/* The value at one side of a difference. */
struct cmr__location cmr__difference_location(const struct cmr__difference *difference, bool of_new);

/* What stands there, as the type; of a list or map every item must be of its type too. CMR_ERR_TYPE,
 * CMR_ERR_RANGE, CMR_ERR_NO_MEMORY. */
cmr_status cmr__selection_read(const struct cmr__selection *selection, const struct cmr__location *place,
                               cmr_value *ret_value);

/* Why it is not of the type. The place becomes that of the item which is wrong, if that has its own. False:
 * out of memory, and the text says so. */
bool cmr__selection_explain(const struct cmr__selection *selection, struct cmr__location *place, char *buffer,
                            size_t size);

/* Whether both sides of a modification, which were read as these values, are equal as the type.
 * CMR_ERR_NO_MEMORY. */
cmr_status cmr__selection_compare(const struct cmr__selection *selection,
                                  const struct cmr__difference *difference, const cmr_value *old_value,
                                  const cmr_value *new_value, bool *ret_equal);

#endif
