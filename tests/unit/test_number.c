/* SPDX-License-Identifier: MIT
 *
 * Numbers by the core schema of YAML 1.2.2 (section 10.3.2): every alternative of the grammar, every
 * boundary, correct rounding, and that no locale changes a result.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/convert.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define ZEROS_40 "0000000000000000000000000000000000000000"

static void ints_of_every_form_are_read(void **state)
{
    static const struct {
        const char *text;
        int64_t value;
    } cases[] = {
        { "0", 0 },
        { "-0", 0 },
        { "+0", 0 },
        { "7", 7 },
        { "007", 7 },
        { "08", 8 },
        { "-12", -12 },
        { "+12", 12 },
        { "0o0", 0 },
        { "0o17", 15 },
        { "0x0", 0 },
        { "0xff", 255 },
        { "0xFf", 255 },
        { "0xaAfF09", 0xaaff09 },
        { "999999999999999999", 999999999999999999 },
        { "1000000000000000000", 1000000000000000000 },
        { "9223372036854775806", INT64_MAX - 1 },
        { "9223372036854775807", INT64_MAX },
        { "+9223372036854775807", INT64_MAX },
        { "-9223372036854775807", -INT64_MAX },
        { "-9223372036854775808", INT64_MIN },
        { ZEROS_40 "9223372036854775807", INT64_MAX },
        { "-" ZEROS_40 "9223372036854775808", INT64_MIN },
        { "0x7fffffffffffffff", INT64_MAX },
        { "0o777777777777777777777", INT64_MAX },
        { "0x" ZEROS_40 "10", 16 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t value = 4711;

        if (cmr__parse_int(cases[i].text, strlen(cases[i].text), &value) != CMR_OK || value != cases[i].value)
            fail_msg("%s gives %lld", cases[i].text, (long long)value);
    }
}

static void uints_of_every_form_are_read(void **state)
{
    static const struct {
        const char *text;
        uint64_t value;
    } cases[] = {
        { "0", 0 },
        { "-0", 0 },
        { "-000", 0 },
        { "+5", 5 },
        { "9223372036854775808", (uint64_t)INT64_MAX + 1 },
        { "9999999999999999999", 9999999999999999999u },
        { "10000000000000000000", 10000000000000000000u },
        { "18446744073709551614", UINT64_MAX - 1 },
        { "18446744073709551615", UINT64_MAX },
        { ZEROS_40 "18446744073709551615", UINT64_MAX },
        { "0xffffffffffffffff", UINT64_MAX },
        { "0x0ffffffffffffffff", UINT64_MAX },
        { "0o1777777777777777777777", UINT64_MAX },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint64_t value = 4711;

        if (cmr__parse_uint(cases[i].text, strlen(cases[i].text), &value) != CMR_OK ||
            value != cases[i].value)
            fail_msg("%s gives %llu", cases[i].text, (unsigned long long)value);
    }
}

static void ints_that_do_not_fit_are_out_of_range(void **state)
{
    static const struct {
        const char *text;
        bool fits_unsigned;
    } cases[] = {
        { "9223372036854775808", true },
        { "0x8000000000000000", true },
        { "0o1000000000000000000000", true },
        { "18446744073709551615", true },
        { "-9223372036854775809", false },
        { "18446744073709551616", false },
        { "18446744073709551620", false },
        { "28446744073709551615", false },
        { "-18446744073709551616", false },
        { "36893488147419103232", false }, /* 2^65: wraps around to 0 */
        { "99999999999999999999999999999999", false },
        { "0x10000000000000000", false },
        { "0x100000000000000000000000000000000", false },
        { "0o2000000000000000000000", false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t length = strlen(cases[i].text);
        int64_t value = 4711;
        uint64_t unsigned_value = 4711;
        cmr_status status = cmr__parse_uint(cases[i].text, length, &unsigned_value);

        if (cmr__parse_int(cases[i].text, length, &value) != CMR_ERR_RANGE || value != 4711)
            fail_msg("%s fits into int64", cases[i].text);
        if (status != (cases[i].fits_unsigned ? CMR_OK : CMR_ERR_RANGE))
            fail_msg("%s as uint64: %d", cases[i].text, status);
    }
}

