/* SPDX-License-Identifier: MIT
 *
 * The builder, told by hand: what becomes of names, duplicates, copies and merges, what the limits refuse,
 * and that the block which comes out is found in by its index, at any address. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/diagnostic.h"
#include "model/builder.h"
#include "model/key.h"
#include "support/document_check.h"
#include "support/document_text.h"
#include "support/format_text.h"

/* The names of raw below stand in the raw bytes; all others go to the pool. */
static const char raw[] = "alpha beta";

static struct cmr__builder builder;
static unsigned line;

static void begin(bool flat, const cmr_limits *limits)
{
    cmr__builder_init(&builder, "f", raw, sizeof raw - 1, flat, limits ? limits : &default_limits,
                      cmr__report_new());
    assert_non_null(builder.report);
    line = 0;
}

static struct cmr__place here(void)
{
    return (struct cmr__place){ ++line, 1 };
}

static bool open(enum cmr__entry_kind kind, const char *name)
{
    return cmr__builder_open(&builder, kind, name, name ? strlen(name) : 0, here(), 0);
}

static bool scalar(const char *name, const char *value)
{
    return cmr__builder_scalar(&builder, CMR__SCALAR_UNTYPED, name, name ? strlen(name) : 0, value,
                               strlen(value), here(), 0);
}

static void close_one(void)
{
    cmr__builder_close(&builder);
}

static bool copy(uint32_t source, const char *name)
{
    return cmr__builder_copy(&builder, source, name, name ? strlen(name) : 0, here(), 0);
}

static cmr__document *finish(enum cmr__duplicates duplicates, cmr_status wanted)
{
    struct cmr__document_head *block = NULL;
    cmr_status status = cmr__builder_finish(&builder, duplicates, &block);
    assert_int_equal(status, wanted);
    cmr__document *document = block ? cmr__document_new(block, false, "test") : NULL;
    assert_int_equal(document != NULL, wanted == CMR_OK);
    cmr__builder_reset(&builder);
    return document;
}

static void check_report(const char *expected)
{
    cmr_report *report = builder.report;
    assert_int_equal(cmr_report_count(report), expected != NULL);
    for (size_t i = 0; i < cmr_report_count(report); i++)
        assert_string_equal(cmr_report_get(report, i)->message, expected);
    cmr_report_free(report);
}

/* Ends building, and compares. Each entry stands on a line of its own, in column 1, so ":1" says nothing. */
static void check(enum cmr__duplicates duplicates, const char *expected)
{
    cmr__document *document = finish(duplicates, CMR_OK);
    char *text = document_text(document);
    assert_string_equal(text, expected);
    check_document(document);
    free(text);
    cmr__document_unref(document);
    check_report(NULL);
}

static void check_refused(enum cmr__duplicates duplicates, cmr_status status, const char *message)
{
    finish(duplicates, status);
    check_report(message);
}

static uint32_t find(const cmr__document *document, const char *path)
{
    struct cmr__key key;
    char text[300];
    snprintf(text, sizeof text, "f#%s", path);
    assert_true(cmr__key_parse(&key, text, strlen(text), false, NULL));
    return cmr__document_find(document, key.segments, key.count, key.flat, key.flat_length);
}

static void keeps_order_and_structure(void **state)
{
    (void)state;
    begin(false, NULL);
    open(CMR__MAP, "");
    scalar("z", "1");
    open(CMR__LIST, "l");
    scalar(NULL, "2");
    open(CMR__MAP, NULL);
    scalar("x", "3");
    close_one();
    open(CMR__LIST, NULL);
    close_one();
    close_one();
    open(CMR__MAP, "m");
    close_one();
    scalar("a", "");
    close_one();
    cmr__document *document = finish(CMR__DUPLICATES_REFUSED, CMR_OK);
    char *text = document_text(document);
    assert_string_equal(text, "z=1 @2:1\nl[0]=2 @4:1\nl[1].x=3 @6:1\nl[2]=[] @7:1\nm={} @8:1\na= @9:1\n");
    free(text);
    const struct cmr__entry *list = cmr__document_entry(document, find(document, "l"));
    assert_int_equal(list->value_length, 3);
    assert_int_equal(cmr__entry_end(list, 2), 7);
    assert_int_equal(cmr__document_entry(document, 0)->value_length, 4);
    assert_int_equal(cmr__document_entry(document, 0)->value_offset, 9);
    cmr__document_unref(document);
    check_report(NULL);
}

