/* SPDX-License-Identifier: MIT
 *
 * Environment files, rule by rule. That this is what kubectl does is the business of
 * tests/conformance/env_judge.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/format_text.h"

static void reads_lines(void **state)
{
    static const struct format_case cases[] = {
        FORMAT_CASE("an empty file", "", ""),
        FORMAT_CASE("a line", "A=1\n", "A=1 @1:1\n"),
        FORMAT_CASE("no newline at the end", "A=1\nB=2", "A=1 @1:1\nB=2 @2:1\n"),
        FORMAT_CASE("carriage returns", "A=1\r\nB=2\r", "A=1 @1:1\nB=2 @2:1\n"),
        FORMAT_CASE("only one of them", "A=1\r\r\n", "A=1\\r @1:1\n"),
        FORMAT_CASE("alone they end no line", "A=1\rB=2\n", "A=1\\rB=2 @1:1\n"),
        FORMAT_CASE("blank lines", "\n \t\v\f\r\n\nA=1\n\r\n", "A=1 @4:1\n"),
        FORMAT_CASE("comments", "#A=1\n  # B=2\nC=3\n#\n", "C=3 @3:1\n"),
        FORMAT_CASE("leading white space", " A=1\n\t\v\f\r B=2\n", "A=1 @1:2\nB=2 @2:6\n"),
        FORMAT_CASE("and Unicode's",
                    "\xc2\x85\u00a0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000A=1\n\u00a0#x\n\u00a0\n",
                    "A=1 @1:11\n"),
        FORMAT_CASE("a byte order mark", "\ufeffA=1\nB=2\n", "A=1 @1:1\nB=2 @2:1\n"),
        FORMAT_CASE("before a blank", "\ufeff A=1\n", "A=1 @1:2\n"),
        FORMAT_CASE("alone", "\ufeff", ""),
    };
    (void)state;
    CHECK_FORMAT_CASES(&cmr__format_env, cases);
}

static void takes_values_as_they_are(void **state)
{
    static const struct format_case cases[] = {
        FORMAT_CASE("empty", "A=\nB=", "A= @1:1\nB= @2:1\n"),
        FORMAT_CASE("blanks", "A= 1 \t\n", "A= 1 \\t @1:1\n"),
        FORMAT_CASE("quotes", "A=\"1\"\nB='2'\nC=\"\n", "A=\"1\" @1:1\nB='2' @2:1\nC=\" @3:1\n"),
        FORMAT_CASE("what looks like a comment", "A=1 # x\n", "A=1 # x @1:1\n"),
        FORMAT_CASE("backslashes", "A=\\n\\\nB=$A${A}\n", "A=\\\\n\\\\ @1:1\nB=$A${A} @2:1\n"),
        FORMAT_CASE("signs", "A=B=C\nD==\n", "A=B=C @1:1\nD== @2:1\n"),
        FORMAT_CASE("UTF-8", "A=日本 \n", "A=日本  @1:1\n"),
        FORMAT_CASE("a NUL byte",
                    "A=1\0"
                    "2\n",
                    "A=1\\0002 @1:1\n"),
    };
    (void)state;
    CHECK_FORMAT_CASES(&cmr__format_env, cases);
}

#define LETTERS "only letters, digits, '-', '_' and '.' are allowed, and no digit at the start\n"
#define DOTS "it must not be '.', nor begin with '..'\n"

static void checks_keys(void **state)
{
    static const struct format_case cases[] = {
        FORMAT_CASE("all that is allowed", "_-.azAZ09=1\n-=2\n.a=3\na.=4\n_=5\n",
                    "_-.azAZ09=1 @1:1\n-=2 @2:1\n.a=3 @3:1\na.=4 @4:1\n_=5 @5:1\n"),
        FORMAT_CASE("a key may begin another", "a=1\na.b=2\n", "a=1 @1:1\na.b=2 @2:1\n"),
        FORMAT_CASE("none", "=1\n", "! syntax 1:1: no valid key: \"\": " LETTERS),
        FORMAT_CASE("a digit at the start", "1A=1\n", "! syntax 1:1: no valid key: \"1A\": " LETTERS),
        FORMAT_CASE("a blank behind it", " A =1\n", "! syntax 1:2: no valid key: \"A \": " LETTERS),
        FORMAT_CASE("as shells have it", "export A=1\n",
                    "! syntax 1:1: no valid key: \"export A\": " LETTERS),
        FORMAT_CASE(
            "beside the letters", "@=1\n[=1\n`=1\n{=1\n/=1\n:=1\n",
            "! syntax 1:1: no valid key: \"@\": " LETTERS "! syntax 2:1: no valid key: \"[\": " LETTERS
            "! syntax 3:1: no valid key: \"`\": " LETTERS "! syntax 4:1: no valid key: \"{\": " LETTERS
            "! syntax 5:1: no valid key: \"/\": " LETTERS "! syntax 6:1: no valid key: \":\": " LETTERS),
        FORMAT_CASE("not ASCII", "é=1\n", "! syntax 1:1: no valid key: \"é\": " LETTERS),
        FORMAT_CASE("a NUL byte", "A\0=1\n", "! syntax 1:1: no valid key: \"A\\u0000\": " LETTERS),
        FORMAT_CASE("a byte order mark that is not the file's", "A=1\n\ufeffB=2\n",
                    "! syntax 2:1: no valid key: \"\ufeffB\": " LETTERS),
        FORMAT_CASE("dots", ".=1\n..=1\n..a=1\n",
                    "! syntax 1:1: no valid key: \".\": " DOTS "! syntax 2:1: no valid key: \"..\": " DOTS
                    "! syntax 3:1: no valid key: \"..a\": " DOTS),
    };
    (void)state;
    CHECK_FORMAT_CASES(&cmr__format_env, cases);
}

#define WITHOUT ": no = behind it: kubectl would take its value from the environment\n"

static void reports_all_that_is_wrong(void **state)
{
    static const struct format_case cases[] = {
        FORMAT_CASE("no sign", "A\nB=1\n  C\r\n",
                    "! syntax 1:1: \"A\"" WITHOUT "! syntax 3:3: \"C\"" WITHOUT),
        FORMAT_CASE("what is no key either", "not a key\n",
                    "! syntax 1:1: no valid key: \"not a key\": " LETTERS),
        FORMAT_CASE("equal keys", "A=1\nB=2\nA=1\n A=3\n",
                    "! syntax 3:1: duplicate key \"A\": it already stands on line 1\n"
                    "! syntax 4:2: duplicate key \"A\": it already stands on line 1\n"),
        FORMAT_CASE("case matters", "A=1\na=2\n", "A=1 @1:1\na=2 @2:1\n"),
        FORMAT_CASE("not UTF-8, each line", "A=\xff\xff\n#é\x80\n\xe2\x82",
                    "! syntax 1:3: the byte 0xff is not UTF-8\n! syntax 2:3: the byte 0x80 is not UTF-8\n"
                    "! syntax 3:1: the byte 0xe2 is not UTF-8\n"),
        FORMAT_CASE("everything", "A\n\xff\n1=2\n..=1\n",
                    "! syntax 1:1: \"A\"" WITHOUT "! syntax 2:1: the byte 0xff is not UTF-8\n"
                    "! syntax 3:1: no valid key: \"1\": " LETTERS
                    "! syntax 4:1: no valid key: \"..\": " DOTS),
    };
    (void)state;
    CHECK_FORMAT_CASES(&cmr__format_env, cases);
}

static void limits_a_key(void **state)
{
    char raw[300];
    (void)state;
    memset(raw, 'k', 254);
    strcpy(raw + 253, "=1\n");
    char *text = format_text(&cmr__format_env, raw, strlen(raw), NULL);
    assert_string_equal(text + 253, "=1 @1:1\n");
    free(text);

    memset(raw, 'k', 254);
    strcpy(raw + 254, "=1\n");
    text = format_text(&cmr__format_env, raw, strlen(raw), NULL);
    assert_non_null(strstr(text, "…\": it must be no longer than 253 characters\n"));
    free(text);
}

/* kubectl stops before a line of 64 KiB, and says nothing. */
static void reads_long_lines(void **state)
{
    enum {
        LONG = 200000
    };
    char *raw = malloc(LONG + 8);
    (void)state;
    assert_non_null(raw);
    memset(raw, 'v', LONG);
    memcpy(raw, "A=", 2);
    strcpy(raw + LONG, "\nB=2\n");
    char *text = format_text(&cmr__format_env, raw, strlen(raw), NULL);
    assert_string_equal(text + LONG, " @1:1\nB=2 @2:1\n");
    free(text);
    free(raw);
}

static void has_its_name_and_ending(void **state)
{
    (void)state;
    assert_ptr_equal(cmr__format_by_name("env"), &cmr__format_env);
    assert_ptr_equal(cmr__format_for_file(NULL, NULL, "app.env"), &cmr__format_env);
    assert_ptr_equal(cmr__format_for_file(NULL, NULL, ".env"), &cmr__format_env);
    assert_ptr_equal(cmr__format_for_file(NULL, NULL, "env"), &cmr__format_text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_lines),
        cmocka_unit_test(takes_values_as_they_are),
        cmocka_unit_test(checks_keys),
        cmocka_unit_test(reports_all_that_is_wrong),
        cmocka_unit_test(limits_a_key),
        cmocka_unit_test(reads_long_lines),
        cmocka_unit_test(has_its_name_and_ending),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
