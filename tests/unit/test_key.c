/* SPDX-License-Identifier: MIT
 *
 * Keys: the grammar, where a malformed one is wrong, lookup, and the canonical text, which must lead back to
 * the very entry that it was made of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/format_text.h"
#include "support/random_document.h"

#include "model/key.h"

/* A parsed key as text: "mount|file|segment|segment"; an item is its number in brackets. */
static char *parsed(const char *text)
{
    struct cmr__key key;
    struct cmr__buffer out = CMR__BUFFER_INIT;
    size_t where = 999;
    char *copy = malloc(strlen(text)); /* of just that size, for the sanitizer */
    assert_non_null(copy);
    memcpy(copy, text, strlen(text));
    if (cmr__key_parse(&key, copy, strlen(text), false, &where)) {
        assert_int_equal(where, 999);
        cmr__buffer_append(&out, key.mount.text ? key.mount.text : "", key.mount.length);
        cmr__buffer_append_char(&out, '|');
        cmr__buffer_append(&out, key.file.text, key.file.length);
        if (key.has_path != (key.count > 0) || key.wild)
            cmr__buffer_append_text(&out, "?");
        for (size_t i = 0; i < key.count; i++) {
            cmr__buffer_append_char(&out, '|');
            if (key.segments[i].kind == CMR__SEGMENT_ITEM)
                cmr__buffer_printf(&out, "[%u]", key.segments[i].item);
            else
                cmr__buffer_append(&out, key.segments[i].text, key.segments[i].length);
        }
    } else {
        cmr__buffer_printf(&out, "! %zu", where);
    }
    free(copy);
    return cmr__buffer_take(&out);
}

struct key_case {
    const char *key, *expected;
};

static void check_keys(const struct key_case *cases, size_t count)
{
    size_t failures = 0;
    for (size_t i = 0; i < count; i++) {
        char *text = parsed(cases[i].key);
        size_t where = 999;
        if (strcmp(text, cases[i].expected) != 0) {
            print_error("%s: parsed as %s, wanted %s\n", cases[i].key, text, cases[i].expected);
            failures++;
        }
        bool malformed = cases[i].expected[0] == '!';
        assert_int_equal(cmr_key_check(cases[i].key, &where), malformed ? CMR_ERR_INVALID_ARGUMENT : CMR_OK);
        assert_int_equal(where, malformed ? strtoul(cases[i].expected + 2, NULL, 10) : 999);
        assert_int_equal(cmr_key_check(cases[i].key, NULL), malformed ? CMR_ERR_INVALID_ARGUMENT : CMR_OK);
        free(text);
    }
    assert_int_equal(failures, 0);
}

static void parses_keys(void **state)
{
    static const struct key_case cases[] = {
        { "log_level", "|log_level" },
        { "game.properties", "|game.properties" },
        { "dir/sub.d/file", "|dir/sub.d/file" },
        { "tls:tls.crt", "tls|tls.crt" },
        { "a.properties#x", "|a.properties|x" },
        { "a.properties#enemies.cheat.level", "|a.properties|enemies|cheat|level" },
        { "app.yaml#server.listen[0].port", "|app.yaml|server|listen|[0]|port" },
        { "app.yaml#[0]", "|app.yaml|[0]" },
        { "app.yaml#[0][12].x", "|app.yaml|[0]|[12]|x" },
        { "app.yaml#[4294967294]", "|app.yaml|[4294967294]" },
        { "app.yaml#a[\"b.c/d\"].e", "|app.yaml|a|b.c/d|e" },
        { "app.yaml#[\"a b\"]", "|app.yaml|a b" },
        { "app.yaml#[\"\"]", "|app.yaml|" },
        { "app.yaml#[\"a\"][\"b\"][0]", "|app.yaml|a|b|[0]" },
        { "app.yaml#[\"**\"][\"[0]\"]", "|app.yaml|**|[0]" },
        { "[\"odd name: 1\"]", "|odd name: 1" },
        { "[\"a#b\"]#c", "|a#b|c" },
        { "tls:[\"odd name: 1\"]#x", "tls|odd name: 1|x" },
        { "[\"m:1\"]:f#x", "m:1|f|x" },
        { "f#[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]", "|f|\"\\/\b\f\n\r\t" },
        { "f#[\"\\u0041\\u00e9\\u20AC\"]", "|f|A\u00e9\u20ac" },
        { "f#[\"\\ud83d\\uDE00!\"]", "|f|\U0001f600!" },
        { "f#[\"\\ud800\\udc00\\udbff\\udfff\"]", "|f|\U00010000\U0010ffff" },
        { "f#[\"\xc3\xa9\x7f'\"]", "|f|\u00e9\x7f'" },
        { "\u00e9.yaml#\u65e5\u672c", "|\u00e9.yaml|\u65e5\u672c" },
        { "f#a-b_c/d+e=f(g)", "|f|a-b_c/d+e=f(g)" },
    };
    (void)state;
    check_keys(cases, sizeof cases / sizeof *cases);
}

