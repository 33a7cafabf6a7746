/* SPDX-License-Identifier: MIT
 *
 * Every event is logged first, then told, so that a silent program with a log function still says what
 * happened. */
#include "engine/observer.h"

#include <stdlib.h>

#include "base/diagnostic.h"

struct cmr_observer {
    struct cmr__registration registration; /* first: disposed as such */
    cmr_event_fn *callback;
};

static void dispose(struct cmr__registration *registration)
{
    free(registration);
}

cmr_status cmr_observe(cmr_reloader *reloader, cmr_event_fn *callback, void *user,
                       void (*destroy)(void *user), cmr_observer **ret_observer)
{
    if (!reloader || !callback)
        return CMR_ERR_INVALID_ARGUMENT;
    if (cmr__reloader_is_forked(reloader))
        return CMR_ERR_FORKED;
    cmr_observer *observer = calloc(1, sizeof *observer);
    if (!observer)
        return CMR_ERR_NO_MEMORY;
    observer->callback = callback;
    observer->registration.user = user;
    observer->registration.destroy = destroy;
    observer->registration.dispose = dispose;
    pthread_mutex_lock(&reloader->lock);
    cmr__registry_add_locked(&reloader->observers, &observer->registration);
    if (ret_observer)
        *ret_observer = observer; /* before a callback can want it */
    pthread_mutex_unlock(&reloader->lock);
    return CMR_OK;
}

void cmr_unobserve(cmr_observer *observer)
{
    if (observer)
        cmr__registration_remove(&observer->registration);
}

const char *cmr_mount_state_name(cmr_mount_state state)
{
    switch (state) {
    case CMR_MOUNT_WAITING:
        return "waiting";
    case CMR_MOUNT_READY:
        return "ready";
    case CMR_MOUNT_POLLING:
        return "polling";
    case CMR_MOUNT_DEAD:
        return "dead";
    case CMR_MOUNT_STATIC:
        return "static";
    }
    return "?";
}

const char *cmr_mount_kind_name(cmr_mount_kind kind)
{
    switch (kind) {
    case CMR_KIND_AUTO:
        return "auto";
    case CMR_KIND_VOLUME:
        return "volume";
    case CMR_KIND_DIRECTORY:
        return "directory";
    case CMR_KIND_FILE:
        return "file";
    }
    return "?";
}

const char *cmr_boot_source_name(cmr_boot_source source)
{
    switch (source) {
    case CMR_BOOTED_MOUNT:
        return "mount";
    case CMR_BOOTED_LAST_GOOD:
        return "last_good";
    case CMR_BOOTED_DEFAULTS:
        return "defaults";
    }
    return "?";
}

/* What schemas say of a generation that is accepted is no error. */
static bool is_notice(const cmr_diagnostic *diagnostic)
{
    return diagnostic->status == CMR_OK || diagnostic->status == CMR_ERR_NOT_FOUND;
}

void cmr__observers_log(const cmr_reloader *reloader, const char *about, bool accepted,
                        const cmr_report *report)
{
    for (size_t i = 0; i < cmr_report_count(report); i++) {
        const cmr_diagnostic *diagnostic = cmr_report_get(report, i);
        char *text = cmr__diagnostic_format(diagnostic);
        cmr__log(&reloader->log, accepted && is_notice(diagnostic) ? CMR_LOG_WARN : CMR_LOG_ERROR, "%s: %s",
                 about, text ? text : "out of memory");
        free(text);
    }
}

static void log_event(const cmr_reloader *reloader, const cmr_event *event)
{
    switch (event->kind) {
    case CMR_EVENT_READY:
    case CMR_EVENT_APPLIED:
        cmr__log(&reloader->log, CMR_LOG_INFO, "%s: generation %llu applied (%s)", event->mount,
                 (unsigned long long)event->generation,
                 event->target[0]                            ? event->target
                 : event->booted_from == CMR_BOOTED_DEFAULTS ? "defaults"
                                                             : "nothing there");
        cmr__observers_log(reloader, event->mount, true, event->report);
        break;
    case CMR_EVENT_REJECTED:
        cmr__log(&reloader->log, CMR_LOG_ERROR, "%s: %s rejected, generation %llu stays", event->mount,
                 event->target, (unsigned long long)event->generation);
        cmr__observers_log(reloader, event->mount, false, event->report);
        break;
    case CMR_EVENT_FAILED:
        cmr__log(&reloader->log, CMR_LOG_WARN, "%s: cannot be loaded now: %s; trying again", event->mount,
                 event->message);
        break;
    case CMR_EVENT_SHARED:
        cmr__observers_log(reloader, "refused", false, event->report);
        break;
    case CMR_EVENT_STATE:
        cmr__log(&reloader->log, event->state == CMR_MOUNT_READY ? CMR_LOG_INFO : CMR_LOG_WARN, "%s: %s%s%s",
                 event->mount, cmr_mount_state_name(event->state), event->message[0] ? ": " : "",
                 event->message);
        break;
    }
}

void cmr__observers_tell(cmr_reloader *reloader, const cmr_event *event)
{
    log_event(reloader, event);
    pthread_mutex_lock(&reloader->lock);
    struct cmr__registration *registration = TAILQ_FIRST(&reloader->observers.list), *next;
    uint64_t newest = reloader->observers.newest;
    for (; registration && registration->number <= newest && !cmr__reloader_is_over_locked(reloader);
         registration = next) {
        if (!registration->ended) {
            cmr_observer *observer = (cmr_observer *)(void *)registration;
            cmr__registration_begin_locked(registration);
            pthread_mutex_unlock(&reloader->lock);
            observer->callback(registration->user, event);
            pthread_mutex_lock(&reloader->lock);
            next = cmr__registration_end_locked(registration);
        } else {
            next = TAILQ_NEXT(registration, link);
        }
    }
    pthread_mutex_unlock(&reloader->lock);
    cmr__registry_bury(&reloader->observers);
}