static void keeps_names_where_they_stand(void **state)
{
    (void)state;
    begin(false, NULL);
    open(CMR__MAP, "");
    cmr__builder_scalar(&builder, CMR__SCALAR_STRING, raw, 5, "1", 1, here(), 0);
    cmr__builder_scalar(&builder, CMR__SCALAR_STRING, raw + 6, 4, "2", 1, here(), CMR__ENTRY_QUOTED);
    cmr__builder_scalar(&builder, CMR__SCALAR_STRING, raw + 10, 0, "3", 1, here(), 0);
    char pooled[] = "gamma";
    scalar(pooled, "4\0x");
    memset(pooled, '?', 5);
    close_one();
    cmr__document *document = finish(CMR__DUPLICATES_REFUSED, CMR_OK);
    char *text = document_text(document);
    assert_string_equal(
        text, "alpha=1 (string) @2:1\nbeta=2 (string quoted) @3:1\n=3 (string) @4:1\ngamma=4 @5:1\n");
    free(text);
    const struct cmr__document_head *head = document->block;
    assert_int_equal(cmr__document_entry(document, 1)->name_offset, head->raw_offset);
    assert_int_equal(cmr__document_entry(document, 2)->name_offset, head->raw_offset + 6);
    assert_true(cmr__document_entry(document, 4)->name_offset > head->index_offset);
    size_t length;
    assert_memory_equal(cmr__document_raw(document, &length), raw, sizeof raw);
    assert_int_equal(length, sizeof raw - 1);
    cmr__document_unref(document);
    check_report(NULL);
}

static void shares_names_with_the_pool(void **state)
{
    (void)state;
    begin(false, NULL);
    open(CMR__MAP, "");
    scalar("long name", "a text");
    size_t size = builder.pool.size;
    const char *text = builder.pool.data + size - sizeof "a text";
    cmr__builder_scalar(&builder, CMR__SCALAR_STRING, text, 6, "1", 1, here(), 0);
    cmr__builder_open(&builder, CMR__LIST, builder.pool.data, 4, here(), 0);
    close_one();
    assert_int_equal(builder.pool.size, size + sizeof "1");
    close_one();
    check(CMR__DUPLICATES_REFUSED, "long name=a text @2:1\na text=1 (string) @3:1\nlong=[] @4:1\n");
}

static void refuses_duplicates(void **state)
{
    (void)state;
    begin(false, NULL);
    open(CMR__MAP, "");
    scalar("a", "1");
    open(CMR__MAP, "b");
    scalar("a", "2");
    close_one();
    open(CMR__LIST, "a");
    close_one();
    close_one();
    check_refused(CMR__DUPLICATES_REFUSED, CMR_ERR_SYNTAX,
                  "duplicate key \"a\": it already stands on line 2");
}

static void lets_the_last_win(void **state)
{
    (void)state;
    begin(true, NULL);
    open(CMR__MAP, "");
    scalar("a", "1");
    scalar("b", "2");
    scalar("a", "3");
    scalar("c", "4");
    scalar("a", "5");
    close_one();
    check(CMR__DUPLICATES_LAST_WINS, "b=2 @3:1\nc=4 @5:1\na=5 @6:1\n");

    begin(false, NULL); /* and what stood in a map that lost goes with it */
    open(CMR__MAP, "");
    open(CMR__MAP, "a");
    scalar("x", "1");
    open(CMR__LIST, "l");
    scalar(NULL, "2");
    close_one();
    close_one();
    scalar("b", "3");
    open(CMR__MAP, "a");
    scalar("x", "4");
    close_one();
    open(CMR__MAP, "b");
    close_one();
    close_one();
    check(CMR__DUPLICATES_LAST_WINS, "a.x=4 @8:1\nb={} @9:1\n");
}