static void refuses_malformed_keys(void **state)
{
    static const struct key_case cases[] = {
        { "", "! 0" },
        { "#a", "! 0" },
        { ":a", "! 0" },
        { "a:", "! 2" },
        { "a:#b", "! 2" },
        { "a:b:c", "! 3" },
        { "a#", "! 2" },
        { "a#.", "! 2" },
        { "a#b.", "! 4" },
        { "a#.b", "! 2" },
        { "a#b..c", "! 4" },
        { "a#b#c", "! 3" },
        { "a#b:c", "! 3" },
        { "a#b c", "! 3" },
        { "a b", "! 1" },
        { " a", "! 0" },
        { "a ", "! 1" },
        { "a#b\t", "! 3" },
        { "a#b\x7f", "! 3" },
        { "a#b*", "! 3" },
        { "*", "! 0" },
        { "a#**", "! 2" },
        { "a#b[*]", "! 4" },
        { "a#b[", "! 4" },
        { "a#b[]", "! 4" },
        { "a#b[0", "! 5" },
        { "a#b[x]", "! 4" },
        { "a#b[-1]", "! 4" },
        { "a#b[01]", "! 4" },
        { "a#b[4294967295]", "! 4" },
        { "a#b[99999999999]", "! 4" },
        { "a#b[0]c", "! 6" },
        { "a#b]", "! 3" },
        { "a#b.[0]", "! 4" },
        { "a#b.[\"c\"]", "! 4" },
        { "a#b\"c\"", "! 3" },
        { "a#b\\c", "! 3" },
        { "a#[\"b\"", "! 6" },
        { "a#[\"b\"c", "! 6" },
        { "a#[\"b\"]c", "! 7" },
        { "a#[\"b", "! 5" },
        { "a#[\"", "! 4" },
        { "a#[\"b\n\"]", "! 5" },
        { "[\"a\"", "! 4" },
        { "[\"a\"]b", "! 5" },
        { "[0]", "! 0" },
        { "a#[\"\\q\"]", "! 4" },
        { "a#[\"b\\", "! 5" },
        { "a#[\"b\\\"", "! 7" },
        { "a#[\"b\\u12\"]", "! 5" },
        { "a#[\"b\\u12g4\"]", "! 5" },
        { "a#[\"\\ud83d\"]", "! 4" },
        { "a#[\"\\ud83dx\"]", "! 4" },
        { "a#[\"\\ud83d\\n\"]", "! 4" },
        { "a#[\"\\ud83d\\u0041\"]", "! 4" },
        { "a#[\"\\ud83d\\ud83d\\ude00\"]", "! 4" },
        { "a#[\"\\ude00\"]", "! 4" },
    };
    size_t where = 999;
    (void)state;
    check_keys(cases, sizeof cases / sizeof *cases);
    assert_int_equal(cmr_key_check(NULL, &where), CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(where, 0);
}

/* Keys are parsed into fixed storage: what does not fit is refused, not cut. */
static void bounds_storage(void **state)
{
    struct cmr__buffer key = CMR__BUFFER_INIT;
    (void)state;
    for (size_t segments = 255; segments < 258; segments++) {
        cmr__buffer_append_text(&key, "f#a");
        for (size_t i = 1; i < segments; i++)
            cmr__buffer_append_text(&key, ".a");
        cmr__buffer_append_char(&key, '\0');
        assert_int_equal(cmr_key_check(key.data, NULL), segments <= 256 ? CMR_OK : CMR_ERR_INVALID_ARGUMENT);
        cmr__buffer_reset(&key);
    }
    for (size_t length = 2046; length < 2051; length++) { /* decoded once, and joined */
        cmr__buffer_append_text(&key, "f#[\"");
        for (size_t i = 0; i < length; i++)
            cmr__buffer_append_text(&key, "\\n");
        cmr__buffer_append(&key, "\"]", 3);
        assert_int_equal(cmr_key_check(key.data, NULL), length <= 2048 ? CMR_OK : CMR_ERR_INVALID_ARGUMENT);
        cmr__buffer_reset(&key);
    }
    cmr__buffer_append_text(&key, "f#");
    for (size_t i = 0; i < 100000; i++)
        cmr__buffer_append_char(&key, 'a');
    cmr__buffer_append_char(&key, '\0');
    assert_int_equal(cmr_key_check(key.data, NULL), CMR_OK);
    cmr__buffer_reset(&key);
}

static uint32_t find(const cmr__document *document, const char *path)
{
    struct cmr__key key;
    char text[256];
    snprintf(text, sizeof text, "f#%s", path);
    assert_true(cmr__key_parse(&key, text, strlen(text), false, NULL));
    return cmr__document_find(document, key.segments, key.count, key.flat, key.flat_length);
}

static void check_found(const cmr__document *document, const struct key_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t entry = find(document, cases[i].key);
        const char *text =
            entry == CMR__NO_ENTRY ? "(absent)"
            : cmr__document_entry(document, entry)->kind != CMR__SCALAR
                ? "(container)"
                : cmr__document_at(document, cmr__document_entry(document, entry)->value_offset);
        if (strcmp(text, cases[i].expected) != 0)
            fail_msg("%s: found %s, wanted %s", cases[i].key, text, cases[i].expected);
    }
}

