/* SPDX-License-Identifier: MIT
 *
 * Everything is copied under one hold of the lock, and made a text of without it, so that whoever dispatches
 * waits for copying only. What is applied comes from the snapshot itself: what a mount's status says of that
 * is told right after the publication, and may be older by that moment. */
#include "ops/moment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/diagnostic.h"
#include "engine/reloader.h"

static void set_applied(struct cmr__moment_mount *mount, const cmr__part *part)
{
    snprintf(mount->status.applied_target, sizeof mount->status.applied_target, "%s", part->target);
    mount->status.kept_files = part->kept;
    mount->is_applied = true;
    memcpy(mount->hash, part->hash, sizeof mount->hash);
}

/* False: out of memory. */
static bool copy_mount_locked(const cmr_reloader *reloader, size_t number, struct cmr__moment_mount *mount)
{
    const struct cmr__told *told = &reloader->told[number];
    const cmr_snapshot *current = reloader->current;
    mount->name = reloader->mounts[number]->settings.name;
    mount->status = told->status;
    mount->is_rejected = told->is_rejected;
    if (number < current->count)
        set_applied(mount, current->parts[number]);
    if (told->rejected)
        mount->rejected = cmr__report_copy(told->rejected);
    return !told->rejected || mount->rejected;
}

static cmr_status copy_locked(const cmr_reloader *reloader, struct cmr__moment *moment)
{
    moment->reloader = cmr__reloader_status_locked(reloader);
    moment->mounts = calloc(reloader->mount_count, sizeof *moment->mounts);
    if (!moment->mounts)
        return CMR_ERR_NO_MEMORY;
    moment->count = reloader->mount_count;
    for (size_t i = 0; i < moment->count; i++)
        if (!copy_mount_locked(reloader, i, &moment->mounts[i]))
            return CMR_ERR_NO_MEMORY;
    return CMR_OK;
}

cmr_status cmr__moment_take(cmr_reloader *reloader, struct cmr__moment *ret_moment)
{
    struct cmr__moment moment = { .count = 0 };
    if (!reloader)
        return CMR_ERR_INVALID_ARGUMENT;
    if (cmr__reloader_is_forked(reloader))
        return CMR_ERR_FORKED;
    pthread_mutex_lock(&reloader->lock);
    cmr_status status = copy_locked(reloader, &moment);
    pthread_mutex_unlock(&reloader->lock);
    if (status == CMR_OK)
        *ret_moment = moment;
    else
        cmr__moment_reset(&moment);
    return status;
}

void cmr__moment_reset(struct cmr__moment *moment)
{
    for (size_t i = 0; i < moment->count; i++)
        cmr_report_free(moment->mounts[i].rejected);
    free(moment->mounts);
    *moment = (struct cmr__moment){ .count = 0 };
}

/* A mount that is followed has a reason only when it cannot be read. */
bool cmr__moment_is_successful(const struct cmr__moment_mount *mount)
{
    const cmr_mount_status *status = &mount->status;
    bool failed = status->state == CMR_MOUNT_READY && status->reason != CMR_REASON_NONE;
    return mount->is_applied && !failed && !mount->is_rejected &&
           strcmp(status->mounted_target, status->applied_target) == 0;
}

/* The last diagnostic of a report that has dropped some says so. */
size_t cmr__moment_faults(const struct cmr__moment_mount *mount)
{
    const cmr_report *report = mount->rejected;
    if (!report)
        return mount->is_rejected;
    return report->dropped ? report->count - 1 + report->dropped : report->count;
}
