/* SPDX-License-Identifier: MIT
 *
 * What YAML reads as: structure, scalars and their types, and the line and column of each entry. Aliases and
 * merge keys are in test_yaml_alias.c, what is refused in test_yaml_refused.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/format_text.h"

static void reads_block_style(void **state)
{
    static const struct format_case cases[] = {
        FORMAT_CASE("a map", "a: 1\nb: 2\n", "a=1 (int) @1:1\nb=2 (int) @2:1\n"),
        FORMAT_CASE("no newline at the end", "a: x", "a=x (string) @1:1\n"),
        FORMAT_CASE("nested maps", "server:\n  http:\n    port: 80\n  name: n\nx: y\n",
                    "server.http.port=80 (int) @3:5\nserver.name=n (string) @4:3\nx=y (string) @5:1\n"),
        FORMAT_CASE("a list", "- a\n- b\n", "[0]=a (string) @1:3\n[1]=b (string) @2:3\n"),
        FORMAT_CASE("a list below a key, indented or not", "a:\n  - 1\nb:\n- 2\n",
                    "a[0]=1 (int) @2:5\nb[0]=2 (int) @4:3\n"),
        FORMAT_CASE("a list of maps", "s:\n- name: a\n  port: 1\n- name: b\n",
                    "s[0].name=a (string) @2:3\ns[0].port=1 (int) @3:3\ns[1].name=b (string) @4:3\n"),
        FORMAT_CASE("lists of lists", "- - a\n  - b\n-\n  - c\n",
                    "[0][0]=a (string) @1:5\n[0][1]=b (string) @2:5\n[1][0]=c (string) @4:5\n"),
        FORMAT_CASE("explicit keys", "? a\n: 1\n? b\n", "a=1 (int) @1:3\nb= (null) @3:3\n"),
        FORMAT_CASE("an explicit key without a text", "? \n: 1\n", "=1 (int) @1:2\n"),
        FORMAT_CASE("a value on the next line", "a:\n  x\n", "a=x (string) @1:1\n"),
        FORMAT_CASE("comments", "# c\na: 1 # d\n#\nb: x#y\n", "a=1 (int) @2:1\nb=x#y (string) @4:1\n"),
    };
    (void)state;
    CHECK_FORMAT_CASES(&cmr__format_yaml, cases);
}

static void reads_flow_style(void **state)
{
    static const struct format_case cases[] = {
        FORMAT_CASE("a map", "{a: 1, b: 2}", "a=1 (int) @1:2\nb=2 (int) @1:8\n"),
        FORMAT_CASE("a list", "a: [1, x, [y]]",
                    "a[0]=1 (int) @1:5\na[1]=x (string) @1:8\na[2][0]=y (string) @1:12\n"),
        FORMAT_CASE("over lines", "a: {\n  b: 1,\n  c:\n    2,\n}\n", "a.b=1 (int) @2:3\na.c=2 (int) @3:3\n"),
        FORMAT_CASE("empty containers are entries", "a: {}\nb: []\nc: [{}, []]\n",
                    "a={} @1:1\nb=[] @2:1\nc[0]={} @3:5\nc[1]=[] @3:9\n"),
        FORMAT_CASE("an empty root is none", "{}", ""),
        FORMAT_CASE("nor is an empty list", "[]\n", ""),
        FORMAT_CASE("keys alone", "{a, b: }", "a= (null) @1:2\nb= (null) @1:5\n"),
        FORMAT_CASE("a pair in a list", "[a: 1, b]", "[0].a=1 (int) @1:2\n[1]=b (string) @1:8\n"),
        FORMAT_CASE("JSON", "{\"a\":{\"b\":[1,true,null,\"x\"]}}",
                    "a.b[0]=1 (int) @1:12\na.b[1]=true (bool) @1:14\na.b[2]=null (null) @1:19\n"
                    "a.b[3]=x (string quoted) @1:24\n"),
        FORMAT_CASE("trailing commas", "[a, ]", "[0]=a (string) @1:2\n"),
    };
    (void)state;
    CHECK_FORMAT_CASES(&cmr__format_yaml, cases);
}

static void reads_roots(void **state)
{
    static const struct format_case cases[] = {
        FORMAT_CASE("a scalar", "8080\n", "=8080 (int) @1:1\n"),
        FORMAT_CASE("a string in quotes", "--- \"x\"", "=x (string quoted) @1:5\n"),
        FORMAT_CASE("a list", "[a]", "[0]=a (string) @1:2\n"),
        FORMAT_CASE("null, written out", "~", "=~ (null) @1:1\n"),
        FORMAT_CASE("an empty file", "", ""),
        FORMAT_CASE("blanks", " \n\n  \n", ""),
        FORMAT_CASE("comments only", "# a: 1\n# b\n", ""),
        FORMAT_CASE("a byte order mark only", "\xef\xbb\xbf", ""),
        FORMAT_CASE("a document's start and nothing else", "---\n", ""),
        FORMAT_CASE("with comments", "# x\n---\n# y\n", ""),
        FORMAT_CASE("with an end", "---\n...\n", ""),
        FORMAT_CASE("a document's start and end", "---\na: 1\n...\n# c\n", "a=1 (int) @2:1\n"),
        FORMAT_CASE("a directive", "%YAML 1.2\n---\na: yes\n", "a=yes (string) @3:1\n"),
        FORMAT_CASE("YAML 1.1 changes no types", "%YAML 1.1\n---\na: yes\n", "a=yes (string) @3:1\n"),
    };
    (void)state;
    CHECK_FORMAT_CASES(&cmr__format_yaml, cases);
}

/* The core schema: YAML 1.2.2, section 10.3.2. */
static void resolves_types(void **state)
{
    static const struct {
        const char *text, *type;
    } cases[] = {
        { "null", "null" },
        { "Null", "null" },
        { "NULL", "null" },
        { "~", "null" },
        { "nULL", "string" },
        { "true", "bool" },
        { "True", "bool" },
        { "TRUE", "bool" },
        { "tRUE", "string" },
        { "false", "bool" },
        { "yes", "string" },
        { "no", "string" },
        { "on", "string" },
        { "off", "string" },
        { "y", "string" },
        { "n", "string" },
        { "Yes", "string" },
        { "0", "int" },
        { "12", "int" },
        { "-12", "int" },
        { "+12", "int" },
        { "010", "int" },
        { "0o17", "int" },
        { "0o18", "string" },
        { "0x1F", "int" },
        { "0xfg", "string" },
        { "-0x1F", "string" },
        { "0b11", "string" },
        { "1_000", "string" },
        { "12:30", "string" },
        { "1.5", "float" },
        { "1.", "float" },
        { ".5", "float" },
        { "-1e3", "float" },
        { "1E+3", "float" },
        { ".", "string" },
        { "1e", "string" },
        { ".inf", "float" },
        { "-.INF", "float" },
        { "+.Inf", "float" },
        { ".nan", "float" },
        { "-.nan", "string" },
        { "inf", "string" },
        { "NaN", "string" },
        { "1.2.3", "string" },
        { "2001-12-14", "string" },
        { "=", "string" },
        { "10Mi", "string" },
        { "99999999999999999999", "int" },
    };
    size_t failures = 0;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char raw[64], expected[128];
        snprintf(raw, sizeof raw, "k: %s\n", cases[i].text);
        snprintf(expected, sizeof expected, "k=%s (%s) @1:1\n", cases[i].text, cases[i].type);
        char *text = format_text(&cmr__format_yaml, raw, strlen(raw), NULL);
        if (strcmp(text, expected) != 0) {
            print_error("%sread\n%swanted\n%s", raw, text, expected);
            failures++;
        }
        free(text);
    }
    assert_int_equal(failures, 0);
}