static void finds_in_trees(void **state)
{
    static const char raw[] = "server:\n  listen: [{port: 1}, {port: 2}]\n  a.b: 3\n  a: {b: 4}\n"
                              "'[0]': 5\n'': 6\n'0': 7\n'listen[0]': 8\nempty: {}\n\"n\\0\": 9\nn: 10\n";
    static const struct key_case cases[] = {
        { "server.listen[0].port", "1" },
        { "server.listen[1].port", "2" },
        { "server[\"listen\"][1][\"port\"]", "2" },
        { "server.listen[2]", "(absent)" },
        { "server.listen[2].port", "(absent)" },
        { "server.listen.0", "(absent)" },
        { "server.listen[\"0\"]", "(absent)" },
        { "server[0]", "(absent)" },
        { "server.a.b", "4" },
        { "server[\"a.b\"]", "3" },
        { "[\"server.a.b\"]", "(absent)" },
        { "[\"[0]\"]", "5" },
        { "[0]", "(absent)" },
        { "[\"\"]", "6" },
        { "[\"0\"]", "7" },
        { "0", "7" },
        { "[\"listen[0]\"]", "8" },
        { "empty", "(container)" },
        { "empty.x", "(absent)" },
        { "server", "(container)" },
        { "Server", "(absent)" },
        { "server.listen[0].port.x", "(absent)" },
        { "[\"n\\u0000\"]", "9" },
        { "n", "10" },
        { "listen[0].port", "(absent)" },
    };
    cmr__document *document = read_document(&cmr__format_yaml, raw, sizeof raw - 1);
    (void)state;
    check_found(document, cases, sizeof cases / sizeof *cases);
    cmr__document_unref(document);
}

static void finds_in_properties(void **state)
{
    static const char raw[] = "enemies=1\nenemies.cheat=2\nservers[0].name=3\n.=4\n=5\na.=6\na.[0]=7\n"
                              "x\\ y.z=8\nq\"=9\n[0]=10\nlong.name.with.dots=11\n";
    static const struct key_case cases[] = {
        { "enemies", "1" },
        { "enemies.cheat", "2" },
        { "[\"enemies\"].cheat", "2" },
        { "[\"enemies.cheat\"]", "2" },
        { "enemies[\"cheat\"]", "2" },
        { "enemies.cheat.level", "(absent)" },
        { "servers[0].name", "3" },
        { "servers[0][\"name\"]", "3" },
        { "[\"servers[0].name\"]", "3" },
        { "servers[0]", "(absent)" },
        { "servers", "(absent)" },
        { "[\".\"]", "4" },
        { "[\"\"][\"\"]", "4" },
        { "[\"\"]", "5" },
        { "a[\"\"]", "6" },
        { "a[\"[0]\"]", "7" },
        { "a[0]", "(absent)" },
        { "[\"x y\"].z", "8" },
        { "[\"q\\\"\"]", "9" },
        { "[0]", "10" },
        { "long.name.with.dots", "11" },
        { "long.name.with.dot", "(absent)" },
    };
    cmr__document *document = read_document(&cmr__format_properties, raw, sizeof raw - 1);
    (void)state;
    check_found(document, cases, sizeof cases / sizeof *cases);
    cmr__document_unref(document);
}

