/* SPDX-License-Identifier: MIT
 *
 * The checker: it passes what the formats make, and what it passes can be read, whatever was changed. Blocks
 * lie in memory of just their size, so that a sanitizer (or valgrind) sees a read beyond. */
#include "model/check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/document_check.h"
#include "support/document_reads.h"
#include "support/format_text.h"
#include "support/random_document.h"

static const char yaml[] = "a: &x {b: 1, \"c d\": [x, {y: ~}, []]}\nm: {<<: *x, b: two}\n";
static const char properties[] = "a.b[0]=1\na=\\u00e9\n=\n";

static cmr__document *sample(const char *format, const char *raw)
{
    return read_document(cmr__format_by_name(format), raw, strlen(raw));
}

/* A copy of the first `size` bytes. */
static char *copy_block(const cmr__document *document, size_t size)
{
    char *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    memcpy(copy, document->block, size);
    return copy;
}

static void assert_passes(const cmr__document *document)
{
    const char *reason = NULL;
    if (!cmr__document_check(document->block, document->block->size, &reason))
        fail_msg("refused: %s", reason);
    read_document_whole(document);
}

static void test_passes_what_formats_make(void **state)
{
    static const char *const samples[][2] = {
        { "text", "" },
        { "text", "info\n" },
        { "bytes", "\xff" },
        { "properties", "" },
        { "yaml", "" },
        { "yaml", "just a text" },
        { "yaml", "[]" },
        { "yaml", "{a: {}}" },
        { "yaml", yaml },
        { "properties", properties },
        { "properties", "a=1\nb=2\na=3\n" },
        { "yaml", "[1, [2, [3, [4]], 5], {k: [6]}]" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        cmr__document *document = sample(samples[i][0], samples[i][1]);
        assert_passes(document);
        cmr__document_unref(document);
    }
}

static void test_passes_random_documents(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 300; i++) {
        uint32_t seed = i + 1;
        cmr__document *document = i % 2 ? random_tree(&seed) : random_flat(&seed);
        assert_passes(document);
        cmr__document_unref(document);
    }
}

/* As deep as the limit's largest value lets YAML be. */
static void test_passes_the_deepest(void **state)
{
    char raw[600] = { 0 };
    cmr_limits limits = default_limits;
    cmr_report *report = cmr__report_new();
    cmr__document *document = NULL;
    (void)state;
    limits.depth = 250;
    memset(raw, '[', 251);
    memset(raw + 251, ']', 251);
    assert_int_equal(CMR_OK, cmr__format_parse(cmr__format_by_name("yaml"), "f", raw, strlen(raw), &limits,
                                               report, &document));
    assert_passes(document);
    cmr__document_unref(document);
    cmr_report_free(report);
}

/* Refused, or readable: true when it was refused. */
static bool survives(const char *block, size_t size)
{
    if (!cmr__document_check(block, size, NULL))
        return true;
    cmr__document document = { .block = (const void *)block };
    read_document_whole(&document);
    check_document(&document);
    return false;
}

static size_t mutate_bytes(char *block, size_t size)
{
    static const char masks[] = { 1, 4, 0x40, (char)0xff };
    size_t refused = 0;
    for (size_t at = 0; at < size; at++) {
        char was = block[at];
        for (size_t i = 0; i < sizeof masks; i++) {
            block[at] = (char)(was ^ masks[i]);
            refused += survives(block, size);
        }
        block[at] = was;
    }
    return refused;
}

static size_t mutate_words(char *block, size_t size)
{
    uint32_t limit = (uint32_t)size;
    const uint32_t values[] = { 0,         1,         2,          3,        4,        5,         31,
                                40,        64,        UINT32_MAX, 1u << 31, limit,    limit - 1, limit + 1,
                                limit - 4, limit / 2, -4,         1u << 24, 1u << 16, 1u << 30 };
    size_t refused = 0;
    for (size_t at = 0; at + 4 <= size; at += 4) {
        uint32_t was;
        memcpy(&was, block + at, 4);
        for (size_t i = 0; i < 2 * sizeof values / sizeof *values; i++) {
            uint32_t value = i % 2 ? was + values[i / 2] : values[i / 2];
            memcpy(block + at, &value, 4);
            refused += value != was && survives(block, size);
        }
        memcpy(block + at, &was, 4);
    }
    return refused;
}

static void mutate(const char *format, const char *raw)
{
    cmr__document *document = sample(format, raw);
    size_t size = document->block->size;
    char *block = copy_block(document, size);
    assert_true(mutate_bytes(block, size) > size);
    assert_true(mutate_words(block, size) > size);
    assert_memory_equal(block, document->block, size);
    free(block);
    cmr__document_unref(document);
}

static void test_one_change_is_refused_or_harmless(void **state)
{
    (void)state;
    mutate("yaml", yaml);
    mutate("properties", properties);
    mutate("text", "info\n");
}

static void test_every_shorter_block_is_refused(void **state)
{
    cmr__document *document = sample("yaml", yaml);
    size_t size = document->block->size;
    (void)state;
    for (size_t cut = 0; cut < size; cut++) {
        char *block = copy_block(document, cut);
        assert_false(cmr__document_check(block, cut, NULL));
        if (cut >= 8) { /* also when the head says so */
            uint32_t lie = (uint32_t)cut;
            memcpy(block + 4, &lie, 4);
            assert_true(survives(block, cut));
        }
        free(block);
    }
    cmr__document_unref(document);
}

/* ---- single faults, and the words for them */

struct fault {
    const char *reason;
    uint32_t entry; /* which, or CMR__NO_ENTRY: the head */
    size_t field;   /* its offset there */
    uint32_t value;
};

#define HEAD(field) CMR__NO_ENTRY, offsetof(struct cmr__document_head, field)
#define ENTRY(number, field) number, offsetof(struct cmr__entry, field)

