/* SPDX-License-Identifier: MIT
 *
 * What is published is compared with what was saved last: so of generations that come quickly after one
 * another the newest is saved, and what cannot be saved is simply still to be saved. It comes after the
 * callbacks, which it would keep waiting; and what a program does not survive is not saved.
 *
 * Nothing but the log and a counter tells of a failure. Saving is no part of a reload. */
#include "engine/saver.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "engine/loader.h"
#include "engine/saved.h"

#define FIRST_RETRY_MS 100
#define LAST_RETRY_MS 60000

struct save {
    struct cmr__job job;
    size_t mount;
    const char *state_dir; /* the reloader's, which waits for its jobs */
    cmr__part *part;
    cmr_status status;
    int error;
    cmr_volume_result result;
};

/* Parts that are shared are made anew with each generation, whatever has changed. */
static bool is_saved(const struct cmr__mount *mount, const cmr__part *part)
{
    return part == mount->saved || (mount->saved && strcmp(part->hash, mount->saved->hash) == 0 &&
                                    strcmp(part->target, mount->saved->target) == 0);
}

/* The part to be saved, or NULL. What stands in for a mount was never mounted, and has no target. */
static cmr__part *unsaved(const cmr_reloader *reloader, size_t number)
{
    const struct cmr__mount *mount = reloader->mounts[number];
    const cmr_snapshot *current = reloader->current;
    if (!reloader->state_dir || mount->settings.secret || mount->saving || number >= current->count)
        return NULL;
    cmr__part *part = current->parts[number];
    return is_saved(mount, part) || !part->target[0] ? NULL : part;
}

static void run(struct cmr__job *job)
{
    struct save *save = (struct save *)(void *)job;
    save->status = cmr__saved_write(save->state_dir, save->part, &save->result);
    save->error = errno;
}

static void free_save(struct cmr__job *job)
{
    struct save *save = (struct save *)(void *)job;
    cmr__part_unref(save->part);
    free(save);
}

static void count(cmr_reloader *reloader, uint64_t *counter)
{
    pthread_mutex_lock(&reloader->lock);
    ++*counter;
    pthread_mutex_unlock(&reloader->lock);
}

static void try_later(struct cmr__mount *mount, int64_t now)
{
    int64_t ms = FIRST_RETRY_MS;
    for (unsigned i = 0; i < mount->save_failures && ms < LAST_RETRY_MS; i++)
        ms *= 2;
    mount->save_failures++;
    mount->save_at = cmr__clock_after_ms(now, ms < LAST_RETRY_MS ? ms : LAST_RETRY_MS);
}

/* Another process that is saving there is no failure, but waited for all the same. */
static void fail(cmr_reloader *reloader, struct cmr__mount *mount, cmr_status status, const char *why,
                 int64_t now)
{
    bool told = mount->save_told || status == CMR_ERR_BUSY;
    cmr__log(&reloader->log, told ? CMR_LOG_DEBUG : CMR_LOG_WARN,
             "%s: cannot be saved in %s: %s; trying again", mount->settings.name, reloader->state_dir,
             why[0] ? why : cmr_strerror(status));
    if (status != CMR_ERR_BUSY) {
        mount->save_told = true;
        count(reloader, &reloader->counters.saves_failed);
    }
    try_later(mount, now);
}

static void succeed(cmr_reloader *reloader, struct save *save)
{
    struct cmr__mount *mount = reloader->mounts[save->mount];
    cmr__part_unref(mount->saved);
    mount->saved = CMR_TAKE(save->part);
    cmr__log(&reloader->log, mount->save_told ? CMR_LOG_INFO : CMR_LOG_DEBUG, "%s: saved as %s",
             mount->settings.name, save->result.generation);
    mount->save_told = false;
    mount->save_failures = 0;
    mount->save_at = 0;
    count(reloader, &reloader->counters.saves);
}

static void finish(struct cmr__job *job, cmr_reloader *reloader)
{
    struct save *save = (struct save *)(void *)job;
    struct cmr__mount *mount = reloader->mounts[save->mount];
    mount->saving = false;
    if (save->status == CMR_OK)
        succeed(reloader, save);
    else
        fail(reloader, mount, save->status, save->result.message, cmr__clock_now());
}

static void save_mount(cmr_reloader *reloader, size_t number, cmr__part *part, int64_t now)
{
    struct cmr__mount *mount = reloader->mounts[number];
    struct save *save = calloc(1, sizeof *save);
    if (!save) {
        fail(reloader, mount, CMR_ERR_NO_MEMORY, "", now);
        return;
    }
    save->job = (struct cmr__job){ .run = run, .finish = finish, .free = free_save };
    save->mount = number;
    save->state_dir = reloader->state_dir;
    save->part = cmr__part_ref(part);
    mount->saving = true;
    if (reloader->loader && !reloader->loads_here && cmr__loader_submit(reloader->loader, &save->job))
        return;
    run(&save->job);
    finish(&save->job, reloader);
    free_save(&save->job);
}

/* What was saved is the same as what is published now, and would keep the whole generation of its time. */
static void renew_saved(const cmr_reloader *reloader, size_t number)
{
    struct cmr__mount *mount = reloader->mounts[number];
    const cmr_snapshot *current = reloader->current;
    if (mount->saved && number < current->count && is_saved(mount, current->parts[number]))
        cmr__mount_set_saved(mount, current->parts[number]);
}

void cmr__save_mounts(cmr_reloader *reloader, int64_t now)
{
    for (size_t i = 0; i < reloader->mount_count; i++) {
        cmr__part *part = unsaved(reloader, i);
        renew_saved(reloader, i);
        if (part && reloader->mounts[i]->save_at <= now)
            save_mount(reloader, i, part, now);
    }
}

int64_t cmr__save_next(const cmr_reloader *reloader)
{
    int64_t next = CMR__NEVER;
    for (size_t i = 0; i < reloader->mount_count; i++)
        if (unsaved(reloader, i) && reloader->mounts[i]->save_at < next)
            next = reloader->mounts[i]->save_at;
    return next;
}
