/* SPDX-License-Identifier: MIT
 *
 * Numbers, and what a plain scalar is, by the core schema of YAML 1.2.2 (section 10.3.2):
 *
 *     null   null | Null | NULL | ~ | (nothing)
 *     bool   true | True | TRUE | false | False | FALSE
 *     int    [-+]?[0-9]+ | 0o[0-7]+ | 0x[0-9a-fA-F]+
 *     float  [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)? | [-+]?\.(inf|Inf|INF) | \.(nan|NaN|NAN)
 *
 * So 007 is seven, and octal and hexadecimal take no sign.
 *
 * strtod rounds correctly, but reads the decimal point of the process's locale. It is therefore
 * handed digits and an exponent and never a point: 1.5 goes in as 15e-1. It sees a bounded number of
 * digits, for whatever stands behind the first 800 can only tip a tie, and a single 1 does that too:
 * halfway between two doubles lies no decimal of more than 767 significant digits.
 */
#include "model/convert.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIGNIFICANT 800
#define SHORT_DIGITS 18                 /* so many decimal digits fit into an int64, whatever they are */
#define EXPONENT_MAX ((int64_t)1 << 60) /* far beyond any text's length, so sums do not overflow */
#define EXPONENT_BEYOND 5000            /* 800 digits times 10 to this are infinite, to minus this nothing */

/* --- Integers ---------------------------------------------------------------------------------- */

static inline unsigned decimal_digit(char character)
{
    return (unsigned)(unsigned char)character - '0'; /* over 9 for all that is none */
}

/* Nearly every int there is: so few digits that no overflow needs to be looked for. */
static inline bool read_short(const char *text, size_t length, bool *ret_negative, uint64_t *ret_magnitude)
{
    size_t at = length > 0 && (text[0] == '-' || text[0] == '+');
    uint64_t magnitude = 0;

    *ret_negative = at && text[0] == '-';
    if (length - at - 1 >= SHORT_DIGITS) /* none at all wraps around */
        return false;
    for (; at < length; at++) {
        unsigned digit = decimal_digit(text[at]);

        if (digit > 9)
            return false;
        magnitude = magnitude * 10 + digit;
    }
    *ret_magnitude = magnitude;
    return true;
}

static cmr_status read_long(const char *text, size_t length, uint64_t *ret_value)
{
    uint64_t value = 0;
    bool overflow = false;

    for (size_t i = 0; i < length; i++) {
        unsigned digit = decimal_digit(text[i]);

        if (digit > 9)
            return CMR_ERR_TYPE;
        overflow |= __builtin_mul_overflow(value, 10u, &value);
        overflow |= __builtin_add_overflow(value, digit, &value);
    }
    if (length == 0)
        return CMR_ERR_TYPE;
    if (overflow)
        return CMR_ERR_RANGE;
    *ret_value = value;
    return CMR_OK;
}

/* An octal or hexadecimal number of any length: bits * 2^exponent, inexact says and a little more. */
struct binary {
    uint64_t bits; /* the leading ones: at least 61 are kept before any goes to the exponent */
    int64_t exponent;
    bool inexact;
};

static unsigned hex_digit(char character)
{
    if (character >= '0' && character <= '9')
        return (unsigned)(character - '0');
    character |= 0x20; /* no other characters become letters a ... f by this */
    return character >= 'a' && character <= 'f' ? (unsigned)(character - 'a' + 10) : 16;
}

static bool is_prefixed(const char *text, size_t length)
{
    return length >= 2 && text[0] == '0' && (text[1] == 'o' || text[1] == 'x');
}

static bool read_prefixed(const char *text, size_t length, struct binary *ret_binary)
{
    unsigned width = text[1] == 'x' ? 4 : 3;
    struct binary binary = { 0, 0, false };

    for (size_t i = 2; i < length; i++) {
        unsigned digit = hex_digit(text[i]);

        if (digit >> width)
            return false;
        if (binary.exponent == 0 && binary.bits >> (64 - width) == 0) {
            binary.bits = binary.bits << width | digit;
        } else {
            binary.exponent += width;
            binary.inexact |= digit != 0;
        }
    }
    *ret_binary = binary;
    return length > 2;
}

static cmr_status read_prefixed_int(const char *text, size_t length, uint64_t *ret_value)
{
    struct binary binary;

    if (!read_prefixed(text, length, &binary))
        return CMR_ERR_TYPE;
    if (binary.exponent > 0)
        return CMR_ERR_RANGE;
    *ret_value = binary.bits;
    return CMR_OK;
}

