/* SPDX-License-Identifier: MIT
 *
 * A child has its parent's memory as it was at the fork, and shares its descriptors: an event that it reads
 * is lost to the parent, a watch that it removes is the parent's. So it closes them, and asks the kernel for
 * nothing by them; after_fork opens its own.
 *
 * The child has one thread. What the parent's others were changing at the fork is half changed for ever, and
 * a lock that they held is held for ever. Whether that is so can be seen without waiting: a flag says that a
 * dispatch was under way, and trylock that the lock was held. Then nothing is touched but the loop, which
 * never changes as long as the reloader lives. */
#include "engine/child.h"

#include "base/cleanup.h"
#include "engine/loader.h"
#include "engine/look.h"

static bool is_dispatcher(const cmr_reloader *reloader)
{
    return reloader->turning && pthread_equal(reloader->dispatcher, pthread_self());
}

/* Whether no other thread was changing it at the fork. */
static bool is_whole(cmr_reloader *reloader)
{
    if (reloader->turning && !is_dispatcher(reloader))
        return false;
    if (pthread_mutex_trylock(&reloader->lock) != 0)
        return false;
    pthread_mutex_unlock(&reloader->lock);
    return true;
}

/* The threads that dispatched, helped, or waited for a callback are the parent's. */
static void forget_threads(cmr_reloader *reloader)
{
    reloader->dispatching = reloader->has_helper = false;
    pthread_mutex_init(&reloader->lock, NULL);
    pthread_cond_init(&reloader->returned, NULL);
    cmr__registry_disown(&reloader->subscriptions);
    cmr__registry_disown(&reloader->observers);
    cmr__registry_disown(&reloader->bindings);
    cmr__registry_disown(&reloader->followers);
    cmr__registry_disown(&reloader->validators);
}

static void forget_watches(cmr_reloader *reloader)
{
    cmr__inotify_close(&reloader->inotify);
    for (size_t i = 0; i < reloader->mount_count; i++)
        cmr__mount_disown(reloader->mounts[i]);
}

static cmr_status renew(cmr_reloader *reloader)
{
    struct cmr__loader *loader = NULL;
    if (reloader->loader && !(loader = cmr__loader_new(&reloader->loop)))
        return CMR_ERR_NO_MEMORY;
    cmr_status status = cmr__loop_renew(&reloader->loop);
    if (status != CMR_OK) {
        cmr__loader_free(loader);
        return status;
    }
    cmr__loader_disown(reloader->loader);
    reloader->loader = loader;
    forget_threads(reloader);
    forget_watches(reloader);
    cmr__fork_guard_adopt(&reloader->guard);
    if (reloader->feed)
        reloader->feed->class->renew(reloader->feed);
    for (size_t i = 0; i < reloader->mount_count; i++)
        cmr__look_lock_again(reloader, i);
    cmr__loop_wake(&reloader->loop);
    return CMR_OK;
}

cmr_status cmr_reloader_after_fork(cmr_reloader *reloader)
{
    if (!reloader)
        return CMR_ERR_INVALID_ARGUMENT;
    if (!cmr__reloader_is_forked(reloader))
        return CMR_OK;
    if (is_dispatcher(reloader) || reloader->freeing || !is_whole(reloader))
        return CMR_ERR_BUSY;
    return renew(reloader);
}

static void destroy(cmr_reloader *reloader)
{
    forget_threads(reloader);
    forget_watches(reloader);
    cmr__loader_disown(CMR_TAKE(reloader->loader));
    cmr__loop_close(
        &reloader->loop); /* first: what is taken out of it would be taken out of the parent's, too */
    cmr__reloader_destroy(reloader);
}

void cmr__child_free(cmr_reloader *reloader)
{
    if (!is_whole(reloader)) {
        cmr__loop_close(&reloader->loop);
    } else if (is_dispatcher(reloader)) {
        reloader->freeing = reloader->freed_inside = true;
    } else {
        destroy(reloader);
    }
}

cmr_status cmr__child_end_dispatch(cmr_reloader *reloader)
{
    reloader->turning = reloader->dispatching = false;
    if (!reloader->freed_inside)
        return CMR_ERR_FORKED;
    destroy(reloader);
    return CMR_ERR_CLOSED;
}
