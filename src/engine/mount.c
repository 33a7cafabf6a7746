/* SPDX-License-Identifier: MIT
 *
 * Following one volume. Every look goes the same way, whether an event, the safety check, a retry or the
 * application asked for it: is the volume open and watched; what does ..data point at; is that new; then read
 * and parse it. The watch is set before the first read, so a swap after the read is an event. Whatever fails
 * leaves the mount as it was, with a time for the next try. */
#include "engine/mount.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "engine/pipeline.h"

#define POLL_MS 2000
#define FIRST_RETRY_MS 20
#define LAST_RETRY_MS 10000

/* The path as it is meant now: a daemon may leave its directory later. */
static cmr_status make_absolute(const char *path, char **ret_path)
{
    cmr_cleanup(cmr__free_ptr) char *here = path[0] == '/' ? strdup("") : getcwd(NULL, 0);
    if (!here)
        return errno == ENOMEM ? CMR_ERR_NO_MEMORY : CMR_ERR_SYSTEM;
    struct cmr__buffer absolute = CMR__BUFFER_INIT;
    cmr__buffer_printf(&absolute, "%s%s%s", here, here[0] ? "/" : "", path);
    char *text = cmr__buffer_take(&absolute);
    if (!text)
        return CMR_ERR_NO_MEMORY;
    *ret_path = text;
    return CMR_OK;
}

cmr_status cmr__mount_new(const char *path, const cmr_mount_options *options, struct cmr__mount **ret_mount)
{
    struct cmr__mount *mount = calloc(1, sizeof *mount);
    if (!mount)
        return CMR_ERR_NO_MEMORY;
    mount->volume = (struct cmr__volume)CMR__VOLUME_INIT;
    mount->watch = -1;
    mount->told_state = CMR_MOUNT_READY;
    mount->dirty = true;
    mount->look_at = CMR__NEVER;
    cmr_status status = make_absolute(path, &mount->path);
    if (status == CMR_OK)
        status = cmr__settings_init(&mount->settings, path, options);
    if (status != CMR_OK) {
        cmr__mount_free(mount, NULL);
        return status;
    }
    *ret_mount = mount;
    return CMR_OK;
}

void cmr__mount_free(struct cmr__mount *mount, struct cmr__inotify *inotify)
{
    if (!mount)
        return;
    if (inotify)
        cmr__inotify_remove(inotify, mount->watch);
    cmr__volume_close(&mount->volume);
    cmr__settings_reset(&mount->settings);
    cmr__part_unref(mount->part);
    free(mount->path);
    free(mount);
}

void cmr__mount_notice(struct cmr__mount *mount, unsigned what)
{
    mount->dirty = true;
    if (what & (CMR__WATCH_MOVED | CMR__WATCH_ENDED | CMR__WATCH_OVERFLOW))
        mount->doubtful = true;
    if (what & CMR__WATCH_ENDED)
        mount->watch = -1;
}

static void set_state(struct cmr__mount *mount, cmr_mount_state state, const char *reason)
{
    mount->state = state;
    snprintf(mount->reason, sizeof mount->reason, "%s", reason);
}

/* Nothing to follow: never there, or gone. */
static void set_absent(struct cmr__mount *mount, const char *reason)
{
    set_state(mount, mount->part ? CMR_MOUNT_DEAD : CMR_MOUNT_WAITING, reason);
}

static bool is_absent(const struct cmr__mount *mount)
{
    return mount->state == CMR_MOUNT_WAITING || mount->state == CMR_MOUNT_DEAD;
}

/* Quickly at first, then ever more rarely; for a volume that is not there, as often as one is polled. */
void cmr__mount_fail(struct cmr__mount *mount, cmr_status failure, int64_t now)
{
    int64_t ms = FIRST_RETRY_MS, longest = is_absent(mount) ? POLL_MS : LAST_RETRY_MS;
    if (mount->failure == CMR_ERR_NOT_FOUND && failure != CMR_ERR_NOT_FOUND)
        mount->failures = 0; /* looks for a volume that was not there were no tries to read it */
    mount->failure = failure;
    mount->error = errno;
    for (unsigned i = 0; i < mount->failures && ms < longest; i++)
        ms *= 2;
    mount->failures++;
    mount->look_at = cmr__clock_after_ms(now, ms < longest ? ms : longest);
}

static void drop_volume(struct cmr__mount *mount, struct cmr__inotify *inotify)
{
    cmr__inotify_remove(inotify, mount->watch);
    mount->watch = -1;
    cmr__volume_close(&mount->volume);
}

static const char *watch_trouble(void)
{
    switch (errno) {
    case EMFILE:
        return "no inotify instance left (fs.inotify.max_user_instances, or the descriptor limit)";
    case ENFILE:
        return "the system has no descriptor left for inotify";
    case ENOSPC:
        return "no inotify watch left (fs.inotify.max_user_watches)";
    case ENOMEM:
        return "the kernel has no memory for inotify";
    default:
        return "inotify cannot watch this directory";
    }
}

/* With no watch to be had the mount is polled, and each poll tries again for a watch. */
static void ensure_watch(struct cmr__mount *mount, struct cmr__inotify *inotify)
{
    if (inotify->descriptor < 0)
        errno = inotify->error;
    else if (mount->watch < 0 &&
             cmr__inotify_add(inotify, mount->volume.directory, mount->path, &mount->watch) != CMR_OK)
        mount->watch = -1;
    if (mount->watch >= 0)
        set_state(mount, CMR_MOUNT_READY, "");
    else
        set_state(mount, CMR_MOUNT_POLLING, watch_trouble());
}

