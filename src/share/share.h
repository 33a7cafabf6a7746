/* SPDX-License-Identifier: MIT
 *
 * A share: what processes that share one reloader's work inherit from the process that forks them. */
#ifndef CMRELOAD_SHARE_SHARE_H
#define CMRELOAD_SHARE_SHARE_H

#include <sys/types.h>

#include "engine/reloader.h"
#include "share/election.h"
#include "share/shelf.h"

struct cmr_share {
    struct cmr__election election;
    struct cmr__shelf shelf;
    int hello[2]; /* [0] is the publisher's; by [1] others hand it one end of a connection each */

    cmr_reloader *member; /* that joined, in the process `owner`; NULL: none */
    pid_t owner;
};

/* Whether a reloader of this process has joined. */
bool cmr__share_is_taken(const cmr_share *share);

#endif
