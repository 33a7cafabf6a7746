/* SPDX-License-Identifier: MIT
 *
 * INI, rule by rule: what is read, and where it stands. What is refused is in test_ini_refused.c. That this
 * is what iniparser does with a whole file is the business of tests/conformance/ini_judge.py. */
#include <locale.h>
#include <pthread.h>
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
        FORMAT_CASE("blanks only", " \t\v\f\r\n\n \n", ""),
        FORMAT_CASE("comments only", "; a=1\n# b\n  ;[s]\n", ""),
        FORMAT_CASE("a key", "a=1", "a=1 @1:1\n"),
        FORMAT_CASE("one character behind", "a=1\n;", "a=1 @1:1\n"),
        FORMAT_CASE("a section", "[s]\na=1\nb=2\n", "s.a=1 @2:1\ns.b=2 @3:1\n"),
        FORMAT_CASE("keys before any section", "a=1\n[s]\na=2\n", "a=1 @1:1\ns.a=2 @3:1\n"),
        FORMAT_CASE("a section without keys", "[s]\n[t]\na=1\n", "s={} @1:2\nt.a=1 @3:1\n"),
        FORMAT_CASE("carriage returns", "[s]\r\na=1\r\n\r\nb=2\r\n", "s.a=1 @2:1\ns.b=2 @4:1\n"),
        FORMAT_CASE("alone they end no line", "a=1\rb=2\n", "a=1\\rb=2 @1:1\n"),
        FORMAT_CASE("blanks around all", "  [ s ]  \n\t a \t=\v 1 \f\n", "s.a=1 @2:3\n"),
        FORMAT_CASE("a section's place", "[s]\n [ t ]\n[ u\t]\n", "s={} @1:2\nt={} @2:4\nu={} @3:3\n"),
        FORMAT_CASE("no blanks at all", "[s]\na=1;x\nb=2#y\n", "s.a=1 @2:1\ns.b=2 @3:1\n"),
        FORMAT_CASE("blanks within", "[a b]\nc d = e  f\n", "a b.c d=e  f @2:1\n"),
        FORMAT_CASE("a byte order mark", "\ufeff[s]\na=1\n", "s.a=1 @2:1\n"),
        FORMAT_CASE("before a key", "\ufeff a=1\n", "a=1 @1:2\n"),
        FORMAT_CASE("alone", "\ufeff", ""),
    };
    (void)state;
    CHECK_FORMAT_CASES(&cmr__format_ini, cases);
}

static void reads_names(void **state)
{
    static const struct format_case cases[] = {
        FORMAT_CASE("in lower case", "[SeRvEr]\nPORT=80A\n", "server.port=80A @2:1\n"),
        FORMAT_CASE("ASCII only", "[Ä]\nÖx=Ü\n", "Ä.Öx=Ü @2:1\n"),
        FORMAT_CASE("all lengths of UTF-8", "[é日😀]\n😀日é = 😀\n", "é日😀.😀日é=😀 @2:1\n"),
        FORMAT_CASE("a no-break space is no blank", "\u00a0a\u00a0=\u00a0b\u00a0\n",
                    "\u00a0a\u00a0=\u00a0b\u00a0 @1:1\n"),
        FORMAT_CASE("dots are no levels", "[a.b]\nc.d=1\n", "a.b.c.d=1 @2:1\n"),
        FORMAT_CASE("colons", "[a:b]\nc:d=1\n[:]\n:=2\n[c:]\nx=3\n",
                    "a:b.c:d=1 @2:1\n:.:=2 @4:1\nc:.x=3 @6:1\n"),
        FORMAT_CASE("numbers", "[0]\n0=1\n[1]\n3=2\n", "0.0=1 @2:1\n1.3=2 @4:1\n"),
        FORMAT_CASE("comment signs in a section's name", "[a;b#c]\nd=1\n", "a;b#c.d=1 @2:1\n"),
        FORMAT_CASE("and before the sign of a key", "a;b#c=1\n", "a;b#c=1 @1:1\n"),
        FORMAT_CASE("an opening bracket within", "[a[b]\nc[0]=1\n", "a[b.c[0]=1 @2:1\n"),
        FORMAT_CASE("a sign in a section's name", "[a=b]\nc=1\n", "a=b.c=1 @2:1\n"),
        FORMAT_CASE("quotes in a key", "\"a\"='1'\n", "\"a\"=1 @1:1\n"),
        FORMAT_CASE("percent signs", "[%s%n]\n%d%u=%c\n", "%s%n.%d%u=%c @2:1\n"),
    };
    (void)state;
    CHECK_FORMAT_CASES(&cmr__format_ini, cases);
}

