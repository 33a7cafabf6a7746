/* SPDX-License-Identifier: MIT
 *
 * What JSON reads as: structure, scalars and their text, escapes, and the line and column of each entry. What
 * is refused is in test_json_refused.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "support/format_text.h"

static void reads_structure(void **state)
{
    static const struct format_case cases[] = {
        FORMAT_CASE("a map", "{\"a\":1,\"b\":2}", "a=1 (int) @1:2\nb=2 (int) @1:8\n"),
        FORMAT_CASE("a list", "[1,\"x\",[true]]",
                    "[0]=1 (int) @1:2\n[1]=x (string quoted) @1:4\n[2][0]=true (bool) @1:9\n"),
        FORMAT_CASE("maps in lists in maps", "{\"a\":[{\"b\":1},{\"b\":{\"c\":2}}]}",
                    "a[0].b=1 (int) @1:8\na[1].b.c=2 (int) @1:21\n"),
        FORMAT_CASE("over lines", "{\n  \"a\": {\n    \"b\": 1\n  },\n  \"c\":\n    2\n}\n",
                    "a.b=1 (int) @3:5\nc=2 (int) @5:3\n"),
        FORMAT_CASE("blanks everywhere", " \t{ \"a\" \t: [ 1 , 2 ] , \"b\" : { } } \n",
                    "a[0]=1 (int) @1:14\na[1]=2 (int) @1:18\nb={} @1:24\n"),
        FORMAT_CASE("empty containers are entries", "{\"a\":{},\"b\":[],\"c\":[{},[ ]]}",
                    "a={} @1:2\nb=[] @1:9\nc[0]={} @1:21\nc[1]=[] @1:24\n"),
        FORMAT_CASE("empty containers before others", "[[],{},1]",
                    "[0]=[] @1:2\n[1]={} @1:5\n[2]=1 (int) @1:8\n"),
        FORMAT_CASE("the order of the file stays", "{\"b\":1,\"a\":{\"z\":1,\"y\":2},\"0\":3}",
                    "b=1 (int) @1:2\na.z=1 (int) @1:13\na.y=2 (int) @1:19\n0=3 (int) @1:26\n"),
        FORMAT_CASE("the same key elsewhere", "{\"a\":{\"a\":{\"a\":1}},\"b\":[{\"a\":1},{\"a\":1}]}",
                    "a.a.a=1 (int) @1:12\nb[0].a=1 (int) @1:26\nb[1].a=1 (int) @1:34\n"),
        FORMAT_CASE("an empty key", "{\"\":{\"\":1}}", ".=1 (int) @1:6\n"),
        FORMAT_CASE("keys that differ in case and length", "{\"a\":1,\"A\":2,\"aa\":3,\"a \":4}",
                    "a=1 (int) @1:2\nA=2 (int) @1:8\naa=3 (int) @1:14\na =4 (int) @1:21\n"),
    };
    (void)state;
    CHECK_FORMAT_CASES(&cmr__format_json, cases);
}

static void reads_roots(void **state)
{
    static const struct format_case cases[] = {
        FORMAT_CASE("an empty map", "{}", ""),
        FORMAT_CASE("an empty list", "[ \n]", ""),
        FORMAT_CASE("a string", "\"x\"", "=x (string quoted) @1:1\n"),
        FORMAT_CASE("an empty string", "\"\"", "= (string quoted) @1:1\n"),
        FORMAT_CASE("a number at the end of the file", "\n 42", "=42 (int) @2:2\n"),
        FORMAT_CASE("a word at the end of the file", "true", "=true (bool) @1:1\n"),
        FORMAT_CASE("null", " null\n", "=null (null) @1:2\n"),
        FORMAT_CASE("a byte order mark",
                    "\xef\xbb\xbf"
                    "{\"a\":1}",
                    "a=1 (int) @1:2\n"),
    };
    (void)state;
    CHECK_FORMAT_CASES(&cmr__format_json, cases);
}

static void keeps_the_text_of_scalars(void **state)
{
    static const struct {
        const char *text, *type;
    } cases[] = {
        { "null", "null" },
        { "true", "bool" },
        { "false", "bool" },
        { "0", "int" },
        { "-0", "int" },
        { "10", "int" },
        { "-12", "int" },
        { "0.0", "float" },
        { "-0.0", "float" },
        { "1.10", "float" },
        { "0e0", "float" },
        { "1E400", "float" },
        { "-1e-0", "float" },
        { "1e+007", "float" },
        { "0.1e1", "float" },
        { "9007199254740993", "int" },
        { "18446744073709551615", "int" },
        { "-123456789012345678901234567890", "int" },
        { "1.000000000000000000000000000000000000000000000001", "float" },
    };
    size_t failures = 0;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char raw[128], expected[160];
        snprintf(raw, sizeof raw, "{\"k\": %s}", cases[i].text);
        snprintf(expected, sizeof expected, "k=%s (%s) @1:2\n", cases[i].text, cases[i].type);
        char *text = format_text(&cmr__format_json, raw, strlen(raw), NULL);
        if (strcmp(text, expected) != 0) {
            print_error("%s read\n%swanted\n%s", raw, text, expected);
            failures++;
        }
        free(text);
    }
    assert_int_equal(failures, 0);
}

static void decodes_escapes(void **state)
{
#define READS(name, raw, text) FORMAT_CASE(name, "\"" raw "\"", "=" text " (string quoted) @1:1\n")
    static const struct format_case cases[] = {
        READS("each of one letter", "\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\\\/\\010\\014\\n\\r\\t"),
        READS("between text", "ab\\ncd\\\\ef", "ab\\ncd\\\\ef"),
        READS("one at each end", "\\tx\\t", "\\tx\\t"),
        READS("a unit, in either case", "\\u00e9\\u00E9\\u20aC", "\xc3\xa9\xc3\xa9\xe2\x82\xac"),
        READS("ASCII", "\\u0041\\u005c\\u0022\\u002f", "A\\\\\"/"),
        READS("the border of each length", "\\u007f\\u0080\\u07ff\\u0800\\uffff",
              "\\177\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf"),
        READS("around the surrogates", "\\ud7ff\\ue000", "\xed\x9f\xbf\xee\x80\x80"),
        READS("surrogate pairs", "\\ud83d\\ude00\\uD800\\uDC00\\uDBFF\\uDFFF",
              "\xf0\x9f\x98\x80\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"),
        READS("digits behind a unit are text", "\\u00e91",
              "\xc3\xa9"
              "1"),
        READS("NUL", "a\\u0000b", "a\\000b"),
        READS("an escaped backslash before a u", "\\\\u0041", "\\\\u0041"),
        READS("characters as they are", "\x7f/\xc3\xa9\xe2\x80\xa8\xf0\x9f\x98\x80",
              "\\177/\xc3\xa9\xe2\x80\xa8\xf0\x9f\x98\x80"),
        READS("just eight bytes, and quotes at the edge", "1234567\\\"", "1234567\""),
        FORMAT_CASE(
            "in key and value", "{\"a\\n\":\"b\\t\",\"\\u0000\":\"\\r\",\"c\":\"d\"}",
            "a\\n=b\\t (string quoted) @1:2\n\\000=\\r (string quoted) @1:14\nc=d (string quoted) @1:28\n"),
        FORMAT_CASE("in keys of containers", "{\"\\u0061\":{\"\\u0062\":[\"\\u0063\"]}}",
                    "a.b[0]=c (string quoted) @1:22\n"),
    };
    (void)state;
    CHECK_FORMAT_CASES(&cmr__format_json, cases);
}

static void counts_lines_and_columns(void **state)
{
    static const struct format_case cases[] = {
        FORMAT_CASE(
            "characters, not bytes", "{\"\xc3\xa9\":\"\xe2\x82\xac\",\"\xf0\x9f\x98\x80\":1,\"z\":2}",
            "\xc3\xa9=\xe2\x82\xac (string quoted) @1:2\n\xf0\x9f\x98\x80=1 (int) @1:10\nz=2 (int) @1:16\n"),
        FORMAT_CASE("escapes as they are written", "[\"\\u00e9\",1]",
                    "[0]=\xc3\xa9 (string quoted) @1:2\n[1]=1 (int) @1:11\n"),
        FORMAT_CASE("tabs count as one", "{\t\"a\":\t1}", "a=1 (int) @1:3\n"),
        FORMAT_CASE("CRLF", "[\r\n1,\r\n 2]", "[0]=1 (int) @2:1\n[1]=2 (int) @3:2\n"),
        FORMAT_CASE("CR alone", "[\r1,\r\r 2]", "[0]=1 (int) @2:1\n[1]=2 (int) @4:2\n"),
        FORMAT_CASE("line separators are no lines", "[\"\xe2\x80\xa8\",1]",
                    "[0]=\xe2\x80\xa8 (string quoted) @1:2\n[1]=1 (int) @1:6\n"),
        FORMAT_CASE("a byte order mark is no character", "\xef\xbb\xbf\n[1]", "[0]=1 (int) @2:2\n"),
        FORMAT_CASE("a container stands where its key does", "{\"a\":\n\n{}}", "a={} @1:2\n"),
    };
    (void)state;
    CHECK_FORMAT_CASES(&cmr__format_json, cases);
}

/* Wherever words of eight bytes begin, a string ends where it ends. */
static void finds_the_end_of_strings_of_any_length(void **state)
{
    (void)state;
    for (size_t length = 0; length <= 38; length++) {
        for (size_t indent = 0; indent < 8 && length != 21; indent++) { /* 21: half a character */
            char raw[64], expected[96];
            snprintf(raw, sizeof raw, "%*s\"%.*s\"", (int)indent, "", (int)length,
                     "0123456789abcdefghij\xc3\xa9klmnopqrstuvwxyz");
            snprintf(expected, sizeof expected, "=%.*s (string quoted) @1:%zu\n", (int)length,
                     raw + indent + 1, indent + 1);
            char *text = format_text(&cmr__format_json, raw, strlen(raw), NULL);
            assert_string_equal(text, expected);
            free(text);
        }
    }
}

