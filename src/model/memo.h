/* SPDX-License-Identifier: MIT
 *
 * A memo: where the keys led that a snapshot was asked for. */
#ifndef CMRELOAD_MODEL_MEMO_H
#define CMRELOAD_MODEL_MEMO_H

#include "model/part.h"

#define CMR__MEMO_BITS 6
#define CMR__MEMO_TRIES 4
#define CMR__MEMO_TEXT 92 /* longer keys are not remembered */

/* Where a key leads. */
struct cmr__location {
    const cmr__part *part;
    const struct cmr__part_file *file;
    uint32_t entry;
    bool whole_file; /* the key has no path, and the file is no single scalar: its raw bytes are meant */
};

/* All zero: nothing is remembered yet. */
struct cmr__memo {
    struct cmr__memo_slot {
        struct cmr__location location; /* without a file: the key is absent */
        _Atomic uint32_t state;        /* memo.c */
        char text[CMR__MEMO_TEXT];
    } slots[(1 << CMR__MEMO_BITS) + CMR__MEMO_TRIES - 1];
};

/* What is remembered of the key, or NULL. Any thread, at any time. */
const struct cmr__location *cmr__memo_find(const struct cmr__memo *memo, const char *key);

/* Remembers it, if there is room. Any thread, at any time. */
void cmr__memo_add(struct cmr__memo *memo, const char *key, size_t length,
                   const struct cmr__location *location);

#endif
