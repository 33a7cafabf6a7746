/* SPDX-License-Identifier: MIT
 *
 * Reasons by name, and by errno. What a process or a system has run out of is told apart from what is wrong
 * with the files: the one is mended here, the other at the mount. */
#include "base/cause.h"

#include <errno.h>
#include <string.h>

const char *cmr_mount_reason_name(cmr_mount_reason reason)
{
    switch (reason) {
    case CMR_REASON_NONE:
        return "none";
    case CMR_REASON_ABSENT:
        return "absent";
    case CMR_REASON_UNWRITTEN:
        return "unwritten";
    case CMR_REASON_DANGLING:
        return "dangling";
    case CMR_REASON_OUTSIDE:
        return "outside";
    case CMR_REASON_WRONG_KIND:
        return "wrong_kind";
    case CMR_REASON_GENERATION:
        return "generation";
    case CMR_REASON_SUBPATH:
        return "subpath";
    case CMR_REASON_UNREADABLE:
        return "unreadable";
    case CMR_REASON_SWAPPED:
        return "swapped";
    case CMR_REASON_FILESYSTEM:
        return "filesystem";
    case CMR_REASON_INOTIFY_INSTANCES:
        return "inotify_instances";
    case CMR_REASON_INOTIFY_WATCHES:
        return "inotify_watches";
    case CMR_REASON_INOTIFY:
        return "inotify";
    case CMR_REASON_DESCRIPTORS:
        return "descriptors";
    case CMR_REASON_MEMORY:
        return "memory";
    case CMR_REASON_VALIDATOR:
        return "validator";
    }
    return "?";
}

struct cmr__cause cmr__cause_of_errno(int error)
{
    switch (error) {
    case EMFILE:
        return (struct cmr__cause){ CMR_REASON_DESCRIPTORS,
                                    "the process has no descriptor left (ulimit -n, RLIMIT_NOFILE)" };
    case ENFILE:
        return (struct cmr__cause){ CMR_REASON_DESCRIPTORS,
                                    "the system has no descriptor left (fs.file-max)" };
    case ENOMEM:
        return (struct cmr__cause){ CMR_REASON_MEMORY, "the kernel has no memory left" };
    default:
        return (struct cmr__cause){ CMR_REASON_UNREADABLE, strerror(error) };
    }
}
