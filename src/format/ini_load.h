/* SPDX-License-Identifier: MIT
 *
 * Loads through iniparser: some dozen lines at a time go in, and for each of them comes back what iniparser
 * made of it, or, for certain, that it could not. */
#ifndef CMRELOAD_FORMAT_INI_LOAD_H
#define CMRELOAD_FORMAT_INI_LOAD_H

#include <locale.h>

#include "base/buffer.h"
#include "cmreload/cmreload.h"

#define CMR__INI_BATCH 64

/* A line: a section or a key. */
struct cmr__ini_item {
    bool is_section;
    unsigned fed_line; /* which one of those that iniparser gets */
    bool is_marked;    /* iniparser has seen the marker before it */
    const char *name;  /* the section's or the key's, no NUL behind it; NULL: iniparser has it not */
    size_t name_length;
    const char *value;
};

struct cmr__ini_load {
    struct cmr__ini_item items[CMR__INI_BATCH];
    unsigned count;
    unsigned entries;      /* that the dictionary will have */
    unsigned lines;        /* that iniparser gets */
    unsigned refused_line; /* the first that it refused: 0, none */
    int error;             /* an errno that its error callback was called with */
    struct cmr__buffer feed;
    void *dictionary; /* of the last load: names and values stand in it */
    locale_t locale;  /* C */
    int descriptor;   /* the memfd, from the first load on; else -1 */
    size_t file_size;
};

/* CMR_ERR_NO_MEMORY. */
cmr_status cmr__ini_load_init(struct cmr__ini_load *load);
void cmr__ini_load_reset(struct cmr__ini_load *load);

/* Whether there is no room for another line. */
bool cmr__ini_load_is_full(const struct cmr__ini_load *load);

/* Adds a line, without blanks around it, of at most CMR__INI_LINE_MAX bytes of UTF-8. */
void cmr__ini_load_add(struct cmr__ini_load *load, bool is_section, const char *text, size_t length);

/* Has them read: each item then has its name and, being a key, its value, which stand until the next add.
 * CMR_ERR_NO_MEMORY; CMR_ERR_SYSTEM (no descriptor, no /proc), with errno; CMR_ERR_SYNTAX: iniparser refuses
 * *ret_refused. */
cmr_status cmr__ini_load_run(struct cmr__ini_load *load, unsigned *ret_refused);

#endif
