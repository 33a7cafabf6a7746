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
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/diagnostic.h"
#include "engine/delivery.h"
#include "engine/observer.h"
#include "engine/publication.h"

#define MOST_TURNS 8

static bool is_stopped(cmr_reloader *reloader)
{
    pthread_mutex_lock(&reloader->lock);
    bool stopped = cmr__reloader_is_stopped_locked(reloader);
    pthread_mutex_unlock(&reloader->lock);
    return stopped;
}

/* ---- telling */

static cmr_event event_of(const cmr_reloader *reloader, cmr_event_kind kind, const struct cmr__mount *mount)
{
    return (cmr_event){ .kind = kind,
                        .mount = mount->settings.name,
                        .generation = reloader->current->generation,
                        .target = mount->mounted,
                        .hash = "",
                        .state = mount->state,
                        .reason = mount->reason };
}

static void tell_state(cmr_reloader *reloader, struct cmr__mount *mount)
{
    if (mount->state == mount->told_state)
        return;
    mount->told_state = mount->state;
    cmr_event event = event_of(reloader, CMR_EVENT_STATE, mount);
    cmr__observers_tell(reloader, &event);
}

static void tell_published(cmr_reloader *reloader, const struct cmr__mount *mount)
{
    bool first = reloader->current->generation == 1;
    cmr_event event = event_of(reloader, first ? CMR_EVENT_READY : CMR_EVENT_APPLIED, mount);
    event.target = mount->part->target;
    event.hash = mount->part->hash;
    cmr__observers_tell(reloader, &event);
}

static void tell_rejected(cmr_reloader *reloader, const struct cmr__mount *mount, const cmr_report *report)
{
    cmr_event event = event_of(reloader, CMR_EVENT_REJECTED, mount);
    event.report = report;
    cmr__observers_tell(reloader, &event);
}

/* What status calls see, copied for other threads. */
static void copy_status(cmr_reloader *reloader, size_t number)
{
    const struct cmr__mount *mount = reloader->mounts[number];
    cmr_mount_status *told = &reloader->told[number];
    pthread_mutex_lock(&reloader->lock);
    told->state = mount->state;
    memcpy(told->reason, mount->reason, sizeof told->reason);
    memcpy(told->mounted_target, mount->mounted, sizeof told->mounted_target);
    snprintf(told->applied_target, sizeof told->applied_target, "%s",
             number < reloader->current->count ? reloader->current->parts[number]->target : "");
    pthread_mutex_unlock(&reloader->lock);
}

static void count(cmr_reloader *reloader, uint64_t *counter, uint64_t more)
{
    pthread_mutex_lock(&reloader->lock);
    *counter += more;
    pthread_mutex_unlock(&reloader->lock);
}

/* ---- looking */

static void reject(cmr_reloader *reloader, struct cmr__mount *mount, const cmr_report *report, bool again)
{
    if (again)
        return;
    count(reloader, &reloader->counters.rejected, 1);
    tell_rejected(reloader, mount, report);
}

static const char *why_failed(const struct cmr__mount *mount)
{
    if (mount->failure == CMR_ERR_SYSTEM && mount->error == ELOOP)
        return "..data points out of the volume, or a file in it became a link";
    if (mount->failure == CMR_ERR_SYSTEM)
        return strerror(mount->error);
    return mount->failure == CMR_ERR_BUSY ? "swapped again at each of several tries"
                                          : cmr_strerror(mount->failure);
}

static void fail(cmr_reloader *reloader, const struct cmr__mount *mount)
{
    cmr_event event = event_of(reloader, CMR_EVENT_FAILED, mount);
    count(reloader, &reloader->counters.failed, 1);
    event.reason = why_failed(mount);
    if (mount->failures == 1)
        cmr__observers_tell(reloader, &event);
    else
        cmr__log(&reloader->log, CMR_LOG_DEBUG, "%s: still: %s", event.mount, event.reason);
}

