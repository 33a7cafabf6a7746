/* SPDX-License-Identifier: MIT
 *
 * Each allocation of a call fails once, the first in the first run, the second in the second, until a run
 * meets no failure. Whatever is asked of files, patterns, snapshots, schemas and what processes hand over
 * then fails with CMR_ERR_NO_MEMORY: a bad file is not called bad for want of memory, a good one not good.
 * (Leaks are for the sanitizer and valgrind to see.) libyaml allocates by functions that a program may
 * replace. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/diagnostic.h"
#include "model/diff.h"
#include "model/items.h"
#include "schema/record.h"
#include "share/message.h"
#include "support/format_text.h"
#include "support/parser_script.h"
#include "support/rich_record.h"
#include "support/sharing.h"
#include "support/snapshot_of.h"

static long left = -1; /* successes before the failure; negative: none is to come */
static bool failed;

static bool fails(void)
{
    if (left < 0 || left-- > 0)
        return false;
    failed = true;
    return true;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__wrap_strdup(const char *text);
void *yaml_malloc(size_t size);
void *yaml_realloc(void *old, size_t size);
unsigned char *yaml_strdup(const unsigned char *text);

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return fails() ? NULL : __real_realloc(old, size);
}

char *__wrap_strdup(const char *text)
{
    char *copy = fails() ? NULL : __real_malloc(strlen(text) + 1);
    return copy ? strcpy(copy, text) : NULL;
}

void *yaml_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size ? size : 1);
}

void *yaml_realloc(void *old, size_t size)
{
    return fails() ? NULL : __real_realloc(old, size ? size : 1);
}

unsigned char *yaml_strdup(const unsigned char *text)
{
    return text ? (unsigned char *)__wrap_strdup((const char *)text) : NULL;
}

typedef cmr_status attempt(const void *input);

static void check(attempt *try, const void *input, cmr_status wanted)
{
    assert_int_equal(try(input), wanted);
    for (long successes = 0;; successes++) {
        left = successes;
        failed = false;
        cmr_status status = try(input);
        left = -1;
        assert_int_equal(status, failed ? CMR_ERR_NO_MEMORY : wanted);
        if (!failed)
            return;
        assert_in_range(successes, 0, 10000);
    }
}

static cmr_status make_snapshot(const void *input)
{
    static const cmr_format script = { sizeof script, "script", parser_script, NULL };
    static const cmr_format *const own[] = { &script, NULL };
    static const cmr_format_rule rules[] = { { "*.script", "script" }, { NULL, NULL } };
    cmr_mount_options options = CMR_MOUNT_OPTIONS_INIT;
    cmr_snapshot *snapshot = NULL;
    cmr_report *report = NULL;
    const cmr_file *file = input;
    options.own_formats = own;
    options.formats = rules;
    cmr_status status = cmr_snapshot_from_files(file, 1, &options, &report, &snapshot);
    long rest = left;
    left = -1; /* cmocka may need some */
    assert_int_equal(status == CMR_OK, snapshot != NULL);
    assert_int_equal(status == CMR_ERR_REJECTED, report != NULL);
    left = rest;
    cmr_snapshot_unref(snapshot);
    cmr_report_free(report);
    return status;
}

