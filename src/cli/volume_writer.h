/* SPDX-License-Identifier: MIT
 *
 * Writes a directory as the kubelet writes a ConfigMap volume: on a laptop, and in the tests. */
#ifndef CMRELOAD_CLI_VOLUME_WRITER_H
#define CMRELOAD_CLI_VOLUME_WRITER_H

#include "cli/payload.h"

/* The steps of one update, in their order. */
enum volume_step {
    VOLUME_WHOLE = 0,  /* as "stop after": never */
    VOLUME_GENERATION, /* the new generation's directory is there, and empty */
    VOLUME_FILES,      /* all its files are written */
    VOLUME_TMP_LINK,   /* ..data_tmp points at it */
    VOLUME_SWAP,       /* ..data_tmp was renamed to ..data: readers see the new generation */
    VOLUME_LINKS,      /* new keys have their links */
    VOLUME_UNLINK,     /* removed keys have lost theirs; the old generation's directory is still there */
};

/* "generation", "files", "tmp-link", "swap", "links", "unlink"; false for any other name. */
bool volume_step_from_name(const char *name, enum volume_step *ret_step);

enum volume_result {
    VOLUME_WRITTEN = 0,
    VOLUME_UNCHANGED, /* the volume holds this very payload; nothing was written */
    VOLUME_STOPPED,   /* after the step asked for */
    VOLUME_REFUSED,   /* the directory holds something else than a volume */
    VOLUME_FAILED,    /* a system call or malloc failed; errno says which way */
};

/* Makes `dir` (created if missing, its parents not) hold the payload. Not for two writers at a time.
 * message gets the new generation's name (WRITTEN, STOPPED), what is wrong (REFUSED, FAILED), or "". */
enum volume_result volume_write(const char *dir, const struct payload *payload, enum volume_step stop_after,
                                char *message, size_t size);

/* Adds the files of the volume's generation to an empty payload; none if there is no volume yet.
 * WRITTEN, REFUSED or FAILED. */
enum volume_result volume_read(const char *dir, struct payload *payload, char *message, size_t size);

#endif
