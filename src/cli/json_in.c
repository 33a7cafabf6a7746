/* SPDX-License-Identifier: MIT
 *
 * JSON is flow YAML, nearly. In strings, YAML readers
 *
 *   - refuse the surrogate pairs by which JSON escapes what is beyond U+FFFF: \ud83d\ude00 becomes
 *     \U0001f600, and the two characters that this saves become blanks behind the string, so that
 *     columns stay what they were;
 *   - refuse, or take for line breaks, some characters that JSON has as they are (DEL, the C1 controls,
 *     U+2028, U+2029, U+FEFF, U+FFFE, U+FFFF): those become escapes.
 *
 * Single quotes and comments outside strings mean that it is YAML: then nothing is rewritten. */
#include "cli/json_in.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/utf8.h"

struct converter {
    const char *at;
    const char *end;
    char *out;    /* has room for six times the text */
    size_t saved; /* in this string */
};

/* Four hex digits, or -1. */
static long read_hex(const char *digits)
{
    long number = 0;

    for (int i = 0; i < 4; i++) {
        char c = digits[i];
        int digit = c >= '0' && c <= '9'                 ? c - '0'
                    : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
                                                         : -1;
        if (digit < 0)
            return -1;
        number = number * 16 + digit;
    }
    return number;
}

/* At a backslash: a pair of surrogates, or any escape as it is. */
static void convert_escape(struct converter *converter)
{
    const char *at = converter->at;

    if (converter->end - at >= 12 && at[1] == 'u' && at[6] == '\\' && at[7] == 'u') {
        long high = read_hex(at + 2), low = read_hex(at + 8);
        if (high >= 0xd800 && high < 0xdc00 && low >= 0xdc00 && low < 0xe000) {
            unsigned long character =
                0x10000 + ((unsigned long)(high - 0xd800) << 10) + (unsigned long)(low - 0xdc00);
            converter->out += sprintf(converter->out, "\\U%08lx", character);
            converter->at += 12;
            converter->saved += 2;
            return;
        }
    }
    for (int i = 0; i < 2 && converter->at < converter->end; i++)
        *converter->out++ = *converter->at++;
}

static bool needs_escape(uint32_t character)
{
    return (character >= 0x7f && character < 0xa0) || character == 0x2028 || character == 0x2029 ||
           character == 0xfeff || character == 0xfffe || character == 0xffff;
}

/* From the opening quote to the closing one. */
static void convert_string(struct converter *converter)
{
    *converter->out++ = *converter->at++;
    converter->saved = 0;
    while (converter->at < converter->end && *converter->at != '"') {
        uint32_t character = 0;
        size_t size = utf8_next(converter->at, (size_t)(converter->end - converter->at), &character);

        if (*converter->at == '\\') {
            convert_escape(converter);
            continue;
        }
        if (size && needs_escape(character)) {
            converter->out += sprintf(converter->out, "\\u%04x", (unsigned)character);
        } else {
            size = size ? size : 1;
            memcpy(converter->out, converter->at, size);
            converter->out += size;
        }
        converter->at += size ? size : 1;
    }
    if (converter->at < converter->end)
        *converter->out++ = *converter->at++;
    memset(converter->out, ' ', converter->saved);
    converter->out += converter->saved;
}

char *json_in_convert(const char *text, size_t length, size_t *ret_length)
{
    char *out = malloc(6 * length + 1); /* DEL becomes six characters; the pages are only touched if used */
    struct converter converter = { text, text + length, out, 0 };

    if (!out)
        return NULL;
    while (converter.at < converter.end) {
        if (*converter.at == '"') {
            convert_string(&converter);
        } else if (*converter.at == '\'' || *converter.at == '#') {
            memcpy(out, text, length);
            converter.out = out + length;
            break;
        } else {
            *converter.out++ = *converter.at++;
        }
    }
    *converter.out = '\0';
    *ret_length = (size_t)(converter.out - out);
    return out;
}
