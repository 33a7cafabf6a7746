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

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/share_member.h"
#include "support/share_talk.h"

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
        assert_true(WIFSIGNALED(status));
        assert_int_equal(SIGKILL, WTERMSIG(status));
    }
}

/* Waits until a callback has forked. The child comes to its end here. */
static void wait_for_fork(struct share_member *member)
{
    pid_t child = -1;
    cmr_observer *observer;
    cmr_reloader *reloader = member->follower->reloader;
    assert_int_equal(CMR_OK, cmr_observe(reloader, fork_when_published, &child, NULL, &observer));
    while (child < 0) {
        cmr_status status = cmr_reloader_wait(reloader, 100);
        if (child == 0)
            raise(status == CMR_ERR_FORKED ? SIGKILL : SIGTERM); /* what it has allocated is no leak */
    }
    cmr_unobserve(observer);
}

static void a_child_that_is_none_asks_for_no_connection(void **state)
{
    struct share_member *member = *state;
    struct cmr__message hello;
    int connection, other;
    share_member_shelve(member, 1, "x=1\n");
    wait_for_fork(member);
    assert_int_equal(CMR_OK, share_talk_hear(member->share->hello[0], &hello, &connection));
    assert_int_equal(getpid(), hello.hello.pid);
    assert_int_equal(CMR_ERR_AGAIN, share_talk_hear(member->share->hello[0], &hello, &other));
    close(connection);
}

static void a_child_of_who_takes_over_takes_no_connections(void **state)
{
    struct share_member *member = *state;
    struct cmr__message news;
    int block;
    follower_dispatch(member->follower);
    share_member_shelve(member, 2, "x=2\n");
    int end = share_talk_ask(member->share);
    false_publisher_close(&member->publisher);
    wait_for_fork(member);
    assert_int_equal(CMR_ROLE_PUBLISHER, follower_status(member->follower).role);
    assert_int_equal(CMR_OK, share_talk_hear(end, &news, &block));
    assert_int_equal(2, news.news.generation);
    assert_int_equal(getpid(), news.news.publisher);
    cmr__message_reset(&news);
    close(block);
    close(end);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, share_member_set_up_consumer, share_member_tear_down)
        TEST(a_child_that_is_none_asks_for_no_connection),
        TEST(a_child_of_who_takes_over_takes_no_connections),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
