/* SPDX-License-Identifier: MIT
 *
 * The document's handle, its hashes and its lookups.
 *
 * A path's hash is folded from the root, a segment at a time, so that the builder gets a child's hash
 * from its parent's and a key's hash needs no joined text. The index finds candidates by that hash; a
 * candidate is only believed after its names were compared from the leaf up to the root. */
#include "model/document.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "model/hash.h"
#include "model/mapping.h"

static cmr__document *make(const struct cmr__document_head *block, const char *format)
{
    size_t name_size = strlen(format) + 1;
    cmr__document *document = calloc(1, sizeof *document + name_size);
    if (!document)
        return NULL;
    atomic_init(&document->refs, 1);
    document->format = memcpy(document + 1, format, name_size);
    document->block = block;
    return document;
}

cmr__document *cmr__document_new(struct cmr__document_head *block, bool secret, const char *format)
{
    cmr__document *document = make(block, format);
    if (document)
        document->secret = secret;
    else
        cmr__secret_or_free(secret, block);
    return document;
}

cmr__document *cmr__document_new_mapped(const struct cmr__document_head *block, struct cmr__mapping *mapping,
                                        const char *format)
{
    cmr__document *document = make(block, format);
    if (document)
        document->mapping = cmr__mapping_ref(mapping);
    return document;
}

cmr__document *cmr__document_ref(cmr__document *document)
{
    atomic_fetch_add_explicit(&document->refs, 1, memory_order_relaxed);
    return document;
}

void cmr__document_unref(cmr__document *document)
{
    if (!document || atomic_fetch_sub_explicit(&document->refs, 1, memory_order_acq_rel) != 1)
        return;
    if (document->mapping)
        cmr__mapping_unref(document->mapping);
    else
        cmr__secret_or_free(document->secret, (void *)(uintptr_t)document->block);
    free(document);
}

/* The raw bytes come first in a block: two that differ do so early. */
bool cmr__document_is_same(const cmr__document *document, const cmr__document *other)
{
    if (document == other)
        return true;
    return document && other && document->block->size == other->block->size &&
           strcmp(document->format, other->format) == 0 &&
           memcmp(document->block, other->block, document->block->size) == 0;
}

static uint32_t fold(uint32_t parent, uint64_t segment)
{
    uint64_t mixed = (segment ^ parent) * 0x9e3779b97f4a7c15u;
    return (uint32_t)(mixed >> 32);
}

uint32_t cmr__path_hash_name(uint32_t parent_hash, const char *name, size_t length)
{
    return fold(parent_hash, cmr__hash64(name, length));
}

uint32_t cmr__path_hash_item(uint32_t parent_hash, uint32_t position)
{
    return fold(parent_hash, ((uint64_t)position << 32) + 0x5bd1e995u);
}

uint32_t cmr__document_probe(const cmr__document *document, uint32_t hash, uint32_t *slot)
{
    const uint32_t *index =
        (const uint32_t *)(const void *)cmr__document_at(document, document->block->index_offset);
    uint32_t mask = document->block->index_mask;
    for (;;) {
        uint32_t number = index[*slot & mask];
        if (number == CMR__NO_ENTRY)
            return CMR__NO_ENTRY;
        ++*slot;
        if (cmr__document_entry(document, number)->hash == hash)
            return number;
    }
}

static bool same_name(const cmr__document *document, const struct cmr__entry *entry,
                      const cmr__document *other, const struct cmr__entry *other_entry)
{
    if ((entry->flags ^ other_entry->flags) & CMR__ENTRY_ITEM)
        return false;
    if (entry->flags & CMR__ENTRY_ITEM)
        return entry->name_offset == other_entry->name_offset;
    return entry->name_length == other_entry->name_length &&
           memcmp(cmr__document_at(document, entry->name_offset),
                  cmr__document_at(other, other_entry->name_offset), entry->name_length) == 0;
}

bool cmr__entry_same_path(const cmr__document *document, uint32_t entry, const cmr__document *other,
                          uint32_t other_entry)
{
    while (entry && other_entry) {
        const struct cmr__entry *one = cmr__document_entry(document, entry);
        const struct cmr__entry *two = cmr__document_entry(other, other_entry);
        if (one->hash != two->hash || !same_name(document, one, other, two))
            return false;
        entry = one->parent;
        other_entry = two->parent;
    }
    return entry == other_entry;
}

uint32_t cmr__document_find_same(const cmr__document *document, uint32_t entry, const cmr__document *other)
{
    uint32_t hash = cmr__document_entry(document, entry)->hash;
    uint32_t slot = hash;
    uint32_t found;
    do
        found = cmr__document_probe(other, hash, &slot);
    while (found != CMR__NO_ENTRY && !cmr__entry_same_path(document, entry, other, found));
    return found;
}
