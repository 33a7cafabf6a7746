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

cmr_status cmr__inotify_open(struct cmr__inotify *inotify)
{
    int descriptor = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (descriptor < 0) {
        inotify->error = errno;
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
