/* SPDX-License-Identifier: MIT
 *
 * Everybody keeps what was told last, and judges what comes by that: old values, numbers that grow, and that
 * each callback's snapshot is whole. */
#include "soak/life.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "soak/contents.h"

#define CHECK_MS 200
#define DEBOUNCE_MS 5

static const char *const witness_names[WITNESSES] = { "the reader", "an observer", "who is told at once",
                                                      "who is told later", "who wants numbers" };

/* ---- judging */

static void see(struct soak_shared *shared, enum witness who, unsigned volume, uint64_t number)
{
    uint64_t last = atomic_exchange(&shared->seen[who][volume], number);
    if (number < last)
        soak_violation(shared, VIOLATION_BACK, "%s saw %s %" PRIu64 " after %" PRIu64, witness_names[who],
                       soak_volume_names[volume], number, last);
}

void life_witness(struct soak_shared *shared, enum witness who, const cmr_snapshot *snapshot)
{
    char message[384];
    shared->checks++;
    for (unsigned i = 0; i < SOAK_VOLUMES; i++) {
        uint64_t number = 0;
        if (!contents_check(snapshot, soak_volume_names[i], &number, message, sizeof message))
            soak_violation(shared, VIOLATION_MIXED, "%s: not whole: %s", witness_names[who], message);
        else if (number)
            see(shared, who, i, number);
    }
}

/* ---- being told */

static void log_line(void *user, cmr_log_level level, const char *message)
{
    struct soak_shared *shared = user;
    unsigned line = atomic_fetch_add(&shared->logged, 1) % SOAK_LOG_LINES;
    snprintf(shared->log[line], sizeof shared->log[line], "%s: %s", cmr_log_level_name(level), message);
}

static void on_event(void *user, const cmr_event *event)
{
    struct life *life = user;
    struct soak_shared *shared = life->shared;
    cmr_snapshot *snapshot = cmr_reloader_ref_snapshot(life->own);
    if (event->kind == CMR_EVENT_REJECTED)
        shared->rejections++;
    if (event->kind == CMR_EVENT_STATE && (unsigned)event->state < SOAK_STATES)
        shared->states_told[event->state]++;
    if (event->kind == CMR_EVENT_READY || event->kind == CMR_EVENT_APPLIED) {
        shared->publications++;
        life_witness(shared, WITNESS_OBSERVER, snapshot);
        if (event->generation != cmr_snapshot_generation(snapshot))
            soak_violation(shared, VIOLATION_TOLD,
                           "an event is of generation %" PRIu64 ", the snapshot of %" PRIu64,
                           event->generation, cmr_snapshot_generation(snapshot));
    }
    cmr_snapshot_unref(snapshot);
}

static void keep(struct soak_shared *shared, struct replica *replica, enum witness who,
                 const cmr_update *update)
{
    char message[384];
    shared->updates++;
    life_witness(shared, who, cmr_update_after(update));
    if (!replica_change(replica, update, message, sizeof message) ||
        !replica_check(replica, cmr_update_after(update), message, sizeof message))
        soak_violation(shared, VIOLATION_TOLD, "%s: %s", witness_names[who], message);
}

static void on_update(void *user, const cmr_update *update)
{
    struct life *life = user;
    keep(life->shared, &life->at_once, WITNESS_TOLD, update);
}

static void on_update_later(void *user, const cmr_update *update)
{
    struct life *life = user;
    keep(life->shared, &life->later, WITNESS_LATER, update);
}

static void on_number(void *user, const cmr_update *update)
{
    struct life *life = user;
    life->shared->updates++;
    for (size_t i = 0; i < cmr_update_count(update); i++) {
        const cmr_change *change = cmr_update_change(update, i);
        unsigned volume = strcmp(change->mount, soak_volume_names[0]) != 0;
        uint64_t told = life->told[volume];
        uint64_t old = change->old_value ? change->old_value->as.uint64 : 0;
        if (old != told || !change->new_value)
            soak_violation(life->shared, VIOLATION_TOLD, "%s was told of %" PRIu64 " after %" PRIu64,
                           change->mount, old, told);
        else
            see(life->shared, WITNESS_TYPED, volume, life->told[volume] = change->new_value->as.uint64);
    }
}