static cmr_status read_int(const char *text, size_t length, bool *ret_negative, uint64_t *ret_magnitude)
{
    size_t sign = length > 0 && (text[0] == '-' || text[0] == '+');

    *ret_negative = sign && text[0] == '-';
    if (is_prefixed(text, length))
        return read_prefixed_int(text, length, ret_magnitude);
    return read_long(text + sign, length - sign, ret_magnitude);
}

/* Out of line, as is its twin, so that the common case stays small. */
__attribute__((noinline)) static cmr_status parse_long_int(const char *text, size_t length,
                                                           int64_t *ret_value)
{
    uint64_t magnitude = 0;
    bool negative;
    cmr_status status = read_int(text, length, &negative, &magnitude);

    if (status != CMR_OK)
        return status;
    if (magnitude > (uint64_t)INT64_MAX + negative)
        return CMR_ERR_RANGE;
    *ret_value = (int64_t)(negative ? 0 - magnitude : magnitude);
    return CMR_OK;
}

__attribute__((noinline)) static cmr_status parse_long_uint(const char *text, size_t length,
                                                            uint64_t *ret_value)
{
    uint64_t magnitude = 0;
    bool negative;
    cmr_status status = read_int(text, length, &negative, &magnitude);

    if (status != CMR_OK)
        return status;
    if (negative && magnitude != 0)
        return CMR_ERR_RANGE;
    *ret_value = magnitude;
    return CMR_OK;
}

cmr_status cmr__parse_int(const char *text, size_t length, int64_t *ret_value)
{
    uint64_t magnitude;
    bool negative;

    if (!read_short(text, length, &negative, &magnitude))
        return parse_long_int(text, length, ret_value);
    *ret_value = (int64_t)(negative ? 0 - magnitude : magnitude);
    return CMR_OK;
}

cmr_status cmr__parse_uint(const char *text, size_t length, uint64_t *ret_value)
{
    uint64_t magnitude;
    bool negative;

    if (!read_short(text, length, &negative, &magnitude) || negative)
        return parse_long_uint(text, length, ret_value);
    *ret_value = magnitude;
    return CMR_OK;
}

/* --- Doubles ----------------------------------------------------------------------------------- */

static size_t count_digits(const char *text, size_t length)
{
    size_t count = 0;

    while (count < length && decimal_digit(text[count]) <= 9)
        count++;
    return count;
}

size_t cmr__scan_decimal(const char *text, size_t length, struct cmr__decimal *ret_decimal)
{
    size_t at = length > 0 && (text[0] == '-' || text[0] == '+');
    struct cmr__decimal decimal = { .negative = at && text[0] == '-', .whole = text + at };

    decimal.whole_length = count_digits(text + at, length - at);
    at += decimal.whole_length;
    decimal.fraction = text + at;
    if (at < length && text[at] == '.') {
        at++;
        decimal.fraction = text + at;
        decimal.fraction_length = count_digits(text + at, length - at);
        at += decimal.fraction_length;
    }
    if (decimal.whole_length + decimal.fraction_length == 0)
        return 0;
    *ret_decimal = decimal;
    return at;
}

size_t cmr__scan_exponent(const char *text, size_t length, int64_t *ret_exponent)
{
    size_t begin = 1 + (length > 1 && (text[1] == '-' || text[1] == '+'));
    size_t count = length > begin ? count_digits(text + begin, length - begin) : 0;
    int64_t exponent = 0;

    if (count == 0 || (text[0] != 'e' && text[0] != 'E'))
        return 0;
    for (size_t i = begin; i < begin + count && exponent < EXPONENT_MAX / 10; i++)
        exponent = exponent * 10 + (text[i] - '0');
    *ret_exponent = text[1] == '-' ? -exponent : exponent;
    return begin + count;
}

static bool scan_float(const char *text, size_t length, struct cmr__decimal *ret_decimal,
                       int64_t *ret_exponent)
{
    size_t at = cmr__scan_decimal(text, length, ret_decimal);

    *ret_exponent = 0;
    if (at > 0 && at < length)
        at += cmr__scan_exponent(text + at, length - at, ret_exponent);
    return at > 0 && at == length;
}

/* What strtod gets: digits, and room for the 1, the exponent and a NUL. */
struct digits {
    char text[SIGNIFICANT + 16];
    size_t used;
    int64_t dropped; /* behind the significant ones */
    bool inexact;    /* and not all of them 0 */
};

