/* SPDX-License-Identifier: MIT
 *
 * That a key is absent is no error, since defaults are made for that. But one that differs in a letter or two
 * from a key that is there is worth a line in the log, once: when the first generation is published, or at
 * the subscription if that comes later. Looking for what is near is work, so only so many subscriptions and
 * bindings get it. */
#include "engine/hint.h"

#include "engine/subscription.h"
#include "model/nearest.h"

#define MOST_LOOKED_AT 64

static bool has_nothing(const cmr_reloader *reloader, const cmr_snapshot *snapshot,
                        const struct cmr__selection *selection)
{
    struct cmr__diff all = CMR__DIFF_INIT;
    bool done = cmr__selection_differences(selection, reloader->nothing, snapshot, NULL, &all);
    bool nothing = done && cmr__diff_count(&all) == 0;
    cmr__diff_reset(&all);
    return nothing;
}

/* A line, with a NUL. Out of memory there are fewer hints. */
static void add_hint(const cmr_snapshot *snapshot, const struct cmr__pattern *pattern, const char *text,
                     const char *what, struct cmr__buffer *lines)
{
    struct cmr__buffer near = CMR__BUFFER_INIT;
    if (cmr__snapshot_nearest_to_pattern(snapshot, pattern, &near) && !near.failed) {
        cmr__buffer_printf(lines, "nothing matches %s, which is %s; did you mean %.*s?", text, what,
                           (int)near.size, near.data);
        cmr__buffer_append_char(lines, '\0');
    }
    cmr__buffer_reset(&near);
}

static void add_hints(const cmr_snapshot *snapshot, const struct cmr__selection *selection,
                      struct cmr__buffer *lines)
{
    for (size_t i = 0; i < selection->patterns.count; i++)
        add_hint(snapshot, &selection->patterns.items[i], selection->text, "subscribed to", lines);
}

void cmr__hint_selection(cmr_reloader *reloader, const cmr_snapshot *snapshot,
                         const struct cmr__selection *selection)
{
    struct cmr__buffer lines = CMR__BUFFER_INIT;
    if (!reloader->log.function || snapshot->generation == 0 || !selection->keys ||
        !has_nothing(reloader, snapshot, selection))
        return;
    add_hints(snapshot, selection, &lines);
    cmr__log_lines(&reloader->log, CMR_LOG_WARN, &lines);
}

/* False: it is there. */
static bool hint_binding(const cmr_snapshot *snapshot, const cmr_binding *binding, struct cmr__buffer *lines)
{
    struct cmr__location place;
    if (cmr__snapshot_locate_kept(snapshot, &binding->key, &place) == CMR_OK)
        return false;
    add_hint(snapshot, &binding->key, binding->text, "bound to a variable", lines);
    return true;
}

void cmr__hint_binding(cmr_reloader *reloader, const cmr_snapshot *snapshot, const cmr_binding *binding)
{
    struct cmr__buffer lines = CMR__BUFFER_INIT;
    if (!reloader->log.function || snapshot->generation == 0)
        return;
    (void)hint_binding(snapshot, binding, &lines);
    cmr__log_lines(&reloader->log, CMR_LOG_WARN, &lines);
}

static void hint_bindings_locked(const cmr_reloader *reloader, struct cmr__buffer *lines)
{
    struct cmr__registration *registration;
    unsigned looked_at = 0;
    TAILQ_FOREACH(registration, &reloader->bindings.list, link)
    if (hint_binding(reloader->current, (const cmr_binding *)(const void *)registration, lines) &&
        ++looked_at == MOST_LOOKED_AT)
        break;
}

void cmr__hint_all(cmr_reloader *reloader)
{
    struct cmr__buffer lines = CMR__BUFFER_INIT;
    struct cmr__registration *registration;
    unsigned looked_at = 0;
    if (!reloader->log.function)
        return;
    pthread_mutex_lock(&reloader->lock);
    TAILQ_FOREACH(registration, &reloader->subscriptions.list, link)
    {
        const struct cmr__selection *selection =
            &((const cmr_subscription *)(const void *)registration)->selection;
        if (registration->ended || !selection->keys)
            continue;
        bool absent = has_nothing(reloader, reloader->current, selection);
        if (absent)
            add_hints(reloader->current, selection, &lines);
        if ((absent || selection->wild) && ++looked_at == MOST_LOOKED_AT)
            break;
    }
    hint_bindings_locked(reloader, &lines);
    pthread_mutex_unlock(&reloader->lock);
    cmr__log_lines(&reloader->log, CMR_LOG_WARN, &lines);
}