static void obeys_tags(void **state)
{
    static const struct format_case cases[] = {
        FORMAT_CASE("a number made a string", "a: !!str 1", "a=1 (string quoted) @1:1\n"),
        FORMAT_CASE("nothing made a string", "a: !!str\nb: 1", "a= (string quoted) @1:1\nb=1 (int) @2:1\n"),
        FORMAT_CASE("not specific: a string", "a: ! 1", "a=1 (string quoted) @1:1\n"),
        FORMAT_CASE("a quoted number made an int", "a: !!int \"5\"", "a=5 (int quoted) @1:1\n"),
        FORMAT_CASE("an int made a float", "a: !!float 5", "a=5 (float) @1:1\n"),
        FORMAT_CASE("bool and null", "a: !!bool true\nb: !!null ''\n",
                    "a=true (bool) @1:1\nb= (null quoted) @2:1\n"),
        FORMAT_CASE("in full", "a: !<tag:yaml.org,2002:str> 1", "a=1 (string quoted) @1:1\n"),
        FORMAT_CASE("by a handle", "%TAG !y! tag:yaml.org,2002:\n---\na: !y!str 1",
                    "a=1 (string quoted) @3:1\n"),
        FORMAT_CASE("containers", "!!map\na: !!seq [1]\nb: ! {c: 1}\nd: ! [1]\n",
                    "a[0]=1 (int) @2:11\nb.c=1 (int) @3:7\nd[0]=1 (int) @4:7\n"),
        FORMAT_CASE("on a key", "!!str 1: a", "1=a (string) @1:1\n"),
        FORMAT_CASE("a bool must be one", "a: !!bool yes",
                    "! syntax 1:4: \"yes\" is no bool, as its tag says\n"),
        FORMAT_CASE("an int must be one", "a:\n- !!int x\n",
                    "! syntax 2:3: \"x\" is no int, as its tag says\n"),
        FORMAT_CASE("what is not one is shown safely", "a: !!int \"\\e\\n\xc3\xa9\"",
                    "! syntax 1:4: \"\\u001b\\n\xc3\xa9\" is no int, as its tag says\n"),
        FORMAT_CASE("a float is no int", "a: !!int 1.0",
                    "! syntax 1:4: \"1.0\" is no int, as its tag says\n"),
#define UNKNOWN(tag) "unknown tag \"" tag "\": only the tags of YAML's core schema are read\n"
        FORMAT_CASE("unknown", "a: !!binary eA==", "! syntax 1:4: " UNKNOWN("tag:yaml.org,2002:binary")),
        FORMAT_CASE("unknown, on a map", "a: !!set {b}", "! syntax 1:4: " UNKNOWN("tag:yaml.org,2002:set")),
        FORMAT_CASE("unknown, on a key", "!x a: 1", "! syntax 1:1: " UNKNOWN("!x")),
        FORMAT_CASE("of one's own", "- !point [1]", "! syntax 1:3: " UNKNOWN("!point")),
        FORMAT_CASE("shown safely", "a: !<x%0a%1b> 1", "! syntax 1:4: " UNKNOWN("x\\n\\u001b")),
        FORMAT_CASE("a map that is called a list", "a: !!seq {b: 1}",
                    "! syntax 1:4: a map is no seq, as its tag says\n"),
        FORMAT_CASE("a list that is called a string", "a: !!str [b]",
                    "! syntax 1:4: a list is no str, as its tag says\n"),
    };
    (void)state;
    CHECK_FORMAT_CASES(&cmr__format_yaml, cases);
}