static void reads_values(void **state)
{
    static const struct format_case cases[] = {
        FORMAT_CASE("empty", "a=\nb = \nc=;x\nd= # y\n", "a= @1:1\nb= @2:1\nc= @3:1\nd= @4:1\n"),
        FORMAT_CASE("more signs", "a=b=c\nd==\ne= =\nf==g\n", "a=b=c @1:1\nd== @2:1\ne== @3:1\nf==g @4:1\n"),
        FORMAT_CASE("a comment cuts it", "a=1 ; x\nb=http://h/#f\n", "a=1 @1:1\nb=http://h/ @2:1\n"),
        FORMAT_CASE("not in quotes", "a=\"1 ; x\"\nb='#'\n", "a=1 ; x @1:1\nb=# @2:1\n"),
        FORMAT_CASE("a comment behind quotes", "a=\"1\" ; \"x\nb='2'#'\n", "a=1 @1:1\nb=2 @2:1\n"),
        FORMAT_CASE("blanks in quotes", "a=\" 1\t\"\nb = '  ' \n", "a= 1\\t @1:1\nb=   @2:1\n"),
        FORMAT_CASE("one kind in the other", "a='\"'\nb=\"it's\"\n", "a=\" @1:1\nb=it's @2:1\n"),
        FORMAT_CASE("quotes further on", "a=b \"c\"\nd=x'y\n", "a=b \"c\" @1:1\nd=x'y @2:1\n"),
        FORMAT_CASE("empty quotes", "a=\"\"\nb=''\nc='' ; x\n", "a= @1:1\nb= @2:1\nc= @3:1\n"),
        FORMAT_CASE("are none with more behind", "a=\"\"x\n", "a=\"\"x @1:1\n"),
        FORMAT_CASE("backslashes are nothing else", "a=C:\\new\\t\nb=x\\;y\n",
                    "a=C:\\\\new\\\\t @1:1\nb=x\\\\ @2:1\n"),
        FORMAT_CASE("types are for others", "a=12\nb=on\nc=1.5\n", "a=12 @1:1\nb=on @2:1\nc=1.5 @3:1\n"),
        FORMAT_CASE("brackets", "a=[b]\nc=d]\n", "a=[b] @1:1\nc=d] @2:1\n"),
    };
    (void)state;
    CHECK_FORMAT_CASES(&cmr__format_ini, cases);
}

