/* SPDX-License-Identifier: MIT
 *
 * Blocks as another process might hand them over. The first byte chooses a document and how its block is
 * damaged, the rest are changes to it: three bytes where, four bytes what. A block that the checker passes
 * must bear every read. Since no fuzzer guesses hashes, they and the index are made good again in half of the
 * cases, so that the other checks decide. */
#include <string.h>

#include "fuzz/fuzz.h"
#include "model/check.h"
#include "support/document_reads.h"

enum {
    MENDED = 128, /* bits of the first byte */
    GIVEN = 64,   /* the data is the block */
};

static const char *const samples[][2] = {
    { "yaml", "a: &x {b: 1, \"c d\": [x, {y: ~}, []]}\nm: {<<: *x, b: two}\n" },
    { "properties", "a.b[0]=1\na=\\u00e9\n=\n" },
    { "text", "info\n" },
    { "yaml", "[[1], {k: [2, 3]}, '', {}]\n" },
};

/* Each is parsed once. */
static const struct cmr__document_head *sample_block(unsigned number)
{
    static cmr__document *documents[sizeof samples / sizeof *samples];
    const char *const *sample = samples[number];
    if (!documents[number])
        documents[number] = fuzz_parse(cmr__format_by_name(sample[0]), sample[1], strlen(sample[1]));
    FUZZ_REQUIRE(documents[number]);
    return documents[number]->block;
}

/* A change: where, 24 bits, of which the last eight say how many bytes; what, 32 bits. */
static void change(char *block, size_t size, const uint8_t *data, size_t left)
{
    for (; left >= 7; data += 7, left -= 7) {
        size_t at = (data[0] | (size_t)data[1] << 8) % size;
        size_t width = (size_t)1 << (data[2] % 3);
        memcpy(block + at, data + 3, width < size - at ? width : size - at);
    }
}

static bool is_within(uint64_t offset, uint64_t length, size_t size)
{
    return offset <= size && length <= size - offset;
}

/* As a builder would have folded it; 0 where the entry makes no sense. */
static uint32_t hash_of(const cmr__document *document, uint32_t number, size_t size)
{
    const struct cmr__entry *entry = cmr__document_entry(document, number);
    if (number == 0)
        return CMR__PATH_HASH_ROOT;
    if (entry->parent >= number)
        return 0;
    uint32_t parent = cmr__document_entry(document, entry->parent)->hash;
    if (entry->flags & CMR__ENTRY_ITEM)
        return cmr__path_hash_item(parent, entry->name_offset);
    if (!is_within(entry->name_offset, entry->name_length, size))
        return 0;
    return cmr__path_hash_name(parent, cmr__document_at(document, entry->name_offset), entry->name_length);
}

static bool can_be_mended(const struct cmr__document_head *head, size_t size)
{
    uint64_t slots = (uint64_t)head->index_mask + 1;
    return !(head->entries_offset & 3) && !(head->index_offset & 3) && head->entries_offset <= size &&
           head->entry_count <= (size - head->entries_offset) / sizeof(struct cmr__entry) &&
           head->index_offset <= size && slots <= (size - head->index_offset) / sizeof(uint32_t) &&
           (slots & (slots - 1)) == 0 && head->entry_count < slots;
}

static void mend(struct cmr__document_head *head, size_t size)
{
    const cmr__document document = { .block = head };
    if (!can_be_mended(head, size))
        return;
    struct cmr__document_head was = *head; /* the index may lie over the head, or over the entries */
    uint32_t *index = (uint32_t *)(void *)((char *)head + was.index_offset);
    struct cmr__entry *entries = (struct cmr__entry *)(void *)((char *)head + was.entries_offset);
    if (was.index_offset < was.entries_offset + was.entry_count * sizeof *entries ||
        was.entries_offset < sizeof *head)
        return;
    memset(index, 0xff, ((size_t)was.index_mask + 1) * sizeof *index);
    for (uint32_t i = 0; i < was.entry_count; i++) {
        entries[i].hash = hash_of(&document, i, size);
        uint32_t slot = entries[i].hash;
        while (index[slot & was.index_mask] != CMR__NO_ENTRY)
            slot++;
        index[slot & was.index_mask] = i;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    const struct cmr__document_head *sample = sample_block(data[0] % (sizeof samples / sizeof *samples));
    bool given = data[0] & GIVEN;
    size_t length = given ? size - 1 : sample->size;
    struct cmr__document_head *block = malloc(length ? length : 1); /* of just that size */
    FUZZ_REQUIRE(block);
    memcpy(block, given ? (const void *)(data + 1) : sample, length);
    if (!given)
        change((char *)block, length, data + 1, size - 1);
    if (data[0] & MENDED && length >= sizeof *block)
        mend(block, length);
    const char *reason = NULL;
    if (cmr__document_check(block, length, &reason)) {
        const cmr__document document = { .block = block };
        read_document_whole(&document);
    } else {
        FUZZ_REQUIRE(reason);
    }
    free(block);
    return 0;
}
