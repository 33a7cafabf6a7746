/* SPDX-License-Identifier: MIT
 *
 * Globs: a table of what matches, all short globs on all short texts against a matcher that is too
 * simple to be wrong (and exponential), and hostile globs that such a matcher would not finish.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/glob.h"

struct glob_case {
    const char *glob, *text;
    bool matches;
};

static void check(const struct glob_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct glob_case *at = &cases[i];

        if (cmr__glob_match(at->glob, strlen(at->glob), at->text, strlen(at->text)) != at->matches)
            fail_msg("\"%s\" on \"%s\": expected %d", at->glob, at->text, at->matches);
    }
}

#define CHECK(cases) check(cases, sizeof(cases) / sizeof((cases)[0]))

static void other_characters_stand_for_themselves(void **state)
{
    const struct glob_case cases[] = {
        { "", "", true },
        { "", "a", false },
        { "a", "", false },
        { "app.yaml", "app.yaml", true },
        { "app.yaml", "appxyaml", false },
        { "app", "app.yaml", false },
        { "[a]", "a", false },
        { "[a]", "[a]", true },
        { "\\*", "*", false },
        { "\\*", "\\x", true },
    };

    (void)state;
    CHECK(cases);
}

static void a_star_stays_within_its_level(void **state)
{
    const struct glob_case cases[] = {
        { "*", "", true },
        { "*", "anything", true },
        { "*", "dir/file", false },
        { "*.yaml", "app.yaml", true },
        { "*.yaml", ".yaml", true },
        { "*.yaml", "app.yaml.bak", false },
        { "*.yaml", "dir/app.yaml", false },
        { "a*b*c", "a-b-b-c-c", true },
        { "a*b*c", "a-c-b", false },
        { "*/file", "dir/file", true },
        { "*/file", "file", false },
        { "*/*", "a/b/c", false },
        { "dir/*", "dir/", true },
        { "*b/c*", "bab/cd", true },
        { "*a*b", "xa/ab", false },
    };

    (void)state;
    CHECK(cases);
}

static void two_stars_cross_levels(void **state)
{
    const struct glob_case cases[] = {
        { "**", "", true },
        { "**", "a/b/c", true },
        { "***", "a/b/c", true },
        { "dir/**", "dir/file", true },
        { "dir/**", "dir/sub/file", true },
        { "dir/**", "dir", false },
        { "dir/**", "other/dir/file", false },
        { "**.yaml", "a/b.yaml", true },
        { "**/file", "a/b/file", true },
        { "**/file", "file", false },
        { "**/*.yaml", "a/b/c.yaml", true },
        { "**a*b", "a/x/ab", true },
        { "**a*b", "ax/b", false },
        { "**x/*z", "x/y/x/yz", true },
        { "a**b*c**d", "a/b/c/b-c/d", true },
    };

    (void)state;
    CHECK(cases);
}

static void a_question_mark_is_one_whole_character(void **state)
{
    const struct glob_case cases[] = {
        { "?", "a", true },    { "?", "", false },     { "?", "/", false },    { "?", "ab", false },
        { "?", "é", true },    { "?", "😀", true },     { "??", "é", false },   { "*?", "é", true },
        { "*??", "é", false }, { "**??", "é", false }, { "a?c", "a€c", true }, { "??", "\xe2\x82", true },
        { "?", "\xff", true },
    };

    (void)state;
    CHECK(cases);
}

static void lengths_are_obeyed(void **state)
{
    (void)state;
    assert_true(cmr__glob_match("a*?", 2, "abcd/e", 4));
    assert_true(cmr__glob_match("?", 1, "a\0b", 1));
    assert_true(cmr__glob_match("a?b", 3, "a\0b", 3));
    assert_true(cmr__glob_match("?", 1, "é", 1));
}

static bool matches_simply(const char *glob, const char *text)
{
    if (!*glob)
        return !*text;
    if (strncmp(glob, "**", 2) == 0)
        return matches_simply(glob + 2, text) || (*text && matches_simply(glob, text + 1));
    if (*glob == '*')
        return matches_simply(glob + 1, text) || (*text && *text != '/' && matches_simply(glob, text + 1));
    if (!*text || (*glob == '?' ? *text == '/' : *glob != *text))
        return false;
    return matches_simply(glob + 1, text + 1);
}

/* The text number `number` over the alphabet, counted by length; false when it would not fit. */
static bool spell(unsigned number, const char *alphabet, char *text, size_t size)
{
    unsigned base = (unsigned)strlen(alphabet);
    size_t length = 0;

    for (; number > 0; number = (number - 1) / base) {
        if (length + 1 == size)
            return false;
        text[length++] = alphabet[(number - 1) % base];
    }
    text[length] = '\0';
    return true;
}

static void all_short_globs_agree_with_a_simple_matcher(void **state)
{
    char glob[6], text[6];

    (void)state;
    for (unsigned g = 0; spell(g, "a*/?", glob, sizeof(glob)); g++) {
        for (unsigned t = 0; spell(t, "a/b", text, sizeof(text)); t++) {
            bool expected = matches_simply(glob, text);

            if (cmr__glob_match(glob, strlen(glob), text, strlen(text)) != expected)
                fail_msg("\"%s\" on \"%s\": expected %d", glob, text, expected);
        }
    }
}

static void random_long_globs_agree_with_a_simple_matcher(void **state)
{
    uint32_t random = 1;

    (void)state;
    for (int round = 0; round < 100000; round++) {
        char glob[10] = "", text[12] = "";

        for (size_t i = 0; i < sizeof(glob) - 1; i++)
            glob[i] = "aab/***?"[(random = random * 1664525 + 1013904223) >> 29];
        for (size_t i = 0; i < sizeof(text) - 1; i++)
            text[i] = "aaabbab/"[(random = random * 1664525 + 1013904223) >> 29];
        if (cmr__glob_match(glob, strlen(glob), text, strlen(text)) != matches_simply(glob, text))
            fail_msg("\"%s\" on \"%s\"", glob, text);
    }
}

static void assert_hostile(const char *piece, size_t pieces, const char *end)
{
    char glob[1024] = "", text[2048];

    for (size_t i = 0; i < pieces; i++)
        strcat(glob, piece);
    strcat(glob, end);
    memset(text, 'a', sizeof(text));
    for (size_t i = 31; i < sizeof(text); i += 32)
        text[i] = '/';
    assert_false(cmr__glob_match(glob, strlen(glob), text, sizeof(text)));
}

static void many_stars_take_no_exponential_time(void **state)
{
    (void)state;
    assert_hostile("*a", 200, "b");
    assert_hostile("**a", 200, "b");
    assert_hostile("**a*a", 100, "b");
    assert_hostile("**/*a*a", 50, "b");
    assert_hostile("**?", 200, "b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_characters_stand_for_themselves),
        cmocka_unit_test(a_star_stays_within_its_level),
        cmocka_unit_test(two_stars_cross_levels),
        cmocka_unit_test(a_question_mark_is_one_whole_character),
        cmocka_unit_test(lengths_are_obeyed),
        cmocka_unit_test(all_short_globs_agree_with_a_simple_matcher),
        cmocka_unit_test(random_long_globs_agree_with_a_simple_matcher),
        cmocka_unit_test(many_stars_take_no_exponential_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
