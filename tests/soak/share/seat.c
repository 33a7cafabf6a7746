/* SPDX-License-Identifier: MIT
 *
 * Each publication is judged in the process that gets it: the files and values are one whole good generation
 * of each volume, none older than the one before; what the subscriber was told adds up to it; and whoever
 * else has had that number, has had the same. */
#include "soak/share/seat.h"

#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "soak/contents.h"
#include "soak/replica.h"
#include "soak/shared.h"

#define LOAD_MS 30000
#define TURN_MS 200

struct sitter {
    const struct seating *seating;
    struct common *common;
    struct seat *seat;
    unsigned number;
    cmr_reloader *reloader;
    struct replica replica;
    struct holding holding;
    uint64_t generation;
};

uint64_t holding_pack(const struct holding *holding)
{
    return holding->of[0] << 32 | holding->of[1];
}

void violate(struct common *common, const char *format, ...)
{
    va_list arguments;
    char message[sizeof common->violation];
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    if (atomic_fetch_add(&common->violations, 1) != 0)
        return;
    memcpy(common->violation, message, sizeof message);
    common->violated = true;
}

static void wrong(const struct sitter *sitter, const char *what)
{
    violate(sitter->common, "seat %u, process %d, %s, generation %" PRIu64 ": %s", sitter->number,
            (int)getpid(), cmr_role_name((cmr_role)sitter->seat->role), sitter->generation, what);
}

static bool read_holding(struct sitter *sitter, const cmr_snapshot *snapshot, struct holding *ret_holding)
{
    char message[256];
    for (unsigned i = 0; i < VOLUMES; i++) {
        uint64_t number;
        if (!contents_check(snapshot, soak_volume_names[i], &number, message, sizeof message)) {
            wrong(sitter, message);
            return false;
        }
        ret_holding->of[i] = number - CONTENTS_FIRST;
    }
    return true;
}

/* A number stands for one content, for whoever sees it. */
static void compare_with_others(struct sitter *sitter, uint64_t packed)
{
    uint64_t other = 0;
    char message[128];
    if (sitter->generation >= MOST_GENERATIONS) {
        wrong(sitter, "too many generations to keep account of");
        return;
    }
    if (atomic_compare_exchange_strong(&sitter->common->seen[sitter->generation], &other, packed) ||
        other == packed)
        return;
    snprintf(message, sizeof message, "holds %" PRIx64 " here, and %" PRIx64 " in another process", packed,
             other);
    wrong(sitter, message);
}

static void judge(struct sitter *sitter, const cmr_snapshot *snapshot)
{
    struct holding holding;
    uint64_t before = sitter->generation;
    sitter->generation = cmr_snapshot_generation(snapshot);
    if (sitter->generation <= before)
        wrong(sitter, "its number is not above the one before");
    if (!read_holding(sitter, snapshot, &holding))
        return;
    for (unsigned i = 0; i < VOLUMES; i++) {
        if (holding.of[i] < sitter->holding.of[i])
            wrong(sitter, "a content that is older than the one before");
    }
    sitter->holding = holding;
    compare_with_others(sitter, holding_pack(&holding));
    sitter->seat->generation = sitter->generation;
    for (uint64_t newest = sitter->common->newest; newest < sitter->generation;)
        if (atomic_compare_exchange_weak(&sitter->common->newest, &newest, sitter->generation))
            break;
    sitter->seat->holding = holding_pack(&holding);
    sitter->common->judged++;
}

static void on_event(void *user, const cmr_event *event)
{
    struct sitter *sitter = user;
    if (event->kind == CMR_EVENT_REJECTED)
        sitter->common->rejected++;
    if (event->kind != CMR_EVENT_READY && event->kind != CMR_EVENT_APPLIED)
        return;
    cmr_snapshot *snapshot = cmr_reloader_ref_snapshot(sitter->reloader);
    judge(sitter, snapshot);
    cmr_snapshot_unref(snapshot);
}

static void on_update(void *user, const cmr_update *update)
{
    struct sitter *sitter = user;
    char message[256];
    if (!replica_change(&sitter->replica, update, message, sizeof message) ||
        !replica_check(&sitter->replica, cmr_update_after(update), message, sizeof message))
        wrong(sitter, message);
}

static cmr_status open_reloader(struct sitter *sitter)
{
    cmr_options options = CMR_OPTIONS_INIT;
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    cmr_subscription_options all = CMR_SUBSCRIPTION_OPTIONS_INIT;
    options.background = sitter->number % 2 == 1;
    options.mount = &mount;
    mount.check_interval_ms = -1; /* by events alone */
    mount.name = soak_volume_names[0];
    all.initial = true;
    cmr_status status = cmr_open(sitter->seating->paths[0], &options, &sitter->reloader);
    mount.name = soak_volume_names[1];
    if (status == CMR_OK)
        status = cmr_reloader_add_mount(sitter->reloader, sitter->seating->paths[1], &mount);
    if (status == CMR_OK)
        status = cmr_observe(sitter->reloader, on_event, sitter, NULL, NULL);
    if (status == CMR_OK)
        status = cmr_subscribe(sitter->reloader, "*:**", on_update, sitter, &all, NULL);
    return status == CMR_OK ? cmr_reloader_join(sitter->reloader, sitter->seating->share) : status;
}

static void beat(struct sitter *sitter)
{
    cmr_reloader_status status = CMR_RELOADER_STATUS_INIT;
    if (cmr_reloader_get_status(sitter->reloader, &status) == CMR_OK)
        sitter->seat->role = (int)status.role;
    sitter->seat->beat = cmr__clock_now();
}

/* Whatever is mounted, and whoever is killed: there is a good generation, so a load succeeds; and it brings
 * none that is older than what anybody had before. */
static cmr_status load(struct sitter *sitter)
{
    int64_t begun = cmr__clock_now();
    uint64_t newest = sitter->common->newest;
    cmr_status status = cmr_reloader_load(sitter->reloader, LOAD_MS);
    if (status == CMR_OK && sitter->generation < newest)
        wrong(sitter, "it began with a generation that others had left behind");
    sitter->common->loads++;
    if (cmr__clock_now() - begun > INT64_C(1000000000))
        sitter->common->late++;
    return status;
}

void seat_take(const struct seating *seating, unsigned number)
{
    static struct sitter sitter;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sitter.seating = seating;
    sitter.common = seating->common;
    sitter.seat = &seating->common->seats[number];
    sitter.number = number;
    cmr_status status = open_reloader(&sitter);
    if (status == CMR_OK)
        status = load(&sitter);
    while (status == CMR_OK && !sitter.seat->leave) {
        beat(&sitter);
        status = cmr_reloader_wait(sitter.reloader, TURN_MS);
        if (status == CMR_ERR_TIMEOUT)
            status = CMR_OK;
    }
    if (status != CMR_OK)
        wrong(&sitter, cmr_strerror(status));
    cmr_reloader_free(sitter.reloader);
    cmr_share_free(seating->share);
    _exit(0);
}
