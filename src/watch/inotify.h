/* SPDX-License-Identifier: MIT
 *
 * One inotify instance, watching directories: see inotify(7). Events are hints that a directory may have
 * changed. */
#ifndef CMRELOAD_WATCH_INOTIFY_H
#define CMRELOAD_WATCH_INOTIFY_H

#include <stdint.h>

#include "base/cause.h"

struct cmr__inotify {
    int descriptor;          /* -1: not open */
    struct cmr__cause cause; /* why the last cmr__inotify_open failed */
};

#define CMR__INOTIFY_INIT                                                                                    \
    {                                                                                                        \
        -1, CMR__NO_CAUSE                                                                                    \
    }

/* CMR_ERR_SYSTEM: inotify->cause. */
cmr_status cmr__inotify_open(struct cmr__inotify *inotify);
void cmr__inotify_close(struct cmr__inotify *inotify);

/* Watches the directory that the descriptor is open on (path is used where /proc is not mounted). Two watches
 * of one directory have the same number. CMR_ERR_SYSTEM with errno: ENOSPC when the user's watches are used
 * up. */
cmr_status cmr__inotify_add(struct cmr__inotify *inotify, int directory, const char *path, int *ret_watch);

/* Why a watch cannot be had, by errno. */
struct cmr__cause cmr__inotify_cause(int error);

void cmr__inotify_remove(struct cmr__inotify *inotify, int watch);

enum {
    CMR__WATCH_CHANGED = 1,  /* something in the directory */
    CMR__WATCH_MOVED = 2,    /* the directory itself was deleted, moved or unmounted */
    CMR__WATCH_ENDED = 4,    /* the watch is gone */
    CMR__WATCH_OVERFLOW = 8, /* events were lost; watch is -1: it concerns all */
};
typedef void cmr__watch_fn(void *user, int watch, unsigned what);

/* Reads the events there are, but not for ever: under a storm some may be left for the next call. */
void cmr__inotify_drain(struct cmr__inotify *inotify, cmr__watch_fn *callback, void *user);

#endif
