/* SPDX-License-Identifier: MIT
 *
 * The scanner under the JSON reader: places, faults, blanks and strings. */
#ifndef CMRELOAD_FORMAT_JSON_SCANNER_H
#define CMRELOAD_FORMAT_JSON_SCANNER_H

#include "model/builder.h"

struct cmr__json_scanner {
    struct cmr__builder *builder;
    const char *at;
    const char *end; /* a NUL is there */
    unsigned line;
    const char *mark; /* a place in this line, and its column */
    unsigned mark_column;
};

struct cmr__json_text {
    const char *data;
    size_t length;
};

/* Starts at the raw bytes, behind a byte order mark. False: they are not UTF-8, which is reported. */
bool cmr__json_begin(struct cmr__json_scanner *scanner, struct cmr__builder *builder);

/* `at` is in the current line, and not before what was located or reported last. */
struct cmr__place cmr__json_locate(struct cmr__json_scanner *scanner, const char *at);
void cmr__json_report(struct cmr__json_scanner *scanner, const char *at, const char *message);

/* Reports that what is wanted is not what stands at the scanner. Always false. */
bool cmr__json_refuse(struct cmr__json_scanner *scanner, const char *wanted);

void cmr__json_pass_blanks(struct cmr__json_scanner *scanner);

/* Mostly there are none, and it is asked five times an entry. */
static inline void cmr__json_skip_blanks(struct cmr__json_scanner *scanner)
{
    if ((unsigned char)*scanner->at <= ' ')
        cmr__json_pass_blanks(scanner);
}

/* At a quote. The text is in the raw bytes or, with escapes, in `unescaped`, which is emptied first. False:
 * there is no end to it, which is reported. After a fault in an escape it is true all the same. */
bool cmr__json_read_string(struct cmr__json_scanner *scanner, struct cmr__buffer *unescaped,
                           struct cmr__json_text *ret_text);

#endif