static void settles_many_duplicates(void **state)
{
    (void)state;
    begin(true, NULL);
    open(CMR__MAP, "");
    for (unsigned i = 0; i < 200000; i++) {
        char name[16], value[16];
        snprintf(name, sizeof name, "k%u", i % 1000);
        snprintf(value, sizeof value, "%u", i);
        assert_true(scalar(name, value));
    }
    close_one();
    cmr__document *document = finish(CMR__DUPLICATES_LAST_WINS, CMR_OK);
    assert_int_equal(document->block->entry_count, 1001);
    assert_int_equal(cmr__document_entry(document, 0)->value_length, 1000);
    for (unsigned i = 0; i < 1000; i++) {
        char name[16];
        snprintf(name, sizeof name, "k%u", i);
        uint32_t entry = find(document, name);
        assert_int_equal(entry, i + 1);
        assert_int_equal(atoi(cmr__document_at(document, cmr__document_entry(document, entry)->value_offset)),
                         199000 + i);
    }
    cmr__document_unref(document);
    check_report(NULL);
}

/* Each to the end by a copy, so the copies are of copies. */
static void copies_subtrees(void **state)
{
    (void)state;
    begin(false, NULL);
    open(CMR__MAP, "");
    scalar("s", "1");
    open(CMR__MAP, "a");
    scalar("x", "2");
    open(CMR__LIST, "l");
    scalar(NULL, "3");
    close_one();
    close_one();
    assert_true(copy(1, "t"));
    assert_true(copy(2, "b"));
    open(CMR__LIST, "c");
    assert_true(copy(7, NULL));
    assert_true(copy(4, NULL));
    assert_true(copy(1, NULL));
    close_one();
    close_one();
    check(CMR__DUPLICATES_REFUSED,
          "s=1 @2:1\na.x=2 @4:1\na.l[0]=3 @6:1\nt=1 @7:1\nb.x=2 @4:1\nb.l[0]=3 @6:1\n"
          "c[0].x=2 @4:1\nc[0].l[0]=3 @6:1\nc[1][0]=3 @6:1\nc[2]=1 @12:1\n");
}

static void merges_maps(void **state)
{
    (void)state;
    begin(false, NULL);
    open(CMR__MAP, "");
    scalar("x", "1");
    open(CMR__MAP, "<<"); /* 2 */
    scalar("x", "2");
    open(CMR__MAP, "y");
    scalar("z", "3");
    close_one();
    close_one();
    open(CMR__LIST, "<<"); /* 6 */
    open(CMR__MAP, NULL);
    scalar("y", "4");
    scalar("w", "5");
    close_one();
    close_one();
    scalar("v", "6");
    assert_true(cmr__builder_merge(&builder, 2));
    assert_true(cmr__builder_merge(&builder, 6));
    assert_false(cmr__builder_merge(&builder, 1));
    assert_int_equal(builder.status, CMR_OK);
    close_one();
    check(CMR__DUPLICATES_REFUSED, "x=1 @2:1\nv=6 @11:1\ny.z=3 @6:1\nw=5 @10:1\n");
}

static void limits_entries(void **state)
{
    cmr_limits limits = default_limits;
    (void)state;
    limits.entries = 3;
    for (int how = 0; how < 3; how++) {
        begin(false, &limits);
        open(CMR__MAP, "");
        open(CMR__MAP, "a");
        scalar("x", "1");
        close_one();
        if (how == 0) {
            assert_true(scalar("b", "2"));
            assert_false(scalar("c", "3"));
            assert_false(scalar("d", "3"));
        } else if (how == 1) {
            assert_false(copy(1, "b"));
        } else {
            assert_true(cmr__builder_merge(&builder, 1));
            assert_false(cmr__builder_merge(&builder, 1));
        }
        assert_false(open(CMR__MAP, "e"));
        close_one();
        check_refused(CMR__DUPLICATES_REFUSED, CMR_ERR_LIMIT,
                      "more than 3 entries in one file, aliases expanded");
    }
}

