/* SPDX-License-Identifier: MIT
 *
 * The documents of a manifest file, each read by the library. */
#ifndef CMRELOAD_CLI_DOCUMENTS_H
#define CMRELOAD_CLI_DOCUMENTS_H

#include "cli/cli.h"

struct document {
    const char *text; /* in the file's text, from its --- on */
    size_t length;
    unsigned first_line;    /* of the text, in the file */
    cmr_snapshot *snapshot; /* one file called "m", read as YAML */
};

struct documents {
    const char *file; /* for messages */
    char *text;
    struct document *items;
    size_t count;
};

/* Reads the file ("-": standard input) and all its documents; those that are empty are left out. CLI_DONE, or
 * CLI_FAILED with messages. */
int documents_read(const char *path, struct documents *ret_documents);

void documents_clear(struct documents *documents);

#endif
