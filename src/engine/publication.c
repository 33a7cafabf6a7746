/* SPDX-License-Identifier: MIT
 *
 * Everything that can fail comes before the one assignment that publishes: the candidate snapshot, the diff,
 * and the check of each typed subscription's values. Check and publication happen under one hold of the lock,
 * so a subscription that another thread adds is checked against either the old or the new snapshot, never
 * neither. */
#include "engine/publication.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/diagnostic.h"
#include "engine/refusals.h"

/* NULL with *ret_complete false while some mount has nothing yet. */
static cmr_snapshot *make_candidate(const cmr_reloader *reloader, size_t mount, cmr__part *part,
                                    bool *ret_complete)
{
    cmr__part **parts = malloc(reloader->mount_count * sizeof *parts);
    cmr_snapshot *candidate = NULL;
    *ret_complete = true;
    for (size_t i = 0; parts && i < reloader->mount_count; i++) {
        parts[i] = i == mount ? part : reloader->mounts[i]->part;
        *ret_complete &= parts[i] != NULL;
    }
    if (parts && *ret_complete)
        candidate = cmr__snapshot_new(reloader->current->generation + 1, parts, reloader->mount_count);
    free(parts);
    return candidate;
}

static void check_values(const struct cmr__selection *selection, const struct cmr__diff *differences,
                         struct cmr__refusals *refusals)
{
    for (size_t i = 0; i < cmr__diff_count(differences); i++) {
        const struct cmr__difference *difference = cmr__diff_at(differences, i);
        struct cmr__location place = cmr__difference_location(difference, true);
        cmr_value value;
        cmr_status status = place.file ? cmr__selection_read(selection, &place, &value) : CMR_OK;
        if (status == CMR_ERR_NO_MEMORY)
            refusals->items.failed = true;
        else if (status != CMR_OK)
            cmr__refusals_add(refusals, selection, &place, status);
    }
}

/* What the publication means for one subscription. */
struct visit {
    cmr_snapshot *before, *after;
    const struct cmr__diff *diff;
    struct cmr__refusals *refusals;
    cmr_report *report;
    int64_t now;
};

static cmr_status visit_all_locked(cmr_reloader *reloader, const struct visit *visit,
                                   void (*action)(cmr_subscription *, const struct cmr__diff *,
                                                  const struct visit *))
{
    struct cmr__registration *registration;
    TAILQ_FOREACH(registration, &reloader->subscriptions.list, link)
    {
        struct cmr__diff differences = CMR__DIFF_INIT;
        cmr_subscription *subscription = (cmr_subscription *)(void *)registration;
        if (registration->ended)
            continue;
        bool done = cmr__selection_differences(&subscription->selection, visit->before, visit->after,
                                               visit->diff, &differences);
        if (done && cmr__diff_count(&differences))
            action(subscription, &differences, visit);
        cmr__diff_reset(&differences);
        if (!done)
            return CMR_ERR_NO_MEMORY;
    }
    return CMR_OK;
}

static void check_one(cmr_subscription *subscription, const struct cmr__diff *differences,
                      const struct visit *visit)
{
    if (subscription->selection.type != CMR_TYPE_ANY && !subscription->lenient)
        check_values(&subscription->selection, differences, visit->refusals);
    subscription->touched = true;
}

/* Opens the window, or moves its end. The first snapshot is where everybody starts, and no change. */
static void open_window(cmr_subscription *subscription, const struct visit *visit)
{
    if (!subscription->held)
        subscription->held = cmr_snapshot_ref(visit->before);
    if (!subscription->open) {
        subscription->open = true;
        subscription->limit = cmr__clock_after_ms(visit->now, subscription->max_wait_ms);
    }
    int64_t deadline = cmr__clock_after_ms(visit->now, subscription->debounce_ms);
    subscription->deadline = deadline < subscription->limit ? deadline : subscription->limit;
}

static void open_windows_locked(cmr_reloader *reloader, const struct visit *visit)
{
    struct cmr__registration *registration;
    TAILQ_FOREACH(registration, &reloader->subscriptions.list, link)
    {
        cmr_subscription *subscription = (cmr_subscription *)(void *)registration;
        bool concerned = subscription->touched && !registration->ended;
        subscription->touched = false;
        if (!concerned)
            continue;
        subscription->stuck = false;
        if (!subscription->initial && visit->before->generation > 0)
            open_window(subscription, visit);
        reloader->due = true;
    }
}

static void forget_touches_locked(cmr_reloader *reloader)
{
    struct cmr__registration *registration;
    TAILQ_FOREACH(registration, &reloader->subscriptions.list, link)
    ((cmr_subscription *)(void *)registration)->touched = false;
}

static cmr_status check_and_publish_locked(cmr_reloader *reloader, cmr_snapshot *candidate,
                                           const struct visit *visit)
{
    if (cmr__reloader_is_stopped_locked(reloader))
        return CMR_ERR_BUSY;
    cmr_status status = visit_all_locked(reloader, visit, check_one);
    cmr__refusals_report(visit->refusals, visit->report);
    if (status == CMR_OK && visit->report->failed)
        status = CMR_ERR_NO_MEMORY;
    if (status == CMR_OK && !cmr__report_is_empty(visit->report))
        status = CMR_ERR_REJECTED;
    if (status != CMR_OK) {
        forget_touches_locked(reloader);
        return status;
    }
    open_windows_locked(reloader, visit);
    reloader->current = cmr_snapshot_ref(candidate);
    reloader->counters.applied++;
    reloader->counters.last_success = candidate->loaded_at;
    return CMR_OK;
}

cmr_status cmr__publish(cmr_reloader *reloader, size_t mount, cmr__part *part, cmr_report *report,
                        bool *ret_published)
{
    struct cmr__diff diff = CMR__DIFF_INIT;
    cmr_snapshot *before = reloader->current; /* only this thread replaces it */
    cmr_snapshot *candidate = make_candidate(reloader, mount, part, ret_published);
    if (!candidate)
        return *ret_published ? CMR_ERR_NO_MEMORY : CMR_OK;
    cmr_status status = cmr__diff_compute(before, candidate, &diff);
    if (status == CMR_OK) {
        struct cmr__refusals refusals = CMR__REFUSALS_INIT;
        struct visit visit = { before, candidate, &diff, &refusals, report, cmr__clock_now() };
        pthread_mutex_lock(&reloader->lock);
        status = check_and_publish_locked(reloader, candidate, &visit);
        pthread_mutex_unlock(&reloader->lock);
    }
    if (status == CMR_OK)
        cmr_snapshot_unref(before);
    cmr__diff_reset(&diff);
    cmr_snapshot_unref(candidate);
    return status;
}
