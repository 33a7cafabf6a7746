/* SPDX-License-Identifier: MIT
 *
 * That a key is absent is no error, since defaults are made for that. But one that differs in a letter or two
 * from a key that is there is worth a line in the log, once: when the first generation is published, or at
 * the subscription if that comes later. Looking for what is near is work, so only so many subscriptions get
 * it. */
#include "engine/hint.h"

#include <string.h>

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

/* Lines, each with a NUL. Out of memory there are fewer hints. */
static void add_hints(const cmr_snapshot *snapshot, const struct cmr__selection *selection,
                      struct cmr__buffer *lines)
{
    for (size_t i = 0; i < selection->patterns.count; i++) {
        const struct cmr__pattern *pattern = &selection->patterns.items[i];
        struct cmr__buffer near = CMR__BUFFER_INIT;
        if (cmr__snapshot_nearest_to_pattern(snapshot, pattern, &near) && !near.failed) {
            cmr__buffer_printf(lines, "nothing matches %s, which is subscribed to; did you mean %.*s?",
                               selection->text, (int)near.size, near.data);
            cmr__buffer_append_char(lines, '\0');
        }
        cmr__buffer_reset(&near);
    }
}

static void log_and_reset(const cmr_reloader *reloader, struct cmr__buffer *lines)
{
    for (size_t at = 0; at < lines->size && !lines->failed; at += strlen(lines->data + at) + 1)
        cmr__log(&reloader->log, CMR_LOG_WARN, "%s", lines->data + at);
    cmr__buffer_reset(lines);
}

void cmr__hint_selection(cmr_reloader *reloader, const cmr_snapshot *snapshot,
                         const struct cmr__selection *selection)
{
    struct cmr__buffer lines = CMR__BUFFER_INIT;
    if (!reloader->log.function || snapshot->generation == 0 || !selection->keys ||
        !has_nothing(reloader, snapshot, selection))
        return;
    add_hints(snapshot, selection, &lines);
    log_and_reset(reloader, &lines);
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
    pthread_mutex_unlock(&reloader->lock);
    log_and_reset(reloader, &lines);
}
