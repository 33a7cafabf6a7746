/* SPDX-License-Identifier: MIT
 *
 * Structs that begin with their size, passed between programs and libraries of different age. The
 * caller's struct lies on the heap at its exact size, so that the sanitizer sees a read or a write
 * past it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/options.h"

struct ours {
    size_t size;
    uint64_t first;
    uint64_t second;
};

struct older {
    size_t size;
    uint64_t first;
};

struct newer {
    size_t size;
    uint64_t first, second, third;
    char last;
};

static const struct ours untouched = { 77, 78, 79 };

static cmr_status read_copy(const void *given, size_t size, struct ours *ret_ours)
{
    void *copy = malloc(size);
    cmr_status status;

    assert_non_null(copy);
    memcpy(copy, given, size);
    status = cmr__options_read(copy, ret_ours, sizeof(*ret_ours));
    free(copy);
    return status;
}

static void null_is_all_defaults(void **state)
{
    struct ours ours = untouched;

    (void)state;
    assert_int_equal(cmr__options_read(NULL, &ours, sizeof(ours)), CMR_OK);
    assert_int_equal(ours.size, sizeof(ours));
    assert_int_equal(ours.first, 0);
    assert_int_equal(ours.second, 0);
}

static void an_item_of_a_table_has_its_size_elsewhere(void **state)
{
    static const struct newer newer = { 5, 6, 7, 0, 0 }, set = { 5, 6, 7, 8, 0 };
    struct ours ours = untouched;

    (void)state;
    assert_int_equal(cmr__options_read_item(&newer, sizeof(newer), &ours, sizeof(ours)), CMR_OK);
    assert_int_equal(ours.size, 5);
    assert_int_equal(ours.second, 7);
    assert_int_equal(cmr__options_read_item(&set, sizeof(set), &ours, sizeof(ours)),
                     CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(ours.second, 7);
    assert_int_equal(cmr__options_read_item(&set, offsetof(struct ours, second), &ours, sizeof(ours)),
                     CMR_OK);
    assert_int_equal(ours.first, 6);
    assert_int_equal(ours.second, 0);
}

static void a_struct_of_our_size_is_copied(void **state)
{
    struct ours given = { sizeof(given), 1, 2 }, ours = untouched;

    (void)state;
    assert_int_equal(read_copy(&given, sizeof(given), &ours), CMR_OK);
    assert_memory_equal(&ours, &given, sizeof(ours));
}

static void an_older_struct_gets_defaults_for_the_rest(void **state)
{
    struct older given = { sizeof(given), 1 };
    struct ours ours = untouched;
    size_t only_size = sizeof(size_t);

    (void)state;
    assert_int_equal(read_copy(&given, sizeof(given), &ours), CMR_OK);
    assert_int_equal(ours.size, sizeof(ours));
    assert_int_equal(ours.first, 1);
    assert_int_equal(ours.second, 0);
    assert_int_equal(read_copy(&only_size, sizeof(only_size), &ours), CMR_OK);
    assert_int_equal(ours.first, 0);
}

static void a_newer_struct_is_taken_if_its_tail_is_zero(void **state)
{
    struct newer given = { .size = offsetof(struct newer, last) + 1, .first = 1, .second = 2 };
    struct ours ours = untouched;

    (void)state;
    assert_int_equal(read_copy(&given, given.size, &ours), CMR_OK);
    assert_int_equal(ours.size, sizeof(ours));
    assert_int_equal(ours.first, 1);
    assert_int_equal(ours.second, 2);
}

static void a_newer_struct_with_unknown_options_is_refused(void **state)
{
    struct newer given = { .size = offsetof(struct newer, last) + 1, .third = 1 };
    struct ours ours = untouched;

    (void)state;
    assert_int_equal(read_copy(&given, given.size, &ours), CMR_ERR_INVALID_ARGUMENT);
    given.third = 0;
    given.last = 1;
    assert_int_equal(read_copy(&given, given.size, &ours), CMR_ERR_INVALID_ARGUMENT);
    assert_memory_equal(&ours, &untouched, sizeof(ours));
}

static void a_size_that_was_not_set_is_refused(void **state)
{
    struct ours ours = untouched;

    (void)state;
    for (size_t size = 0; size < sizeof(size_t); size++) {
        assert_int_equal(read_copy(&size, sizeof(size), &ours), CMR_ERR_INVALID_ARGUMENT);
        assert_int_equal(cmr__options_write(&untouched, sizeof(untouched), &size), CMR_ERR_INVALID_ARGUMENT);
    }
    assert_memory_equal(&ours, &untouched, sizeof(ours));
}

static void the_public_initialisers_are_accepted(void **state)
{
    cmr_options given = CMR_OPTIONS_INIT, ours;
    cmr_mount_options mount_given = CMR_MOUNT_OPTIONS_INIT, mount_ours;

    (void)state;
    assert_int_equal(cmr__options_read(&given, &ours, sizeof(ours)), CMR_OK);
    assert_int_equal(cmr__options_read(&mount_given, &mount_ours, sizeof(mount_ours)), CMR_OK);
}

static void writing_fills_what_the_caller_has_room_for(void **state)
{
    const struct ours ours = { sizeof(ours), 1, 2 };
    struct ours same = { .size = sizeof(same) };
    struct older *shorter = calloc(1, sizeof(*shorter));

    (void)state;
    assert_non_null(shorter);
    shorter->size = sizeof(*shorter);
    assert_int_equal(cmr__options_write(&ours, sizeof(ours), shorter), CMR_OK);
    assert_int_equal(shorter->size, sizeof(*shorter));
    assert_int_equal(shorter->first, 1);
    free(shorter);
    assert_int_equal(cmr__options_write(&ours, sizeof(ours), &same), CMR_OK);
    assert_memory_equal(&same, &ours, sizeof(ours));
    assert_int_equal(cmr__options_write(&ours, sizeof(ours), NULL), CMR_ERR_INVALID_ARGUMENT);
}

static void writing_zeroes_what_only_the_caller_knows(void **state)
{
    const struct ours ours = { sizeof(ours), 1, 2 };
    struct newer longer = { .size = sizeof(longer), .third = 9, .last = 9 };

    (void)state;
    assert_int_equal(cmr__options_write(&ours, sizeof(ours), &longer), CMR_OK);
    assert_int_equal(longer.size, sizeof(longer));
    assert_int_equal(longer.second, 2);
    assert_int_equal(longer.third, 0);
    assert_int_equal(longer.last, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(null_is_all_defaults),
        cmocka_unit_test(an_item_of_a_table_has_its_size_elsewhere),
        cmocka_unit_test(a_struct_of_our_size_is_copied),
        cmocka_unit_test(an_older_struct_gets_defaults_for_the_rest),
        cmocka_unit_test(a_newer_struct_is_taken_if_its_tail_is_zero),
        cmocka_unit_test(a_newer_struct_with_unknown_options_is_refused),
        cmocka_unit_test(a_size_that_was_not_set_is_refused),
        cmocka_unit_test(the_public_initialisers_are_accepted),
        cmocka_unit_test(writing_fills_what_the_caller_has_room_for),
        cmocka_unit_test(writing_zeroes_what_only_the_caller_knows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
