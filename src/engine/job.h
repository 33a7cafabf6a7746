/* SPDX-License-Identifier: MIT
 *
 * A job: work for a mount that may be done on the loader's thread. It is the first member of what it is
 * about, and owns or counts all that it works on. */
#ifndef CMRELOAD_ENGINE_JOB_H
#define CMRELOAD_ENGINE_JOB_H

#include "cmreload/cmreload.h"

struct cmr__job {
    void (*run)(struct cmr__job *job);                            /* on any thread */
    void (*finish)(struct cmr__job *job, cmr_reloader *reloader); /* afterwards, on the one that dispatches */
    void (*free)(struct cmr__job *job);                           /* whether it was run or not */
    struct cmr__job *next;
};

#endif
