/* SPDX-License-Identifier: MIT
 *
 * What was saved, or nothing at all, takes the places of the mounts that are bad or not there, and is
 * published as if it had been loaded from them: whoever may refuse a generation may refuse this one.
 *
 * Which mount is at fault is not always known: a value that does not convert is told when the last mount
 * comes, and rejects that one. So if what is saved of the bad mounts does not go with the others, all are
 * taken from what is saved, since that went together once. */
#include "engine/boot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "engine/look.h"
#include "engine/observer.h"
#include "engine/saved.h"
#include "engine/stand_in.h"

/* One each mount. */
struct seat {
    bool bad;
    cmr__part *loaded;    /* what the mount has of its own, or NULL; counted */
    cmr__part *saved;     /* NULL: nothing that can be used; counted */
    cmr__part *nothing;   /* an empty one; counted */
    cmr_boot_source from; /* who sits there at this try */
};

static bool wants_saved(const cmr_reloader *reloader)
{
    return reloader->boot == CMR_BOOT_LAST_GOOD || reloader->boot == CMR_BOOT_LAST_GOOD_OR_DEFAULTS;
}

static bool wants_defaults(const cmr_reloader *reloader)
{
    return reloader->boot == CMR_BOOT_DEFAULTS || reloader->boot == CMR_BOOT_LAST_GOOD_OR_DEFAULTS;
}

/* ---- who may sit where */

static void tell_unusable(cmr_reloader *reloader, const char *mount, cmr_status status, cmr_report *report)
{
    cmr__log(&reloader->log, CMR_LOG_ERROR, "%s: what is saved in %s cannot be started with: %s", mount,
             reloader->state_dir,
             status == CMR_ERR_NOT_FOUND ? "nothing is"
             : status == CMR_ERR_SYSTEM  ? strerror(errno)
                                         : cmr_strerror(status));
    cmr__report_finish(report);
    cmr__observers_log(reloader, mount, false, report);
}

static cmr_status read_saved(cmr_reloader *reloader, size_t number, struct seat *seat)
{
    const struct cmr__settings *settings = &reloader->mounts[number]->settings;
    cmr_cleanup(cmr__report_free_place) cmr_report *report = cmr__report_new();
    if (!report)
        return CMR_ERR_NO_MEMORY;
    if (settings->secret) {
        cmr__log(&reloader->log, CMR_LOG_ERROR, "%s: a secret, of which nothing is saved to start with",
                 settings->name);
        return CMR_OK;
    }
    cmr_status status = cmr__saved_read(reloader->state_dir, settings, report, &seat->saved);
    if (status == CMR_ERR_NO_MEMORY)
        return status;
    if (status != CMR_OK)
        tell_unusable(reloader, settings->name, status, report);
    return CMR_OK;
}

static cmr_status make_nothing(const struct cmr__mount *mount, struct seat *seat)
{
    cmr_cleanup(cmr__load_free_place) struct cmr__load *load = NULL;
    cmr_status status = cmr__stand_in_new(mount, &load);
    if (status == CMR_OK)
        seat->nothing = CMR_TAKE(load->part);
    return status;
}

static cmr_status fill(cmr_reloader *reloader, struct seat *seats)
{
    cmr_status status = CMR_OK;
    for (size_t i = 0; i < reloader->mount_count && status == CMR_OK; i++) {
        const struct cmr__mount *mount = reloader->mounts[i];
        seats[i].bad = !mount->part || mount->rejected;
        seats[i].loaded = mount->part ? cmr__part_ref(mount->part) : NULL;
        if (seats[i].bad && wants_saved(reloader))
            status = read_saved(reloader, i, &seats[i]);
        if (seats[i].bad && status == CMR_OK && wants_defaults(reloader))
            status = make_nothing(mount, &seats[i]);
    }
    return status;
}

static void clear(cmr_reloader *reloader, struct seat *seats)
{
    for (size_t i = 0; i < reloader->mount_count; i++) {
        cmr__part_unref(seats[i].loaded);
        cmr__part_unref(seats[i].saved);
        cmr__part_unref(seats[i].nothing);
    }
    free(seats);
}

/* ---- a try */

static cmr__part *sitting(const struct seat *seat)
{
    return seat->from == CMR_BOOTED_MOUNT       ? seat->loaded
           : seat->from == CMR_BOOTED_LAST_GOOD ? seat->saved
                                                : seat->nothing;
}

/* False: somebody is missing. */
static bool sit_down(cmr_reloader *reloader, const struct seat *seats)
{
    for (size_t i = 0; i < reloader->mount_count; i++)
        if (!sitting(&seats[i]))
            return false;
    for (size_t i = 0; i < reloader->mount_count; i++)
        cmr__mount_boot(reloader->mounts[i], sitting(&seats[i]), seats[i].from);
    return true;
}

static void stand_up(cmr_reloader *reloader, const struct seat *seats)
{
    for (size_t i = 0; i < reloader->mount_count; i++)
        cmr__mount_boot(reloader->mounts[i], seats[i].loaded, CMR_BOOTED_MOUNT);
}

static cmr_boot_source furthest(const cmr_reloader *reloader, const struct seat *seats, size_t *ret_mount)
{
    cmr_boot_source from = CMR_BOOTED_MOUNT;
    for (size_t i = 0; i < reloader->mount_count; i++) {
        if (seats[i].from > from) {
            from = seats[i].from;
            *ret_mount = i;
        }
    }
    return from;
}

static void tell_refused(cmr_reloader *reloader, const char *mount, cmr_boot_source from, cmr_report *report)
{
    cmr__log(&reloader->log, CMR_LOG_ERROR, "%s: %s cannot be started with: refused", mount,
             from == CMR_BOOTED_DEFAULTS ? "defaults" : "what is saved");
    cmr__report_finish(report);
    cmr__observers_log(reloader, mount, false, report);
}