static void accept(cmr_reloader *reloader, size_t number, cmr__part *part, bool published)
{
    cmr__mount_accept(reloader->mounts[number], part);
    for (size_t i = 0; published && reloader->current->generation == 1 && i < reloader->mount_count; i++)
        cmr__mount_absolve(reloader->mounts[i]);
    copy_status(reloader, number);
    if (published)
        tell_published(reloader, reloader->mounts[number]);
}

/* Before the first publication a refused part is kept all the same: of several mounts another one may be at
 * fault, and when that changes all are checked again. */
static void refuse(cmr_reloader *reloader, size_t number, cmr__part *part, cmr_report *report, bool again)
{
    struct cmr__mount *mount = reloader->mounts[number];
    if (reloader->current->generation == 0)
        cmr__mount_accept(mount, part);
    else
        cmr__part_unref(part);
    cmr__mount_reject(mount);
    cmr__report_finish(report);
    copy_status(reloader, number);
    reject(reloader, mount, report, again);
}

/* Takes the part over. */
static void publish(cmr_reloader *reloader, size_t number, cmr__part *part, cmr_report *report, bool again,
                    int64_t now)
{
    bool published = false;
    cmr_status status = cmr__publish(reloader, number, part, report, &published);
    if (status == CMR_OK) {
        accept(reloader, number, part, published);
    } else if (status == CMR_ERR_REJECTED) {
        refuse(reloader, number, part, report, again);
    } else if (status == CMR_ERR_BUSY) {
        cmr__part_unref(part);
        reloader->mounts[number]->dirty = true; /* release brings it */
    } else {
        cmr__part_unref(part);
        cmr__mount_fail(reloader->mounts[number], status, now);
        fail(reloader, reloader->mounts[number]);
    }
}

static void look(cmr_reloader *reloader, size_t number, int64_t now)
{
    struct cmr__mount *mount = reloader->mounts[number];
    cmr_cleanup(cmr__report_free_place) cmr_report *report = NULL;
    char rejected[CMR__TARGET_SIZE] = "";
    cmr__part *part = NULL;
    uint64_t retries = 0;
    if (mount->rejected)
        memcpy(rejected, mount->mounted, sizeof rejected);
    enum cmr__look seen = cmr__mount_look(mount, &reloader->inotify, now, &retries, &report, &part);
    bool again = strcmp(rejected, mount->mounted) == 0; /* told already: check_now asked for it once more */
    if (retries)
        count(reloader, &reloader->counters.retries, retries);
    copy_status(reloader, number);
    tell_state(reloader, mount);
    if (seen == CMR__LOOK_LOADED)
        publish(reloader, number, part, report, again, now);
    else if (seen == CMR__LOOK_REJECTED)
        reject(reloader, mount, report, again);
    else if (seen == CMR__LOOK_FAILED)
        fail(reloader, mount);
}

static void open_inotify(cmr_reloader *reloader)
{
    if (reloader->inotify.descriptor >= 0 || cmr__inotify_open(&reloader->inotify) != CMR_OK)
        return;
    if (cmr__loop_add_inotify(&reloader->loop, reloader->inotify.descriptor) != CMR_OK) {
        reloader->inotify.error = errno;
        cmr__inotify_close(&reloader->inotify);
    }
}

static void look_at_mounts(cmr_reloader *reloader)
{
    int64_t now = cmr__clock_now();
    for (size_t i = 0; i < reloader->mount_count && !is_stopped(reloader); i++) {
        const struct cmr__mount *mount = reloader->mounts[i];
        if (!mount->dirty && mount->look_at > now)
            continue;
        open_inotify(reloader);
        look(reloader, i, now);
    }
}

/* ---- turns */

static void mark(void *user, int watch, unsigned what)
{
    cmr_reloader *reloader = user;
    for (size_t i = 0; i < reloader->mount_count; i++)
        if (what & CMR__WATCH_OVERFLOW || reloader->mounts[i]->watch == watch)
            cmr__mount_notice(reloader->mounts[i], what);
}

static void mark_all(cmr_reloader *reloader)
{
    for (size_t i = 0; i < reloader->mount_count; i++) {
        reloader->mounts[i]->dirty = reloader->mounts[i]->doubtful = true;
        reloader->mounts[i]->forced = true;
    }
}

