/* SPDX-License-Identifier: MIT
 *
 * Lists as applications read them: from every format, every item typed, and what makes one fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/snapshot_of.h"

static const cmr_enum_item colours[] = { { "red", 1 }, { "green", 2 }, { NULL, 0 } };

static cmr_snapshot *example(void)
{
    return snapshot_of(
        "a.yaml",
        "hosts: [a, 'b c', \"\"]\nports:\n  - 80\n  - 443\nbad:\n  - 1\n  - x\n  - y\nwaits: [1s, 10ms]\n"
        "mixed: [1, ~, {a: 1}, [], true]\nempty: []\nmap: {a: 1}\ntext: a, b\n"
        "nul: [\"a\\0b\"]\n",
        "b.json", "[10, 20]", "p.properties",
        "hosts = a, b c ,d\nports=80, 443\nbad=1, x, y\nhole=1,,2\nempty=\ncolours=red, green\n"
        "range=1, 300000000000000000000\nlevels=info,WARN\nips=10.0.0.1, ::1\n",
        "c.ini", "[s]\nl = 1, 2\n", "e.env", "L=1,2,3\n", "t", "1s, 2s\n", "empty", "", NULL);
}

/* "type text" of each item with spaces between, or the status. */
static const char *read_list(cmr_snapshot *snapshot, const char *key, cmr_type type)
{
    static char out[512];
    char *at = out;
    cmr_list *list = (cmr_list *)&out;
    cmr_status status = cmr_list_new(snapshot, key, type, colours, &list);
    out[0] = '\0';
    if (status != CMR_OK) {
        assert_ptr_equal(list, &out); /* untouched */
        sprintf(out, "%s", cmr_strerror(status));
        return out;
    }
    for (size_t i = 0; i < cmr_list_count(list); i++) {
        const cmr_value *value = cmr_list_get(list, i);
        assert_int_equal(value->text[value->length], '\0');
        at += sprintf(at, "%s%s(%s)", i ? " " : "", cmr_type_name(value->type), value->text);
    }
    assert_null(cmr_list_get(list, cmr_list_count(list)));
    cmr_list_free(list);
    return out;
}

static void lists_come_from_every_format(void **state)
{
    static const struct {
        const char *key;
        cmr_type type;
        const char *wanted;
    } cases[] = {
        { "a.yaml#hosts", CMR_TYPE_STRING, "string(a) string(b c) string()" },
        { "a.yaml#ports", CMR_TYPE_INT64, "int64(80) int64(443)" },
        { "a.yaml#ports", CMR_TYPE_ANY, "int64(80) int64(443)" },
        { "a.yaml#waits", CMR_TYPE_DURATION, "duration(1s) duration(10ms)" },
        { "a.yaml#mixed", CMR_TYPE_ANY, "int64(1) null(~) map() list([]) bool(true)" },
        { "a.yaml#empty", CMR_TYPE_INT64, "" },
        { "b.json", CMR_TYPE_UINT64, "uint64(10) uint64(20)" },
        { "p.properties#hosts", CMR_TYPE_STRING, "string(a) string(b c) string(d)" },
        { "p.properties#hosts", CMR_TYPE_ANY, "string(a) string(b c) string(d)" },
        { "p.properties#hosts", CMR_TYPE_BYTES, "bytes(a) bytes(b c) bytes(d)" },
        { "p.properties#ports", CMR_TYPE_INT64, "int64(80) int64(443)" },
        { "p.properties#empty", CMR_TYPE_INT64, "" },
        { "p.properties#colours", CMR_TYPE_ENUM, "enum(red) enum(green)" },
        { "p.properties#levels", CMR_TYPE_LOG_LEVEL, "log_level(info) log_level(WARN)" },
        { "p.properties#ips", CMR_TYPE_IP, "ip(10.0.0.1) ip(::1)" },
        { "c.ini#s.l", CMR_TYPE_INT64, "int64(1) int64(2)" },
        { "e.env#L", CMR_TYPE_DOUBLE, "double(1) double(2) double(3)" },
        { "t", CMR_TYPE_DURATION, "duration(1s) duration(2s)" },
        { "config:t", CMR_TYPE_DURATION, "duration(1s) duration(2s)" },
        { "empty", CMR_TYPE_DURATION, "" },
    };
    cmr_snapshot *snapshot = example();
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(read_list(snapshot, cases[i].key, cases[i].type), cases[i].wanted);
    cmr_snapshot_unref(snapshot);
}

