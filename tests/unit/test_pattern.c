/* SPDX-License-Identifier: MIT
 *
 * Patterns: their grammar, what they match, and that matching is what a plain recursive matcher does, only
 * quicker. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "support/format_text.h"
#include "support/random_document.h"

#include "model/key.h"

static struct cmr__patterns made(const char *text)
{
    struct cmr__patterns patterns = { 0 };
    char *copy = strdup(text);
    size_t where = 0;
    assert_non_null(copy);
    if (cmr__patterns_new(copy, &where, &patterns) != CMR_OK)
        fail_msg("\"%s\" is malformed at %zu", text, where);
    memset(copy, '!', strlen(copy)); /* patterns own their text */
    free(copy);
    return patterns;
}

static void checks_grammar(void **state)
{
    static const struct {
        const char *pattern;
        int where; /* -1: well-formed */
    } cases[] = {
        { "**", -1 },
        { "*", -1 },
        { "a.yaml", -1 },
        { "*:**", -1 },
        { "m:*.yaml#*.timeout", -1 },
        { "a.yaml#server.**", -1 },
        { "a.yaml#**", -1 },
        { "a.yaml#**.port", -1 },
        { "a.yaml#list[*].name", -1 },
        { "a.yaml#[*]", -1 },
        { "a.yaml#**[0]", -1 },
        { "a#x*y", -1 },
        { "a#[\"*\"]", -1 },
        { "a b", -1 },
        { "  a   b  ", -1 },
        { "[\"a b\"]#[\"c d\"] e", -1 },
        { "a#[\"x\\\" y\"] b", -1 },
        { "", 0 },
        { " ", 1 },
        { "   ", 3 },
        { "a#", 2 },
        { "a#b..c", 4 },
        { "a b#", 4 },
        { "a  b# c", 5 },
        { "a#b[*", 4 },
        { "a#b[**]", 4 },
        { "a#b.[*]", 4 },
        { "a#[0*]", 4 },
        { "a\tb", 1 },
        { "a\nb", 1 },
        { "a,b#c#", 5 },
        { "a#[\"x y", 7 },
        { "*:", 2 },
        { "**:**:**", 5 },
    };
    size_t failures = 0;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t where = 999;
        cmr_status status = cmr_pattern_check(cases[i].pattern, &where);
        int got = status == CMR_OK ? -1 : (int)where;
        if (got != cases[i].where || status != (cases[i].where < 0 ? CMR_OK : CMR_ERR_INVALID_ARGUMENT)) {
            print_error("\"%s\": %d, wanted %d\n", cases[i].pattern, got, cases[i].where);
            failures++;
        }
        assert_int_equal(cmr_pattern_check(cases[i].pattern, NULL), status);
    }
    assert_int_equal(failures, 0);
    assert_int_equal(cmr_pattern_check(NULL, NULL), CMR_ERR_INVALID_ARGUMENT);
}

static void matches_files_and_mounts(void **state)
{
    static const struct {
        const char *pattern, *mount, *file;
        bool first, expected;
    } cases[] = {
        { "**", "config", "a.yaml", true, true },
        { "**", "config", "dir/a.yaml", true, true },
        { "**", "tls", "a.yaml", false, false },
        { "*", "config", "a.yaml", true, true },
        { "*", "config", "dir/a.yaml", true, false },
        { "*.yaml", "config", "a.yaml", true, true },
        { "*.yaml", "config", "a.yml", true, false },
        { "*.yaml", "config", "dir/a.yaml", true, false },
        { "**.yaml", "config", "dir/a.yaml", true, true },
        { "dir/*", "config", "dir/a", true, true },
        { "dir/*", "config", "dir/b/a", true, false },
        { "dir/**", "config", "dir/b/a", true, true },
        { "a.yaml", "config", "a.yaml", true, true },
        { "a.yaml", "config", "a-yaml", true, false },
        { "a.yaml", "config", "a.yam", true, false },
        { "a.yam", "config", "a.yaml", true, false },
        { "[\"*\"]", "config", "*", true, true },
        { "[\"*\"]", "config", "a", true, false },
        { "a?", "config", "a?", true, true },
        { "a?", "config", "ab", true, false },
        { "a?*", "config", "a?b", true, true },
        { "a?*", "config", "abb", true, false },
        { "*:**", "config", "a", true, true },
        { "*:**", "tls", "dir/a", false, true },
        { "*:**", "odd/name", "a", false, true },
        { "t*:a", "tls", "a", false, true },
        { "t*:a", "config", "a", true, false },
        { "tls:a", "tls", "a", false, true },
        { "tls:a", "config", "a", true, false },
        { "config:a", "config", "a", true, true },
        { "[\"odd/name\"]:a", "odd/name", "a", false, true },
        { "\u00e9*", "config", "\u00e9\u00e9", true, true },
    };
    size_t failures = 0;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cmr__patterns patterns = made(cases[i].pattern);
        assert_int_equal(patterns.count, 1);
        bool matches = cmr__pattern_matches_mount(patterns.items, cases[i].mount, cases[i].first) &&
                       cmr__pattern_matches_file(patterns.items, cases[i].file);
        if (matches != cases[i].expected) {
            print_error("%s on %s:%s: %d\n", cases[i].pattern, cases[i].mount, cases[i].file, matches);
            failures++;
        }
        cmr__patterns_reset(&patterns);
    }
    assert_int_equal(failures, 0);
}

