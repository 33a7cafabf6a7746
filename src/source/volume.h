/* SPDX-License-Identifier: MIT
 *
 * A ConfigMap volume as the kubelet writes it (Kubernetes, pkg/volume/util/atomic_writer.go): a directory
 * whose symlink
 * ..data points at the directory of the current generation and is swapped by one rename. */
#ifndef CMRELOAD_SOURCE_VOLUME_H
#define CMRELOAD_SOURCE_VOLUME_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/diagnostic.h"
#include "source/fileset.h"

#define CMR__TARGET_SIZE 256 /* NAME_MAX and a NUL */

struct cmr__volume {
    int directory; /* O_PATH; -1: not open */
    dev_t device;
    ino_t inode;
};

#define CMR__VOLUME_INIT                                                                                     \
    {                                                                                                        \
        -1, 0, 0                                                                                             \
    }

/* CMR_ERR_NOT_FOUND: nothing there, or no directory. CMR_ERR_SYSTEM: errno. */
cmr_status cmr__volume_open(struct cmr__volume *volume, const char *path);
void cmr__volume_close(struct cmr__volume *volume);

/* Whether the path still leads to the directory that is open, and that is still linked. */
bool cmr__volume_is_current(const struct cmr__volume *volume, const char *path);

/* What ..data points at: the identity of the current generation. CMR_ERR_NOT_FOUND: there is no such link.
 * CMR_ERR_SYSTEM: errno; ELOOP when it points out of the volume. */
cmr_status cmr__volume_link(const struct cmr__volume *volume, char ret_target[CMR__TARGET_SIZE]);

/* Reads the current generation whole. ret_fileset is empty before; after any status it may hold what was
 * read, target included, and is the caller's to reset. *retries grows by the times the read was begun anew.
 * CMR_ERR_REJECTED: over a limit, or no regular file: in the report. CMR_ERR_BUSY: swapped again at each of
 * several tries. CMR_ERR_NOT_FOUND: no ..data, or one that leads nowhere. CMR_ERR_SYSTEM (errno),
 * CMR_ERR_NO_MEMORY. */
cmr_status cmr__volume_read(const struct cmr__volume *volume, const cmr_limits *limits, cmr_report *report,
                            struct cmr__fileset *ret_fileset, uint64_t *retries);

#endif
