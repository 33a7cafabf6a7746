/* SPDX-License-Identifier: MIT
 *
 * A generation that is handed from process to process: a snapshot's parts as one block in a memory file that
 * nobody can change any more (a sealed memfd), and back. Documents are not parsed again: they lie in the
 * block as they lie in memory, and are mapped. */
#ifndef CMRELOAD_SHARE_SEALED_H
#define CMRELOAD_SHARE_SEALED_H

#include "model/part.h"

#define CMR__SEALED_REASON 256

struct cmr__sealed_info {
    uint64_t generation; /* not 0 */
    int64_t loaded_at;
    uint32_t mount; /* the number of the one that changed */
};

/* Writes the parts, one at least, into a memfd "cmreload", close-on-exec and with the seals SHRINK, GROW,
 * WRITE and SEAL; it is the caller's to close. from: where each part came from, one each.
 * CMR_ERR_INVALID_ARGUMENT: one is a secret's, or there is no such generation or mount; CMR_ERR_LIMIT: 4 GiB
 * or more; CMR_ERR_NO_MEMORY; CMR_ERR_SYSTEM (errno). */
cmr_status cmr__sealed_write(const struct cmr__sealed_info *info, cmr__part *const *parts,
                             const cmr_boot_source *from, size_t count, int *ret_descriptor);

/* Maps what another process wrote, after checking seals, size, and everything in it, in time that grows with
 * the size; makes parts whose documents lie in the mapping, each with a reference for the caller. The
 * descriptor stays the caller's, and may be closed then.
 *   names      of the mounts here, `count` of them: the block's must be the same, in the same order
 *   previous   NULL, or a part each, or NULL: a document that is equal to the last one of the same file needs
 *              no check
 *   own        this process wrote it: seals and documents are not checked
 *   ret_from, ret_parts   `count` each
 * CMR_ERR_REJECTED: not to be believed, and the reason says why in one line; CMR_ERR_NO_MEMORY;
 * CMR_ERR_SYSTEM (errno). The reason is written with CMR_ERR_REJECTED only. */
cmr_status cmr__sealed_open(int descriptor, const char *const *names, cmr__part *const *previous,
                            size_t count, bool own, struct cmr__sealed_info *ret_info,
                            cmr_boot_source *ret_from, cmr__part **ret_parts,
                            char reason[CMR__SEALED_REASON]);

#endif
