/* SPDX-License-Identifier: MIT
 *
 * What /proc/self/mountinfo says of the mount on which something lies: see proc(5). */
#ifndef CMRELOAD_SOURCE_MOUNTINFO_H
#define CMRELOAD_SOURCE_MOUNTINFO_H

#include <stdbool.h>

#include "cmreload/cmreload.h"

struct cmr__mountinfo {
    char *root;  /* the directory, or file, of its file system that the mount shows */
    char *point; /* where it is mounted */
    char *type;  /* of the file system: "tmpfs" */
    bool read_only;
};

#define CMR__MOUNTINFO_INIT                                                                                  \
    {                                                                                                        \
        NULL, NULL, NULL, false                                                                              \
    }

/* Of what the descriptor is open on. CMR_ERR_NOT_FOUND where the kernel does not tell, or /proc is not
 * mounted; CMR_ERR_SYSTEM: not now, errno; CMR_ERR_NO_MEMORY. */
cmr_status cmr__mountinfo_find(int descriptor, struct cmr__mountinfo *ret_mountinfo);
void cmr__mountinfo_reset(struct cmr__mountinfo *mountinfo);

#endif
