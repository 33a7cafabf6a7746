/* SPDX-License-Identifier: MIT
 *
 * Processes that take part in a share, as workers of a prefork server do: forked by the test, each with a
 * reloader that has joined and a journal. Between orders a worker dispatches. An order is a function of the
 * test's own, which the worker runs: a fork has it at the same address.
 *
 * cmocka's asserts are for the test alone; in a worker, WORKER_CHECK says what is wrong and answers "no". */
#ifndef CMRELOAD_TESTS_SUPPORT_WORKERS_H
#define CMRELOAD_TESTS_SUPPORT_WORKERS_H

#include <stdatomic.h>
#include <stdio.h>
#include <sys/types.h>

#include "support/journal.h"

#define WORKERS_MOST 20

struct worker;

/* The argument's text is copied, up to WORKER_TEXT. */
typedef bool worker_order(struct worker *self, const char *argument);

#define WORKER_TEXT 512

struct worker {
    struct workers *all;
    unsigned number;
    pid_t process; /* 0: there is none */
    int orders;    /* a socket; the test's end, or the worker's */

    /* The worker's own. */
    cmr_reloader *reloader;
    struct journal journal;
};

/* In memory that all processes share: what each worker was after its last turn, or order. */
struct worker_view {
    _Atomic uint64_t generation, shared; /* shared: of the last event SHARED */
    atomic_int role, process;
    atomic_int child; /* for the test's own orders; 0 at first */
};

struct workers {
    cmr_share *share;
    const char *path;
    cmr_mount_options mount; /* of all reloaders; no safety check, unless it is changed */
    cmr_options options;
    worker_order *opening; /* run in each new worker before it joins; or NULL */
    struct worker_view *views;
    struct worker each[WORKERS_MOST];
};

#define WORKER_CHECK(good)                                                                                   \
    do {                                                                                                     \
        if (!(good)) {                                                                                       \
            fprintf(stderr, "worker %u: %s:%d: %s\n", self->number, __FILE__, __LINE__, #good);              \
            return false;                                                                                    \
        }                                                                                                    \
    } while (0)

/* Makes the share. For cmocka's tests; the path must live as long as the workers. */
void workers_open(struct workers *workers, const char *path);

/* Kills those that are left, and frees the share. */
void workers_close(struct workers *workers);

/* Forks one: it opens its reloader, joins, and does nothing before it is ordered to. */
void worker_start(struct workers *workers, unsigned number);

/* The same and worker_loads. */
void worker_begin(struct workers *workers, unsigned number);

/* Gives an order, and waits for its answer: false also when there is none within a minute. */
void worker_send(struct workers *workers, unsigned number, worker_order *order, const char *argument);
bool worker_answers(struct workers *workers, unsigned number);
bool worker_does(struct workers *workers, unsigned number, worker_order *order, const char *argument);

/* All of them at the same time. */
bool workers_do(struct workers *workers, worker_order *order, const char *argument);

/* Ends it by that signal, and waits for that. */
void worker_kill(struct workers *workers, unsigned number);

/* The number of the one that publishes; waits until there is exactly one. */
unsigned workers_publisher(struct workers *workers);

/* ---- orders */

worker_order worker_loads;     /* "": cmr_reloader_load, within a minute */
worker_order worker_awaits;    /* until the journal has the text; then the journal is empty */
worker_order worker_told;      /* what is in the journal is the text; then it is empty */
worker_order worker_has;       /* "KEY TEXT": in the current snapshot */
worker_order worker_is_at;     /* "NUMBER": waits until that generation, or a later one, is current */
worker_order worker_is_shared; /* "NUMBER": waits until SHARED tells that all have answered for it */
worker_order worker_checks;    /* cmr_reloader_check_now */
worker_order worker_holds;     /* cmr_reloader_hold */
worker_order worker_releases;  /* cmr_reloader_release */
worker_order worker_leaves;    /* frees reloader and share, leaves no descriptor, and ends */

#endif
