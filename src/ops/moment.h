/* SPDX-License-Identifier: MIT
 *
 * A moment: all that operators are told of a reloader, as it was at one moment. */
#ifndef CMRELOAD_OPS_MOMENT_H
#define CMRELOAD_OPS_MOMENT_H

#include "cmreload/cmreload.h"

struct cmr__moment_mount {
    const char *name; /* the reloader's */
    cmr_mount_status status;
    bool is_applied; /* the current snapshot has something of it */
    bool is_rejected;
    cmr_report *rejected;     /* NULL, though it is: there was no memory to keep what is wrong with it */
    char hash[CMR_HASH_SIZE]; /* of what is applied; "": nothing is, or it is a secret's */
};

struct cmr__moment {
    cmr_reloader_status reloader;
    size_t count;
    struct cmr__moment_mount *mounts;
};

/* CMR_ERR_INVALID_ARGUMENT (no reloader), CMR_ERR_FORKED, CMR_ERR_NO_MEMORY. */
cmr_status cmr__moment_take(cmr_reloader *reloader, struct cmr__moment *ret_moment);
void cmr__moment_reset(struct cmr__moment *moment);

/* Whether what is mounted, as far as is known, is applied. */
bool cmr__moment_is_successful(const struct cmr__moment_mount *mount);

/* How much is wrong with what is mounted, also beyond what a report shows. */
size_t cmr__moment_faults(const struct cmr__moment_mount *mount);

#endif
