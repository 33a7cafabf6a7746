/* SPDX-License-Identifier: MIT
 *
 * Conversions: which type comes from which kind of scalar, each scalar's own type, that a failure
 * touches nothing, the words that explain it, and the names of the types.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "base/utf8.h"
#include "model/convert.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const cmr_enum_item colours[] = { { "red", 1 }, { "green", 2 }, { "true", 3 },
                                         { "1.2", 4 }, { "7", 5 },     { NULL, 0 } };
static const cmr_enum_item no_colours[] = { { NULL, 0 } };

static struct cmr__scalar scalar_of(enum cmr__scalar_type type, const char *text)
{
    return (struct cmr__scalar){ .type = type, .text = text, .length = strlen(text) };
}

/* --- What comes from what ---------------------------------------------------------------------- */

enum {
    _ = CMR_ERR_TYPE,
    R = CMR_ERR_RANGE,
    V = CMR_ERR_INVALID_ARGUMENT
};

/* clang-format off */
/* One row: a scalar, and the status of its conversion to each type, in the enum's order without ANY. None of them is
 * of a type behind LIST: those have their own rows below. */
static const struct {
    enum cmr__scalar_type type;
    const char *text;
    int statuses[13];
} rows[] = {
    /*                              NULL BOOL I64 U64 DBL STR BYT DUR SIZE ENUM LOG MAP LIST */
    { CMR__SCALAR_NULL, "",          { 0, _, _, _, _, _, _, _, _, _, _, V, V } },
    { CMR__SCALAR_NULL, "null",      { 0, _, _, _, _, _, _, _, _, _, _, V, V } },
    { CMR__SCALAR_NULL, "~",         { 0, _, _, _, _, _, _, _, _, _, _, V, V } },
    { CMR__SCALAR_BOOL, "true",      { _, 0, _, _, _, 0, 0, _, _, 0, _, V, V } },
    { CMR__SCALAR_BOOL, "FALSE",     { _, 0, _, _, _, 0, 0, _, _, _, _, V, V } },
    { CMR__SCALAR_BOOL, "yes",       { _, _, _, _, _, 0, 0, _, _, _, _, V, V } }, /* by a tag */
    { CMR__SCALAR_BOOL, "tRUE",      { _, _, _, _, _, 0, 0, _, _, _, _, V, V } },
    { CMR__SCALAR_INT, "0",          { _, _, 0, 0, 0, 0, 0, 0, 0, _, 0, V, V } },
    { CMR__SCALAR_INT, "1",          { _, _, 0, 0, 0, 0, 0, _, 0, _, 0, V, V } },
    { CMR__SCALAR_INT, "7",          { _, _, 0, 0, 0, 0, 0, _, 0, 0, 0, V, V } },
    { CMR__SCALAR_INT, "-5",         { _, _, 0, R, 0, 0, 0, _, R, _, _, V, V } },
    { CMR__SCALAR_INT, "0xff",       { _, _, 0, 0, 0, 0, 0, _, _, _, _, V, V } },
    { CMR__SCALAR_INT, "9223372036854775808", { _, _, R, 0, 0, 0, 0, _, 0, _, _, V, V } },
    { CMR__SCALAR_INT, "18446744073709551616", { _, _, R, R, 0, 0, 0, _, R, _, _, V, V } },
    { CMR__SCALAR_FLOAT, "1.2",      { _, _, _, _, 0, 0, 0, _, R, 0, _, V, V } },
    { CMR__SCALAR_FLOAT, "2e3",      { _, _, _, _, 0, 0, 0, _, 0, _, _, V, V } },
    { CMR__SCALAR_FLOAT, "1e999",    { _, _, _, _, R, 0, 0, _, R, _, _, V, V } },
    { CMR__SCALAR_FLOAT, ".inf",     { _, _, _, _, 0, 0, 0, _, _, _, _, V, V } },
    { CMR__SCALAR_STRING, "",        { _, _, _, _, _, 0, 0, _, _, _, _, V, V } },
    { CMR__SCALAR_STRING, "true",    { _, _, _, _, _, 0, 0, _, _, 0, _, V, V } },
    { CMR__SCALAR_STRING, "7",       { _, _, _, _, _, 0, 0, _, 0, 0, 0, V, V } },
    { CMR__SCALAR_STRING, "1.5s",    { _, _, _, _, _, 0, 0, 0, _, _, _, V, V } },
    { CMR__SCALAR_STRING, "3000000h", { _, _, _, _, _, 0, 0, R, _, _, _, V, V } },
    { CMR__SCALAR_STRING, "10Mi",    { _, _, _, _, _, 0, 0, _, 0, _, _, V, V } },
    { CMR__SCALAR_STRING, "10m",     { _, _, _, _, _, 0, 0, 0, _, _, _, V, V } },
    { CMR__SCALAR_STRING, "red",     { _, _, _, _, _, 0, 0, _, _, 0, _, V, V } },
    { CMR__SCALAR_STRING, "Red",     { _, _, _, _, _, 0, 0, _, _, _, _, V, V } },
    { CMR__SCALAR_STRING, "WARN",    { _, _, _, _, _, 0, 0, _, _, _, 0, V, V } },
    { CMR__SCALAR_STRING, "\xff",    { _, _, _, _, _, _, 0, _, _, _, _, V, V } },
    { CMR__SCALAR_BYTES, "7",        { _, _, _, _, _, _, 0, _, _, _, _, V, V } },
    { CMR__SCALAR_BYTES, "\xff",     { _, _, _, _, _, _, 0, _, _, _, _, V, V } },
    { CMR__SCALAR_UNTYPED, "",       { _, _, _, _, _, 0, 0, _, _, _, _, V, V } },
    { CMR__SCALAR_UNTYPED, "null",   { _, _, _, _, _, 0, 0, _, _, _, _, V, V } },
    { CMR__SCALAR_UNTYPED, "true",   { _, 0, _, _, _, 0, 0, _, _, 0, _, V, V } },
    { CMR__SCALAR_UNTYPED, "oN",     { _, 0, _, _, _, 0, 0, _, _, _, _, V, V } },
    { CMR__SCALAR_UNTYPED, "0",      { _, 0, 0, 0, 0, 0, 0, 0, 0, _, 0, V, V } },
    { CMR__SCALAR_UNTYPED, "7",      { _, _, 0, 0, 0, 0, 0, _, 0, 0, 0, V, V } },
    { CMR__SCALAR_UNTYPED, "-5",     { _, _, 0, R, 0, 0, 0, _, R, _, _, V, V } },
    { CMR__SCALAR_UNTYPED, "1.2",    { _, _, _, _, 0, 0, 0, _, R, 0, _, V, V } },
    { CMR__SCALAR_UNTYPED, "1h",     { _, _, _, _, _, 0, 0, 0, _, _, _, V, V } },
    { CMR__SCALAR_UNTYPED, "1Ki",    { _, _, _, _, _, 0, 0, _, 0, _, _, V, V } },
    { CMR__SCALAR_UNTYPED, "panic",  { _, _, _, _, _, 0, 0, _, _, _, 0, V, V } },
    { CMR__SCALAR_UNTYPED, " 7",     { _, _, _, _, _, 0, 0, _, _, _, _, V, V } },
    { CMR__SCALAR_UNTYPED, "\xff",   { _, _, _, _, _, _, 0, _, _, _, _, V, V } },
};

