/* SPDX-License-Identifier: MIT
 *
 * A record belongs to the snapshot that it was filled from, so that whoever holds a snapshot holds all its
 * structs. Snapshots do not change: who follows when one is published already gets another one, of the same
 * generation and the same parts, with one record more. As long as the file stays as it is the next snapshot
 * shares the record, as it shares the document.
 *
 * In a snapshot a record is found by its follower's address. So each record holds a reference to the
 * follower, whose bare object lives on when it has ended: no other one can come to have its address. */
#include "engine/follower.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/diagnostic.h"
#include "engine/observer.h"
#include "schema/record.h"

struct cmr_follower {
    struct cmr__registration registration; /* first: disposed as such */
    _Atomic unsigned refs;                 /* itself, until it ends, and each record */
    struct cmr__schema *schema;            /* NULL: it has ended */
};

/* ---- life */

static void unref(cmr_follower *follower)
{
    if (atomic_fetch_sub_explicit(&follower->refs, 1, memory_order_acq_rel) == 1)
        free(follower);
}

static void dispose(struct cmr__registration *registration)
{
    cmr_follower *follower = (cmr_follower *)(void *)registration;
    cmr__schema_free(CMR_TAKE(follower->schema));
    unref(follower);
}

static cmr_status make(const char *key, const cmr_schema *schema, cmr_report *report,
                       cmr_follower **ret_follower)
{
    cmr_follower *follower = calloc(1, sizeof *follower);
    if (!follower)
        return CMR_ERR_NO_MEMORY;
    atomic_init(&follower->refs, 1);
    follower->registration.dispose = dispose;
    cmr_status status = cmr__schema_new(schema, key, report, &follower->schema);
    if (status == CMR_OK)
        *ret_follower = follower;
    else
        dispose(&follower->registration);
    return status;
}

/* ---- what a snapshot owns */

static void release(struct cmr__derived *derived)
{
    cmr_record_free(derived->object);
    unref(derived->owner);
}

/* Takes the record over. */
static void append(struct cmr__buffer *all, cmr_follower *follower, cmr_record *record)
{
    struct cmr__derived derived = { follower, record, release };
    atomic_fetch_add_explicit(&follower->refs, 1, memory_order_relaxed);
    cmr__buffer_append(all, &derived, sizeof derived);
    if (all->failed)
        release(&derived);
}

static void append_all(struct cmr__buffer *all, const cmr_snapshot *snapshot)
{
    for (size_t i = 0; i < snapshot->derived_count; i++)
        append(all, snapshot->derived[i].owner, cmr__record_ref(snapshot->derived[i].object));
}

static size_t count(const struct cmr__buffer *all)
{
    return all->size / sizeof(struct cmr__derived);
}

static void drop(struct cmr__buffer *all)
{
    for (size_t i = 0; i < count(all); i++)
        release((struct cmr__derived *)(void *)all->data + i);
    cmr__buffer_reset(all);
}

/* A snapshot that owns these, too; they are taken over, also on failure. NULL: out of memory. */
static cmr_snapshot *put(struct cmr__buffer *all, const cmr_snapshot *snapshot)
{
    cmr_snapshot *made = NULL;
    if (!all->failed)
        made = cmr__snapshot_with(snapshot, (struct cmr__derived *)(void *)all->data, count(all));
    if (!made)
        drop(all);
    return made;
}

/* ---- filling */

static const cmr__document *document_of(const cmr_snapshot *snapshot, const struct cmr__pattern *key)
{
    const cmr__part *part = cmr__snapshot_part(snapshot, key->mount.text, key->mount.length);
    const struct cmr__part_file *file = part ? cmr__part_find(part, key->file.text, key->file.length) : NULL;
    return file ? file->document : NULL;
}

/* Whether the schema finds in both what it looks for in the same file. With the key "" it looks into several.
 */
static bool is_same(const struct cmr__schema *schema, const cmr_snapshot *before, const cmr_snapshot *after)
{
    return schema->path &&
           cmr__document_is_same(document_of(before, schema->path), document_of(after, schema->path));
}

/* What is told and no error may explain one: a key that is unknown may be the one that is missing. But what
 * takes effect at a restart (CMR_OK) is at fault in nothing. */
static void explain(cmr_report *report, const cmr_report *notices)
{
    for (size_t i = 0; i < cmr_report_count(notices); i++) {
        const cmr_diagnostic *notice = cmr_report_get(notices, i);
        if (notice->status != CMR_OK)
            cmr__report_add(report, notice->status, notice->file, notice->line, notice->column, notice->key,
                            "%s", notice->message);
    }
    report->failed |= notices->failed;
}

/* CMR_OK with the record; CMR_ERR_REJECTED, CMR_ERR_NO_MEMORY. */
static cmr_status fill(const cmr_follower *follower, const cmr_snapshot *before,
                       const struct cmr__candidate *candidate, cmr_record **ret_record)
{
    cmr_record *previous = cmr__snapshot_derived(before, follower);
    if (previous && is_same(follower->schema, before, candidate->snapshot)) {
        *ret_record = cmr__record_ref(previous);
        return CMR_OK;
    }
    cmr_report notices = { 0 };
    cmr_status status = cmr__record_fill(follower->schema, candidate->snapshot, previous, candidate->report,
                                         &notices, ret_record);
    if (status == CMR_ERR_REJECTED)
        explain(candidate->report, &notices);
    else
        cmr__report_append(candidate->notices, &notices);
    cmr__report_clear(&notices);
    return status;
}

