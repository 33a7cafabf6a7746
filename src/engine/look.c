/* SPDX-License-Identifier: MIT
 *
 * A look at a mount: check it, load what is new, publish that, and have what came of it told. The load runs
 * right here or, in the background, on the loader's thread; what comes of it goes the same way then, at a
 * later turn. A mount is not looked at while a load of it is on its way: what happens meanwhile is looked
 * into afterwards. */
#include "engine/look.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/diagnostic.h"
#include "engine/loader.h"
#include "engine/observer.h"
#include "engine/publication.h"
#include "engine/schedule.h"
#include "engine/stand_in.h"
#include "engine/telling.h"
#include "engine/validator.h"

/* ---- what came of a look */

static void count(cmr_reloader *reloader, uint64_t *counter, uint64_t more)
{
    pthread_mutex_lock(&reloader->lock);
    *counter += more;
    pthread_mutex_unlock(&reloader->lock);
}

/* "app.yaml: Permission denied"; NULL when no file is known to be at fault. */
static char *which_failed(const struct cmr__mount *mount, const cmr_report *report)
{
    size_t count = cmr_report_count(report);
    const cmr_diagnostic *last = count ? cmr_report_get(report, count - 1) : NULL;
    return last && last->status == mount->failure ? cmr__diagnostic_format(last) : NULL;
}

/* Something is there by now, and to be waited for. Later on nothing is published for want of it. */
static void end_stand_in(const cmr_reloader *reloader, struct cmr__mount *mount)
{
    mount->stand_in_failures = 0;
    if (reloader->generation == 0)
        cmr__stand_in_drop(mount);
}

static void fail_for(cmr_reloader *reloader, size_t number, struct cmr__cause cause)
{
    struct cmr__mount *mount = reloader->mounts[number];
    end_stand_in(reloader, mount);
    cmr__tell_status(reloader, number);
    count(reloader, &reloader->counters.failed, 1);
    cmr__tell_failed(reloader, mount, cause);
}

/* report: of the load that failed, or NULL. */
static void fail(cmr_reloader *reloader, size_t number, const cmr_report *report)
{
    const struct cmr__mount *mount = reloader->mounts[number];
    struct cmr__cause cause = cmr__mount_cause_of_failure(mount);
    cmr_cleanup(cmr__free_ptr) char *named = which_failed(mount, report);
    if (named)
        cause.message = named;
    fail_for(reloader, number, cause);
}

/* why: what a validator said, or "". */
static void fail_publishing(cmr_reloader *reloader, size_t number, const char *why)
{
    const struct cmr__cause cause = { CMR_REASON_VALIDATOR, why };
    if (!why[0]) {
        fail(reloader, number, NULL);
        return;
    }
    cmr__mount_blame(reloader->mounts[number], cause);
    fail_for(reloader, number, cause);
}

void cmr__look_lock_again(cmr_reloader *reloader, size_t number)
{
    struct cmr__mount *mount = reloader->mounts[number];
    if (!mount->part || !mount->settings.secret)
        return;
    cmr__part_lock_again(mount->part);
    cmr__tell_swappable(reloader, mount);
    cmr__tell_status(reloader, number);
}

/* Another mount has something else now, which they may go with. */
static void reconsider_booted(cmr_reloader *reloader, size_t number)
{
    for (size_t i = 0; i < reloader->mount_count; i++) {
        struct cmr__mount *mount = reloader->mounts[i];
        if (i != number && mount->from != CMR_BOOTED_MOUNT && mount->rejected)
            cmr__mount_reconsider(mount);
    }
}

static void announce(cmr_reloader *reloader, const struct cmr__mount *mount, struct cmr__candidate *candidate,
                     const cmr_report *kept)
{
    cmr__log_lines(&reloader->log, CMR_LOG_WARN, &candidate->remarks);
    cmr__validators_commit(reloader, candidate->snapshot);
    cmr__tell_published(reloader, mount, kept);
}

