/* SPDX-License-Identifier: MIT
 *
 * What is made before the fork: the election, the shelf, and the queue of those who want to be connected. The
 * process that made them need not take part: that it has them keeps them. */
#include "share/share.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"

bool cmr__share_is_taken(const cmr_share *share)
{
    return share->member && share->owner == getpid();
}

static cmr_status open_all(cmr_share *share)
{
    cmr_status status = cmr__election_open(&share->election);
    if (status == CMR_OK)
        status = cmr__shelf_open(&share->shelf);
    if (status == CMR_OK && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, share->hello) != 0)
        status = CMR_ERR_SYSTEM;
    return status;
}

cmr_status cmr_share_new(cmr_share **ret_share)
{
    if (!ret_share)
        return CMR_ERR_INVALID_ARGUMENT;
    cmr_share *share = calloc(1, sizeof *share);
    if (!share)
        return CMR_ERR_NO_MEMORY;
    share->election = (struct cmr__election)CMR__ELECTION_INIT;
    share->shelf = (struct cmr__shelf)CMR__SHELF_INIT;
    share->hello[0] = share->hello[1] = -1;
    cmr_status status = open_all(share);
    if (status != CMR_OK) {
        cmr_share_free(share);
        return status;
    }
    *ret_share = share;
    return CMR_OK;
}

void cmr_share_free(cmr_share *share)
{
    if (!share)
        return;
    cmr__election_close(&share->election);
    cmr__shelf_close(&share->shelf);
    cmr__close_fd(&share->hello[0]);
    cmr__close_fd(&share->hello[1]);
    free(share);
}

const char *cmr_role_name(cmr_role role)
{
    switch (role) {
    case CMR_ROLE_ALONE:
        return "alone";
    case CMR_ROLE_CONSUMER:
        return "consumer";
    case CMR_ROLE_PUBLISHER:
        return "publisher";
    }
    return "?";
}
