/* SPDX-License-Identifier: MIT
 *
 * How much of inotify there is for this user, and how much of it is used, as far as /proc shows. */
#ifndef CMRELOAD_OPS_INOTIFY_USE_H
#define CMRELOAD_OPS_INOTIFY_USE_H

#include "ops/examination.h"

#define CMR__UNKNOWN UINT64_MAX

struct cmr__inotify_use {
    uint64_t instances, watches; /* of all processes of this user */
    uint64_t unseen;             /* processes of this user that may not be looked into */
};

/* Other containers' processes are not in this /proc, though they share the user's limits. */
void cmr__inotify_use_count(struct cmr__inotify_use *ret_use);

/* Compares it with the limits. */
void cmr__inotify_use_examine(const struct cmr__inotify_use *use, cmr_examination *examination);

#endif
