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
    mount->path = strdup(path);
    cmr_status status = mount->path ? cmr__settings_init(&mount->settings, path, options) : CMR_ERR_NO_MEMORY;
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
    if (what & (CMR__WATCH_ENDED | CMR__WATCH_OVERFLOW))
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

static int64_t retry_after(unsigned failures, int64_t now)
{
    int64_t ms = FIRST_RETRY_MS;
    for (; failures > 1 && ms < LAST_RETRY_MS; failures--)
        ms *= 2;
    return cmr__clock_after_ms(now, ms < LAST_RETRY_MS ? ms : LAST_RETRY_MS);
}

void cmr__mount_fail(struct cmr__mount *mount, cmr_status failure, int64_t now)
{
    mount->failure = failure;
    mount->failures++;
    mount->look_at = retry_after(mount->failures, now);
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

static bool open_volume(struct cmr__mount *mount, struct cmr__inotify *inotify)
{
    if (mount->volume.directory >= 0 && mount->doubtful &&
        !cmr__volume_is_current(&mount->volume, mount->path))
        drop_volume(mount, inotify);
    mount->doubtful = false;
    if (mount->volume.directory >= 0)
        return true;
    cmr_status status = cmr__volume_open(&mount->volume, mount->path);
    if (status != CMR_OK)
        set_absent(mount, status == CMR_ERR_NOT_FOUND ? "there is no such directory" : strerror(errno));
    return status == CMR_OK;
}

/* The next look when nothing fails. */
static void schedule(struct cmr__mount *mount, int64_t now)
{
    int64_t ms = mount->settings.check_interval_ms;
    mount->failures = 0;
    mount->failure = CMR_OK;
    if (mount->state != CMR_MOUNT_READY && (ms < 0 || ms > POLL_MS))
        ms = POLL_MS;
    mount->look_at = cmr__clock_after_ms(now, ms);
}

/* A volume that is not there yet is looked for quickly at first. */
static void schedule_absent(struct cmr__mount *mount, int64_t now)
{
    unsigned looks = mount->failures + 1;
    int64_t next = retry_after(looks, now), slowest = cmr__clock_after_ms(now, POLL_MS);
    mount->failure = CMR_ERR_NOT_FOUND;
    mount->failures = looks;
    mount->look_at = next < slowest ? next : slowest;
}

static enum cmr__look failed(struct cmr__mount *mount, cmr_status status, int64_t now)
{
    if (status == CMR_ERR_NOT_FOUND) {
        set_absent(mount, "there is no ..data in it: no ConfigMap volume, or not written yet");
        mount->doubtful = true;
        schedule_absent(mount, now);
        return CMR__LOOK_NOTHING;
    }
    if (status == CMR_ERR_SYSTEM && errno == ELOOP && !mount->part)
        set_state(mount, mount->state, "..data points out of the volume");
    cmr__mount_fail(mount, status, now);
    return CMR__LOOK_FAILED;
}

static bool is_known(const struct cmr__mount *mount, const char *target)
{
    if (mount->rejected && strcmp(mount->mounted, target) == 0)
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
        snprintf(mount->mounted, sizeof mount->mounted, "%s", files.target);
    if (status == CMR_OK)
        status = cmr__pipeline_run(&mount->settings, &files, mount->part, report, ret_part);
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
    if (!open_volume(mount, inotify)) {
        schedule_absent(mount, now);
        return CMR__LOOK_NOTHING;
    }
    bool absent = mount->state == CMR_MOUNT_WAITING || mount->state == CMR_MOUNT_DEAD;
    if (mount->watch < 0 || absent)
        ensure_watch(mount, inotify);
    cmr_status status = cmr__volume_link(&mount->volume, target);
    if (status != CMR_OK)
        return failed(mount, status, now);
    schedule(mount, now);
    bool known = is_known(mount, target);
    mount->forced = false;
    if (known) {
        mount->rejected = mount->rejected && strcmp(mount->mounted, target) == 0;
        snprintf(mount->mounted, sizeof mount->mounted, "%s", target);
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
}

void cmr__mount_reject(struct cmr__mount *mount)
{
    mount->rejected = true;
}
