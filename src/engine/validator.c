/* SPDX-License-Identifier: MIT
 *
 * Prepare, commit, abort, across modules of the application that know nothing of each other.
 *
 * All three are callbacks like any other: no lock is held, and they may end themselves, end others, register
 * more, freeze or free the reloader. So a pass holds on to nothing but the registration whose callback runs,
 * as in delivery.c. Who agreed is marked `prepared` until it has heard what came of it; who was ended in
 * between hears nothing more but `destroy`. Who registers while others are asked has a higher number, and is
 * asked before anything is published: see publication.c. */
#include "engine/validator.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/diagnostic.h"
#include "base/options.h"
#include "base/presentable.h"

struct cmr_validator {
    struct cmr__registration registration; /* first: disposed as such */
    char *name;
    cmr_status (*prepare)(void *user, cmr_snapshot *candidate, cmr_veto *veto);
    void (*commit)(void *user, cmr_snapshot *published);
    void (*abort)(void *user, cmr_snapshot *candidate);
    bool prepared; /* it agreed, and is still to hear what came of it */
};

/* ---- registering and ending */

static void dispose(struct cmr__registration *registration)
{
    cmr_validator *validator = (cmr_validator *)(void *)registration;
    free(validator->name);
    free(validator);
}

static cmr_status make(const cmr_validator_options *options, void *user, cmr_validator **ret_validator)
{
    cmr_validator *validator = calloc(1, sizeof *validator);
    if (!validator || !(validator->name = strdup(options->name))) {
        free(validator);
        return CMR_ERR_NO_MEMORY;
    }
    validator->prepare = options->prepare;
    validator->commit = options->commit;
    validator->abort = options->abort;
    validator->registration.user = user;
    validator->registration.destroy = options->destroy;
    validator->registration.dispose = dispose;
    *ret_validator = validator;
    return CMR_OK;
}

cmr_status cmr_validate(cmr_reloader *reloader, const cmr_validator_options *options, void *user,
                        cmr_validator **ret_validator)
{
    cmr_validator_options ours;
    cmr_validator *validator;
    if (!reloader || !options)
        return CMR_ERR_INVALID_ARGUMENT;
    if (cmr__reloader_is_forked(reloader))
        return CMR_ERR_FORKED;
    cmr_status status = cmr__options_read(options, &ours, sizeof ours);
    if (status == CMR_OK && (!ours.prepare || !ours.name || !ours.name[0]))
        status = CMR_ERR_INVALID_ARGUMENT;
    if (status == CMR_OK)
        status = make(&ours, user, &validator);
    if (status != CMR_OK)
        return status;
    pthread_mutex_lock(&reloader->lock);
    cmr__registry_add_locked(&reloader->validators, &validator->registration);
    if (ret_validator)
        *ret_validator = validator; /* before a callback can want it */
    pthread_mutex_unlock(&reloader->lock);
    return CMR_OK;
}

void cmr_unvalidate(cmr_validator *validator)
{
    if (validator)
        cmr__registration_remove(&validator->registration);
}

/* ---- reasons */

struct cmr_veto {
    const char *name; /* the validator's */
    const cmr_snapshot *candidate;
    cmr_report reasons;
};

/* Where a reason's key stands. Of one that is absent, the file is known if the key says it. */
struct place {
    char *file; /* malloc'ed; or NULL */
    unsigned line, column;
};

/* False: out of memory. */
static bool find_place(const cmr_snapshot *candidate, const char *text, struct place *place)
{
    struct cmr__key key;
    struct cmr__location location;
    if (!text || !cmr__key_parse(&key, text, strlen(text), false, NULL))
        return true;
    place->file = strndup(key.file.text, key.file.length);
    if (cmr__snapshot_locate(candidate, &key, &location) == CMR_OK) {
        const struct cmr__entry *entry = cmr__document_entry(location.file->document, location.entry);
        place->line = entry->line;
        place->column = cmr__entry_column(entry);
    }
    return place->file;
}

static void add_reason(cmr_veto *veto, const char *key, const char *text)
{
    struct place place = { NULL, 0, 0 };
    veto->reasons.failed |= !find_place(veto->candidate, key, &place);
    cmr__report_add(&veto->reasons, CMR_ERR_REJECTED, place.file, place.line, place.column, key, "%s: %s",
                    veto->name, text);
    free(place.file);
}

void cmr_veto_reason(cmr_veto *veto, const char *key, const char *format, ...)
{
    cmr_cleanup(cmr__free_ptr) char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    bool said = cmr__presentable(format, arguments, &text);
    va_end(arguments);
    if (said && !text)
        veto->reasons.failed = true;
    else
        add_reason(veto, key, said ? text : "vetoed");
}

/* ---- prepare */

static bool is_temporary(cmr_status status)
{
    return status == CMR_ERR_AGAIN || status == CMR_ERR_NO_MEMORY || status == CMR_ERR_SYSTEM;
}

