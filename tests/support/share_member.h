/* SPDX-License-Identifier: MIT
 *
 * The fixture of tests of one member of a share: a follower, and a false publisher that tells it what the
 * test wants. A test that opens no such publisher has the member become one itself. */
#ifndef CMRELOAD_TESTS_SUPPORT_SHARE_MEMBER_H
#define CMRELOAD_TESTS_SUPPORT_SHARE_MEMBER_H

#include "support/false_publisher.h"
#include "support/follower.h"

struct share_member {
    struct follower *follower;
    cmr_share *share;
    struct false_publisher publisher; /* the test opens it, before the member's first dispatch */
};

/* For cmocka: *state is the member. Nothing is written, opened or joined yet; the mount is named "config". */
int share_member_set_up(void **state);
int share_member_tear_down(void **state);

/* The same with the publisher open, and joined: a consumer, once it dispatches. */
int share_member_set_up_consumer(void **state);

/* Opens the kubelet's volume, and joins the share. */
void share_member_join(struct share_member *member);

/* Waits until it has asked for a connection, once more if it had one; it asks again and again, with pauses.
 */
void share_member_await_connection(struct share_member *member);

/* Hands a generation over, and waits for the answer. The block is closed; -1: none. */
struct cmr__answer share_member_hand(struct share_member *member, uint64_t generation, int block);

/* The same of a block with this text as its a.properties. */
struct cmr__answer share_member_tell(struct share_member *member, uint64_t generation, const char *text);

/* Such a block is put on the share's shelf. */
void share_member_shelve(struct share_member *member, uint64_t generation, const char *text);

/* The false publisher goes, and the member publishes what it finds. */
void share_member_take_over(struct share_member *member);

#endif
