/* SPDX-License-Identifier: MIT
 *
 * cmr_reloader_check_now in a consumer: the publisher hears of it also if there is no connection yet, and
 * hands over once more what was refused, as in a reloader of its own what was rejected is looked at once
 * more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <unistd.h>

#include "support/share_member.h"
#include "support/share_talk.h"

static int set_up(void **state)
{
    if (share_member_set_up(state) != 0)
        return -1;
    share_member_join(*state);
    return 0;
}

/* The kind, or 0: nothing came. A block is closed. */
static enum cmr__message_kind hear(int socket, struct cmr__message *ret_message, bool *ret_block)
{
    int block;
    if (share_talk_hear(socket, ret_message, &block) != CMR_OK)
        return 0;
    *ret_block = block >= 0;
    if (block >= 0)
        close(block);
    return ret_message->kind;
}

/* ---- the consumer */

static void what_is_asked_for_too_early_is_asked_for_later(void **state)
{
    struct share_member *member = *state;
    struct cmr__message message;
    bool block;
    false_publisher_open(&member->publisher, member->share);
    cmr_reloader_check_now(member->follower->reloader);
    follower_dispatch(member->follower);
    assert_true(false_publisher_accept(&member->publisher));
    assert_int_equal(CMR__MESSAGE_LOOK, hear(member->publisher.connection, &message, &block));
    assert_int_equal(0, hear(member->publisher.connection, &message, &block));
}

static void what_was_refused_may_be_taken_the_next_time(void **state)
{
    struct share_member *member = *state;
    cmr_report *report;
    cmr_subscription *subscription = follower_wants_integer(member->follower, "a.properties#x");
    false_publisher_open(&member->publisher, member->share);
    share_member_await_connection(member);
    assert_int_equal(1, share_member_tell(member, 1, "x=no\n").refused);
    cmr_unsubscribe(subscription);
    assert_int_equal(1, share_member_tell(member, 1, "x=no\n").generation);
    follower_has(member->follower, "a.properties#x", "no");
    assert_int_equal(CMR_OK, cmr_reloader_get_report(member->follower->reloader, NULL, &report));
    assert_null(report);
}

/* ---- the publisher */

/* The news that are there now, with a block, are answered by refusing that. */
static void refuse(struct share_member *member, int socket)
{
    struct cmr__message news, answer = { .kind = CMR__MESSAGE_ANSWER, .answer.message = "no" };
    bool block;
    assert_int_equal(CMR__MESSAGE_NEWS, hear(socket, &news, &block));
    assert_true(block);
    answer.answer.sequence = news.news.sequence;
    answer.answer.refused = news.news.generation;
    cmr__message_reset(&news);
    share_talk_say(socket, &answer, -1);
    follower_dispatch(member->follower);
}

static void what_was_refused_is_handed_over_once_more(void **state)
{
    const struct cmr__message look = { .kind = CMR__MESSAGE_LOOK };
    struct share_member *member = *state;
    struct cmr__message message;
    bool block;
    fake_kubelet_write(&member->follower->kubelet, "a.properties", "x=1\n");
    follower_dispatch(member->follower);
    int socket = share_talk_ask(member->share);
    follower_dispatch(member->follower);
    refuse(member, socket);
    for (int i = 0; i < 2; i++) {
        follower_dispatch(member->follower);
        assert_int_equal(0, hear(socket, &message, &block));
        share_talk_say(socket, &look, -1);
        follower_dispatch(member->follower);
        refuse(member, socket);
    }
    close(socket);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, share_member_tear_down)
        TEST(what_is_asked_for_too_early_is_asked_for_later),
        TEST(what_was_refused_may_be_taken_the_next_time),
        TEST(what_was_refused_is_handed_over_once_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