static void say_why(struct cmr__candidate *candidate, const cmr_veto *veto, cmr_status status)
{
    const cmr_diagnostic *reason = cmr_report_get(&veto->reasons, 0);
    if (reason)
        snprintf(candidate->why, sizeof candidate->why, "%s", reason->message);
    else
        snprintf(candidate->why, sizeof candidate->why, "%s: %s", veto->name,
                 status == CMR_ERR_SYSTEM ? strerror(candidate->error) : cmr_strerror(status));
}

static cmr_status ask(cmr_validator *validator, struct cmr__candidate *candidate)
{
    cmr_veto veto = { .name = validator->name, .candidate = candidate->snapshot };
    cmr_status status = validator->prepare(validator->registration.user, candidate->snapshot, &veto);
    candidate->error = errno;
    if (is_temporary(status)) {
        say_why(candidate, &veto, status);
    } else if (status != CMR_OK || !cmr__report_is_empty(&veto.reasons)) {
        if (cmr__report_is_empty(&veto.reasons))
            add_reason(&veto, NULL, status == CMR_ERR_REJECTED ? "vetoed" : cmr_strerror(status));
        cmr__report_append(candidate->report, &veto.reasons);
        status = CMR_ERR_REJECTED;
    }
    cmr__report_clear(&veto.reasons);
    return status;
}

/* From the registration on, the first that was not asked. */
static struct cmr__registration *find_unasked(struct cmr__registration *registration,
                                              const struct cmr__candidate *candidate)
{
    while (registration && (registration->ended || registration->number <= candidate->validators))
        registration = TAILQ_NEXT(registration, link);
    return registration;
}

bool cmr__validators_wait_locked(const cmr_reloader *reloader, const struct cmr__candidate *candidate)
{
    return find_unasked(TAILQ_FIRST(&reloader->validators.list), candidate) != NULL;
}

cmr_status cmr__validators_prepare(cmr_reloader *reloader, struct cmr__candidate *candidate)
{
    cmr_status status = CMR_OK;
    pthread_mutex_lock(&reloader->lock);
    struct cmr__registration *next = TAILQ_FIRST(&reloader->validators.list), *registration;
    while (status == CMR_OK && (registration = find_unasked(next, candidate))) {
        cmr_validator *validator = (cmr_validator *)(void *)registration;
        candidate->validators = registration->number;
        cmr__registration_begin_locked(registration);
        pthread_mutex_unlock(&reloader->lock);
        status = ask(validator, candidate);
        pthread_mutex_lock(&reloader->lock);
        validator->prepared = status == CMR_OK;
        next = cmr__registration_end_locked(registration);
        if (cmr__candidate_is_stopped_locked(candidate, reloader))
            status = CMR_ERR_BUSY;
    }
    pthread_mutex_unlock(&reloader->lock);
    cmr__registry_bury(&reloader->validators);
    return status;
}

/* ---- what came of it */

/* Enters and leaves with the lock. */
static void tell_locked(cmr_reloader *reloader, cmr_validator *validator, cmr_snapshot *snapshot,
                        void (*callback)(void *user, cmr_snapshot *snapshot))
{
    validator->prepared = false;
    if (!callback)
        return;
    pthread_mutex_unlock(&reloader->lock);
    callback(validator->registration.user, snapshot);
    pthread_mutex_lock(&reloader->lock);
}

/* In a child that a callback forked nobody is called any more. */
static bool is_to_hear_locked(const cmr_reloader *reloader, const struct cmr__registration *registration)
{
    return ((const cmr_validator *)(const void *)registration)->prepared && !registration->ended &&
           !cmr__reloader_is_forked(reloader);
}

void cmr__validators_abort(cmr_reloader *reloader, cmr_snapshot *candidate)
{
    struct cmr__registration *registration, *before;
    pthread_mutex_lock(&reloader->lock);
    registration = TAILQ_LAST(&reloader->validators.list, cmr__registration_list);
    for (; registration; registration = before) {
        cmr_validator *validator = (cmr_validator *)(void *)registration;
        bool told = is_to_hear_locked(reloader, registration);
        if (told) {
            cmr__registration_begin_locked(registration);
            tell_locked(reloader, validator, candidate, validator->abort);
        }
        before = TAILQ_PREV(registration, cmr__registration_list, link);
        if (told)
            (void)cmr__registration_end_locked(registration);
    }
    pthread_mutex_unlock(&reloader->lock);
    cmr__registry_bury(&reloader->validators);
}

void cmr__validators_commit(cmr_reloader *reloader, cmr_snapshot *published)
{
    struct cmr__registration *registration, *next;
    pthread_mutex_lock(&reloader->lock);
    for (registration = TAILQ_FIRST(&reloader->validators.list); registration; registration = next) {
        cmr_validator *validator = (cmr_validator *)(void *)registration;
        if (!is_to_hear_locked(reloader, registration)) {
            next = TAILQ_NEXT(registration, link);
            continue;
        }
        cmr__registration_begin_locked(registration);
        tell_locked(reloader, validator, published, validator->commit);
        next = cmr__registration_end_locked(registration);
    }
    pthread_mutex_unlock(&reloader->lock);
    cmr__registry_bury(&reloader->validators);
}