static void reads_files(void **state)
{
    static const struct {
        const char *file, *text;
        cmr_status status;
    } cases[] = {
        { "a.yaml", "a: 1\nb: [x, {c: \"d\"}]\n\"e\\n\": |\n  f\n", CMR_OK },
        { "a.yaml", "", CMR_OK },
        { "a.yaml", "a: &x {b: 1}\nc: *x\nd: {<<: *x, b: 2}\ne: {<<: [*x, {f: 1}]}\n", CMR_OK },
        { "a.yaml", "[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]", CMR_OK },
        { "a.yaml", "[&a 1,&b 2,&c 3,&d 4,&e 5,&f 6,&g 7,&h 8,&i 9,*i,&j 10,&k 11,*a]", CMR_OK },
        { "a.yaml", "%TAG ! tag:x\n---\n!!str a: !!int 1\nb: !<tag:yaml.org,2002:seq> []\n", CMR_OK },
        { "a.yaml", "a: 1\na: 2\nb: 1\n'b': 3\n", CMR_ERR_REJECTED },
        { "a.yaml", "a: !foo b", CMR_ERR_REJECTED },
        { "a.yaml", "a: !!int b", CMR_ERR_REJECTED },
        { "a.yaml", "a: !!int [b]", CMR_ERR_REJECTED },
        { "a.yaml", "a: *x", CMR_ERR_REJECTED },
        { "a.yaml", "a: [", CMR_ERR_REJECTED },
        { "a.yaml", "a: \x01", CMR_ERR_REJECTED },
        { "a.yaml", "<<: 1", CMR_ERR_REJECTED },
        { "a.yaml", "? [a]\n: 1", CMR_ERR_REJECTED },
        { "a.properties", "a=1\nb\\u0041=2\nb\\u0041=\\u0041\n", CMR_OK },
        { "a.properties", "a=\\u1\nb=\\uzzzz\n", CMR_ERR_REJECTED },
        { "log_level", "debug\n", CMR_OK },
        { "raw", "\xff", CMR_OK },
        { "a.script", "c\n{a\n[b\n-1\n}\n=c=d\n}\n", CMR_OK },
        { "a.script", "!one\n!two\n\n=a\xff=b\n", CMR_ERR_REJECTED },
        { "a.script", "=a=b\n=a=b\n", CMR_ERR_REJECTED },
        { "a.script", "{a\n!bad\n}\n}\n", CMR_ERR_REJECTED },
        { "a.script", "r-7\n", CMR_ERR_REJECTED },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cmr_file file = { cases[i].file, cases[i].text, strlen(cases[i].text), NULL };
        check(make_snapshot, &file, cases[i].status);
    }
}

static cmr_status make_patterns(const void *input)
{
    struct cmr__patterns patterns;
    cmr_status status = cmr__patterns_new(input, NULL, &patterns);
    if (status == CMR_OK)
        cmr__patterns_reset(&patterns);
    return status;
}

static cmr_status list(const void *input)
{
    cmr_cursor *cursor = NULL;
    cmr_status status = cmr_cursor_new((cmr_snapshot *)(uintptr_t)input, "**", &cursor);
    if (status != CMR_OK)
        return status;
    int count = 0;
    while (cmr_cursor_next(cursor))
        count++;
    status = cmr_cursor_failed(cursor) ? CMR_ERR_NO_MEMORY : count == 4 ? CMR_OK : CMR_ERR_NOT_FOUND;
    cmr_cursor_free(cursor);
    return status;
}

static cmr_status hash(const void *input)
{
    char text[CMR_HASH_SIZE];
    return cmr_snapshot_hash_keys(input, "a.yaml#** b", text);
}

static cmr_status compare(const void *input)
{
    struct cmr__diff diff = CMR__DIFF_INIT;
    const cmr_snapshot *const *snapshots = input;
    cmr_status status = cmr__diff_compute(snapshots[0], snapshots[1], &diff);
    if (status == CMR_OK && cmr__diff_count(&diff) != 5)
        status = CMR_ERR_NOT_FOUND;
    cmr__diff_reset(&diff);
    return status;
}

static void asks_of_snapshots(void **state)
{
    cmr_snapshot *one = snapshot_of("a.yaml", "a: 1\nb: [2, 3]\n", "b", "c", NULL);
    cmr_snapshot *other = snapshot_of("a.yaml", "b: [9, 8, 7]\n", "b", "d", NULL);
    const cmr_snapshot *both[] = { one, other };
    (void)state;
    check(make_patterns, "a b#c.** [\"d e\"]#[\"\\n\"]", CMR_OK);
    check(make_patterns, "a b#c.** d#", CMR_ERR_INVALID_ARGUMENT);
    check(list, one, CMR_OK);
    check(hash, one, CMR_OK);
    check(compare, both, CMR_OK);
    cmr_snapshot_unref(one);
    cmr_snapshot_unref(other);
}

/* A list or map of a snapshot. */
struct wanted {
    const cmr_snapshot *snapshot;
    const char *key;
};

static cmr_status make_list(const void *input)
{
    const struct wanted *wanted = input;
    cmr_list *items = NULL;
    cmr_status status =
        cmr_list_new((cmr_snapshot *)(uintptr_t)wanted->snapshot, wanted->key, CMR_TYPE_INT64, NULL, &items);
    cmr_list_free(items);
    return status;
}

