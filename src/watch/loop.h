/* SPDX-License-Identifier: MIT
 *
 * The loop: one epoll descriptor over inotify, a timer and a wake-up. It says that something may have
 * happened, and to which of the three, or to descriptors that were added; what to make of that is the
 * engine's business. */
#ifndef CMRELOAD_WATCH_LOOP_H
#define CMRELOAD_WATCH_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "cmreload/cmreload.h"

enum {
    CMR__LOOP_WOKEN = 1,   /* cmr__loop_wake was called */
    CMR__LOOP_TIMER = 2,   /* the deadline is over */
    CMR__LOOP_INOTIFY = 4, /* the inotify descriptor has events; they are not read yet */
    CMR__LOOP_FEED = 8,    /* so has one of those that cmr__loop_add_feed added */
};

struct cmr__loop {
    int epoll;
    int timer;
    int event;
    int64_t deadline; /* what the timer is set to */
};

#define CMR__LOOP_INIT                                                                                       \
    {                                                                                                        \
        -1, -1, -1, INT64_MAX                                                                                \
    }

/* CMR_ERR_SYSTEM: no descriptor left. */
cmr_status cmr__loop_open(struct cmr__loop *loop);
void cmr__loop_close(struct cmr__loop *loop);

/* In a forked child: the inherited descriptors are the parent's too, and are closed, for new ones; that of
 * epoll keeps its number. CMR_ERR_SYSTEM: errno; nothing has changed. */
cmr_status cmr__loop_renew(struct cmr__loop *loop);

/* Adds an inotify descriptor to what is looked at. */
cmr_status cmr__loop_add_inotify(struct cmr__loop *loop, int inotify);

/* The same of any other descriptor, that has to be removed before it is closed: elsewhere it may be open
 * still. */
cmr_status cmr__loop_add_feed(struct cmr__loop *loop, int descriptor);
void cmr__loop_remove_feed(struct cmr__loop *loop, int descriptor);

/* What has happened since the last poll, without blocking. Timer and wake-up are drained. */
unsigned cmr__loop_poll(struct cmr__loop *loop);

/* When to be woken next (monotonic ns; CMR__NEVER: not at all). No system call when nothing changes. */
void cmr__loop_set_deadline(struct cmr__loop *loop, int64_t deadline);

/* Makes the epoll descriptor readable. Async-signal-safe; any thread. */
void cmr__loop_wake(const struct cmr__loop *loop);

#endif
