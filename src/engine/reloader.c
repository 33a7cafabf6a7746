/* SPDX-License-Identifier: MIT
 *
 * The reloader's life, and what may be asked of it at any time from any thread. */
#include "engine/reloader.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/options.h"
#include "engine/child.h"
#include "engine/helper.h"
#include "engine/loader.h"
#include "source/absolute.h"

static void init_registry(cmr_reloader *reloader, struct cmr__registry *registry)
{
    registry->guard = &reloader->guard;
    registry->lock = &reloader->lock;
    registry->returned = &reloader->returned;
    registry->dispatcher = &reloader->dispatcher;
    registry->dispatching = &reloader->dispatching;
    TAILQ_INIT(&registry->list);
    TAILQ_INIT(&registry->gone);
    TAILQ_INIT(&registry->cleared);
}

static cmr_status make(cmr_reloader **ret_reloader)
{
    cmr_reloader *reloader = calloc(1, sizeof *reloader);
    if (!reloader)
        return CMR_ERR_NO_MEMORY;
    reloader->loop = (struct cmr__loop)CMR__LOOP_INIT;
    reloader->inotify = (struct cmr__inotify)CMR__INOTIFY_INIT;
    atomic_init(&reloader->check_requested, false);
    atomic_init(&reloader->turning, false);
    pthread_mutex_init(&reloader->lock, NULL);
    pthread_cond_init(&reloader->returned, NULL);
    init_registry(reloader, &reloader->subscriptions);
    init_registry(reloader, &reloader->observers);
    init_registry(reloader, &reloader->bindings);
    init_registry(reloader, &reloader->followers);
    init_registry(reloader, &reloader->validators);
    reloader->nothing = cmr__snapshot_new(0, NULL, 0);
    cmr_status status = reloader->nothing ? cmr__fork_guard_set(&reloader->guard) : CMR_ERR_NO_MEMORY;
    if (status == CMR_OK)
        status = cmr__loop_open(&reloader->loop);
    if (status != CMR_OK) {
        cmr__reloader_destroy(reloader);
        return status;
    }
    reloader->nothing->loaded_at = 0;
    atomic_init(&reloader->current, cmr_snapshot_ref(reloader->nothing));
    *ret_reloader = reloader;
    return CMR_OK;
}

static void end_registrations(cmr_reloader *reloader)
{
    struct cmr__registry *const all[] = { &reloader->subscriptions, &reloader->observers, &reloader->bindings,
                                          &reloader->followers, &reloader->validators };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        cmr__registry_clear(all[i]);
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        cmr__registry_dispose(all[i]);
}

static void free_told(cmr_reloader *reloader)
{
    for (size_t i = 0; i < reloader->mount_count; i++)
        cmr_report_free(reloader->told[i].rejected);
    free(reloader->told);
}

void cmr__reloader_destroy(cmr_reloader *reloader)
{
    cmr__loader_free(reloader->loader);
    if (reloader->feed)
        reloader->feed->class->free(reloader->feed);
    end_registrations(reloader);
    free_told(reloader);
    for (size_t i = 0; i < reloader->mount_count; i++)
        cmr__mount_free(reloader->mounts[i], &reloader->inotify);
    free(reloader->mounts);
    free(reloader->state_dir);
    cmr_snapshot_unref(reloader->current);
    cmr_snapshot_unref(reloader->nothing);
    cmr__inotify_close(&reloader->inotify);
    cmr__loop_close(&reloader->loop);
    cmr__fork_guard_reset(&reloader->guard);
    pthread_cond_destroy(&reloader->returned);
    pthread_mutex_destroy(&reloader->lock);
    free(reloader);
}

static bool boot_is_valid(const cmr_options *options)
{
    bool last_good = options->boot == CMR_BOOT_LAST_GOOD || options->boot == CMR_BOOT_LAST_GOOD_OR_DEFAULTS;
    return options->boot >= CMR_BOOT_REFUSE && options->boot <= CMR_BOOT_LAST_GOOD_OR_DEFAULTS &&
           (options->state_dir ? options->state_dir[0] != '\0' : !last_good);
}

static cmr_status set_up(cmr_reloader *reloader, const cmr_options *options)
{
    cmr_status status = CMR_OK;
    reloader->log = (struct cmr__log){ options->log, options->log_user };
    reloader->boot = options->boot;
    if (options->state_dir)
        status = cmr__absolute_path(options->state_dir, &reloader->state_dir);
    if (status == CMR_OK && options->background && !(reloader->loader = cmr__loader_new(&reloader->loop)))
        status = CMR_ERR_NO_MEMORY;
    return status;
}

