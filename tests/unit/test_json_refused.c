/* SPDX-License-Identifier: MIT
 *
 * What JSON files are refused for, and where the diagnostic points; and input that is meant to cost much. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "support/format_text.h"

#define FOUND_END "found the end of the file\n"

static void refuses_broken_structure(void **state)
{
#define KEY "wanted a key in quotes, "
#define VALUE "wanted a value, "
#define MORE_MAP "wanted , or } after a value, "
#define MORE_LIST "wanted , or ] after a value, "
    static const struct format_case cases[] = {
        FORMAT_CASE("an empty file", "", "! syntax 1:1: " VALUE FOUND_END),
        FORMAT_CASE("blanks", " \n\t\r\n", "! syntax 3:1: " VALUE FOUND_END),
        FORMAT_CASE("a byte order mark alone", "\xef\xbb\xbf", "! syntax 1:1: " VALUE FOUND_END),
        FORMAT_CASE("a second byte order mark", "\xef\xbb\xbf\xef\xbb\xbf{}",
                    "! syntax 1:1: " VALUE "found \"\xef\xbb\xbf\"\n"),
        FORMAT_CASE("an open map", "{", "! syntax 1:2: " KEY FOUND_END),
        FORMAT_CASE("an open list", "[\n", "! syntax 2:1: " VALUE FOUND_END),
        FORMAT_CASE("a key alone", "{\"a\"", "! syntax 1:5: wanted : after a key, " FOUND_END),
        FORMAT_CASE("a map cut before a value", "{\"a\":", "! syntax 1:6: " VALUE FOUND_END),
        FORMAT_CASE("a map cut after a value", "{\"a\":1", "! syntax 1:7: " MORE_MAP FOUND_END),
        FORMAT_CASE("a list cut after a value", "[1", "! syntax 1:3: " MORE_LIST FOUND_END),
        FORMAT_CASE("a trailing comma in a map", "{\"a\":1,}", "! syntax 1:8: " KEY "found \"}\"\n"),
        FORMAT_CASE("a trailing comma in a list", "[1,\n]", "! syntax 2:1: " VALUE "found \"]\"\n"),
        FORMAT_CASE("two commas", "[1,,2]", "! syntax 1:4: " VALUE "found \",\"\n"),
        FORMAT_CASE("a comma first", "[,1]", "! syntax 1:2: " VALUE "found \",\"\n"),
        FORMAT_CASE("a comma only", "{,}", "! syntax 1:2: " KEY "found \",\"\n"),
        FORMAT_CASE("no comma", "[1 2]", "! syntax 1:4: " MORE_LIST "found \"2\"\n"),
        FORMAT_CASE("no comma in a map", "{\"a\":1\n\"b\":2}", "! syntax 2:1: " MORE_MAP "found \"\\\"\"\n"),
        FORMAT_CASE("no colon", "{\"a\" 1}", "! syntax 1:6: wanted : after a key, found \"1\"\n"),
        FORMAT_CASE("a comma for a colon", "{\"a\",1}", "! syntax 1:5: wanted : after a key, found \",\"\n"),
        FORMAT_CASE("two colons", "{\"a\"::1}", "! syntax 1:6: " VALUE "found \":\"\n"),
        FORMAT_CASE("no value", "{\"a\":}", "! syntax 1:6: " VALUE "found \"}\"\n"),
        FORMAT_CASE("a map closed as a list", "{\"a\":1]", "! syntax 1:7: " MORE_MAP "found \"]\"\n"),
        FORMAT_CASE("a list closed as a map", "[1}", "! syntax 1:3: " MORE_LIST "found \"}\"\n"),
        FORMAT_CASE("an empty list closed as a map", "[}", "! syntax 1:2: " VALUE "found \"}\"\n"),
        FORMAT_CASE("closed twice", "{}}", "! syntax 1:3: wanted the end of the file, found \"}\"\n"),
        FORMAT_CASE("two values", "{}\n{}", "! syntax 2:1: wanted the end of the file, found \"{\"\n"),
        FORMAT_CASE("a pair in a list", "[\"a\":1]", "! syntax 1:5: " MORE_LIST "found \":\"\n"),
        FORMAT_CASE("a pair alone", "\"a\":1", "! syntax 1:4: wanted the end of the file, found \":\"\n"),
        FORMAT_CASE("a closing bracket", "]", "! syntax 1:1: " VALUE "found \"]\"\n"),
        FORMAT_CASE("a key that is no string", "{a:1}", "! syntax 1:2: " KEY "found \"a\"\n"),
        FORMAT_CASE("a number as a key", "{1:1}", "! syntax 1:2: " KEY "found \"1\"\n"),
        FORMAT_CASE("null as a key", "{null:1}", "! syntax 1:2: " KEY "found \"null\"\n"),
        FORMAT_CASE("NUL behind the value", "{}\0",
                    "! syntax 1:3: wanted the end of the file, found \"\\u0000\"\n"),
        FORMAT_CASE("NUL for a value", "[\0]", "! syntax 1:2: " VALUE "found \"\\u0000\"\n"),
        FORMAT_CASE("a form feed is no blank", "[\f1]", "! syntax 1:2: " VALUE "found \"\\f\"\n"),
        FORMAT_CASE("nor is U+00A0", "[1\xc2\xa0]", "! syntax 1:3: " MORE_LIST "found \"\xc2\xa0\"\n"),
    };
    (void)state;
    CHECK_FORMAT_CASES(&cmr__format_json, cases);
}

static void refuses_what_others_allow(void **state)
{
    static const struct format_case cases[] = {
        FORMAT_CASE("a comment", "{ // x\n}", "! syntax 1:3: " KEY "found \"/\": JSON has no comments\n"),
        FORMAT_CASE("a block comment", "[1 /* x */]",
                    "! syntax 1:4: " MORE_LIST "found \"/\": JSON has no comments\n"),
        FORMAT_CASE("a shell comment", "# x\n{}",
                    "! syntax 1:1: " VALUE "found \"#\": JSON has no comments\n"),
        FORMAT_CASE("single quotes", "{'a':1}",
                    "! syntax 1:2: " KEY "found \"'\": JSON's quotes are double\n"),
        FORMAT_CASE("a slash that is none", "[/]", "! syntax 1:2: " VALUE "found \"/\"\n"),
        FORMAT_CASE("True", "[True]", "! syntax 1:2: " VALUE "found \"True\"\n"),
        FORMAT_CASE("None", "[None]", "! syntax 1:2: " VALUE "found \"None\"\n"),
        FORMAT_CASE("NULL", "[NULL]", "! syntax 1:2: " VALUE "found \"NULL\"\n"),
        FORMAT_CASE("nan", "[nan]", "! syntax 1:2: " VALUE "found \"nan\"\n"),
        FORMAT_CASE("NaN", "[NaN]", "! syntax 1:2: " VALUE "found \"NaN\"\n"),
        FORMAT_CASE("Infinity", "[Infinity]", "! syntax 1:2: " VALUE "found \"Infinity\"\n"),
        FORMAT_CASE("-Infinity", "[-Infinity]", "! syntax 1:3: wanted a digit, found \"Infinity\"\n"),
        FORMAT_CASE("a word cut short", "nul", "! syntax 1:1: " VALUE "found \"nul\"\n"),
        FORMAT_CASE("a word too long", "[truex]", "! syntax 1:6: " MORE_LIST "found \"x\"\n"),
        FORMAT_CASE("a long word", "[abcdefghijklmnopqrstuvwxyz]",
                    "! syntax 1:2: " VALUE "found \"abcdefghijklmnopqrst\xe2\x80\xa6\"\n"),
        FORMAT_CASE("a bare word", "hello", "! syntax 1:1: " VALUE "found \"hello\"\n"),
        FORMAT_CASE("YAML", "a: 1\n", "! syntax 1:1: " VALUE "found \"a\"\n"),
        FORMAT_CASE("a size without quotes", "{\"a\":10Mi}", "! syntax 1:8: " MORE_MAP "found \"Mi\"\n"),
    };
    (void)state;
    CHECK_FORMAT_CASES(&cmr__format_json, cases);
}

