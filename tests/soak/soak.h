/* SPDX-License-Identifier: MIT
 *
 * A soak as a whole: the scene, what was done in it, and what was found. */
#ifndef CMRELOAD_TESTS_SOAK_SOAK_H
#define CMRELOAD_TESTS_SOAK_SOAK_H

#include "soak/faults.h"
#include "soak/ledger.h"

#define SOAK_MOST_FAULTS 4 /* in a round */
#define SOAK_MOST_KINDS 32 /* of faults */

struct soak {
    struct scene scene;
    uint64_t seed;
    int64_t began, ends; /* on cmr__clock_now */
    bool table;          /* figures as a Markdown table */
    struct ledger ledger;
    unsigned long rounds, faults;
    unsigned long made[SOAK_MOST_KINDS];        /* of each kind of fault */
    const char *in_round[SOAK_MOST_FAULTS + 1]; /* what this round made; ends with NULL */
    int64_t longest_ms;                         /* until the last generations had arrived */
    unsigned lost, leaked;
};

/* Faults are numbered, those of volumes first. NULL: there is no such kind. */
const struct fault *soak_fault(size_t kind);
bool soak_fault_is_possible(const struct soak *soak, const struct fault *fault);

/* The first generations have arrived, before any fault. */
void soak_begin(struct soak *soak);

/* Some faults, all made whole again, and whether the daemon is as it has to be. */
void soak_round(struct soak *soak);

/* What can only be judged at the end. */
void soak_finish(struct soak *soak);

/* Prints what is wrong, all that is known about it and the figures, and ends the program with 1. */
void soak_fail(struct soak *soak, const char *format, ...) __attribute__((format(printf, 2, 3), noreturn));

/* Prints the figures and ends the program. */
void soak_end(struct soak *soak, int status) __attribute__((noreturn));

void figures_print(const struct soak *soak);

/* What was made in this round, who was where, and the library's last words. */
void figures_print_scene(const struct soak *soak);

#endif