/* Which of the leaves match: their values, which are one character each. */
static void check_matched(const cmr__document *document, const char *pattern, const char *expected)
{
    struct cmr__patterns patterns = made(pattern);
    char matched[64] = "";
    for (uint32_t i = 0; i < document->block->entry_count; i++) {
        const struct cmr__entry *entry = cmr__document_entry(document, i);
        if (cmr__entry_is_leaf(entry, i) && cmr__patterns_match(&patterns, "config", true, "f", document, i))
            strcat(matched,
                   entry->kind == CMR__SCALAR ? cmr__document_at(document, entry->value_offset) : "{");
    }
    if (strcmp(matched, expected) != 0)
        fail_msg("%s matches %s, wanted %s", pattern, matched, expected);
    cmr__patterns_reset(&patterns);
}

struct match_case {
    const char *pattern, *expected;
};

static const struct match_case match_cases[] = {
    { "**", "1234567" },
    { "f", "1234567" },
    { "f#**", "1234567" },
    { "f#**.**", "1234567" },
    { "g", "" },
    { "g f", "1234567" },
    { "f#*", "1" },
    { "f#*.*", "27" },
    { "f#**.*", "1234567" },
    { "f#a", "1" },
    { "f#s", "" },
    { "f#s.**", "23456" },
    { "f#s.*", "2" },
    { "f#s.l", "" },
    { "f#s.l.**", "3456" },
    { "f#s.l[0].p", "3" },
    { "f#s.l[*].p", "35" },
    { "f#s.l.*.p", "35" },
    { "f#s.l.*.*", "3456" },
    { "f#s.l[*].*", "3456" },
    { "f#s.l[1].**", "56" },
    { "f#s.*[*].p", "35" },
    { "f#s.l*.p", "" },
    { "f#s.l.l*.p", "" },
    { "f#s.l.**.l*", "" },
    { "f#**.p", "357" },
    { "f#**[*].p", "35" },
    { "f#**[1].**", "56" },
    { "f#**.l.**", "3456" },
    { "f#*.t*", "2" },
    { "f#*.*t", "2" },
    { "f#*.*im*", "2" },
    { "f#*.t*i*t", "2" },
    { "f#*.*x*", "" },
    { "f#**.**.p", "357" },
    { "f#**.s.**.p.**", "35" },
    { "f#p.p", "7" },
    { "f#p.*", "7" },
    { "f#[\"*\"]", "" },
    { "f#[\"s\"][\"timeout\"]", "2" },
    { "f#a f#p.**", "17" },
    { "f#a f#a f#*", "1" },
    { "f#a#", NULL },
};

