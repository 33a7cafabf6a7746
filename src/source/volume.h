/* SPDX-License-Identifier: MIT
 *
 * A ConfigMap volume as the kubelet writes it (Kubernetes, pkg/volume/util/atomic_writer.go): a directory
 * whose symlink ..data points at the directory of the current generation and is swapped by one rename. Here
 * `directory` is a descriptor that is open on it (O_PATH is enough). */
#ifndef CMRELOAD_SOURCE_VOLUME_H
#define CMRELOAD_SOURCE_VOLUME_H

#include "source/tree.h"

#define CMR__IDENTITY_SIZE 256 /* NAME_MAX and a NUL */

/* What ..data points at: the identity of the current generation. CMR_ERR_NOT_FOUND: there is no such link.
 * CMR_ERR_SYSTEM: errno; ELOOP when it points out of the volume. */
cmr_status cmr__volume_link(int directory, char ret_target[CMR__IDENTITY_SIZE]);

/* Reads the current generation whole. ret_fileset is empty before; after any status it may hold what was
 * read, identity included, and is the caller's to reset. *retries grows by the times the read was begun anew.
 * CMR_ERR_REJECTED: over a limit, or no regular file: in the report. CMR_ERR_BUSY: swapped again at each of
 * several tries. CMR_ERR_NOT_FOUND: no ..data, or one that leads nowhere. CMR_ERR_SYSTEM (errno),
 * CMR_ERR_NO_MEMORY. */
cmr_status cmr__volume_read(int directory, const struct cmr__tree_rules *rules, cmr_report *report,
                            struct cmr__fileset *ret_fileset, uint64_t *retries);

#endif
