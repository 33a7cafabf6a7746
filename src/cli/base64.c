/* SPDX-License-Identifier: MIT
 *
 * Decoding follows Go's encoding/base64.StdEncoding, which is what reads binaryData in Kubernetes:
 * line breaks anywhere are skipped, padding is required, nothing may follow it, all else is an error;
 * the unused bits of the last character need not be zero. */
#include "cli/base64.h"

#include <stdint.h>
#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(const void *data, size_t size, char *ret_text)
{
    const unsigned char *bytes = data;

    for (size_t i = 0; i < size; i += 3) {
        size_t left = size - i;
        uint32_t group = (uint32_t)bytes[i] << 16;
        if (left > 1)
            group |= (uint32_t)bytes[i + 1] << 8;
        if (left > 2)
            group |= bytes[i + 2];
        *ret_text++ = alphabet[group >> 18];
        *ret_text++ = alphabet[group >> 12 & 63];
        *ret_text++ = left > 1 ? alphabet[group >> 6 & 63] : '=';
        *ret_text++ = left > 2 ? alphabet[group & 63] : '=';
    }
    *ret_text = '\0';
}

static size_t skip_breaks(const char *text, size_t length, size_t at)
{
    while (at < length && (text[at] == '\n' || text[at] == '\r'))
        at++;
    return at;
}

/* 0 to 63, or -1. */
static int value_of(char character)
{
    const char *place = character == '\0' ? NULL : strchr(alphabet, character);

    return place ? (int)(place - alphabet) : -1;
}

/* One group of four characters; how many bytes it stands for, or -1. *at moves behind what was read,
 * or stays at what is wrong. */
static int decode_group(const char *text, size_t length, size_t *at, unsigned char ret_bytes[static 3])
{
    uint32_t group = 0;
    int count = 0, padding = 0;

    for (; count < 4; count++, *at = skip_breaks(text, length, *at + 1)) {
        int value;
        if (*at == length)
            return -1;
        value = value_of(text[*at]);
        if (count >= 2 && text[*at] == '=') {
            padding++;
            value = 0;
        } else if (padding || value < 0) {
            return -1;
        }
        group = group << 6 | (uint32_t)value;
    }
    ret_bytes[0] = (unsigned char)(group >> 16);
    ret_bytes[1] = (unsigned char)(group >> 8);
    ret_bytes[2] = (unsigned char)group;
    return 3 - padding;
}

bool base64_decode(const char *text, size_t length, void *ret_data, size_t *ret_size, size_t *ret_where)
{
    unsigned char *out = ret_data, bytes[3];
    size_t size = 0, at = skip_breaks(text, length, 0);
    int got = 3;

    while (at < length) {
        size_t group = at;
        *ret_where = at;
        if (got < 3)
            return false; /* something follows the padding */
        got = decode_group(text, length, &at, bytes);
        if (got < 0) {
            *ret_where = at < length ? at : group;
            return false;
        }
        memcpy(out + size, bytes, (size_t)got);
        size += (size_t)got;
    }
    *ret_size = size;
    return true;
}
