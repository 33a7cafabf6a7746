/* SPDX-License-Identifier: MIT
 *
 * The loader: a thread that runs jobs, loads above all, one after the other, for a reloader that is not to be
 * stalled by them. Its functions are for the thread that dispatches. */
#ifndef CMRELOAD_ENGINE_LOADER_H
#define CMRELOAD_ENGINE_LOADER_H

#include "engine/job.h"
#include "watch/loop.h"

struct cmr__loader;

/* The thread is started with the first job, since a daemon may fork after opening. It wakes the loop. NULL:
 * out of memory. */
struct cmr__loader *cmr__loader_new(const struct cmr__loop *loop);

/* Waits for the job that runs, and drops all others. */
void cmr__loader_free(struct cmr__loader *loader);

/* In a forked child, where there is no such thread: frees what is certain not to be in the middle of a
 * change. What was being loaded stays allocated, and its files open until exec. */
void cmr__loader_disown(struct cmr__loader *loader);

/* Takes the job over. False: no thread can be had; it remains the caller's. */
bool cmr__loader_submit(struct cmr__loader *loader, struct cmr__job *job);

/* One that is done, the caller's; NULL: none. */
struct cmr__job *cmr__loader_collect(struct cmr__loader *loader);

#endif
