/* SPDX-License-Identifier: MIT
 *
 * The properties grammar, rule by rule. What a file reads as is written as document_text() does it,
 * what is wrong with it as "! STATUS LINE:COLUMN: MESSAGE". That all of this is what Java does is the
 * business of tests/conformance/properties_judge.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/diagnostic.h"
#include "format/format.h"
#include "support/document_text.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof *(array))

struct read_case {
    const char *name;
    const char *raw;
    size_t length;
    const char *expected;
};

/* For raw bytes that are a literal, which may hold NUL bytes. */
#define CASE(name, raw, expected)                                                                            \
    {                                                                                                        \
        name, raw, sizeof(raw) - 1, expected                                                                 \
    }

static const cmr_limits limits = {
    .file_size = 1 << 30, .generation_size = 1 << 30, .files = 1, .depth = 64, .entries = 200000
};

/* A copy of just that size, so that a sanitizer sees a read beyond the NUL. */
static char *copy_raw(const char *raw, size_t length)
{
    char *copy = malloc(length + 1);
    assert_non_null(copy);
    memcpy(copy, raw, length);
    copy[length] = '\0';
    return copy;
}

static char *report_text(cmr_report *report)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    cmr__report_finish(report);
    for (size_t i = 0; i < cmr_report_count(report); i++) {
        const cmr_diagnostic *diagnostic = cmr_report_get(report, i);
        const char *status = diagnostic->status == CMR_ERR_SYNTAX ? "syntax" : "limit";
        fprintf(out, "! %s %u:%u: %s\n", status, diagnostic->line, diagnostic->column, diagnostic->message);
    }
    fclose(out);
    return text;
}

static char *read_as_text(const char *raw, size_t length)
{
    char *copy = copy_raw(raw, length);
    cmr_report *report = cmr__report_new();
    cmr__document *document = NULL;
    assert_non_null(report);
    cmr_status status =
        cmr__format_parse(&cmr__format_properties, "a.properties", copy, length, &limits, report, &document);
    char *text = status == CMR_OK ? document_text(document) : report_text(report);
    assert_int_equal(status == CMR_OK, cmr__report_is_empty(report));
    cmr__document_unref(document);
    cmr_report_free(report);
    free(copy);
    return text;
}

static void check_cases(const struct read_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char *text = read_as_text(cases[i].raw, cases[i].length);
        if (strcmp(text, cases[i].expected) != 0)
            fail_msg("%s: read\n%swanted\n%s", cases[i].name, text, cases[i].expected);
        free(text);
    }
}

static void reads_natural_lines(void **state)
{
    static const struct read_case cases[] = {
        CASE("an empty file", "", ""),
        CASE("blanks only", " \t\f", ""),
        CASE("blank lines only", "\n \r\n\t\r\f\n\n", ""),
        CASE("no terminator at the end", "a=1", "a=1 @1:1\n"),
        CASE("line feeds", "a=1\nb=2\n", "a=1 @1:1\nb=2 @2:1\n"),
        CASE("carriage returns", "a=1\rb=2\r", "a=1 @1:1\nb=2 @2:1\n"),
        CASE("both", "a=1\r\nb=2\r\n", "a=1 @1:1\nb=2 @2:1\n"),
        CASE("both is one line, the other way round is two", "a=1\r\nb=2\n\rc=3",
             "a=1 @1:1\nb=2 @2:1\nc=3 @4:1\n"),
        CASE("blank lines between", "a=1\n\n \t\f\nb=2", "a=1 @1:1\nb=2 @4:1\n"),
        CASE("leading blanks", " a=1\n\t\f b=2", "a=1 @1:2\nb=2 @2:4\n"),
        CASE("a vertical tab is no blank", "\va=1", "\\013a=1 @1:1\n"),
        CASE("a no-break space is no blank", "\u00a0a\u00a0b=1", "\u00a0a\u00a0b=1 @1:1\n"),
        CASE("a next-line character ends no line", "a=1\xc2\x85x=2", "a=1\xc2\x85x=2 @1:1\n"),
    };
    (void)state;
    check_cases(cases, ARRAY_SIZE(cases));
}

