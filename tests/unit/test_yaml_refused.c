/* SPDX-License-Identifier: MIT
 *
 * What YAML files are refused for, and where the diagnostic points; and input that is meant to cost much. */
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

static void refuses_what_no_configuration_means(void **state)
{
#define SECOND "a second document: a configuration file holds one\n"
#define TWICE(key, line) "duplicate key " key ": it already stands on line " line "\n"
    static const struct format_case cases[] = {
        FORMAT_CASE("two documents", "a: 1\n---\nb: 2\n", "! syntax 2:1: " SECOND),
        FORMAT_CASE("two, the second empty", "a: 1\n---\n", "! syntax 2:1: " SECOND),
        FORMAT_CASE("two, the first empty", "---\n---\na: 1\n", "! syntax 2:1: " SECOND),
        FORMAT_CASE("two with an end", "a: 1\n...\n---\nb: 1\n", "! syntax 3:1: " SECOND),
        FORMAT_CASE("duplicate keys", "a: 1\nb: 2\na: 3\n", "! syntax 3:1: " TWICE("\"a\"", "1")),
        FORMAT_CASE("spelled otherwise", "ab: 1\n'ab': 2\n\"a\\x62\": 3\n",
                    "! syntax 2:1: " TWICE("\"ab\"", "1") "! syntax 3:1: " TWICE("\"ab\"", "1")),
        FORMAT_CASE("of different types", "1: a\n\"1\": b\n", "! syntax 2:1: " TWICE("\"1\"", "1")),
        FORMAT_CASE("in flow style", "{a: 1, b: {c: 1, c: {d: 1}}}", "! syntax 1:18: " TWICE("\"c\"", "1")),
        FORMAT_CASE("all are told", "a: 1\na: 1\nb:\n  c: 1\n  c: 1\na: 1\n",
                    "! syntax 2:1: " TWICE("\"a\"", "1") "! syntax 5:3: " TWICE(
                        "\"c\"", "4") "! syntax 6:1: " TWICE("\"a\"", "1")),
        FORMAT_CASE("shown safely", "\"a\\nb\\e\": 1\n\"a\\nb\\e\": 2\n",
                    "! syntax 2:1: " TWICE("\"a\\nb\\u001b\"", "1")),
        FORMAT_CASE("empty keys", "'': 1\n\"\": 2\n", "! syntax 2:1: " TWICE("\"\"", "1")),
        FORMAT_CASE("the same key elsewhere is none", "a: {b: 1}\nb: {b: 1}\nc: [{b: 1}, {b: 1}]\n",
                    "a.b=1 (int) @1:5\nb.b=1 (int) @2:5\nc[0].b=1 (int) @3:6\nc[1].b=1 (int) @3:14\n"),
        FORMAT_CASE("a list as a key", "? [a]\n: 1\n",
                    "! syntax 1:3: a list as a key: a key must be a scalar\n"),
        FORMAT_CASE(
            "a file that ends too early", "a: 1\nx: [",
            "! syntax 2:5: did not find expected node content (while parsing a flow node that began on "
            "line 2)\n"),
        FORMAT_CASE(
            "and one that ends in a line break of YAML 1.1", "a: 1\nx: [\xe2\x80\xa8",
            "! syntax 3:1: did not find expected node content (while parsing a flow node that began on "
            "line 3)\n"),
        FORMAT_CASE(
            "and one whose last line begins behind one", "a: 1\xc2\x85x: [",
            "! syntax 2:5: did not find expected node content (while parsing a flow node that began on "
            "line 2)\n"),
        FORMAT_CASE("a map as a key", "{{a: 1}: 1}",
                    "! syntax 1:2: a map as a key: a key must be a scalar\n"),
    };
    (void)state;
    CHECK_FORMAT_CASES(&cmr__format_yaml, cases);
}

static void refuses_what_is_no_yaml(void **state)
{
    static const struct format_case cases[] = {
        FORMAT_CASE("an open list", "a: [1,\nb: 2\n",
                    "! syntax 3:1: did not find expected ',' or ']' (while parsing a flow sequence that "
                    "began on line 1)\n"),
        FORMAT_CASE("an open quote", "a: \"x\nb: 1\n",
                    "! syntax 3:1: found unexpected end of stream (while scanning a quoted scalar that began "
                    "on line 1)\n"),
        FORMAT_CASE(
            "indented by a tab", "a:\n\tb: 1\n",
            "! syntax 2:1: found character that cannot start any token (while scanning for the next token "
            "that began on line 2)\n"),
        FORMAT_CASE("a value and a map", "a: 1\n  b: 2\n",
                    "! syntax 2:4: mapping values are not allowed in this context\n"),
        FORMAT_CASE(
            "less indented", "a:\n    b: 1\n  c: 2\n",
            "! syntax 3:3: did not find expected key (while parsing a block mapping that began on line 1)\n"),
        FORMAT_CASE(
            "a reserved character", "a: @x\n",
            "! syntax 1:4: found character that cannot start any token (while scanning for the next token "
            "that began on line 1)\n"),
        FORMAT_CASE("another version", "%YAML 2.0\n---\na: 1\n",
                    "! syntax 1:1: found incompatible YAML document\n"),
        FORMAT_CASE("an unknown escape", "a: 1\nb: \"\\q\"\n",
                    "! syntax 2:5: found unknown escape character (while parsing a quoted scalar that began "
                    "on line 2)\n"),
    };
    (void)state;
    CHECK_FORMAT_CASES(&cmr__format_yaml, cases);
}

