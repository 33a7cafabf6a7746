/* SPDX-License-Identifier: MIT
 *
 * What differs between two snapshots: kinds and order, file by file; and, of random documents, that it is
 * what a comparison of all leaves by their keys finds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/diff.h"
#include "support/format_text.h"
#include "support/random_document.h"

/* One file of one mount, or none. */
static cmr_snapshot *snapshot_of(const char *name, cmr__document *document)
{
    cmr__part *part = cmr__part_new("config", "", document ? 1 : 0);
    assert_non_null(part);
    if (document) {
        part->files[0].name = strdup(name);
        part->files[0].document = cmr__document_ref(document);
    }
    cmr_snapshot *snapshot = cmr__snapshot_new(1, &part, 1);
    assert_non_null(snapshot);
    cmr__part_unref(part);
    return snapshot;
}

static void write_key(struct cmr__buffer *out, const struct cmr__part_file *file, uint32_t entry)
{
    cmr__key_format(out, file->name, file->document, entry);
}

/* "+key -key ~key ", in the diff's order. */
static char *diff_text(const cmr_snapshot *before, const cmr_snapshot *after)
{
    struct cmr__diff diff = CMR__DIFF_INIT;
    struct cmr__buffer out = CMR__BUFFER_INIT;
    assert_int_equal(CMR_OK, cmr__diff_compute(before, after, &diff));
    for (size_t i = 0; i < cmr__diff_count(&diff); i++) {
        const struct cmr__difference *difference = cmr__diff_at(&diff, i);
        assert_int_equal(difference->old_file == NULL, difference->kind == CMR_ADDED);
        assert_int_equal(difference->new_file == NULL, difference->kind == CMR_REMOVED);
        cmr__buffer_append_text(&out, difference->kind == CMR_ADDED      ? "+"
                                      : difference->kind == CMR_MODIFIED ? "~"
                                                                         : "-");
        if (difference->mount)
            cmr__buffer_printf(&out, "%zu:", difference->mount);
        if (difference->new_file)
            write_key(&out, difference->new_file, difference->new_entry);
        else
            write_key(&out, difference->old_file, difference->old_entry);
        cmr__buffer_append_char(&out, ' ');
    }
    cmr__diff_reset(&diff);
    return cmr__buffer_take(&out);
}

struct diff_case {
    const char *name, *before, *after, *expected; /* NULL: there is no such file */
};

static void check_cases(const char *file, const struct cmr__format *format, const struct diff_case *cases,
                        size_t count)
{
    size_t failures = 0;
    for (size_t i = 0; i < count; i++) {
        const char *texts[] = { cases[i].before, cases[i].after };
        cmr_snapshot *snapshots[2];
        for (int s = 0; s < 2; s++) {
            cmr__document *document = texts[s] ? read_document(format, texts[s], strlen(texts[s])) : NULL;
            snapshots[s] = snapshot_of(file, document);
            cmr__document_unref(document);
        }
        char *text = diff_text(snapshots[0], snapshots[1]);
        if (strcmp(text, cases[i].expected) != 0) {
            print_error("%s: %s, wanted %s\n", cases[i].name, text, cases[i].expected);
            failures++;
        }
        free(text);
        cmr_snapshot_unref(snapshots[0]);
        cmr_snapshot_unref(snapshots[1]);
    }
    assert_int_equal(failures, 0);
}

