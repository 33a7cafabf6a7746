/* SPDX-License-Identifier: MIT
 *
 * The life of one reloader with all those who watch it: an observer, two replicas, one who wants numbers. The
 * daemon has one life after the other, of various kinds. */
#ifndef CMRELOAD_TESTS_SOAK_LIFE_H
#define CMRELOAD_TESTS_SOAK_LIFE_H

#include <pthread.h>

#include "soak/replica.h"
#include "soak/shared.h"

enum life_kind {
    LIFE_BACKGROUND = 1, /* loads on a thread */
    LIFE_HELPER = 2,     /* cmr_reloader_start dispatches */
    LIFE_CHECKED = 4,    /* a safety check every 200 ms; else none: by events alone */
    LIFE_WAITS = 8,      /* cmr_reloader_wait, not a loop of one's own */
    LIFE_KINDS = 16
};

struct life {
    struct soak_shared *shared;
    char paths[SOAK_VOLUMES][160]; /* what is followed */
    unsigned kind;
    cmr_reloader *own; /* for callbacks: as long as there are any */
    /* Written with the lock held for writing; whoever else uses the reloader holds it for reading. */
    cmr_reloader *reloader; /* the same for other threads; NULL: there is none */
    pthread_rwlock_t lock;
    struct replica at_once, later;
    uint64_t told[SOAK_VOLUMES]; /* who wants numbers */
};

void life_init(struct life *life, struct soak_shared *shared);

/* Begins one of that kind; false: there is no descriptor left. A life must not have begun. */
bool life_begin(struct life *life, unsigned kind);

/* Ends it; what it counted is added to what is shared. */
void life_end(struct life *life);

/* Whether that is what the current snapshot holds, and what everybody was told. For the dispatcher. */
bool life_is_at(struct life *life, const _Atomic uint64_t numbers[SOAK_VOLUMES]);

/* That snapshot is whole, and none of `who` was later: else it is a violation. Called by one thread for each
 * `who`. */
void life_witness(struct soak_shared *shared, enum witness who, const cmr_snapshot *snapshot);

#endif