static void tells_where_bytes_are_wrong(void **state)
{
#define CONTROL "control characters are not allowed\n"
#define OCTET "invalid leading UTF-8 octet\n"
    static const struct format_case cases[] = {
        FORMAT_CASE("a control character", "a: 1\nb: x\x01y\n", "! syntax 2:5: " CONTROL),
        FORMAT_CASE("a NUL", "a: 1\nb: \0\n", "! syntax 2:4: " CONTROL),
        FORMAT_CASE("DEL", "a: \x7f", "! syntax 1:4: " CONTROL),
        FORMAT_CASE("in a comment", "# \x1b[31m\na: 1\n", "! syntax 1:3: " CONTROL),
        FORMAT_CASE("behind characters of many bytes", "\xc3\xa9: \xf0\x9f\x98\x80 \x02\n",
                    "! syntax 1:6: " CONTROL),
        FORMAT_CASE("behind a byte order mark",
                    "\xef\xbb\xbf"
                    "a: \x01\n",
                    "! syntax 1:4: " CONTROL),
        FORMAT_CASE("behind one, on the second line",
                    "\xef\xbb\xbf"
                    "a: 1\nb: \x01\n",
                    "! syntax 2:4: " CONTROL),
        FORMAT_CASE("not UTF-8", "a: 1\n  \xff\n", "! syntax 2:3: " OCTET),
        FORMAT_CASE("cut short", "a: \xc3\n", "! syntax 1:4: invalid trailing UTF-8 octet\n"),
        FORMAT_CASE("cut short by the end", "a: x\xe2\x82",
                    "! syntax 1:5: incomplete UTF-8 octet sequence\n"),
        FORMAT_CASE("a surrogate", "a: \xed\xa0\x80", "! syntax 1:4: invalid Unicode character\n"),
        FORMAT_CASE("overlong", "a: \xc0\xaf", "! syntax 1:4: invalid length of a UTF-8 sequence\n"),
        FORMAT_CASE("CRLF", "a: 1\r\nb: 2\r\nc: \xff\r\n", "! syntax 3:4: " OCTET),
        FORMAT_CASE("CR", "a: 1\rb: 2\rc: \xff\r", "! syntax 3:4: " OCTET),
        FORMAT_CASE("behind line breaks of YAML 1.1", "a: 1\xc2\x85\xe2\x80\xa8\xe2\x80\xa9 b: \xff\n",
                    "! syntax 4:5: " OCTET),
        FORMAT_CASE("Latin-1", "name: M\xfcller\n", "! syntax 1:8: " OCTET),
        FORMAT_CASE("in UTF-16 the place is not told",
                    "\xff\xfe"
                    "a\0:\0 \0\0\xdf",
                    "! syntax 0:0: unexpected low surrogate area\n"),
    };
    (void)state;
    CHECK_FORMAT_CASES(&cmr__format_yaml, cases);
}

static void limits_keys(void **state)
{
    struct cmr__buffer raw = CMR__BUFFER_INIT;
    (void)state;
    for (int over = 0; over < 2; over++) {
        cmr__buffer_append_text(&raw, "? ");
        for (int i = 0; i < UINT16_MAX + over; i++)
            cmr__buffer_append_char(&raw, 'k');
        cmr__buffer_append_text(&raw, "\n: 1\n");
        char *text = format_text(&cmr__format_yaml, raw.data, raw.size, NULL);
        if (over)
            assert_string_equal(text, "! limit 1:3: more than 65535 bytes in one key\n");
        else
            assert_string_equal(text + UINT16_MAX, "=1 (int) @1:3\n");
        free(text);
        cmr__buffer_reset(&raw);
    }
}