static void joins_continued_lines(void **state)
{
    static const struct format_case cases[] = {
        FORMAT_CASE("a value", "a=1\\\n2\nb=3\n", "a=12 @1:1\nb=3 @3:1\n"),
        FORMAT_CASE("blanks stay", "a=1 \\\n  2\n", "a=1   2 @1:1\n"),
        FORMAT_CASE("blanks behind the backslash do not", "a=1\\ \t\r\n2\n", "a=12 @1:1\n"),
        FORMAT_CASE("several", "a=\\\n1,\\\n2,\\\n3\n", "a=1,2,3 @1:1\n"),
        FORMAT_CASE("a key", "a\\\nb\\\n=1\n", "ab=1 @1:1\n"),
        FORMAT_CASE("a section", "[a\\\nB]\nc=1\n", "ab.c=1 @3:1\n"),
        FORMAT_CASE("nothing", "\\\na=1\n", "a=1 @2:1\n"),
        FORMAT_CASE("nothing, more than once", "\\\n  \\\n \\\n a=1\nb=2\n", "a=1 @4:2\nb=2 @5:1\n"),
        FORMAT_CASE("a blank line ends it", "a=1\\\n\nb=2\n", "a=1 @1:1\nb=2 @3:1\n"),
        FORMAT_CASE("two backslashes are one, and the end", "a=1\\\\\nb=2\n", "a=1\\\\b=2 @1:1\n"),
        FORMAT_CASE("behind a blank line one comes to light", "a=1 \\ \\\n  \nb=2\n", "a=1 b=2 @1:1\n"),
        FORMAT_CASE("with a comment", "a=1\\\n;2\nb=3\n", "a=1 @1:1\nb=3 @3:1\n"),
        FORMAT_CASE("a comment with a comment", "# a \\\n# b=1\\\n ; c\nd=1\n", "d=1 @4:1\n"),
        FORMAT_CASE("a comment with a blank line", "# a \\\n \nb=1\n", "b=1 @3:1\n"),
        FORMAT_CASE("a comment that ends the file", "a=1\n# b \\", "a=1 @1:1\n"),
        FORMAT_CASE("nothing ends the file", "a=1\n\\", "a=1 @1:1\n"),
        FORMAT_CASE("in quotes", "a=\"1\\\n;2\"\n", "a=1;2 @1:1\n"),
    };
    (void)state;
    CHECK_FORMAT_CASES(&cmr__format_ini, cases);
}

static void merges_sections(void **state)
{
    static const struct format_case cases[] = {
        FORMAT_CASE("where the first stands", "[a]\nx=1\n[b]\nx=2\n[a]\ny=3\n[b]\ny=4\n",
                    "a.x=1 @2:1\na.y=3 @6:1\nb.x=2 @4:1\nb.y=4 @8:1\n"),
        FORMAT_CASE("in any case", "[a]\nx=1\n[A]\ny=2\n", "a.x=1 @2:1\na.y=2 @4:1\n"),
        FORMAT_CASE("in a row", "[a]\n[a]\n[a]\nx=1\n[a]\n", "a.x=1 @4:1\n"),
        FORMAT_CASE("the first is empty", "[a]\n[b]\n[a]\nx=1\n", "a.x=1 @4:1\nb={} @2:2\n"),
        FORMAT_CASE("all are empty", "[b]\n[a]\n[b]\n", "b={} @1:2\na={} @2:2\n"),
        FORMAT_CASE("of equal lengths", "[ab]\n[ba]\n[ab]\nx=1\n[ba]\nx=2\n[aa]\nx=3\n",
                    "ab.x=1 @4:1\nba.x=2 @6:1\naa.x=3 @8:1\n"),
    };
    (void)state;
    CHECK_FORMAT_CASES(&cmr__format_ini, cases);
}

/* A file of `count` keys, ten a section, and what it reads as. */
static char *make_keys(size_t count, char **ret_expected)
{
    char *raw = NULL;
    size_t raw_size, expected_size;
    FILE *out = open_memstream(&raw, &raw_size), *expected = open_memstream(ret_expected, &expected_size);
    assert_non_null(out);
    assert_non_null(expected);
    for (size_t i = 0, line = 1; i < count; i++, line++) {
        if (i % 10 == 0) {
            fprintf(out, "[Section%zu]\n", i / 10);
            line++;
        }
        fprintf(out, "key.%zu = value %zu ; c\n", i, i);
        fprintf(expected, "section%zu.key.%zu=value %zu @%zu:1\n", i / 10, i, i, line);
    }
    fclose(out);
    fclose(expected);
    return raw;
}

/* Around the sizes at which a load is full, and the dictionary would grow. */
static void reads_any_number_of_keys(void **state)
{
    (void)state;
    for (size_t count = 1; count < 300; count++) {
        char *expected, *raw = make_keys(count, &expected);
        char *text = format_text(&cmr__format_ini, raw, strlen(raw), NULL);
        assert_string_equal(text, expected);
        free(text);
        free(expected);
        free(raw);
    }
}

static void reads_many_keys(void **state)
{
    char *expected, *raw = make_keys(30000, &expected);
    char *text = format_text(&cmr__format_ini, raw, strlen(raw), NULL);
    (void)state;
    assert_string_equal(text, expected);
    free(text);
    free(expected);
    free(raw);
}

