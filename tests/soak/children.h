/* SPDX-License-Identifier: MIT
 *
 * Forked children of the daemon, and what they do with its reloader. */
#ifndef CMRELOAD_TESTS_SOAK_CHILDREN_H
#define CMRELOAD_TESTS_SOAK_CHILDREN_H

#include "soak/life.h"

#define CHILDREN_WAYS 6

/* Forks one that goes the way of that number. */
void children_start(struct life *life, uint64_t way);

/* Until all have ended; one that a signal ended is a violation. Those that follow end when they have arrived
 * at the last generations. */
void children_await(struct soak_shared *shared);

#endif
