/* SPDX-License-Identifier: MIT
 *
 * The shelf holds the newest block, whoever lives: it is where those look who come when nobody is there that
 * could send it. */
#ifndef CMRELOAD_SHARE_SHELF_H
#define CMRELOAD_SHARE_SHELF_H

#include "cmreload/cmreload.h"

struct cmr__shelf {
    int sockets[2]; /* what was put in at [1], and not taken out at [0] */
};

#define CMR__SHELF_INIT                                                                                      \
    {                                                                                                        \
        {                                                                                                    \
            -1, -1                                                                                           \
        }                                                                                                    \
    }

/* Before the fork. CMR_ERR_SYSTEM (errno). */
cmr_status cmr__shelf_open(struct cmr__shelf *shelf);
void cmr__shelf_close(struct cmr__shelf *shelf);

/* Puts a generation's block in place of what is there; the descriptor stays the caller's. By the publisher
 * alone. If it is killed meanwhile, one of the two is there. CMR_ERR_SYSTEM (errno), CMR_ERR_AGAIN: what was
 * there still is. */
cmr_status cmr__shelf_put(const struct cmr__shelf *shelf, uint64_t generation, int block);

/* What is there, which stays; the descriptor is the caller's. It may be older than what others have by now.
 * CMR_ERR_NOT_FOUND: nothing. CMR_ERR_SYSTEM. */
cmr_status cmr__shelf_look(const struct cmr__shelf *shelf, uint64_t *ret_generation, int *ret_block);

#endif
