/* SPDX-License-Identifier: MIT
 *
 * The publisher's side: who is connected, what they know, and sending them what they do not. */
#ifndef CMRELOAD_SHARE_PUBLISHER_H
#define CMRELOAD_SHARE_PUBLISHER_H

#include "base/buffer.h"
#include "share/message.h"

struct cmr__member;

/* A consumer. */
struct cmr__peer {
    int socket;
    int64_t pid;
    struct cmr__answer answer; /* the last one; changed under the reloader's lock */
    uint64_t sent;             /* the newest news that it was sent */
    uint64_t offered;          /* the newest generation that it was sent a block of */
    bool again;                /* it has refused that, and wants it once more */
};

struct cmr__publisher {
    struct cmr__peer *peers; /* changed under the reloader's lock */
    size_t count, capacity;
    bool full;               /* there were too few descriptors for the last one */
    uint64_t sequence;       /* of the news */
    struct cmr__buffer news; /* as they are sent */
    uint64_t settled; /* the generation for which all have answered, as was told; 0: it is to be told */
    int64_t retry_at; /* something could not be sent; CMR__NEVER: all could */
};

/* From now on it is. CMR_ERR_SYSTEM: not now; nothing has changed. */
cmr_status cmr__publisher_begin(struct cmr__member *member);

/* Closes all connections, by which consumers learn that it is over. In a forked child they are the parent's,
 * who goes on. */
void cmr__publisher_end(struct cmr__member *member);

void cmr__publisher_receive(struct cmr__member *member);
void cmr__publisher_send(struct cmr__member *member, int64_t now);

#endif
