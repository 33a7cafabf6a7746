/* SPDX-License-Identifier: MIT
 *
 * Sizes, by the grammar of Kubernetes' resource.Quantity
 * (https://pkg.go.dev/k8s.io/apimachinery/pkg/api/resource#Quantity):
 *
 *     quantity = [-+]? ( [0-9]+ (\.[0-9]*)? | \.[0-9]+ ) suffix
 *     suffix   = Ki | Mi | Gi | Ti | Pi | Ei | "" | k | M | G | T | P | E | [eE][-+]?[0-9]+
 *
 * 1E is an exabyte, 1E3 a thousand bytes. Stricter than Kubernetes, which rounds up: what is no
 * whole number of bytes is refused, and so are the suffixes m, u and n: who writes 10m for a size means
 * no hundredth of a byte.
 *
 * The arithmetic is exact. A decimal suffix moves the point; a binary one doubles the number that many
 * times, the fraction digit by digit. A fraction of n digits whose last is not 0 needs n doublings
 * at least to become whole, so a longer one than 60 digits (Ei) is refused unseen.
 */
#include "model/convert.h"

#include <string.h>

#define DOUBLINGS_MAX 60

struct scale {
    unsigned doublings;
    int64_t exponent; /* of ten */
};

static const struct {
    const char *name;
    struct scale scale;
} suffixes[] = {
    { "", { 0, 0 } },    { "k", { 0, 3 } },   { "M", { 0, 6 } },   { "G", { 0, 9 } },   { "T", { 0, 12 } },
    { "P", { 0, 15 } },  { "E", { 0, 18 } },  { "Ki", { 10, 0 } }, { "Mi", { 20, 0 } }, { "Gi", { 30, 0 } },
    { "Ti", { 40, 0 } }, { "Pi", { 50, 0 } }, { "Ei", { 60, 0 } },
};

static enum cmr__fault read_suffix(const char *text, size_t length, struct scale *ret_scale)
{
    struct scale scale = { 0, 0 };

    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        if (strlen(suffixes[i].name) == length && memcmp(suffixes[i].name, text, length) == 0) {
            *ret_scale = suffixes[i].scale;
            return CMR__FAULT_NONE;
        }
    }
    if (cmr__scan_exponent(text, length, &scale.exponent) == length) {
        *ret_scale = scale;
        return CMR__FAULT_NONE;
    }
    return length == 1 && memchr("mun", text[0], 3) ? CMR__FAULT_SMALL_SUFFIX : CMR__FAULT_GRAMMAR;
}

static unsigned digit_at(const struct cmr__decimal *number, size_t position)
{
    bool whole = position < number->whole_length;
    char digit = whole ? number->whole[position] : number->fraction[position - number->whole_length];

    return (unsigned)(digit - '0');
}

/* How many digits there are without the zeros at the end; 0 for zero. */
static size_t count_digits(const struct cmr__decimal *number)
{
    size_t count = number->whole_length + number->fraction_length;

    while (count > 0 && digit_at(number, count - 1) == 0)
        count--;
    return count;
}

/* The digits before the point; where there are no more, zeros. Those end soon, by overflow, as the
 * number is not 0. */
static bool read_whole(const struct cmr__decimal *number, size_t digits, int64_t point, uint64_t *ret_whole)
{
    uint64_t whole = 0;

    for (int64_t i = 0; i < point; i++) {
        unsigned digit = (uint64_t)i < digits ? digit_at(number, (size_t)i) : 0;

        if (__builtin_mul_overflow(whole, 10u, &whole) || __builtin_add_overflow(whole, digit, &whole))
            return false;
    }
    *ret_whole = whole;
    return true;
}

/* Doubles 0.DIGITS and returns what comes before the point then: 0 or 1. */
static unsigned double_fraction(unsigned char *digits, size_t count)
{
    unsigned carry = 0;

    while (count-- > 0) {
        unsigned twice = digits[count] * 2u + carry;

        carry = twice >= 10;
        digits[count] = (unsigned char)(carry ? twice - 10 : twice);
    }
    return carry;
}

static bool is_zero(const unsigned char *digits, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (digits[i] != 0)
            return false;
    }
    return true;
}

static enum cmr__fault double_up(uint64_t whole, unsigned char *fraction, size_t count, unsigned doublings,
                                 uint64_t *ret_bytes)
{
    for (unsigned i = 0; i < doublings; i++) {
        if (whole >> 63)
            return CMR__FAULT_TOO_LARGE;
        whole = whole << 1 | double_fraction(fraction, count);
    }
    if (!is_zero(fraction, count))
        return CMR__FAULT_FRACTION;
    *ret_bytes = whole;
    return CMR__FAULT_NONE;
}

static enum cmr__fault multiply(const struct cmr__decimal *number, const struct scale *scale,
                                uint64_t *ret_bytes)
{
    unsigned char fraction[DOUBLINGS_MAX];
    size_t digits = count_digits(number);
    int64_t point = (int64_t)number->whole_length + scale->exponent;
    size_t begin = point < 0 ? 0 : (uint64_t)point < digits ? (size_t)point : digits;
    uint64_t whole;

    if (digits == 0) {
        *ret_bytes = 0;
        return CMR__FAULT_NONE;
    }
    if (number->negative)
        return CMR__FAULT_NEGATIVE;
    if (!read_whole(number, digits, point, &whole))
        return CMR__FAULT_TOO_LARGE;
    if (digits - begin > scale->doublings)
        return CMR__FAULT_FRACTION;
    for (size_t i = begin; i < digits; i++)
        fraction[i - begin] = (unsigned char)digit_at(number, i);
    return double_up(whole, fraction, digits - begin, scale->doublings, ret_bytes);
}

enum cmr__fault cmr__read_quantity(const char *text, size_t length, uint64_t *ret_bytes)
{
    struct cmr__decimal number;
    struct scale scale;
    size_t used = cmr__scan_decimal(text, length, &number);
    enum cmr__fault fault;

    if (used == 0)
        return CMR__FAULT_GRAMMAR;
    fault = read_suffix(text + used, length - used, &scale);
    return fault == CMR__FAULT_NONE ? multiply(&number, &scale, ret_bytes) : fault;
}

cmr_status cmr__parse_quantity(const char *text, size_t length, uint64_t *ret_bytes)
{
    return cmr__fault_status(cmr__read_quantity(text, length, ret_bytes));
}