static char *format(const char *file, const cmr__document *document, uint32_t entry)
{
    struct cmr__buffer key = CMR__BUFFER_INIT;
    cmr__key_format(&key, file, document, entry);
    char *text = cmr__buffer_take(&key);
    assert_non_null(text);
    return text;
}

static void check_round_trip(const char *file, const cmr__document *document, uint32_t entry)
{
    struct cmr__key key;
    size_t where = 0;
    char *text = format(file, document, entry);
    if (!cmr__key_parse(&key, text, strlen(text), false, &where))
        fail_msg("%s: malformed at %zu", text, where);
    if (key.file.length != strlen(file) || memcmp(key.file.text, file, key.file.length) != 0)
        fail_msg("%s: leads to another file", text);
    uint32_t found = cmr__document_find(document, key.segments, key.count, key.flat, key.flat_length);
    if (found != entry)
        fail_msg("%s: leads to entry %u, not %u", text, found, entry);
    for (const char *p = text; *p; p++) /* fit for a terminal and for a list that spaces separate */
        if ((unsigned char)*p < ' ' || *p == 0x7f || (*p == '\xc2' && (unsigned char)p[1] < 0xa0))
            fail_msg("%s: holds a control character", text);
    free(text);
}

static void leads_back(void **state)
{
    static const char *const files[] = { "a.yaml", "dir/a b", "a:b#c", "[x]", "\u00e9", "\"", "*", "\x01" };
    uint32_t seed = 7;
    (void)state;
    for (int round = 0; round < 3000; round++) {
        cmr__document *document = round % 2 ? random_tree(&seed) : random_flat(&seed);
        for (uint32_t i = 0; i < document->block->entry_count; i++)
            check_round_trip(files[random_below(&seed, 8)], document, i);
        cmr__document_unref(document);
    }
}

/* Names with more segments or items than a key holds. */
static void leads_back_to_long_names(void **state)
{
    static const char *const pieces[] = { ".a", "a.", "[0]", ".", "a[0].", ".[0]" };
    (void)state;
    for (size_t p = 0; p < sizeof pieces / sizeof *pieces; p++) {
        for (int repeated = 120; repeated < 600; repeated += 1 + repeated % 7) {
            struct cmr__buffer raw = CMR__BUFFER_INIT;
            for (int i = 0; i < repeated; i++)
                cmr__buffer_append_text(&raw, pieces[p]);
            cmr__buffer_append_text(&raw, "=1\n");
            cmr__document *document = read_document(&cmr__format_properties, raw.data, raw.size);
            check_round_trip("f", document, 1);
            cmr__document_unref(document);
            cmr__buffer_reset(&raw);
        }
    }
}

static void writes_canonical_keys(void **state)
{
    static const char raw[] =
        "a.b[0].c=1\na..b=2\nx\\ y=3\n[0]=4\na.[0]=5\na[00]=6\na[0]b=7\n\\u009b=8\n\"=9\n";
    static const char *const expected[] = { "f#a.b[0].c",    "f#a[\"\"].b",     "f#[\"x y\"]",
                                            "f#[0]",         "f#a[\"[0]\"]",    "f#[\"a[00]\"]",
                                            "f#[\"a[0]b\"]", "f#[\"\\u009b\"]", "f#[\"\\\"\"]" };
    cmr__document *document = read_document(&cmr__format_properties, raw, sizeof raw - 1);
    (void)state;
    for (uint32_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        char *text = format("f", document, i + 1);
        assert_string_equal(text, expected[i]);
        free(text);
    }
    cmr__document_unref(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parses_keys),
        cmocka_unit_test(refuses_malformed_keys),
        cmocka_unit_test(bounds_storage),
        cmocka_unit_test(finds_in_trees),
        cmocka_unit_test(finds_in_properties),
        cmocka_unit_test(leads_back),
        cmocka_unit_test(leads_back_to_long_names),
        cmocka_unit_test(writes_canonical_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