static cmr_status make_map(const void *input)
{
    const struct wanted *wanted = input;
    cmr_map *map = NULL;
    cmr_status status =
        cmr_map_new((cmr_snapshot *)(uintptr_t)wanted->snapshot, wanted->key, CMR_TYPE_INT64, NULL, &map);
    cmr_map_free(map);
    return status;
}

static cmr_status compare_lists(const void *input)
{
    struct cmr__location one = { .file = &((const cmr_snapshot *)input)->parts[0]->files[1] };
    struct cmr__location two = { .file = &((const cmr_snapshot *)input)->parts[0]->files[2] };
    struct cmr__shape shape = { CMR_TYPE_MAP, CMR_TYPE_INT64, NULL };
    bool equal = false;
    cmr_status status = cmr__items_equal(&one, &two, &shape, &equal);
    return status == CMR_OK && !equal ? CMR_ERR_NOT_FOUND : status;
}

static void makes_lists_and_maps(void **state)
{
    cmr_snapshot *snapshot = snapshot_of("a.yaml", "l: [1, 2]\nm: {a: 1, b: 2}\nx: [1, x]\n", "m", "a=1, b=2",
                                         "n", "b=2, a=01", "t", "1, 2", "x", "a=1, a=2", NULL);
    (void)state;
    check(make_list, &(struct wanted){ snapshot, "a.yaml#l" }, CMR_OK);
    check(make_list, &(struct wanted){ snapshot, "t" }, CMR_OK);
    check(make_list, &(struct wanted){ snapshot, "a.yaml#x" }, CMR_ERR_TYPE);
    check(make_map, &(struct wanted){ snapshot, "a.yaml#m" }, CMR_OK);
    check(make_map, &(struct wanted){ snapshot, "m" }, CMR_OK);
    check(make_map, &(struct wanted){ snapshot, "x" }, CMR_ERR_TYPE);
    check(compare_lists, snapshot, CMR_OK);
    cmr_snapshot_unref(snapshot);
}

/* A record of the rich schema. */
struct filled {
    const cmr_snapshot *snapshot;
    const char *key;
};

static cmr_status fill_record(const void *input)
{
    const struct filled *filled = input;
    cmr_report *report = NULL;
    cmr_record *record = NULL;
    cmr_status status = cmr_record_new(filled->snapshot, filled->key, &rich_schema, &report, &record);
    long rest = left;
    left = -1;
    assert_int_equal(status == CMR_OK, record != NULL);
    assert_true(status != CMR_ERR_NO_MEMORY || !report);
    assert_true(status != CMR_ERR_REJECTED || report);
    left = rest;
    cmr_report_free(report);
    cmr_record_free(record);
    return status;
}

/* The second record keeps what takes effect at a restart. */
static cmr_status fill_again(const void *input)
{
    const cmr_snapshot *const *snapshots = input;
    struct cmr__schema *schema = NULL;
    cmr_report *report = cmr__report_new(), *notices = cmr__report_new();
    cmr_record *before = NULL, *after = NULL;
    cmr_status status =
        report && notices ? cmr__schema_new(&rich_schema, "a.yaml", report, &schema) : CMR_ERR_NO_MEMORY;
    if (status == CMR_OK)
        status = cmr__record_fill(schema, snapshots[0], NULL, report, notices, &before);
    if (status == CMR_OK)
        status = cmr__record_fill(schema, snapshots[1], before, report, notices, &after);
    cmr_record_free(before);
    cmr_record_free(after);
    cmr__schema_free(schema);
    cmr_report_free(report);
    cmr_report_free(notices);
    return status;
}

static cmr_status print_schema(const void *input)
{
    char *markdown = NULL, *json = NULL;
    cmr_status status = cmr_schema_markdown(input, "a.yaml", &markdown);
    if (status == CMR_OK)
        status = cmr_schema_json(input, "a.yaml", &json);
    free(markdown);
    free(json);
    return status;
}

static cmr_status check_schema(const void *input)
{
    cmr_report *report = NULL;
    cmr_status status = cmr_schema_check(input, "a.yaml", &report);
    cmr_report_free(report);
    return status;
}