static void compares_trees(void **state)
{
    static const struct diff_case cases[] = {
        { "nothing", "a: 1", "a: 1", "" },
        { "comments and white space", "a: 1\nb: {c: 2}\n", "# x\n\na:    1\nb:\n    c: 2 # y\n", "" },
        { "modified", "a: 1\nb: 2", "a: 1\nb: 3", "~f#b " },
        { "added", "a: 1", "a: 1\nb: 2", "+f#b " },
        { "added in front", "b: 2", "a: 1\nb: 2", "+f#a " },
        { "added in between", "a: 1\nc: 3", "a: 1\nb: 2\nc: 3", "+f#b " },
        { "removed", "a: 1\nb: 2", "a: 1", "-f#b " },
        { "removed in front", "a: 1\nb: 2", "b: 2", "-f#a " },
        { "renamed", "a: 1\nb: 2", "a: 1\nc: 2", "+f#c -f#b " },
        { "reordered", "a: 1\nb: {x: 1, y: 2}\nc: 3", "c: 3\nb: {y: 2, x: 1}\na: 1", "" },
        { "reordered and changed", "a: 1\nb: 2\nc: 3\nd: 4", "d: 5\na: 1\ne: 6\nc: 3", "~f#d +f#e -f#b " },
        { "in the order of the new file, the removed where they stood", "a: 1\nb: 2\nc: 3",
          "a: 9\nd: 4\nc: 9", "~f#a +f#d -f#b ~f#c " },
        { "a type", "a: 1", "a: '1'", "~f#a " },
        { "a type that is written alike", "a: !!float 1", "a: 1", "~f#a " },
        { "quotes change no string", "a: x", "a: \"x\"", "" },
        { "a string and a block", "a: \"x\\n\"", "a: |\n  x\n", "" },
        { "null and empty", "a:", "a: ''", "~f#a " },
        { "a scalar becomes a map", "a: 1", "a: {b: 2, c: 3}", "-f#a +f#a.b +f#a.c " },
        { "a map becomes a scalar", "a: {b: 2, c: 3}", "a: 1", "+f#a -f#a.b -f#a.c " },
        { "a scalar becomes an empty map", "a: 1", "a: {}", "~f#a " },
        { "an empty map is filled", "a: {}", "a: {b: 1}", "-f#a +f#a.b " },
        { "a map is emptied", "a: {b: 1}", "a: {}", "+f#a -f#a.b " },
        { "an empty map becomes an empty list", "a: {}", "a: []", "~f#a " },
        { "a map becomes a list", "a: {b: 1}", "a: [1]", "+f#a[0] -f#a.b " },
        { "an item is added", "[1, 2]", "[1, 2, 3]", "+f#[2] " },
        { "an item is removed in front", "[1, 2, 3]", "[2, 3]", "~f#[0] ~f#[1] -f#[2] " },
        { "an item is added in front, of maps", "l: [{n: b, p: 2}]", "l: [{n: a, p: 1}, {n: b, p: 2}]",
          "~f#l[0].n ~f#l[0].p +f#l[1].n +f#l[1].p " },
        { "an item is no key", "a: [1]", "a: {'[0]': 1}", "+f#a[\"[0]\"] -f#a[0] " },
        { "dots in names", "a: {b: 1}", "a.b: 1", "+f#[\"a.b\"] -f#a.b " },
        { "a subtree", "s: {a: {b: 1, c: 2}}\nt: 1", "t: 1", "-f#s.a.b -f#s.a.c " },
        { "the root becomes a list", "a: 1", "[1]", "+f#[0] -f#a " },
        { "the root becomes a scalar", "a: 1", "1", "+f -f#a " },
        { "the root was a scalar", "1", "a: 1", "-f +f#a " },
        { "the root is a scalar", "1", "2", "~f " },
        { "the root is an empty container", "{}", "[]", "" },
        { "all is removed", "a: 1\nb: [2]", "", "-f#a -f#b[0] " },
        { "all is added", "", "a: 1\nb: [2]", "+f#a +f#b[0] " },
        { "a file is added", NULL, "a: 1\nb: [2, {}]", "+f#a +f#b[0] +f#b[1] " },
        { "a file is removed", "a: 1\nb: [2, {}]", NULL, "-f#a -f#b[0] -f#b[1] " },
        { "an empty file is added", NULL, "{}", "" },
        { "an alias and what it means", "a: &x {b: 1}\nc: *x", "a: {b: 1}\nc: {b: 1}", "" },
        { "a merge and what it means", "a: &x {b: 1}\nc: {<<: *x, d: 2}", "a: {b: 1}\nc: {b: 1, d: 2}", "" },
    };
    (void)state;
    check_cases("f", &cmr__format_yaml, cases, sizeof cases / sizeof *cases);
}

static void compares_properties(void **state)
{
    static const struct diff_case cases[] = {
        { "nothing", "a=1\nb=2", "#\na = 1\nb:2\n", "" },
        { "a value that begins other keys", "a=1\na.b=2", "a=1\na.b=3", "~f#a.b " },
        { "it goes", "a=1\na.b=2", "a.b=2", "-f#a " },
        { "it comes", "a.b=2", "a.b=2\na=1", "+f#a " },
        { "duplicates: the last one counts", "a=1\na=2", "a=2", "" },
        { "a duplicate is removed", "a=1\nb=0\na=2", "a=1\nb=0", "~f#a " },
        { "reordered", "a=1\nb=2\nc=3", "c=3\na=1\nb=2", "" },
        { "flat is flat", "a.b=1", "a..b=1", "+f#a[\"\"].b -f#a.b " },
    };
    (void)state;
    check_cases("f", &cmr__format_properties, cases, sizeof cases / sizeof *cases);
}

