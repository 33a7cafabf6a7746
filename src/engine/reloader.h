/* SPDX-License-Identifier: MIT
 *
 * The reloader: the one stateful place. docs/design.md, "One reload", leads through the files of this folder
 * in the order in which a reload comes by.
 *
 * One thread at a time dispatches; what only it touches (mounts, loop, inotify) needs no lock. What other
 * threads may touch too (the current snapshot, the registries, counters, states as they are told) is under
 * `lock`, which is never held across the application's code. */
#ifndef CMRELOAD_ENGINE_RELOADER_H
#define CMRELOAD_ENGINE_RELOADER_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/fork_guard.h"
#include "base/log.h"
#include "engine/feed.h"
#include "engine/mount.h"
#include "engine/registration.h"
#include "model/snapshot.h"
#include "watch/inotify.h"
#include "watch/loop.h"

struct cmr__counters {
    uint64_t applied;
    uint64_t rejected;
    uint64_t failed;
    uint64_t retries;
    uint64_t saves;
    uint64_t saves_failed;
    int64_t last_success;
};

/* A mount, as those see it who ask: from any thread, with the lock held. */
struct cmr__told {
    cmr_mount_status status;
    bool is_rejected;     /* what is mounted is bad, and that was told */
    cmr_report *rejected; /* what is wrong with it; NULL though it is: there was no memory to copy it */
    uint64_t rejections;  /* REJECTED events of the mount, ever */
};

struct cmr_reloader {
    /* What readers look at all the time stands among what is hardly ever written, so that their cache lines
     * stay theirs. Written with the lock held; never NULL. */
    _Atomic(cmr_snapshot *) current;
    cmr_snapshot *nothing; /* the empty one, before the first load; never changes */

    struct cmr__log log;
    struct cmr__fork_guard guard; /* looked at before any lock is taken */

    /* the dispatcher's */
    struct cmr__loop loop;
    struct cmr__inotify inotify;
    struct cmr__mount **mounts;
    size_t mount_count;

    char *state_dir; /* NULL: nothing is saved */
    cmr_boot boot;

    struct cmr__loader *loader; /* NULL: loads are run by dispatch */
    bool loads_here;            /* not by the loader, for now */
    struct cmr__feed *feed;     /* NULL: no other process has a part in it */

    uint64_t generation; /* of `current` */

    bool freed_inside; /* by a callback: ends when dispatch does */

    atomic_bool check_requested;
    atomic_bool turning; /* the dispatcher's part is being changed, which a fork may meet */

    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t returned;
    bool dispatching;
    pthread_t dispatcher;
    bool has_helper;
    pthread_t helper;
    bool loading_begun; /* mounts can no longer be added */
    bool freeing;
    unsigned held;
    struct cmr__registry subscriptions;
    struct cmr__registry observers;
    struct cmr__registry bindings;
    struct cmr__registry followers;
    struct cmr__registry validators;
    bool due; /* some subscription may have something to deliver, now or later */
    struct cmr__counters counters;
    cmr_boot_source booted_from;
    struct cmr__told *told; /* one each mount */
};

/* Whether the mounts are looked at here, and not by another process. */
static inline bool cmr__reloader_follows(const cmr_reloader *reloader)
{
    return !reloader->feed || reloader->feed->follows;
}

/* Whether what was published just now was the first that this reloader has. */
static inline bool cmr__reloader_has_begun(const cmr_reloader *reloader)
{
    return reloader->counters.applied == 1;
}

/* Whether this is a forked child that the reloader does not belong to yet. */
static inline bool cmr__reloader_is_forked(const cmr_reloader *reloader)
{
    return cmr__fork_guard_is_child(&reloader->guard);
}

/* With the lock held: whether there is no reloader to go on with, since it is being freed or a callback
 * forked and this is the child. */
static inline bool cmr__reloader_is_over_locked(const cmr_reloader *reloader)
{
    return reloader->freeing || cmr__reloader_is_forked(reloader);
}

/* With the lock held: the same, or that the application froze it. */
static inline bool cmr__reloader_is_stopped_locked(const cmr_reloader *reloader)
{
    return reloader->held || cmr__reloader_is_over_locked(reloader);
}

/* What cmr_reloader_get_status tells, with the lock held. */
cmr_reloader_status cmr__reloader_status_locked(const cmr_reloader *reloader);

/* Frees everything. Nobody dispatches. */
void cmr__reloader_destroy(cmr_reloader *reloader);

#endif