static void fills_records(void **state)
{
    static const cmr_field wrong_fields[] = { CMR_FIELD_INT(struct rich, backlog, "a", .minimum = "x"),
                                              CMR_FIELD_END };
    static const cmr_schema wrong = CMR_SCHEMA(struct rich, wrong_fields),
                            headless = { .size = sizeof headless };
    cmr_snapshot *one =
        snapshot_of("a.yaml",
                    "{user: me, names: [a, b], servers: [{name: x, waits: [1s], routes: [{path: a}]}],"
                    " limits: {memory: 1Ki}, net: {bind: '::1'}, unknwon: 1}",
                    "a.properties",
                    "servers[1].name=a\nservers[0].name=b\nservers[0].routes[0].path=a\n"
                    "names[0]=a\nports=1, 2\nlimts=1\n",
                    "bad.yaml", "{servers: [{}], ports: [x, y], thread: 1}", "bad.properties",
                    "names=a,,b\nservers[1].x=1\nports[0]=x\n", NULL);
    cmr_snapshot *two = snapshot_of("a.yaml", "{user: you, threads: 1}", NULL);
    const cmr_snapshot *both[] = { one, two };
    (void)state;
    check(fill_record, &(struct filled){ one, "a.yaml" }, CMR_OK);
    check(fill_record, &(struct filled){ one, "a.properties" }, CMR_OK);
    check(fill_record, &(struct filled){ one, "absent.yaml" }, CMR_OK);
    check(fill_record, &(struct filled){ one, "bad.yaml" }, CMR_ERR_REJECTED);
    check(fill_record, &(struct filled){ one, "bad.properties" }, CMR_ERR_REJECTED);
    check(fill_again, both, CMR_OK);
    check(print_schema, &rich_schema, CMR_OK);
    check(print_schema, &wrong, CMR_ERR_INVALID_ARGUMENT);
    check(check_schema, &wrong, CMR_ERR_INVALID_ARGUMENT);
    check(check_schema, &headless, CMR_ERR_INVALID_ARGUMENT);
    cmr_snapshot_unref(one);
    cmr_snapshot_unref(two);
}

static cmr_status seal_and_open(const void *input)
{
    cmr__part *const *parts = input;
    struct cmr__sealed_info info;
    cmr_boot_source from[SHARING_MOUNTS];
    cmr__part *opened[SHARING_MOUNTS] = { NULL };
    char reason[CMR__SEALED_REASON];
    int descriptor = -1;
    cmr_status status = cmr__sealed_write(&sharing_info, parts, sharing_from, SHARING_MOUNTS, &descriptor);
    if (status != CMR_OK)
        return status;
    status =
        cmr__sealed_open(descriptor, sharing_names, NULL, SHARING_MOUNTS, false, &info, from, opened, reason);
    sharing_free(opened);
    close(descriptor);
    return status;
}

/* A packet, encoded, decoded and encoded again. */
static cmr_status pass_on(const void *input)
{
    struct cmr__buffer first = CMR__BUFFER_INIT, second = CMR__BUFFER_INIT;
    struct cmr__message decoded;
    cmr_status status = cmr__message_encode(input, &first);
    if (status == CMR_OK)
        status = cmr__message_decode(first.data, first.size, &decoded, NULL);
    if (status == CMR_OK) {
        status = cmr__message_encode(&decoded, &second);
        cmr__message_reset(&decoded);
    }
    cmr__buffer_reset(&first);
    cmr__buffer_reset(&second);
    return status;
}

static void hands_over(void **state)
{
    cmr__part *parts[SHARING_MOUNTS];
    struct cmr__news_mount mounts[2] = { { .rejected = true }, { .rejected = true } };
    const struct cmr__message news = { .kind = CMR__MESSAGE_NEWS, .news = { 1, 2, 3, 2, mounts } };
    (void)state;
    sharing_make(parts);
    check(seal_and_open, parts, CMR_OK);
    sharing_free(parts);
    for (size_t i = 0; i < 2; i++) {
        mounts[i].report = cmr__report_new();
        for (unsigned k = 0; k < CMR__REPORT_MAX + 1; k++)
            cmr__report_add(mounts[i].report, CMR_ERR_TYPE, "file", k, 1, "key", "message");
        cmr__report_finish(mounts[i].report);
    }
    check(pass_on, &news, CMR_OK);
    for (size_t i = 0; i < 2; i++)
        cmr_report_free(mounts[i].report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_files),          cmocka_unit_test(asks_of_snapshots),
        cmocka_unit_test(makes_lists_and_maps), cmocka_unit_test(fills_records),
        cmocka_unit_test(hands_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
