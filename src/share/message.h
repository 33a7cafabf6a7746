/* SPDX-License-Identifier: MIT
 *
 * What processes of one share tell each other, and how it stands in a packet. */
#ifndef CMRELOAD_SHARE_MESSAGE_H
#define CMRELOAD_SHARE_MESSAGE_H

#include "base/buffer.h"
#include "base/diagnostic.h"
#include "source/volume.h"

#define CMR__MESSAGE_MAX 65536 /* bytes of a packet */

enum cmr__message_kind {
    CMR__MESSAGE_HELLO = 1,  /* consumer to publisher, with a descriptor: here I am */
    CMR__MESSAGE_NEWS = 2,   /* publisher to consumer, with a block's descriptor if it lacks that one */
    CMR__MESSAGE_ANSWER = 3, /* consumer to publisher: what came of the news */
    CMR__MESSAGE_LOOK = 4,   /* consumer to publisher: look at the mounts now. Nothing else is in it */
};

struct cmr__hello {
    int64_t pid; /* over 0 */
};

/* What a consumer tells of a mount as if it had looked at it itself: members as in cmr_mount_status. */
struct cmr__news_mount {
    cmr_mount_state state;
    cmr_mount_reason reason;
    cmr_mount_kind kind;
    cmr_boot_source applied_from;
    uint32_t kept_files;
    bool rejected;       /* what is mounted is bad */
    uint64_t rejections; /* how many REJECTED were told of it: one that grows is to be told */
    char message[sizeof((cmr_mount_status *)0)->message];
    char mounted_target[CMR__IDENTITY_SIZE];
    cmr_report
        *report; /* finished: what is wrong with what is mounted; NULL: nothing. Encoding borrows it, */
                 /* decoding makes one, for cmr__message_reset to free unless it was taken */
};

struct cmr__news {
    uint64_t sequence;
    int64_t publisher;   /* its pid, over 0 */
    uint64_t generation; /* the newest; 0: none yet */
    size_t mount_count;
    struct cmr__news_mount *mounts; /* encoding borrows them, decoding makes them */
};

struct cmr__answer {
    uint64_t sequence;   /* of the news */
    uint64_t generation; /* that is served; 0: none */
    uint64_t refused;    /* 0: none */
    char message[256];   /* why, in one line; "" */
};

struct cmr__message {
    enum cmr__message_kind kind;
    union {
        struct cmr__hello hello;
        struct cmr__news news;
        struct cmr__answer answer;
    };
};

/* Appends the packet's bytes to an empty buffer. What is no UTF-8 in a text becomes "?", so that everything
 * that is encoded can be decoded. Diagnostics that do not fit into a packet are left out, and a last one says
 * how many. CMR_ERR_NO_MEMORY; CMR_ERR_LIMIT: there are too many mounts for one packet (over 100, or more if
 * their texts are short). */
cmr_status cmr__message_encode(const struct cmr__message *message, struct cmr__buffer *buffer);

/* Checks everything. CMR_ERR_REJECTED with *ret_reason (may be NULL) a static text; CMR_ERR_NO_MEMORY. */
cmr_status cmr__message_decode(const void *bytes, size_t size, struct cmr__message *ret_message,
                               const char **ret_reason);

/* Frees what decoding made, reports included; NULL what you keep. */
void cmr__message_reset(struct cmr__message *message);

#endif
