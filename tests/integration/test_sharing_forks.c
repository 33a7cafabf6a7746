/* SPDX-License-Identifier: MIT
 *
 * A callback that forks, in the middle of what a member of a share does: the child leaves alone what is the
 * parent's, the queue of those who want to be connected and the loop, and the parent goes on as if nothing
 * had happened. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "share/packet.h"
#include "support/false_publisher.h"
#include "support/follower.h"

struct fixture {
    struct follower *follower;
    cmr_share *share;
    struct false_publisher publisher;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    if (!fixture || follower_set_up((void **)&fixture->follower) != 0)
        return -1;
    assert_int_equal(CMR_OK, cmr_share_new(&fixture->share));
    false_publisher_open(&fixture->publisher, fixture->share);
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
    false_publisher_close(&fixture->publisher);
    cmr_share_free(fixture->share);
    free(fixture);
    return 0;
}

static void put_on_shelf(struct fixture *fixture, uint64_t generation, const char *text)
{
    int block = false_publisher_block(generation, "a.properties", text);
    assert_int_equal(CMR_OK, cmr__shelf_put(&fixture->share->shelf, generation, block));
    close(block);
}

/* ---- a callback that forks */

/* The child has ended its dispatch before the parent goes on with its own. */
static void fork_when_published(void *user, const cmr_event *event)
{
    pid_t *child = user;
    int status;
    if (*child >= 0 || (event->kind != CMR_EVENT_READY && event->kind != CMR_EVENT_APPLIED))
        return;
    *child = fork();
    if (*child > 0) {
        assert_int_equal(*child, waitpid(*child, &status, 0));
        assert_true(WIFEXITED(status));
        assert_int_equal(0, WEXITSTATUS(status));
    }
}

/* Waits until a callback has forked. The child comes to its end here. */
static void wait_for_fork(struct fixture *fixture)
{
    pid_t child = -1;
    cmr_observer *observer;
    cmr_reloader *reloader = fixture->follower->reloader;
    assert_int_equal(CMR_OK, cmr_observe(reloader, fork_when_published, &child, NULL, &observer));
    while (child < 0) {
        cmr_status status = cmr_reloader_wait(reloader, 100);
        if (child == 0)
            _exit(status == CMR_ERR_FORKED ? 0 : 1);
    }
    cmr_unobserve(observer);
}

static cmr_status receive(int socket, struct cmr__message *ret_message, int *ret_descriptor)
{
    static char bytes[CMR__MESSAGE_MAX];
    size_t count = 0, size = 0;
    *ret_descriptor = -1;
    cmr_status status =
        cmr__packet_receive(socket, bytes, sizeof bytes, ret_descriptor, 1, &count, &size, false);
    return status == CMR_OK ? cmr__message_decode(bytes, size, ret_message, NULL) : status;
}

static void a_child_that_is_none_asks_for_no_connection(void **state)
{
    struct fixture *fixture = *state;
    struct cmr__message hello;
    int connection, other;
    put_on_shelf(fixture, 1, "x=1\n");
    wait_for_fork(fixture);
    assert_int_equal(CMR_OK, receive(fixture->share->hello[0], &hello, &connection));
    assert_int_equal(getpid(), hello.hello.pid);
    assert_int_equal(CMR_ERR_AGAIN, receive(fixture->share->hello[0], &hello, &other));
    close(connection);
}

/* As another consumer would. */
static int ask(struct fixture *fixture)
{
    const struct cmr__message hello = { .kind = CMR__MESSAGE_HELLO, .hello.pid = 1 };
    struct cmr__buffer bytes = CMR__BUFFER_INIT;
    int ends[2];
    assert_int_equal(0, socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends));
    assert_int_equal(CMR_OK, cmr__message_encode(&hello, &bytes));
    assert_int_equal(CMR_OK, cmr__packet_send(fixture->share->hello[1], bytes.data, bytes.size, &ends[1], 1));
    cmr__buffer_reset(&bytes);
    close(ends[1]);
    return ends[0];
}

static void a_child_of_who_takes_over_takes_no_connections(void **state)
{
    struct fixture *fixture = *state;
    struct cmr__message news;
    int block;
    follower_dispatch(fixture->follower);
    put_on_shelf(fixture, 2, "x=2\n");
    int end = ask(fixture);
    false_publisher_close(&fixture->publisher);
    wait_for_fork(fixture);
    assert_int_equal(CMR_ROLE_PUBLISHER, follower_status(fixture->follower).role);
    assert_int_equal(CMR_OK, receive(end, &news, &block));
    assert_int_equal(2, news.news.generation);
    assert_int_equal(getpid(), news.news.publisher);
    cmr__message_reset(&news);
    close(block);
    close(end);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_child_that_is_none_asks_for_no_connection, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_child_of_who_takes_over_takes_no_connections, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
