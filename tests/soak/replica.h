/* SPDX-License-Identifier: MIT
 *
 * A replica: the configuration as somebody has it who was told of changes only. It says what does not add up,
 * where the mirror of tests ends the test. */
#ifndef CMRELOAD_TESTS_SOAK_REPLICA_H
#define CMRELOAD_TESTS_SOAK_REPLICA_H

#include <stdbool.h>
#include <stddef.h>

#include "cmreload/cmreload.h"

#define REPLICA_ITEMS 256

struct replica {
    struct replica_item {
        char key[64]; /* with its mount */
        char value[64];
        size_t length;
    } items[REPLICA_ITEMS];
    size_t count, next; /* next: where the next change is likely to be */
};

/* Takes the changes over. False, with a message: one of them does not fit what was told before. */
bool replica_change(struct replica *replica, const cmr_update *update, char *message, size_t size);

/* Whether the snapshot holds just that. */
bool replica_check(struct replica *replica, cmr_snapshot *snapshot, char *message, size_t size);

#endif
