/* SPDX-License-Identifier: MIT
 *
 * Following one source. Every look goes the same way, whether an event, the safety check, a retry or the
 * application asked for it: is the source open and watched; is what is there new; then it is loaded. The
 * watch is set before the first read, so a change after the read is an event. Whatever fails leaves the mount
 * as it was, with a time for the next try (schedule.c). */
#include "engine/mount.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "engine/schedule.h"
#include "engine/stand_in.h"
#include "source/absolute.h"

cmr_status cmr__mount_new(const char *path, const cmr_mount_options *options, struct cmr__mount **ret_mount)
{
    struct cmr__mount *mount = calloc(1, sizeof *mount);
    if (!mount)
        return CMR_ERR_NO_MEMORY;
    mount->source = (struct cmr__source)CMR__SOURCE_INIT;
    mount->watches = (struct cmr__watches)CMR__WATCHES_INIT;
    mount->unwatched = CMR__NO_CAUSE;
    mount->told_state = CMR_MOUNT_READY;
    mount->changed_at = mount->quiet_at = mount->look_at = CMR__NEVER;
    cmr_status status = cmr__absolute_path(path, &mount->path);
    if (status == CMR_OK)
        status = cmr__settings_init(&mount->settings, path, options);
    if (status != CMR_OK) {
        cmr__mount_free(mount, NULL);
        return status;
    }
    mount->source.wanted = mount->settings.kind;
    *ret_mount = mount;
    return CMR_OK;
}

void cmr__mount_free(struct cmr__mount *mount, struct cmr__inotify *inotify)
{
    if (!mount)
        return;
    cmr__watches_clear(&mount->watches, inotify);
    cmr__source_close(&mount->source);
    cmr__settings_reset(&mount->settings);
    cmr__part_unref(mount->part);
    cmr__part_unref(mount->saved);
    free(mount->path);
    free(mount);
}

static void set_state(struct cmr__mount *mount, cmr_mount_state state, struct cmr__cause cause)
{
    mount->state = state;
    mount->reason = cause.reason;
    snprintf(mount->message, sizeof mount->message, "%s", cause.message);
}

/* Nothing to follow: never there, or gone. That a subPath is emptied when its generation goes is no news, as
 * long as it is mounted. */
static void set_absent(struct cmr__mount *mount, struct cmr__cause cause)
{
    if (mount->state == CMR_MOUNT_STATIC && mount->source.directory >= 0)
        return;
    bool was_there = mount->part && mount->from == CMR_BOOTED_MOUNT && !cmr__stand_in_is_there(mount);
    set_state(mount, was_there ? CMR_MOUNT_DEAD : CMR_MOUNT_WAITING, cause);
}

/* ---- events and failures */

void cmr__mount_notice(struct cmr__mount *mount, int watch, unsigned what, int64_t now)
{
    if (what & CMR__WATCH_OVERFLOW || (what & CMR__WATCH_MOVED && watch == mount->watches.root))
        mount->doubtful = true;
    if (what & CMR__WATCH_ENDED) {
        mount->doubtful |= watch == mount->watches.root;
        cmr__watches_forget(&mount->watches, watch);
    }
    cmr__schedule_changed(mount, now);
}

void cmr__mount_disown(struct cmr__mount *mount)
{
    cmr__watches_clear(&mount->watches, NULL);
    mount->loading = mount->saving = false;
    mount->doubtful = true;
    cmr__schedule_now(mount);
}

struct cmr__cause cmr__mount_cause_of_failure(const struct cmr__mount *mount)
{
    if (mount->failure == CMR_ERR_SYSTEM && mount->error == ELOOP && mount->source.directory >= 0)
        return (struct cmr__cause){ CMR_REASON_OUTSIDE, "..data points out of the volume" };
    if (mount->failure == CMR_ERR_SYSTEM)
        return cmr__cause_of_errno(mount->error);
    if (mount->failure == CMR_ERR_BUSY)
        return (struct cmr__cause){ CMR_REASON_SWAPPED, "swapped again at each of several tries" };
    return (struct cmr__cause){ CMR_REASON_MEMORY, cmr_strerror(mount->failure) };
}

