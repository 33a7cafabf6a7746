/* SPDX-License-Identifier: MIT
 *
 * Threads that subscribe and end their subscriptions again, whatever the dispatcher is at. */
#ifndef CMRELOAD_TESTS_SOAK_GUESTS_H
#define CMRELOAD_TESTS_SOAK_GUESTS_H

#include "soak/life.h"

#define GUESTS_MOST 3

struct guests {
    struct life *life;
    unsigned count;
    atomic_bool leave;
    struct guest {
        struct guests *all;
        pthread_t thread;
        unsigned number;
        cmr_subscription *subscription;
        atomic_bool is_here; /* between subscribe and the end of unsubscribe */
        atomic_uint destroyed;
    } each[GUESTS_MOST];
};

/* False: there is no thread left. At most GUESTS_MOST. */
bool guests_start(struct guests *guests, struct life *life, unsigned count);

/* They are gone when it returns. */
void guests_stop(struct guests *guests);

#endif
