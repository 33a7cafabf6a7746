/* SPDX-License-Identifier: MIT
 *
 * A trial goes the way of a publication up to its last step, so that it cannot judge otherwise. It takes the
 * dispatcher's place for that: validators are called as ever, and nothing is published meanwhile. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/diagnostic.h"
#include "engine/dispatch.h"
#include "engine/publication.h"
#include "schema/schema.h"

/* Mounts do not change any more. */
static cmr_status find_mount(const cmr_reloader *reloader, const char *name, size_t *ret_number)
{
    for (size_t i = 0; i < reloader->mount_count; i++)
        if (!name || strcmp(reloader->mounts[i]->settings.name, name) == 0) {
            *ret_number = i;
            return CMR_OK;
        }
    return CMR_ERR_NOT_FOUND;
}

/* The snapshot's part, under the mount's name, by which keys find it. */
static cmr_status make_part(const cmr_snapshot *snapshot, const char *mount, cmr__part **ret_part)
{
    cmr__part *part =
        snapshot->count == 1 ? snapshot->parts[0] : cmr__snapshot_part(snapshot, mount, strlen(mount));
    if (!part)
        return CMR_ERR_NOT_FOUND;
    *ret_part = cmr__part_named(part, mount);
    return *ret_part ? CMR_OK : CMR_ERR_NO_MEMORY;
}

static cmr_status judge(cmr_reloader *reloader, size_t mount, cmr__part *part, cmr_report *report)
{
    struct cmr__candidate candidate;
    cmr_status status = cmr__candidate_init(&candidate, reloader, mount, part, true, report);
    if (status == CMR_OK && !candidate.snapshot)
        status = CMR_ERR_NOT_FOUND; /* another mount has nothing yet */
    if (status == CMR_OK)
        status = cmr__publish(reloader, &candidate);
    if (status == CMR_OK)
        cmr__report_append(report, candidate.notices);
    else if (candidate.why[0])
        cmr__report_add(report, status, NULL, 0, 0, NULL, "%s", candidate.why);
    cmr__candidate_reset(&candidate);
    return status;
}

static cmr_status try(cmr_reloader *reloader, const char *name, const cmr_snapshot *snapshot,
                      cmr_report *report)
{
    cmr_cleanup(cmr__part_unref_place) cmr__part *part = NULL;
    size_t number;
    cmr_status status = find_mount(reloader, name, &number);
    if (status == CMR_OK)
        status = make_part(snapshot, reloader->mounts[number]->settings.name, &part);
    return status == CMR_OK ? judge(reloader, number, part, report) : status;
}

cmr_status cmr_reloader_try(cmr_reloader *reloader, const char *mount, const cmr_snapshot *snapshot,
                            cmr_report **ret_report)
{
    if (ret_report)
        *ret_report = NULL;
    if (!reloader || !snapshot)
        return CMR_ERR_INVALID_ARGUMENT;
    cmr_cleanup(cmr__report_free_place) cmr_report *report = cmr__report_new();
    cmr_status status = report ? cmr__dispatch_begin(reloader) : CMR_ERR_NO_MEMORY;
    if (status != CMR_OK)
        return status;
    reloader->turning = true;
    status = try(reloader, mount, snapshot, report);
    int error = errno;
    if (!reloader->freed_inside && !cmr__reloader_is_forked(reloader)) {
        reloader->turning = false;
        cmr__loop_wake(&reloader->loop); /* somebody may have been told that it is busy */
    }
    status = cmr__dispatch_end(reloader, status);
    if (status != CMR_ERR_NO_MEMORY)
        cmr__schema_hand_over(&report, ret_report);
    errno = error;
    return status;
}
