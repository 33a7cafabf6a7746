/* SPDX-License-Identifier: MIT
 *
 * Registering and ending. What a subscription matches is its selection. */
#include "engine/subscription.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/options.h"
#include "engine/hint.h"

#define MAX_WAIT_FACTOR 10

static void dispose(struct cmr__registration *registration)
{
    cmr_subscription *subscription = (cmr_subscription *)(void *)registration;
    cmr__selection_reset(&subscription->selection);
    cmr_snapshot_unref(subscription->held);
    free(subscription);
}

static bool is_valid(const cmr_subscription_options *options)
{
    return options->debounce_ms >= 0 && options->max_wait_ms >= 0;
}

static cmr_status make(cmr_reloader *reloader, const char *pattern, const cmr_subscription_options *options,
                       cmr_subscription **ret_subscription)
{
    cmr_subscription *subscription = calloc(1, sizeof *subscription);
    if (!subscription)
        return CMR_ERR_NO_MEMORY;
    cmr_status status =
        cmr__selection_init(&subscription->selection, pattern, options->type, options->item, options->table);
    if (status != CMR_OK) {
        free(subscription);
        return status;
    }
    subscription->reloader = reloader;
    subscription->debounce_ms = options->debounce_ms;
    subscription->max_wait_ms = options->max_wait_ms ? options->max_wait_ms
                                : options->debounce_ms < INT64_MAX / MAX_WAIT_FACTOR
                                    ? MAX_WAIT_FACTOR * options->debounce_ms
                                    : INT64_MAX;
    subscription->lenient = options->lenient;
    subscription->initial = options->initial;
    subscription->deadline = subscription->limit = CMR__NEVER;
    *ret_subscription = subscription;
    return CMR_OK;
}

/* Everything that matches must convert, unless nothing is loaded yet. */
static cmr_status check_loaded_locked(const cmr_subscription *subscription, const cmr_reloader *reloader)
{
    const struct cmr__selection *selection = &subscription->selection;
    struct cmr__diff diff = CMR__DIFF_INIT;
    cmr_status status = CMR_OK;
    if (selection->type == CMR_TYPE_ANY || subscription->lenient)
        return CMR_OK;
    if (!cmr__selection_differences(selection, reloader->nothing, reloader->current, NULL, &diff))
        status = CMR_ERR_NO_MEMORY;
    for (size_t i = 0; i < cmr__diff_count(&diff) && status == CMR_OK; i++) {
        cmr_value value;
        struct cmr__location location = cmr__difference_location(cmr__diff_at(&diff, i), true);
        status = cmr__selection_read(selection, &location, &value);
    }
    cmr__diff_reset(&diff);
    return status;
}

static cmr_status add_locked(cmr_reloader *reloader, cmr_subscription *subscription)
{
    cmr_status status = check_loaded_locked(subscription, reloader);
    if (status != CMR_OK)
        return status;
    cmr__registry_add_locked(&reloader->subscriptions, &subscription->registration);
    reloader->due |= subscription->initial;
    return CMR_OK;
}

static void hint(cmr_reloader *reloader, const struct cmr__selection *selection)
{
    cmr_snapshot *snapshot = cmr_reloader_ref_snapshot(reloader);
    cmr__hint_selection(reloader, snapshot, selection);
    cmr_snapshot_unref(snapshot);
}

cmr_status cmr_subscribe(cmr_reloader *reloader, const char *pattern, cmr_update_fn *callback, void *user,
                         const cmr_subscription_options *options, cmr_subscription **ret_subscription)
{
    cmr_subscription_options ours;
    cmr_subscription *subscription;
    if (!reloader || !pattern || !callback)
        return CMR_ERR_INVALID_ARGUMENT;
    if (cmr__reloader_is_forked(reloader))
        return CMR_ERR_FORKED;
    cmr_status status = cmr__options_read(options, &ours, sizeof ours);
    if (status == CMR_OK && !is_valid(&ours))
        status = CMR_ERR_INVALID_ARGUMENT;
    if (status == CMR_OK)
        status = make(reloader, pattern, &ours, &subscription);
    if (status != CMR_OK)
        return status;
    subscription->callback = callback;
    subscription->registration.user = user;
    subscription->registration.destroy = ours.destroy;
    subscription->registration.dispose = dispose;
    hint(reloader, &subscription->selection);
    pthread_mutex_lock(&reloader->lock);
    status = add_locked(reloader, subscription);
    if (status == CMR_OK && ret_subscription)
        *ret_subscription = subscription; /* before a callback can want it */
    pthread_mutex_unlock(&reloader->lock);
    if (status != CMR_OK) {
        dispose(&subscription->registration);
        return status;
    }
    if (ours.initial)
        cmr__loop_wake(&reloader->loop);
    return CMR_OK;
}

void cmr_unsubscribe(cmr_subscription *subscription)
{
    if (subscription)
        cmr__registration_remove(&subscription->registration);
}