static void refuses_broken_numbers(void **state)
{
#define ZERO "a number with a leading zero\n"
    static const struct format_case cases[] = {
        FORMAT_CASE("a plus", "[+1]", "! syntax 1:2: " VALUE "found \"+1\"\n"),
        FORMAT_CASE("a minus", "[-]", "! syntax 1:3: wanted a digit, found \"]\"\n"),
        FORMAT_CASE("two", "[--1]", "! syntax 1:3: wanted a digit, found \"-1\"\n"),
        FORMAT_CASE("a minus at the end", "-", "! syntax 1:2: wanted a digit, " FOUND_END),
        FORMAT_CASE("a leading zero", "[012]", "! syntax 1:2: " ZERO),
        FORMAT_CASE("with a minus", "[-012]", "! syntax 1:3: " ZERO),
        FORMAT_CASE("two zeros", "[00]", "! syntax 1:2: " ZERO),
        FORMAT_CASE("before a point", "[01.5]", "! syntax 1:2: " ZERO),
        FORMAT_CASE("hexadecimal", "[0x1f]", "! syntax 1:3: " MORE_LIST "found \"x1f\"\n"),
        FORMAT_CASE("a point alone", "[1.]", "! syntax 1:4: wanted a digit, found \"]\"\n"),
        FORMAT_CASE("a point first", "[.5]", "! syntax 1:2: " VALUE "found \".5\"\n"),
        FORMAT_CASE("a point before an exponent", "[1.e1]", "! syntax 1:4: wanted a digit, found \"e1\"\n"),
        FORMAT_CASE("two points", "[1.2.3]", "! syntax 1:5: " MORE_LIST "found \".3\"\n"),
        FORMAT_CASE("an exponent without digits", "[1e]", "! syntax 1:4: wanted a digit, found \"]\"\n"),
        FORMAT_CASE("only a sign", "[1E+]", "! syntax 1:5: wanted a digit, found \"]\"\n"),
        FORMAT_CASE("two signs", "[1e+-1]", "! syntax 1:5: wanted a digit, found \"-1\"\n"),
        FORMAT_CASE("an exponent cut short", "1e", "! syntax 1:3: wanted a digit, " FOUND_END),
        FORMAT_CASE("groups", "[1_000]", "! syntax 1:3: " MORE_LIST "found \"_000\"\n"),
        FORMAT_CASE("other digits", "[\xd9\xa1]", "! syntax 1:2: " VALUE "found \"\xd9\xa1\"\n"),
    };
    (void)state;
    CHECK_FORMAT_CASES(&cmr__format_json, cases);
}

