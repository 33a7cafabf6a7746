/* SPDX-License-Identifier: MIT
 *
 * Percentages: a decimal and its sign, and how they are printed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

#include "cli/typing.h"
#include "model/convert.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static cmr_status parse(const char *text, double *ret_percent)
{
    return cmr__parse_percent(text, strlen(text), ret_percent);
}

static void a_decimal_before_the_sign_is_a_percentage(void **state)
{
    static const struct {
        const char *text;
        double percent;
    } cases[] = { { "0%", 0 },        { "50%", 50 },         { "12.5%", 12.5 }, { ".5%", .5 },  { "5.%", 5 },
                  { "007.50%", 7.5 }, { "100000%", 100000 }, { "0.1%", 0.1 },   { "250%", 250 } };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        double percent = -1;

        assert_int_equal(parse(cases[i].text, &percent), CMR_OK);
        assert_memory_equal(&percent, &cases[i].percent, sizeof(percent));
    }
}

static void all_else_is_none(void **state)
{
    static const char *const texts[] = {
        "",       "%",     "50",    "0.5",   "-1%",  "+1%",       "-0%",
        "1e2%",   "50 %",  " 50%",  "50% ",  "50%%", "%50",       ".%",
        "1.2.3%", "0x10%", ".inf%", ".nan%", "5,5%", "\xd9\xa5%", "50\xef\xbc\x85"
    };
    double percent = -1;

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++)
        if (parse(texts[i], &percent) != CMR_ERR_TYPE)
            fail_msg("\"%s\" is a percentage", texts[i]);
    assert_int_equal(cmr__parse_percent("50%%", 3, &percent), CMR_OK);
    assert_int_equal(cmr__parse_percent("50%\0", 4, &percent), CMR_ERR_TYPE);
}

static void beyond_a_double_is_out_of_range(void **state)
{
    char text[402];
    double percent = -1;

    (void)state;
    memset(text, '9', 400);
    strcpy(text + 400, "%");
    assert_int_equal(parse(text, &percent), CMR_ERR_RANGE);
    assert_true(percent == -1);
    assert_int_equal(parse(text + 100, &percent), CMR_OK);
}

static void mistakes_are_explained(void **state)
{
    static const struct {
        enum cmr__scalar_type type;
        const char *text, *message;
    } cases[] = {
        { CMR__SCALAR_INT, "50", "wanted percent, found the int 50; did you mean 50%?" },
        { CMR__SCALAR_FLOAT, "0.5", "wanted percent, found the float 0.5; did you mean 0.5%?" },
        { CMR__SCALAR_UNTYPED, "50", "wanted percent, found the string \"50\"; did you mean 50%?" },
        { CMR__SCALAR_UNTYPED, "-5%",
          "wanted percent, found the string \"-5%\"; a percentage is like 50% or 12.5%, without a sign" },
        { CMR__SCALAR_INT, "-5",
          "wanted percent, found the int -5; a percentage is like 50% or 12.5%, without a sign" },
        { CMR__SCALAR_UNTYPED, "half",
          "wanted percent, found the string \"half\"; a percentage is like 50% or 12.5%, without a sign" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct cmr__scalar scalar = { cases[i].type, cases[i].text, strlen(cases[i].text) };
        char message[256];

        cmr__convert_explain(&scalar, CMR_TYPE_PERCENT, NULL, message, sizeof(message));
        assert_string_equal(message, cases[i].message);
    }
}

static void the_printed_form_reads_back(void **state)
{
    static const struct {
        const char *text, *printed;
    } cases[] = { { "0%", "0%" },
                  { "50.0%", "50%" },
                  { "100%", "100%" },
                  { "0.10%", "0.1%" },
                  { "1234567.25%", "1234567.25%" },
                  { ".00001%", "0.00001%" },
                  { "33.333333333333336%", "33.333333333333336%" } };
    char text[64];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        double percent = -1, again = -1;

        assert_int_equal(parse(cases[i].text, &percent), CMR_OK);
        assert_true(cli_percent_text(percent, text));
        assert_string_equal(text, cases[i].printed);
        assert_int_equal(parse(text, &again), CMR_OK);
        assert_memory_equal(&percent, &again, sizeof(percent));
    }
    assert_false(cli_percent_text(1e300, text));
    assert_false(cli_percent_text(1e-300, text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_decimal_before_the_sign_is_a_percentage),
        cmocka_unit_test(all_else_is_none),
        cmocka_unit_test(beyond_a_double_is_out_of_range),
        cmocka_unit_test(mistakes_are_explained),
        cmocka_unit_test(the_printed_form_reads_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