/* All parts lie in what is shared now, also those that have not changed. */
static void take_sealed(cmr_reloader *reloader, const cmr_snapshot *published)
{
    for (size_t i = 0; i < reloader->mount_count; i++)
        cmr__mount_boot(reloader->mounts[i], published->parts[i], reloader->mounts[i]->from);
    reloader->feed->class->published(reloader->feed);
}

static void accept(cmr_reloader *reloader, struct cmr__load *load, struct cmr__candidate *candidate)
{
    struct cmr__mount *mount = reloader->mounts[load->mount];
    cmr_snapshot *published = candidate->snapshot; /* NULL: another mount is still awaited */
    cmr__mount_accept(mount, CMR_TAKE(load->part));
    if (published && reloader->feed)
        take_sealed(reloader, published);
    cmr__tell_swappable(reloader, mount);
    cmr__tell_status(reloader, load->mount);
    for (size_t i = 0; published && cmr__reloader_has_begun(reloader) && i < reloader->mount_count; i++) {
        cmr__mount_absolve(reloader->mounts[i]);
        cmr__tell_status(reloader, i); /* what was loaded before is applied only now */
    }
    if (published)
        cmr__report_append(load->reports.kept, candidate->notices);
    cmr__report_finish(load->reports.kept);
    if (!published) {
        cmr__observers_log(reloader, mount->settings.name, true, load->reports.kept);
        return;
    }
    reconsider_booted(reloader, load->mount);
    announce(reloader, mount, candidate, load->reports.kept);
}

/* Before the first publication a refused part is kept all the same: of several mounts another one may be at
 * fault, and when that changes all are checked again. */
static void refuse(cmr_reloader *reloader, struct cmr__load *load, bool again)
{
    struct cmr__mount *mount = reloader->mounts[load->mount];
    if (reloader->generation == 0)
        cmr__mount_accept(mount, CMR_TAKE(load->part));
    cmr__mount_reject(mount);
    cmr__report_append(load->reports.refused, load->reports.kept);
    cmr__report_finish(load->reports.refused);
    cmr__tell_status(reloader, load->mount);
    cmr__tell_rejected(reloader, load->mount, load->reports.refused, again);
}

static void publish(cmr_reloader *reloader, struct cmr__load *load, bool again, int64_t now)
{
    struct cmr__mount *mount = reloader->mounts[load->mount];
    struct cmr__candidate candidate;
    cmr_status status =
        cmr__candidate_init(&candidate, reloader, load->mount, load->part, false, load->reports.refused);
    if (status == CMR_OK && candidate.snapshot)
        status = cmr__publish(reloader, &candidate);
    if (status == CMR_OK) {
        accept(reloader, load, &candidate);
    } else if (status == CMR_ERR_REJECTED) {
        refuse(reloader, load, again);
    } else if (status == CMR_ERR_BUSY) {
        cmr__schedule_now(mount); /* release brings it */
    } else {
        cmr__mount_fail(mount, status, now);
        fail_publishing(reloader, load->mount, candidate.why);
    }
    cmr__candidate_reset(&candidate);
}

/* Of what is not there, and never was, there is none; or the one that there is was refused for what is not
 * the mount's fault, and check_now wants it to be asked for once more. */
static bool lacks_stand_in(const cmr_reloader *reloader, const struct cmr__mount *mount)
{
    bool again = mount->rejected && mount->forced;
    return !mount->part || (again && reloader->generation == 0 && cmr__stand_in_is_there(mount));
}

static cmr_status publish_stand_in(cmr_reloader *reloader, size_t number, int64_t now)
{
    struct cmr__mount *mount = reloader->mounts[number];
    cmr_cleanup(cmr__load_free_place) struct cmr__load *load = NULL;
    cmr_status status = cmr__stand_in_new(mount, &load);
    if (status != CMR_OK)
        return status;
    load->mount = number;
    publish(reloader, load, mount->part, now);
    return CMR_OK;
}