static void skips_comments(void **state)
{
    static const struct read_case cases[] = {
        CASE("hash", "#a=1\nb=2", "b=2 @2:1\n"),
        CASE("exclamation mark", "!a=1\rb=2", "b=2 @2:1\n"),
        CASE("after blanks", " \t\f#a=1\r\n  !\nb=2", "b=2 @3:1\n"),
        CASE("the last line", "a=1\n#b=2", "a=1 @1:1\n"),
        CASE("is never continued", "#a=1\\\nb=2", "b=2 @2:1\n"),
        CASE("holds anything", "# \\u12 \\ud83d \0 x\nb=2", "b=2 @2:1\n"),
        CASE("not behind a key", "a#b=1 #c\nd!=!", "a#b=1 #c @1:1\nd!=! @2:1\n"),
        CASE("not in a continuation", "a=1\\\n#b", "a=1#b @1:1\n"),
        CASE("in what continues nothing", "\\\n#a=1\nb=2", "b=2 @3:1\n"),
        CASE("an escaped sign begins a key", "\\#a=1\n\\!b=2", "#a=1 @1:1\n!b=2 @2:1\n"),
    };
    (void)state;
    check_cases(cases, ARRAY_SIZE(cases));
}

static void splits_key_from_value(void **state)
{
    static const struct read_case cases[] = {
        CASE("equals sign", "a=1", "a=1 @1:1\n"),
        CASE("colon", "a:1", "a=1 @1:1\n"),
        CASE("blanks", "a 1\nb\t2\nc\f3\nd \t\f4", "a=1 @1:1\nb=2 @2:1\nc=3 @3:1\nd=4 @4:1\n"),
        CASE("blanks around a sign", "a \t=\f 1\nb : 2", "a=1 @1:1\nb=2 @2:1\n"),
        CASE("only one sign", "a==1\nb=:2\nc : = 3", "a==1 @1:1\nb=:2 @2:1\nc== 3 @3:1\n"),
        CASE("trailing blanks belong to the value", "a=1 \t\n", "a=1 \\t @1:1\n"),
        CASE("no value", "a\nb=\nc: \nd ", "a= @1:1\nb= @2:1\nc= @3:1\nd= @4:1\n"),
        CASE("no key", "=1", "=1 @1:1\n"),
        CASE("no key, by a colon", "  :1", "=1 @1:3\n"),
        CASE("nothing but a sign", "=", "= @1:1\n"),
        CASE("escaped signs and blanks", "a\\=b\\:c\\ d\\\te\\\ff=1", "a=b:c d\\te\\014f=1 @1:1\n"),
        CASE("an escaped backslash does not escape a sign", "a\\\\=1", "a\\\\=1 @1:1\n"),
        CASE("an escaped sign behind a blank begins the value", "a \\=1", "a==1 @1:1\n"),
        CASE("an escaped blank keeps a value's leading blanks", "a=\\  1", "a=  1 @1:1\n"),
        CASE("the handbook's", "enemies=aliens\nenemies.cheat=true\n",
             "enemies=aliens @1:1\nenemies.cheat=true @2:1\n"),
    };
    (void)state;
    check_cases(cases, ARRAY_SIZE(cases));
}

static void joins_continued_lines(void **state)
{
    static const struct read_case cases[] = {
        CASE("in a value", "a=1\\\n2", "a=12 @1:1\n"),
        CASE("carriage return", "a=1\\\r2\\\r\n3\rb=4", "a=123 @1:1\nb=4 @4:1\n"),
        CASE("leading blanks go, blanks before stay", "a=1 \\\n \t\f2", "a=1 2 @1:1\n"),
        CASE("in a key", "a\\\n  b=1", "ab=1 @1:1\n"),
        CASE("before the sign", "a\\\n = \\\n 1", "a=1 @1:1\n"),
        CASE("behind a blank the sign is still to come", "a \\\n=1", "a=1 @1:1\n"),
        CASE("behind the sign there is none to come", "a=\\\n=1", "a==1 @1:1\n"),
        CASE("several", "a=\\\n\\\n  \\\n1", "a=1 @1:1\n"),
        CASE("an even number of backslashes does not", "a=1\\\\\nb=2", "a=1\\\\ @1:1\nb=2 @2:1\n"),
        CASE("an odd number does", "a=1\\\\\\\nb=2", "a=1\\\\b=2 @1:1\n"),
        CASE("a blank line ends it", "a=1\\\n\nb=2", "a=1 @1:1\nb=2 @3:1\n"),
        CASE("a line of blanks ends it", "a=1\\\n \t\r\nb=2", "a=1 @1:1\nb=2 @3:1\n"),
        CASE("a backslash before a blank is an escape", "a=1\\ \nb=2", "a=1  @1:1\nb=2 @2:1\n"),
        CASE("the next property's line", "a=\\\n1\\\n2\nb=3", "a=12 @1:1\nb=3 @4:1\n"),
        CASE("nothing to continue", "\\\n  a=1", "a=1 @2:3\n"),
        CASE("a blank line behind nothing", "\\\n\n a=1", "a=1 @3:2\n"),
    };
    (void)state;
    check_cases(cases, ARRAY_SIZE(cases));
}

