/* SPDX-License-Identifier: MIT
 *
 * Lines. UTF-8 is checked for the whole file at once, which is fast, and by line only when that failed: then
 * each bad line is told, with its place. */
#include "format/lines.h"

#include <string.h>

#include "base/utf8.h"

void cmr__lines_init(struct cmr__lines *lines, struct cmr__builder *builder)
{
    const char *raw = builder->raw;
    size_t length = builder->raw_length;
    *lines = (struct cmr__lines){ .builder = builder,
                                  .at = raw + cmr__utf8_bom(raw, length),
                                  .end = raw + length,
                                  .is_utf8 = cmr__utf8_valid_prefix(raw, length) == length };
}

bool cmr__lines_next(struct cmr__lines *lines, struct cmr__line *ret_line)
{
    if (lines->at == lines->end)
        return false;
    const char *end = memchr(lines->at, '\n', (size_t)(lines->end - lines->at));
    *ret_line = (struct cmr__line){ .text = lines->at,
                                    .length = (size_t)((end ? end : lines->end) - lines->at),
                                    .number = ++lines->number };
    lines->at = end ? end + 1 : lines->end;
    return true;
}

struct cmr__place cmr__line_place(const struct cmr__line *line, const char *at)
{
    return (struct cmr__place){ line->number,
                                (unsigned)cmr__utf8_count(line->text, (size_t)(at - line->text)) + 1 };
}

bool cmr__line_check(const struct cmr__lines *lines, const struct cmr__line *line)
{
    size_t valid = lines->is_utf8 ? line->length : cmr__utf8_valid_prefix(line->text, line->length);
    if (valid == line->length)
        return true;
    struct cmr__place place = cmr__line_place(line, line->text + valid);
    cmr__report_add(lines->builder->report, CMR_ERR_SYNTAX, lines->builder->file, place.line, place.column,
                    NULL, "the byte 0x%02x is not UTF-8", (unsigned)(unsigned char)line->text[valid]);
    return false;
}