static void matches_entries(void **state)
{
    static const char yaml[] = "a: 1\ns:\n  timeout: 2\n  l: [{p: 3, q: 4}, {p: 5, q: 6}]\np: {p: 7}\n";
    static const char properties[] =
        "a=1\ns.timeout=2\ns.l[0].p=3\ns.l[0].q=4\ns.l[1].p=5\ns.l[1].q=6\np.p=7\n";
    cmr__document *tree = read_document(&cmr__format_yaml, yaml, sizeof yaml - 1);
    cmr__document *flat = read_document(&cmr__format_properties, properties, sizeof properties - 1);
    (void)state;
    for (const struct match_case *c = match_cases; c->expected; c++) {
        check_matched(tree, c->pattern, c->expected);
        check_matched(flat, c->pattern, c->expected); /* files keep their patterns when they move */
    }
    check_matched(tree, "f#[\"s.timeout\"]", "");
    check_matched(flat, "f#[\"s.timeout\"]", "2"); /* a plain key: what a lookup finds */
    check_matched(flat, "f#[\"s.l[0]\"].p", "3");
    check_matched(flat, "f#[\"s.timeout\"].**", "");
    cmr__document_unref(tree);
    cmr__document_unref(flat);
}

static void matches_roots(void **state)
{
    cmr__document *document = read_document(&cmr__format_text, "1\n", 2);
    (void)state;
    check_matched(document, "f", "1");
    check_matched(document, "**", "1");
    check_matched(document, "f#**", "1");
    check_matched(document, "f#*", "");
    check_matched(document, "f#a", "");
    check_matched(document, "f#**.a", "");
    cmr__document_unref(document);
    document = read_document(&cmr__format_yaml, "[{a: 1}, [2, 3], {}]", 20);
    check_matched(document, "f", "123{");
    check_matched(document, "f#*", "{");
    check_matched(document, "f#[*]", "{");
    check_matched(document, "f#[2]", "{");
    check_matched(document, "f#[*][*]", "23");
    check_matched(document, "f#*.*", "123");
    check_matched(document, "f#[1].**", "23");
    check_matched(document, "f#**[1]", "3");
    cmr__document_unref(document);
}

/* A canonical key is a pattern that matches its entry, and nothing else. */
static void matches_by_canonical_key(void **state)
{
    uint32_t seed = 3;
    (void)state;
    for (int round = 0; round < 300; round++) {
        cmr__document *document = round % 2 ? random_tree(&seed) : random_flat(&seed);
        uint32_t wanted = random_below(&seed, document->block->entry_count);
        struct cmr__buffer key = CMR__BUFFER_INIT;
        cmr__key_format(&key, "f", document, wanted);
        cmr__buffer_append_char(&key, '\0');
        struct cmr__patterns patterns = made(key.data);
        assert_int_equal(patterns.count, 1);
        for (uint32_t i = 0; wanted && i < document->block->entry_count; i++)
            if (cmr__patterns_match(&patterns, "m", true, "f", document, i) != (i == wanted))
                fail_msg("%s, of entry %u, and entry %u", key.data, wanted, i);
        cmr__patterns_reset(&patterns);
        cmr__buffer_reset(&key);
        cmr__document_unref(document);
    }
}

/* The plain way, by recursion: segments are single characters, '0' an item, '*' and '!' (for **) in patterns.
 */
static bool plainly_matches(const char *pattern, const char *path)
{
    if (*pattern == '!')
        return plainly_matches(pattern + 1, path) || (*path && plainly_matches(pattern, path + 1));
    if (!*pattern || !*path)
        return !*pattern && !*path;
    bool one = *pattern == '*' || *pattern == *path || (*pattern == '+' && *path == '0');
    return one && plainly_matches(pattern + 1, path + 1);
}

static void write_pattern(struct cmr__buffer *out, const char *pattern)
{
    cmr__buffer_append_text(out, "f#");
    for (const char *p = pattern; *p; p++) {
        if (p != pattern && *p != '0' && *p != '+')
            cmr__buffer_append_char(out, '.');
        cmr__buffer_append_text(out, *p == '!'   ? "**"
                                     : *p == '0' ? "[0]"
                                     : *p == '+' ? "[*]"
                                     : *p == '*' ? "*"
                                                 : "");
        if (*p == 'a' || *p == 'b')
            cmr__buffer_append_char(out, *p);
    }
    cmr__buffer_append_char(out, '\0');
}

static void random_word(uint32_t *seed, const char *letters, char *word)
{
    uint32_t length = 1 + random_below(seed, 6);
    for (uint32_t i = 0; i < length; i++)
        *word++ = letters[random_below(seed, (uint32_t)strlen(letters))];
    *word = '\0';
}

