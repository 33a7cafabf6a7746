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

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "share/packet.h"
#include "support/false_publisher.h"
#include "support/follower.h"

struct fixture {
    struct follower *follower;
    cmr_share *share;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    if (!fixture || follower_set_up((void **)&fixture->follower) != 0)
        return -1;
    assert_int_equal(CMR_OK, cmr_share_new(&fixture->share));
    fixture->follower->mount.name = "config";
    follower_open(fixture->follower, fixture->follower->kubelet.dir);
    assert_int_equal(CMR_OK, cmr_reloader_join(fixture->follower->reloader, fixture->share));
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    follower_tear_down((void **)&fixture->follower);
    cmr_share_free(fixture->share);
    free(fixture);
    return 0;
}

static void say(int socket, const struct cmr__message *message, int descriptor)
{
    struct cmr__buffer bytes = CMR__BUFFER_INIT;
    assert_int_equal(CMR_OK, cmr__message_encode(message, &bytes));
    assert_int_equal(CMR_OK, cmr__packet_send(socket, bytes.data, bytes.size, &descriptor, descriptor >= 0));
    cmr__buffer_reset(&bytes);
}

/* The kind, or 0: nothing came. A block is closed. */
static enum cmr__message_kind hear(int socket, struct cmr__message *ret_message, size_t *ret_blocks)
{
    static char bytes[CMR__MESSAGE_MAX];
    size_t size = 0;
    int block;
    *ret_blocks = 0;
    if (cmr__packet_receive(socket, bytes, sizeof bytes, &block, 1, ret_blocks, &size, false) != CMR_OK)
        return 0;
    if (*ret_blocks)
        close(block);
    assert_int_equal(CMR_OK, cmr__message_decode(bytes, size, ret_message, NULL));
    return ret_message->kind;
}

/* ---- the consumer */

static void what_is_asked_for_too_early_is_asked_for_later(void **state)
{
    struct fixture *fixture = *state;
    struct false_publisher publisher;
    struct cmr__message message;
    size_t blocks;
    false_publisher_open(&publisher, fixture->share);
    cmr_reloader_check_now(fixture->follower->reloader);
    follower_dispatch(fixture->follower);
    assert_true(false_publisher_accept(&publisher));
    assert_int_equal(CMR__MESSAGE_LOOK, hear(publisher.connection, &message, &blocks));
    assert_int_equal(0, hear(publisher.connection, &message, &blocks));
    false_publisher_close(&publisher);
}

static void nothing(void *user, const cmr_update *update)
{
    (void)user;
    (void)update;
}

static struct cmr__answer tell(struct fixture *fixture, struct false_publisher *publisher)
{
    struct cmr__answer answer;
    int block = false_publisher_block(1, "a.properties", "x=no\n");
    while (publisher->connection < 0 && !false_publisher_accept(publisher))
        (void)cmr_reloader_wait(fixture->follower->reloader, 100);
    assert_true(false_publisher_tell(publisher, 1, block));
    close(block);
    while (!false_publisher_hears(publisher, &answer))
        (void)cmr_reloader_wait(fixture->follower->reloader, 100);
    return answer;
}

static void what_was_refused_may_be_taken_the_next_time(void **state)
{
    struct fixture *fixture = *state;
    struct false_publisher publisher;
    cmr_subscription_options options = CMR_SUBSCRIPTION_OPTIONS_INIT;
    cmr_subscription *subscription;
    cmr_report *report;
    options.type = CMR_TYPE_INT64;
    assert_int_equal(CMR_OK, cmr_subscribe(fixture->follower->reloader, "a.properties#x", nothing, NULL,
                                           &options, &subscription));
    false_publisher_open(&publisher, fixture->share);
    assert_int_equal(1, tell(fixture, &publisher).refused);
    cmr_unsubscribe(subscription);
    assert_int_equal(1, tell(fixture, &publisher).generation);
    follower_has(fixture->follower, "a.properties#x", "no");
    assert_int_equal(CMR_OK, cmr_reloader_get_report(fixture->follower->reloader, NULL, &report));
    assert_null(report);
    false_publisher_close(&publisher);
}

/* ---- the publisher */

/* As a consumer would. */
static int ask(struct fixture *fixture)
{
    const struct cmr__message hello = { .kind = CMR__MESSAGE_HELLO, .hello.pid = 1 };
    int ends[2];
    assert_int_equal(0, socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends));
    say(fixture->share->hello[1], &hello, ends[1]);
    close(ends[1]);
    return ends[0];
}

/* The news that are there now, with a block, are answered by refusing that. */
static void refuse(struct fixture *fixture, int socket)
{
    struct cmr__message news, answer = { .kind = CMR__MESSAGE_ANSWER, .answer.message = "no" };
    size_t blocks;
    assert_int_equal(CMR__MESSAGE_NEWS, hear(socket, &news, &blocks));
    assert_int_equal(1, blocks);
    answer.answer.sequence = news.news.sequence;
    answer.answer.refused = news.news.generation;
    cmr__message_reset(&news);
    say(socket, &answer, -1);
    follower_dispatch(fixture->follower);
}

static void what_was_refused_is_handed_over_once_more(void **state)
{
    const struct cmr__message look = { .kind = CMR__MESSAGE_LOOK };
    struct fixture *fixture = *state;
    struct cmr__message message;
    size_t blocks;
    fake_kubelet_write(&fixture->follower->kubelet, "a.properties", "x=1\n");
    follower_dispatch(fixture->follower);
    int socket = ask(fixture);
    follower_dispatch(fixture->follower);
    refuse(fixture, socket);
    for (int i = 0; i < 2; i++) {
        follower_dispatch(fixture->follower);
        assert_int_equal(0, hear(socket, &message, &blocks));
        say(socket, &look, -1);
        follower_dispatch(fixture->follower);
        refuse(fixture, socket);
    }
    close(socket);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_asked_for_too_early_is_asked_for_later, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_refused_may_be_taken_the_next_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_refused_is_handed_over_once_more, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
