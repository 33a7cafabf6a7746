/* SPDX-License-Identifier: MIT
 *
 * Dispatch: one turn after the other until nothing is left to do. A turn polls the loop, marks the mounts
 * that it concerns, looks at those that are marked or whose time has come, publishes what they loaded, and
 * delivers.
 *
 * Turns are bounded: under a writer that never rests the descriptor is made readable again instead, so that
 * the application's own loop gets its turn too.
 *
 * An idle reloader makes these system calls at each safety check, and none in between (test_idle.c):
 *
 *     poll              the application's, or that of cmr_reloader_wait
 *     epoll_wait        it was the timer,
 *     read              which is drained
 *     newfstatat        each mount's path still leads to the directory that is held open,
 *     readlinkat        and its ..data to the generation that is loaded
 *     epoll_wait        nothing more
 *     timerfd_settime   until the next check */
#include "engine/dispatch.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>

#include "base/clock.h"
#include "engine/boot.h"
#include "engine/child.h"
#include "engine/delivery.h"
#include "engine/helper.h"
#include "engine/look.h"
#include "engine/saver.h"
#include "engine/schedule.h"
#include "engine/stand_in.h"

#define MOST_TURNS 8

static bool is_stopped(cmr_reloader *reloader)
{
    pthread_mutex_lock(&reloader->lock);
    bool stopped = cmr__reloader_is_stopped_locked(reloader);
    pthread_mutex_unlock(&reloader->lock);
    return stopped;
}

/* ---- turns */

struct marking {
    cmr_reloader *reloader;
    int64_t now;
};

static void mark(void *user, int watch, unsigned what)
{
    const struct marking *marking = user;
    for (size_t i = 0; i < marking->reloader->mount_count; i++) {
        struct cmr__mount *mount = marking->reloader->mounts[i];
        if (what & CMR__WATCH_OVERFLOW || cmr__watches_have(&mount->watches, watch))
            cmr__mount_notice(mount, watch, what, marking->now);
    }
}

static void drain_events(cmr_reloader *reloader)
{
    struct marking marking = { reloader, cmr__clock_now() };
    cmr__inotify_drain(&reloader->inotify, mark, &marking);
}

static void mark_all(cmr_reloader *reloader)
{
    if (!cmr__reloader_follows(reloader))
        reloader->feed->class->look(reloader->feed);
    for (size_t i = 0; i < reloader->mount_count; i++) {
        struct cmr__mount *mount = reloader->mounts[i];
        cmr__schedule_now(mount);
        mount->doubtful = mount->forced = true;
    }
}

static int64_t earlier(int64_t one, int64_t other)
{
    return one < other ? one : other;
}

/* What is to be done with what is published, after the callbacks. Returns when to have the next turn for it,
 * or for the mounts. */
static int64_t pass_on(cmr_reloader *reloader)
{
    int64_t next = CMR__NEVER;
    if (reloader->feed) {
        reloader->feed->class->send(reloader->feed, cmr__clock_now());
        next = reloader->feed->class->next(reloader->feed);
    }
    if (is_stopped(reloader) || !cmr__reloader_follows(reloader))
        return next;
    cmr__save_mounts(reloader, cmr__clock_now());
    return earlier(next, earlier(cmr__look_next(reloader), cmr__save_next(reloader)));
}

/* Whether something had happened. */
static bool turn(cmr_reloader *reloader, int64_t *ret_deadline)
{
    unsigned happened = cmr__loop_poll(&reloader->loop);
    if (happened & CMR__LOOP_INOTIFY)
        drain_events(reloader);
    if (happened & CMR__LOOP_FEED)
        reloader->feed->class->receive(reloader->feed);
    if (atomic_exchange(&reloader->check_requested, false))
        mark_all(reloader);
    *ret_deadline = CMR__NEVER;
    if (is_stopped(reloader))
        return happened;
    if (reloader->feed)
        reloader->feed->class->turn(reloader->feed, cmr__clock_now());
    if (cmr__reloader_follows(reloader))
        cmr__look_at_mounts(reloader);
    *ret_deadline = cmr__deliver(reloader, cmr__clock_now());
    if (!is_stopped(reloader))
        *ret_deadline = earlier(*ret_deadline, pass_on(reloader));
    return happened;
}

cmr_status cmr__dispatch_begin(cmr_reloader *reloader)
{
    if (!reloader)
        return CMR_ERR_INVALID_ARGUMENT;
    if (cmr__reloader_is_forked(reloader))
        return CMR_ERR_FORKED;
    pthread_mutex_lock(&reloader->lock);
    cmr_status status = CMR_OK;
    if (reloader->freeing)
        status = CMR_ERR_CLOSED;
    else if (reloader->dispatching || cmr__helper_is_other_locked(reloader))
        status = CMR_ERR_BUSY;
    if (status == CMR_OK) {
        reloader->dispatching = true;
        reloader->dispatcher = pthread_self();
        reloader->loading_begun = true;
    }
    pthread_mutex_unlock(&reloader->lock);
    return status;
}

/* The reloader is gone after CMR_ERR_CLOSED: freed by a callback, and so here, or by another thread, which
 * waits. */