static void compares_texts(void **state)
{
    static const struct diff_case cases[] = {
        { "nothing", "x", "x", "" },
        { "another", "x", "y", "~f " },
        { "by their bytes: the last newline matters to some", "x", "x\n", "~f " },
        { "a byte order mark, too", "\xef\xbb\xbfx", "x", "~f " },
        { "text becomes bytes", "x", "\xff", "~f " },
        { "bytes", "\xff", "\xff\n", "~f " },
        { "added", NULL, "", "+f " },
        { "removed", "", NULL, "-f " },
        { "emptied", "x", "", "~f " },
    };
    (void)state;
    check_cases("f", &cmr__format_text, cases, sizeof cases / sizeof *cases);
}

static cmr_snapshot *snapshot_from(const char *const *files)
{
    cmr_file given[8];
    size_t count = 0;
    cmr_snapshot *snapshot = NULL;
    for (; files[0]; files += 2, count++)
        given[count] = (cmr_file){ .name = files[0], .data = files[1], .size = strlen(files[1]) };
    assert_int_equal(CMR_OK, cmr_snapshot_from_files(given, count, NULL, NULL, &snapshot));
    return snapshot;
}

static void compares_files_in_order(void **state)
{
    cmr_snapshot *before =
        snapshot_from((const char *const[]){ "b.yaml", "x: 1", "a.yaml", "x: 1", "d", "1", "c", "", NULL });
    cmr_snapshot *after = snapshot_from((const char *const[]){
        "aa.properties", "y=1\nx=1", "d", "2", "b.yaml", "x: 1\ny: 2", "dir/e", "", "c", "", NULL });
    (void)state;
    char *text = diff_text(before, after);
    assert_string_equal(text, "-a.yaml#x +aa.properties#y +aa.properties#x +b.yaml#y ~d +dir/e ");
    free(text);
    text = diff_text(after, before);
    assert_string_equal(text, "+a.yaml#x -aa.properties#y -aa.properties#x -b.yaml#y ~d -dir/e ");
    free(text);
    cmr_snapshot_unref(before);
    cmr_snapshot_unref(after);
}

static void passes_over_what_is_shared(void **state)
{
    cmr__document *document = read_document(&cmr__format_yaml, "a: 1", 4);
    cmr_snapshot *one = snapshot_of("f", document), *other = snapshot_of("f", document);
    (void)state;
    /* The same document is not looked into: nothing is there to look into any more. */
    const struct cmr__document_head *block = document->block;
    document->block = NULL;
    char *text = diff_text(one, other);
    assert_string_equal(text, "");
    free(text);
    text = diff_text(one, one);
    assert_string_equal(text, "");
    free(text);
    document->block = block;
    cmr__document_unref(document);
    cmr_snapshot_unref(one);
    cmr_snapshot_unref(other);
}

/* A file of one name may be read by another format, when a rule changed; and mounts may be added. */
static void compares_across_formats_and_mounts(void **state)
{
    cmr__document *tree = read_document(&cmr__format_yaml, "a: {b: 1}", 9);
    cmr__document *flat = read_document(&cmr__format_properties, "a.b=1", 5);
    cmr_snapshot *before = snapshot_of("f", tree), *after = snapshot_of("f", flat),
                 *none = snapshot_of("f", NULL);
    (void)state;
    char *text = diff_text(before, after);
    assert_string_equal(text, "-f#a.b +f#a.b ");
    free(text);
    cmr__part *parts[] = { before->parts[0], after->parts[0] };
    cmr_snapshot *two = cmr__snapshot_new(2, parts, 2), *empty = cmr__snapshot_new(0, NULL, 0);
    text = diff_text(before, two);
    assert_string_equal(text, "+1:f#a.b ");
    free(text);
    text = diff_text(two, before);
    assert_string_equal(text, "-1:f#a.b ");
    free(text);
    text = diff_text(empty, two);
    assert_string_equal(text, "+f#a.b +1:f#a.b ");
    free(text);
    text = diff_text(none, empty);
    assert_string_equal(text, "");
    free(text);
    cmr_snapshot_unref(two);
    cmr_snapshot_unref(empty);
    cmr_snapshot_unref(none);
    cmr_snapshot_unref(before);
    cmr_snapshot_unref(after);
    cmr__document_unref(tree);
    cmr__document_unref(flat);
}

