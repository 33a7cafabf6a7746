/* SPDX-License-Identifier: MIT
 *
 * Status texts are total and tell each status from the others; the version is the header's.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "cmreload/cmreload.h"

static const char *text_of(int status)
{
    return cmr_strerror((cmr_status)status);
}

static void every_status_has_words_of_its_own(void **state)
{
    (void)state;
    for (int status = CMR_ERR_AGAIN; status <= CMR_OK; status++) {
        assert_non_null(text_of(status));
        assert_string_not_equal(text_of(status), "");
        assert_string_not_equal(text_of(status), "unknown status");
        for (int other = status + 1; other <= CMR_OK; other++)
            assert_string_not_equal(text_of(status), text_of(other));
    }
}

static void other_numbers_are_unknown(void **state)
{
    (void)state;
    assert_string_equal(text_of(1), "unknown status");
    assert_string_equal(text_of(CMR_ERR_AGAIN - 1), "unknown status");
    assert_string_equal(text_of(INT_MIN), "unknown status");
    assert_string_equal(text_of(INT_MAX), "unknown status");
}

static void the_version_is_the_headers(void **state)
{
    char expected[64];

    (void)state;
    snprintf(expected, sizeof(expected), "%d.%d.%d", CMR_VERSION_MAJOR, CMR_VERSION_MINOR, CMR_VERSION_PATCH);
    assert_string_equal(cmr_version(), expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_words_of_its_own),
        cmocka_unit_test(other_numbers_are_unknown),
        cmocka_unit_test(the_version_is_the_headers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