void cmr__mount_fail(struct cmr__mount *mount, cmr_status failure, int64_t now)
{
    if (mount->failure == CMR_ERR_NOT_FOUND && failure != CMR_ERR_NOT_FOUND)
        mount->failures = 0; /* looks for a volume that was not there were no tries to read it */
    mount->failure = failure;
    mount->error = errno;
    cmr__schedule_retry(mount, now);
    if (failure != CMR_ERR_NOT_FOUND && mount->state == CMR_MOUNT_READY)
        set_state(mount, CMR_MOUNT_READY, cmr__mount_cause_of_failure(mount));
}

void cmr__mount_blame(struct cmr__mount *mount, struct cmr__cause cause)
{
    if (mount->state == CMR_MOUNT_READY)
        set_state(mount, CMR_MOUNT_READY, cause);
}

/* ---- looking */

static void drop_source(struct cmr__mount *mount, struct cmr__inotify *inotify)
{
    cmr__watches_clear(&mount->watches, inotify);
    cmr__source_close(&mount->source);
}

static void ensure_watch(struct cmr__mount *mount, struct cmr__inotify *inotify)
{
    if (inotify->descriptor < 0)
        mount->unwatched = inotify->cause;
    else if (cmr__watches_add_root(&mount->watches, inotify, &mount->source) == CMR_OK)
        mount->unwatched = CMR__NO_CAUSE;
    else
        mount->unwatched = cmr__inotify_cause(errno);
}

/* There is something to follow. With no watch to be had it is polled, and each poll tries again for one. */
static void set_present(struct cmr__mount *mount)
{
    static const struct cmr__cause subpath = {
        CMR_REASON_SUBPATH, "a subPath mount shows one generation for ever: mount the volume without subPath"
    };
    if (mount->source.is_subpath)
        set_state(mount, CMR_MOUNT_STATIC, subpath);
    else if (mount->unwatched.reason)
        set_state(mount, CMR_MOUNT_POLLING, mount->unwatched);
    else if (mount->source.eventless.reason)
        set_state(mount, CMR_MOUNT_POLLING, mount->source.eventless);
    else
        set_state(mount, CMR_MOUNT_READY, CMR__NO_CAUSE);
}

static cmr_status open_source(struct cmr__mount *mount, struct cmr__inotify *inotify, int64_t now)
{
    if (mount->doubtful || mount->source.directory < 0)
        mount->confirmed_at = now;
    if (mount->source.directory >= 0 && mount->doubtful && !cmr__source_is_current(&mount->source))
        drop_source(mount, inotify);
    mount->doubtful = false;
    if (mount->source.directory >= 0)
        return CMR_OK;
    cmr_status status = cmr__source_open(&mount->source, mount->path);
    if (status == CMR_OK && (mount->part || mount->failure == CMR_ERR_NOT_FOUND || mount->stand_in_failures))
        cmr__schedule_rest(mount, now);
    return status;
}

/* The look came to an end: good, bad, or nothing new. */
static void succeed(struct cmr__mount *mount)
{
    mount->failures = 0;
    mount->failure = CMR_OK;
    mount->forced = false;
}

/* What was rejected before was another generation. */
static void set_mounted(struct cmr__mount *mount, const char *target)
{
    if (strcmp(mount->mounted, target) != 0)
        mount->rejected = false;
    snprintf(mount->mounted, sizeof mount->mounted, "%s", target);
}

/* Not found is no failure, but a state. */
static enum cmr__look failed(struct cmr__mount *mount, cmr_status status, int64_t now)
{
    if (status == CMR_ERR_NOT_FOUND) {
        set_absent(mount, mount->source.missing);
        mount->doubtful = true;
        cmr__mount_fail(mount, status, now);
        return CMR__LOOK_NOTHING;
    }
    bool unopened = mount->source.directory < 0;
    if (status == CMR_ERR_SYSTEM && unopened)
        set_absent(mount, cmr__cause_of_errno(errno));
    else if (!unopened)
        set_present(mount);
    cmr__mount_fail(mount, status, now);
    return CMR__LOOK_FAILED;
}

/* Of what is rejected, but to be looked at all the same, nothing is known. */
static const char *known_loaded(const struct cmr__mount *mount)
{
    if (!mount->part || (mount->rejected && strcmp(mount->part->target, mount->mounted) == 0))
        return "";
    return mount->part->target;
}

static const char *known_rejected(const struct cmr__mount *mount)
{
    return mount->rejected && !mount->forced ? mount->mounted : "";
}

static bool is_known(const struct cmr__mount *mount, const char *identity)
{
    return identity[0] &&
           (strcmp(identity, known_loaded(mount)) == 0 || strcmp(identity, known_rejected(mount)) == 0);
}

