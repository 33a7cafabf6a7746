/* SPDX-License-Identifier: MIT
 *
 * The library gives keys as one text, a.b[0]["c.d"], and manifests hold keys with dots. Decoding in
 * place works since no escape of a JSON string is shorter than what it stands for. */
#include "cli/key_path.h"

#include <stdlib.h>
#include <string.h>

#include "cli/utf8.h"

static uint32_t read_hex(const char *digits)
{
    char text[5] = "";

    memcpy(text, digits, strnlen(digits, 4));
    return (uint32_t)strtoul(text, NULL, 16);
}

/* \uXXXX at *at, with its second half if it is a surrogate. */
static uint32_t read_unicode(char **at)
{
    uint32_t high = read_hex(*at + 2), low;

    *at += 6;
    if ((high & 0xfc00) != 0xd800 || strncmp(*at, "\\u", 2) != 0)
        return high;
    low = read_hex(*at + 2);
    *at += 6;
    return 0x10000 + ((high & 0x3ff) << 10 | (low & 0x3ff));
}

/* A JSON string from its opening quote on; *at moves behind the closing one. */
static void decode_string(char **at, struct key_segment *segment)
{
    static const char letters[] = "bfnrt", characters[] = "\b\f\n\r\t";
    char *from = *at + 1, *to = from;

    segment->name = from;
    while (*from && *from != '"') {
        if (*from != '\\') {
            *to++ = *from++;
        } else if (from[1] == 'u') {
            to += utf8_put(read_unicode(&from), to);
        } else {
            const char *letter = strchr(letters, from[1]);
            *to++ = letter ? characters[letter - letters] : from[1];
            from += 2;
        }
    }
    segment->length = (size_t)(to - segment->name);
    *at = from + (*from == '"');
}

bool key_path_next(char **at, struct key_segment *ret_segment)
{
    struct key_segment segment = { false, 0, NULL, 0 };

    if (**at == '\0')
        return false;
    if (**at == '.')
        (*at)++;
    if (**at == '[') {
        (*at)++;
        if (**at == '"') {
            decode_string(at, &segment);
        } else {
            segment.is_item = true;
            segment.index = strtoul(*at, at, 10);
        }
        *at += **at == ']';
    } else {
        segment.name = *at;
        segment.length = strcspn(*at, ".[");
        *at += segment.length;
    }
    *ret_segment = segment;
    return true;
}

bool key_segment_is(const struct key_segment *segment, const char *name)
{
    return !segment->is_item && strlen(name) == segment->length &&
           memcmp(segment->name, name, segment->length) == 0;
}