static void reads_quoted_scalars(void **state)
{
    static const struct format_case cases[] = {
        FORMAT_CASE("quoted is a string", "a: \"1\"\nb: 'true'\nc: ''\n",
                    "a=1 (string quoted) @1:1\nb=true (string quoted) @2:1\nc= (string quoted) @3:1\n"),
        FORMAT_CASE("single quotes", "a: 'it''s \\n \"x\"'", "a=it's \\\\n \"x\" (string quoted) @1:1\n"),
        FORMAT_CASE("escapes", "a: \"\\t\\n\\\"\\\\\\/\\x41\\u00e9\\U0001F600\\e\\a\\_\"",
                    "a=\\t\\n\"\\\\/A\xc3\xa9\xf0\x9f\x98\x80\\033\\007\xc2\xa0 (string quoted) @1:1\n"),
        FORMAT_CASE("a NUL", "a: \"x\\0y\"", "a=x\\000y (string quoted) @1:1\n"),
        FORMAT_CASE("folded over lines", "a: \"x\n  y\n\n  z\\\n  !\"\n",
                    "a=x y\\nz! (string quoted) @1:1\n"),
        FORMAT_CASE("plain over lines", "a: x\n  y\n\n  z\n", "a=x y\\nz (string) @1:1\n"),
        FORMAT_CASE("keys", "\"a b\": 1\n'c: d': 2\n\"e\\n\": 3\n",
                    "a b=1 (int) @1:1\nc: d=2 (int) @2:1\ne\\n=3 (int) @3:1\n"),
    };
    (void)state;
    CHECK_FORMAT_CASES(&cmr__format_yaml, cases);
}

