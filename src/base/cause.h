/* SPDX-License-Identifier: MIT
 *
 * A cause: why a mount is as it is, or cannot be read. The reason is for programs, the message for people. */
#ifndef CMRELOAD_BASE_CAUSE_H
#define CMRELOAD_BASE_CAUSE_H

#include "cmreload/cmreload.h"

struct cmr__cause {
    cmr_mount_reason reason;
    const char *message; /* static, or strerror's */
};

#define CMR__NO_CAUSE                                                                                        \
    (struct cmr__cause)                                                                                      \
    {                                                                                                        \
        CMR_REASON_NONE, ""                                                                                  \
    }

/* Of a system call that failed on what is mounted. */
struct cmr__cause cmr__cause_of_errno(int error);

#endif
