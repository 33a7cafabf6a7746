/* SPDX-License-Identifier: MIT
 *
 * Reading the files below a directory that the caller has pinned by an open descriptor. */
#ifndef CMRELOAD_SOURCE_TREE_H
#define CMRELOAD_SOURCE_TREE_H

#include <stdbool.h>

#include "base/diagnostic.h"
#include "source/fileset.h"

/* What is read, and how. */
struct cmr__tree_rules {
    const cmr_limits *limits;
    const char *const
        *ignore;      /* globs, ends with NULL: on the name, or, with a "/" in it, on the whole path */
    const char *only; /* this file alone; NULL: all */
    bool plain;       /* people's directory: links are followed, dangling ones are nothing */
};

/* Files that were opened and are to be read. */
struct cmr__tree {
    const struct cmr__tree_rules *rules;
    cmr_report *report;
    struct cmr__fileset *files;
    struct cmr__buffer open; /* descriptors and where they belong: tree.c */
    uint64_t total;          /* bytes of all files */
    uint64_t entries;        /* that were listed, ignored ones too */
    uint64_t folders;
    bool too_deep; /* the last one was */
};

/* Whether an entry `name`, which is `path` in the tree, is one that is read, or leads to one. In the root
 * depth is 0. */
bool cmr__tree_wants(const struct cmr__tree_rules *rules, const char *path, const char *name, unsigned depth);

/* So many entries are listed at most. What is no file and no folder that counts costs little, but it may be
 * there without end. */
static inline uint64_t cmr__tree_most_entries(const cmr_limits *limits)
{
    return UINT64_C(4) * limits->files + 65536;
}

/* Lists the directory and opens its files (O_NOFOLLOW at every step, unless plain). Takes the descriptor
 * over. CMR_ERR_NOT_FOUND: something vanished meanwhile. CMR_ERR_SYSTEM: errno, and the last diagnostic, of
 * that status, says of which file. CMR_ERR_NO_MEMORY. What breaks a limit goes to the report. */
cmr_status cmr__tree_open(struct cmr__tree *tree, int directory);

/* Reads and closes what was opened. CMR_ERR_BUSY: one was cut meanwhile. CMR_ERR_SYSTEM: errno. Of both the
 * last diagnostic says which. CMR_ERR_NO_MEMORY. */
cmr_status cmr__tree_read(struct cmr__tree *tree);

/* Closes what is still open. */
void cmr__tree_close(struct cmr__tree *tree);

#endif
