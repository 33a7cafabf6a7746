/* SPDX-License-Identifier: MIT
 *
 * Everything that can fail comes before the one step that publishes: the candidate's diff, the check of each
 * typed subscription's and binding's values, and the validators' consent.
 *
 * A check and the publication happen under one hold of the lock, so a subscription that another thread adds
 * is checked against either the old or the new snapshot, never neither. But validators are asked without the
 * lock, and meanwhile anybody may register. So it goes round: under the lock, whoever has registered since
 * the last round is checked; if no validator is left to be asked it is published under that same hold, else
 * they are asked, and there is another round. Without validators there is one round, and one hold. */
#include "engine/publication.h"

#include <errno.h>

#include "base/clock.h"
#include "base/diagnostic.h"
#include "engine/binding.h"
#include "engine/conditions.h"
#include "engine/subscription.h"
#include "engine/validator.h"

/* Opens the window, or moves its end. The first snapshot is where everybody starts, and no change. */
static void open_window(cmr_subscription *subscription, cmr_snapshot *before, int64_t now)
{
    if (!subscription->held)
        subscription->held = cmr_snapshot_ref(before);
    if (!subscription->open) {
        subscription->open = true;
        subscription->limit = cmr__clock_after_ms(now, subscription->max_wait_ms);
    }
    int64_t deadline = cmr__clock_after_ms(now, subscription->debounce_ms);
    subscription->deadline = deadline < subscription->limit ? deadline : subscription->limit;
}

static void open_windows_locked(cmr_reloader *reloader, cmr_snapshot *before)
{
    struct cmr__registration *registration;
    int64_t now = cmr__clock_now();
    TAILQ_FOREACH(registration, &reloader->subscriptions.list, link)
    {
        cmr_subscription *subscription = (cmr_subscription *)(void *)registration;
        bool concerned = subscription->touched && !registration->ended;
        subscription->touched = false;
        if (!concerned)
            continue;
        subscription->stuck = false;
        if (!subscription->initial && before->generation > 0)
            open_window(subscription, before, now);
        reloader->due = true;
    }
}

/* Nothing here can fail. Readers without the lock see the new snapshot from the store on. */
static void publish_locked(cmr_reloader *reloader, const struct cmr__candidate *candidate)
{
    cmr_snapshot *before = reloader->current;
    open_windows_locked(reloader, before);
    cmr__bindings_store_locked(reloader);
    atomic_store_explicit(&reloader->current, cmr_snapshot_ref(candidate->snapshot), memory_order_release);
    cmr_snapshot_unref(before);
    reloader->generation = candidate->snapshot->generation;
    reloader->counters.applied++;
    reloader->counters.last_success = candidate->snapshot->loaded_at;
}

/* One round: CMR_OK with *ret_wait if validators are still to be asked. */
static cmr_status check_and_publish(cmr_reloader *reloader, struct cmr__candidate *candidate, bool *ret_wait)
{
    pthread_mutex_lock(&reloader->lock);
    cmr_status status = CMR_ERR_BUSY;
    if (!cmr__candidate_is_stopped_locked(candidate, reloader))
        status = cmr__conditions_check_locked(reloader, candidate);
    *ret_wait =
        status == CMR_OK && !candidate->agreed && cmr__validators_wait_locked(reloader, candidate);
    if (status == CMR_OK && !*ret_wait && !candidate->trial)
        publish_locked(reloader, candidate);
    pthread_mutex_unlock(&reloader->lock);
    return status;
}

static void drop(cmr_reloader *reloader, const struct cmr__candidate *candidate)
{
    pthread_mutex_lock(&reloader->lock);
    cmr__conditions_forget_locked(reloader);
    pthread_mutex_unlock(&reloader->lock);
    cmr__validators_abort(reloader, candidate->snapshot);
}

cmr_status cmr__publish(cmr_reloader *reloader, struct cmr__candidate *candidate)
{
    cmr_status status;
    bool wait;
    do {
        status = check_and_publish(reloader, candidate, &wait);
        if (wait)
            status = cmr__validators_prepare(reloader, candidate);
    } while (status == CMR_OK && wait);
    if (status != CMR_OK || candidate->trial)
        drop(reloader, candidate);
    if (status == CMR_ERR_REJECTED && candidate->report->failed)
        status = CMR_ERR_NO_MEMORY;
    errno = candidate->error;
    return status;
}
