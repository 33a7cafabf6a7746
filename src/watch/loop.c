/* SPDX-License-Identifier: MIT
 *
 * One descriptor to wait on. An application may hang the epoll descriptor into an edge-triggered epoll of its
 * own, where anything left unread would never be announced again: so a poll asks for all sources at once and
 * drains what it can. Deadlines are absolute, so a clock read between setting and firing makes no drift. */
#include "watch/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"

static bool add(int epoll, int descriptor, uint32_t source)
{
    struct epoll_event event = { .events = EPOLLIN, .data.u32 = source };
    return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

cmr_status cmr__loop_open(struct cmr__loop *loop)
{
    struct cmr__loop opened = CMR__LOOP_INIT;
    opened.epoll = epoll_create1(EPOLL_CLOEXEC);
    opened.timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    opened.event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (opened.epoll < 0 || opened.timer < 0 || opened.event < 0 ||
        !add(opened.epoll, opened.timer, CMR__LOOP_TIMER) ||
        !add(opened.epoll, opened.event, CMR__LOOP_WOKEN)) {
        cmr__loop_close(&opened);
        return CMR_ERR_SYSTEM;
    }
    *loop = opened;
    return CMR_OK;
}

void cmr__loop_close(struct cmr__loop *loop)
{
    cmr__close_fd(&loop->epoll);
    cmr__close_fd(&loop->timer);
    cmr__close_fd(&loop->event);
    *loop = (struct cmr__loop)CMR__LOOP_INIT;
}

cmr_status cmr__loop_renew(struct cmr__loop *loop)
{
    struct cmr__loop opened = CMR__LOOP_INIT;
    cmr_status status = cmr__loop_open(&opened);
    if (status != CMR_OK)
        return status;
    if (dup3(opened.epoll, loop->epoll, O_CLOEXEC) < 0) {
        cmr__loop_close(&opened);
        return CMR_ERR_SYSTEM;
    }
    close(opened.epoll);
    opened.epoll = loop->epoll;
    cmr__close_fd(&loop->timer);
    cmr__close_fd(&loop->event);
    *loop = opened;
    return CMR_OK;
}

cmr_status cmr__loop_add_inotify(struct cmr__loop *loop, int inotify)
{
    return add(loop->epoll, inotify, CMR__LOOP_INOTIFY) ? CMR_OK : CMR_ERR_SYSTEM;
}

cmr_status cmr__loop_add_feed(struct cmr__loop *loop, int descriptor)
{
    return add(loop->epoll, descriptor, CMR__LOOP_FEED) ? CMR_OK : CMR_ERR_SYSTEM;
}

void cmr__loop_remove_feed(struct cmr__loop *loop, int descriptor)
{
    int error = errno;
    (void)epoll_ctl(loop->epoll, EPOLL_CTL_DEL, descriptor, NULL); /* fails where it is not there */
    errno = error;
}

static void drain(int descriptor)
{
    uint64_t count;
    while (read(descriptor, &count, sizeof count) < 0 && errno == EINTR)
        ;
}

unsigned cmr__loop_poll(struct cmr__loop *loop)
{
    struct epoll_event events[4]; /* of many that a feed has one is enough, and the others stay readable */
    unsigned happened = 0;
    int count;
    do
        count = epoll_wait(loop->epoll, events, 4, 0);
    while (count < 0 && errno == EINTR);
    for (int i = 0; i < count; i++)
        happened |= events[i].data.u32;
    if (happened & CMR__LOOP_TIMER) {
        drain(loop->timer);
        loop->deadline = CMR__NEVER; /* fired: whatever is set next must reach the kernel */
    }
    if (happened & CMR__LOOP_WOKEN)
        drain(loop->event);
    return happened;
}

void cmr__loop_set_deadline(struct cmr__loop *loop, int64_t deadline)
{
    struct itimerspec setting = { 0 };
    if (deadline == loop->deadline)
        return;
    if (deadline != CMR__NEVER) {
        int64_t positive = deadline > 0 ? deadline : 1; /* zero would disarm */
        setting.it_value.tv_sec = positive / 1000000000;
        setting.it_value.tv_nsec = positive % 1000000000;
    }
    if (timerfd_settime(loop->timer, TFD_TIMER_ABSTIME, &setting, NULL) == 0)
        loop->deadline = deadline;
    else
        cmr__loop_wake(loop); /* too early rather than never */
}

void cmr__loop_wake(const struct cmr__loop *loop)
{
    int error = errno;
    uint64_t one = 1;
    while (write(loop->event, &one, sizeof one) < 0 && errno == EINTR)
        ;
    errno = error;
}
