/* SPDX-License-Identifier: MIT
 *
 * Dates, before the C library's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <time.h>

#include "base/clock.h"

#define FIRST_OF_10000 INT64_C(253402300800)

static void assert_as_the_c_library_has_it(int64_t seconds)
{
    char text[CMR__TIME_SIZE], wanted[64];
    struct tm parts;
    time_t when = (time_t)seconds;
    assert_non_null(gmtime_r(&when, &parts));
    assert_int_not_equal(0, strftime(wanted, sizeof wanted, "%Y-%m-%dT%H:%M:%SZ", &parts));
    cmr__clock_format(seconds, text);
    assert_string_equal(wanted, text);
}

static void dates_are_those_of_the_c_library(void **state)
{
    (void)state;
    for (int64_t day = 0; day < FIRST_OF_10000 / 86400;
         day += day < 60000 ? 1 : 97) /* 1970 to 2134, and on */
        assert_as_the_c_library_has_it(day * 86400 + day * 7919 % 86400);
    assert_as_the_c_library_has_it(951782399); /* the last second before 29 February 2000 */
    assert_as_the_c_library_has_it(FIRST_OF_10000 - 1);
}

static void what_rfc_3339_has_no_form_for_is_empty(void **state)
{
    const int64_t outside[] = { -1, INT64_MIN, FIRST_OF_10000, INT64_MAX };
    (void)state;
    for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++) {
        char text[CMR__TIME_SIZE] = "x";
        cmr__clock_format(outside[i], text);
        assert_string_equal("", text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_are_those_of_the_c_library),
        cmocka_unit_test(what_rfc_3339_has_no_form_for_is_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