/* After a look that found nothing new. That look has failed, too: tries to publish are counted apart. */
static void stand_in(cmr_reloader *reloader, size_t number, int64_t now)
{
    struct cmr__mount *mount = reloader->mounts[number];
    if (mount->failure != CMR_ERR_NOT_FOUND)
        return;
    if (!cmr__stand_in_is_allowed(mount))
        end_stand_in(reloader, mount);
    if (!cmr__stand_in_is_allowed(mount) || !lacks_stand_in(reloader, mount))
        return;
    mount->failure = CMR_OK;
    mount->failures = mount->stand_in_failures;
    cmr_status status = publish_stand_in(reloader, number, now);
    if (status != CMR_OK) {
        cmr__mount_fail(mount, status, now);
        fail(reloader, number, NULL);
    }
    if (!mount->part && mount->failure == CMR_OK)
        mount->failure = CMR_ERR_NOT_FOUND; /* frozen meanwhile: it was no try */
    mount->stand_in_failures = mount->failures;
}

/* ---- a look */

static void finish(cmr_reloader *reloader, struct cmr__load *load, int64_t now)
{
    struct cmr__mount *mount = reloader->mounts[load->mount];
    char rejected[CMR__IDENTITY_SIZE] = "";
    if (mount->rejected)
        memcpy(rejected, mount->mounted, sizeof rejected);
    enum cmr__look seen = cmr__mount_finish(mount, load, &reloader->inotify, now);
    bool again = strcmp(rejected, mount->mounted) == 0; /* told already: check_now asked for it once more */
    if (load->retries)
        count(reloader, &reloader->counters.retries, load->retries);
    if (seen != CMR__LOOK_NOTHING)
        end_stand_in(reloader, mount);
    cmr__tell_status(reloader, load->mount);
    cmr__tell_state(reloader, mount);
    if (seen == CMR__LOOK_LOADED) {
        publish(reloader, load, again, now);
    } else if (seen == CMR__LOOK_REJECTED) {
        cmr__report_finish(load->reports.refused);
        cmr__tell_rejected(reloader, load->mount, load->reports.refused, again);
    } else if (seen == CMR__LOOK_FAILED) {
        fail(reloader, load->mount, load->reports.refused);
    } else {
        stand_in(reloader, load->mount, now);
    }
}

static void finish_job(struct cmr__job *job, cmr_reloader *reloader)
{
    finish(reloader, (struct cmr__load *)(void *)job, cmr__clock_now());
}

static void load(cmr_reloader *reloader, size_t number, int64_t now)
{
    struct cmr__mount *mount = reloader->mounts[number];
    bool apart = reloader->loader && !reloader->loads_here;
    cmr_cleanup(cmr__load_free_place) struct cmr__load *load = NULL;
    cmr_status status = cmr__mount_begin(mount, apart, &load);
    if (status != CMR_OK) {
        cmr__mount_fail(mount, status, now);
        fail(reloader, number, NULL);
        return;
    }
    load->mount = number;
    load->job.finish = finish_job;
    if (apart && cmr__loader_submit(reloader->loader, &load->job)) {
        load = NULL;
        return;
    }
    cmr__load_run(load);
    finish(reloader, load, now);
}

static void look(cmr_reloader *reloader, size_t number, int64_t now)
{
    struct cmr__mount *mount = reloader->mounts[number];
    enum cmr__look seen = cmr__mount_check(mount, &reloader->inotify, now);
    if (seen == CMR__LOOK_NEW) {
        load(reloader, number, now);
        return;
    }
    cmr__tell_status(reloader, number);
    cmr__tell_state(reloader, mount);
    if (seen == CMR__LOOK_FAILED)
        fail(reloader, number, NULL);
    else
        stand_in(reloader, number, now);
}

/* ---- all mounts */

static bool is_stopped(cmr_reloader *reloader)
{
    pthread_mutex_lock(&reloader->lock);
    bool stopped = cmr__reloader_is_stopped_locked(reloader);
    pthread_mutex_unlock(&reloader->lock);
    return stopped;
}

static void open_inotify(cmr_reloader *reloader)
{
    if (reloader->inotify.descriptor >= 0 || cmr__inotify_open(&reloader->inotify) != CMR_OK)
        return;
    if (cmr__loop_add_inotify(&reloader->loop, reloader->inotify.descriptor) != CMR_OK) {
        reloader->inotify.cause = (struct cmr__cause){ CMR_REASON_INOTIFY, "inotify cannot be waited for" };
        cmr__inotify_close(&reloader->inotify);
    }
}