static void limits_depth(void **state)
{
    cmr_limits limits = default_limits;
    (void)state;
    limits.depth = 3;
    begin(false, &limits);
    assert_true(open(CMR__LIST, "")); /* the root */
    assert_true(open(CMR__LIST, NULL));
    assert_true(open(CMR__LIST, NULL));
    assert_true(open(CMR__LIST, NULL));
    assert_true(scalar(NULL, "1"));
    assert_false(open(CMR__LIST, NULL));
    check_refused(CMR__DUPLICATES_REFUSED, CMR_ERR_LIMIT, "more than 3 levels of nesting");

    for (int deeper = 0; deeper < 2; deeper++) { /* a copy counts by what it holds */
        begin(false, &limits);
        open(CMR__LIST, "");
        open(CMR__LIST, NULL); /* 1 */
        open(CMR__LIST, NULL);
        scalar(NULL, "1");
        close_one();
        close_one();
        open(CMR__LIST, NULL); /* 4 */
        if (deeper)
            open(CMR__LIST, NULL);
        assert_int_equal(copy(1, NULL), !deeper);
        if (!deeper) { /* 5: now at the limit, so that a copy of the copy's parent is too deep */
            close_one();
            open(CMR__LIST, NULL);
            assert_true(copy(5, NULL));
            assert_false(copy(4, NULL));
        }
        check_refused(CMR__DUPLICATES_REFUSED, CMR_ERR_LIMIT,
                      "more than 3 levels of nesting, aliases expanded");
    }
}

static void limits_names(void **state)
{
    char *name = calloc(1, UINT16_MAX + 2);
    (void)state;
    assert_non_null(name);
    memset(name, 'n', UINT16_MAX);
    begin(false, NULL);
    open(CMR__MAP, "");
    assert_true(scalar(name, "1"));
    name[UINT16_MAX] = 'n';
    assert_false(scalar(name, "1"));
    check_refused(CMR__DUPLICATES_REFUSED, CMR_ERR_LIMIT, "more than 65535 bytes in one key");
    free(name);
}

/* Keys that all belong into one corner of the index would take quadratic time: 16 s for a mebibyte. */
static void refuses_keys_chosen_for_their_hashes(void **state)
{
    enum {
        KEYS = 6000, /* an index of 8,192 slots */
        CORNER = 128
    };
    unsigned count = 0;
    (void)state;
    begin(true, NULL);
    open(CMR__MAP, "");
    for (unsigned i = 0; count < KEYS; i++) {
        char name[16];
        size_t length = (size_t)snprintf(name, sizeof name, "%u", i);
        if ((cmr__path_hash_name(CMR__PATH_HASH_ROOT, name, length) & 8191) >= CORNER)
            continue;
        assert_true(scalar(name, ""));
        count++;
    }
    close_one();
    check_refused(CMR__DUPLICATES_LAST_WINS, CMR_ERR_LIMIT, "too many keys whose hashes collide");
}

static void makes_the_smallest(void **state)
{
    (void)state;
    begin(false, NULL);
    cmr__builder_scalar(&builder, CMR__SCALAR_NULL, "", 0, NULL, 0, here(), 0);
    check(CMR__DUPLICATES_REFUSED, "= (null) @1:1\n");
    begin(false, NULL);
    open(CMR__LIST, "");
    close_one();
    cmr__document *document = finish(CMR__DUPLICATES_REFUSED, CMR_OK);
    assert_int_equal(find(document, "a"), CMR__NO_ENTRY);
    assert_int_equal(find(document, "[0]"), CMR__NO_ENTRY);
    assert_int_equal(cmr__document_find(document, NULL, 0, NULL, 0), 0);
    cmr__document_unref(document);
    check_report(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_order_and_structure),
        cmocka_unit_test(keeps_names_where_they_stand),
        cmocka_unit_test(shares_names_with_the_pool),
        cmocka_unit_test(refuses_duplicates),
        cmocka_unit_test(lets_the_last_win),
        cmocka_unit_test(settles_many_duplicates),
        cmocka_unit_test(copies_subtrees),
        cmocka_unit_test(merges_maps),
        cmocka_unit_test(limits_entries),
        cmocka_unit_test(limits_depth),
        cmocka_unit_test(limits_names),
        cmocka_unit_test(refuses_keys_chosen_for_their_hashes),
        cmocka_unit_test(makes_the_smallest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
