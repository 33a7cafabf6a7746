/* SPDX-License-Identifier: MIT
 *
 * A memo: where the keys led that a snapshot was asked for. */
#ifndef CMRELOAD_MODEL_MEMO_H
#define CMRELOAD_MODEL_MEMO_H

#include <stdatomic.h>
#include <string.h>

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

enum cmr__memo_state {
    CMR__MEMO_FREE,
    CMR__MEMO_CLAIMED, /* by a thread that fills it */
    CMR__MEMO_FILLED,  /* for ever */
};

/* All zero: nothing is remembered yet. */
struct cmr__memo {
    struct cmr__memo_slot {
        struct cmr__location location; /* without a file: the key is absent */
        _Atomic uint32_t state;        /* enum cmr__memo_state */
        char text[CMR__MEMO_TEXT];
    } slots[(1 << CMR__MEMO_BITS) + CMR__MEMO_TRIES - 1];
};

/* The first slot that a key may have. Fibonacci hashing: of the product, the upper bits depend on all bits of
 * the address. */
static inline size_t cmr__memo_slot(const char *key)
{
    return (size_t)((uint64_t)(uintptr_t)key * 0x9e3779b97f4a7c15u >> (64 - CMR__MEMO_BITS));
}

/* What is remembered of the key, or NULL. Any thread, at any time. */
static inline const struct cmr__location *cmr__memo_find(const struct cmr__memo *memo, const char *key)
{
    const struct cmr__memo_slot *slot = &memo->slots[cmr__memo_slot(key)], *end = slot + CMR__MEMO_TRIES;
    for (; slot < end; slot++) {
        if (atomic_load_explicit(&slot->state, memory_order_acquire) != CMR__MEMO_FILLED)
            return NULL;
        if (strcmp(slot->text, key) == 0)
            return &slot->location;
    }
    return NULL;
}

/* Remembers it, if there is room. Any thread, at any time. */
void cmr__memo_add(struct cmr__memo *memo, const char *key, size_t length,
                   const struct cmr__location *location);

#endif
