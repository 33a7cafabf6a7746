/* SPDX-License-Identifier: MIT
 *
 * Filling the struct of a schema, with all that is in it. */
#ifndef CMRELOAD_SCHEMA_FILL_H
#define CMRELOAD_SCHEMA_FILL_H

#include "schema/filling.h"

/* `now` is the struct, zeroed, or NULL while counting; `before` that of the record that goes before, or NULL.
 * What is wrong is told; filling->failed: out of memory. */
void cmr__fill(struct cmr__filling *filling, char *now, const char *before);

#endif
