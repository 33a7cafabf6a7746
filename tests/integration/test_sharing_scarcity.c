/* SPDX-License-Identifier: MIT
 *
 * Members of a share that run short of descriptors or of the kernel's memory just when one is killed, or a
 * generation published: what is newest is not lost, and they go on by themselves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/share_member.h"
#include "support/share_talk.h"

/* ---- calls that fail */

static int peeks_to_fail; /* looks at a packet that is to stay */
static int scarce_queue;  /* cannot be put into an epoll instance; -1: it can */
static unsigned met;

ssize_t __real_recvmsg(int socket, struct msghdr *message, int flags);
ssize_t __wrap_recvmsg(int socket, struct msghdr *message, int flags);
ssize_t __wrap_recvmsg(int socket, struct msghdr *message, int flags)
{
    if (!(flags & MSG_PEEK) || peeks_to_fail == 0)
        return __real_recvmsg(socket, message, flags);
    peeks_to_fail--;
    met++;
    errno = ENOMEM;
    return -1;
}

int __real_epoll_ctl(int epoll, int operation, int descriptor, struct epoll_event *event);
int __wrap_epoll_ctl(int epoll, int operation, int descriptor, struct epoll_event *event);
int __wrap_epoll_ctl(int epoll, int operation, int descriptor, struct epoll_event *event)
{
    if (operation != EPOLL_CTL_ADD || descriptor != scarce_queue)
        return __real_epoll_ctl(epoll, operation, descriptor, event);
    scarce_queue = -1;
    met++;
    errno = ENOSPC;
    return -1;
}

/* ---- the shelf */

static int next_descriptor(void)
{
    int descriptor = dup(STDERR_FILENO);
    assert_true(descriptor >= 0);
    close(descriptor);
    return descriptor;
}

/* As for a process that has just got one for the new block. */
static void what_is_on_the_shelf_is_replaced_without_a_descriptor(void **state)
{
    struct rlimit before, none;
    cmr_share *share;
    uint64_t generation = 0;
    int block = false_publisher_block(1, "a.properties", "x=1\n");
    (void)state;
    assert_int_equal(CMR_OK, cmr_share_new(&share));
    assert_int_equal(0, getrlimit(RLIMIT_NOFILE, &before));
    none = before;
    none.rlim_cur = (rlim_t)next_descriptor();
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &none));
    cmr_status status = CMR_OK;
    for (uint64_t i = 1; i <= 1000 && status == CMR_OK; i++)
        status = cmr__shelf_put(&share->shelf, i, block);
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &before));
    assert_int_equal(CMR_OK, status);
    close(block);
    assert_int_equal(CMR_OK, cmr__shelf_look(&share->shelf, &generation, &block));
    assert_int_equal(1000, generation);
    close(block);
    cmr_share_free(share);
}

/* ---- taking over */

static int set_up(void **state)
{
    if (share_member_set_up(state) != 0)
        return -1;
    struct share_member *member = *state;
    scarce_queue = -1;
    false_publisher_open(&member->publisher, member->share);
    fake_kubelet_write(&member->follower->kubelet, "a.json", "bad");
    share_member_join(member);
    follower_dispatch(member->follower);
    share_member_shelve(member, 1, "x=1\n");
    met = 0;
    return 0;
}

/* What is mounted is bad by now. */
static void who_takes_over_goes_on_with_the_newest(void **state)
{
    struct share_member *member = *state;
    peeks_to_fail = 3;
    share_member_take_over(member);
    assert_int_equal(3, met);
    assert_int_equal(1, follower_status(member->follower).generation);
    follower_has(member->follower, "a.properties#x", "1");
}

static void who_cannot_serve_others_leaves_that_to_others_for_now(void **state)
{
    struct share_member *member = *state;
    struct false_publisher next;
    scarce_queue = member->share->hello[0];
    false_publisher_close(&member->publisher);
    while (met == 0)
        (void)cmr_reloader_wait(member->follower->reloader, 100);
    assert_int_equal(CMR_ROLE_CONSUMER, follower_status(member->follower).role);
    false_publisher_open(&next, member->share); /* wins */
    false_publisher_close(&next);
    share_member_take_over(member);
}

/* ---- more than can be served */

#define MANY 40

/* A process that asks for so many connections, and keeps them. */
static pid_t ask_for_many(const cmr_share *share)
{
    int ready[2];
    char byte;
    assert_int_equal(0, pipe(ready));
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (int i = 0; i < MANY; i++)
            (void)share_talk_ask(share);
        if (write(ready[1], "r", 1) != 1)
            abort();
        for (;;)
            pause();
    }
    assert_int_equal(1, read(ready[0], &byte, 1));
    close(ready[0]);
    close(ready[1]);
    return child;
}

static void who_serves_others_keeps_descriptors_for_itself(void **state)
{
    struct share_member *member = *state;
    struct rlimit before, few;
    share_member_take_over(member);
    fake_kubelet_remove(&member->follower->kubelet, "a.json");
    fake_kubelet_write(&member->follower->kubelet, "a.properties", "x=2\n");
    pid_t child = ask_for_many(member->share);
    assert_int_equal(0, getrlimit(RLIMIT_NOFILE, &before));
    few = before;
    few.rlim_cur = (rlim_t)next_descriptor() + MANY / 2;
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &few));
    follower_dispatch(member->follower);
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &before));
    fake_kubelet_write(&member->follower->kubelet, "a.properties", "x=3\n");
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &few));
    follower_dispatch(member->follower);
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &before));
    follower_has(member->follower, "a.properties#x", "3");
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

static void who_is_not_served_looks_at_the_shelf(void **state)
{
    struct share_member *member = *state;
    follower_awaits_generation(member->follower, 1);
    share_member_shelve(member, 2, "x=2\n");
    for (int i = 0; i < 100 && follower_status(member->follower).generation != 2; i++)
        (void)cmr_reloader_wait(member->follower->reloader, 100);
    follower_has(member->follower, "a.properties#x", "2");
    assert_int_equal(CMR_ROLE_CONSUMER, follower_status(member->follower).role);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, share_member_tear_down)
        cmocka_unit_test(what_is_on_the_shelf_is_replaced_without_a_descriptor),
        TEST(who_takes_over_goes_on_with_the_newest),
        TEST(who_cannot_serve_others_leaves_that_to_others_for_now),
        TEST(who_serves_others_keeps_descriptors_for_itself),
        TEST(who_is_not_served_looks_at_the_shelf),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
