/* SPDX-License-Identifier: MIT
 *
 * What the processes of a soak share: the one that makes the faults and writes, the daemon that follows, and
 * children of both. */
#ifndef CMRELOAD_TESTS_SOAK_SHARED_H
#define CMRELOAD_TESTS_SOAK_SHARED_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define SOAK_VOLUMES 2
#define SOAK_LOG_LINES 48
#define SOAK_STATES 5 /* of cmr_mount_state */

/* Who in the daemon knows of generations. */
enum witness {
    WITNESS_READER,   /* the thread that reads snapshots */
    WITNESS_OBSERVER, /* what events tell of */
    WITNESS_TOLD,     /* who is told of each change at once */
    WITNESS_LATER,    /* the same with a debounce */
    WITNESS_TYPED,    /* who wants a number */
    WITNESSES
};

/* What must never be. */
enum violation {
    VIOLATION_MIXED, /* a snapshot that is no whole generation of each volume */
    VIOLATION_BACK,  /* a generation after a later one */
    VIOLATION_TOLD,  /* changes that do not add up, or callbacks after their end */
    VIOLATION_CALL,  /* calls that fail */
    VIOLATIONS
};

struct soak_shared {
    /* The daemon's. */
    _Atomic uint64_t seen[WITNESSES][SOAK_VOLUMES]; /* the last generation's number, as each knows it */
    atomic_int states[SOAK_VOLUMES];                /* cmr_mount_state */
    atomic_ulong reads, checks, updates;            /* by the reader; of snapshots in all; callbacks */
    atomic_ulong publications, rejections, failures, retries;
    atomic_ulong states_told[SOAK_STATES];
    atomic_ulong workers; /* forked children that made the reloader their own, and arrived */
    atomic_ulong guests;  /* subscriptions of threads that came and went */
    atomic_ulong violations[VIOLATIONS];
    atomic_bool violated;
    char violation[512]; /* the first of them */
    atomic_uint logged;
    char log[SOAK_LOG_LINES][224]; /* the library's last words */

    /* The writers'. */
    _Atomic uint64_t wanted[SOAK_VOLUMES]; /* the last generations of this round; 0: not written yet */
    atomic_ulong swaps, no_room;
    atomic_bool rest; /* asks a child that writes to end */
};

extern const char *const soak_volume_names[SOAK_VOLUMES]; /* of volumes, and of mounts */

/* Something was seen that must not be. The first message is kept. */
void soak_violation(struct soak_shared *shared, enum violation kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
