/* SPDX-License-Identifier: MIT
 *
 * What differs between two snapshots: the leaves that were added, modified or removed, compared by value. */
#ifndef CMRELOAD_MODEL_DIFF_H
#define CMRELOAD_MODEL_DIFF_H

#include "base/buffer.h"
#include "model/snapshot.h"

struct cmr__difference {
    cmr_change_kind kind;
    size_t mount;                          /* the part's number */
    const struct cmr__part_file *old_file; /* NULL when added */
    const struct cmr__part_file *new_file; /* NULL when removed */
    uint32_t old_entry;
    uint32_t new_entry;
};

/* Borrows from the snapshots. */
struct cmr__diff {
    struct cmr__buffer items; /* struct cmr__difference; by mount, file, and order in the file */
};

#define CMR__DIFF_INIT                                                                                       \
    {                                                                                                        \
        CMR__BUFFER_INIT                                                                                     \
    }

/* Fills an empty diff. Snapshots of different length (mounts were added, or nothing was loaded yet) compare
 * as if the missing parts were empty. CMR_ERR_NO_MEMORY. */
cmr_status cmr__diff_compute(const cmr_snapshot *before, const cmr_snapshot *after, struct cmr__diff *diff);
void cmr__diff_reset(struct cmr__diff *diff);

size_t cmr__diff_count(const struct cmr__diff *diff);
const struct cmr__difference *cmr__diff_at(const struct cmr__diff *diff, size_t index);

/* Whether two leaves hold the same text of the same type; of text files, the same bytes. What is equal here
 * is equal as any type. */
bool cmr__same_value(const cmr__document *document, uint32_t entry, const cmr__document *other,
                     uint32_t other_entry);

/* The same of two entries of one path that may be containers: with all that is in them, in any order of a
 * map. */
bool cmr__same_subtree(const cmr__document *document, uint32_t entry, const cmr__document *other,
                       uint32_t other_entry);

#endif
