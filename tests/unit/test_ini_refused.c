/* SPDX-License-Identifier: MIT
 *
 * INI: what is refused, and with which words at which place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/format_text.h"

#define WANTED "wanted KEY = VALUE or [SECTION], found "
#define UNFINISHED "this line ends with a \\, and the file with this line\n"

static void refuses_what_is_no_line(void **state)
{
    static const struct format_case cases[] = {
        FORMAT_CASE("no sign", "a=1\n b: 2 \n", "! syntax 2:2: " WANTED "\"b: 2\"\n"),
        FORMAT_CASE("a single character", "a", "! syntax 1:1: " WANTED "\"a\"\n"),
        FORMAT_CASE("no key", " = 1\n=\n",
                    "! syntax 1:2: no key before the =\n! syntax 2:1: no key before the =\n"),
        FORMAT_CASE("long, and shown in part",
                    "0123456789012345678901234567890123456789012345678901234567890123456789\n",
                    "! syntax 1:1: " WANTED
                    "\"012345678901234567890123456789012345678901234567890123456789…\"\n"),
        FORMAT_CASE("joined", "a\\\n  b\\\n", "! syntax 1:1: " UNFINISHED),
        FORMAT_CASE("joined, its first line blank", "\\\n\n\\\n  b\n", "! syntax 4:3: " WANTED "\"b\"\n"),
        FORMAT_CASE("joined, and wrong on the second line", "é=\"1\\\né\" x\n",
                    "! syntax 2:4: only a comment may stand behind a closing quote, found \"x\"\n"),
    };
    (void)state;
    CHECK_FORMAT_CASES(&cmr__format_ini, cases);
}

static void refuses_sections(void **state)
{
    static const struct format_case cases[] = {
        FORMAT_CASE("without an end", "[\n [a\n[b=c\n",
                    "! syntax 1:1: a section's name that no ] ends: \"[\"\n"
                    "! syntax 2:2: a section's name that no ] ends: \"[a\"\n"
                    "! syntax 3:1: a section's name that no ] ends: \"[b=c\"\n"),
        FORMAT_CASE("without a name", "[]\n[ \t]\n",
                    "! syntax 1:1: a section without a name\n! syntax 2:1: a section without a name\n"),
        FORMAT_CASE("a comment behind", "[a] ; b\n",
                    "! syntax 1:5: nothing may stand behind a section's ], found \"; b\"\n"),
        FORMAT_CASE("what would be a key", "[a] ; b=c\n",
                    "! syntax 1:5: nothing may stand behind a section's ], found \"; b=c\"\n"),
        FORMAT_CASE("what would be cut off", "[a]b]\n[]]\n[a][b]\n",
                    "! syntax 1:4: nothing may stand behind a section's ], found \"b]\"\n"
                    "! syntax 2:3: nothing may stand behind a section's ], found \"]\"\n"
                    "! syntax 3:4: nothing may stand behind a section's ], found \"[b]\"\n"),
        FORMAT_CASE("a name that a key has", "a=1\n[A]\nb=1\n",
                    "! syntax 2:2: duplicate key \"a\": it already stands on line 1\n"),
    };
    (void)state;
    CHECK_FORMAT_CASES(&cmr__format_ini, cases);
}

static void refuses_what_would_be_lost(void **state)
{
    static const struct format_case cases[] = {
        FORMAT_CASE("behind a closing quote", "a=\"1\" 2\nb='it's'\n",
                    "! syntax 1:7: only a comment may stand behind a closing quote, found \"2\"\n"
                    "! syntax 2:7: only a comment may stand behind a closing quote, found \"s'\"\n"),
        FORMAT_CASE("an opening quote", "a = \"1\nb='\nc='2\"\n",
                    "! syntax 1:5: a quote that is not closed: \"\\\"1\"\n"
                    "! syntax 2:3: a quote that is not closed: \"'\"\n"
                    "! syntax 3:3: a quote that is not closed: \"'2\\\"\"\n"),
        FORMAT_CASE("a key behind a comment", "; C:\\\n a=1\nb=2\n",
                    "! syntax 2:2: the comment before ends with a \\, which makes this part of it\n"),
        FORMAT_CASE("a section, and one behind it", "# \\\n[a] \\\nb=1\n",
                    "! syntax 2:1: the comment before ends with a \\, which makes this part of it\n"),
        FORMAT_CASE("a key that ends the file", "a=1\nb=2\\", "! syntax 2:1: " UNFINISHED),
        FORMAT_CASE("with a newline", "a=1\n [b]\\\n", "! syntax 2:2: " UNFINISHED),
    };
    (void)state;
    CHECK_FORMAT_CASES(&cmr__format_ini, cases);
}

static void refuses_equal_keys(void **state)
{
    static const struct format_case cases[] = {
        FORMAT_CASE("in a section", "[s]\na=1\nb=2\na=1\n",
                    "! syntax 4:1: duplicate key \"a\": it already stands on line 2\n"),
        FORMAT_CASE("at the root", "a=1\n a=2\n",
                    "! syntax 2:2: duplicate key \"a\": it already stands on line 1\n"),
        FORMAT_CASE("in another case", "[s]\nkey=1\nKEY=2\n",
                    "! syntax 3:1: duplicate key \"key\": it already stands on line 2\n"),
        FORMAT_CASE("in a section that goes on", "[s]\na=1\n[t]\na=2\n[S]\na=3\n",
                    "! syntax 6:1: duplicate key \"a\": it already stands on line 2\n"),
        FORMAT_CASE("not in different ones", "a=0\n[s]\na=1\n[t]\na=2\n",
                    "a=0 @1:1\ns.a=1 @3:1\nt.a=2 @5:1\n"),
    };
    (void)state;
    CHECK_FORMAT_CASES(&cmr__format_ini, cases);
}

static void refuses_bytes(void **state)
{
    static const struct format_case cases[] = {
        FORMAT_CASE("not UTF-8, each line", "a=é\xff\xff\n;\x80\n[\xed\xa0\x80]\nb=\xe2\x82",
                    "! syntax 1:4: the byte 0xff is not UTF-8\n! syntax 2:2: the byte 0x80 is not UTF-8\n"
                    "! syntax 3:2: the byte 0xed is not UTF-8\n! syntax 4:3: the byte 0xe2 is not UTF-8\n"),
        FORMAT_CASE("the marker that is fed",
                    "[\xff"
                    "0]\n\xff"
                    "1=2\n",
                    "! syntax 1:2: the byte 0xff is not UTF-8\n! syntax 2:1: the byte 0xff is not UTF-8\n"),
        FORMAT_CASE("NUL", "a=1\0\n\0\n# é\0\n[a\0b]\n",
                    "! syntax 1:4: a NUL byte\n! syntax 2:1: a NUL byte\n! syntax 3:4: a NUL byte\n"
                    "! syntax 4:3: a NUL byte\n"),
        FORMAT_CASE("in a joined line", "a=\\\n\0\\\n\xff\nb=1\n",
                    "! syntax 2:1: a NUL byte\n! syntax 3:1: the byte 0xff is not UTF-8\n"),
    };
    (void)state;
    CHECK_FORMAT_CASES(&cmr__format_ini, cases);
}

static void tells_all_of_it(void **state)
{
    static const char raw[] = "x\n[a\nk=\"v\n[b]\nk=1\n=\nlast=\\";
    char *text = format_text(&cmr__format_ini, raw, sizeof raw - 1, NULL);
    (void)state;
    assert_string_equal(text, "! syntax 1:1: " WANTED "\"x\"\n"
                              "! syntax 2:1: a section's name that no ] ends: \"[a\"\n"
                              "! syntax 3:3: a quote that is not closed: \"\\\"v\"\n"
                              "! syntax 6:1: no key before the =\n"
                              "! syntax 7:1: " UNFINISHED);
    free(text);
}

/* ---- long lines */

