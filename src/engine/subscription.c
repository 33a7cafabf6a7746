/* SPDX-License-Identifier: MIT
 *
 * Registering, ending, and matching.
 *
 * A subscription to plain keys looks them up in both snapshots, so it costs its keys and not the size of the
 * change; one with wildcards filters the diff of the two snapshots. */
#include "engine/subscription.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/options.h"

#define MAX_WAIT_FACTOR 10

static void dispose(struct cmr__registration *registration)
{
    cmr_subscription *subscription = (cmr_subscription *)(void *)registration;
    cmr__patterns_reset(&subscription->patterns);
    cmr_snapshot_unref(subscription->held);
    free(subscription);
}

static bool is_valid(const cmr_subscription_options *options)
{
    return options->type >= CMR_TYPE_ANY && options->type <= CMR_TYPE_LOG_LEVEL &&
           options->type != CMR_TYPE_NULL && options->debounce_ms >= 0 && options->max_wait_ms >= 0 &&
           (options->type != CMR_TYPE_ENUM || options->table);
}

static cmr_status make(cmr_reloader *reloader, const char *pattern, const cmr_subscription_options *options,
                       cmr_subscription **ret_subscription)
{
    cmr_subscription *subscription = calloc(1, sizeof *subscription);
    if (!subscription)
        return CMR_ERR_NO_MEMORY;
    cmr_status status = cmr__patterns_new(pattern, NULL, &subscription->patterns);
    if (status != CMR_OK) {
        free(subscription);
        return status;
    }
    for (size_t i = 0; i < subscription->patterns.count; i++)
        subscription->wild |= subscription->patterns.items[i].wild;
    subscription->reloader = reloader;
    subscription->type = options->type;
    subscription->table = options->table;
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
    struct cmr__diff diff = CMR__DIFF_INIT;
    cmr_status status = CMR_OK;
    if (subscription->type == CMR_TYPE_ANY || subscription->lenient)
        return CMR_OK;
    if (!cmr__subscription_differences(subscription, reloader->nothing, reloader->current, NULL, &diff))
        status = CMR_ERR_NO_MEMORY;
    for (size_t i = 0; i < cmr__diff_count(&diff) && status == CMR_OK; i++) {
        cmr_value value;
        struct cmr__location location = cmr__difference_location(cmr__diff_at(&diff, i), true);
        status = cmr__location_value(&location, subscription->type, subscription->table, &value);
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

cmr_status cmr_subscribe(cmr_reloader *reloader, const char *pattern, cmr_update_fn *callback, void *user,
                         const cmr_subscription_options *options, cmr_subscription **ret_subscription)
{
    cmr_subscription_options ours;
    cmr_subscription *subscription;
    if (!reloader || !pattern || !callback)
        return CMR_ERR_INVALID_ARGUMENT;
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

/* ---- matching */

struct cmr__location cmr__difference_location(const struct cmr__difference *difference, bool of_new)
{
    struct cmr__location location = { 0 };
    location.file = of_new ? difference->new_file : difference->old_file;
    location.entry = of_new ? difference->new_entry : difference->old_entry;
    return location;
}

static bool matches(const cmr_subscription *subscription, const struct cmr__difference *difference,
                    const char *mount)
{
    struct cmr__location place = cmr__difference_location(difference, difference->new_file != NULL);
    return cmr__patterns_match(&subscription->patterns, mount, difference->mount == 0, place.file->name,
                               place.file->document, place.entry);
}

static bool filter(const cmr_subscription *subscription, const cmr_snapshot *before,
                   const cmr_snapshot *after, const struct cmr__diff *all, struct cmr__diff *ret_diff)
{
    for (size_t i = 0; i < cmr__diff_count(all); i++) {
        const struct cmr__difference *difference = cmr__diff_at(all, i);
        const cmr_snapshot *owner = difference->new_file ? after : before;
        if (matches(subscription, difference, owner->parts[difference->mount]->mount))
            cmr__buffer_append(&ret_diff->items, difference, sizeof *difference);
    }
    return !ret_diff->items.failed;
}

static const struct cmr__part_file *find_file(const cmr__part *part, const struct cmr__pattern *pattern)
{
    return part ? cmr__part_find(part, pattern->file.text, pattern->file.length) : NULL;
}

/* The file, if the plain key names a leaf in it; else NULL. */
static const struct cmr__part_file *with_leaf(const struct cmr__part_file *file,
                                              const struct cmr__pattern *pattern, uint32_t *ret_entry)
{
    if (!file)
        return NULL;
    *ret_entry = cmr__document_find(file->document, pattern->segments, pattern->count, pattern->flat,
                                    pattern->flat_length);
    if (*ret_entry == CMR__NO_ENTRY ||
        !cmr__entry_is_leaf(cmr__document_entry(file->document, *ret_entry), *ret_entry))
        return NULL;
    return file;
}

/* Two plain keys of one subscription may be spelt differently and name one entry. */
static bool is_listed(const struct cmr__diff *diff, const struct cmr__difference *difference)
{
    for (size_t i = 0; i < cmr__diff_count(diff); i++) {
        const struct cmr__difference *other = cmr__diff_at(diff, i);
        if (other->old_file == difference->old_file && other->new_file == difference->new_file &&
            other->old_entry == difference->old_entry && other->new_entry == difference->new_entry)
            return true;
    }
    return false;
}

static void compare_key(const cmr_snapshot *before, const cmr_snapshot *after, size_t mount,
                        const struct cmr__pattern *pattern, struct cmr__diff *ret_diff)
{
    const cmr__part *old = mount < before->count ? before->parts[mount] : NULL;
    const cmr__part *new = mount < after->count ? after->parts[mount] : NULL;
    struct cmr__difference difference = { .mount = mount };
    if (old == new)
        return;
    const struct cmr__part_file *old_file = find_file(old, pattern), *new_file = find_file(new, pattern);
    if (old_file && new_file && old_file->document == new_file->document)
        return;
    difference.old_file = with_leaf(old_file, pattern, &difference.old_entry);
    difference.new_file = with_leaf(new_file, pattern, &difference.new_entry);
    if (!difference.old_file && !difference.new_file)
        return;
    difference.kind = !difference.old_file ? CMR_ADDED : !difference.new_file ? CMR_REMOVED : CMR_MODIFIED;
    if (difference.kind == CMR_MODIFIED &&
        cmr__same_value(old_file->document, difference.old_entry, new_file->document, difference.new_entry))
        return;
    if (!is_listed(ret_diff, &difference))
        cmr__buffer_append(&ret_diff->items, &difference, sizeof difference);
}

static bool look_up(const cmr_subscription *subscription, const cmr_snapshot *before,
                    const cmr_snapshot *after, struct cmr__diff *ret_diff)
{
    size_t mounts = before->count > after->count ? before->count : after->count;
    for (size_t i = 0; i < subscription->patterns.count; i++) {
        const struct cmr__pattern *pattern = &subscription->patterns.items[i];
        for (size_t mount = 0; mount < mounts; mount++) {
            const cmr_snapshot *owner = mount < after->count ? after : before;
            if (cmr__pattern_matches_mount(pattern, owner->parts[mount]->mount, mount == 0))
                compare_key(before, after, mount, pattern, ret_diff);
        }
    }
    return !ret_diff->items.failed;
}

bool cmr__subscription_differences(const cmr_subscription *subscription, const cmr_snapshot *before,
                                   const cmr_snapshot *after, const struct cmr__diff *known,
                                   struct cmr__diff *ret_diff)
{
    if (!subscription->wild)
        return look_up(subscription, before, after, ret_diff);
    if (known)
        return filter(subscription, before, after, known, ret_diff);
    struct cmr__diff all = CMR__DIFF_INIT;
    bool done = cmr__diff_compute(before, after, &all) == CMR_OK &&
                filter(subscription, before, after, &all, ret_diff);
    cmr__diff_reset(&all);
    return done;
}
