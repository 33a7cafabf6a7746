/* SPDX-License-Identifier: MIT
 *
 * Small random documents, out of few names and values: so that two of them have much in common, and names are
 * of all the kinds that keys must quote. The same seed makes the same document. */
#ifndef CMRELOAD_TESTS_SUPPORT_RANDOM_DOCUMENT_H
#define CMRELOAD_TESTS_SUPPORT_RANDOM_DOCUMENT_H

#include "model/document.h"

/* Below `end`, which is not 0. */
uint32_t random_below(uint32_t *seed, uint32_t end);

/* Maps, lists and scalars, up to some 100 entries. */
cmr__document *random_tree(uint32_t *seed);

/* As a properties file: names with dots, items and all else. */
cmr__document *random_flat(uint32_t *seed);

#endif