static void a_negative_int_is_out_of_an_unsigned_ones_range(void **state)
{
    uint64_t value = 4711;

    (void)state;
    assert_int_equal(cmr__parse_uint("-1", 2, &value), CMR_ERR_RANGE);
    assert_int_equal(cmr__parse_uint("-9223372036854775808", 20, &value), CMR_ERR_RANGE);
    assert_int_equal(value, 4711);
}

static const char *const no_ints[] = {
    "",
    "+",
    "-",
    "--1",
    "+-1",
    " 1",
    "1 ",
    "1\n",
    "0o",
    "0x",
    "0O7",
    "0X7",
    "-0x1",
    "+0x1",
    "-0o1",
    "+0o1",
    "0o8",
    "0o9",
    "0xg",
    "0x-1",
    "0x 1",
    "1_000",
    "1,000",
    "0b1",
    "80a",
    "a",
    "1.0",
    "1e3",
    ".5",
    "5.",
    "99999999999999999999x",
    "0xffffffffffffffffffg",
    "\xd9\xa1",
};

static void what_is_no_int_is_of_another_type(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(no_ints); i++) {
        size_t length = strlen(no_ints[i]);
        int64_t value = 4711;
        uint64_t unsigned_value = 4711;

        if (cmr__parse_int(no_ints[i], length, &value) != CMR_ERR_TYPE || value != 4711)
            fail_msg("\"%s\" is an int64", no_ints[i]);
        if (cmr__parse_uint(no_ints[i], length, &unsigned_value) != CMR_ERR_TYPE || unsigned_value != 4711)
            fail_msg("\"%s\" is a uint64", no_ints[i]);
    }
}

static void the_length_ends_a_number_and_a_nul_byte_does_not(void **state)
{
    int64_t value = 4711;
    double number = 4711;

    (void)state;
    assert_int_equal(cmr__parse_int("1234", 2, &value), CMR_OK);
    assert_int_equal(value, 12);
    assert_int_equal(cmr__parse_int("12\0", 3, &value), CMR_ERR_TYPE);
    assert_int_equal(cmr__parse_double("1.5e3", 3, &number), CMR_OK);
    assert_true(number == 1.5);
    assert_int_equal(cmr__parse_double("1.5\0", 4, &number), CMR_ERR_TYPE);
    assert_int_equal(cmr__resolve_core_schema("12\0", 3), CMR__SCALAR_STRING);
    assert_int_equal(cmr__resolve_core_schema("\0", 1), CMR__SCALAR_STRING);
}

struct double_case {
    const char *text;
    double value;
};

static const struct double_case doubles[] = {
    { "0", 0.0 },
    { "12", 12.0 },
    { "-12", -12.0 },
    { "+12", 12.0 },
    { "0o17", 15.0 },
    { "0xff", 255.0 },
    { "1.5", 1.5 },
    { "+1.5", 1.5 },
    { "-1.5", -1.5 },
    { "1.", 1.0 },
    { ".5", 0.5 },
    { "-.5", -0.5 },
    { "+.5", 0.5 },
    { "1e3", 1000.0 },
    { "1E3", 1000.0 },
    { "1e+3", 1000.0 },
    { "-1e3", -1000.0 },
    { "1e-3", 0.001 },
    { "1.e2", 100.0 },
    { ".5e1", 5.0 },
    { "007.50", 7.5 },
    { "0.1", 0.1 },
    { "123456789012345678", 123456789012345678.0 },
    { "9007199254740993", 9007199254740992.0 },                      /* 2^53 + 1: a tie, to even */
    { "9007199254740993.00000000000000000001", 9007199254740994.0 }, /* and no tie any more */
    { "18446744073709551616", 18446744073709551616.0 },
    { "99999999999999999999", 1e20 },
    { "0xffffffffffffffffffff", 1208925819614629174706175.0 },
    { "0x20000000000001", 9007199254740992.0 },
    { "0x200000000000010000000000", 0x1p93 },               /* 2^53 + 1, shifted: a tie, to even */
    { "0x200000000000010000000001", 0x1.0000000000001p93 }, /* and no tie any more */
    { "0o1000000000000000000000000", 0x1p72 },
    { "1.7976931348623157e308", DBL_MAX },
    { "1.7976931348623158e308", DBL_MAX },
    { "2.2250738585072014e-308", DBL_MIN },
    { "2.2250738585072011e-308", 0x0.fffffffffffffp-1022 }, /* once hung PHP and Java */
    { "4.9406564584124654e-324", 0x1p-1074 },
    { "2.4703282292062327e-324", 0.0 },
    { "2.4703282292062328e-324", 0x1p-1074 },
    { "1e-400", 0.0 },
    { "1e-99999999999999999999999999", 0.0 },
    { "0e99999999999999999999999999", 0.0 },
    { "0." ZEROS_40 "1e41", 1.0 },
    { "1" ZEROS_40 "e-40", 1.0 },
};

