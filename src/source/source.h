/* SPDX-License-Identifier: MIT
 *
 * A source is what stands at a mount's path: a ConfigMap volume, a plain directory, or a single file in one
 * of the two. It is open on the directory that is followed: a file's is the one that it lies in. */
#ifndef CMRELOAD_SOURCE_SOURCE_H
#define CMRELOAD_SOURCE_SOURCE_H

#include <sys/types.h>

#include "base/cause.h"
#include "source/volume.h"

struct cmr__source {
    cmr_mount_kind wanted; /* CMR_KIND_AUTO: whatever is there */
    cmr_mount_kind kind;   /* what it is; CMR_KIND_AUTO: not known yet */
    int directory;         /* O_PATH; -1: not open */
    dev_t device;
    ino_t inode;
    char *path;                  /* of the directory */
    char *only;                  /* the single file's name within it, or NULL */
    bool was_volume;             /* it showed ..data once, and is never read as a plain directory again */
    bool is_subpath;             /* a bind mount of one generation's file or folder: never swapped */
    struct cmr__cause eventless; /* why no events come of what others change; NONE: they do */
    struct cmr__cause missing;   /* why it was not found, when it last was not */
};

#define CMR__SOURCE_INIT                                                                                     \
    {                                                                                                        \
        .directory = -1, .eventless = CMR__NO_CAUSE, .missing = CMR__NO_CAUSE                                \
    }

/* Opens what is at the path. CMR_ERR_NOT_FOUND: nothing there, or not what is wanted: source->missing.
 * CMR_ERR_BUSY: a file that was removed at every try. CMR_ERR_SYSTEM: errno. CMR_ERR_NO_MEMORY. */
cmr_status cmr__source_open(struct cmr__source *source, const char *path);

/* Keeps what was learned: wanted, kind and was_volume. */
void cmr__source_close(struct cmr__source *source);

/* Another handle on the same directory, for another thread. CMR_ERR_SYSTEM: errno. CMR_ERR_NO_MEMORY. */
cmr_status cmr__source_copy(const struct cmr__source *source, struct cmr__source *ret_copy);

/* Whether the path still leads to the directory that is open, and that is still linked; and a single file has
 * not become a directory. */
bool cmr__source_is_current(const struct cmr__source *source);

/* The identity of what is there now: a volume's ..data. "" when only reading it can tell. CMR_ERR_NOT_FOUND,
 * CMR_ERR_SYSTEM as above; ELOOP when ..data points out of the volume. */
cmr_status cmr__source_identify(struct cmr__source *source, char ret_identity[CMR__IDENTITY_SIZE]);

struct cmr__source_rules {
    const cmr_limits *limits;
    const char *const *ignore; /* NULL: of a plain directory, the usual; of a volume, nothing */
};

/* Reads it whole: as cmr__volume_read and cmr__directory_read. CMR_ERR_NOT_FOUND: source->missing. */
cmr_status cmr__source_read(struct cmr__source *source, const struct cmr__source_rules *rules,
                            cmr_report *report, struct cmr__fileset *ret_fileset, uint64_t *retries);

#endif