/* What OpenJDK does, and its documentation leaves open. */
static void ends_as_java_does(void **state)
{
    static const struct read_case cases[] = {
        CASE("a backslash ends the file", "a=1\\", "a=1 @1:1\n"),
        CASE("in a key", "a\\", "a= @1:1\n"),
        CASE("a continuation ends the file", "a=1\\\n", "a=1 @1:1\n"),
        CASE("with blanks", "a=1\\\r\n  ", "a=1 @1:1\n"),
        CASE("three backslashes", "a=1\\\\\\", "a=1\\\\ @1:1\n"),
        CASE("a backslash is the file", "\\", "= @1:1\n"),
        CASE("with its line feed", " \\\n", "= @1:2\n"),
        CASE("with its carriage return", "\\\r", "= @1:1\n"),
        CASE("but not with both", "\\\r\n", ""),
        CASE("nor with a blank", "\\\n ", ""),
        CASE("twice", "\\\n\\", "= @2:1\n"),
    };
    (void)state;
    check_cases(cases, ARRAY_SIZE(cases));
}

static void decodes_escapes(void **state)
{
    static const struct read_case cases[] = {
        CASE("control characters", "a=\\t\\n\\r\\f", "a=\\t\\n\\r\\014 @1:1\n"),
        CASE("in a key", "\\ta\\nb=1", "\\ta\\nb=1 @1:1\n"),
        CASE("any other stands for itself", "a=\\a\\b\\\"\\'\\0\\x\\U\\\\", "a=ab\"'0xU\\\\ @1:1\n"),
        CASE("a character of many bytes", "a=\\é\\😀", "a=é😀 @1:1\n"),
        CASE("unicode", "a=\\u0041\\u00e9\\u20AC", "a=Aé€ @1:1\n"),
        CASE("unicode in a key, which it does not end", "a\\u003db\\u0020c=1", "a=b c=1 @1:1\n"),
        CASE("unicode, and digits behind", "a=\\u00411", "a=A1 @1:1\n"),
        CASE("a decoded backslash escapes nothing", "a=\\u005cn", "a=\\\\n @1:1\n"),
        CASE("unicode NUL", "a=\\u0000b", "a=\\000b @1:1\n"),
        CASE("a surrogate pair", "a=\\uD83D\\uDE00", "a=😀 @1:1\n"),
        CASE("the first and the last pair", "a=\\ud800\\udc00\\udbff\\udfff",
             "a=\xf0\x90\x80\x80\xf4\x8f\xbf\xbf @1:1\n"),
        CASE("continued in its digits", "a=\\u00\\\n  41", "a=A @1:1\n"),
        CASE("continued in a pair", "a=\\ud83d\\\n \\ude00", "a=😀 @1:1\n"),
        CASE("key and value", "\\u0041b=c\\u0042\nd=e", "Ab=cB @1:1\nd=e @2:1\n"),
        CASE("key only", "\\u0041b=c", "Ab=c @1:1\n"),
    };
    (void)state;
    check_cases(cases, ARRAY_SIZE(cases));
}

static void takes_bytes_as_they_are(void **state)
{
    static const struct read_case cases[] = {
        CASE("UTF-8", "grüße=日本\n😀=1", "grüße=日本 @1:1\n😀=1 @2:1\n"),
        CASE("a byte order mark",
             "\xef\xbb\xbf"
             "a=1\nb=2",
             "a=1 @1:1\nb=2 @2:1\n"),
        CASE("a byte order mark before a comment", "\xef\xbb\xbf#a=1", ""),
        CASE("a byte order mark alone", "\xef\xbb\xbf", ""),
        CASE("only the first", "\xef\xbb\xbf\xef\xbb\xbf=1", "\xef\xbb\xbf=1 @1:1\n"),
        CASE("NUL in a value",
             "a=1\0"
             "2\nb=3\0",
             "a=1\\0002 @1:1\nb=3\\000 @2:1\n"),
        CASE("NUL in a key", "\0a\0=1", "\\000a\\000=1 @1:1\n"),
        CASE("NUL escaped", "a=\\\0b", "a=\\000b @1:1\n"),
        CASE("NUL is no line", "a\n\0", "a= @1:1\n\\000= @2:1\n"),
    };
    (void)state;
    check_cases(cases, ARRAY_SIZE(cases));
}

