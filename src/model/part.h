/* SPDX-License-Identifier: MIT
 *
 * A part is what a snapshot holds of one mount: its files as documents, sorted by name, with the generation
 * they came from. Immutable and counted, so that snapshots share the parts of the mounts that did not change.
 */
#ifndef CMRELOAD_MODEL_PART_H
#define CMRELOAD_MODEL_PART_H

#include "model/document.h"

struct cmr__part_file {
    char *name;
    cmr__document *document;
};

typedef struct cmr__part {
    _Atomic unsigned refs;
    char *mount;
    char *target;  /* the generation's identity: what ..data pointed at, or a content hash */
    uint32_t kept; /* files that are bad, and kept their last good contents */
    bool secret;   /* of a secret mount: its text is not shown, and its hash is not told */
    char hash[CMR_HASH_SIZE];
    size_t count;
    struct cmr__part_file *files;
} cmr__part;

/* A part of `count` files, for the caller to fill: names and documents are NULL, the hash is empty. NULL: out
 * of memory. */
cmr__part *cmr__part_new(const char *mount, const char *target, size_t count);

/* After filling, files sorted by name: computes the content hash. False: out of memory. */
bool cmr__part_hash(cmr__part *part);

/* Whether a secret could not be locked in memory as a whole. */
bool cmr__part_is_swappable(const cmr__part *part);

/* In a forked child, where nothing is locked. */
void cmr__part_lock_again(const cmr__part *part);

/* The part as that mount's: itself, or another one with the same documents. Counted for the caller; NULL: out
 * of memory. */
cmr__part *cmr__part_named(cmr__part *part, const char *mount);

cmr__part *cmr__part_ref(cmr__part *part);
void cmr__part_unref(cmr__part *part);
void cmr__part_unref_place(cmr__part **place); /* for cmr_cleanup */

/* The file of that name, or NULL. */
const struct cmr__part_file *cmr__part_find(const cmr__part *part, const char *name, size_t length);

#endif
