/* SPDX-License-Identifier: MIT
 *
 * Lines and columns of offsets. */
#include "format/yaml_place.h"

#include <string.h>

#include "base/utf8.h"

/* The bytes of the line break at `at`, of those that libyaml's scanner knows: YAML 1.1's, with U+0085, U+2028
 * and U+2029. 0: none. A NUL ends the text. */
static size_t break_size(const char *at)
{
    static const char *const breaks[] = { "\r\n", "\n", "\r", "\xc2\x85", "\xe2\x80\xa8", "\xe2\x80\xa9" };
    for (size_t i = 0; i < sizeof breaks / sizeof *breaks; i++)
        if (strncmp(at, breaks[i], strlen(breaks[i])) == 0)
            return strlen(breaks[i]);
    return 0;
}

/* Whether a line break ends there. */
static bool ends_line(const char *raw, size_t length)
{
    return length > 0 && (raw[length - 1] == '\n' || raw[length - 1] == '\r' ||
                          (length > 1 && break_size(raw + length - 2) == 2) ||
                          (length > 2 && break_size(raw + length - 3) == 3));
}

struct cmr__place cmr__yaml_place_of_offset(const char *raw, size_t offset)
{
    size_t line = 0;
    unsigned lines = 0;
    for (size_t i = 0, size; i < offset; i += size ? size : 1) {
        size = (unsigned char)raw[i] < ' ' || (unsigned char)raw[i] > '~' ? break_size(raw + i) : 0;
        if (size && i + size <= offset) {
            line = i + size;
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
    return length > 0 && !ends_line(raw, length) &&
           characters + (cmr__utf8_bom(raw, length) > 0) == cmr__utf8_count(raw, length);
}

size_t cmr__yaml_find_tag_directive(const char *raw, size_t length, unsigned limit)
{
    static const char word[] = "%TAG";
    const char *end = raw + length, *at = raw;
    unsigned count = 0;
    for (; (at = memmem(at, (size_t)(end - at), word, sizeof word - 1)); at++)
        if ((at == raw || ends_line(raw, (size_t)(at - raw))) && ++count > limit)
            return (size_t)(at - raw);
    return CMR__YAML_NO_OFFSET;
}
