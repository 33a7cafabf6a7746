/* SPDX-License-Identifier: MIT
 *
 * The lines of an INI file that say something, sections and keys, as iniparser will see them: those that a
 * backslash continues are joined. What iniparser refuses is reported here, with its place, and so is what it
 * would drop without a word. */
#ifndef CMRELOAD_FORMAT_INI_LINE_H
#define CMRELOAD_FORMAT_INI_LINE_H

#include "format/lines.h"

/* iniparser's buffer holds 1,024 bytes: with the NUL and the line's end these remain. */
#define CMR__INI_LINE_MAX 1022

struct cmr__ini_line {
    bool is_section;
    const char *text; /* the whole line without blanks around it, until the next one is read */
    size_t length;
    const char *name; /* where the section's name or the key begins, in the raw bytes */
    struct cmr__place place;
};

struct cmr__ini_lines {
    struct cmr__lines physical;
    struct cmr__line first; /* the physical line that this one begins on */
    const char *text;       /* in the raw bytes, or, when lines were joined, `joined` */
    size_t length;
    size_t size;        /* what length would be if any were possible */
    const char *hidden; /* what a comment would swallow */
    bool is_continued;
    bool bad; /* reported already */
    char joined[CMR__INI_LINE_MAX + 1];
    const char *from[CMR__INI_LINE_MAX + 1]; /* where each joined character comes from */
};

void cmr__ini_lines_init(struct cmr__ini_lines *lines, struct cmr__builder *builder);

/* The next section or key that iniparser can read; false at the end of the file. */
bool cmr__ini_lines_next(struct cmr__ini_lines *lines, struct cmr__ini_line *ret_line);

#endif
