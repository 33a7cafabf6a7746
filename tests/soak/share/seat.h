/* SPDX-License-Identifier: MIT
 *
 * A seat: a process of those that share, which judges all that it is given. Whoever dies is followed by
 * another in the same seat. What they know of each other lies in memory that all processes share. */
#ifndef CMRELOAD_TESTS_SOAK_SHARE_SEAT_H
#define CMRELOAD_TESTS_SOAK_SHARE_SEAT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "cmreload/cmreload.h"

#define SEATS 8
#define VOLUMES 2
#define MOST_GENERATIONS (1U << 20)

/* What the volumes hold, each as a number from 1 up; 0: nothing. */
struct holding {
    uint64_t of[VOLUMES];
};

struct common {
    struct seat {
        _Atomic int64_t beat; /* when it was last seen to go on, on cmr__clock_now */
        atomic_int role;
        _Atomic uint64_t generation, holding;
        atomic_bool leave; /* it is asked to end by itself */
    } seats[SEATS];
    /* What was seen of each generation's number by anybody: the holding, packed. */
    _Atomic uint64_t seen[MOST_GENERATIONS];
    atomic_ulong judged, rejected, swaps, bad, loads, late; /* late: loads that took more than a second */
    _Atomic uint64_t newest;                                /* generation that anybody has published */
    _Atomic uint64_t last;                                  /* the last holding, when the writer has ended */
    atomic_bool rest;                                       /* asks the writer to end */
    atomic_ulong violations;
    atomic_bool violated; /* the first of them is to be read */
    char violation[512];
};

uint64_t holding_pack(const struct holding *holding);

/* Something was seen that must not be. */
void violate(struct common *common, const char *format, ...) __attribute__((format(printf, 2, 3)));

struct seating {
    struct common *common;
    cmr_share *share;
    const char *paths[VOLUMES];
};

/* Takes part until it is asked to leave; ends with 0 then. */
void seat_take(const struct seating *seating, unsigned number) __attribute__((noreturn));

#endif