cmr_status cmr_open(const char *path, const cmr_options *options, cmr_reloader **ret_reloader)
{
    cmr_options ours;
    cmr_reloader *reloader;
    if (!path || !ret_reloader)
        return CMR_ERR_INVALID_ARGUMENT;
    cmr_status status = cmr__options_read(options, &ours, sizeof ours);
    if (status == CMR_OK && !boot_is_valid(&ours))
        status = CMR_ERR_INVALID_ARGUMENT;
    if (status == CMR_OK)
        status = make(&reloader);
    if (status != CMR_OK)
        return status;
    status = set_up(reloader, &ours);
    if (status == CMR_OK)
        status = cmr_reloader_add_mount(reloader, path, ours.mount);
    if (status != CMR_OK) {
        cmr__reloader_destroy(reloader);
        return status;
    }
    cmr__loop_wake(&reloader->loop);
    *ret_reloader = reloader;
    return CMR_OK;
}

static bool has_mount_locked(const cmr_reloader *reloader, const char *name)
{
    for (size_t i = 0; i < reloader->mount_count; i++)
        if (strcmp(reloader->mounts[i]->settings.name, name) == 0)
            return true;
    return false;
}

static cmr_status append_mount_locked(cmr_reloader *reloader, struct cmr__mount *mount)
{
    if (reloader->loading_begun)
        return CMR_ERR_BUSY;
    if (has_mount_locked(reloader, mount->settings.name) || (reloader->feed && mount->settings.secret))
        return CMR_ERR_INVALID_ARGUMENT;
    size_t count = reloader->mount_count + 1;
    struct cmr__mount **mounts = realloc(reloader->mounts, count * sizeof *mounts);
    if (!mounts)
        return CMR_ERR_NO_MEMORY;
    reloader->mounts = mounts;
    struct cmr__told *told = realloc(reloader->told, count * sizeof *told);
    if (!told)
        return CMR_ERR_NO_MEMORY;
    reloader->told = told;
    told[count - 1] = (struct cmr__told){ .status = CMR_MOUNT_STATUS_INIT };
    mounts[count - 1] = mount;
    reloader->mount_count = count;
    return CMR_OK;
}

cmr_status cmr_reloader_add_mount(cmr_reloader *reloader, const char *path, const cmr_mount_options *options)
{
    struct cmr__mount *mount;
    if (!reloader || !path || !path[0])
        return CMR_ERR_INVALID_ARGUMENT;
    if (cmr__reloader_is_forked(reloader))
        return CMR_ERR_FORKED;
    cmr_status status = cmr__mount_new(path, options, &mount);
    if (status != CMR_OK)
        return status;
    pthread_mutex_lock(&reloader->lock);
    status = append_mount_locked(reloader, mount);
    pthread_mutex_unlock(&reloader->lock);
    if (status != CMR_OK)
        cmr__mount_free(mount, NULL);
    return status;
}

void cmr_reloader_free(cmr_reloader *reloader)
{
    if (!reloader)
        return;
    if (cmr__reloader_is_forked(reloader)) {
        cmr__child_free(reloader);
        return;
    }
    pthread_mutex_lock(&reloader->lock);
    bool inside = reloader->dispatching && pthread_equal(reloader->dispatcher, pthread_self());
    reloader->freeing = true;
    if (inside) {
        reloader->freed_inside = true;
        cmr__helper_detach_locked(reloader);
    } else {
        cmr__loop_wake(&reloader->loop); /* one that waits */
    }
    pthread_cond_broadcast(&reloader->returned); /* the helper, if it is not in dispatch */
    while (!inside && reloader->dispatching)
        pthread_cond_wait(&reloader->returned, &reloader->lock);
    pthread_mutex_unlock(&reloader->lock);
    if (inside)
        return;
    cmr__helper_join(reloader);
    cmr__reloader_destroy(reloader);
}

int cmr_reloader_fd(const cmr_reloader *reloader)
{
    return cmr__reloader_is_forked(reloader) ? -1 : reloader->loop.epoll;
}

void cmr_reloader_wake(cmr_reloader *reloader)
{
    if (!cmr__reloader_is_forked(reloader))
        cmr__loop_wake(&reloader->loop);
}

void cmr_reloader_check_now(cmr_reloader *reloader)
{
    if (cmr__reloader_is_forked(reloader))
        return;
    atomic_store(&reloader->check_requested, true);
    cmr__loop_wake(&reloader->loop);
}

