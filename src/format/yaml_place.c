/* SPDX-License-Identifier: MIT
 *
 * Lines and columns of offsets. */
#include "format/yaml_place.h"

#include <string.h>

#include "base/utf8.h"

/* The line breaks are those of libyaml's scanner that a configuration holds. */
struct cmr__place cmr__yaml_place_of_offset(const char *raw, size_t offset)
{
    size_t line = 0;
    unsigned lines = 0;
    for (size_t i = 0; i < offset; i++) {
        if (raw[i] == '\n' || (raw[i] == '\r' && raw[i + 1] != '\n')) {
            line = i + 1;
            lines++;
        }
    }
    if (lines == 0)
        line = cmr__utf8_bom(raw, offset);
    return (struct cmr__place){ lines + 1, (unsigned)cmr__utf8_count(raw + line, offset - line) + 1 };
}

struct cmr__place cmr__yaml_place_of_bytes(const char *raw, size_t length, size_t offset)
{
    size_t valid = cmr__utf8_valid_prefix(raw, length);
    return cmr__yaml_place_of_offset(raw, offset < valid ? offset : valid);
}

bool cmr__yaml_is_forced_break(const char *raw, size_t length, size_t characters)
{
    return length > 0 && raw[length - 1] != '\n' && raw[length - 1] != '\r' &&
           characters + (cmr__utf8_bom(raw, length) > 0) == cmr__utf8_count(raw, length);
}

/* The last byte of any line break that libyaml knows: \n, \r, U+0085, U+2028 and U+2029. */
static bool ends_line(char byte)
{
    return byte == '\n' || byte == '\r' || byte == '\x85' || byte == '\xa8' || byte == '\xa9';
}

size_t cmr__yaml_find_tag_directive(const char *raw, size_t length, unsigned limit)
{
    static const char word[] = "%TAG";
    const char *end = raw + length, *at = raw;
    unsigned count = 0;
    for (; (at = memmem(at, (size_t)(end - at), word, sizeof word - 1)); at++)
        if ((at == raw || ends_line(at[-1])) && ++count > limit)
            return (size_t)(at - raw);
    return CMR__YAML_NO_OFFSET;
}
