/* SPDX-License-Identifier: MIT
 *
 * What the daemon had each time it had come to rest, and whether that grows. */
#ifndef CMRELOAD_TESTS_SOAK_LEDGER_H
#define CMRELOAD_TESTS_SOAK_LEDGER_H

#include <stdbool.h>
#include <stddef.h>

#include "soak/account.h"

/* Kinds of life that differ in what they have: a loader's thread, a helper's, both, none. */
#define LEDGER_KINDS 4

struct ledger {
    struct ledger_entry {
        unsigned kind;
        struct account account;
    } * entries;
    size_t count;
    struct account first[LEDGER_KINDS]; /* the least while it warmed up */
    size_t seen[LEDGER_KINDS];
};

struct ledger_growth {
    size_t readings;            /* that it is about; 0: too few */
    int64_t of[ASSETS];         /* above 0: leaked */
    struct account least, most; /* after the warm-up */
};

/* Whether that is more than such a life had at first, and no noise. */
bool ledger_is_more(const struct ledger *ledger, unsigned kind, const struct account *account);

void ledger_add(struct ledger *ledger, unsigned kind, const struct account *account);

/* The least of the last tenth less the least of the first, of each kind for itself; the worst of them. */
struct ledger_growth ledger_growth(const struct ledger *ledger);

/* Whether anything has grown. */
bool ledger_has_grown(const struct ledger_growth *growth);

void ledger_clear(struct ledger *ledger);

#endif
