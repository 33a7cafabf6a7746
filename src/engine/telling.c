/* SPDX-License-Identifier: MIT
 *
 * What happens to a mount has two readers: observers, who are told at once, on the dispatcher's thread, and
 * those who ask for the status, from any thread, later. The latter see a copy, which is made before the
 * former hear of it, so that an observer who asks finds what it was told. */
#include "engine/telling.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/diagnostic.h"
#include "engine/hint.h"
#include "engine/observer.h"

static cmr_event event_of(const cmr_reloader *reloader, cmr_event_kind kind, const struct cmr__mount *mount)
{
    return (cmr_event){ .kind = kind,
                        .mount = mount->settings.name,
                        .generation = reloader->generation,
                        .target = mount->mounted,
                        .hash = "",
                        .state = mount->state,
                        .reason = mount->reason,
                        .message = mount->message };
}

void cmr__tell_state(cmr_reloader *reloader, struct cmr__mount *mount)
{
    if (mount->state == mount->told_state)
        return;
    mount->told_state = mount->state;
    cmr_event event = event_of(reloader, CMR_EVENT_STATE, mount);
    cmr__observers_tell(reloader, &event);
}

void cmr__tell_published(cmr_reloader *reloader, const struct cmr__mount *mount, const cmr_report *kept)
{
    bool first = cmr__reloader_has_begun(reloader);
    cmr_event event = event_of(reloader, first ? CMR_EVENT_READY : CMR_EVENT_APPLIED, mount);
    event.target = mount->part->target;
    event.hash = mount->part->hash;
    event.report = cmr_report_count(kept) ? kept : NULL;
    event.booted_from = first ? reloader->booted_from : CMR_BOOTED_MOUNT;
    cmr__observers_tell(reloader, &event);
    if (first)
        cmr__hint_all(reloader);
}

/* What is wrong, for those who ask for it as long as what is mounted is bad. */
static void keep_report(cmr_reloader *reloader, struct cmr__told *told, const cmr_report *report, bool again)
{
    cmr_report *copy = cmr__report_copy(report);
    pthread_mutex_lock(&reloader->lock);
    cmr_report *before = told->rejected;
    told->rejected = copy;
    told->is_rejected = true;
    told->rejections += !again;
    reloader->counters.rejected += !again;
    pthread_mutex_unlock(&reloader->lock);
    cmr_report_free(before);
}

/* What is mounted is good now, or it is another generation, of which nothing is known yet. */
static void drop_report_locked(struct cmr__told *told, const struct cmr__mount *mount)
{
    if (mount->rejected && strcmp(told->status.mounted_target, mount->mounted) == 0)
        return;
    cmr_report_free(CMR_TAKE(told->rejected));
    told->is_rejected = false;
}

void cmr__tell_rejected(cmr_reloader *reloader, size_t number, const cmr_report *report, bool again)
{
    keep_report(reloader, &reloader->told[number], report, again);
    if (again)
        return;
    cmr_event event = event_of(reloader, CMR_EVENT_REJECTED, reloader->mounts[number]);
    event.report = report;
    cmr__observers_tell(reloader, &event);
}

void cmr__tell_status(cmr_reloader *reloader, size_t number)
{
    const struct cmr__mount *mount = reloader->mounts[number];
    cmr_mount_status *told = &reloader->told[number].status;
    pthread_mutex_lock(&reloader->lock);
    drop_report_locked(&reloader->told[number], mount);
    const cmr_snapshot *current = reloader->current;
    told->state = mount->state;
    told->reason = mount->reason;
    memcpy(told->message, mount->message, sizeof told->message);
    memcpy(told->mounted_target, mount->mounted, sizeof told->mounted_target);
    told->kind = mount->source.kind;
    told->swappable = mount->swappable;
    told->kept_files = 0;
    told->applied_target[0] = '\0';
    if (number < current->count) {
        const cmr__part *part = current->parts[number];
        snprintf(told->applied_target, sizeof told->applied_target, "%s", part->target);
        told->kept_files = part->kept;
        told->applied_from = mount->from;
    }
    pthread_mutex_unlock(&reloader->lock);
}

void cmr__tell_failed(cmr_reloader *reloader, const struct cmr__mount *mount, struct cmr__cause cause)
{
    cmr_event event = event_of(reloader, CMR_EVENT_FAILED, mount);
    event.reason = cause.reason;
    event.message = cause.message;
    if (mount->failures == 1)
        cmr__observers_tell(reloader, &event);
    else
        cmr__log(&reloader->log, CMR_LOG_DEBUG, "%s: still: %s", event.mount, event.message);
}

void cmr__tell_swappable(cmr_reloader *reloader, struct cmr__mount *mount)
{
    bool before = mount->swappable;
    mount->swappable = cmr__part_is_swappable(mount->part);
    if (mount->swappable && !before)
        cmr__log(&reloader->log, CMR_LOG_WARN,
                 "%s: a secret that cannot be locked in memory, and may be swapped out: raise RLIMIT_MEMLOCK",
                 mount->settings.name);
}

void cmr__tell_shared(cmr_reloader *reloader, uint64_t generation, size_t others, const cmr_report *report)
{
    const cmr_event event = { .kind = CMR_EVENT_SHARED,
                              .mount = "",
                              .generation = generation,
                              .target = "",
                              .hash = "",
                              .report = cmr_report_count(report) ? report : NULL,
                              .state = CMR_MOUNT_READY,
                              .message = "" };
    cmr__log(&reloader->log, CMR_LOG_DEBUG, "generation %llu: answered by %zu other processes",
             (unsigned long long)generation, others);
    cmr__observers_tell(reloader, &event);
}
