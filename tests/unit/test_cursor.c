/* SPDX-License-Identifier: MIT
 *
 * Iteration: order, patterns, subtrees, and what an entry says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/snapshot.h"
#include "support/random_document.h"
#include "support/snapshot_of.h"

static char *listed(cmr_snapshot *snapshot, const char *pattern)
{
    cmr_cursor *cursor = NULL;
    struct cmr__buffer out = CMR__BUFFER_INIT;
    const cmr_entry *entry;
    assert_int_equal(cmr_cursor_new(snapshot, pattern, &cursor), CMR_OK);
    while ((entry = cmr_cursor_next(cursor))) {
        if (strcmp(entry->mount, "config") != 0)
            cmr__buffer_printf(&out, "%s:", entry->mount);
        cmr__buffer_printf(&out, "%s=%s ", entry->key, entry->value.text);
    }
    assert_null(cmr_cursor_next(cursor));
    assert_false(cmr_cursor_failed(cursor));
    cmr_cursor_free(cursor);
    return cmr__buffer_take(&out);
}

struct list_case {
    const char *pattern, *expected;
};

static void check_lists(cmr_snapshot *snapshot, const struct list_case *cases, size_t count)
{
    size_t failures = 0;
    for (size_t i = 0; i < count; i++) {
        char *text = listed(snapshot, cases[i].pattern);
        if (strcmp(text, cases[i].expected) != 0) {
            print_error("%s: %s\nwanted %s\n", cases[i].pattern, text, cases[i].expected);
            failures++;
        }
        free(text);
    }
    assert_int_equal(failures, 0);
}

static void lists_what_matches(void **state)
{
    static const struct list_case cases[] = {
        { "**",
          "a.properties#z.y=1 a.properties#z=2 b.yaml#s.p=3 b.yaml#s.l[0]=4 b.yaml#s.l[1]={} b.yaml#s.e=[] "
          "b.yaml#s.n= b.yaml#t=5 dir/c=6 level=info " },
        { "*",
          "a.properties#z.y=1 a.properties#z=2 b.yaml#s.p=3 b.yaml#s.l[0]=4 b.yaml#s.l[1]={} b.yaml#s.e=[] "
          "b.yaml#s.n= b.yaml#t=5 level=info " },
        { "level", "level=info " },
        { "dir/**", "dir/c=6 " },
        { "*/c", "dir/c=6 " },
        { "b.yaml#s.**", "b.yaml#s.p=3 b.yaml#s.l[0]=4 b.yaml#s.l[1]={} b.yaml#s.e=[] b.yaml#s.n= " },
        { "b.yaml#s", "" },
        { "b.yaml#s.l.**", "b.yaml#s.l[0]=4 b.yaml#s.l[1]={} " },
        { "b.yaml#s.l[1]", "b.yaml#s.l[1]={} " },
        { "b.yaml#s.l[1].**", "b.yaml#s.l[1]={} " },
        { "b.yaml#s.l[2].**", "" },
        { "b.yaml#s.*", "b.yaml#s.p=3 b.yaml#s.e=[] b.yaml#s.n= " },
        { "b.yaml#s.p", "b.yaml#s.p=3 " },
        { "b.yaml#s.p.**", "b.yaml#s.p=3 " },
        { "*#s.p", "b.yaml#s.p=3 " },
        { "**#*", "a.properties#z=2 b.yaml#t=5 " },
        { "*#z.**", "a.properties#z.y=1 a.properties#z=2 " },
        { "a.properties#z", "a.properties#z=2 " },
        { "a.properties#[\"z.y\"]", "a.properties#z.y=1 " },
        { "t level b.yaml#t b.yaml#t a.properties#z", "a.properties#z=2 b.yaml#t=5 level=info " },
        { "other", "" },
        { "b.yaml#other.**", "" },
        { "config:level", "level=info " },
        { "*:level", "level=info " },
        { "other:level", "" },
    };
    cmr_snapshot *snapshot =
        snapshot_of("level", "info\n", "b.yaml", "s: {p: 3, l: [4, {}], e: [], n: }\nt: 5\n", "dir/c", "6",
                    "a.properties", "z.y=1\nz=2\n", "empty.yaml", "", NULL);
    (void)state;
    check_lists(snapshot, cases, sizeof cases / sizeof *cases);
    cmr_snapshot_unref(snapshot);
}

