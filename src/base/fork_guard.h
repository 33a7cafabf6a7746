/* SPDX-License-Identifier: MIT
 *
 * A fork guard tells whether this process is a forked child of the one that set it up. It asks nobody and
 * takes no lock, so a child may ask it whatever its parent's threads were doing at the fork. */
#ifndef CMRELOAD_BASE_FORK_GUARD_H
#define CMRELOAD_BASE_FORK_GUARD_H

#include <stdbool.h>
#include <sys/types.h>

#include "cmreload/cmreload.h"

struct cmr__fork_guard {
    volatile unsigned char
        *page;   /* the first byte is 1, and in a child 0; NULL: this kernel wipes no pages */
    pid_t owner; /* what tells then */
};

/* CMR_ERR_NO_MEMORY. */
cmr_status cmr__fork_guard_set(struct cmr__fork_guard *guard);

/* In a child: from now on it is this process that is guarded. */
void cmr__fork_guard_adopt(struct cmr__fork_guard *guard);
void cmr__fork_guard_reset(struct cmr__fork_guard *guard);

bool cmr__fork_guard_is_child(const struct cmr__fork_guard *guard);

#endif
