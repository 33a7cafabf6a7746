/* SPDX-License-Identifier: MIT
 *
 * The kernel has no counter to be read: each process's descriptors are looked at. One that is inotify's is a
 * link to "anon_inode:inotify", and its fdinfo has a line for each watch. An instance that a fork shares is
 * counted twice.
 *
 * A limit is a user's, in each user namespace: the system's is that of the first one, and each below may have
 * a smaller one. What counts is the smallest on the way up, of which the own and the system's can be read. */
#include "ops/inotify_use.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

/* ---- counting */

static uint64_t count_watches(int process, const char *descriptor)
{
    char path[300], line[512];
    uint64_t count = 0;
    snprintf(path, sizeof path, "fdinfo/%s", descriptor);
    int info = openat(process, path, O_RDONLY | O_CLOEXEC);
    FILE *lines = info >= 0 ? fdopen(info, "r") : NULL;
    if (!lines) {
        cmr__close_fd(&info);
        return 0;
    }
    while (fgets(line, sizeof line, lines))
        count += strncmp(line, "inotify wd:", 11) == 0;
    fclose(lines);
    return count;
}

static bool is_refusal(int error)
{
    return error == EACCES || error == EPERM;
}

/* Listing descriptors and reading where they lead are two rights. */
static void count_descriptors(int process, struct cmr__inotify_use *use)
{
    int listing = openat(process, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = listing >= 0 ? fdopendir(listing) : NULL;
    bool refused = !stream && is_refusal(errno);
    for (const struct dirent *entry; stream && (entry = readdir(stream));) {
        char target[32];
        ssize_t length = readlinkat(dirfd(stream), entry->d_name, target, sizeof target);
        refused |= length < 0 && is_refusal(errno);
        if (length == 18 && memcmp(target, "anon_inode:inotify", 18) == 0) {
            use->instances++;
            use->watches += count_watches(process, entry->d_name);
        }
    }
    use->unseen += refused;
    if (stream)
        closedir(stream);
    else
        cmr__close_fd(&listing);
}

void cmr__inotify_use_count(struct cmr__inotify_use *ret_use)
{
    struct cmr__inotify_use use = { 0 };
    DIR *processes = opendir("/proc");
    for (const struct dirent *entry; processes && (entry = readdir(processes));) {
        struct stat status;
        if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
            continue;
        cmr_cleanup(cmr__close_fd) int process =
            openat(dirfd(processes), entry->d_name, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (process >= 0 && fstat(process, &status) == 0 && status.st_uid == geteuid())
            count_descriptors(process, &use);
    }
    if (processes)
        closedir(processes);
    *ret_use = use;
}

/* ---- limits */

static uint64_t read_number(const char *path)
{
    uint64_t number;
    FILE *file = fopen(path, "re");
    bool good = file && fscanf(file, "%" SCNu64, &number) == 1;
    if (file)
        fclose(file);
    return good ? number : CMR__UNKNOWN;
}

/* *ret_own: it is the own user namespace that allows no more. */
static uint64_t read_limit(const char *what, bool *ret_own)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/sys/fs/inotify/max_user_%s", what);
    uint64_t limit = read_number(path);
    snprintf(path, sizeof path, "/proc/sys/user/max_inotify_%s", what);
    uint64_t own = read_number(path);
    *ret_own = own < limit;
    return *ret_own ? own : limit;
}

static void compare(const char *what, uint64_t used, struct cmr__topic topic, cmr_examination *examination)
{
    bool own;
    uint64_t limit = read_limit(what, &own);
    if (limit == CMR__UNKNOWN)
        topic.level = CMR_FINDING_NOTE;
    else if (used < limit - limit / 10)
        topic.level = CMR_FINDING_OK;
    if (topic.level != CMR_FINDING_WARNING)
        topic.advice = "";
    if (limit == CMR__UNKNOWN)
        cmr__examination_add(examination, &topic, NULL, "%" PRIu64 " in use; /proc tells no limit", used);
    else
        cmr__examination_add(examination, &topic, NULL,
                             "%" PRIu64 " of %" PRIu64 "%s in use by this user's processes", used, limit,
                             own ? " in this user namespace" : "");
}

void cmr__inotify_use_examine(const struct cmr__inotify_use *use, cmr_examination *examination)
{
    static const struct cmr__topic queue = { CMR_FINDING_OK, "inotify_queue", "" };
    static const struct cmr__topic unseen = { CMR_FINDING_NOTE, "inotify_unseen", "" };
    struct cmr__topic instances = { CMR_FINDING_WARNING, "inotify_instances",
                                    cmr__advice(CMR_REASON_INOTIFY_INSTANCES) };
    struct cmr__topic watches = { CMR_FINDING_WARNING, "inotify_watches",
                                  cmr__advice(CMR_REASON_INOTIFY_WATCHES) };
    uint64_t events = read_number("/proc/sys/fs/inotify/max_queued_events");
    compare("instances", use->instances, instances, examination);
    compare("watches", use->watches, watches, examination);
    if (use->unseen)
        cmr__examination_add(examination, &unseen, NULL,
                             "%" PRIu64 " processes of this user may not be looked into, and are not counted",
                             use->unseen);
    if (events != CMR__UNKNOWN)
        cmr__examination_add(examination, &queue, NULL,
                             "%" PRIu64 " events are kept; when more come, all mounts are looked at", events);
}
