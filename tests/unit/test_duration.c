/* SPDX-License-Identifier: MIT
 *
 * Durations: what Go's time.ParseDuration gives for the same texts. The values of the fractions were
 * taken from it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "model/convert.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define MICRO_SIGN "\xc2\xb5"
#define GREEK_MU "\xce\xbc"
#define SECOND INT64_C(1000000000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)

static void durations_of_every_form_are_read(void **state)
{
    static const struct {
        const char *text;
        int64_t nanoseconds;
    } cases[] = {
        { "0", 0 },
        { "+0", 0 },
        { "-0", 0 },
        { "0s", 0 },
        { "00s", 0 },
        { "-0h", 0 },
        { "5ns", 5 },
        { "5us", 5000 },
        { "5" MICRO_SIGN "s", 5000 },
        { "5" GREEK_MU "s", 5000 },
        { "5ms", 5000000 },
        { "5s", 5 * SECOND },
        { "5m", 5 * MINUTE },
        { "5h", 5 * HOUR },
        { "-5s", -5 * SECOND },
        { "+5s", 5 * SECOND },
        { "1h30m", HOUR + 30 * MINUTE },
        { "-1h30m", -HOUR - 30 * MINUTE },
        { "1h2m3s4ms5us6ns", HOUR + 2 * MINUTE + 3 * SECOND + 4005006 },
        { "1s1h1s", HOUR + 2 * SECOND }, /* any order, and again */
        { "1.5s", 1500000000 },
        { "5.s", 5 * SECOND },
        { ".5s", 500000000 },
        { "-.5s", -500000000 },
        { "0.5h0.5h", HOUR },
        { "1.s.1s", 1100000000 },
        { "007s", 7 * SECOND },
        { "0.000000001s", 1 },
        { "0.0000000019s", 1 }, /* cut, not rounded */
        { "1.9ns", 1 },
        { ".9ns", 0 },
        { "-1.9ns", -1 },
        { "0.3333333333333333333h", 20 * MINUTE },
        { "0.333333333333333h", 1199999999999 },
        { "0.100000000000000000000h", 6 * MINUTE },
        { "0.9223372036854775807h", 3320413933267 },
        { "0.9223372036854775808h", 3320413933267 },
        { "0.92233720368547758079999h", 3320413933267 }, /* what does not fit into the fraction is dropped */
        { "0.9999999999999999999999999999h", HOUR },     /* the double, not the text, is cut */
        { "39h9m14.425s", 140954425000000 },
        { "2540400h10m10s", INT64_C(9145440610000000000) },
        { "9007199254.740993ms", 9007199254740993 },
        { "9223372036854775807ns", INT64_MAX },
        { "9223372036854775.807us", INT64_MAX },
        { "9223372036s854ms775us807ns", INT64_MAX },
        { "-9223372036854775807ns", -INT64_MAX },
        { "-9223372036854775808ns", INT64_MIN },
        { "-9223372036854775.808us", INT64_MIN },
        { "-9223372036s854ms775us808ns", INT64_MIN },
        { "-2562047h47m16.854775808s", INT64_MIN },
        { "2562047h47m16.854775807s", INT64_MAX },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t value = 4711;
        cmr_status status = cmr__parse_duration(cases[i].text, strlen(cases[i].text), &value);

        if (status != CMR_OK || value != cases[i].nanoseconds)
            fail_msg("%s gives %lld, status %d", cases[i].text, (long long)value, status);
    }
}

static void durations_that_do_not_fit_are_out_of_range(void **state)
{
    static const char *const texts[] = {
        "9223372036854775808ns",
        "+9223372036854775808ns",
        "-9223372036854775809ns",
        "9223372036854775.808us",
        "9223372036854ms775us808ns",
        "9223372036s854ms775us808ns",
        "-9223372036s854ms775us809ns",
        "92233720368547758070s",
        "99999999999999999999999999999999ns",
        "3000000h",
        "2562047.999h",
        "-2562047h47m16.854775809s",
        "9223372036854775807ns1ns",
        "9223372036854775808ns9223372036854775808ns", /* 2^64, where Go's sum wraps around to 0 */
        "-9223372036854775808ns9223372036854775808ns",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        int64_t value = 4711;

        if (cmr__parse_duration(texts[i], strlen(texts[i]), &value) != CMR_ERR_RANGE || value != 4711)
            fail_msg("%s fits: %lld", texts[i], (long long)value);
    }
}

static void what_is_no_duration_is_of_another_type(void **state)
{
    static const char *const texts[] = {
        "",       "+",         "-",
        "s",      "+s",        "-s",
        ".",      ".s",        "+.s",
        "-.",     "--1s",      "+-1s",
        " 1s",    "1s ",       "1 s",
        "1s 2s",  "1d",        "1w",
        "1y",     "1S",        "1H",
        "1Ms",    "1sec",      "1min",
        "1hour",  "1h-1m",     "1h+1m",
        "1e3s",   "1,5s",      "0x1s",
        "1sm",    "1d2h",      "abc",
        "1\xb5s", "1\xc2s",    "1\xce\xbc",
        "1s\n",   "3000000hx", "9223372036854775808x",
        "1_000s", "one",       "\342\210\2221s", /* a minus sign, and no hyphen */
    };

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        int64_t value = 4711;
        enum cmr__fault fault = cmr__read_duration(texts[i], strlen(texts[i]), &value);

        if (fault != CMR__FAULT_GRAMMAR || value != 4711)
            fail_msg("\"%s\" has fault %d", texts[i], fault);
        assert_int_equal(cmr__parse_duration(texts[i], strlen(texts[i]), &value), CMR_ERR_TYPE);
    }
}

static void a_number_without_a_unit_is_no_duration(void **state)
{
    static const char *const texts[] = { "10", "-10",  "1.5",    "00",   "0.0", "0.",
                                         ".0", "1h30", "1.2.3s", "1..s", "1s0" };

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        int64_t value = 4711;
        enum cmr__fault fault = cmr__read_duration(texts[i], strlen(texts[i]), &value);

        if (fault != CMR__FAULT_NO_UNIT || value != 4711)
            fail_msg("\"%s\" has fault %d", texts[i], fault);
        assert_int_equal(cmr__parse_duration(texts[i], strlen(texts[i]), &value), CMR_ERR_TYPE);
    }
}

static void the_length_ends_a_duration_and_a_nul_byte_does_not(void **state)
{
    int64_t value = 4711;

    (void)state;
    assert_int_equal(cmr__parse_duration("1ms", 2, &value), CMR_OK);
    assert_int_equal(value, MINUTE);
    assert_int_equal(cmr__parse_duration("1s\0", 3, &value), CMR_ERR_TYPE);
    assert_int_equal(cmr__parse_duration("0\0", 2, &value), CMR_ERR_TYPE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_of_every_form_are_read),
        cmocka_unit_test(durations_that_do_not_fit_are_out_of_range),
        cmocka_unit_test(what_is_no_duration_is_of_another_type),
        cmocka_unit_test(a_number_without_a_unit_is_no_duration),
        cmocka_unit_test(the_length_ends_a_duration_and_a_nul_byte_does_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