static void refuses_broken_strings(void **state)
{
#define HALF(unit) "\\u" unit " is half of a surrogate pair and wants its other half as \\uXXXX beside it\n"
#define ESCAPE "wanted one of \" \\ / b f n r t u after a backslash, "
#define DIGITS "wanted four hexadecimal digits after \\u, "
    static const struct format_case cases[] = {
        FORMAT_CASE("an open string", "[\"a", "! syntax 1:4: the file ends within a string\n"),
        FORMAT_CASE("a quote alone", "\"", "! syntax 1:2: the file ends within a string\n"),
        FORMAT_CASE("an open key", "{\"a\n", "! syntax 1:4: the line ends within a string\n"),
        FORMAT_CASE("CR", "\"a\rb\"", "! syntax 1:3: the line ends within a string\n"),
        FORMAT_CASE("a tab", "\"a\tb\"",
                    "! syntax 1:3: the byte 0x09 within a string, where it is written \\u0009\n"),
        FORMAT_CASE("NUL", "\"12345678\0\"",
                    "! syntax 1:10: the byte 0x00 within a string, where it is written \\u0000\n"),
        FORMAT_CASE("U+001F, behind others", "{\"\xc3\xa9\":\"\xe2\x82\xac\x1f\"}",
                    "! syntax 1:8: the byte 0x1f within a string, where it is written \\u001f\n"),
        FORMAT_CASE("U+001F among others",
                    "\"1234567\x1f"
                    "123456789\"",
                    "! syntax 1:9: the byte 0x1f within a string, where it is written \\u001f\n"),
        FORMAT_CASE("behind an escape", "\"\\n\x01\"",
                    "! syntax 1:4: the byte 0x01 within a string, where it is written \\u0001\n"),
        FORMAT_CASE("an unknown escape", "\"\\x41\"", "! syntax 1:3: " ESCAPE "found \"x41\"\n"),
        FORMAT_CASE("in a key", "{\"\\'\":1}",
                    "! syntax 1:4: " ESCAPE "found \"'\": JSON's quotes are double\n"),
        FORMAT_CASE("in upper case", "\"\\N\"", "! syntax 1:3: " ESCAPE "found \"N\"\n"),
        FORMAT_CASE("a character of many bytes", "\"\\\xc3\xa9\"",
                    "! syntax 1:3: " ESCAPE "found \"\xc3\xa9\"\n"),
        FORMAT_CASE("the line's end", "\"a\\\nb\"",
                    "! syntax 1:4: " ESCAPE "found \"\\n\"\n! syntax 1:4: the line ends within a string\n"),
        FORMAT_CASE("the file's end", "\"a\\",
                    "! syntax 1:4: " ESCAPE FOUND_END "! syntax 1:4: the file ends within a string\n"),
        FORMAT_CASE("an embedded NUL", "\"\\\0\"",
                    "! syntax 1:3: " ESCAPE "found \"\\u0000\"\n"
                    "! syntax 1:3: the byte 0x00 within a string, where it is written \\u0000\n"),
        FORMAT_CASE("no digits", "\"\\u\"", "! syntax 1:4: " DIGITS "found \"\\\"\"\n"),
        FORMAT_CASE("three digits", "\"\\u123 4\"", "! syntax 1:7: " DIGITS "found \" \"\n"),
        FORMAT_CASE("no digit", "\"\\u12g4\"", "! syntax 1:6: " DIGITS "found \"g4\"\n"),
        FORMAT_CASE("U in upper case", "\"\\U0041\"", "! syntax 1:3: " ESCAPE "found \"U0041\"\n"),
        FORMAT_CASE("cut short", "\"\\u00",
                    "! syntax 1:6: " DIGITS FOUND_END "! syntax 1:6: the file ends within a string\n"),
        FORMAT_CASE("a high surrogate", "\"a\\ud83d\"", "! syntax 1:3: " HALF("d83d")),
        FORMAT_CASE("a low one", "\"\\uDE00x\"", "! syntax 1:2: " HALF("de00")),
        FORMAT_CASE("the wrong way round", "\"\\ude00\\ud83d\"",
                    "! syntax 1:2: " HALF("de00") "! syntax 1:8: " HALF("d83d")),
        FORMAT_CASE("two high ones", "\"\\ud83d\\ud83d\\ude00\"", "! syntax 1:2: " HALF("d83d")),
        FORMAT_CASE(
            "and something else", "\"\\ud83d\\u0041\\ud83d\\n\\ud83d\\\\udc00\"",
            "! syntax 1:2: " HALF("d83d") "! syntax 1:14: " HALF("d83d") "! syntax 1:22: " HALF("d83d")),
        FORMAT_CASE("a pair cut short", "\"\\ud83d\\ude0\"",
                    "! syntax 1:2: " HALF("d83d") "! syntax 1:13: " DIGITS "found \"\\\"\"\n"),
        FORMAT_CASE("in a key", "{\"\\udfff\":1}", "! syntax 1:3: " HALF("dfff")),
    };
    (void)state;
    CHECK_FORMAT_CASES(&cmr__format_json, cases);
}

