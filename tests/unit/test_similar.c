/* SPDX-License-Identifier: MIT
 *
 * Distances by hand, against a plain recursion, and what is close enough to be meant. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/similar.h"

static size_t distance(const char *one, const char *two)
{
    size_t found = cmr__similar_distance(one, strlen(one), two, strlen(two), 60);

    assert_int_equal(found, cmr__similar_distance(two, strlen(two), one, strlen(one), 60));
    return found;
}

static void edits_are_counted(void **state)
{
    (void)state;
    assert_int_equal(distance("", ""), 0);
    assert_int_equal(distance("", "abc"), 3);
    assert_int_equal(distance("port", "port"), 0);
    assert_int_equal(distance("port", "prot"), 1); /* swapped */
    assert_int_equal(distance("port", "por"), 1);
    assert_int_equal(distance("port", "poort"), 1);
    assert_int_equal(distance("port", "part"), 1);
    assert_int_equal(distance("ca", "abc"), 3); /* nothing is edited twice */
    assert_int_equal(distance("kitten", "sitting"), 3);
    assert_int_equal(distance("PORT", "port"), 0);
    assert_int_equal(distance("[", "{"), 1); /* which differ as a letter's cases do */
    assert_int_equal(distance("sevrer.prot", "server.port"), 2);
}

static void the_limit_ends_the_search(void **state)
{
    char longer[CMR__SIMILAR_MAX + 3], other[CMR__SIMILAR_MAX + 3];

    (void)state;
    memset(longer, 'x', sizeof(longer));
    memset(other, 'x', sizeof(other));
    assert_int_equal(cmr__similar_distance("abcdef", 6, "uvwxyz", 6, 2), 3);
    assert_int_equal(cmr__similar_distance("abcdef", 6, "abxxef", 6, 2), 2);
    assert_int_equal(cmr__similar_distance("abcdef", 6, "ab", 2, 2), 3);
    assert_int_equal(cmr__similar_distance("a", 1, "b", 1, 0), 1);
    /* However long, if they differ in a short stretch only. */
    other[40] = 'y';
    assert_int_equal(cmr__similar_distance(longer, sizeof(longer), other, sizeof(other), 3), 1);
    assert_int_equal(cmr__similar_distance(longer, sizeof(longer), other, sizeof(other) - 1, 3), 2);
    other[1] = other[CMR__SIMILAR_MAX] = 'y'; /* 64 bytes from the one to the other */
    assert_int_equal(cmr__similar_distance(longer, sizeof(longer), other, sizeof(other), 3), 3);
    other[0] = 'y';
    assert_int_equal(cmr__similar_distance(longer, sizeof(longer), other, sizeof(other), 9), 10);
}

/* The definition. */
static size_t plain(const char *one, size_t one_length, const char *two, size_t two_length)
{
    size_t best, other;

    if (one_length == 0 || two_length == 0)
        return one_length + two_length;
    best = plain(one, one_length - 1, two, two_length - 1) + (one[one_length - 1] != two[two_length - 1]);
    other = plain(one, one_length - 1, two, two_length) + 1;
    best = other < best ? other : best;
    other = plain(one, one_length, two, two_length - 1) + 1;
    best = other < best ? other : best;
    if (one_length > 1 && two_length > 1 && one[one_length - 1] == two[two_length - 2] &&
        one[one_length - 2] == two[two_length - 1]) {
        other = plain(one, one_length - 2, two, two_length - 2) + 1;
        best = other < best ? other : best;
    }
    return best;
}

static void it_is_the_definitions_distance(void **state)
{
    unsigned seed = 4711;

    (void)state;
    for (int i = 0; i < 3000; i++) {
        char words[2][6];
        size_t lengths[2];

        for (int w = 0; w < 2; w++) {
            seed = seed * 1103515245u + 12345u;
            lengths[w] = (seed >> 16) % 7;
            for (size_t j = 0; j < lengths[w]; j++) {
                seed = seed * 1103515245u + 12345u;
                words[w][j] = (char)('a' + (seed >> 16) % 3);
            }
        }
        size_t wanted = plain(words[0], lengths[0], words[1], lengths[1]);
        for (size_t limit = 0; limit < 7; limit++) {
            size_t found = cmr__similar_distance(words[0], lengths[0], words[1], lengths[1], limit);

            assert_int_equal(found, wanted > limit ? limit + 1 : wanted);
        }
    }
}

static const char *nearest(const char *wrong, const char *const *names)
{
    struct cmr__similar search;

    cmr__similar_start(&search, wrong, strlen(wrong));
    for (; *names; names++)
        cmr__similar_offer(&search, *names, strlen(*names));
    return search.nearest ? search.nearest : "none";
}

static void only_what_is_close_is_meant(void **state)
{
    static const char *const names[] = {
        "round_robin", "random", "least_conn", "ip", "off", "on", "a", NULL
    };

    (void)state;
    assert_string_equal(nearest("round-robbin", names), "round_robin");
    assert_string_equal(nearest("ROUND_ROBIN", names), "round_robin");
    assert_string_equal(nearest("randon", names), "random");
    assert_string_equal(nearest("least", names), "none");
    assert_string_equal(nearest("of", names), "off");
    assert_string_equal(nearest("no", names), "on");
    assert_string_equal(nearest("pi", names), "ip");
    assert_string_equal(nearest("xy", names), "none");
    assert_string_equal(nearest("b", names), "none"); /* nothing of it would be left */
    assert_string_equal(nearest("", names), "none");
}

static void the_first_of_equally_near_names_stays(void **state)
{
    static const char *const names[] = { "cat", "car", "bat", NULL };
    static const char *const exact[] = { "cat", "caz", "car", NULL };

    (void)state;
    assert_string_equal(nearest("caz", names), "cat");
    assert_string_equal(nearest("caz", exact), "caz");
}

static void the_reach_grows_with_the_name(void **state)
{
    (void)state;
    assert_int_equal(cmr__similar_reach(1), 1);
    assert_int_equal(cmr__similar_reach(4), 1);
    assert_int_equal(cmr__similar_reach(5), 2);
    assert_int_equal(cmr__similar_reach(8), 2);
    assert_int_equal(cmr__similar_reach(9), 3);
    assert_int_equal(cmr__similar_reach(30), 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edits_are_counted),
        cmocka_unit_test(the_limit_ends_the_search),
        cmocka_unit_test(it_is_the_definitions_distance),
        cmocka_unit_test(only_what_is_close_is_meant),
        cmocka_unit_test(the_first_of_equally_near_names_stays),
        cmocka_unit_test(the_reach_grows_with_the_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
