/* SPDX-License-Identifier: MIT
 *
 * The bounds of a field: the schema's, and those of an integer's member. */
#ifndef CMRELOAD_SCHEMA_BOUNDS_H
#define CMRELOAD_SCHEMA_BOUNDS_H

#include "schema/field.h"

/* Sets both from field->is. What is wrong with them is told. */
void cmr__bounds_init(struct cmr__field *field, const struct cmr__field_check *check);

/* Whether the value, which has its text, is within. If not, writes why: "70000 is more than 65535". */
bool cmr__bounds_hold(const struct cmr__field *field, const cmr_value *value, char *ret_why, size_t size);

/* Writes why an integer, or whatever this is the text of, is too much or too little for its type already. */
void cmr__bounds_explain(const struct cmr__field *field, const char *text, size_t length, char *ret_why,
                         size_t size);

#endif