static void reads_many_sections(void **state)
{
    enum {
        SECTIONS = 20000
    };
    char *raw = malloc(SECTIONS * 16 + 1), *at = raw;
    (void)state;
    assert_non_null(raw);
    for (int i = 0; i < SECTIONS; i++)
        at += sprintf(at, "[s%d]\n", i % (SECTIONS / 2));
    char *text = format_text(&cmr__format_ini, raw, strlen(raw), NULL);
    assert_memory_equal(text, "s0={} @1:2\ns1={} @2:2\n", 22);
    assert_non_null(strstr(text, "\ns9999={} @10000:2\n"));
    assert_true(strlen(strstr(text, "\ns9999={} @10000:2\n")) == strlen("\ns9999={} @10000:2\n"));
    free(text);
    free(raw);
}

/* The error callback is one for the whole process. */
static void *read_again_and_again(void *raw)
{
    bool is_bad = strstr(raw, "bad") != NULL;
    for (int i = 0; i < 300; i++) {
        char *text = format_text(&cmr__format_ini, raw, strlen(raw), NULL);
        assert_string_equal(text, is_bad ? "! syntax 2:1: wanted KEY = VALUE or [SECTION], found \"bad\"\n"
                                         : "s.a=1 @2:1\ns.b=2 @3:1\n");
        free(text);
    }
    return NULL;
}

static void reads_in_several_threads(void **state)
{
    static char good[] = "[s]\na=1\nb=2\n", bad[] = "[s]\nbad\nb=2\n";
    char *raws[] = { good, bad, good, good };
    pthread_t threads[4];
    (void)state;
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_again_and_again, raws[i]), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
}

/* Makes one if none is installed. */
static bool set_latin1(void)
{
    char folder[] = "/tmp/cmreload-locale-XXXXXX", command[200];
    if (setlocale(LC_CTYPE, "de_DE.ISO-8859-1"))
        return true;
    assert_non_null(mkdtemp(folder));
    snprintf(command, sizeof command, "localedef -i de_DE -f ISO-8859-1 %s/de_DE.ISO-8859-1 >/dev/null 2>&1",
             folder);
    setenv("LOCPATH", folder, 1);
    bool is_set = system(command) == 0 && setlocale(LC_CTYPE, "de_DE.ISO-8859-1");
    unsetenv("LOCPATH");
    snprintf(command, sizeof command, "rm -r %s", folder);
    assert_int_equal(system(command), 0);
    return is_set;
}

/* In Latin-1 0xc3, which begins an é, is a letter with a lower case, and 0xa0, which ends an à, a blank. */
static void asks_no_locale(void **state)
{
    static const char raw[] = "[É]\nÉa=à\nb=à";
    (void)state;
    if (!set_latin1())
        print_message("SKIP: a program in Latin-1: no such locale, and none can be made without localedef "
                      "and locales\n");
    char *text = format_text(&cmr__format_ini, raw, sizeof raw - 1, NULL);
    setlocale(LC_CTYPE, "C");
    assert_string_equal(text, "É.Éa=à @2:1\nÉ.b=à @3:1\n");
    free(text);
}

static void has_its_name_and_ending(void **state)
{
    (void)state;
    assert_ptr_equal(cmr__format_by_name("ini"), &cmr__format_ini);
    assert_ptr_equal(cmr__format_for_file(NULL, NULL, "app.ini"), &cmr__format_ini);
    assert_ptr_equal(cmr__format_for_file(NULL, NULL, "app.ini.bak"), &cmr__format_text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_lines),
        cmocka_unit_test(reads_names),
        cmocka_unit_test(reads_values),
        cmocka_unit_test(joins_continued_lines),
        cmocka_unit_test(merges_sections),
        cmocka_unit_test(reads_any_number_of_keys),
        cmocka_unit_test(reads_many_keys),
        cmocka_unit_test(reads_many_sections),
        cmocka_unit_test(reads_in_several_threads),
        cmocka_unit_test(asks_no_locale),
        cmocka_unit_test(has_its_name_and_ending),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