/* CMR_ERR_NOT_FOUND: somebody is missing. Else as cmr__publish. */
static cmr_status try(cmr_reloader *reloader, const struct seat *seats)
{
    size_t number = 0;
    cmr_boot_source from = furthest(reloader, seats, &number);
    cmr_cleanup(cmr__report_free_place) cmr_report *report = cmr__report_new();
    if (!report)
        return CMR_ERR_NO_MEMORY;
    if (!sit_down(reloader, seats))
        return CMR_ERR_NOT_FOUND;
    cmr_status status = cmr__look_publish(reloader, number, from, report);
    if (status == CMR_OK)
        return CMR_OK;
    stand_up(reloader, seats);
    if (status == CMR_ERR_REJECTED)
        tell_refused(reloader, reloader->mounts[number]->settings.name, from, report);
    return status;
}

/* ---- the tries, in their order */

static cmr_status try_saved(cmr_reloader *reloader, struct seat *seats)
{
    for (size_t i = 0; i < reloader->mount_count; i++)
        seats[i].from = !seats[i].bad    ? CMR_BOOTED_MOUNT
                        : seats[i].saved ? CMR_BOOTED_LAST_GOOD
                                         : CMR_BOOTED_DEFAULTS;
    return try(reloader, seats);
}

static cmr_status try_all_saved(cmr_reloader *reloader, struct seat *seats)
{
    cmr_status status = CMR_OK;
    bool more = false;
    for (size_t i = 0; i < reloader->mount_count && status == CMR_OK; i++) {
        if (seats[i].bad || reloader->mounts[i]->settings.secret ||
            cmr__stand_in_is_there(reloader->mounts[i]))
            continue;
        status = read_saved(reloader, i, &seats[i]);
        if (seats[i].saved)
            seats[i].from = CMR_BOOTED_LAST_GOOD;
        more |= seats[i].saved != NULL;
    }
    if (status != CMR_OK)
        return status;
    return more ? try(reloader, seats) : CMR_ERR_REJECTED;
}

static cmr_status try_defaults(cmr_reloader *reloader, struct seat *seats)
{
    for (size_t i = 0; i < reloader->mount_count; i++)
        seats[i].from = seats[i].bad ? CMR_BOOTED_DEFAULTS : CMR_BOOTED_MOUNT;
    return try(reloader, seats);
}

static cmr_status try_in_order(cmr_reloader *reloader, struct seat *seats)
{
    cmr_status status = fill(reloader, seats);
    if (status != CMR_OK)
        return status;
    if (wants_saved(reloader)) {
        status = try_saved(reloader, seats);
        if (status == CMR_ERR_REJECTED)
            status = try_all_saved(reloader, seats);
    } else {
        status = CMR_ERR_NOT_FOUND;
    }
    if (wants_defaults(reloader) && (status == CMR_ERR_REJECTED || status == CMR_ERR_NOT_FOUND))
        status = try_defaults(reloader, seats);
    return status;
}

/* ---- afterwards */

static void tell_source(cmr_reloader *reloader, const struct cmr__mount *mount, const struct seat *seat)
{
    const char *why = mount->rejected ? "what is mounted is bad"
                      : seat->loaded  ? "what is mounted does not go with the other mounts"
                                      : mount->message;
    if (seat->from == CMR_BOOTED_LAST_GOOD)
        cmr__log(&reloader->log, CMR_LOG_WARN, "%s: started with the last good generation, saved as %s: %s",
                 mount->settings.name, mount->part->target, why);
    else if (seat->from == CMR_BOOTED_DEFAULTS)
        cmr__log(&reloader->log, CMR_LOG_WARN, "%s: started with defaults: %s", mount->settings.name, why);
}

/* What could be parsed may have been refused for another mount's sake, and may go with what is published
 * now. */
static void settle(cmr_reloader *reloader, const struct seat *seats)
{
    for (size_t i = 0; i < reloader->mount_count; i++) {
        struct cmr__mount *mount = reloader->mounts[i];
        if (seats[i].from == CMR_BOOTED_LAST_GOOD)
            cmr__mount_set_saved(mount, seats[i].saved);
        if (seats[i].from != CMR_BOOTED_MOUNT && seats[i].loaded && reloader->mount_count > 1)
            cmr__mount_reconsider(mount);
    }
}

static void start(cmr_reloader *reloader, const struct seat *seats)
{
    for (size_t i = 0; i < reloader->mount_count; i++)
        tell_source(reloader, reloader->mounts[i], &seats[i]);
    settle(reloader, seats);
}

static bool is_stopped(cmr_reloader *reloader)
{
    pthread_mutex_lock(&reloader->lock);
    bool stopped = cmr__reloader_is_stopped_locked(reloader);
    pthread_mutex_unlock(&reloader->lock);
    return stopped;
}

bool cmr__boot(cmr_reloader *reloader)
{
    int error = errno;
    if (reloader->boot == CMR_BOOT_REFUSE || is_stopped(reloader) || !cmr__reloader_follows(reloader))
        return false;
    struct seat *seats = calloc(reloader->mount_count, sizeof *seats);
    cmr_status status = seats ? try_in_order(reloader, seats) : CMR_ERR_NO_MEMORY;
    if (status == CMR_OK)
        start(reloader, seats);
    else if (status == CMR_ERR_NO_MEMORY)
        cmr__log(&reloader->log, CMR_LOG_ERROR, "no memory to start by the boot policy");
    if (seats)
        clear(reloader, seats);
    errno = error;
    return status == CMR_OK;
}