static void lets_the_last_of_a_name_win(void **state)
{
    static const struct read_case cases[] = {
        CASE("twice", "a=1\nb=2\na=3", "b=2 @2:1\na=3 @3:1\n"),
        CASE("written otherwise", "ab=1\n\\u0061\\b:2", "ab=2 @2:1\n"),
        CASE("the empty key", "=1\n:2", "=2 @2:1\n"),
    };
    (void)state;
    check_cases(cases, ARRAY_SIZE(cases));
}

#define HALF " is half of a surrogate pair and wants its other half as \\uXXXX beside it\n"
#define WANTS "\\u wants four hexadecimal digits, found "

static void reports_malformed_escapes(void **state)
{
    static const struct read_case cases[] = {
        CASE("no digit", "a=\\uzzzzz", "! syntax 1:3: " WANTS "\"zzzz\"\n"),
        CASE("too few", "a=1\nb=x\\u12", "! syntax 2:4: " WANTS "\"12\"\n"),
        CASE("too few on a line", "a=\\u123\nb=0", "! syntax 1:3: " WANTS "\"123\"\n"),
        CASE("none", "a=\\u\r\n", "! syntax 1:3: " WANTS "the end of the line\n"),
        CASE("ended by the key's end", "a\\u00=1", "! syntax 1:2: " WANTS "\"00=1\"\n"),
        CASE("characters of many bytes", "é=é\\u1é€😀x", "! syntax 1:4: " WANTS "\"1é€😀\"\n"),
        CASE("control characters", "a=\\u\x1b\0", "! syntax 1:3: " WANTS "\"\\u001b\\u0000\"\n"),
        CASE("continued", "a=\\u00\\\n  zz", "! syntax 1:3: " WANTS "\"00\\\\\"\n"),
        CASE("not digits to C either", "a=\\u+123", "! syntax 1:3: " WANTS "\"+123\"\n"),
        CASE("beside the digits", "a=\\u00g0\nb=\\u00`0\nc=\\u00/0\nd=\\u00:0\ne=\\u00@0",
             "! syntax 1:3: " WANTS "\"00g0\"\n! syntax 2:3: " WANTS "\"00`0\"\n! syntax 3:3: " WANTS
             "\"00/0\"\n"
             "! syntax 4:3: " WANTS "\"00:0\"\n! syntax 5:3: " WANTS "\"00@0\"\n"),
        CASE("all of them", "a\\u=\\ux\nb=1\n c = \\\n \\u\\\n\\u\nd=2",
             "! syntax 1:2: " WANTS "\"=\\\\ux\"\n! syntax 1:5: " WANTS "\"x\"\n"
             "! syntax 4:2: " WANTS "\"\\\\\"\n! syntax 5:1: " WANTS "the end of the line\n"),
    };
    (void)state;
    check_cases(cases, ARRAY_SIZE(cases));
}

static void reports_lone_surrogates(void **state)
{
    static const struct read_case cases[] = {
        CASE("high", "a=\\ud83dx", "! syntax 1:3: \\ud83d" HALF),
        CASE("high at the end", "a=\\uD83D", "! syntax 1:3: \\ud83d" HALF),
        CASE("high, another escape", "a=\\ud83d\\n", "! syntax 1:3: \\ud83d" HALF),
        CASE("high, another character", "a=\\ud83d\\u0041", "! syntax 1:3: \\ud83d" HALF),
        CASE("low", "a=\\ude00", "! syntax 1:3: \\ude00" HALF),
        CASE("low and high", "a=\\ude00\\ud83d", "! syntax 1:3: \\ude00" HALF "! syntax 1:9: \\ud83d" HALF),
        CASE("low twice", "a=\\ude00\\ude00", "! syntax 1:3: \\ude00" HALF "! syntax 1:9: \\ude00" HALF),
        CASE("high and a pair", "a=\\ud83d\\ud83d\\ude00", "! syntax 1:3: \\ud83d" HALF),
        CASE("high, malformed", "a=\\ud83d\\ude0",
             "! syntax 1:3: \\ud83d" HALF "! syntax 1:9: " WANTS "\"de0\"\n"),
        CASE("halves in key and value", "\\ud83d=\\ude00",
             "! syntax 1:1: \\ud83d" HALF "! syntax 1:8: \\ude00" HALF),
        CASE("joined", "a=\\\n \\ud83d\\\n x", "! syntax 2:2: \\ud83d" HALF),
    };
    (void)state;
    check_cases(cases, ARRAY_SIZE(cases));
}

