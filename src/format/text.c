/* SPDX-License-Identifier: MIT
 *
 * Text and bytes: the whole file is one value.
 *
 * Editors end a file with a newline and some begin it with a byte order mark; neither belongs to a log level
 * or a port, so the value of a text file leaves one final "\n" or "\r\n" and a leading mark out. The raw
 * bytes remain for those who ask for bytes. A file that is not UTF-8, or holds a NUL byte, is bytes and
 * nothing else. */
#include <string.h>

#include "base/utf8.h"
#include "format/format.h"

static void trim(const char **text, size_t *length)
{
    size_t mark = cmr__utf8_bom(*text, *length);
    *text += mark;
    *length -= mark;
    if (*length && (*text)[*length - 1] == '\n')
        *length -= *length > 1 && (*text)[*length - 2] == '\r' ? 2 : 1;
}

static void parse_text(struct cmr__builder *builder)
{
    const char *text = builder->raw;
    size_t length = builder->raw_length;
    enum cmr__scalar_type type = CMR__SCALAR_BYTES;
    if (!memchr(text, '\0', length) && cmr__utf8_valid_prefix(text, length) == length) {
        type = CMR__SCALAR_UNTYPED;
        trim(&text, &length);
    }
    cmr__builder_scalar(builder, type, "", 0, text, length, (struct cmr__place){ 1, 1 }, 0);
}

static void parse_bytes(struct cmr__builder *builder)
{
    cmr__builder_scalar(builder, CMR__SCALAR_BYTES, "", 0, builder->raw, builder->raw_length,
                        (struct cmr__place){ 1, 1 }, 0);
}

const struct cmr__format cmr__format_text = { .name = "text", .parse = parse_text };
const struct cmr__format cmr__format_bytes = { .name = "bytes", .parse = parse_bytes };