static void finish_jobs(cmr_reloader *reloader)
{
    while (reloader->loader && !is_stopped(reloader)) {
        struct cmr__job *job = cmr__loader_collect(reloader->loader);
        if (!job)
            return;
        job->finish(job, reloader);
        job->free(job);
    }
}

void cmr__look_at_mounts(cmr_reloader *reloader)
{
    finish_jobs(reloader);
    int64_t now = cmr__clock_now();
    for (size_t i = 0; i < reloader->mount_count && !is_stopped(reloader); i++) {
        if (cmr__schedule_due(reloader->mounts[i]) > now)
            continue;
        open_inotify(reloader);
        look(reloader, i, now);
    }
}

int64_t cmr__look_next(const cmr_reloader *reloader)
{
    int64_t next = CMR__NEVER;
    for (size_t i = 0; i < reloader->mount_count; i++) {
        int64_t due = cmr__schedule_due(reloader->mounts[i]);
        next = due < next ? due : next;
    }
    return next;
}

/* ---- what no load has brought */

/* The mounts have their parts already. */
static void accept_placed(cmr_reloader *reloader, const struct cmr__mount *mount,
                          struct cmr__candidate *candidate)
{
    for (size_t i = 0; i < reloader->mount_count; i++)
        cmr__tell_status(reloader, i);
    cmr__report_finish(candidate->notices);
    announce(reloader, mount, candidate, candidate->notices);
}

static void set_booted_from(cmr_reloader *reloader, cmr_boot_source from)
{
    pthread_mutex_lock(&reloader->lock);
    reloader->booted_from = from;
    pthread_mutex_unlock(&reloader->lock);
}

static void accept_booted(cmr_reloader *reloader, const struct cmr__mount *mount, cmr_boot_source from,
                          struct cmr__candidate *candidate)
{
    if (reloader->feed)
        take_sealed(reloader, candidate->snapshot);
    set_booted_from(reloader, from);
    accept_placed(reloader, mount, candidate);
}

cmr_status cmr__look_publish(cmr_reloader *reloader, size_t number, cmr_boot_source from, cmr_report *report)
{
    const struct cmr__mount *mount = reloader->mounts[number];
    struct cmr__candidate candidate;
    cmr_status status = cmr__candidate_init(&candidate, reloader, number, mount->part, false, report);
    if (status == CMR_OK)
        status = cmr__publish(reloader, &candidate);
    if (status == CMR_OK)
        accept_booted(reloader, mount, from, &candidate);
    else if (candidate.why[0])
        cmr__log(&reloader->log, CMR_LOG_ERROR, "%s: cannot be started now: %s", mount->settings.name,
                 candidate.why);
    cmr__candidate_reset(&candidate);
    return status;
}

static void accept_adopted(cmr_reloader *reloader, size_t number, const cmr_boot_source *from,
                           struct cmr__candidate *candidate)
{
    cmr_boot_source furthest = CMR_BOOTED_MOUNT;
    for (size_t i = 0; i < reloader->mount_count; i++) {
        cmr__mount_boot(reloader->mounts[i], candidate->snapshot->parts[i], from[i]);
        furthest = from[i] > furthest ? from[i] : furthest;
    }
    if (cmr__reloader_has_begun(reloader))
        set_booted_from(reloader, furthest);
    accept_placed(reloader, reloader->mounts[number], candidate);
}

cmr_status cmr__look_adopt(cmr_reloader *reloader, cmr_snapshot *snapshot, size_t number,
                           const cmr_boot_source *from, cmr_report *report)
{
    struct cmr__candidate candidate;
    cmr_status status = cmr__candidate_adopt(&candidate, reloader, snapshot, report);
    if (status == CMR_OK)
        status = cmr__publish(reloader, &candidate);
    if (status == CMR_OK)
        accept_adopted(reloader, number, from, &candidate);
    cmr__candidate_reset(&candidate);
    return status;
}