static char *read_line_of(size_t length, const char *before, const char *after)
{
    char *raw = malloc(strlen(before) + length + strlen(after) + 1);
    assert_non_null(raw);
    strcpy(raw, before);
    memset(raw + strlen(before), 'v', length);
    strcpy(raw + strlen(before) + length, after);
    char *text = format_text(&cmr__format_ini, raw, strlen(raw), NULL);
    free(raw);
    return text;
}

static void check_long(size_t length, const char *before, const char *after, const char *expected)
{
    char *text = read_line_of(length, before, after);
    assert_string_equal(text, expected);
    free(text);
}

static void reads_the_longest_lines(void **state)
{
    static const char *const afters[] = { "\nb=1\n", "\r\nb=1\n", "   \t\nb=1\n" };
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        size_t behind = (size_t)(strchr(afters[i], '\n') - afters[i]);
        char *text = read_line_of(1022 - 2 - behind, "a=", afters[i]);
        assert_string_equal(text + 1022 - behind, " @1:1\nb=1 @2:1\n");
        free(text);
    }
    check_long(1021, "b=1\n;", "", "b=1 @1:1\n");
    char *text = read_line_of(1020, "[", "]\na=1");
    assert_string_equal(text + 1020, ".a=1 @2:1\n");
    free(text);
    text = read_line_of(1010, "a=12\\\n3456\\\n78", "");
    assert_string_equal(text + 1020, " @1:1\n");
    free(text);
}