/* ---- random documents */

struct leaf {
    char *key;
    char *value;
};

static struct leaf *leaves_of(const cmr__document *document, size_t *ret_count)
{
    struct leaf *leaves = calloc(document->block->entry_count, sizeof *leaves);
    assert_non_null(leaves);
    *ret_count = 0;
    for (uint32_t i = 0; i < document->block->entry_count; i++) {
        const struct cmr__entry *entry = cmr__document_entry(document, i);
        struct cmr__buffer key = CMR__BUFFER_INIT, value = CMR__BUFFER_INIT;
        if (!cmr__entry_is_leaf(entry, i))
            continue;
        cmr__key_format(&key, "f", document, i);
        cmr__buffer_printf(&value, "%d %d %s", entry->kind, cmr__entry_type(entry),
                           entry->kind == CMR__SCALAR ? cmr__document_at(document, entry->value_offset) : "");
        leaves[(*ret_count)++] = (struct leaf){ cmr__buffer_take(&key), cmr__buffer_take(&value) };
    }
    return leaves;
}

static const struct leaf *find_leaf(const struct leaf *leaves, size_t count, const char *key)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(leaves[i].key, key) == 0)
            return &leaves[i];
    return NULL;
}

/* Whether the text has the change once, and how many characters it took. */
static size_t take(const char *text, char sign, const char *key)
{
    struct cmr__buffer change = CMR__BUFFER_INIT;
    cmr__buffer_printf(&change, "%c%s ", sign, key);
    char *wanted = cmr__buffer_take(&change);
    size_t length = strlen(wanted), found = 0;
    for (const char *p = text; (p = strstr(p, wanted)); p++)
        found += p == text || p[-1] == ' ';
    free(wanted);
    if (found != 1)
        fail_msg("%c%s stands %zu times in %s", sign, key, found, text);
    return length;
}

static void check_diff(const char *text, const cmr__document *before, const cmr__document *after)
{
    size_t old_count, new_count, length = 0;
    struct leaf *old = leaves_of(before, &old_count), *new = leaves_of(after, &new_count);
    for (size_t i = 0; i < new_count; i++) {
        const struct leaf *same = find_leaf(old, old_count, new[i].key);
        if (!same || strcmp(same->value, new[i].value) != 0)
            length += take(text, same ? '~' : '+', new[i].key);
    }
    for (size_t i = 0; i < old_count; i++)
        if (!find_leaf(new, new_count, old[i].key))
            length += take(text, '-', old[i].key);
    assert_int_equal(strlen(text), length); /* and nothing else */
    for (size_t i = 0; i < old_count; i++, free(old[i - 1].key), free(old[i - 1].value))
        ;
    for (size_t i = 0; i < new_count; i++, free(new[i - 1].key), free(new[i - 1].value))
        ;
    free(old);
    free(new);
}

static void compares_random_documents(void **state)
{
    uint32_t seed = 17;
    (void)state;
    for (int round = 0; round < 3000; round++) {
        uint32_t first = seed, second = round % 3 ? seed + random_below(&seed, 1000) : seed;
        cmr__document *before = round % 2 ? random_tree(&first) : random_flat(&first);
        cmr__document *after = round % 2 ? random_tree(&second) : random_flat(&second);
        cmr_snapshot *one = snapshot_of("f", before), *other = snapshot_of("f", after);
        char *text = diff_text(one, other);
        check_diff(text, before, after);
        free(text);
        cmr_snapshot_unref(one);
        cmr_snapshot_unref(other);
        cmr__document_unref(before);
        cmr__document_unref(after);
        seed = first;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compares_trees),
        cmocka_unit_test(compares_properties),
        cmocka_unit_test(compares_texts),
        cmocka_unit_test(compares_files_in_order),
        cmocka_unit_test(passes_over_what_is_shared),
        cmocka_unit_test(compares_across_formats_and_mounts),
        cmocka_unit_test(compares_random_documents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
