/* SPDX-License-Identifier: MIT
 *
 * A member of a share and who publishes for it, for cmocka's tests. */
#include "support/share_member.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <unistd.h>

static const char file[] = "a.properties";

int share_member_set_up(void **state)
{
    if (follower_fixture_set_up(state, sizeof(struct share_member)) != 0)
        return -1;
    struct share_member *member = *state;
    assert_int_equal(CMR_OK, cmr_share_new(&member->share));
    member->publisher.connection = -1;
    member->follower->mount.name = "config";
    return 0;
}

int share_member_set_up_consumer(void **state)
{
    if (share_member_set_up(state) != 0)
        return -1;
    struct share_member *member = *state;
    false_publisher_open(&member->publisher, member->share);
    share_member_join(member);
    return 0;
}

int share_member_tear_down(void **state)
{
    struct share_member *member = *state;
    cmr_share *share = member->share;
    follower_end(member->follower);
    false_publisher_close(&member->publisher);
    int status = follower_fixture_tear_down(state);
    cmr_share_free(share);
    return status;
}

void share_member_join(struct share_member *member)
{
    follower_open(member->follower, member->follower->kubelet.dir);
    assert_int_equal(CMR_OK, cmr_reloader_join(member->follower->reloader, member->share));
}

void share_member_await_connection(struct share_member *member)
{
    while (!false_publisher_accept(&member->publisher))
        (void)cmr_reloader_wait(member->follower->reloader, 100);
}

struct cmr__answer share_member_hand(struct share_member *member, uint64_t generation, int block)
{
    struct cmr__answer answer;
    assert_true(false_publisher_tell(&member->publisher, generation, block));
    while (!false_publisher_hears(&member->publisher, &answer))
        (void)cmr_reloader_wait(member->follower->reloader, 100);
    if (block >= 0)
        close(block);
    return answer;
}

struct cmr__answer share_member_tell(struct share_member *member, uint64_t generation, const char *text)
{
    return share_member_hand(member, generation, false_publisher_block(generation, file, text));
}

void share_member_shelve(struct share_member *member, uint64_t generation, const char *text)
{
    int block = false_publisher_block(generation, file, text);
    assert_int_equal(CMR_OK, cmr__shelf_put(&member->share->shelf, generation, block));
    close(block);
}

void share_member_take_over(struct share_member *member)
{
    false_publisher_close(&member->publisher);
    while (follower_status(member->follower).role != CMR_ROLE_PUBLISHER)
        (void)cmr_reloader_wait(member->follower->reloader, 100);
    follower_dispatch(member->follower);
}
