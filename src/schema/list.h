/* SPDX-License-Identifier: MIT
 *
 * A list of scalars that a field takes. */
#ifndef CMRELOAD_SCHEMA_LIST_H
#define CMRELOAD_SCHEMA_LIST_H

#include "schema/target.h"

/* Fills a LIST. */
void cmr__list_fill(struct cmr__target *target);

#endif