static void limits_depth_and_entries(void **state)
{
    char raw[256];
    cmr_limits limits = default_limits;
    (void)state;
    memset(raw, '[', 65);
    memset(raw + 65, ']', 65);
    char *text = format_text(&cmr__format_yaml, raw, 130, NULL); /* the root, and 64 levels below it */
    assert_int_equal(strlen(text), 64 * 3 + strlen("=[] @1:65\n"));
    free(text);
    memset(raw, '[', 66);
    text = format_text(&cmr__format_yaml, raw, 66, NULL);
    assert_string_equal(text, "! limit 1:66: more than 64 levels of nesting\n");
    free(text);

    limits.entries = 3;
    text = format_text(&cmr__format_yaml, "a: 1\nb: {c: 1}\n", 15, &limits);
    assert_string_equal(text, "a=1 (int) @1:1\nb.c=1 (int) @2:5\n");
    free(text);
    text = format_text(&cmr__format_yaml, "a: 1\nb: {c: 1}\nd: 1\n", 20, &limits);
    assert_string_equal(text, "! limit 3:1: more than 3 entries in one file, aliases expanded\n");
    free(text);
}

struct hostile_case {
    const char *name, *begin, *repeated, *expected;
};

/* A mebibyte of each. */
static void stays_quick(void **state)
{
#define DEEP "more than 64 levels of nesting\n"
    static const struct hostile_case cases[] = {
        { "lists", "", "[", "! limit 1:66: " DEEP },
        { "maps", "", "{\"a\":", "! limit 1:322: " DEEP },
        { "lists in block style", "", "- ", "! limit 1:131: " DEEP },
        { "explicit keys", "", "? ", "! syntax 1:3: a map as a key" },
        { "aliases in their anchors", "", "&a [*a, ", "! syntax 1:5: alias *a stands inside" },
        { "one line", "a: ", "x", "a=xxxx" },
        { "one line in quotes", "a: \"", "\\x41", "! syntax 1:" },
        { "blank lines in quotes", "a: \"", "\n", "! syntax 150001:1: " },
        { "a comment", "#", "x", "" },
        { "blank lines", "", "\n", "" },
        { "a block", "a: |\n", " x\n", "a=x\\nx\\n" },
        { "duplicates", "", "a: 1\n", "! syntax 2:1: duplicate key \"a\": it already stands on line 1\n" },
        { "duplicates in flow style", "{", "a,", "! syntax 1:" },
        { "empty maps", "[", "{},", "! syntax 1:" },
        { "open quotes", "", "'", "" },
        { "commas", "[", ",", "! syntax 1:2: " },
        { "anchors", "", "&a ", "! syntax 1:4: " },
        { "tags", "", "!!str ", "! syntax 1:7: " },
        { "tag directives", "", "%TAG !a! x\n", "! syntax 101:1: more than 100 %TAG directives\n" },
        { "colons", "", ": ", "! syntax 1:" },
        { "tabs", "a: 1\n", "\t", "" },
    };
    struct cmr__buffer raw = CMR__BUFFER_INIT;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct timespec begin, end;
        cmr__buffer_append_text(&raw, cases[i].begin);
        for (size_t n = 0; n < 150000 && raw.size < 1 << 20; n++)
            cmr__buffer_append_text(&raw, cases[i].repeated);
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
        char *text = format_text(&cmr__format_yaml, raw.data, raw.size, NULL);
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
        if (strncmp(text, cases[i].expected, strlen(cases[i].expected)) != 0)
            fail_msg("%s: read %.200s, wanted %s", cases[i].name, text, cases[i].expected);
        if (end.tv_sec - begin.tv_sec > 20) /* a second, under valgrind */
            fail_msg("%s: took %ld s", cases[i].name, (long)(end.tv_sec - begin.tv_sec));
        free(text);
        cmr__buffer_reset(&raw);
    }
}

/* Any bytes: no crash, no leak, no read beyond the end; and what is refused has a diagnostic. */
static void survives_random_bytes(void **state)
{
    static const char *const pieces[] = { "a",    "b",     ":",     ": ",       "\n",   "\n  ", "- ",
                                          "[",    "]",     "{",     "}",        ",",    "&x ",  "*x",
                                          "<<: ", "'",     "\"",    "|\n",      ">",    "#",    "!!str ",
                                          "? ",   "1",     "---\n", "\xc3\xa9", "\xff", "\t",   "\\",
                                          "%",    "...\n", "\r\n",  "~",        "\x01" };
    uint32_t seed = 1;
    (void)state;
    for (int round = 0; round < 20000; round++) {
        char raw[256] = "";
        for (int i = 0; i < 24; i++) {
            seed = seed * 1664525 + 1013904223;
            strcat(raw, pieces[(seed >> 8) % (round % 4 ? 23 : sizeof pieces / sizeof *pieces)]);
        }
        free(format_text(&cmr__format_yaml, raw, strlen(raw), NULL));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_no_configuration_means),
        cmocka_unit_test(refuses_what_is_no_yaml),
        cmocka_unit_test(tells_where_bytes_are_wrong),
        cmocka_unit_test(limits_keys),
        cmocka_unit_test(limits_depth_and_entries),
        cmocka_unit_test(stays_quick),
        cmocka_unit_test(survives_random_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