static void refuses_longer_lines(void **state)
{
    (void)state;
    check_long(1021, "a=1\nb=", "\nc=1\n", "! limit 2:1: a line of 1023 bytes, at most 1022 are possible\n");
    check_long(1020, "b=", "\r\nc=1\n", "! limit 1:1: a line of 1023 bytes, at most 1022 are possible\n");
    check_long(1022, "  ;", "", "! limit 1:3: a line of 1025 bytes, at most 1022 are possible\n");
    check_long(5000, "[s]\n b=", "\nc\n",
               "! limit 2:2: a line of 5003 bytes, at most 1022 are possible\n! syntax 3:1: " WANTED
               "\"c\"\n");
    check_long(1022, "a=\\\n", "\nb=1",
               "! limit 1:1: a line of 1024 bytes, continued ones joined, at most 1022 are possible\n");
    check_long(2000, "a=\\\n", "\\\n=\nb",
               "! limit 1:1: a line of 2004 bytes, continued ones joined, at most 1022 are possible\n"
               "! syntax 4:1: " WANTED "\"b\"\n");
}

/* A million bytes of any of these take no more than linear time. */
static void refuses_hostile_files(void **state)
{
    static const char *const units[] = { "[\n",   "=\n",      "\\\n", " \\\n", "x\\\n", "a=\"\\\n",
                                         "#\\\n", "#\\\na\n", "]",    "[",     "a\n" };
    char *raw = malloc(1 << 20);
    (void)state;
    assert_non_null(raw);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        size_t size = strlen(units[i]);
        for (size_t at = 0; at + size <= 1 << 20; at += size)
            memcpy(raw + at, units[i], size);
        free(format_text(&cmr__format_ini, raw, ((1 << 20) / size) * size, NULL));
    }
    for (size_t at = 0; at + 3 <= 1 << 20; at += 3)
        memcpy(raw + at, "\0\\\n", 3);
    free(format_text(&cmr__format_ini, raw, 1 << 20, NULL));
    free(raw);
}

static void limits_entries(void **state)
{
    static const cmr_limits limits = {
        .file_size = 1 << 20, .generation_size = 1 << 20, .files = 1, .depth = 64, .entries = 4
    };
    (void)state;
    char *text = format_text(&cmr__format_ini, "a=1\n[s]\nb=2\nc=3\n", 16, &limits);
    assert_string_equal(text, "a=1 @1:1\ns.b=2 @3:1\ns.c=3 @4:1\n");
    free(text);
    text = format_text(&cmr__format_ini, "a=1\n[s]\nb=2\nc=3\nd=4\n", 20, &limits);
    assert_string_equal(text, "! limit 5:1: more than 4 sections and keys in one file\n");
    free(text);
    text = format_text(&cmr__format_ini, "[s]\n[s]\n[s]\n[s]\n[s]\nd\n", 22, &limits); /* begun again */
    assert_string_equal(text, "! limit 5:2: more than 4 sections and keys in one file\n");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_is_no_line),
        cmocka_unit_test(refuses_sections),
        cmocka_unit_test(refuses_what_would_be_lost),
        cmocka_unit_test(refuses_equal_keys),
        cmocka_unit_test(refuses_bytes),
        cmocka_unit_test(tells_all_of_it),
        cmocka_unit_test(reads_the_longest_lines),
        cmocka_unit_test(refuses_longer_lines),
        cmocka_unit_test(refuses_hostile_files),
        cmocka_unit_test(limits_entries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