static void reads_block_scalars(void **state)
{
    static const struct format_case cases[] = {
        FORMAT_CASE("literal", "a: |\n  x\n   y\n\n  z\nb: 1\n",
                    "a=x\\n y\\n\\nz\\n (string quoted) @1:1\nb=1 (int) @6:1\n"),
        FORMAT_CASE("stripped", "a: |-\n  x\n\nb: 1\n", "a=x (string quoted) @1:1\nb=1 (int) @4:1\n"),
        FORMAT_CASE("kept", "a: |+\n  x\n\nb: 1\n", "a=x\\n\\n (string quoted) @1:1\nb=1 (int) @4:1\n"),
        FORMAT_CASE("folded", "a: >\n  x\n  y\n\n  z\n   w\n", "a=x y\\nz\\n w\\n (string quoted) @1:1\n"),
        FORMAT_CASE("folded and stripped", "a: >-\n  x\n  y\n", "a=x y (string quoted) @1:1\n"),
        FORMAT_CASE("folded and kept", "a: >+\n  x\n\n", "a=x\\n\\n (string quoted) @1:1\n"),
        FORMAT_CASE("indented by a number", "a: |2\n   x\n", "a= x\\n (string quoted) @1:1\n"),
        FORMAT_CASE("a number in it is a string", "a: |-\n  8080\n", "a=8080 (string quoted) @1:1\n"),
        FORMAT_CASE("empty", "a: |\nb: 1\n", "a= (string quoted) @1:1\nb=1 (int) @2:1\n"),
        FORMAT_CASE("CRLF becomes LF", "a: |\r\n  x\r\n  y\r\n", "a=x\\ny\\n (string quoted) @1:1\n"),
        FORMAT_CASE("no comment in it", "a: |\n  # x\n", "a=# x\\n (string quoted) @1:1\n"),
    };
    (void)state;
    CHECK_FORMAT_CASES(&cmr__format_yaml, cases);
}

static void tells_places(void **state)
{
    static const struct format_case cases[] = {
        FORMAT_CASE("behind a byte order mark",
                    "\xef\xbb\xbf"
                    "a: 1\nb: 2\n",
                    "a=1 (int) @1:1\nb=2 (int) @2:1\n"),
        FORMAT_CASE("CRLF", "a: 1\r\n\r\nb:\r\n  c: 2\r\n", "a=1 (int) @1:1\nb.c=2 (int) @4:3\n"),
        FORMAT_CASE("CR", "a: 1\rb: 2\r", "a=1 (int) @1:1\nb=2 (int) @2:1\n"),
        FORMAT_CASE("columns are characters", "{\xc3\xa9: \xf0\x9f\x98\x80, b: 1}",
                    "\xc3\xa9=\xf0\x9f\x98\x80 (string) @1:2\nb=1 (int) @1:8\n"),
        FORMAT_CASE("keys beyond ASCII", "\xc3\xbc:\n  \xe6\x97\xa5\xe6\x9c\xac: 1\n  b: 2\n",
                    "\xc3\xbc.\xe6\x97\xa5\xe6\x9c\xac=1 (int) @2:3\n\xc3\xbc.b=2 (int) @3:3\n"),
        FORMAT_CASE("a tab behind the colon", "a:\t1\nb: 2", "a=1 (int) @1:1\nb=2 (int) @2:1\n"),
        FORMAT_CASE("an item that is a map", "-   a: 1\n", "[0].a=1 (int) @1:5\n"),
        FORMAT_CASE("empty items", "-\n- \n- x\n",
                    "[0]= (null) @1:2\n[1]= (null) @2:2\n[2]=x (string) @3:3\n"),
        FORMAT_CASE("UTF-16LE",
                    "\xff\xfe"
                    "a\0:\0 \0\x31\0\n\0b\0:\0 \0\xe9\0",
                    "a=1 (int) @1:1\nb=\xc3\xa9 (string) @2:1\n"),
        FORMAT_CASE("UTF-16BE", "\xfe\xff\0a\0:\0 \xd8\x3d\xde\x00\0\n\0b\0:\0 \0\x32",
                    "a=\xf0\x9f\x98\x80 (string) @1:1\nb=2 (int) @2:1\n"),
    };
    (void)state;
    CHECK_FORMAT_CASES(&cmr__format_yaml, cases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_block_style),   cmocka_unit_test(reads_flow_style),
        cmocka_unit_test(reads_roots),         cmocka_unit_test(resolves_types),
        cmocka_unit_test(obeys_tags),          cmocka_unit_test(reads_quoted_scalars),
        cmocka_unit_test(reads_block_scalars), cmocka_unit_test(tells_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