static void tells_all_that_is_wrong_with_escapes(void **state)
{
    static const struct format_case cases[] = {
        FORMAT_CASE("up to what ends the reading",
                    "{\"a\": \"C:\\dir\\x\",\n \"\xc3\xa9\": [\"\\u00zz\"],\n \"c\": }\n{",
                    "! syntax 1:11: " ESCAPE "found \"dir\"\n"
                    "! syntax 1:15: " ESCAPE "found \"x\"\n"
                    "! syntax 2:13: " DIGITS "found \"zz\"\n"
                    "! syntax 3:7: " VALUE "found \"}\"\n"),
        FORMAT_CASE("duplicates are told of a file that is JSON", "{\"a\":1,\"a\":\"\\q\"}",
                    "! syntax 1:14: " ESCAPE "found \"q\"\n"),
    };
    (void)state;
    CHECK_FORMAT_CASES(&cmr__format_json, cases);
}

static void refuses_duplicate_keys(void **state)
{
#define TWICE(key, line) "duplicate key " key ": it already stands on line " line "\n"
    static const struct format_case cases[] = {
        FORMAT_CASE("duplicates", "{\"a\":1,\n\"b\":2,\n\"a\":3}", "! syntax 3:1: " TWICE("\"a\"", "1")),
        FORMAT_CASE("of the same value", "{\"a\":1,\"a\":1}", "! syntax 1:8: " TWICE("\"a\"", "1")),
        FORMAT_CASE("spelled otherwise", "{\"ab\":1,\"\\u0061b\":2,\"a\\u0062\":3}",
                    "! syntax 1:9: " TWICE("\"ab\"", "1") "! syntax 1:21: " TWICE("\"ab\"", "1")),
        FORMAT_CASE("pairs and characters", "{\"\xf0\x9f\x98\x80\":1,\"\\ud83d\\ude00\":2}",
                    "! syntax 1:8: " TWICE("\"\xf0\x9f\x98\x80\"", "1")),
        FORMAT_CASE("with a NUL", "{\"a\\u0000\":1,\"a\\u0000\":2,\"a\":3}",
                    "! syntax 1:14: " TWICE("\"a\\u0000\"", "1")),
        FORMAT_CASE("empty", "{\"\":1,\"\":1}", "! syntax 1:7: " TWICE("\"\"", "1")),
        FORMAT_CASE("all are told", "[{\"a\":1,\"a\":{\"b\":1,\"b\":2}},\n{\"a\":1,\"a\":1}]",
                    "! syntax 1:9: " TWICE("\"a\"", "1") "! syntax 1:20: " TWICE(
                        "\"b\"", "1") "! syntax 2:8: " TWICE("\"a\"", "2")),
    };
    (void)state;
    CHECK_FORMAT_CASES(&cmr__format_json, cases);
}