/* There is something, though it may be too early to read it. */
static void forget_absence(struct cmr__mount *mount)
{
    if (mount->failure != CMR_ERR_NOT_FOUND)
        return;
    mount->failure = CMR_OK;
    mount->failures = 0;
}

static enum cmr__look see(struct cmr__mount *mount, int64_t now)
{
    char identity[CMR__IDENTITY_SIZE];
    cmr_status status = cmr__source_identify(&mount->source, identity);
    if (status != CMR_OK)
        return failed(mount, status, now);
    if (cmr__schedule_is_unsettled(mount, now)) {
        forget_absence(mount);
        return CMR__LOOK_NOTHING;
    }
    if (identity[0])
        set_mounted(mount, identity); /* also when it cannot be read */
    if (!is_known(mount, identity))
        return CMR__LOOK_NEW;
    set_present(mount);
    cmr__schedule_check(mount);
    succeed(mount);
    return CMR__LOOK_NOTHING;
}

enum cmr__look cmr__mount_check(struct cmr__mount *mount, struct cmr__inotify *inotify, int64_t now)
{
    if (now >= mount->look_at)
        mount->doubtful = true;
    mount->due_at = CMR__NEVER;
    cmr_status status = open_source(mount, inotify, now);
    if (status != CMR_OK)
        return failed(mount, status, now);
    if (mount->watches.root < 0)
        ensure_watch(mount, inotify);
    return see(mount, now);
}

/* ---- loading */

cmr_status cmr__mount_begin(struct cmr__mount *mount, bool apart, struct cmr__load **ret_load)
{
    struct cmr__load *load;
    cmr_status status = cmr__load_new(&mount->settings, &mount->source, mount->part, apart, &load);
    if (status != CMR_OK)
        return status;
    snprintf(load->known[0], sizeof load->known[0], "%s", known_loaded(mount));
    snprintf(load->known[1], sizeof load->known[1], "%s", known_rejected(mount));
    mount->loading = apart;
    *ret_load = load;
    return CMR_OK;
}

/* What happened in a directory before it was watched is seen by reading once more. */
static void watch_below(struct cmr__mount *mount, const struct cmr__load *load, struct cmr__inotify *inotify,
                        int64_t now)
{
    bool new = false;
    if (!load->walked || mount->watches.root < 0)
        return;
    mount->unwatched = CMR__NO_CAUSE;
    if (cmr__watches_set_below(&mount->watches, inotify, &mount->source, &load->directories, &new) != CMR_OK)
        mount->unwatched = cmr__inotify_cause(errno);
    if (new)
        cmr__schedule_changed(mount, now);
}

enum cmr__look cmr__mount_finish(struct cmr__mount *mount, struct cmr__load *load,
                                 struct cmr__inotify *inotify, int64_t now)
{
    mount->loading = false;
    if (load->identity[0])
        set_mounted(mount, load->identity);
    if (load->status == CMR_ERR_NOT_FOUND) {
        mount->source.missing = load->source.missing;
        return failed(mount, load->status, now);
    }
    watch_below(mount, load, inotify, now);
    set_present(mount);
    cmr__schedule_check(mount);
    if (load->status == CMR_OK && !load->unchanged)
        return CMR__LOOK_LOADED;
    if (load->status == CMR_OK) {
        succeed(mount);
        return CMR__LOOK_NOTHING;
    }
    if (load->status == CMR_ERR_REJECTED) {
        cmr__mount_reject(mount);
        return CMR__LOOK_REJECTED;
    }
    errno = load->error;
    return failed(mount, load->status, now);
}

void cmr__mount_accept(struct cmr__mount *mount, cmr__part *part)
{
    cmr__part_unref(mount->part);
    mount->part = part;
    mount->from = CMR_BOOTED_MOUNT;
    mount->rejected = false;
    succeed(mount);
}

static void set_part(cmr__part **place, cmr__part *part)
{
    if (part)
        cmr__part_ref(part);
    cmr__part_unref(*place);
    *place = part;
}

void cmr__mount_boot(struct cmr__mount *mount, cmr__part *part, cmr_boot_source from)
{
    set_part(&mount->part, part);
    mount->from = from;
}

void cmr__mount_set_saved(struct cmr__mount *mount, cmr__part *part)
{
    set_part(&mount->saved, part);
}

void cmr__mount_reconsider(struct cmr__mount *mount)
{
    mount->forced = mount->rejected;
    cmr__schedule_now(mount);
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
