/* SPDX-License-Identifier: MIT
 *
 * The consumer's side: a connection to the publisher, whoever that is, and what came by it. */
#ifndef CMRELOAD_SHARE_CONSUMER_H
#define CMRELOAD_SHARE_CONSUMER_H

#include "share/message.h"

struct cmr__member;

/* What was told last of a mount. */
struct cmr__heard {
    cmr_mount_reason reason;
    int64_t publisher; /* who counts the rejections */
    uint64_t rejections;
    bool is_rejected; /* what is mounted is bad: */
    char target[CMR__IDENTITY_SIZE];
};

struct cmr__consumer {
    int socket;     /* -1: not connected */
    bool welcomed;  /* the publisher has sent something */
    bool puzzled;   /* what came last made no sense, as the log has been told */
    unsigned tries; /* to be, in a row */
    int64_t at;     /* when to ask again whether there is a publisher */
    bool look;      /* it is to be asked to look at the mounts */
    bool has_news;  /* that were not worked off: */
    struct cmr__message news;
    int block;         /* came along, and is not published yet; -1: none */
    unsigned failures; /* to work them off, in a row */
    int64_t retry_at;
    uint64_t refused; /* the newest generation that came, if it was refused here; else 0 */
    char why[256];    /* both are changed under the reloader's lock */
    size_t refused_mount;
    struct cmr__heard *heard; /* one each mount; NULL: nothing was told */
};

#define CMR__CONSUMER_INIT                                                                                   \
    {                                                                                                        \
        .socket = -1, .block = -1                                                                            \
    }

/* Ends the connection, and forgets what came by it. */
void cmr__consumer_disconnect(struct cmr__member *member);

void cmr__consumer_receive(struct cmr__member *member);

/* Asks for a connection, if there is none. */
void cmr__consumer_connect(struct cmr__member *member, int64_t now);

/* Publishes what has come, and answers. */
void cmr__consumer_work(struct cmr__member *member, int64_t now);

/* Takes what lies on the shelf, if that is newer than what is published here. False: it cannot be looked at,
 * or not be taken, before retry_at. */
bool cmr__consumer_take_from_shelf(struct cmr__member *member, int64_t now);

/* Asks the publisher to look at the mounts. */
void cmr__consumer_look(struct cmr__member *member);

/* When there is something to do even if nothing comes. */
int64_t cmr__consumer_next(const struct cmr__consumer *consumer);

#endif
