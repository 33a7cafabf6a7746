/* SPDX-License-Identifier: MIT
 *
 * A publisher that is none: it holds a share's election, so that a reloader that joins becomes a consumer,
 * and says what a test wants it to say. */
#ifndef CMRELOAD_TESTS_SUPPORT_FALSE_PUBLISHER_H
#define CMRELOAD_TESTS_SUPPORT_FALSE_PUBLISHER_H

#include <sys/types.h>

#include "share/message.h"
#include "share/share.h"

struct false_publisher {
    cmr_share *share;
    pid_t holder;   /* the process that has won the election, and does nothing else; 0: closed */
    int connection; /* to the consumer; -1: none */
    uint64_t sequence;
};

/* Ends the program where that cannot be. */
void false_publisher_open(struct false_publisher *publisher, cmr_share *share);

/* Gives the election up, and hangs up. A second time it does nothing. */
void false_publisher_close(struct false_publisher *publisher);

/* Takes the connection of whoever asked last. False: nobody has. */
bool false_publisher_accept(struct false_publisher *publisher);
void false_publisher_hang_up(struct false_publisher *publisher);

/* Bytes, with a descriptor if that is not -1, which stays the caller's. False: there is no connection. */
bool false_publisher_say(struct false_publisher *publisher, const void *bytes, size_t size, int descriptor);

/* Well-formed news of one mount that is ready, and of that generation. */
bool false_publisher_tell(struct false_publisher *publisher, uint64_t generation, int block);

/* What the consumer has answered last, if it has since the last call of this. */
bool false_publisher_hears(struct false_publisher *publisher, struct cmr__answer *ret_answer);

/* A block of one mount named "config", with one file; the caller's to close. */
int false_publisher_block(uint64_t generation, const char *file, const char *text);

#endif
