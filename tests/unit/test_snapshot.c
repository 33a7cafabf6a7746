/* SPDX-License-Identifier: MIT
 *
 * Snapshots of given files: what they say of themselves, their content hash, and what is reported of files
 * that cannot be taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "support/snapshot_of.h"

#define FILE_OF(name, text)                                                                                  \
    {                                                                                                        \
        name, text, sizeof(text) - 1, NULL                                                                   \
    }

/* The report as text: "STATUS file:line:column: message", a line each. NULL: the files are a snapshot. */
static char *refused(const cmr_file *files, size_t count, const cmr_mount_options *options)
{
    cmr_report *report = (cmr_report *)&report;
    cmr_snapshot *snapshot = NULL;
    cmr_status status = cmr_snapshot_from_files(files, count, options, &report, &snapshot);
    if (status == CMR_OK) {
        assert_null(report);
        cmr_snapshot_unref(snapshot);
        return NULL;
    }
    assert_int_equal(status, CMR_ERR_REJECTED);
    assert_null(snapshot);
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    for (size_t i = 0; i < cmr_report_count(report); i++) {
        const cmr_diagnostic *diagnostic = cmr_report_get(report, i);
        assert_string_equal(diagnostic->key, "");
        fprintf(out, "%d %s:%u:%u: %s\n", diagnostic->status, diagnostic->file, diagnostic->line,
                diagnostic->column, diagnostic->message);
    }
    assert_null(cmr_report_get(report, cmr_report_count(report)));
    fclose(out);
    cmr_report_free(report);
    assert_int_equal(cmr_snapshot_from_files(files, count, options, NULL, &snapshot), CMR_ERR_REJECTED);
    return text;
}

static void check_refused(const cmr_file *files, size_t count, const cmr_mount_options *options,
                          const char *expected)
{
    char *text = refused(files, count, options);
    if (!text || !expected)
        assert_ptr_equal(text, expected);
    else
        assert_string_equal(text, expected);
    free(text);
}

static void describes_itself(void **state)
{
    time_t now = time(NULL);
    cmr_snapshot *snapshot = snapshot_of("b.yaml", "b: 1", "a.properties", "x=1", "dir/c",
                                         "\xef\xbb\xbf"
                                         "c\n",
                                         "a", "", NULL);
    static const cmr_file expected[] = { { "a", "", 0, "text" },
                                         { "a.properties", "x=1", 3, "properties" },
                                         { "b.yaml", "b: 1", 4, "yaml" },
                                         { "dir/c",
                                           "\xef\xbb\xbf"
                                           "c\n",
                                           5, "text" } };
    cmr_file file = { 0 };
    (void)state;
    assert_int_equal(cmr_snapshot_generation(snapshot), 0);
    assert_in_range(cmr_snapshot_loaded_at(snapshot), now, now + 60);
    assert_string_equal(cmr_snapshot_target(snapshot, NULL), "");
    assert_string_equal(cmr_snapshot_target(snapshot, "config"), "");
    assert_null(cmr_snapshot_target(snapshot, "other"));
    assert_null(cmr_snapshot_target(snapshot, "confi"));
    assert_null(cmr_snapshot_target(snapshot, ""));
    assert_null(cmr_snapshot_hash(snapshot, "other"));
    assert_int_equal(cmr_snapshot_file_count(snapshot, NULL), 4);
    assert_int_equal(cmr_snapshot_file_count(snapshot, "config"), 4);
    assert_int_equal(cmr_snapshot_file_count(snapshot, "other"), 0);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(cmr_snapshot_file(snapshot, NULL, i, &file), CMR_OK);
        assert_string_equal(file.name, expected[i].name);
        assert_string_equal(file.format, expected[i].format);
        assert_int_equal(file.size, expected[i].size);
        assert_memory_equal(file.data, expected[i].data, file.size + 1);
    }
    assert_int_equal(cmr_snapshot_file(snapshot, NULL, 4, &file), CMR_ERR_NOT_FOUND);
    assert_int_equal(cmr_snapshot_file(snapshot, "other", 0, &file), CMR_ERR_NOT_FOUND);
    cmr_snapshot_unref(snapshot);
    cmr_snapshot_unref(NULL);
}

