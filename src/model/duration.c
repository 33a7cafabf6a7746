/* SPDX-License-Identifier: MIT
 *
 * Durations, by Go's time.ParseDuration (https://pkg.go.dev/time#ParseDuration), whose text is what
 * people who write for Kubernetes know:
 *
 *     duration = [-+]? ( "0" | ( number unit )+ )
 *     number   = [0-9]+ (\.[0-9]*)? | \.[0-9]+
 *     unit     = ns | us | µs | ms | s | m | h       the micro sign is U+00B5 or U+03BC
 *
 * The result is Go's to the last nanosecond: a fraction is read as an integer over a power of ten,
 * digits that do not fit into it are dropped, its product with the unit is a double and is cut, not
 * rounded. Only where Go's sum wraps around (two terms of 2^63 ns each give 0 there) this is an overflow.
 */
#include "model/convert.h"

#include <string.h>

#define MAGNITUDE_MAX ((uint64_t)1 << 63) /* that of INT64_MIN; without a sign one more than fits */

struct unit {
    const char *name;
    uint64_t nanoseconds;
};

static const struct unit units[] = {
    { "ns", 1 },       { "us", 1000 },      { "\xc2\xb5s", 1000 }, { "\xce\xbcs", 1000 },
    { "ms", 1000000 }, { "s", 1000000000 }, { "m", 60000000000 },  { "h", 3600000000000 },
};

struct reader {
    const char *at;
    const char *end;
    uint64_t sum;
    bool overflow; /* read on, for what follows may be no duration at all */
};

/* whole + fraction / scale */
struct number {
    uint64_t whole;
    uint64_t fraction;
    double scale;
};

static bool at_digit(const struct reader *reader)
{
    return reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9';
}

static bool at_point(const struct reader *reader)
{
    return reader->at < reader->end && *reader->at == '.';
}

static uint64_t read_whole(struct reader *reader)
{
    uint64_t value = 0;

    for (; at_digit(reader); reader->at++) {
        if (value > MAGNITUDE_MAX / 10) {
            reader->overflow = true;
            continue;
        }
        value = value * 10 + (uint64_t)(*reader->at - '0');
        reader->overflow |= value > MAGNITUDE_MAX;
    }
    return value;
}

/* Go's leadingFraction. */
static void read_fraction(struct reader *reader, struct number *number)
{
    bool full = false;

    for (; at_digit(reader); reader->at++) {
        uint64_t next = number->fraction * 10 + (uint64_t)(*reader->at - '0');

        full = full || number->fraction > (MAGNITUDE_MAX - 1) / 10 || next > MAGNITUDE_MAX;
        if (full)
            continue;
        number->fraction = next;
        number->scale *= 10;
    }
}

static bool read_number(struct reader *reader, struct number *ret_number)
{
    struct number number = { .scale = 1 };
    const char *begin = reader->at;
    ptrdiff_t digits;

    number.whole = read_whole(reader);
    digits = reader->at - begin;
    if (at_point(reader)) {
        begin = ++reader->at;
        read_fraction(reader, &number);
        digits += reader->at - begin;
    }
    *ret_number = number;
    return digits > 0;
}

/* A unit ends where the next number begins, so that 1d2h has an unknown unit, and 1h30 none. */
static enum cmr__fault read_unit(struct reader *reader, uint64_t *ret_nanoseconds)
{
    const char *begin = reader->at;
    size_t length;

    while (reader->at < reader->end && !at_digit(reader) && !at_point(reader))
        reader->at++;
    length = (size_t)(reader->at - begin);
    if (length == 0)
        return CMR__FAULT_NO_UNIT;
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strlen(units[i].name) == length && memcmp(units[i].name, begin, length) == 0) {
            *ret_nanoseconds = units[i].nanoseconds;
            return CMR__FAULT_NONE;
        }
    }
    return CMR__FAULT_GRAMMAR;
}

static void add_term(struct reader *reader, const struct number *number, uint64_t unit)
{
    uint64_t term = number->whole;

    if (reader->overflow || term > MAGNITUDE_MAX / unit) {
        reader->overflow = true;
        return;
    }
    term *= unit;
    /* At most one unit, 3.6e12. The order of the operations is Go's, and decides the result. */
    if (number->fraction > 0)
        term += (uint64_t)((double)number->fraction * ((double)unit / number->scale));
    if (term > MAGNITUDE_MAX - reader->sum)
        reader->overflow = true;
    else
        reader->sum += term;
}

static enum cmr__fault read_term(struct reader *reader)
{
    struct number number;
    uint64_t unit = 1;
    enum cmr__fault fault;

    if (!read_number(reader, &number))
        return CMR__FAULT_GRAMMAR;
    fault = read_unit(reader, &unit);
    if (fault == CMR__FAULT_NONE)
        add_term(reader, &number, unit);
    return fault;
}

enum cmr__fault cmr__read_duration(const char *text, size_t length, int64_t *ret_nanoseconds)
{
    struct reader reader = { .at = text, .end = text + length };
    bool negative = length > 0 && text[0] == '-';
    enum cmr__fault fault = CMR__FAULT_NONE;

    if (negative || (length > 0 && text[0] == '+'))
        reader.at++;
    if (reader.at == reader.end)
        return CMR__FAULT_GRAMMAR;
    if (reader.end - reader.at == 1 && *reader.at == '0')
        reader.at++;
    while (fault == CMR__FAULT_NONE && reader.at < reader.end)
        fault = read_term(&reader);
    if (fault != CMR__FAULT_NONE)
        return fault;
    if (reader.overflow || (!negative && reader.sum == MAGNITUDE_MAX))
        return CMR__FAULT_TOO_LARGE;
    *ret_nanoseconds = (int64_t)(negative ? 0 - reader.sum : reader.sum);
    return CMR__FAULT_NONE;
}

cmr_status cmr__parse_duration(const char *text, size_t length, int64_t *ret_nanoseconds)
{
    return cmr__fault_status(cmr__read_duration(text, length, ret_nanoseconds));
}
