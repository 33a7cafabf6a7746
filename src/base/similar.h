/* SPDX-License-Identifier: MIT
 *
 * How close two names are: for "did you mean". Nothing is allocated, no locale is asked. */
#ifndef CMRELOAD_BASE_SIMILAR_H
#define CMRELOAD_BASE_SIMILAR_H

#include <stdbool.h>
#include <stddef.h>

#define CMR__SIMILAR_MAX                                                                                     \
    64 /* bytes between what two names have in common at both ends; more are not similar */

/* How many edits may lie between a name of that length and a suggestion: 1 up to 4 bytes, 2 up to 8, else a
 * third of them. */
size_t cmr__similar_reach(size_t length);

/* The optimal string alignment distance, in bytes: how many of them must be inserted, left out, replaced, or
 * swapped with their neighbour. An ASCII letter in the other case is no edit. `limit` + 1 when it is more
 * than that, or when the names differ over too long a stretch. */
size_t cmr__similar_distance(const char *one, size_t one_length, const char *two, size_t two_length,
                             size_t limit);

/* The search for the nearest of several names: start, offer each, and look at `nearest`. */
struct cmr__similar {
    const char *wrong;
    size_t length;
    size_t best;         /* only what is nearer than this counts */
    const char *nearest; /* as offered; NULL: none is close */
    size_t nearest_length;
};

void cmr__similar_start(struct cmr__similar *search, const char *wrong, size_t length);

/* True: this name is the nearest so far. Of equally near ones the first stays. A name of which nothing would
 * be left is not close. */
bool cmr__similar_offer(struct cmr__similar *search, const char *name, size_t length);

#endif
