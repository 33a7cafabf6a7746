/* SPDX-License-Identifier: MIT
 *
 * Writes a directory as the kubelet writes a ConfigMap volume: for cmr_volume_write, for what a reloader
 * saves, and in the tests. */
#ifndef CMRELOAD_SOURCE_VOLUME_WRITER_H
#define CMRELOAD_SOURCE_VOLUME_WRITER_H

#include "cmreload/cmreload.h"

/* The steps of one update, in their order. */
enum cmr__volume_step {
    CMR__VOLUME_WHOLE = 0,  /* as "stop after": never */
    CMR__VOLUME_GENERATION, /* the new generation's directory is there, and empty */
    CMR__VOLUME_FILES,      /* all its files are written */
    CMR__VOLUME_TMP_LINK,   /* ..data_tmp points at it */
    CMR__VOLUME_SWAP,       /* ..data_tmp was renamed to ..data: readers see the new generation */
    CMR__VOLUME_LINKS,      /* new keys have their links */
    CMR__VOLUME_UNLINK,     /* removed keys have lost theirs; the old generation's directory is still there */
};

/* "generation", "files", "tmp-link", "swap", "links", "unlink"; false for any other name. */
bool cmr__volume_step_from_name(const char *name, enum cmr__volume_step *ret_step);

struct cmr__volume_order {
    const cmr_file *files; /* that cmr__volume_files_error finds nothing wrong with */
    size_t count;
    enum cmr__volume_step stop_after;
    bool restricted; /* as in cmr_volume_options */
    bool sync;       /* likewise */
    /* Of what is saved, up to 32 characters, which end the generation's name. The directory is locked
     * meanwhile, what others left there is removed, and what cannot be read there is replaced. NULL: as the
     * kubelet does. */
    const char *hash;
};

/* Makes the directory (created if missing, its parents not) hold the files. Fills ret_result whatever comes
 * of it. CMR_ERR_REJECTED: it holds something else than a volume. CMR_ERR_BUSY: another process is writing
 * there. CMR_ERR_SYSTEM (errno), CMR_ERR_NO_MEMORY. */
cmr_status cmr__volume_write(const char *path, const struct cmr__volume_order *order,
                             cmr_volume_result *ret_result);

#endif
