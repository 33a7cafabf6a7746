/* SPDX-License-Identifier: MIT
 *
 * The kubelet swaps a symlink inside the watched directory: MOVED_TO tells that, CREATE and DELETE tell of
 * volumes that come and go. MODIFY and CLOSE_WRITE are for plain directories, and do not happen in a
 * volume's. The mask holds nothing that reading causes (OPEN, ACCESS, CLOSE_NOWRITE), and no ATTRIB, which
 * fsGroup showers on every file at each sync. The kernel merges equal events and drops them on overflow; as
 * each is only a hint, neither loses anything. */
#include "watch/inotify.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/cleanup.h"

#define MASK                                                                                                 \
    (IN_MOVED_TO | IN_CREATE | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF | IN_MOVED_FROM | IN_MODIFY |       \
     IN_CLOSE_WRITE | IN_ONLYDIR)

/* A full queue of 16,384 events is fewer reads than this. */
#define MOST_READS 1024

/* Many events a read; inotify(7) wants room for at least one with the longest name. */
#define BUFFER_SIZE (32 * (sizeof(struct inotify_event) + NAME_MAX + 1))

/* EMFILE says that the user has no instance left, or the process no descriptor: then it gets no other one
 * either. */
static struct cmr__cause cause_of_open(int error)
{
    if (error != EMFILE)
        return cmr__inotify_cause(error);
    cmr_cleanup(cmr__close_fd) int other = eventfd(0, EFD_CLOEXEC);
    if (other < 0)
        return cmr__cause_of_errno(errno);
    return (struct cmr__cause){ CMR_REASON_INOTIFY_INSTANCES,
                                "this user has no inotify instance left (fs.inotify.max_user_instances)" };
}

cmr_status cmr__inotify_open(struct cmr__inotify *inotify)
{
    int descriptor = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (descriptor < 0) {
        inotify->cause = cause_of_open(errno);
        return CMR_ERR_SYSTEM;
    }
    inotify->descriptor = descriptor;
    return CMR_OK;
}

void cmr__inotify_close(struct cmr__inotify *inotify)
{
    cmr__close_fd(&inotify->descriptor);
    inotify->descriptor = -1;
}

cmr_status cmr__inotify_add(struct cmr__inotify *inotify, int directory, const char *path, int *ret_watch)
{
    char self[40];
    snprintf(self, sizeof self, "/proc/self/fd/%d", directory);
    int watch = inotify_add_watch(inotify->descriptor, self, MASK);
    if (watch < 0 && (errno == ENOENT || errno == ENOTDIR))
        watch = inotify_add_watch(inotify->descriptor, path, MASK);
    if (watch < 0)
        return CMR_ERR_SYSTEM;
    *ret_watch = watch;
    return CMR_OK;
}

struct cmr__cause cmr__inotify_cause(int error)
{
    switch (error) {
    case ENOSPC:
        return (struct cmr__cause){ CMR_REASON_INOTIFY_WATCHES,
                                    "this user has no inotify watch left (fs.inotify.max_user_watches)" };
    case EACCES:
        return (struct cmr__cause){ CMR_REASON_UNREADABLE,
                                    "inotify wants leave to read the directory, which this user has not" };
    case EMFILE:
    case ENFILE:
    case ENOMEM:
        return cmr__cause_of_errno(error);
    default:
        return (struct cmr__cause){ CMR_REASON_INOTIFY, "inotify cannot be had here" };
    }
}

void cmr__inotify_remove(struct cmr__inotify *inotify, int watch)
{
    if (inotify->descriptor >= 0 && watch >= 0)
        inotify_rm_watch(inotify->descriptor, watch);
}

static unsigned meaning(uint32_t mask)
{
    if (mask & IN_Q_OVERFLOW)
        return CMR__WATCH_OVERFLOW;
    if (mask & IN_IGNORED)
        return CMR__WATCH_CHANGED | CMR__WATCH_ENDED;
    if (mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT)) /* IGNORED follows, but not after a move */
        return CMR__WATCH_CHANGED | CMR__WATCH_MOVED;
    return CMR__WATCH_CHANGED;
}

void cmr__inotify_drain(struct cmr__inotify *inotify, cmr__watch_fn *callback, void *user)
{
    _Alignas(struct inotify_event) char buffer[BUFFER_SIZE];
    for (int reads = 0; reads < MOST_READS; reads++) {
        ssize_t size = read(inotify->descriptor, buffer, sizeof buffer);
        if (size < 0 && errno == EINTR)
            continue;
        if (size <= 0)
            return;
        for (char *at = buffer; at < buffer + size;) {
            const struct inotify_event *event = (const struct inotify_event *)(const void *)at;
            callback(user, event->wd, meaning(event->mask));
            at += sizeof *event + event->len;
        }
    }
}