static void tells_where_bytes_are_no_utf8(void **state)
{
#define NONE(byte) "the byte 0x" byte " is not UTF-8\n"
    static const struct format_case cases[] = {
        FORMAT_CASE("a lone byte", "{\"a\":\"\xff\"}", "! syntax 1:7: " NONE("ff")),
        FORMAT_CASE("Latin-1", "[\n\"M\xfcller\"]", "! syntax 2:3: " NONE("fc")),
        FORMAT_CASE("cut short by the end", "\"\xe2\x82", "! syntax 1:2: " NONE("e2")),
        FORMAT_CASE("a surrogate", "[\"\xed\xa0\x80\"]", "! syntax 1:3: " NONE("ed")),
        FORMAT_CASE("overlong", "[\"\xc0\xaf\"]", "! syntax 1:3: " NONE("c0")),
        FORMAT_CASE("beyond Unicode", "[\"\xf4\x90\x80\x80\"]", "! syntax 1:3: " NONE("f4")),
        FORMAT_CASE("behind characters of many bytes", "[\"\xc3\xa9\xf0\x9f\x98\x80\", \xff]",
                    "! syntax 1:8: " NONE("ff")),
        FORMAT_CASE("CRLF and CR", "[\r\n\r1,\xff]", "! syntax 3:3: " NONE("ff")),
        FORMAT_CASE("behind a byte order mark", "\xef\xbb\xbf[\xff]", "! syntax 1:2: " NONE("ff")),
        FORMAT_CASE("half a byte order mark", "\xef\xbb{}", "! syntax 1:1: " NONE("ef")),
        FORMAT_CASE("UTF-16", "\xff\xfe{\0}\0", "! syntax 1:1: " NONE("ff")),
        FORMAT_CASE("UTF-16 without its mark", "{\0}\0", "! syntax 1:2: " KEY "found \"\\u0000\"\n"),
        FORMAT_CASE("outside of strings", "{}\n\x80", "! syntax 2:1: " NONE("80")),
        FORMAT_CASE("it is told before all else", "{,\"\xff", "! syntax 1:4: " NONE("ff")),
    };
    (void)state;
    CHECK_FORMAT_CASES(&cmr__format_json, cases);
}

static void limits_keys(void **state)
{
    struct cmr__buffer raw = CMR__BUFFER_INIT;
    (void)state;
    for (int escaped = 0; escaped < 2; escaped++) {
        for (int over = 0; over < 2; over++) {
            cmr__buffer_append_text(&raw, escaped ? "{\"\\u006b" : "{\"k");
            for (int i = 1; i < UINT16_MAX + over; i++)
                cmr__buffer_append_char(&raw, 'k');
            cmr__buffer_append_text(&raw, "\":1}");
            char *text = format_text(&cmr__format_json, raw.data, raw.size, NULL);
            if (over)
                assert_string_equal(text, "! limit 1:2: more than 65535 bytes in one key\n");
            else
                assert_string_equal(text + UINT16_MAX, "=1 (int) @1:2\n");
            free(text);
            cmr__buffer_reset(&raw);
        }
    }
}