bool life_is_at(struct life *life, const _Atomic uint64_t numbers[SOAK_VOLUMES])
{
    char message[384];
    cmr_snapshot *snapshot = cmr_reloader_ref_snapshot(life->own);
    bool is = replica_check(&life->at_once, snapshot, message, sizeof message) &&
              replica_check(&life->later, snapshot, message, sizeof message);
    for (unsigned i = 0; i < SOAK_VOLUMES && is; i++) {
        uint64_t number = 0;
        is = contents_check(snapshot, soak_volume_names[i], &number, message, sizeof message) &&
             number == numbers[i] && life->told[i] == number;
    }
    cmr_snapshot_unref(snapshot);
    return is;
}

/* ---- a life */

void life_init(struct life *life, struct soak_shared *shared)
{
    pthread_rwlockattr_t attributes;
    life->shared = shared;
    life->reloader = NULL;
    pthread_rwlockattr_init(&attributes);
    pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&life->lock, &attributes);
    pthread_rwlockattr_destroy(&attributes);
}

static cmr_status subscribe(struct life *life, cmr_reloader *reloader)
{
    cmr_subscription_options all = CMR_SUBSCRIPTION_OPTIONS_INIT, later = all, number = all;
    all.initial = later.initial = number.initial = true;
    later.debounce_ms = DEBOUNCE_MS;
    number.type = CMR_TYPE_UINT64;
    cmr_status status = cmr_observe(reloader, on_event, life, NULL, NULL);
    if (status == CMR_OK)
        status = cmr_subscribe(reloader, "*:**", on_update, life, &all, NULL);
    if (status == CMR_OK)
        status = cmr_subscribe(reloader, "*:**", on_update_later, life, &later, NULL);
    if (status == CMR_OK)
        status = cmr_subscribe(reloader, "*:app.yaml#number", on_number, life, &number, NULL);
    return status;
}

static cmr_status open_reloader(struct life *life, cmr_reloader **ret_reloader)
{
    cmr_mount_options mounts[SOAK_VOLUMES] = { CMR_MOUNT_OPTIONS_INIT, CMR_MOUNT_OPTIONS_INIT };
    cmr_options options = CMR_OPTIONS_INIT;
    for (unsigned i = 0; i < SOAK_VOLUMES; i++) {
        mounts[i].name = soak_volume_names[i];
        mounts[i].kind = CMR_KIND_VOLUME;
        mounts[i].check_interval_ms = life->kind & LIFE_CHECKED ? CHECK_MS : -1;
    }
    options.mount = &mounts[0];
    options.background = life->kind & LIFE_BACKGROUND;
    options.log = log_line;
    options.log_user = life->shared;
    cmr_status status = cmr_open(life->paths[0], &options, ret_reloader);
    for (unsigned i = 1; i < SOAK_VOLUMES && status == CMR_OK; i++)
        status = cmr_reloader_add_mount(*ret_reloader, life->paths[i], &mounts[i]);
    return status;
}

static void forget(struct life *life)
{
    life->at_once = life->later = (struct replica){ .count = 0 };
    memset(life->told, 0, sizeof life->told);
    for (unsigned who = WITNESS_OBSERVER; who < WITNESSES; who++)
        for (unsigned i = 0; i < SOAK_VOLUMES; i++)
            life->shared->seen[who][i] = 0;
}

static void show(struct life *life, cmr_reloader *reloader)
{
    pthread_rwlock_wrlock(&life->lock);
    life->reloader = reloader;
    pthread_rwlock_unlock(&life->lock);
}

bool life_begin(struct life *life, unsigned kind)
{
    cmr_reloader *reloader = NULL;
    life->kind = kind;
    forget(life);
    cmr_status status = open_reloader(life, &reloader);
    if (status == CMR_OK)
        status = subscribe(life, reloader);
    life->own = reloader;
    if (status == CMR_OK && kind & LIFE_HELPER)
        status = cmr_reloader_start(reloader);
    if (status == CMR_OK) {
        show(life, reloader);
        return true;
    }
    if (status != CMR_ERR_SYSTEM)
        soak_violation(life->shared, VIOLATION_CALL, "no reloader: %s", cmr_strerror(status));
    cmr_reloader_free(reloader);
    return false;
}

void life_end(struct life *life)
{
    cmr_reloader_status status = CMR_RELOADER_STATUS_INIT;
    if (!life->reloader)
        return;
    show(life, NULL);
    if (cmr_reloader_get_status(life->own, &status) == CMR_OK) {
        life->shared->failures += status.reloads_failed;
        life->shared->retries += status.read_retries;
    }
    cmr_reloader_free(life->own);
}
