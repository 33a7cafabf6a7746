/* SPDX-License-Identifier: MIT
 *
 * UTF-8 by the table of well-formed byte sequences (RFC 3629, section 4; Unicode's table 3-7).
 *
 * There is one notion of a character for counting, matching and quoting: a well-formed sequence is
 * one, and so is each byte that is not part of any. Whoever walks a text steps by
 * cmr__utf8_character_size, or by 1 where that is 0, and everybody arrives at the same columns.
 */
#include "base/utf8.h"

#include <stdbool.h>
#include <string.h>

static size_t size_by_lead(unsigned char lead)
{
    if (lead < 0x80)
        return 1;
    if (lead < 0xc2)
        return 0;
    if (lead < 0xe0)
        return 2;
    if (lead < 0xf0)
        return 3;
    return lead < 0xf5 ? 4 : 0;
}

/* The second byte's range is where overlong forms (E0, F0), surrogates (ED) and what lies beyond
 * U+10FFFF (F4) are kept out; all others are 80 ... BF. */
static bool second_byte_fits(unsigned char lead, unsigned char second)
{
    unsigned char low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    unsigned char high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;

    return second >= low && second <= high;
}

size_t cmr__utf8_character_size(const char *text, size_t length)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t size = length > 0 ? size_by_lead(bytes[0]) : 0;

    if (size <= 1)
        return size;
    if (size > length || !second_byte_fits(bytes[0], bytes[1]))
        return 0;
    for (size_t i = 2; i < size; i++) {
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
    }
    return size;
}

/* How many bytes from the start are ASCII for sure: most text is, and goes by a word at a time. */
static size_t ascii_run(const char *text, size_t length)
{
    size_t at = 0;
    uint64_t word;

    if (length == 0 || (unsigned char)text[0] >= 0x80)
        return 0;
    for (; length - at >= sizeof(word); at += sizeof(word)) {
        memcpy(&word, text + at, sizeof(word));
        if (word & UINT64_C(0x8080808080808080))
            break;
    }
    return at;
}

size_t cmr__utf8_valid_prefix(const char *text, size_t length)
{
    size_t at = ascii_run(text, length);

    while (at < length) {
        size_t size = cmr__utf8_character_size(text + at, length - at);

        if (size == 0)
            break;
        at += size;
        if (size == 1)
            at += ascii_run(text + at, length - at);
    }
    return at;
}

size_t cmr__utf8_count(const char *text, size_t length)
{
    size_t at = ascii_run(text, length), count = at;

    while (at < length) {
        size_t size = cmr__utf8_character_size(text + at, length - at);
        size_t run = size == 1 ? ascii_run(text + at + 1, length - at - 1) : 0;

        at += (size ? size : 1) + run;
        count += 1 + run;
    }
    return count;
}

/* Every character has one byte that is not 10xxxxxx: bit 7 clear or bit 6 set. */
size_t cmr__utf8_count_valid(const char *text, size_t length)
{
    const uint64_t each = UINT64_C(0x0101010101010101);
    size_t at = 0, count = 0;
    uint64_t word;

    for (; length - at >= sizeof(word); at += sizeof(word)) {
        memcpy(&word, text + at, sizeof(word));
        count += (size_t)(((~word >> 7 | word >> 6) & each) * each >> 56);
    }
    for (; at < length; at++)
        count += ((unsigned char)text[at] & 0xc0) != 0x80;
    return count;
}

static char continuation(uint32_t code_point, unsigned shift)
{
    return (char)(0x80 | ((code_point >> shift) & 0x3f));
}

size_t cmr__utf8_encode(uint32_t code_point, char out[4])
{
    if (code_point < 0x80) {
        out[0] = (char)code_point;
        return 1;
    }
    if (code_point < 0x800) {
        out[0] = (char)(0xc0 | (code_point >> 6));
        out[1] = continuation(code_point, 0);
        return 2;
    }
    if ((code_point >= 0xd800 && code_point <= 0xdfff) || code_point > 0x10ffff)
        return 0;
    if (code_point < 0x10000) {
        out[0] = (char)(0xe0 | (code_point >> 12));
        out[1] = continuation(code_point, 6);
        out[2] = continuation(code_point, 0);
        return 3;
    }
    out[0] = (char)(0xf0 | (code_point >> 18));
    out[1] = continuation(code_point, 12);
    out[2] = continuation(code_point, 6);
    out[3] = continuation(code_point, 0);
    return 4;
}

bool cmr__utf8_is_control(const char *character, size_t size)
{
    unsigned char first = size > 0 ? (unsigned char)character[0] : 0xff;

    if (size == 2)
        return first == 0xc2 && (unsigned char)character[1] < 0xa0;
    return first < 0x20 || first == 0x7f;
}

size_t cmr__utf8_bom(const char *text, size_t length)
{
    return length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}