cmr_status cmr__followers_fill_locked(cmr_reloader *reloader, struct cmr__candidate *candidate)
{
    struct cmr__buffer all = CMR__BUFFER_INIT;
    struct cmr__registration *registration;
    const cmr_snapshot *before = reloader->current; /* which may have more records than candidate->before */
    uint64_t looked_at = candidate->followers;
    cmr_status status = CMR_OK;
    candidate->followers = reloader->followers.newest;
    if (looked_at == candidate->followers)
        return CMR_OK;
    append_all(&all, candidate->snapshot);
    TAILQ_FOREACH(registration, &reloader->followers.list, link)
    {
        cmr_follower *follower = (cmr_follower *)(void *)registration;
        cmr_record *record = NULL;
        if (registration->ended || registration->number <= looked_at)
            continue;
        status = fill(follower, before, candidate, &record);
        if (status == CMR_OK)
            append(&all, follower, record);
        if (status == CMR_ERR_NO_MEMORY)
            break;
    }
    cmr_snapshot *made = status == CMR_ERR_NO_MEMORY ? NULL : put(&all, candidate->snapshot);
    if (!made) {
        drop(&all);
        return CMR_ERR_NO_MEMORY;
    }
    cmr_snapshot_unref(candidate->snapshot);
    candidate->snapshot = made;
    return CMR_OK;
}

/* ---- following and unfollowing */

/* Fills the first record, if something is loaded: *ret_snapshot owns it then, and else is NULL. */
static cmr_status start_locked(const cmr_reloader *reloader, cmr_follower *follower, cmr_report *report,
                               cmr_report *notices, cmr_snapshot **ret_snapshot)
{
    struct cmr__buffer all = CMR__BUFFER_INIT;
    const cmr_snapshot *current = reloader->current;
    cmr_record *record;
    *ret_snapshot = NULL;
    if (current->generation == 0)
        return CMR_OK;
    cmr_status status = cmr__record_fill(follower->schema, current, NULL, report, notices, &record);
    if (status != CMR_OK)
        return status;
    append_all(&all, current);
    append(&all, follower, record);
    *ret_snapshot = put(&all, current);
    return *ret_snapshot ? CMR_OK : CMR_ERR_NO_MEMORY;
}

static cmr_status add(cmr_reloader *reloader, cmr_follower *follower, cmr_report *report, cmr_report *notices,
                      cmr_follower **ret_follower)
{
    cmr_snapshot *snapshot, *before = NULL;
    pthread_mutex_lock(&reloader->lock);
    cmr_status status = start_locked(reloader, follower, report, notices, &snapshot);
    if (status == CMR_OK) {
        cmr__registry_add_locked(&reloader->followers, &follower->registration);
        *ret_follower = follower; /* before a callback can want it */
    }
    if (status == CMR_OK && snapshot) {
        before = reloader->current;
        atomic_store_explicit(&reloader->current, snapshot, memory_order_release);
    }
    pthread_mutex_unlock(&reloader->lock);
    cmr_snapshot_unref(before);
    return status;
}

/* What is no error is said to whoever asks, and logged. */
static cmr_status finish(cmr_reloader *reloader, const char *key, cmr_status status, cmr_report **report,
                         cmr_report **notices, cmr_report **ret_report)
{
    if (status == CMR_ERR_REJECTED)
        explain(*report, *notices);
    if (status == CMR_ERR_REJECTED && (*report)->failed)
        status = CMR_ERR_NO_MEMORY;
    if (status == CMR_OK)
        cmr__observers_log(reloader, key && key[0] ? key : "schema", true, *notices);
    if (status != CMR_ERR_NO_MEMORY)
        cmr__schema_hand_over(status == CMR_OK ? notices : report, ret_report);
    return status;
}

cmr_status cmr_follow(cmr_reloader *reloader, const char *key, const cmr_schema *schema,
                      cmr_report **ret_report, cmr_follower **ret_follower)
{
    cmr_cleanup(cmr__report_free_place) cmr_report *report = NULL, *notices = NULL;
    cmr_follower *follower;
    if (ret_report)
        *ret_report = NULL;
    if (!reloader || !ret_follower)
        return CMR_ERR_INVALID_ARGUMENT;
    if (cmr__reloader_is_forked(reloader))
        return CMR_ERR_FORKED;
    report = cmr__report_new();
    notices = cmr__report_new();
    cmr_status status = report && notices ? make(key, schema, report, &follower) : CMR_ERR_NO_MEMORY;
    if (status == CMR_OK) {
        status = add(reloader, follower, report, notices, ret_follower);
        if (status != CMR_OK)
            dispose(&follower->registration);
    }
    return finish(reloader, key, status, &report, &notices, ret_report);
}

void cmr_unfollow(cmr_follower *follower)
{
    if (follower)
        cmr__registration_remove(&follower->registration);
}

const void *cmr_follower_get(const cmr_follower *follower, const cmr_snapshot *snapshot)
{
    const cmr_record *record = cmr__snapshot_derived(snapshot, follower);
    return record ? cmr_record_get(record) : NULL;
}