static void doubles_of_every_form_are_read_and_rounded_correctly(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(doubles); i++) {
        double value = 4711;
        cmr_status status = cmr__parse_double(doubles[i].text, strlen(doubles[i].text), &value);

        if (status != CMR_OK || value != doubles[i].value)
            fail_msg("%s gives %.17g (%a), status %d", doubles[i].text, value, value, status);
    }
}

static void zero_keeps_its_sign(void **state)
{
    static const char *const texts[] = { "-0", "-0.0", "-.0", "-0e5", "-1e-400" };

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        double value = 4711;

        assert_int_equal(cmr__parse_double(texts[i], strlen(texts[i]), &value), CMR_OK);
        assert_true(value == 0 && signbit(value));
    }
}

static void infinities_and_nan_have_three_spellings_each(void **state)
{
    static const char *const infinities[] = { ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF" };
    static const char *const negatives[] = { "-.inf", "-.Inf", "-.INF" };
    static const char *const nans[] = { ".nan", ".NaN", ".NAN" };
    double value;

    (void)state;
    for (size_t i = 0; i < COUNT(infinities); i++) {
        assert_int_equal(cmr__parse_double(infinities[i], strlen(infinities[i]), &value), CMR_OK);
        assert_true(isinf(value) && value > 0);
    }
    for (size_t i = 0; i < COUNT(negatives); i++) {
        assert_int_equal(cmr__parse_double(negatives[i], 5, &value), CMR_OK);
        assert_true(isinf(value) && value < 0);
    }
    for (size_t i = 0; i < COUNT(nans); i++) {
        assert_int_equal(cmr__parse_double(nans[i], 4, &value), CMR_OK);
        assert_true(isnan(value));
    }
}

static const char *const no_doubles[] = {
    "",     "+",     "-",     ".",     "+.",     "-.",    "e5",    ".e5",  "1e",       "1e+",
    "1e-",  "1e5.0", "1.2.3", "1,5",   " 1",     "1 ",    "inf",   "nan",  "-nan",     "infinity",
    ".iNF", ".nAN",  "-.nan", "+.nan", "1.5f",   "0x1.8", "0x1p3", "0x",   "0o",       "-0xff",
    "0o8",  "--1",   "1e5 ",  "1d",    "++.inf", ".inf ", "1_0.5", "0x1.", "1e99999x",
};

static void what_is_no_double_is_of_another_type(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(no_doubles); i++) {
        double value = 4711;

        if (cmr__parse_double(no_doubles[i], strlen(no_doubles[i]), &value) != CMR_ERR_TYPE || value != 4711)
            fail_msg("\"%s\" is a double", no_doubles[i]);
    }
}

static void doubles_that_overflow_are_out_of_range(void **state)
{
    static const char *const texts[] = {
        "1e309",
        "-1e309",
        "1e999",
        "1.7976931348623159e308",
        "1e99999999999999999999999999",
        "0." ZEROS_40 "1e999999",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        double value = 4711;

        if (cmr__parse_double(texts[i], strlen(texts[i]), &value) != CMR_ERR_RANGE || value != 4711)
            fail_msg("%s fits: %g", texts[i], value);
    }
}

