/* SPDX-License-Identifier: MIT
 *
 * Only what changes is looked at: what stays as it is was checked when it came, or when its subscriber did.
 * All that is wrong is told at once, so one failure does not end the check. */
#include "engine/conditions.h"

#include "base/diagnostic.h"
#include "engine/binding.h"
#include "engine/follower.h"
#include "engine/refusals.h"
#include "engine/subscription.h"

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

/* False: out of memory. */
static bool check_one(cmr_subscription *subscription, const struct cmr__candidate *candidate,
                      struct cmr__refusals *refusals)
{
    struct cmr__diff differences = CMR__DIFF_INIT;
    bool done = cmr__selection_differences(&subscription->selection, candidate->before, candidate->snapshot,
                                           &candidate->diff, &differences);
    if (done && cmr__diff_count(&differences)) {
        if (subscription->selection.type != CMR_TYPE_ANY && !subscription->lenient)
            check_values(&subscription->selection, &differences, refusals);
        subscription->touched = true;
    }
    cmr__diff_reset(&differences);
    return done;
}

cmr_status cmr__conditions_check_locked(cmr_reloader *reloader, struct cmr__candidate *candidate)
{
    struct cmr__refusals refusals = CMR__REFUSALS_INIT;
    struct cmr__registration *registration;
    bool done = true;
    TAILQ_FOREACH(registration, &reloader->subscriptions.list, link)
    {
        if (registration->ended || registration->number <= candidate->subscriptions)
            continue;
        done = check_one((cmr_subscription *)(void *)registration, candidate, &refusals);
        if (!done)
            break;
    }
    candidate->subscriptions = reloader->subscriptions.newest;
    cmr__refusals_report(&refusals, candidate->report);
    cmr__bindings_check_locked(reloader, candidate);
    cmr_status status = done ? cmr__followers_fill_locked(reloader, candidate) : CMR_ERR_NO_MEMORY;
    if (status != CMR_OK || candidate->report->failed)
        return CMR_ERR_NO_MEMORY;
    return cmr__report_is_empty(candidate->report) ? CMR_OK : CMR_ERR_REJECTED;
}

void cmr__conditions_forget_locked(cmr_reloader *reloader)
{
    struct cmr__registration *registration;
    TAILQ_FOREACH(registration, &reloader->subscriptions.list, link)
    ((cmr_subscription *)(void *)registration)->touched = false;
    cmr__bindings_forget_locked(reloader);
}