/* Quadratic columns would take hours here. */
static void reads_one_long_line(void **state)
{
    cmr_limits limits = default_limits;
    struct cmr__buffer raw = CMR__BUFFER_INIT;
    (void)state;
    cmr__buffer_append_char(&raw, '[');
    while (raw.size < (1 << 20) - 16)
        cmr__buffer_append_text(&raw, "\"\xc3\xa9\\n\",");
    cmr__buffer_append_text(&raw, "\"end\"]");
    char *text = format_text(&cmr__format_json, raw.data, raw.size, &limits);
    const char *last = strstr(text, "=end (string quoted) @1:");
    assert_non_null(last);
    assert_int_equal(strtol(last + strlen("=end (string quoted) @1:"), NULL, 10),
                     2 + (raw.size - strlen("[\"end\"]")) / 7 * 6);
    free(text);
    cmr__buffer_reset(&raw);
}

static void chooses_json_by_name(void **state)
{
    static const cmr_format_rule rules[] = { { "x.json", "text" }, { "*.conf", "json" }, { NULL, NULL } };
    (void)state;
    assert_ptr_equal(cmr__format_for_file(NULL, NULL, "a.json"), &cmr__format_json);
    assert_ptr_equal(cmr__format_for_file(NULL, NULL, "a.jsonc"), &cmr__format_text);
    assert_ptr_equal(cmr__format_for_file(NULL, NULL, "json"), &cmr__format_text);
    assert_ptr_equal(cmr__format_for_file(NULL, rules, "a.conf"), &cmr__format_json);
    assert_ptr_equal(cmr__format_for_file(NULL, rules, "x.json"), &cmr__format_text);
    assert_ptr_equal(cmr__format_by_name("json"), &cmr__format_json);
}

