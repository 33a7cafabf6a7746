/* SPDX-License-Identifier: MIT
 *
 * One pass over the subscriptions. Between two of them the lock is given up and anything may happen:
 * subscriptions come and go, the reloader may be frozen or freed. So the pass holds on to nothing but the
 * registration whose callback runs, which nobody frees meanwhile.
 *
 * Subscribers that come due together for one publication share its diff; it is kept for the length of the
 * pass. */
#include "engine/delivery.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "engine/subscription.h"
#include "engine/update.h"

#define RETRY_MS 100 /* after running out of memory */

struct pass {
    cmr_reloader *reloader;
    int64_t now;
    cmr_snapshot *before, *after; /* of the diff; counted */
    struct cmr__diff diff;
};

static void forget_diff(struct pass *pass)
{
    cmr__diff_reset(&pass->diff);
    cmr_snapshot_unref(pass->before);
    cmr_snapshot_unref(pass->after);
    pass->before = pass->after = NULL;
}

/* The whole diff of the two snapshots; NULL when out of memory. */
static const struct cmr__diff *shared_diff(struct pass *pass, cmr_snapshot *before, cmr_snapshot *after)
{
    if (pass->before == before && pass->after == after)
        return &pass->diff;
    forget_diff(pass);
    if (cmr__diff_compute(before, after, &pass->diff) != CMR_OK) {
        cmr__diff_reset(&pass->diff);
        return NULL;
    }
    pass->before = cmr_snapshot_ref(before);
    pass->after = cmr_snapshot_ref(after);
    return &pass->diff;
}

static bool is_due_locked(const cmr_subscription *subscription, int64_t now)
{
    const cmr_reloader *reloader = subscription->reloader;
    if (subscription->registration.ended || subscription->stuck || reloader->current->generation == 0)
        return false;
    if (subscription->initial)
        return subscription->deadline == CMR__NEVER || subscription->deadline <= now;
    return subscription->open && subscription->deadline <= now;
}

static bool is_waiting_locked(const cmr_subscription *subscription)
{
    return !subscription->registration.ended && (subscription->open || subscription->initial);
}

static void log_lenient(const struct pass *pass, const cmr_subscription *subscription,
                        const struct cmr__difference *failed)
{
    char why[512];
    struct cmr__location place = cmr__difference_location(failed, true);
    (void)cmr__selection_explain(&subscription->selection, &place, why, sizeof why);
    const struct cmr__entry *entry = cmr__document_entry(place.file->document, place.entry);
    cmr__log(&pass->reloader->log, CMR_LOG_WARN, "%s:%u:%u: %s; a lenient subscriber stays at its last value",
             place.file->name, entry->line, cmr__entry_column(entry), why);
}

/* After the callback, or when there was nothing to call for. */
static void settle_locked(cmr_subscription *subscription, cmr_status status, int64_t now)
{
    if (status == CMR_ERR_NO_MEMORY) {
        subscription->deadline = cmr__clock_after_ms(now, RETRY_MS);
        return;
    }
    subscription->open = false;
    subscription->deadline = subscription->limit = CMR__NEVER;
    if (status == CMR_OK)
        subscription->initial = false;
    else
        subscription->stuck = true; /* lenient: the next matching change tries again */
}

static cmr_status call(struct pass *pass, cmr_subscription *subscription, cmr_snapshot *before,
                       cmr_snapshot *after)
{
    cmr_update update;
    struct cmr__difference failed;
    const struct cmr__diff *known = NULL;
    if (subscription->selection.wild && !(known = shared_diff(pass, before, after)))
        return CMR_ERR_NO_MEMORY;
    cmr_status status = cmr__update_init(&update, &subscription->selection, before, after, known, &failed);
    if (status == CMR_ERR_TYPE || status == CMR_ERR_RANGE)
        log_lenient(pass, subscription, &failed);
    if (status != CMR_OK)
        return status;
    if (update.count)
        subscription->callback(subscription->registration.user, &update);
    cmr__update_reset(&update);
    return CMR_OK;
}

/* Enters and leaves with the lock. Nothing is published during the call, since that takes the dispatcher. */
static void deliver_one_locked(struct pass *pass, cmr_subscription *subscription)
{
    cmr_reloader *reloader = pass->reloader;
    cmr_snapshot *before = CMR_TAKE(subscription->held);
    cmr_snapshot *after = cmr_snapshot_ref(reloader->current);
    if (!before)
        before = cmr_snapshot_ref(reloader->nothing);
    cmr__registration_begin_locked(&subscription->registration);
    pthread_mutex_unlock(&reloader->lock);
    cmr_status status = call(pass, subscription, before, after);
    pthread_mutex_lock(&reloader->lock);
    settle_locked(subscription, status, pass->now);
    if (status != CMR_OK && before != reloader->nothing)
        subscription->held = CMR_TAKE(before);
    cmr_snapshot_unref(before);
    cmr_snapshot_unref(after);
}

int64_t cmr__deliver(cmr_reloader *reloader, int64_t now)
{
    struct pass pass = { .reloader = reloader, .now = now };
    int64_t next_due = CMR__NEVER;
    bool waiting = false;
    pthread_mutex_lock(&reloader->lock);
    struct cmr__registration *registration = NULL;
    uint64_t newest = reloader->subscriptions.newest; /* who comes later has woken the loop */
    if (reloader->due)
        registration = TAILQ_FIRST(&reloader->subscriptions.list);
    while (registration && registration->number <= newest && !cmr__reloader_is_stopped_locked(reloader)) {
        cmr_subscription *subscription = (cmr_subscription *)(void *)registration;
        bool due = is_due_locked(subscription, now);
        if (due)
            deliver_one_locked(&pass, subscription);
        if (is_waiting_locked(subscription)) {
            waiting = true;
            next_due = subscription->deadline < next_due ? subscription->deadline : next_due;
        }
        registration = due ? cmr__registration_end_locked(registration) : TAILQ_NEXT(registration, link);
    }
    if (!registration)
        reloader->due = waiting;
    pthread_mutex_unlock(&reloader->lock);
    cmr__registry_bury(&reloader->subscriptions);
    forget_diff(&pass);
    return next_due;
}
