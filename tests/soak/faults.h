/* SPDX-License-Identifier: MIT
 *
 * The faults: what may befall a volume, and what may befall the process that follows it. */
#ifndef CMRELOAD_TESTS_SOAK_FAULTS_H
#define CMRELOAD_TESTS_SOAK_FAULTS_H

#include "soak/chance.h"
#include "soak/daemon.h"
#include "soak/life.h"

/* Where faults are made. */
struct scene {
    struct chance chance;
    struct place place;
    struct pod pods[SOAK_VOLUMES];
    const struct pod *busy; /* a child writes it: it is not to be touched; or NULL */
    struct daemon daemon;
    struct soak_shared *shared;
    unsigned kind;  /* of the daemon's life */
    bool is_quiet;  /* something changed of which no event tells: only a safety check can see it */
    char wrong[96]; /* what a fault found the daemon to do that it must not; "": nothing */
};

struct fault {
    const char *name;
    void (*make)(struct scene *scene, struct pod *pod);
    bool needs_limits; /* a user namespace's, on inotify */
};

/* Both end with a NULL name. */
extern const struct fault volume_faults[], process_faults[];

/* ---- for the faults themselves */

bool scene_toss(struct scene *scene);                                /* a coin */
void scene_rest(struct scene *scene, unsigned most_ms);              /* for up to so long */
struct pod *scene_other(struct scene *scene, const struct pod *pod); /* NULL: it is busy */
void scene_order(struct scene *scene, enum order order, uint64_t value, struct answer *ret_answer);
void scene_begin_life(struct scene *scene); /* of any kind */

#endif