static void copies_what_it_is_given(void **state)
{
    char name[] = "a.yaml", data[] = "key: value", mount[] = "mine";
    cmr_file file = { .name = name, .data = data, .size = strlen(data) };
    cmr_mount_options options = CMR_MOUNT_OPTIONS_INIT;
    cmr_snapshot *snapshot = NULL;
    const char *text = NULL;
    (void)state;
    options.name = mount;
    assert_int_equal(cmr_snapshot_from_files(&file, 1, &options, NULL, &snapshot), CMR_OK);
    memset(name, 'x', sizeof name);
    memset(data, 'x', sizeof data);
    memset(mount, 'x', sizeof mount);
    assert_ptr_equal(cmr_snapshot_ref(snapshot), snapshot);
    cmr_snapshot_unref(snapshot);
    assert_int_equal(cmr_get_string(snapshot, "mine:a.yaml#key", &text), CMR_OK);
    assert_string_equal(text, "value");
    assert_int_equal(cmr_get_string(snapshot, "a.yaml#key", &text), CMR_OK);
    assert_int_equal(cmr_get_string(snapshot, "config:a.yaml#key", &text), CMR_ERR_NOT_FOUND);
    cmr_snapshot_unref(snapshot);
}

static void checks_arguments(void **state)
{
    static const cmr_file twins[] = { FILE_OF("a", "1"), FILE_OF("b", "2"), FILE_OF("a", "1") };
    static const cmr_file nameless[] = { FILE_OF("", "1") }, unnamed[] = { { NULL, "1", 1, NULL } };
    static const cmr_file dataless[] = { { "a", NULL, 1, NULL } }, empty[] = { { "a", NULL, 0, NULL } };
    cmr_report *report = (cmr_report *)&report;
    cmr_snapshot *snapshot = NULL;
    (void)state;
    assert_int_equal(cmr_snapshot_from_files(twins, 3, NULL, &report, &snapshot), CMR_ERR_INVALID_ARGUMENT);
    assert_null(report);
    assert_int_equal(cmr_snapshot_from_files(nameless, 1, NULL, NULL, &snapshot), CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(cmr_snapshot_from_files(unnamed, 1, NULL, NULL, &snapshot), CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(cmr_snapshot_from_files(dataless, 1, NULL, NULL, &snapshot), CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(cmr_snapshot_from_files(NULL, 1, NULL, NULL, &snapshot), CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(cmr_snapshot_from_files(twins, 2, NULL, NULL, NULL), CMR_ERR_INVALID_ARGUMENT);
    assert_null(snapshot);
    assert_int_equal(cmr_snapshot_from_files(NULL, 0, NULL, NULL, &snapshot), CMR_OK);
    assert_int_equal(cmr_snapshot_file_count(snapshot, NULL), 0);
    cmr_snapshot_unref(snapshot);
    assert_int_equal(cmr_snapshot_from_files(empty, 1, NULL, NULL, &snapshot), CMR_OK);
    cmr_snapshot_unref(snapshot);
}

static void obeys_format_rules(void **state)
{
    static const cmr_file files[] = { FILE_OF("a.yaml", "a: 1"), FILE_OF("b.conf", "b=2"),
                                      FILE_OF("c.conf", "c: 3"), FILE_OF("dir/d.yaml", "d: 4"),
                                      FILE_OF("e.properties", "e=5") };
    static const cmr_format_rule rules[] = { { "c.*", "yaml" },
                                             { "*.conf", "properties" },
                                             { "dir/**", "bytes" },
                                             { "?.properties", "text" },
                                             { NULL, NULL } };
    static const cmr_format_rule unknown[] = { { "*", "toml" }, { NULL, NULL } };
    static const char *const formats[] = { "yaml", "properties", "yaml", "bytes", "text" };
    cmr_mount_options options = CMR_MOUNT_OPTIONS_INIT;
    cmr_snapshot *snapshot = NULL;
    cmr_value value;
    (void)state;
    options.formats = rules;
    assert_int_equal(cmr_snapshot_from_files(files, 5, &options, NULL, &snapshot), CMR_OK);
    for (size_t i = 0; i < 5; i++) {
        cmr_file file;
        assert_int_equal(cmr_snapshot_file(snapshot, NULL, i, &file), CMR_OK);
        assert_string_equal(file.format, formats[i]);
    }
    assert_int_equal(cmr_get_int64_or(snapshot, "b.conf#b", 0), 2);
    assert_int_equal(cmr_get_int64_or(snapshot, "c.conf#c", 0), 3);
    assert_int_equal(cmr_get(snapshot, "dir/d.yaml", CMR_TYPE_ANY, NULL, &value), CMR_OK);
    assert_int_equal(value.type, CMR_TYPE_BYTES);
    assert_int_equal(cmr_get(snapshot, "dir/d.yaml", CMR_TYPE_STRING, NULL, &value), CMR_ERR_TYPE);
    assert_string_equal(cmr_get_string_or(snapshot, "e.properties", ""), "e=5");
    cmr_snapshot_unref(snapshot);
    options.formats = unknown;
    assert_int_equal(cmr_snapshot_from_files(files, 5, &options, NULL, &snapshot), CMR_ERR_INVALID_ARGUMENT);
}

/* The expected hashes come from xxhsum -H2, fed with the same bytes by a script. */
static void hashes_contents(void **state)
{
    char *big = malloc(65537);
    (void)state;
    cmr_snapshot *snapshot = NULL;
    assert_int_equal(cmr_snapshot_from_files(NULL, 0, NULL, NULL, &snapshot), CMR_OK);
    assert_string_equal(cmr_snapshot_hash(snapshot, NULL), "xxh3-128:99aa06d3014798d86001c324468d497f");
    cmr_snapshot_unref(snapshot);

    snapshot = snapshot_of("log_level", "debug\n", "dir/b", "", "a.yaml", "a: 1\n", NULL); /* in any order */
    assert_string_equal(cmr_snapshot_hash(snapshot, "config"), "xxh3-128:b735d3766421969ec728ec177c3e6461");
    cmr_snapshot_unref(snapshot);

    assert_non_null(big);
    for (size_t i = 0; i < 65536; i++)
        big[i] = "0123456789abcdef"[i % 16];
    snapshot = snapshot_of_bytes("big", big, 65536);
    assert_string_equal(cmr_snapshot_hash(snapshot, NULL), "xxh3-128:f103747e2b529c52177a5b42e73349ab");
    cmr_snapshot_unref(snapshot);
    free(big);
}

/* Names and contents do not run into one another. */
static void tells_contents_apart(void **state)
{
    cmr_snapshot *snapshots[] = { snapshot_of("a", "b", NULL),         snapshot_of("ab", "", NULL),
                                  snapshot_of("b", "a", NULL),         snapshot_of("a", "b\n", NULL),
                                  snapshot_of("a", "", "b", "", NULL), snapshot_of("a", "b", "c", "", NULL),
                                  snapshot_of("a", "", "bc", "", NULL) };
    (void)state;
    for (size_t i = 0; i < sizeof snapshots / sizeof *snapshots; i++)
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(cmr_snapshot_hash(snapshots[i], NULL),
                                    cmr_snapshot_hash(snapshots[j], NULL));
    for (size_t i = 0; i < sizeof snapshots / sizeof *snapshots; i++)
        cmr_snapshot_unref(snapshots[i]);
}

static void check_key_hash(const cmr_snapshot *snapshot, const char *pattern, const char *expected)
{
    char hash[CMR_HASH_SIZE] = "";
    assert_int_equal(cmr_snapshot_hash_keys(snapshot, pattern, hash), CMR_OK);
    assert_string_equal(hash, expected);
}

static void hashes_keys(void **state)
{
#define TWO_KEYS "xxh3-128:fec0b95770c8ffe5d67a60c44d816689"
    cmr_snapshot *one = snapshot_of("a.yaml", "a: 1\nlist: [x y]\nother: 1\n", "b", "c", NULL);
    cmr_snapshot *two = snapshot_of("a.yaml", "# c\nlist:\n- x y\na:   1 # d\nother: 2\nmore: {}\n", NULL);
    cmr_snapshot *three = snapshot_of("a.yaml", "a: 2\nlist: [x y]\n", NULL);
    char hash[CMR_HASH_SIZE] = "untouched";
    (void)state;
    check_key_hash(one, "a.yaml#a a.yaml#list.**", TWO_KEYS);
    check_key_hash(one, "a.yaml#list[0] a.yaml#a a.yaml#a", TWO_KEYS);
    check_key_hash(two, "a.yaml#a a.yaml#list.**", TWO_KEYS);
    assert_int_equal(cmr_snapshot_hash_keys(three, "**", hash), CMR_OK);
    assert_string_not_equal(hash, TWO_KEYS);
    check_key_hash(one, "absent", "xxh3-128:99aa06d3014798d86001c324468d497f");
    strcpy(hash, "untouched");
    assert_int_equal(cmr_snapshot_hash_keys(one, "a b#", hash), CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(cmr_snapshot_hash_keys(NULL, "a", hash), CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(cmr_snapshot_hash_keys(one, NULL, hash), CMR_ERR_INVALID_ARGUMENT);
    assert_string_equal(hash, "untouched");
    cmr_snapshot_unref(one);
    cmr_snapshot_unref(two);
    cmr_snapshot_unref(three);
}

static void reports_all_bad_files(void **state)
{
    static const cmr_file files[] = { FILE_OF("z.yaml", "a: 1\na: 2\nb: [\n"), FILE_OF("good.yaml", "a: 1"),
                                      FILE_OF("a.properties", "x=\\u12\ny=\\uzzzz\n"),
                                      FILE_OF("dup.yaml", "k: 1\nk: 2\nk: 3\n"),
                                      FILE_OF("dir/t.yaml", "a: *x\n") };
    (void)state;
    check_refused(files, 5, NULL,
                  "-7 a.properties:1:3: \\u wants four hexadecimal digits, found \"12\"\n"
                  "-7 a.properties:2:3: \\u wants four hexadecimal digits, found \"zzzz\"\n"
                  "-7 dir/t.yaml:1:4: unknown alias *x\n"
                  "-7 dup.yaml:2:1: duplicate key \"k\": it already stands on line 1\n"
                  "-7 dup.yaml:3:1: duplicate key \"k\": it already stands on line 1\n"
                  "-7 z.yaml:4:1: did not find expected node content (while parsing a flow node that began "
                  "on line 4)\n");
}

static void keeps_reports_short(void **state)
{
    cmr_file files[150];
    char names[150][16];
    (void)state;
    for (int i = 0; i < 150; i++) {
        snprintf(names[i], sizeof names[i], "%d.yaml", i);
        files[i] = (cmr_file){ .name = names[i], .data = "[", .size = 1 };
    }
    char *text = refused(files, 150, NULL);
    assert_non_null(text);
    assert_non_null(strstr(text, "-8 :0:0: 50 more not shown\n"));
    free(text);
}

static void applies_limits(void **state)
{
    static const cmr_file files[] = { FILE_OF("a", "12345"), FILE_OF("b.yaml", "[[[1, 2]]]"),
                                      FILE_OF("c", "123") };
    static const struct {
        cmr_limits limits;
        const char *expected;
    } cases[] = {
        { { 0 }, NULL },
        { { .file_size = 10, .generation_size = 18, .files = 3, .depth = 2, .entries = 4 }, NULL },
        { { .file_size = 9 }, "-8 b.yaml:0:0: a file of 10 bytes: the limit is 9\n" },
        { { .file_size = 4 },
          "-8 a:0:0: a file of 5 bytes: the limit is 4\n-8 b.yaml:0:0: a file of 10 bytes: the limit is "
          "4\n" },
        { { .generation_size = 17 }, "-8 :0:0: more than 17 bytes in all files\n" },
        { { .files = 2 }, "-8 :0:0: more than 2 files\n" },
        { { .files = 1, .generation_size = 1, .file_size = 9 },
          "-8 :0:0: more than 1 bytes in all files\n-8 :0:0: more than 1 files\n"
          "-8 b.yaml:0:0: a file of 10 bytes: the limit is 9\n" },
        { { .depth = 1 }, "-8 b.yaml:1:3: more than 1 levels of nesting\n" },
        { { .entries = 3 }, "-8 b.yaml:1:7: more than 3 entries in one file, aliases expanded\n" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cmr_mount_options options = CMR_MOUNT_OPTIONS_INIT;
        options.limits = cases[i].limits;
        check_refused(files, 3, &options, cases[i].expected);
    }
    cmr_mount_options options = CMR_MOUNT_OPTIONS_INIT;
    cmr_snapshot *snapshot = NULL;
    options.limits.depth = 251;
    assert_int_equal(cmr_snapshot_from_files(files, 3, &options, NULL, &snapshot), CMR_ERR_INVALID_ARGUMENT);
    options.limits = (cmr_limits){ .file_size = (UINT64_C(1) << 30) + 1 };
    assert_int_equal(cmr_snapshot_from_files(files, 3, &options, NULL, &snapshot), CMR_ERR_INVALID_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(describes_itself),    cmocka_unit_test(copies_what_it_is_given),
        cmocka_unit_test(checks_arguments),    cmocka_unit_test(obeys_format_rules),
        cmocka_unit_test(hashes_contents),     cmocka_unit_test(tells_contents_apart),
        cmocka_unit_test(hashes_keys),         cmocka_unit_test(reports_all_bad_files),
        cmocka_unit_test(keeps_reports_short), cmocka_unit_test(applies_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
