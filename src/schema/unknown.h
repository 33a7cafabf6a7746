/* SPDX-License-Identifier: MIT
 *
 * Keys that are there, and no field's. */
#ifndef CMRELOAD_SCHEMA_UNKNOWN_H
#define CMRELOAD_SCHEMA_UNKNOWN_H

#include "schema/filling.h"

/* Tells those in the map, as the schema's policy is, with the field's key that was probably meant. The
 * table's fields have asked for what is theirs. */
void cmr__unknown_tell(struct cmr__filling *filling, const struct cmr__view *view,
                       const struct cmr__table *table);

#endif
