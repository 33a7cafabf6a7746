/* SPDX-License-Identifier: MIT
 *
 * Which process of a share is its publisher, and the numbers of its generations. */
#ifndef CMRELOAD_SHARE_ELECTION_H
#define CMRELOAD_SHARE_ELECTION_H

#include <stdbool.h>

#include "cmreload/cmreload.h"

struct cmr__page;

struct cmr__election {
    int descriptor;
    struct cmr__page *page; /* shared by all who have inherited it */
};

#define CMR__ELECTION_INIT                                                                                   \
    {                                                                                                        \
        -1, NULL                                                                                             \
    }

/* Before the fork. CMR_ERR_SYSTEM (errno), CMR_ERR_NO_MEMORY. */
cmr_status cmr__election_open(struct cmr__election *election);

/* Resigns, too. */
void cmr__election_close(struct cmr__election *election);

/* Whether this process is the publisher now: it was, or nobody else is. */
bool cmr__election_win(const struct cmr__election *election);
void cmr__election_resign(const struct cmr__election *election);

/* A number that no generation of this share has had: each call's is larger than all before it, in whatever
 * process. */
uint64_t cmr__election_next_number(const struct cmr__election *election);

#endif