/* The same for the types behind LIST. */
static const struct {
    enum cmr__scalar_type type;
    const char *text;
    int statuses[5];
} later_rows[] = {
    /*                                 PERCENT IP IPV4 IPV6 CIDR */
    { CMR__SCALAR_STRING, "12.5%",         { 0, _, _, _, _ } },
    { CMR__SCALAR_UNTYPED, "12.5%",        { 0, _, _, _, _ } },
    { CMR__SCALAR_BYTES, "12.5%",          { _, _, _, _, _ } },
    { CMR__SCALAR_STRING, "10.0.0.7",      { _, 0, 0, _, _ } },
    { CMR__SCALAR_UNTYPED, "10.0.0.7",     { _, 0, 0, _, _ } },
    { CMR__SCALAR_BYTES, "10.0.0.7",       { _, _, _, _, _ } },
    { CMR__SCALAR_UNTYPED, "::1",          { _, 0, _, 0, _ } },
    { CMR__SCALAR_STRING, "::1",           { _, 0, _, 0, _ } },
    { CMR__SCALAR_UNTYPED, "10.0.0.0/8",   { _, _, _, _, 0 } },
    { CMR__SCALAR_STRING, "fd00::/8",      { _, _, _, _, 0 } },
};
/* clang-format on */

static void assert_converts(const struct cmr__scalar *scalar, cmr_type type, int expected)
{
    static const cmr_value untouched = { .type = (cmr_type)4711, .as.uint64 = 0x4711471147114711 };
    cmr_value value = untouched;
    cmr_status status = cmr__convert(scalar, type, type == CMR_TYPE_ENUM ? colours : NULL, &value);

    if ((int)status != expected)
        fail_msg("%d \"%s\" to %s: %d, not %d", scalar->type, scalar->text, cmr_type_name(type), status,
                 expected);
    if (status == CMR_OK)
        assert_int_equal(value.type, type);
    else
        assert_memory_equal(&value, &untouched, sizeof(value));
    assert_null(value.text);
}