static void limits_depth_and_entries(void **state)
{
    char raw[256];
    cmr_limits limits = default_limits;
    (void)state;
    memset(raw, '[', 65);
    memset(raw + 65, ']', 65);
    char *text = format_text(&cmr__format_json, raw, 130, NULL); /* the root, and 64 levels below it */
    assert_int_equal(strlen(text), 64 * 3 + strlen("=[] @1:65\n"));
    free(text);
    memset(raw, '[', 66);
    text = format_text(&cmr__format_json, raw, 66, NULL);
    assert_string_equal(text, "! limit 1:66: more than 64 levels of nesting\n");
    free(text);

    limits.entries = 3;
    text = format_text(&cmr__format_json, "{\"a\":1,\"b\":{\"c\":1}}", 19, &limits);
    assert_string_equal(text, "a=1 (int) @1:2\nb.c=1 (int) @1:13\n");
    free(text);
    text = format_text(&cmr__format_json, "{\"a\":1,\"b\":{\"c\":1},\"d\":1}", 25, &limits);
    assert_string_equal(text, "! limit 1:20: more than 3 entries in one file, aliases expanded\n");
    free(text);
}

/* A mebibyte of each. */
static void stays_quick(void **state)
{
    static const struct {
        const char *name, *begin, *repeated, *expected;
    } cases[] = {
        { "lists", "", "[", "! limit 1:66: more than 64 levels of nesting\n" },
        { "maps", "", "{\"a\":", "! limit 1:322: more than 64 levels of nesting\n" },
        { "an open string", "\"", "x", "! syntax 1:1048577: the file ends" },
        { "an open string of many characters", "\"", "\xc3\xa9", "! syntax 1:524290: the file ends" },
        { "open quotes", "[", "\"", "! syntax 1:4: " MORE_LIST },
        { "escapes", "\"", "\\u00e9", "! syntax 1:1048580: the file ends" },
        { "unknown escapes", "\"", "\\q", "! syntax 1:3: " ESCAPE },
        { "half surrogates", "\"", "\\ud83d", "! syntax 1:2: \\ud83d is half" },
        { "a number", "", "9", "=9999" },
        { "an exponent", "1e", "0", "=1e00" },
        { "zeros", "", "0", "! syntax 1:1: " ZERO },
        { "blanks", "", " ", "! syntax 1:1048577: " VALUE FOUND_END },
        { "lines", "", "\r\n", "! syntax 524289:1: " VALUE FOUND_END },
        { "commas", "[", ",", "! syntax 1:2: " VALUE },
        { "empty maps", "[", "{},", "! limit 1:" },
        { "duplicates", "{\"a\":1", ",\"a\":1", "! syntax 1:1048579: " MORE_MAP FOUND_END },
        { "duplicates in a map that ends", "{\"a\":1", ",\"a\":1", "! syntax 1:8: duplicate key \"a\"" },
        { "NULs", "", NULL, "! syntax 1:1: " VALUE "found \"\\u0000\"\n" },
    };
    struct cmr__buffer raw = CMR__BUFFER_INIT;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct timespec begin, end;
        cmr__buffer_append_text(&raw, cases[i].begin);
        while (raw.size < 1 << 20) {
            if (cases[i].repeated)
                cmr__buffer_append_text(&raw, cases[i].repeated);
            else
                cmr__buffer_append_char(&raw, '\0');
        }
        if (strstr(cases[i].name, "that ends"))
            cmr__buffer_append_char(&raw, '}');
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
        char *text = format_text(&cmr__format_json, raw.data, raw.size, NULL);
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
        if (strncmp(text, cases[i].expected, strlen(cases[i].expected)) != 0)
            fail_msg("%s: read %.200s, wanted %s", cases[i].name, text, cases[i].expected);
        if (end.tv_sec - begin.tv_sec > 20) /* a second, under valgrind */
            fail_msg("%s: took %ld s", cases[i].name, (long)(end.tv_sec - begin.tv_sec));
        free(text);
        cmr__buffer_reset(&raw);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_broken_structure),
        cmocka_unit_test(refuses_what_others_allow),
        cmocka_unit_test(refuses_broken_numbers),
        cmocka_unit_test(refuses_broken_strings),
        cmocka_unit_test(tells_all_that_is_wrong_with_escapes),
        cmocka_unit_test(refuses_duplicate_keys),
        cmocka_unit_test(tells_where_bytes_are_no_utf8),
        cmocka_unit_test(limits_keys),
        cmocka_unit_test(limits_depth_and_entries),
        cmocka_unit_test(stays_quick),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
