/* SPDX-License-Identifier: MIT
 *
 * A candidate is whole: it has a part of every mount, or it is none. Its diff is made once, and serves all
 * who look at it. */
#include "engine/candidate.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/diagnostic.h"

/* All parts, uncounted. False: some mount has nothing yet. */
static bool collect(const cmr_reloader *reloader, size_t mount, cmr__part *part, cmr__part **ret_parts)
{
    bool complete = true;
    for (size_t i = 0; i < reloader->mount_count; i++) {
        ret_parts[i] = i == mount ? part : reloader->mounts[i]->part;
        complete &= ret_parts[i] != NULL;
    }
    return complete;
}

static cmr_status assemble(uint64_t generation, cmr__part *const *parts, size_t count,
                           cmr_snapshot **ret_snapshot)
{
    cmr_snapshot *snapshot = cmr__snapshot_new(generation, parts, count);
    if (!snapshot)
        return CMR_ERR_NO_MEMORY;
    *ret_snapshot = snapshot;
    return CMR_OK;
}

static cmr_status assemble_sealed(const cmr_reloader *reloader, size_t mount, cmr__part **parts,
                                  cmr_snapshot **ret_snapshot)
{
    uint64_t generation;
    cmr_status status = reloader->feed->class->seal(reloader->feed, parts, mount, &generation);
    if (status != CMR_OK)
        return status;
    status = assemble(generation, parts, reloader->mount_count, ret_snapshot);
    for (size_t i = 0; i < reloader->mount_count; i++)
        cmr__part_unref(parts[i]);
    return status;
}

static cmr_status make_snapshot(const cmr_reloader *reloader, size_t mount, cmr__part *part, bool trial,
                                cmr_snapshot **ret_snapshot)
{
    cmr_cleanup(cmr__free_ptr) cmr__part **parts = malloc(reloader->mount_count * sizeof *parts);
    if (!parts)
        return CMR_ERR_NO_MEMORY;
    if (!collect(reloader, mount, part, parts))
        return CMR_OK;
    if (reloader->feed && !trial)
        return assemble_sealed(reloader, mount, parts, ret_snapshot);
    return assemble(reloader->generation + 1, parts, reloader->mount_count, ret_snapshot);
}

static void init(struct cmr__candidate *candidate, cmr_report *report)
{
    *candidate =
        (struct cmr__candidate){ .diff = CMR__DIFF_INIT, .report = report, .remarks = CMR__BUFFER_INIT };
}

static cmr_status compare(struct cmr__candidate *candidate, cmr_reloader *reloader)
{
    candidate->before = cmr_reloader_ref_snapshot(reloader);
    candidate->notices = cmr__report_new();
    cmr_status status = candidate->notices
                            ? cmr__diff_compute(candidate->before, candidate->snapshot, &candidate->diff)
                            : CMR_ERR_NO_MEMORY;
    if (status != CMR_OK)
        cmr__candidate_reset(candidate);
    return status;
}

cmr_status cmr__candidate_init(struct cmr__candidate *candidate, cmr_reloader *reloader, size_t mount,
                               cmr__part *part, bool trial, cmr_report *report)
{
    init(candidate, report);
    candidate->trial = trial;
    cmr_status status = make_snapshot(reloader, mount, part, trial, &candidate->snapshot);
    return status == CMR_OK && candidate->snapshot ? compare(candidate, reloader) : status;
}

cmr_status cmr__candidate_adopt(struct cmr__candidate *candidate, cmr_reloader *reloader,
                                cmr_snapshot *snapshot, cmr_report *report)
{
    init(candidate, report);
    candidate->agreed = true;
    candidate->snapshot = cmr_snapshot_ref(snapshot);
    return compare(candidate, reloader);
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