/* prefix, then count times the digit, then suffix */
static double parse_long(const char *prefix, size_t count, char digit, const char *suffix)
{
    size_t size = strlen(prefix) + count + strlen(suffix) + 1;
    char *text = malloc(size);
    double value = NAN;

    assert_non_null(text);
    memcpy(text, prefix, strlen(prefix));
    memset(text + strlen(prefix), digit, count);
    strcpy(text + strlen(prefix) + count, suffix);
    if (cmr__parse_double(text, size - 1, &value) == CMR_ERR_RANGE)
        value = INFINITY;
    free(text);
    return value;
}

static void numbers_of_any_length_are_read(void **state)
{
    (void)state;
    assert_true(parse_long("0.", 100000, '0', "1e100001") == 1.0);
    assert_true(parse_long("1", 100000, '0', "e-100000") == 1.0);
    assert_true(parse_long("0.", 5000, '3', "") == 1.0 / 3.0);
    assert_true(parse_long("", 5000, '0', "1.5") == 1.5);
    assert_true(isinf(parse_long("", 5000, '9', "")));
    assert_true(isinf(parse_long("0x", 5000, 'f', "")));
    /* A tie at first sight, and for thousands of digits; then not. */
    assert_true(parse_long("9007199254740993.", 5000, '0', "") == 9007199254740992.0);
    assert_true(parse_long("9007199254740993.", 5000, '0', "1") == 9007199254740994.0);
    assert_true(parse_long("9007199254740992.", 5000, '9', "") == 9007199254740992.0);
}

static void random_doubles_are_read_as_they_were_printed(void **state)
{
    uint64_t random = 0x9e3779b97f4a7c15u;

    (void)state;
    for (size_t i = 0; i < 20000; i++) {
        char text[64];
        double value = 4711;
        double printed;

        random = random * 6364136223846793005u + 1442695040888963407u;
        memcpy(&printed, &random, sizeof(printed));
        if (!isfinite(printed))
            continue;
        snprintf(text, sizeof(text), i % 2 ? "%.16e" : "%.40e", printed);
        if (cmr__parse_double(text, strlen(text), &value) != CMR_OK || value != printed)
            fail_msg("%s gives %a for %a", text, value, printed);
    }
}

/* Which locales there are is the machine's affair; one whose point is a comma suffices. */
static void the_locales_decimal_point_is_not_used(void **state)
{
    static const char *const locales[] = { "de_DE.UTF-8", "de_DE.utf8", "de_DE", "fr_FR.UTF-8",
                                           "fr_FR.utf8" };
    bool found = false;

    for (size_t i = 0; i < COUNT(locales) && !found; i++)
        found = setlocale(LC_ALL, locales[i]) && strcmp(localeconv()->decimal_point, ",") == 0;
    if (!found)
        printf("SKIP: no locale whose decimal point is a comma\n");
    doubles_of_every_form_are_read_and_rounded_correctly(state);
    what_is_no_double_is_of_another_type(state);
    setlocale(LC_ALL, "C");
}