static void check_fault(const cmr__document *document, const struct fault *fault)
{
    char *block = copy_block(document, document->block->size);
    const char *reason = "none";
    size_t at = fault->field;
    if (fault->entry != CMR__NO_ENTRY)
        at += document->block->entries_offset + fault->entry * sizeof(struct cmr__entry);
    memcpy(block + at, &fault->value, 4);
    assert_false(cmr__document_check(block, document->block->size, &reason));
    assert_string_equal(reason, fault->reason);
    free(block);
}

static void test_says_what_is_wrong(void **state)
{
    /* Entries: 0 the root, 1 a: {, 2 b, 3 c: [, 4 x, 5 y } */
    cmr__document *document = sample("yaml", "a: {b: 1, c: [x, y]}\n");
    const struct fault faults[] = {
        { "no document of this machine and version", HEAD(magic), 0x436d4431 },
        { "of another size than it says", HEAD(size), 7 },
        { "flags that are not known", HEAD(flat), 2 },
        { "flags that are not known", HEAD(reserved), 1 },
        { "raw bytes out of bounds", HEAD(raw_length), UINT32_MAX },
        { "entries out of place", HEAD(entries_offset), 0 },
        { "no entries", HEAD(entry_count), 0 },
        { "index out of place", HEAD(index_offset), 4 },
        { "index out of bounds", HEAD(index_mask), UINT32_MAX },
        { "an index that is no power of two", HEAD(index_mask), 6 },
        { "an index without a free slot", HEAD(index_mask), 3 },
        { "a root that is none", ENTRY(0, hash), 1 },
        { "an entry of another parent", ENTRY(2, parent), 0 },
        { "a hash that is wrong", ENTRY(2, hash), 1 },
        { "a name out of bounds", ENTRY(2, name_offset), 0 },
        { "an item out of its order", ENTRY(5, name_offset), 0 },
        { "a value out of bounds", ENTRY(2, value_offset), 40 },
        { "a value out of bounds", ENTRY(2, value_length), UINT32_MAX },
        { "no NUL behind a value", ENTRY(2, value_length), 0 },
        { "a type that is not known", ENTRY(2, column_type), 8 },
        { "a container with a type", ENTRY(3, column_type), 1 },
        { "a container that ends elsewhere", ENTRY(3, value_offset), 7 },
        { "a container that ends elsewhere", ENTRY(3, value_offset), 3 },
        { "a wrong number of children", ENTRY(3, value_length), 1 },
        { "a wrong number of children", ENTRY(3, value_offset), 5 },
        { "entries behind the root's end", ENTRY(0, value_offset), 5 },
        { "a flat document with a container", HEAD(flat), 1 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        check_fault(document, &faults[i]);
    cmr__document_unref(document);
}

static uint32_t *index_of(char *block)
{
    return (uint32_t *)(void *)(block + ((struct cmr__document_head *)(void *)block)->index_offset);
}

/* One entry in two slots, another in none; a number that is no entry's; one that a free slot hides. */
static void test_refuses_a_wrong_index(void **state)
{
    cmr__document *document = sample("properties", "a=1\nb=2\nc=3\n");
    size_t size = document->block->size, slots = document->block->index_mask + 1;
    (void)state;
    for (size_t i = 0; i < slots; i++) {
        for (size_t j = 0; j < slots; j++) {
            char *block = copy_block(document, size);
            uint32_t *index = index_of(block), was = index[j];
            index[j] = index[i];
            assert_int_equal(cmr__document_check(block, size, NULL), index[i] == was);
            free(block);
        }
    }
    cmr__document_unref(document);
}

/* The second of two equal names: its entry and hash are right, and a lookup finds the first. */
static void test_refuses_two_entries_of_one_path(void **state)
{
    cmr__document *document = sample("properties", "a=1\nb=2\n");
    char *block = copy_block(document, document->block->size);
    struct cmr__document_head *head = (struct cmr__document_head *)(void *)block;
    struct cmr__entry *entries = (struct cmr__entry *)(void *)(block + head->entries_offset);
    uint32_t *index = index_of(block), slot = entries[1].hash;
    const char *reason = NULL;
    (void)state;
    entries[2].hash = entries[1].hash;
    entries[2].name_offset = entries[1].name_offset;
    for (uint32_t i = 0; i <= head->index_mask; i++)
        if (index[i] == 2)
            index[i] = CMR__NO_ENTRY;
    while (index[slot & head->index_mask] != CMR__NO_ENTRY)
        slot++;
    index[slot & head->index_mask] = 2;
    assert_false(cmr__document_check(block, head->size, &reason));
    assert_string_equal(reason, "two entries of one path");
    free(block);
    cmr__document_unref(document);
}

static void test_refuses_what_is_not_aligned(void **state)
{
    cmr__document *document = sample("text", "x");
    size_t size = document->block->size;
    char *block = malloc(size + 1);
    (void)state;
    assert_non_null(block);
    memcpy(block + 1, document->block, size);
    assert_false(cmr__document_check(block + 1, size, NULL));
    assert_false(cmr__document_check(NULL, 0, NULL));
    free(block);
    cmr__document_unref(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_passes_what_formats_make),
        cmocka_unit_test(test_passes_random_documents),
        cmocka_unit_test(test_passes_the_deepest),
        cmocka_unit_test(test_one_change_is_refused_or_harmless),
        cmocka_unit_test(test_every_shorter_block_is_refused),
        cmocka_unit_test(test_says_what_is_wrong),
        cmocka_unit_test(test_refuses_a_wrong_index),
        cmocka_unit_test(test_refuses_two_entries_of_one_path),
        cmocka_unit_test(test_refuses_what_is_not_aligned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
