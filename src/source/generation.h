/* SPDX-License-Identifier: MIT
 *
 * Reading one generation directory that the caller has pinned by an open descriptor. */
#ifndef CMRELOAD_SOURCE_GENERATION_H
#define CMRELOAD_SOURCE_GENERATION_H

#include "base/diagnostic.h"
#include "source/fileset.h"

/* Files that were opened and are to be read. */
struct cmr__generation {
    const cmr_limits *limits;
    cmr_report *report;
    struct cmr__fileset *files;
    struct cmr__buffer open; /* descriptors and where they belong: generation.c */
    uint64_t total;          /* bytes of all files */
};

/* Lists the directory and opens its files (O_NOFOLLOW at every step). Takes the descriptor over.
 * CMR_ERR_NOT_FOUND: something vanished meanwhile. CMR_ERR_SYSTEM: errno. CMR_ERR_NO_MEMORY. What breaks a
 * limit goes to the report. */
cmr_status cmr__generation_open(struct cmr__generation *generation, int directory);

/* Reads and closes what was opened. */
cmr_status cmr__generation_read(struct cmr__generation *generation);

/* Closes what is still open. */
void cmr__generation_close(struct cmr__generation *generation);

#endif
