/* SPDX-License-Identifier: MIT
 *
 * A candidate: a snapshot that may become the next generation, and what was found out about it. */
#ifndef CMRELOAD_ENGINE_CANDIDATE_H
#define CMRELOAD_ENGINE_CANDIDATE_H

#include "engine/reloader.h"
#include "model/diff.h"

struct cmr__candidate {
    cmr_snapshot *snapshot; /* counted; NULL: some mount has nothing yet */
    cmr_snapshot *before;   /* the current one when this was made; counted */
    struct cmr__diff diff;  /* from that to this */
    cmr_report *report;     /* why it is rejected; the caller's */
    bool trial;             /* it will not be published, whatever is found out */
    bool agreed;            /* validators were asked elsewhere */
    char why[256];          /* with CMR_ERR_AGAIN and the like: which validator said so, and why; else "" */
    int error;              /* errno, with CMR_ERR_SYSTEM */
    cmr_report *notices;    /* what schemas say that is no error */
    struct cmr__buffer remarks; /* what is put up with: lines for the log, each with a NUL */

    /* the numbers of the last that were looked at: who registers meanwhile has a higher one */
    uint64_t subscriptions, bindings, followers, validators;
};

/* Puts the part in place of mount number `mount` in the current snapshot; if it is to be published, in a form
 * that other processes can have too, if there are any. By the thread that dispatches, without the lock.
 * CMR_ERR_NO_MEMORY; of a feed also CMR_ERR_SYSTEM, with errno. */
cmr_status cmr__candidate_init(struct cmr__candidate *candidate, cmr_reloader *reloader, size_t mount,
                               cmr__part *part, bool trial, cmr_report *report);

/* Makes one of a snapshot that another process has published. CMR_ERR_NO_MEMORY. */
cmr_status cmr__candidate_adopt(struct cmr__candidate *candidate, cmr_reloader *reloader,
                                cmr_snapshot *snapshot, cmr_report *report);
void cmr__candidate_reset(struct cmr__candidate *candidate);

/* With the lock held: whether it is no use to go on. */
static inline bool cmr__candidate_is_stopped_locked(const struct cmr__candidate *candidate,
                                                    const cmr_reloader *reloader)
{
    return candidate->trial ? cmr__reloader_is_over_locked(reloader)
                            : cmr__reloader_is_stopped_locked(reloader);
}

#endif