void cmr_reloader_hold(cmr_reloader *reloader)
{
    if (cmr__reloader_is_forked(reloader))
        return;
    pthread_mutex_lock(&reloader->lock);
    reloader->held++;
    pthread_mutex_unlock(&reloader->lock);
}

void cmr_reloader_release(cmr_reloader *reloader)
{
    if (cmr__reloader_is_forked(reloader))
        return;
    pthread_mutex_lock(&reloader->lock);
    bool last = reloader->held == 1;
    if (reloader->held)
        reloader->held--;
    pthread_mutex_unlock(&reloader->lock);
    if (last)
        cmr__loop_wake(&reloader->loop);
}

/* In a child it is what it was at the fork, whatever became of the lock. */
cmr_snapshot *cmr_reloader_ref_snapshot(cmr_reloader *reloader)
{
    if (cmr__reloader_is_forked(reloader))
        return cmr_snapshot_ref(reloader->current);
    pthread_mutex_lock(&reloader->lock);
    cmr_snapshot *snapshot = cmr_snapshot_ref(reloader->current);
    pthread_mutex_unlock(&reloader->lock);
    return snapshot;
}

cmr_reloader_status cmr__reloader_status_locked(const cmr_reloader *reloader)
{
    cmr_reloader_status status = CMR_RELOADER_STATUS_INIT;
    const cmr_snapshot *current = reloader->current;
    status.generation = current->generation;
    status.last_success = reloader->counters.last_success;
    status.reloads_applied = reloader->counters.applied;
    status.reloads_rejected = reloader->counters.rejected;
    status.reloads_failed = reloader->counters.failed;
    status.read_retries = reloader->counters.retries;
    status.subscriptions = reloader->subscriptions.count;
    status.held = reloader->held > 0;
    status.booted_from = reloader->booted_from;
    status.saves = reloader->counters.saves;
    status.saves_failed = reloader->counters.saves_failed;
    if (reloader->feed) {
        status.role = reloader->feed->role;
        status.publisher = reloader->feed->publisher;
    }
    return status;
}

cmr_status cmr_reloader_get_status(cmr_reloader *reloader, cmr_reloader_status *ret_status)
{
    if (!reloader || !ret_status)
        return CMR_ERR_INVALID_ARGUMENT;
    if (cmr__reloader_is_forked(reloader))
        return CMR_ERR_FORKED;
    pthread_mutex_lock(&reloader->lock);
    cmr_reloader_status status = cmr__reloader_status_locked(reloader);
    pthread_mutex_unlock(&reloader->lock);
    return cmr__options_write(&status, sizeof status, ret_status);
}

/* mount NULL: the first. NULL: there is none of that name. */
static const struct cmr__told *find_told_locked(const cmr_reloader *reloader, const char *mount)
{
    for (size_t i = 0; i < reloader->mount_count; i++)
        if (!mount || strcmp(reloader->mounts[i]->settings.name, mount) == 0)
            return &reloader->told[i];
    return NULL;
}

cmr_status cmr_reloader_get_mount_status(cmr_reloader *reloader, const char *mount,
                                         cmr_mount_status *ret_status)
{
    if (!reloader || !ret_status)
        return CMR_ERR_INVALID_ARGUMENT;
    if (cmr__reloader_is_forked(reloader))
        return CMR_ERR_FORKED;
    cmr_mount_status status;
    pthread_mutex_lock(&reloader->lock);
    const struct cmr__told *told = find_told_locked(reloader, mount);
    if (told)
        status = told->status;
    pthread_mutex_unlock(&reloader->lock);
    return told ? cmr__options_write(&status, sizeof status, ret_status) : CMR_ERR_NOT_FOUND;
}

cmr_status cmr_reloader_get_report(cmr_reloader *reloader, const char *mount, cmr_report **ret_report)
{
    if (!reloader || !ret_report)
        return CMR_ERR_INVALID_ARGUMENT;
    if (cmr__reloader_is_forked(reloader))
        return CMR_ERR_FORKED;
    cmr_report *report = NULL;
    pthread_mutex_lock(&reloader->lock);
    const struct cmr__told *told = find_told_locked(reloader, mount);
    bool is_rejected = told && told->is_rejected;
    if (is_rejected && told->rejected)
        report = cmr__report_copy(told->rejected);
    pthread_mutex_unlock(&reloader->lock);
    if (!told)
        return CMR_ERR_NOT_FOUND;
    if (is_rejected && !report)
        return CMR_ERR_NO_MEMORY;
    *ret_report = report;
    return CMR_OK;
}