static void lists_all_mounts(void **state)
{
    static const struct list_case cases[] = {
        { "**", "a=1 b=2 " },
        { "*:**", "a=1 b=2 odd/name:a=3 " },
        { "*:a", "a=1 odd/name:a=3 " },
        { "odd*:**", "odd/name:a=3 " },
        { "b [\"odd/name\"]:a", "b=2 odd/name:a=3 " },
    };
    cmr_mount_options options = CMR_MOUNT_OPTIONS_INIT;
    cmr_snapshot *one = snapshot_of("a", "1", "b", "2", NULL), *two = NULL;
    (void)state;
    options.name = "odd/name";
    assert_int_equal(cmr_snapshot_from_files(&(cmr_file){ "a", "3", 1, NULL }, 1, &options, NULL, &two),
                     CMR_OK);
    cmr_snapshot *both = cmr__snapshot_new(1, (cmr__part *[]){ one->parts[0], two->parts[0] }, 2);
    cmr_snapshot_unref(one);
    cmr_snapshot_unref(two);
    check_lists(both, cases, sizeof cases / sizeof *cases);
    assert_int_equal(cmr_get_int64_or(both, "odd/name:a", 0), 3);
    assert_int_equal(cmr_get_int64_or(both, "[\"odd/name\"]:a", 0), 3);
    assert_int_equal(cmr_get_int64_or(both, "a", 0), 1);
    assert_int_equal(cmr_snapshot_file_count(both, "odd/name"), 1);
    char hash[CMR_HASH_SIZE]; /* the expected one by xxhsum */
    assert_int_equal(cmr_snapshot_hash_keys(both, "*:a", hash), CMR_OK);
    assert_string_equal(hash, "xxh3-128:1b7b795ffca5223127040138b3073cbc");
    cmr_snapshot_unref(both);
}

static void tells_types_and_places(void **state)
{
    cmr_snapshot *snapshot = snapshot_of("a.yaml", "x:\n  - 'q'\n  - 7\n", NULL);
    cmr_cursor *cursor = NULL;
    (void)state;
    assert_int_equal(cmr_cursor_new(snapshot, "a.yaml#x.**", &cursor), CMR_OK);
    cmr_snapshot_unref(snapshot); /* the cursor holds one */
    const cmr_entry *entry = cmr_cursor_next(cursor);
    assert_string_equal(entry->mount, "config");
    assert_string_equal(entry->key, "a.yaml#x[0]");
    assert_int_equal(entry->value.type, CMR_TYPE_STRING);
    assert_true(entry->value.quoted);
    const char *text = entry->value.text;
    entry = cmr_cursor_next(cursor);
    assert_string_equal(text, "q");
    assert_string_equal(entry->value.file, "a.yaml");
    assert_int_equal(entry->value.type, CMR_TYPE_INT64);
    assert_int_equal(entry->value.as.int64, 7);
    assert_int_equal(entry->value.line, 3);
    assert_int_equal(entry->value.column, 5);
    assert_null(cmr_cursor_next(cursor));
    cmr_cursor_free(cursor);
    cmr_cursor_free(NULL);
}

static void checks_arguments(void **state)
{
    cmr_snapshot *snapshot = snapshot_of("a", "1", NULL);
    cmr_cursor *cursor = NULL;
    (void)state;
    assert_int_equal(cmr_cursor_new(NULL, "**", &cursor), CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(cmr_cursor_new(snapshot, NULL, &cursor), CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(cmr_cursor_new(snapshot, "**", NULL), CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(cmr_cursor_new(snapshot, "", &cursor), CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(cmr_cursor_new(snapshot, "a b#", &cursor), CMR_ERR_INVALID_ARGUMENT);
    assert_null(cursor);
    cmr_snapshot_unref(snapshot);
}

/* What a cursor lists, cmr_get finds by the key that it tells. */
static void lists_keys_that_read(void **state)
{
    uint32_t seed = 23;
    (void)state;
    for (int round = 0; round < 300; round++) {
        cmr__part *part = cmr__part_new("m", "", 1);
        assert_non_null(part);
        part->files[0].name = strdup(round % 3 ? "f" : "odd name: 1");
        part->files[0].document = round % 2 ? random_tree(&seed) : random_flat(&seed);
        const cmr__document *document = part->files[0].document;
        cmr_snapshot *snapshot = cmr__snapshot_new(1, &part, 1);
        cmr__part_unref(part);
        cmr_cursor *cursor = NULL;
        const cmr_entry *entry;
        uint32_t next = 0;
        assert_int_equal(cmr_cursor_new(snapshot, "**", &cursor), CMR_OK);
        while ((entry = cmr_cursor_next(cursor))) {
            cmr_value value;
            while (!cmr__entry_is_leaf(cmr__document_entry(document, next), next))
                next++; /* all leaves, in their order */
            next++;
            if (cmr_get(snapshot, entry->key, CMR_TYPE_ANY, NULL, &value) != CMR_OK)
                fail_msg("%s is listed and not found", entry->key);
            assert_ptr_equal(value.text, entry->value.text);
            assert_int_equal(value.type, entry->value.type);
        }
        for (; next < document->block->entry_count; next++)
            assert_false(cmr__entry_is_leaf(cmr__document_entry(document, next), next));
        cmr_cursor_free(cursor);
        cmr_snapshot_unref(snapshot);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_what_matches),     cmocka_unit_test(lists_all_mounts),
        cmocka_unit_test(tells_types_and_places), cmocka_unit_test(checks_arguments),
        cmocka_unit_test(lists_keys_that_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
