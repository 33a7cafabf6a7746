/* SPDX-License-Identifier: MIT
 *
 * Where in a text a pointer points: its line and column, in any order of asking. */
#ifndef CMRELOAD_FORMAT_PLACES_H
#define CMRELOAD_FORMAT_PLACES_H

#include "model/builder.h"

struct cmr__places {
    const char *text;
    size_t length;
    struct cmr__place_mark *marks; /* made when first asked */
    size_t mark_count;
};

/* `at` points into the text or to its end. A line ends with its "\n"; a byte order mark at the start is not
 * counted. False: out of memory. */
bool cmr__places_find(struct cmr__places *places, const char *at, struct cmr__place *ret_place);
void cmr__places_reset(struct cmr__places *places);

#endif