static int64_t next_look(const cmr_reloader *reloader)
{
    int64_t next = CMR__NEVER;
    for (size_t i = 0; i < reloader->mount_count; i++)
        next = reloader->mounts[i]->look_at < next ? reloader->mounts[i]->look_at : next;
    return next;
}

/* Whether something had happened. */
static bool turn(cmr_reloader *reloader, int64_t *ret_deadline)
{
    unsigned happened = cmr__loop_poll(&reloader->loop);
    if (happened & CMR__LOOP_INOTIFY)
        cmr__inotify_drain(&reloader->inotify, mark, reloader);
    if (atomic_exchange(&reloader->check_requested, false))
        mark_all(reloader);
    *ret_deadline = CMR__NEVER;
    if (is_stopped(reloader))
        return happened;
    look_at_mounts(reloader);
    int64_t due = cmr__deliver(reloader, cmr__clock_now()), looks = next_look(reloader);
    *ret_deadline = due < looks ? due : looks;
    return happened;
}

static cmr_status begin(cmr_reloader *reloader)
{
    if (!reloader)
        return CMR_ERR_INVALID_ARGUMENT;
    pthread_mutex_lock(&reloader->lock);
    cmr_status status = reloader->dispatching ? CMR_ERR_BUSY : CMR_OK;
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
static cmr_status end(cmr_reloader *reloader, cmr_status status)
{
    bool freed_inside = reloader->freed_inside;
    pthread_mutex_lock(&reloader->lock);
    if (reloader->freeing)
        status = CMR_ERR_CLOSED;
    reloader->dispatching = false;
    pthread_cond_broadcast(&reloader->returned);
    pthread_mutex_unlock(&reloader->lock);
    if (freed_inside)
        cmr__reloader_destroy(reloader);
    return status;
}

static void take_turns(cmr_reloader *reloader)
{
    int64_t deadline = CMR__NEVER;
    int turns = 0;
    bool again = true;
    while (again && turns < MOST_TURNS && !reloader->freed_inside) {
        again = turn(reloader, &deadline);
        turns++;
    }
    if (reloader->freed_inside)
        return;
    cmr__loop_set_deadline(&reloader->loop, deadline);
    if (again)
        cmr__loop_wake(&reloader->loop);
}

cmr_status cmr_reloader_dispatch(cmr_reloader *reloader)
{
    cmr_status status = begin(reloader);
    if (status != CMR_OK)
        return status;
    take_turns(reloader);
    return end(reloader, CMR_OK);
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
    cmr_status status = begin(reloader);
    if (status != CMR_OK)
        return status;
    status = wait_readable(reloader, timeout_ms);
    if (status == CMR_OK)
        take_turns(reloader);
    return end(reloader, status);
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
        if (mount->failure == CMR_OK)
            continue;
        errno = mount->error;
        status = mount->failure == CMR_ERR_BUSY ? CMR_ERR_TIMEOUT : mount->failure;
    }
    return status;
}

static cmr_status load(cmr_reloader *reloader, int64_t deadline)
{
    for (;;) {
        take_turns(reloader);
        pthread_mutex_lock(&reloader->lock);
        cmr_status status = load_status_locked(reloader);
        pthread_mutex_unlock(&reloader->lock);
        int64_t left = deadline == CMR__NEVER ? -1 : (deadline - cmr__clock_now() + 999999) / 1000000;
        if (status == CMR_OK || status == CMR_ERR_REJECTED || status == CMR_ERR_CLOSED ||
            (left <= 0 && deadline != CMR__NEVER))
            return status;
        status = wait_readable(reloader, left);
        if (status != CMR_OK && status != CMR_ERR_TIMEOUT)
            return status;
    }
}

cmr_status cmr_reloader_load(cmr_reloader *reloader, int64_t timeout_ms)
{
    cmr_status status = begin(reloader);
    if (status != CMR_OK)
        return status;
    status = load(reloader, cmr__clock_after_ms(cmr__clock_now(), timeout_ms));
    return end(reloader, status);
}