static void add_digits(struct digits *digits, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (digits->used == 0 && text[i] == '0')
            continue;
        if (digits->used < SIGNIFICANT) {
            digits->text[digits->used++] = text[i];
        } else {
            digits->dropped++;
            digits->inexact |= text[i] != '0';
        }
    }
}

static double round_decimal(const struct cmr__decimal *decimal, int64_t exponent)
{
    struct digits digits;

    digits.used = 0;
    digits.dropped = 0;
    digits.inexact = false;
    add_digits(&digits, decimal->whole, decimal->whole_length);
    add_digits(&digits, decimal->fraction, decimal->fraction_length);
    exponent += digits.dropped - (int64_t)decimal->fraction_length - digits.inexact;
    if (digits.inexact || digits.used == 0)
        digits.text[digits.used++] = digits.inexact ? '1' : '0';
    if (exponent > EXPONENT_BEYOND)
        exponent = EXPONENT_BEYOND;
    if (exponent < -EXPONENT_BEYOND)
        exponent = -EXPONENT_BEYOND;
    snprintf(digits.text + digits.used, sizeof(digits.text) - digits.used, "e%d", (int)exponent);
    return strtod(digits.text, NULL);
}

static double round_binary(const struct binary *binary)
{
    int64_t exponent = binary->exponent < EXPONENT_BEYOND ? binary->exponent : EXPONENT_BEYOND;

    /* Where something was cut off, bit 0 is far below the 53 that stay, and stands for it. */
    return ldexp((double)(binary->bits | binary->inexact), (int)exponent);
}

static bool is_one_of(const char *text, size_t length, const char *const *words)
{
    for (; *words; words++) {
        if (strlen(*words) == length && memcmp(*words, text, length) == 0)
            return true;
    }
    return false;
}

static bool read_special(const char *text, size_t length, double *ret_value)
{
    static const char *const infinities[] = { ".inf", ".Inf", ".INF", NULL };
    static const char *const nans[] = { ".nan", ".NaN", ".NAN", NULL };
    size_t sign = length > 0 && (text[0] == '-' || text[0] == '+');

    if (is_one_of(text + sign, length - sign, infinities))
        *ret_value = text[0] == '-' ? -INFINITY : INFINITY;
    else if (is_one_of(text, length, nans))
        *ret_value = NAN;
    else
        return false;
    return true;
}

static cmr_status keep_finite(double value, double *ret_value)
{
    if (isinf(value))
        return CMR_ERR_RANGE;
    *ret_value = value;
    return CMR_OK;
}

cmr_status cmr__parse_double(const char *text, size_t length, double *ret_value)
{
    struct cmr__decimal decimal;
    struct binary binary;
    int64_t exponent;

    if (is_prefixed(text, length))
        return read_prefixed(text, length, &binary) ? keep_finite(round_binary(&binary), ret_value)
                                                    : CMR_ERR_TYPE;
    if (scan_float(text, length, &decimal, &exponent)) {
        double value = round_decimal(&decimal, exponent);

        return keep_finite(decimal.negative ? -value : value, ret_value);
    }
    return read_special(text, length, ret_value) ? CMR_OK : CMR_ERR_TYPE;
}

/* --- The core schema --------------------------------------------------------------------------- */

static enum cmr__scalar_type resolve_word(const char *text, size_t length)
{
    static const char *const nulls[] = { "", "~", "null", "Null", "NULL", NULL };
    static const char *const bools[] = { "true", "True", "TRUE", "false", "False", "FALSE", NULL };

    if (is_one_of(text, length, nulls))
        return CMR__SCALAR_NULL;
    return is_one_of(text, length, bools) ? CMR__SCALAR_BOOL : CMR__SCALAR_STRING;
}

enum cmr__scalar_type cmr__resolve_core_schema(const char *text, size_t length)
{
    struct cmr__decimal decimal;
    uint64_t magnitude;
    int64_t exponent;
    double special;

    /* All numbers, and they alone, begin with one of these; most scalars are words. */
    if (length == 0 || !memchr("0123456789+-.", text[0], 13))
        return resolve_word(text, length);
    /* A sign makes an int no less an int, however it fits. */
    if (cmr__parse_uint(text, length, &magnitude) != CMR_ERR_TYPE)
        return CMR__SCALAR_INT;
    if (scan_float(text, length, &decimal, &exponent) || read_special(text, length, &special))
        return CMR__SCALAR_FLOAT;
    return CMR__SCALAR_STRING;
}
