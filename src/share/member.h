/* SPDX-License-Identifier: MIT
 *
 * A member: a reloader that takes part in a share, as the publisher or as a consumer; its feed. */
#ifndef CMRELOAD_SHARE_MEMBER_H
#define CMRELOAD_SHARE_MEMBER_H

#include "share/consumer.h"
#include "share/publisher.h"
#include "share/share.h"

/* A generation's block in a memory file. */
struct cmr__block {
    uint64_t generation;
    int descriptor; /* -1: none */
};

#define CMR__BLOCK_INIT                                                                                      \
    {                                                                                                        \
        0, -1                                                                                                \
    }

/* Closes what was there. The descriptor is taken over. */
void cmr__block_set(struct cmr__block *block, uint64_t generation, int descriptor);

struct cmr__member {
    struct cmr__feed feed; /* first */
    cmr_reloader *reloader;
    cmr_share *share;
    struct cmr__block current;   /* of the generation that is published here */
    struct cmr__block candidate; /* sealed here, and not published */
    struct cmr__publisher publisher;
    struct cmr__consumer consumer;
};

/* Whether the publisher of the share is this process now. */
static inline bool cmr__member_is_publisher(const struct cmr__member *member)
{
    return member->feed.follows;
}

/* The mounts' names, for malloc's free; NULL: out of memory. */
const char **cmr__member_names(const struct cmr__member *member);

/* Who is told to be what. */
void cmr__member_set_role(struct cmr__member *member, cmr_role role, int64_t publisher);

#endif
