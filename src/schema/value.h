/* SPDX-License-Identifier: MIT
 *
 * A value that a field takes: of the field's type, and within its bounds. */
#ifndef CMRELOAD_SCHEMA_VALUE_H
#define CMRELOAD_SCHEMA_VALUE_H

#include "model/convert.h"
#include "schema/target.h"

/* Reads what is at a place or, if it is not NULL, what is written there as part of a text. If it is not fit,
 * writes why. CMR_ERR_TYPE, CMR_ERR_RANGE. */
cmr_status cmr__value_read(const struct cmr__field *field, const struct cmr__location *place,
                           const struct cmr__scalar *written, cmr_value *ret_value, char *ret_why,
                           size_t size);

/* Fills a SCALAR. */
void cmr__value_fill(struct cmr__target *target);

#endif
