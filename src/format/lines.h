/* SPDX-License-Identifier: MIT
 *
 * The lines of a file, for formats that read line by line. A line ends at "\n", which is not part of it; a
 * byte order mark at the start of the file is passed. */
#ifndef CMRELOAD_FORMAT_LINES_H
#define CMRELOAD_FORMAT_LINES_H

#include "model/builder.h"

struct cmr__line {
    const char *text; /* in the raw bytes: no NUL behind it */
    size_t length;
    unsigned number;
};

struct cmr__lines {
    struct cmr__builder *builder;
    const char *at;
    const char *end;
    unsigned number; /* of the line before */
    bool is_utf8;    /* all of the file */
};

void cmr__lines_init(struct cmr__lines *lines, struct cmr__builder *builder);

/* False at the end of the file. */
bool cmr__lines_next(struct cmr__lines *lines, struct cmr__line *ret_line);

struct cmr__place cmr__line_place(const struct cmr__line *line, const char *at);

/* Whether the line is UTF-8; the first byte that is not is reported. */
bool cmr__line_check(const struct cmr__lines *lines, const struct cmr__line *line);

#endif