static cmr_status open_volume(struct cmr__mount *mount, struct cmr__inotify *inotify, int64_t now)
{
    if (mount->doubtful || mount->volume.directory < 0)
        mount->confirmed_at = now;
    if (mount->volume.directory >= 0 && mount->doubtful &&
        !cmr__volume_is_current(&mount->volume, mount->path))
        drop_volume(mount, inotify);
    mount->doubtful = false;
    if (mount->volume.directory >= 0)
        return CMR_OK;
    cmr_status status = cmr__volume_open(&mount->volume, mount->path);
    if (status != CMR_OK)
        set_absent(mount, errno == ENOENT ? "there is no such directory" : strerror(errno));
    return status;
}

/* The look came to an end: good, bad, or nothing new. */
static void succeed(struct cmr__mount *mount)
{
    mount->failures = 0;
    mount->failure = CMR_OK;
    mount->forced = false;
    if (mount->state == CMR_MOUNT_READY)
        mount->reason[0] = '\0';
}

/* What was rejected before was another generation. */
static void set_mounted(struct cmr__mount *mount, const char *target)
{
    if (strcmp(mount->mounted, target) != 0)
        mount->rejected = false;
    snprintf(mount->mounted, sizeof mount->mounted, "%s", target);
}

/* The next look when nothing fails. It counts from the last check of the path, which looks that events cause
 * leave out: a directory that is busy, but no longer the one at the path, must not put the check off for
 * ever. */
static void schedule(struct cmr__mount *mount)
{
    int64_t ms = mount->settings.check_interval_ms;
    if (mount->state != CMR_MOUNT_READY && (ms < 0 || ms > POLL_MS))
        ms = POLL_MS;
    mount->look_at = cmr__clock_after_ms(mount->confirmed_at, ms);
}

static enum cmr__look failed(struct cmr__mount *mount, cmr_status status, int64_t now)
{
    if (status == CMR_ERR_NOT_FOUND) {
        set_absent(mount,
                   "no ..data in it, or one that leads nowhere: no ConfigMap volume, or not written yet");
        mount->doubtful = true;
        cmr__mount_fail(mount, status, now);
        return CMR__LOOK_NOTHING;
    }
    if (status == CMR_ERR_SYSTEM && errno == ELOOP && mount->volume.directory >= 0 && !mount->part)
        set_state(mount, mount->state, "..data points out of the volume");
    cmr__mount_fail(mount, status, now);
    return CMR__LOOK_FAILED;
}

/* `target` is what is mounted. */
static bool is_known(const struct cmr__mount *mount, const char *target)
{
    if (mount->rejected)
        return !mount->forced;
    return mount->part && strcmp(mount->part->target, target) == 0;
}

static enum cmr__look load(struct cmr__mount *mount, int64_t now, uint64_t *retries, cmr_report *report,
                           cmr__part **ret_part)
{
    struct cmr__fileset files = CMR__FILESET_INIT;
    cmr_status status = cmr__volume_read(&mount->volume, &mount->settings.limits, report, &files, retries);
    int error = errno;
    if (files.target)
        set_mounted(mount, files.target);
    if (status == CMR_OK) {
        status = cmr__pipeline_run(&mount->settings, &files, mount->part, report, ret_part);
        error = errno;
    }
    cmr__fileset_reset(&files);
    errno = error;
    if (status == CMR_OK)
        return CMR__LOOK_LOADED;
    if (status != CMR_ERR_REJECTED)
        return failed(mount, status, now);
    cmr__mount_reject(mount);
    return CMR__LOOK_REJECTED;
}

enum cmr__look cmr__mount_look(struct cmr__mount *mount, struct cmr__inotify *inotify, int64_t now,
                               uint64_t *retries, cmr_report **ret_report, cmr__part **ret_part)
{
    char target[CMR__TARGET_SIZE];
    if (now >= mount->look_at)
        mount->doubtful = true;
    mount->dirty = false;
    cmr_status status = open_volume(mount, inotify, now);
    if (status == CMR_ERR_NOT_FOUND) {
        cmr__mount_fail(mount, status, now);
        return CMR__LOOK_NOTHING;
    }
    if (status != CMR_OK)
        return failed(mount, status, now);
    if (mount->watch < 0 || is_absent(mount))
        ensure_watch(mount, inotify);
    status = cmr__volume_link(&mount->volume, target);
    if (status != CMR_OK)
        return failed(mount, status, now);
    schedule(mount);
    set_mounted(mount, target); /* also when it cannot be read */
    if (is_known(mount, target)) {
        succeed(mount);
        return CMR__LOOK_NOTHING;
    }
    cmr_cleanup(cmr__report_free_place) cmr_report *report = cmr__report_new();
    if (!report)
        return failed(mount, CMR_ERR_NO_MEMORY, now);
    enum cmr__look look = load(mount, now, retries, report, ret_part);
    if (look == CMR__LOOK_REJECTED)
        cmr__report_finish(report);
    *ret_report = CMR_TAKE(report);
    return look;
}

void cmr__mount_accept(struct cmr__mount *mount, cmr__part *part)
{
    cmr__part_unref(mount->part);
    mount->part = part;
    mount->rejected = false;
    succeed(mount);
}

void cmr__mount_absolve(struct cmr__mount *mount)
{
    if (strcmp(mount->part->target, mount->mounted) == 0)
        mount->rejected = false;
}

void cmr__mount_reject(struct cmr__mount *mount)
{
    mount->rejected = true;
    succeed(mount);
}
