/* SPDX-License-Identifier: MIT
 *
 * Programs ask for the same few keys again and again, and parsing a key costs several times what reading its
 * value does. A snapshot never changes, so where a key leads in it can be remembered.
 *
 * It is a small hash table in the snapshot itself, since reads allocate nothing. A slot is found by the
 * address of the key's text, which is nearly always that of a literal, and believed by the text itself, which
 * is compared: what stands at an address may change. A slot is filled once and never again: whoever finds it
 * free claims it, fills it, and then says so; others look only at what is filled, and so nobody waits. When
 * the slots that an address may have are taken, a key is parsed each time. */
#include "model/memo.h"

#include <stdatomic.h>
#include <string.h>

enum {
    FREE,
    CLAIMED,
    FILLED
};

/* Fibonacci hashing: of the product, the upper bits depend on all bits of the address. */
static inline size_t first_slot(const char *key)
{
    return (size_t)((uint64_t)(uintptr_t)key * 0x9e3779b97f4a7c15u >> (64 - CMR__MEMO_BITS));
}

const struct cmr__location *cmr__memo_find(const struct cmr__memo *memo, const char *key)
{
    size_t number = first_slot(key);
    for (size_t end = number + CMR__MEMO_TRIES; number < end; number++) {
        const struct cmr__memo_slot *slot = &memo->slots[number];
        if (atomic_load_explicit(&slot->state, memory_order_acquire) != FILLED)
            return NULL;
        if (strcmp(slot->text, key) == 0)
            return &slot->location;
    }
    return NULL;
}

static bool claim(struct cmr__memo_slot *slot)
{
    uint32_t state = FREE;
    return atomic_compare_exchange_strong_explicit(&slot->state, &state, CLAIMED, memory_order_relaxed,
                                                   memory_order_relaxed);
}

void cmr__memo_add(struct cmr__memo *memo, const char *key, size_t length,
                   const struct cmr__location *location)
{
    size_t number = first_slot(key);
    if (length >= CMR__MEMO_TEXT)
        return;
    for (size_t end = number + CMR__MEMO_TRIES; number < end; number++) {
        struct cmr__memo_slot *slot = &memo->slots[number];
        if (!claim(slot))
            continue;
        memcpy(slot->text, key, length + 1);
        slot->location = *location;
        atomic_store_explicit(&slot->state, FILLED, memory_order_release);
        return;
    }
}
