/* SPDX-License-Identifier: MIT
 *
 * A candidate is whole: it has a part of every mount, or it is none. Its diff is made once, and serves all
 * who look at it. */
#include "engine/candidate.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/diagnostic.h"

static cmr_status make_snapshot(const cmr_reloader *reloader, size_t mount, cmr__part *part,
                                cmr_snapshot **ret_snapshot)
{
    cmr__part **parts = malloc(reloader->mount_count * sizeof *parts);
    bool complete = true;
    if (!parts)
        return CMR_ERR_NO_MEMORY;
    for (size_t i = 0; i < reloader->mount_count; i++) {
        parts[i] = i == mount ? part : reloader->mounts[i]->part;
        complete &= parts[i] != NULL;
    }
    cmr_snapshot *snapshot =
        complete ? cmr__snapshot_new(reloader->generation + 1, parts, reloader->mount_count) : NULL;
    free(parts);
    if (complete && !snapshot)
        return CMR_ERR_NO_MEMORY;
    *ret_snapshot = snapshot;
    return CMR_OK;
}

cmr_status cmr__candidate_init(struct cmr__candidate *candidate, cmr_reloader *reloader, size_t mount,
                               cmr__part *part, cmr_report *report)
{
    *candidate =
        (struct cmr__candidate){ .diff = CMR__DIFF_INIT, .report = report, .remarks = CMR__BUFFER_INIT };
    cmr_status status = make_snapshot(reloader, mount, part, &candidate->snapshot);
    if (status != CMR_OK || !candidate->snapshot)
        return status;
    candidate->before = cmr_reloader_ref_snapshot(reloader);
    candidate->notices = cmr__report_new();
    status = candidate->notices ? cmr__diff_compute(candidate->before, candidate->snapshot, &candidate->diff)
                                : CMR_ERR_NO_MEMORY;
    if (status != CMR_OK)
        cmr__candidate_reset(candidate);
    return status;
}

void cmr__candidate_reset(struct cmr__candidate *candidate)
{
    cmr__diff_reset(&candidate->diff);
    cmr__buffer_reset(&candidate->remarks);
    cmr_report_free(CMR_TAKE(candidate->notices));
    cmr_snapshot_unref(candidate->before);
    cmr_snapshot_unref(candidate->snapshot);
    candidate->before = candidate->snapshot = NULL;
}