static void matches_as_the_plain_way(void **state)
{
    uint32_t seed = 5;
    int matched = 0;
    (void)state;
    for (int round = 0; round < 20000; round++) {
        struct cmr__buffer properties = CMR__BUFFER_INIT, text = CMR__BUFFER_INIT;
        char pattern[16], path[16];
        random_word(&seed, "ab0*!!+", pattern);
        random_word(&seed, "aab0", path);
        write_pattern(&properties, path);
        properties.size--;
        cmr__document *document =
            read_document(&cmr__format_properties, properties.data + 2, properties.size - 2);
        write_pattern(&text, pattern);
        struct cmr__patterns patterns = made(text.data);
        bool matches = cmr__patterns_match(&patterns, "m", true, "f", document, 1);
        if (matches != plainly_matches(pattern, path))
            fail_msg("%s on %.*s: %d", text.data, (int)properties.size - 2, properties.data + 2, matches);
        matched += matches;
        cmr__patterns_reset(&patterns);
        cmr__document_unref(document);
        cmr__buffer_reset(&properties);
        cmr__buffer_reset(&text);
    }
    assert_in_range(matched, 2000, 18000); /* else the words teach nothing */
}

/* Within a segment: * only. */
static bool plainly_globs(const char *glob, const char *text)
{
    if (*glob == '*')
        return plainly_globs(glob + 1, text) || (*text && plainly_globs(glob, text + 1));
    if (!*glob || !*text)
        return !*glob && !*text;
    return *glob == *text && plainly_globs(glob + 1, text + 1);
}

static void globs_as_the_plain_way(void **state)
{
    uint32_t seed = 9;
    (void)state;
    for (int round = 0; round < 20000; round++) {
        char pattern[32] = "f#x", property[32] = "x";
        random_word(&seed, "a?/**", pattern + 3);
        random_word(&seed, "aa?/b", property + 1);
        cmr__document *document = read_document(&cmr__format_properties, property, strlen(property));
        struct cmr__patterns patterns = made(pattern);
        bool matches = cmr__patterns_match(&patterns, "m", true, "f", document, 1);
        if (matches != plainly_globs(pattern + 2, property))
            fail_msg("%s on %s: %d", pattern, property, matches);
        cmr__patterns_reset(&patterns);
        cmr__document_unref(document);
    }
}

static void stays_quick(void **state)
{
    static const char *const pieces[] = { "**.a.", "**.*.", "*.", "a*a*a*a.", "**.**.", "**[0]." };
    struct cmr__buffer text = CMR__BUFFER_INIT, property = CMR__BUFFER_INIT;
    clock_t begin = clock();
    (void)state;
    for (int i = 0; i < 120; i++)
        cmr__buffer_append_text(&property, i % 2 ? "a." : "aaaaaaaa[0].");
    cmr__buffer_append_text(&property, "a=1\n");
    cmr__document *document = read_document(&cmr__format_properties, property.data, property.size);
    for (size_t p = 0; p < sizeof pieces / sizeof *pieces; p++) {
        cmr__buffer_append_text(&text, "f#");
        for (int i = 0; i < 100; i++)
            cmr__buffer_append_text(&text, pieces[p]);
        cmr__buffer_append(&text, "x*x", 4);
        struct cmr__patterns patterns = made(text.data);
        for (int i = 0; i < 100; i++)
            assert_false(cmr__patterns_match(&patterns, "m", true, "f", document, 1));
        cmr__patterns_reset(&patterns);
        cmr__buffer_reset(&text);
    }
    for (int i = 0; i < 20000; i++)
        cmr__buffer_append_text(&text, "a*a*a*#**.b*b*[*] ");
    cmr__buffer_append_char(&text, '\0');
    struct cmr__patterns patterns = made(text.data);
    assert_int_equal(patterns.count, 20000);
    cmr__patterns_reset(&patterns);
    cmr__buffer_reset(&text);
    cmr__buffer_reset(&property);
    cmr__document_unref(document);
    assert_in_range((clock() - begin) / CLOCKS_PER_SEC, 0, 20); /* far less, but for valgrind */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checks_grammar),           cmocka_unit_test(matches_files_and_mounts),
        cmocka_unit_test(matches_entries),          cmocka_unit_test(matches_roots),
        cmocka_unit_test(matches_by_canonical_key), cmocka_unit_test(matches_as_the_plain_way),
        cmocka_unit_test(globs_as_the_plain_way),   cmocka_unit_test(stays_quick),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