static void what_is_no_list_of_the_type_fails(void **state)
{
    static const struct {
        const char *key;
        cmr_type type;
        cmr_status status;
        const char *explanation;
    } cases[] = {
        { "a.yaml#bad", CMR_TYPE_INT64, CMR_ERR_TYPE,
          "a.yaml:7:5: a.yaml#bad[1]: wanted int64, found the string \"x\"" },
        { "config:a.yaml#bad", CMR_TYPE_INT64, CMR_ERR_TYPE,
          "a.yaml:7:5: config:a.yaml#bad[1]: wanted int64, found the string \"x\"" },
        { "a.yaml#mixed", CMR_TYPE_INT64, CMR_ERR_TYPE,
          "a.yaml:10:12: a.yaml#mixed[1]: wanted int64, the value is null" },
        { "a.yaml#mixed", CMR_TYPE_STRING, CMR_ERR_TYPE,
          "a.yaml:10:12: a.yaml#mixed[1]: wanted string, the value is null" },
        { "a.yaml#map", CMR_TYPE_INT64, CMR_ERR_TYPE, "a.yaml:12:1: a.yaml#map: wanted list, found a map" },
        { "a.yaml", CMR_TYPE_ANY, CMR_ERR_TYPE, "a.yaml:1:1: a.yaml: wanted list, found a map" },
        { "a.yaml#text", CMR_TYPE_STRING, CMR_ERR_TYPE,
          "a.yaml:13:1: a.yaml#text: wanted a list, found a single value" },
        { "a.yaml#nul", CMR_TYPE_STRING, CMR_ERR_TYPE,
          "a.yaml:14:7: a.yaml#nul[0]: wanted string, found the string \"a\\u0000b\", which holds a NUL "
          "byte" },
        { "p.properties#bad", CMR_TYPE_INT64, CMR_ERR_TYPE,
          "p.properties:3:1: p.properties#bad: item [1]: wanted int64, found the string \"x\"" },
        { "p.properties#range", CMR_TYPE_INT64, CMR_ERR_RANGE,
          "p.properties:7:1: p.properties#range: item [1]: wanted int64, found the string "
          "\"300000000000000000000\", which is more than 9223372036854775807" },
        { "p.properties#hole", CMR_TYPE_INT64, CMR_ERR_TYPE,
          "p.properties:4:1: p.properties#hole: wanted a list like a, b, c, found the string \"1,,2\", whose "
          "item "
          "[1] is empty" },
        { "p.properties", CMR_TYPE_ANY, CMR_ERR_TYPE,
          "p.properties:1:1: p.properties: wanted list, found a map" },
        { "a.yaml#absent", CMR_TYPE_INT64, CMR_ERR_NOT_FOUND, NULL },
        { "a.yaml#[", CMR_TYPE_INT64, CMR_ERR_INVALID_ARGUMENT, "a.yaml#[: malformed key, at its byte 9" },
        { "a.yaml#ports", CMR_TYPE_LIST, CMR_ERR_INVALID_ARGUMENT,
          "a.yaml#ports: there are no lists of list" },
        { "a.yaml#ports", CMR_TYPE_NULL, CMR_ERR_INVALID_ARGUMENT,
          "a.yaml#ports: there are no lists of null" },
        { "a.yaml#ports", (cmr_type)99, CMR_ERR_INVALID_ARGUMENT, "a.yaml#ports: there are no lists of ?" },
    };
    cmr_snapshot *snapshot = example();
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char why[300] = "x", little[10];
        size_t length =
            cmr_explain_items(snapshot, cases[i].key, CMR_TYPE_LIST, cases[i].type, colours, why, sizeof why);
        assert_string_equal(read_list(snapshot, cases[i].key, cases[i].type), cmr_strerror(cases[i].status));
        assert_int_equal(length, strlen(why));
        if (cases[i].explanation)
            assert_string_equal(why, cases[i].explanation);
        else
            assert_true(length > 0);
        assert_int_equal(length, cmr_explain_items(snapshot, cases[i].key, CMR_TYPE_LIST, cases[i].type,
                                                   colours, little, sizeof little));
        assert_memory_equal(little, why, sizeof little - 1);
    }
    cmr_snapshot_unref(snapshot);
}

static void arguments_that_make_no_sense_are_refused(void **state)
{
    cmr_snapshot *snapshot = example();
    cmr_list *list = NULL;
    char why[100] = "x";
    (void)state;
    assert_int_equal(cmr_list_new(NULL, "t", CMR_TYPE_ANY, NULL, &list), CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(cmr_list_new(snapshot, NULL, CMR_TYPE_ANY, NULL, &list), CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(cmr_list_new(snapshot, "t", CMR_TYPE_ANY, NULL, NULL), CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(cmr_list_new(snapshot, "t", CMR_TYPE_ENUM, NULL, &list), CMR_ERR_INVALID_ARGUMENT);
    assert_null(list);
    assert_int_equal(cmr_explain_items(snapshot, "t", CMR_TYPE_LIST, CMR_TYPE_ANY, NULL, why, sizeof why), 0);
    assert_string_equal(why, "");
    assert_true(cmr_explain_items(snapshot, "t", CMR_TYPE_INT64, CMR_TYPE_ANY, NULL, NULL, 0) > 0);
    assert_true(cmr_explain_items(snapshot, "t", CMR_TYPE_LIST, CMR_TYPE_ENUM, NULL, NULL, 0) > 0);
    assert_true(cmr_explain_items(NULL, "t", CMR_TYPE_LIST, CMR_TYPE_ANY, NULL, NULL, 0) > 0);
    cmr_list_free(NULL);
    cmr_snapshot_unref(snapshot);
}

/* It holds the snapshot; items know where they stand. */
static void a_list_outlives_its_callers_snapshot(void **state)
{
    cmr_snapshot *snapshot = example();
    cmr_list *yaml, *written;
    (void)state;
    assert_int_equal(cmr_list_new(snapshot, "a.yaml#ports", CMR_TYPE_INT64, NULL, &yaml), CMR_OK);
    assert_int_equal(cmr_list_new(snapshot, "p.properties#ports", CMR_TYPE_INT64, NULL, &written), CMR_OK);
    cmr_snapshot_unref(snapshot);
    assert_int_equal(cmr_list_get(yaml, 1)->as.int64, 443);
    assert_string_equal(cmr_list_get(yaml, 1)->file, "a.yaml");
    assert_int_equal(cmr_list_get(yaml, 1)->line, 4);
    assert_int_equal(cmr_list_get(written, 1)->as.int64, 443);
    assert_string_equal(cmr_list_get(written, 1)->text, "443");
    assert_string_equal(cmr_list_get(written, 0)->text, "80");
    assert_int_equal(cmr_list_get(written, 1)->line, 2);
    cmr_list_free(yaml);
    cmr_list_free(written);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_come_from_every_format),
        cmocka_unit_test(what_is_no_list_of_the_type_fails),
        cmocka_unit_test(arguments_that_make_no_sense_are_refused),
        cmocka_unit_test(a_list_outlives_its_callers_snapshot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