/* The types' conversions are YAML's; here is that what JSON tells of its scalars leads there. */
static void converts_as_yaml_does(void **state)
{
    static const char raw[] =
        "{\"t\":\"30s\",\"n\":8080,\"q\":\"8080\",\"f\":1E400,\"big\":18446744073709551615,"
        "\"z\":\"a\\u0000\",\"x\":null,\"s\":\"10Mi\",\"m\":-0}";
    const cmr_file file = { .name = "a.json", .data = raw, .size = sizeof raw - 1 };
    cmr_snapshot *snapshot = NULL;
    cmr_value value;
    const char *text;
    int64_t number;
    uint64_t size;
    (void)state;
    assert_int_equal(CMR_OK, cmr_snapshot_from_files(&file, 1, NULL, NULL, &snapshot));
    assert_int_equal(CMR_OK, cmr_get_duration(snapshot, "a.json#t", &number));
    assert_int_equal(number, 30000000000);
    assert_int_equal(CMR_OK, cmr_get_int64(snapshot, "a.json#n", &number));
    assert_int_equal(CMR_ERR_TYPE, cmr_get_int64(snapshot, "a.json#q", &number));
    assert_int_equal(CMR_OK, cmr_get_int64(snapshot, "a.json#m", &number));
    assert_int_equal(number, 0);
    assert_int_equal(CMR_OK, cmr_get_string(snapshot, "a.json#f", &text));
    assert_string_equal(text, "1E400");
    assert_int_equal(CMR_OK, cmr_get_size(snapshot, "a.json#s", &size));
    assert_int_equal(size, 10 << 20);
    assert_int_equal(CMR_OK, cmr_get(snapshot, "a.json#big", CMR_TYPE_ANY, NULL, &value));
    assert_int_equal(value.type, CMR_TYPE_UINT64);
    assert_false(value.quoted);
    assert_int_equal(CMR_OK, cmr_get(snapshot, "a.json#x", CMR_TYPE_ANY, NULL, &value));
    assert_int_equal(value.type, CMR_TYPE_NULL);
    assert_int_equal(CMR_ERR_TYPE, cmr_get_string(snapshot, "a.json#z", &text));
    assert_int_equal(CMR_OK, cmr_get(snapshot, "a.json#z", CMR_TYPE_BYTES, NULL, &value));
    assert_int_equal(value.length, 2);
    assert_true(value.quoted);
    cmr_snapshot_unref(snapshot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_structure),           cmocka_unit_test(reads_roots),
        cmocka_unit_test(keeps_the_text_of_scalars), cmocka_unit_test(decodes_escapes),
        cmocka_unit_test(counts_lines_and_columns),  cmocka_unit_test(finds_the_end_of_strings_of_any_length),
        cmocka_unit_test(reads_one_long_line),       cmocka_unit_test(chooses_json_by_name),
        cmocka_unit_test(converts_as_yaml_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
