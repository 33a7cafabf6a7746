/* SPDX-License-Identifier: MIT
 *
 * The library's threads, which it starts only when asked to. */
#ifndef CMRELOAD_ENGINE_THREAD_H
#define CMRELOAD_ENGINE_THREAD_H

#include <pthread.h>

#include "cmreload/cmreload.h"

/* Starts a thread that blocks all signals, so that the application's handlers go on running on its own.
 * CMR_ERR_SYSTEM: errno. */
cmr_status cmr__thread_start(void *(*run)(void *argument), void *argument, pthread_t *ret_thread);

#endif
