/* SPDX-License-Identifier: MIT
 *
 * Signals are blocked before the thread begins and given back to the caller afterwards: a new thread inherits
 * its creator's mask, so there is no moment at which it could receive one. */
#include "engine/thread.h"

#include <errno.h>
#include <signal.h>

cmr_status cmr__thread_start(void *(*run)(void *argument), void *argument, pthread_t *ret_thread)
{
    sigset_t all, before;
    pthread_t thread;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&thread, NULL, run, argument);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error) {
        errno = error;
        return CMR_ERR_SYSTEM;
    }
    *ret_thread = thread;
    return CMR_OK;
}