static void each_type_comes_from_its_kinds_of_scalars_only(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct cmr__scalar scalar = scalar_of(rows[i].type, rows[i].text);

        for (int type = CMR_TYPE_NULL; type <= CMR_TYPE_LIST; type++)
            assert_converts(&scalar, (cmr_type)type, rows[i].statuses[type - CMR_TYPE_NULL]);
        for (int type = CMR_TYPE_PERCENT; type <= CMR_TYPE_CIDR; type++)
            assert_converts(&scalar, (cmr_type)type, CMR_ERR_TYPE);
    }
    for (size_t i = 0; i < COUNT(later_rows); i++) {
        struct cmr__scalar scalar = scalar_of(later_rows[i].type, later_rows[i].text);

        for (int type = CMR_TYPE_PERCENT; type <= CMR_TYPE_CIDR; type++)
            assert_converts(&scalar, (cmr_type)type, later_rows[i].statuses[type - CMR_TYPE_PERCENT]);
    }
}

static void arguments_that_make_no_sense_are_invalid(void **state)
{
    struct cmr__scalar scalar = scalar_of(CMR__SCALAR_UNTYPED, "red");
    cmr_value value;

    (void)state;
    assert_converts(&scalar, CMR_TYPE_ANY, CMR_ERR_INVALID_ARGUMENT);
    assert_converts(&scalar, (cmr_type)99, CMR_ERR_INVALID_ARGUMENT);
    assert_converts(&scalar, (cmr_type)-1, CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(cmr__convert(&scalar, CMR_TYPE_ENUM, NULL, &value), CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(cmr__convert(&scalar, CMR_TYPE_ENUM, no_colours, &value), CMR_ERR_TYPE);
}

static cmr_value convert(const char *text, cmr_type type)
{
    struct cmr__scalar scalar = scalar_of(CMR__SCALAR_UNTYPED, text);
    cmr_value value = { .type = CMR_TYPE_ANY };

    assert_int_equal(cmr__convert(&scalar, type, colours, &value), CMR_OK);
    assert_int_equal(value.type, type);
    return value;
}

static void a_value_is_in_its_types_member(void **state)
{
    (void)state;
    assert_true(convert("-5", CMR_TYPE_INT64).as.int64 == -5);
    assert_true(convert("18446744073709551615", CMR_TYPE_UINT64).as.uint64 == UINT64_MAX);
    assert_true(convert("1.5", CMR_TYPE_DOUBLE).as.number == 1.5);
    assert_true(convert("1.5s", CMR_TYPE_DURATION).as.duration_ns == 1500000000);
    assert_true(convert("1Ki", CMR_TYPE_SIZE).as.size == 1024);
    assert_int_equal(convert("green", CMR_TYPE_ENUM).as.enumeration, 2);
    assert_int_equal(convert("fatal", CMR_TYPE_LOG_LEVEL).as.level, CMR_LOG_CRIT);
    assert_true(convert("12.5%", CMR_TYPE_PERCENT).as.number == 12.5);
    assert_int_equal(convert("10.0.0.7", CMR_TYPE_IP).as.ip.version, 4);
    assert_int_equal(convert("10.0.0.7", CMR_TYPE_IPV4).as.ip.bytes[3], 7);
    assert_int_equal(convert("::7", CMR_TYPE_IPV6).as.ip.bytes[15], 7);
    assert_int_equal(convert("10.0.0.0/8", CMR_TYPE_CIDR).as.cidr.prefix, 8);
}

static void untyped_bools_have_eight_words_in_any_case(void **state)
{
    static const char *const yes[] = { "true", "True", "TRUE", "tRuE", "yes", "YES", "on", "On", "1" };
    static const char *const no[] = { "false", "False", "FALSE", "no", "No", "off", "OFF", "0" };
    static const char *const neither[] = { "",   "y",  "n",     "t",   "f",   "2",   "01",
                                           "+1", "-0", "truee", "tru", " on", "on ", "\x11" };

    (void)state;
    for (size_t i = 0; i < COUNT(yes); i++)
        assert_true(convert(yes[i], CMR_TYPE_BOOL).as.boolean);
    for (size_t i = 0; i < COUNT(no); i++)
        assert_false(convert(no[i], CMR_TYPE_BOOL).as.boolean);
    for (size_t i = 0; i < COUNT(neither); i++) {
        struct cmr__scalar scalar = scalar_of(CMR__SCALAR_UNTYPED, neither[i]);

        assert_converts(&scalar, CMR_TYPE_BOOL, CMR_ERR_TYPE);
    }
}

static void a_string_holds_no_nul_byte(void **state)
{
    static const enum cmr__scalar_type types[] = { CMR__SCALAR_STRING, CMR__SCALAR_UNTYPED };

    (void)state;
    for (size_t i = 0; i < COUNT(types); i++) {
        struct cmr__scalar scalar = { .type = types[i], .text = "red\0", .length = 4 };

        assert_converts(&scalar, CMR_TYPE_STRING, CMR_ERR_TYPE);
        assert_converts(&scalar, CMR_TYPE_ENUM, CMR_ERR_TYPE);
        assert_converts(&scalar, CMR_TYPE_BYTES, CMR_OK);
    }
}

/* --- A scalar's own type ----------------------------------------------------------------------- */

static cmr_value natural(enum cmr__scalar_type type, const char *text)
{
    struct cmr__scalar scalar = scalar_of(type, text);
    cmr_value value;

    memset(&value, 0x47, sizeof(value));
    cmr__convert_natural(&scalar, &value);
    return value;
}

static void a_scalars_own_type_is_what_its_format_says(void **state)
{
    (void)state;
    assert_int_equal(natural(CMR__SCALAR_NULL, "~").type, CMR_TYPE_NULL);
    assert_int_equal(natural(CMR__SCALAR_STRING, "12").type, CMR_TYPE_STRING);
    assert_int_equal(natural(CMR__SCALAR_UNTYPED, "12").type, CMR_TYPE_STRING);
    assert_int_equal(natural(CMR__SCALAR_BYTES, "12").type, CMR_TYPE_BYTES);
    assert_int_equal(natural(CMR__SCALAR_BOOL, "True").type, CMR_TYPE_BOOL);
    assert_true(natural(CMR__SCALAR_BOOL, "True").as.boolean);
    assert_false(natural(CMR__SCALAR_BOOL, "false").as.boolean);
    assert_true(natural(CMR__SCALAR_NULL, "~").as.uint64 == 0);
}

static void an_int_is_of_the_first_type_that_holds_it(void **state)
{
    static const struct {
        const char *text;
        cmr_type type;
    } cases[] = {
        { "0", CMR_TYPE_INT64 },
        { "-9223372036854775808", CMR_TYPE_INT64 },
        { "9223372036854775807", CMR_TYPE_INT64 },
        { "9223372036854775808", CMR_TYPE_UINT64 },
        { "18446744073709551615", CMR_TYPE_UINT64 },
        { "0xffffffffffffffff", CMR_TYPE_UINT64 },
        { "18446744073709551616", CMR_TYPE_DOUBLE },
        { "-9223372036854775809", CMR_TYPE_DOUBLE },
        { "0x10000000000000000", CMR_TYPE_DOUBLE },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        if (natural(CMR__SCALAR_INT, cases[i].text).type != cases[i].type)
            fail_msg("%s is %s", cases[i].text, cmr_type_name(natural(CMR__SCALAR_INT, cases[i].text).type));
    }
    assert_true(natural(CMR__SCALAR_INT, "-12").as.int64 == -12);
    assert_true(natural(CMR__SCALAR_INT, "18446744073709551615").as.uint64 == UINT64_MAX);
    assert_true(natural(CMR__SCALAR_INT, "18446744073709551616").as.number == 18446744073709551616.0);
}

static void a_float_is_a_double_even_beyond_its_range(void **state)
{
    char digits[401];

    (void)state;
    memset(digits, '9', sizeof(digits) - 1);
    digits[sizeof(digits) - 1] = '\0';
    assert_int_equal(natural(CMR__SCALAR_FLOAT, "1e999").type, CMR_TYPE_DOUBLE);
    assert_true(natural(CMR__SCALAR_FLOAT, "1.5").as.number == 1.5);
    assert_true(natural(CMR__SCALAR_FLOAT, "1e999").as.number == INFINITY);
    assert_true(natural(CMR__SCALAR_FLOAT, "-1e999").as.number == -INFINITY);
    assert_true(natural(CMR__SCALAR_INT, digits).as.number == INFINITY);
    assert_true(isnan(natural(CMR__SCALAR_FLOAT, ".nan").as.number));
}

static void what_a_format_falsely_calls_a_number_is_a_string(void **state)
{
    (void)state;
    assert_int_equal(natural(CMR__SCALAR_INT, "abc").type, CMR_TYPE_STRING);
    assert_int_equal(natural(CMR__SCALAR_FLOAT, "").type, CMR_TYPE_STRING);
    assert_int_equal(natural(CMR__SCALAR_BOOL, "maybe").type, CMR_TYPE_STRING);
}

/* --- cmr_value_parse --------------------------------------------------------------------------- */

static void a_text_is_parsed_as_a_properties_value(void **state)
{
    static const char text[] = "0xff";
    cmr_value value;

    (void)state;
    memset(&value, 0x47, sizeof(value));
    assert_int_equal(cmr_value_parse(text, CMR_TYPE_INT64, NULL, &value), CMR_OK);
    assert_int_equal(value.type, CMR_TYPE_INT64);
    assert_true(value.as.int64 == 255);
    assert_ptr_equal(value.text, text);
    assert_int_equal(value.length, 4);
    assert_string_equal(value.file, "");
    assert_int_equal(value.line + value.column + value.quoted, 0);
    assert_int_equal(cmr_value_parse("green", CMR_TYPE_ENUM, colours, &value), CMR_OK);
    assert_int_equal(value.as.enumeration, 2);
}

static void a_texts_own_type_is_string_or_bytes(void **state)
{
    cmr_value value;

    (void)state;
    assert_int_equal(cmr_value_parse("12", CMR_TYPE_ANY, NULL, &value), CMR_OK);
    assert_int_equal(value.type, CMR_TYPE_STRING);
    assert_int_equal(cmr_value_parse("\xff", CMR_TYPE_ANY, NULL, &value), CMR_OK);
    assert_int_equal(value.type, CMR_TYPE_BYTES);
}

static void a_text_that_does_not_parse_leaves_the_value_alone(void **state)
{
    cmr_value value;
    cmr_value untouched;

    (void)state;
    memset(&value, 0x47, sizeof(value));
    untouched = value;
    assert_int_equal(cmr_value_parse("80a", CMR_TYPE_INT64, NULL, &value), CMR_ERR_TYPE);
    assert_int_equal(cmr_value_parse("-1", CMR_TYPE_UINT64, NULL, &value), CMR_ERR_RANGE);
    assert_int_equal(cmr_value_parse("null", CMR_TYPE_NULL, NULL, &value), CMR_ERR_TYPE);
    assert_int_equal(cmr_value_parse("red", CMR_TYPE_ENUM, NULL, &value), CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(cmr_value_parse("{}", CMR_TYPE_MAP, NULL, &value), CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(cmr_value_parse("[]", CMR_TYPE_LIST, NULL, &value), CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(cmr_value_parse("1", (cmr_type)99, NULL, &value), CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(cmr_value_parse(NULL, CMR_TYPE_INT64, NULL, &value), CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(cmr_value_parse("1", CMR_TYPE_INT64, NULL, NULL), CMR_ERR_INVALID_ARGUMENT);
    assert_memory_equal(&value, &untouched, sizeof(value));
}

/* --- Explanations ------------------------------------------------------------------------------ */

#define DURATIONS "; a duration is like 1h30m, 1.5s or 300ms (units: ns us \xc2\xb5s ms s m h)"
#define SIZES "; a size is like 4096, 10Mi or 1.5G (suffixes: k M G T P E, Ki Mi Gi Ti Pi Ei)"
#define LEVELS "; it is one of trace, debug, info, notice, warn, error, crit, alert, emerg"

static const struct {
    enum cmr__scalar_type type;
    const char *text;
    cmr_type wanted;
    const char *message;
} explanations[] = {
    { CMR__SCALAR_INT, "80", CMR_TYPE_INT64, "" },
    { CMR__SCALAR_STRING, "80a", CMR_TYPE_INT64, "wanted int64, found the string \"80a\"" },
    { CMR__SCALAR_UNTYPED, "80a", CMR_TYPE_INT64, "wanted int64, found the string \"80a\"" },
    { CMR__SCALAR_STRING, "8080", CMR_TYPE_INT64,
      "wanted int64, found the string \"8080\"; remove the quotes" },
    { CMR__SCALAR_STRING, "1.5", CMR_TYPE_INT64, "wanted int64, found the string \"1.5\"" },
    { CMR__SCALAR_STRING, "1.5", CMR_TYPE_DOUBLE,
      "wanted double, found the string \"1.5\"; remove the quotes" },
    { CMR__SCALAR_STRING, "15", CMR_TYPE_DOUBLE,
      "wanted double, found the string \"15\"; remove the quotes" },
    { CMR__SCALAR_FLOAT, "1.5", CMR_TYPE_INT64, "wanted int64, found the float 1.5" },
    { CMR__SCALAR_NULL, "", CMR_TYPE_INT64, "wanted int64, the value is null" },
    { CMR__SCALAR_NULL, "~", CMR_TYPE_STRING, "wanted string, the value is null" },
    { CMR__SCALAR_BYTES, "\xff", CMR_TYPE_STRING, "wanted string, found 1 byte that is no text" },
    { CMR__SCALAR_BYTES, "\xff\xff", CMR_TYPE_INT64, "wanted int64, found 2 bytes that are no text" },
    { CMR__SCALAR_INT, "9223372036854775808", CMR_TYPE_INT64,
      "wanted int64, found the int 9223372036854775808, which is more than 9223372036854775807" },
    { CMR__SCALAR_INT, "-9223372036854775809", CMR_TYPE_INT64,
      "wanted int64, found the int -9223372036854775809, which is less than -9223372036854775808" },
    { CMR__SCALAR_INT, "-1", CMR_TYPE_UINT64, "wanted uint64, found the int -1, which is negative" },
    { CMR__SCALAR_INT, "18446744073709551616", CMR_TYPE_UINT64,
      "wanted uint64, found the int 18446744073709551616, which is more than 18446744073709551615" },
    { CMR__SCALAR_FLOAT, "1e999", CMR_TYPE_DOUBLE,
      "wanted double, found the float 1e999, which is beyond the range of a double" },
    { CMR__SCALAR_UNTYPED, "80 ", CMR_TYPE_INT64,
      "wanted int64, found the string \"80 \", which has white space around it" },
    { CMR__SCALAR_UNTYPED, "\tred", CMR_TYPE_ENUM,
      "wanted enum, found the string \"\\u0009red\", which has white space around it" },
    { CMR__SCALAR_STRING, "yes", CMR_TYPE_BOOL, "wanted bool, found the string \"yes\"; write true" },
    { CMR__SCALAR_INT, "0", CMR_TYPE_BOOL, "wanted bool, found the int 0; write false" },
    { CMR__SCALAR_STRING, "true", CMR_TYPE_BOOL,
      "wanted bool, found the string \"true\"; remove the quotes" },
    { CMR__SCALAR_UNTYPED, "maybe", CMR_TYPE_BOOL,
      "wanted bool, found the string \"maybe\"; write true or false" },
    { CMR__SCALAR_BOOL, "true", CMR_TYPE_INT64, "wanted int64, found the bool true" },
    { CMR__SCALAR_INT, "10", CMR_TYPE_DURATION,
      "wanted duration, found the int 10; its unit is missing: did you mean 10s?" },
    { CMR__SCALAR_FLOAT, "1.5", CMR_TYPE_DURATION,
      "wanted duration, found the float 1.5; its unit is missing: did you mean 1.5s?" },
    { CMR__SCALAR_STRING, "1h30", CMR_TYPE_DURATION,
      "wanted duration, found the string \"1h30\"; its unit is missing" },
    { CMR__SCALAR_STRING, "1d", CMR_TYPE_DURATION, "wanted duration, found the string \"1d\"" DURATIONS },
    { CMR__SCALAR_STRING, "3000000h", CMR_TYPE_DURATION,
      "wanted duration, found the string \"3000000h\", which is beyond 9223372036854775807ns, some 292 "
      "years" },
    { CMR__SCALAR_STRING, "10m", CMR_TYPE_SIZE,
      "wanted size, found the string \"10m\"; did you mean 10Mi or 10M?" },
    { CMR__SCALAR_STRING, "10u", CMR_TYPE_SIZE,
      "wanted size, found the string \"10u\", which is in millionths of a byte" SIZES },
    { CMR__SCALAR_STRING, "10n", CMR_TYPE_SIZE,
      "wanted size, found the string \"10n\", which is in billionths of a byte" SIZES },
    { CMR__SCALAR_FLOAT, "1.5", CMR_TYPE_SIZE,
      "wanted size, found the float 1.5, which is no whole number of bytes" },
    { CMR__SCALAR_INT, "-1", CMR_TYPE_SIZE, "wanted size, found the int -1, which is negative" },
    { CMR__SCALAR_STRING, "16Ei", CMR_TYPE_SIZE,
      "wanted size, found the string \"16Ei\", which is more than 18446744073709551615 bytes" },
    { CMR__SCALAR_STRING, "10MB", CMR_TYPE_SIZE, "wanted size, found the string \"10MB\"" SIZES },
    { CMR__SCALAR_BOOL, "true", CMR_TYPE_SIZE, "wanted size, found the bool true" SIZES },
    { CMR__SCALAR_STRING, "Red", CMR_TYPE_ENUM,
      "wanted enum, found the string \"Red\"; did you mean \"red\"? It is one of red, green, true, 1.2, 7" },
    { CMR__SCALAR_STRING, "blue", CMR_TYPE_ENUM,
      "wanted enum, found the string \"blue\"; it is one of red, green, true, 1.2, 7" },
    { CMR__SCALAR_UNTYPED, "yess", CMR_TYPE_BOOL,
      "wanted bool, found the string \"yess\"; did you mean \"yes\"? Write true or false" },
    { CMR__SCALAR_STRING, "yess", CMR_TYPE_BOOL,
      "wanted bool, found the string \"yess\"; write true or false" },
    { CMR__SCALAR_STRING, "flase", CMR_TYPE_BOOL,
      "wanted bool, found the string \"flase\"; did you mean \"false\"? Write true or false" },
    { CMR__SCALAR_UNTYPED, "wraning", CMR_TYPE_LOG_LEVEL,
      "wanted log_level, found the string \"wraning\"; did you mean \"warning\"? It is one of trace, debug, "
      "info, "
      "notice, warn, error, crit, alert, emerg" },
    { CMR__SCALAR_UNTYPED, "8", CMR_TYPE_LOG_LEVEL, "wanted log_level, found the string \"8\"" LEVELS },
    { CMR__SCALAR_STRING, "loud", CMR_TYPE_LOG_LEVEL, "wanted log_level, found the string \"loud\"" LEVELS },
    { CMR__SCALAR_STRING, "a\xff", CMR_TYPE_STRING,
      "wanted string, found the string \"a\xef\xbf\xbd\", which is not UTF-8" },
    { CMR__SCALAR_STRING, "a\"b\\\n\x7f\xc3\xa9", CMR_TYPE_NULL,
      "wanted null, found the string \"a\\\"b\\\\\\u000a\\u007f\xc3\xa9\"" },
    { CMR__SCALAR_STRING, "", CMR_TYPE_INT64, "wanted int64, found the string \"\"" },
    { CMR__SCALAR_STRING, "x", CMR_TYPE_MAP, "wanted map, found the string \"x\"" },
};

static void a_failure_is_explained_and_success_is_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(explanations); i++) {
        struct cmr__scalar scalar = scalar_of(explanations[i].type, explanations[i].text);
        char message[256];

        cmr__convert_explain(&scalar, explanations[i].wanted, colours, message, sizeof(message));
        assert_string_equal(message, explanations[i].message);
    }
}

static void an_enum_without_names_is_explained(void **state)
{
    struct cmr__scalar scalar = scalar_of(CMR__SCALAR_UNTYPED, "red");
    char message[256];

    (void)state;
    cmr__convert_explain(&scalar, CMR_TYPE_ENUM, NULL, message, sizeof(message));
    assert_string_equal(message, "wanted enum, but no table of its names was given");
    cmr__convert_explain(&scalar, CMR_TYPE_ENUM, no_colours, message, sizeof(message));
    assert_string_equal(message, "wanted enum, found the string \"red\"; its table has no names");
}

static void a_nul_byte_is_explained(void **state)
{
    struct cmr__scalar scalar = { .type = CMR__SCALAR_STRING, .text = "a\0b", .length = 3 };
    char message[256];

    (void)state;
    cmr__convert_explain(&scalar, CMR_TYPE_STRING, NULL, message, sizeof(message));
    assert_string_equal(message, "wanted string, found the string \"a\\u0000b\", which holds a NUL byte");
}

/* On a terminal U+009B begins a control sequence. */
static void c1_controls_are_escaped(void **state)
{
    struct cmr__scalar scalar = scalar_of(CMR__SCALAR_UNTYPED, "\xc2\x9b"
                                                               "31m\xc2\xa0");
    char message[256];

    (void)state;
    cmr__convert_explain(&scalar, CMR_TYPE_INT64, NULL, message, sizeof(message));
    assert_string_equal(message, "wanted int64, found the string \"\\u009b31m\xc2\xa0\"");
}

static void long_values_are_shown_in_part(void **state)
{
    char text[201];
    char message[256];
    struct cmr__scalar scalar;

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    scalar = scalar_of(CMR__SCALAR_UNTYPED, text);
    cmr__convert_explain(&scalar, CMR_TYPE_INT64, NULL, message, sizeof(message));
    assert_int_equal(strlen(message), strlen("wanted int64, found the string \"\"") + 60 + 3);
    assert_string_equal(message + strlen(message) - 5, "x\xe2\x80\xa6\"");
}

/* Whatever the size: at most so many bytes, a NUL at the end, whole characters, a prefix of the message. */
static void a_short_buffer_gets_the_beginning_of_the_message(void **state)
{
    struct cmr__scalar scalar = scalar_of(CMR__SCALAR_STRING, "\xc3\xa9\xff\n\"d\xe2\x82\xac");
    char whole[256];

    (void)state;
    cmr__convert_explain(&scalar, CMR_TYPE_DURATION, NULL, whole, sizeof(whole));
    for (size_t size = 0; size <= strlen(whole) + 1; size++) {
        char message[256];
        size_t length;

        memset(message, 'x', sizeof(message));
        cmr__convert_explain(&scalar, CMR_TYPE_DURATION, NULL, message, size);
        assert_int_equal(message[size], 'x');
        length = size ? strlen(message) : 0;
        assert_true(length < size || size == 0);
        assert_true(length + 6 >= size); /* the longest character is an escape's six */
        assert_memory_equal(message, whole, length);
        assert_int_equal(cmr__utf8_valid_prefix(message, length), length);
    }
}

/* --- Names of types ---------------------------------------------------------------------------- */

static void every_type_has_a_name_and_is_found_by_it(void **state)
{
    (void)state;
    for (int i = CMR_TYPE_ANY; i <= CMR_TYPE_CIDR; i++) {
        cmr_type type = (cmr_type)4711;

        assert_int_equal(cmr_type_from_name(cmr_type_name((cmr_type)i), &type), CMR_OK);
        assert_int_equal(type, i);
    }
    assert_string_equal(cmr_type_name(CMR_TYPE_ANY), "any");
    assert_string_equal(cmr_type_name(CMR_TYPE_LOG_LEVEL), "log_level");
    assert_string_equal(cmr_type_name(CMR_TYPE_LIST), "list");
    assert_string_equal(cmr_type_name(CMR_TYPE_PERCENT), "percent");
    assert_string_equal(cmr_type_name(CMR_TYPE_CIDR), "cidr");
    assert_string_equal(cmr_type_name((cmr_type)99), "?");
    assert_string_equal(cmr_type_name((cmr_type)-1), "?");
}

static void other_names_are_no_types(void **state)
{
    static const char *const names[] = { "", "?", "int", "Bool", "bool ", "log-level" };
    cmr_type type = (cmr_type)4711;

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++)
        assert_int_equal(cmr_type_from_name(names[i], &type), CMR_ERR_NOT_FOUND);
    assert_int_equal(cmr_type_from_name(NULL, &type), CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(cmr_type_from_name("bool", NULL), CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(type, 4711);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_type_comes_from_its_kinds_of_scalars_only),
        cmocka_unit_test(arguments_that_make_no_sense_are_invalid),
        cmocka_unit_test(a_value_is_in_its_types_member),
        cmocka_unit_test(untyped_bools_have_eight_words_in_any_case),
        cmocka_unit_test(a_string_holds_no_nul_byte),
        cmocka_unit_test(a_scalars_own_type_is_what_its_format_says),
        cmocka_unit_test(an_int_is_of_the_first_type_that_holds_it),
        cmocka_unit_test(a_float_is_a_double_even_beyond_its_range),
        cmocka_unit_test(what_a_format_falsely_calls_a_number_is_a_string),
        cmocka_unit_test(a_text_is_parsed_as_a_properties_value),
        cmocka_unit_test(a_texts_own_type_is_string_or_bytes),
        cmocka_unit_test(a_text_that_does_not_parse_leaves_the_value_alone),
        cmocka_unit_test(a_failure_is_explained_and_success_is_not),
        cmocka_unit_test(an_enum_without_names_is_explained),
        cmocka_unit_test(a_nul_byte_is_explained),
        cmocka_unit_test(c1_controls_are_escaped),
        cmocka_unit_test(long_values_are_shown_in_part),
        cmocka_unit_test(a_short_buffer_gets_the_beginning_of_the_message),
        cmocka_unit_test(every_type_has_a_name_and_is_found_by_it),
        cmocka_unit_test(other_names_are_no_types),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
