/* SPDX-License-Identifier: MIT
 *
 * A thread that no signal is delivered to: those are the main thread's. */
#ifndef CMRELOAD_TESTS_SOAK_THREAD_H
#define CMRELOAD_TESTS_SOAK_THREAD_H

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>

static inline bool thread_start(pthread_t *ret_thread, void *(*run)(void *user), void *user)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool started = pthread_create(ret_thread, NULL, run, user) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

#endif
