/* SPDX-License-Identifier: MIT
 *
 * What members of a share say to each other, said and heard by a test in the place of one. */
#ifndef CMRELOAD_TESTS_SUPPORT_SHARE_TALK_H
#define CMRELOAD_TESTS_SUPPORT_SHARE_TALK_H

#include "share/message.h"
#include "share/share.h"

/* Asks to be connected, as a consumer would: its end of the connection, the caller's to close. Ends the
 * program where that cannot be, so that a forked child may call it. */
int share_talk_ask(const cmr_share *share);

/* With a descriptor if that is not -1, which stays the caller's. */
void share_talk_say(int connection, const struct cmr__message *message, int descriptor);

/* The message, the caller's to reset, and the block that came with it, the caller's to close; -1: none.
 * CMR_ERR_AGAIN: nothing is there; CMR_ERR_CLOSED: nothing will be. */
cmr_status share_talk_hear(int connection, struct cmr__message *ret_message, int *ret_block);

#endif
