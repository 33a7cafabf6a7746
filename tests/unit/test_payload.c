/* SPDX-License-Identifier: MIT
 *
 * The tool's payloads: names that stand beside each other, keys and paths as Kubernetes takes them,
 * projection and merging. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "cli/payload.h"

static void names_do_not_collide(void **state)
{
    struct payload payload = PAYLOAD_INIT;

    (void)state;
    assert_int_equal(payload_add(&payload, "a/b", "", 0), PAYLOAD_OK);
    assert_int_equal(payload_add(&payload, "a/b", "", 0), PAYLOAD_TAKEN);
    assert_int_equal(payload_add(&payload, "a", "", 0), PAYLOAD_TAKEN);
    assert_int_equal(payload_add(&payload, "a/b/c", "", 0), PAYLOAD_TAKEN);
    assert_int_equal(payload_add(&payload, "a-b", "", 0), PAYLOAD_OK);
    assert_int_equal(payload_add(&payload, "a/c", "", 0), PAYLOAD_OK);
    assert_int_equal(payload.count, 3);
    payload_clear(&payload);
}

static void keys_and_paths(void **state)
{
    static const char *const bad_paths[] = {
        "", "/a", "..", "..a", "a/../b", "./..", "./..a/b", ".", "a/.."
    };
    static const char *const good_paths[] = { "a", "a/b", "a/..b", "a//b", ".a", "./a", "a/" };
    char long_key[255];

    (void)state;
    memset(long_key, 'k', sizeof(long_key));
    assert_null(payload_key_error(long_key, 253));
    assert_non_null(payload_key_error(long_key, 254));
    assert_null(payload_key_error("_.A-9", 5));
    assert_null(payload_key_error(".a..", 4));
    assert_non_null(payload_key_error("", 0));
    assert_non_null(payload_key_error(".", 1));
    assert_non_null(payload_key_error("..", 2));
    assert_non_null(payload_key_error("..a", 3));
    assert_non_null(payload_key_error("a/b", 3));
    assert_non_null(payload_key_error("a\0b", 3));
    assert_non_null(payload_key_error("\xc3\xa9", 2));
    for (size_t i = 0; i < sizeof(bad_paths) / sizeof(bad_paths[0]); i++)
        assert_non_null(payload_path_error(bad_paths[i]));
    for (size_t i = 0; i < sizeof(good_paths) / sizeof(good_paths[0]); i++)
        assert_null(payload_path_error(good_paths[i]));
}

static void projection_and_merge(void **state)
{
    struct payload all = PAYLOAD_INIT, some = PAYLOAD_INIT;

    (void)state;
    payload_set(&all, "one", "1", 1);
    payload_set(&all, "two", "2", 1);
    assert_int_equal(payload_project(&some, &all, "one", "./path//to/one"), PAYLOAD_OK);
    assert_int_equal(payload_project(&some, &all, "three", "x"), PAYLOAD_ABSENT);
    assert_int_equal(payload_project(&some, &all, "two", "path/to"), PAYLOAD_TAKEN);
    assert_non_null(payload_find(&some, "path/to/one"));
    assert_int_equal(some.count, 1);

    payload_set(&some, "two", "given", 5);
    assert_int_equal(payload_merge(&some, &all), PAYLOAD_OK);
    assert_int_equal(some.count, 3);
    assert_string_equal(payload_find(&some, "two")->data, "given");
    assert_int_equal(payload_total(&some), 7);
    payload_clear(&all);
    payload_clear(&some);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_do_not_collide),
        cmocka_unit_test(keys_and_paths),
        cmocka_unit_test(projection_and_merge),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