cmr_status cmr__dispatch_end(cmr_reloader *reloader, cmr_status status)
{
    if (cmr__reloader_is_forked(reloader))
        return cmr__child_end_dispatch(reloader);
    bool freed_inside = reloader->freed_inside;
    pthread_mutex_lock(&reloader->lock);
    if (reloader->freeing)
        status = CMR_ERR_CLOSED;
    reloader->dispatching = false;
    pthread_cond_broadcast(&reloader->returned);
    pthread_mutex_unlock(&reloader->lock);
    if (freed_inside) {
        cmr__helper_join(reloader);
        cmr__reloader_destroy(reloader);
    }
    return status;
}

/* A callback has freed it, or forked and this is the child: then the loop is the parent's. */
static bool is_over(const cmr_reloader *reloader)
{
    return reloader->freed_inside || cmr__reloader_is_forked(reloader);
}

static void take_turns(cmr_reloader *reloader)
{
    int64_t deadline = CMR__NEVER;
    int turns = 0;
    bool again = true;
    reloader->turning = true;
    while (again && turns < MOST_TURNS && !is_over(reloader)) {
        again = turn(reloader, &deadline);
        turns++;
    }
    if (is_over(reloader))
        return;
    reloader->turning = false;
    cmr__loop_set_deadline(&reloader->loop, deadline);
    if (again)
        cmr__loop_wake(&reloader->loop);
}

cmr_status cmr_reloader_dispatch(cmr_reloader *reloader)
{
    cmr_status status = cmr__dispatch_begin(reloader);
    if (status != CMR_OK)
        return status;
    take_turns(reloader);
    return cmr__dispatch_end(reloader, CMR_OK);
}

/* ---- waiting: who waits is the dispatcher already, so that free can tell, wake and await it */

static int to_poll_timeout(int64_t ms)
{
    return ms < 0 ? -1 : ms > INT_MAX ? INT_MAX : (int)ms;
}

static cmr_status wait_readable(const cmr_reloader *reloader, int64_t timeout_ms)
{
    struct pollfd descriptor = { .fd = reloader->loop.epoll, .events = POLLIN };
    int count = poll(&descriptor, 1, to_poll_timeout(timeout_ms));
    if (count < 0)
        return errno == EINTR ? CMR_ERR_INTERRUPTED : errno == ENOMEM ? CMR_ERR_NO_MEMORY : CMR_ERR_SYSTEM;
    return count ? CMR_OK : CMR_ERR_TIMEOUT;
}

cmr_status cmr_reloader_wait(cmr_reloader *reloader, int64_t timeout_ms)
{
    cmr_status status = cmr__dispatch_begin(reloader);
    if (status != CMR_OK)
        return status;
    status = wait_readable(reloader, timeout_ms);
    if (status == CMR_OK)
        take_turns(reloader);
    return cmr__dispatch_end(reloader, status);
}

/* CMR_OK: published. CMR_ERR_REJECTED outweighs all else, since waiting does not mend it. */
static cmr_status load_status_locked(const cmr_reloader *reloader)
{
    cmr_status status = CMR_ERR_NOT_FOUND;
    if (reloader->freeing)
        return CMR_ERR_CLOSED;
    if (reloader->current->generation > 0)
        return CMR_OK;
    if (reloader->held)
        return CMR_ERR_TIMEOUT;
    for (size_t i = 0; i < reloader->mount_count; i++) {
        const struct cmr__mount *mount = reloader->mounts[i];
        if (mount->rejected)
            return CMR_ERR_REJECTED;
        if (mount->loading)
            status = CMR_ERR_TIMEOUT;
        if (mount->failure == CMR_OK || cmr__stand_in_is_there(mount))
            continue;
        errno = mount->error;
        status = mount->failure == CMR_ERR_BUSY ? CMR_ERR_TIMEOUT : mount->failure;
    }
    return status;
}

/* The process that follows the mounts has a policy for what is bad. */
static bool may_start_elsewhere(const cmr_reloader *reloader)
{
    return !cmr__reloader_follows(reloader) && reloader->boot != CMR_BOOT_REFUSE;
}

static cmr_status load(cmr_reloader *reloader, int64_t deadline)
{
    for (;;) {
        take_turns(reloader);
        if (cmr__reloader_is_forked(reloader))
            return CMR_ERR_FORKED;
        pthread_mutex_lock(&reloader->lock);
        cmr_status status = load_status_locked(reloader);
        pthread_mutex_unlock(&reloader->lock);
        int64_t left = deadline == CMR__NEVER ? -1 : (deadline - cmr__clock_now() + 999999) / 1000000;
        bool last = status == CMR_OK || (status == CMR_ERR_REJECTED && !may_start_elsewhere(reloader)) ||
                    status == CMR_ERR_CLOSED || (left <= 0 && deadline != CMR__NEVER);
        if (last && status != CMR_OK && cmr__boot(reloader))
            continue; /* once more, for the callbacks */
        if (last)
            return status;
        status = wait_readable(reloader, left);
        if (status != CMR_OK && status != CMR_ERR_TIMEOUT)
            return status;
    }
}

cmr_status cmr_reloader_load(cmr_reloader *reloader, int64_t timeout_ms)
{
    cmr_status status = cmr__dispatch_begin(reloader);
    if (status != CMR_OK)
        return status;
    reloader->loads_here = true; /* there is nothing else to be done meanwhile */
    status = load(reloader, cmr__clock_after_ms(cmr__clock_now(), timeout_ms));
    reloader->loads_here = false;
    return cmr__dispatch_end(reloader, status);
}
