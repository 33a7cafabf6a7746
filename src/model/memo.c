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

static bool claim(struct cmr__memo_slot *slot)
{
    uint32_t state = CMR__MEMO_FREE;
    return atomic_compare_exchange_strong_explicit(&slot->state, &state, CMR__MEMO_CLAIMED,
                                                   memory_order_relaxed, memory_order_relaxed);
}

void cmr__memo_add(struct cmr__memo *memo, const char *key, size_t length,
                   const struct cmr__location *location)
{
    struct cmr__memo_slot *slot = &memo->slots[cmr__memo_slot(key)], *end = slot + CMR__MEMO_TRIES;
    if (length >= CMR__MEMO_TEXT)
        return;
    while (slot < end && !claim(slot))
        slot++;
    if (slot == end)
        return;
    memcpy(slot->text, key, length + 1);
    slot->location = *location;
    atomic_store_explicit(&slot->state, CMR__MEMO_FILLED, memory_order_release);
}
