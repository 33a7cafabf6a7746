/* SPDX-License-Identifier: MIT
 *
 * Documents: whatever stands in one is found by its path, and nothing else, wherever its block lies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/key.h"
#include "support/document_check.h"
#include "support/format_text.h"
#include "support/random_document.h"

/* Down from the root, child by child. */
static uint32_t walk(const cmr__document *document, const struct cmr__path *path)
{
    static const struct cmr__segment absent = { CMR__SEGMENT_NAME, 0, "absent, surely", 14 };
    uint32_t entry = 0;
    for (size_t i = 0; i < path->count; i++) {
        assert_int_equal(cmr__document_find_child(document, entry, &absent), CMR__NO_ENTRY);
        entry = cmr__document_find_child(document, entry, &path->segments[i]);
        assert_int_not_equal(entry, CMR__NO_ENTRY);
    }
    return entry;
}

/* All entries of the one by their paths, through the index of the other. */
static void check_index(const cmr__document *document, const cmr__document *other)
{
    for (uint32_t i = 0; i < document->block->entry_count; i++) {
        struct cmr__path path;
        assert_int_equal(cmr__document_find_same(document, i, other), i);
        if (document->block->flat)
            continue;
        cmr__path_of_entry(&path, document, i);
        assert_int_equal(cmr__document_find(other, path.segments, path.count, NULL, 0), i);
        assert_int_equal(walk(other, &path), i);
    }
}

static void finds_everything_at_any_address(void **state)
{
    uint32_t seed = 11;
    (void)state;
    for (int round = 0; round < 500; round++) {
        cmr__document *document = round % 2 ? random_tree(&seed) : random_flat(&seed);
        struct cmr__document_head *moved = malloc(document->block->size);
        assert_non_null(moved);
        memcpy(moved, document->block, document->block->size);
        cmr__document other = { .format = "", .block = moved };
        check_document(&other);
        check_index(document, &other);
        check_index(&other, document);
        cmr__document_unref(document);
        check_index(&other, &other);
        free(moved);
    }
}

static uint32_t find(const cmr__document *document, const char *path)
{
    struct cmr__key key;
    char text[64];
    snprintf(text, sizeof text, "f#%s", path);
    assert_true(cmr__key_parse(&key, text, strlen(text), false, NULL));
    return cmr__document_find(document, key.segments, key.count, key.flat, key.flat_length);
}

static const char *value_of(const cmr__document *document, const char *path)
{
    uint32_t entry = find(document, path);
    return entry == CMR__NO_ENTRY
               ? NULL
               : cmr__document_at(document, cmr__document_entry(document, entry)->value_offset);
}

enum {
    COUNT = 20000
};

static void name(uint32_t *seed, unsigned number, char text[32])
{
    snprintf(text, 32, "%x-%u", random_below(seed, 16), number);
}

/* Ten entries in each of many maps, with even numbers, and a long list. */
static cmr__document *thousands(uint32_t seed)
{
    struct cmr__buffer raw = CMR__BUFFER_INIT;
    for (unsigned i = 0; i < COUNT; i++) {
        char text[32];
        if (i % 10 == 0)
            cmr__buffer_printf(&raw, "m%u:\n", i / 10);
        name(&seed, 2 * i, text);
        cmr__buffer_printf(&raw, "  %s: %s\n", text, text);
    }
    cmr__buffer_append_text(&raw, "list: [");
    for (unsigned i = 0; i < COUNT; i++)
        cmr__buffer_printf(&raw, "'%u',", i);
    cmr__buffer_append_text(&raw, "]\n");
    cmr__document *document = read_document(&cmr__format_yaml, raw.data, raw.size);
    cmr__buffer_reset(&raw);
    return document;
}

static void finds_thousands(void **state)
{
    uint32_t seed = 13;
    cmr__document *document = thousands(seed);
    (void)state;
    check_document(document);
    for (unsigned i = 0; i < COUNT; i++) {
        char present[32], absent[32], path[64];
        uint32_t again = seed;
        name(&seed, 2 * i, present);
        name(&again, 2 * i + 1, absent);
        snprintf(path, sizeof path, "m%u.%s", i / 10, present);
        assert_string_equal(value_of(document, path), present);
        snprintf(path, sizeof path, "m%u.%s", i / 10, absent);
        assert_null(value_of(document, path));
        snprintf(path, sizeof path, "m%u.%s", i / 10 + 1, present); /* it stands in another map */
        assert_null(value_of(document, path));
        snprintf(path, sizeof path, "list[%u]", i);
        assert_int_equal(atoi(value_of(document, path)), i);
        snprintf(path, sizeof path, "list[%u]", i + COUNT);
        assert_null(value_of(document, path));
    }
    cmr__document_unref(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_everything_at_any_address),
        cmocka_unit_test(finds_thousands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
