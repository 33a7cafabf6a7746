/* SPDX-License-Identifier: MIT
 *
 * The helper is a loop over cmr_reloader_wait, and has no other way into the reloader than applications have.
 * It ends when the reloader does: either another thread frees it, and joins the helper first; or a callback
 * on the helper frees it, and then wait returns CMR_ERR_CLOSED when all is gone. */
#include "engine/helper.h"

#include <time.h>

#include "engine/thread.h"

/* Another thread was first; it may be in a callback, or waiting. */
static void await_place(cmr_reloader *reloader)
{
    pthread_mutex_lock(&reloader->lock);
    while (reloader->dispatching && !reloader->freeing)
        pthread_cond_wait(&reloader->returned, &reloader->lock);
    pthread_mutex_unlock(&reloader->lock);
}

/* The kernel has no memory for poll at the moment. */
static void pause_a_while(void)
{
    const struct timespec tenth = { .tv_nsec = 100000000 };
    nanosleep(&tenth, NULL);
}

static void *run(void *argument)
{
    cmr_reloader *reloader = argument;
    for (;;) {
        switch (cmr_reloader_wait(reloader, -1)) {
        case CMR_ERR_CLOSED:
        case CMR_ERR_FORKED: /* in a callback: a child that is nothing but this thread */
            return NULL;
        case CMR_ERR_BUSY:
            await_place(reloader);
            break;
        case CMR_OK:
        case CMR_ERR_TIMEOUT:
        case CMR_ERR_INTERRUPTED:
            break;
        default:
            pause_a_while();
        }
    }
}

cmr_status cmr_reloader_start(cmr_reloader *reloader)
{
    if (!reloader)
        return CMR_ERR_INVALID_ARGUMENT;
    if (cmr__reloader_is_forked(reloader))
        return CMR_ERR_FORKED;
    pthread_mutex_lock(&reloader->lock);
    cmr_status status = reloader->has_helper ? CMR_ERR_BUSY : reloader->freeing ? CMR_ERR_CLOSED : CMR_OK;
    if (status == CMR_OK)
        status = cmr__thread_start(run, reloader, &reloader->helper);
    reloader->has_helper |= status == CMR_OK;
    pthread_mutex_unlock(&reloader->lock);
    return status;
}

void cmr__helper_join(cmr_reloader *reloader)
{
    pthread_mutex_lock(&reloader->lock);
    bool join = reloader->has_helper;
    reloader->has_helper = false;
    pthread_mutex_unlock(&reloader->lock);
    if (join)
        pthread_join(reloader->helper, NULL);
}

bool cmr__helper_is_other_locked(const cmr_reloader *reloader)
{
    return reloader->has_helper && !pthread_equal(reloader->helper, pthread_self());
}

void cmr__helper_detach_locked(cmr_reloader *reloader)
{
    if (!reloader->has_helper || cmr__helper_is_other_locked(reloader))
        return;
    pthread_detach(reloader->helper);
    reloader->has_helper = false;
}