static void reports_invalid_utf8(void **state)
{
    static const struct read_case cases[] = {
        CASE("a stray byte", "a=1\n\nb=é\xff", "! syntax 3:4: the byte 0xff is not UTF-8\n"),
        CASE("Latin-1",
             "gr\xfc\xdf"
             "e=1",
             "! syntax 1:3: the byte 0xfc is not UTF-8\n"),
        CASE("an encoded surrogate", "a=\xed\xa0\x80", "! syntax 1:3: the byte 0xed is not UTF-8\n"),
        CASE("cut off at the end", "a=1\r\nb=\xe2\x82", "! syntax 2:3: the byte 0xe2 is not UTF-8\n"),
        CASE("in a comment", "# \x80\na=1", "! syntax 1:3: the byte 0x80 is not UTF-8\n"),
        CASE("behind a byte order mark", "\xef\xbb\xbf\x80", "! syntax 1:1: the byte 0x80 is not UTF-8\n"),
        CASE("behind NUL", "\0\n\0\x80", "! syntax 2:2: the byte 0x80 is not UTF-8\n"),
        CASE("once, and the other errors too", "a=\\u\nb=\xff\nc=\xff\nd=\\u",
             "! syntax 1:3: " WANTS "the end of the line\n! syntax 2:3: the byte 0xff is not UTF-8\n"
             "! syntax 4:3: " WANTS "the end of the line\n"),
    };
    (void)state;
    check_cases(cases, ARRAY_SIZE(cases));
}

static void limits_a_key(void **state)
{
    enum {
        LONGEST = 65535
    };
    char *raw = malloc(LONGEST + 32);
    char *text;
    (void)state;
    assert_non_null(raw);
    memset(raw, 'k', LONGEST);

    strcpy(raw + LONGEST, "=1\n");
    text = read_as_text(raw, strlen(raw));
    assert_string_equal(text + LONGEST, "=1 @1:1\n");
    free(text);

    strcpy(raw + LONGEST, "k=1\n a=\\u");
    text = read_as_text(raw, strlen(raw));
    assert_string_equal(text, "! limit 1:1: a key of 65536 bytes, at most 65535 are possible\n"
                              "! syntax 2:4: " WANTS "the end of the line\n");
    free(text);
    free(raw);
}

/* More than the report keeps, all on one line: counting their columns takes linear time. */
static void counts_errors_it_cannot_keep(void **state)
{
    enum {
        ERRORS = 100000
    };
    char *raw = malloc(2 * ERRORS + 2);
    char *text;
    (void)state;
    assert_non_null(raw);
    strcpy(raw, "a=");
    for (size_t i = 0; i < ERRORS; i++)
        memcpy(raw + 2 + 2 * i, "\\u", 2);
    text = read_as_text(raw, 2 + 2 * ERRORS);
    assert_non_null(strstr(text, "! syntax 1:201: " WANTS "\"\\\\u\\\\u\"\n"));
    assert_non_null(strstr(text, "99900 more not shown"));
    free(text);
    free(raw);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_natural_lines),
        cmocka_unit_test(skips_comments),
        cmocka_unit_test(splits_key_from_value),
        cmocka_unit_test(joins_continued_lines),
        cmocka_unit_test(ends_as_java_does),
        cmocka_unit_test(decodes_escapes),
        cmocka_unit_test(takes_bytes_as_they_are),
        cmocka_unit_test(lets_the_last_of_a_name_win),
        cmocka_unit_test(reports_malformed_escapes),
        cmocka_unit_test(reports_lone_surrogates),
        cmocka_unit_test(reports_invalid_utf8),
        cmocka_unit_test(limits_a_key),
        cmocka_unit_test(counts_errors_it_cannot_keep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