static void the_core_schema_tells_scalars_apart(void **state)
{
    static const struct {
        const char *text;
        enum cmr__scalar_type type;
    } cases[] = {
        { "", CMR__SCALAR_NULL },
        { "~", CMR__SCALAR_NULL },
        { "null", CMR__SCALAR_NULL },
        { "Null", CMR__SCALAR_NULL },
        { "NULL", CMR__SCALAR_NULL },
        { "nULL", CMR__SCALAR_STRING },
        { "nul", CMR__SCALAR_STRING },
        { "~~", CMR__SCALAR_STRING },
        { "true", CMR__SCALAR_BOOL },
        { "True", CMR__SCALAR_BOOL },
        { "TRUE", CMR__SCALAR_BOOL },
        { "false", CMR__SCALAR_BOOL },
        { "False", CMR__SCALAR_BOOL },
        { "FALSE", CMR__SCALAR_BOOL },
        { "tRUE", CMR__SCALAR_STRING },
        { "yes", CMR__SCALAR_STRING },
        { "on", CMR__SCALAR_STRING },
        { "truer", CMR__SCALAR_STRING },
        { "0", CMR__SCALAR_INT },
        { "-0", CMR__SCALAR_INT },
        { "007", CMR__SCALAR_INT },
        { "-12", CMR__SCALAR_INT },
        { "+12", CMR__SCALAR_INT },
        { "0o17", CMR__SCALAR_INT },
        { "0xFf", CMR__SCALAR_INT },
        { "0xffffffffffffffffff", CMR__SCALAR_INT },
        { "99999999999999999999", CMR__SCALAR_INT },
        { "-99999999999999999999", CMR__SCALAR_INT },
        { "0o8", CMR__SCALAR_STRING },
        { "-0x1", CMR__SCALAR_STRING },
        { "0x", CMR__SCALAR_STRING },
        { "0o", CMR__SCALAR_STRING },
        { "0X1", CMR__SCALAR_STRING },
        { "1_000", CMR__SCALAR_STRING },
        { "1.5", CMR__SCALAR_FLOAT },
        { "1.", CMR__SCALAR_FLOAT },
        { ".5", CMR__SCALAR_FLOAT },
        { "-.5e-3", CMR__SCALAR_FLOAT },
        { "1e3", CMR__SCALAR_FLOAT },
        { "1e999", CMR__SCALAR_FLOAT },
        { ".inf", CMR__SCALAR_FLOAT },
        { "-.INF", CMR__SCALAR_FLOAT },
        { "+.Inf", CMR__SCALAR_FLOAT },
        { ".nan", CMR__SCALAR_FLOAT },
        { ".NaN", CMR__SCALAR_FLOAT },
        { "-.nan", CMR__SCALAR_STRING },
        { ".", CMR__SCALAR_STRING },
        { "-", CMR__SCALAR_STRING },
        { "+", CMR__SCALAR_STRING },
        { "...", CMR__SCALAR_STRING },
        { "1e", CMR__SCALAR_STRING },
        { "1.2.3", CMR__SCALAR_STRING },
        { "10.0.0.1", CMR__SCALAR_STRING },
        { "10Mi", CMR__SCALAR_STRING },
        { "1h30m", CMR__SCALAR_STRING },
        { "2024-01-01", CMR__SCALAR_STRING },
        { "12:30", CMR__SCALAR_STRING },
        { "inf", CMR__SCALAR_STRING },
        { "0x1.8", CMR__SCALAR_STRING },
        { "abc", CMR__SCALAR_STRING },
        { " 1", CMR__SCALAR_STRING },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        enum cmr__scalar_type type = cmr__resolve_core_schema(cases[i].text, strlen(cases[i].text));

        if (type != cases[i].type)
            fail_msg("\"%s\" is %d, not %d", cases[i].text, type, cases[i].type);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ints_of_every_form_are_read),
        cmocka_unit_test(uints_of_every_form_are_read),
        cmocka_unit_test(ints_that_do_not_fit_are_out_of_range),
        cmocka_unit_test(a_negative_int_is_out_of_an_unsigned_ones_range),
        cmocka_unit_test(what_is_no_int_is_of_another_type),
        cmocka_unit_test(the_length_ends_a_number_and_a_nul_byte_does_not),
        cmocka_unit_test(doubles_of_every_form_are_read_and_rounded_correctly),
        cmocka_unit_test(zero_keeps_its_sign),
        cmocka_unit_test(infinities_and_nan_have_three_spellings_each),
        cmocka_unit_test(what_is_no_double_is_of_another_type),
        cmocka_unit_test(doubles_that_overflow_are_out_of_range),
        cmocka_unit_test(numbers_of_any_length_are_read),
        cmocka_unit_test(random_doubles_are_read_as_they_were_printed),
        cmocka_unit_test(the_locales_decimal_point_is_not_used),
        cmocka_unit_test(the_core_schema_tells_scalars_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
