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

#include "share/packet.h"
#include "support/false_publisher.h"
#include "support/follower.h"

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
    scarce_queue = -1;
    assert_int_equal(CMR_OK, cmr_share_new(&fixture->share));
    false_publisher_open(&fixture->publisher, fixture->share);
    fixture->follower->mount.name = "config";
    fake_kubelet_write(&fixture->follower->kubelet, "a.json", "bad");
    follower_open(fixture->follower, fixture->follower->kubelet.dir);
    assert_int_equal(CMR_OK, cmr_reloader_join(fixture->follower->reloader, fixture->share));
    follower_dispatch(fixture->follower);
    int block = false_publisher_block(1, "a.properties", "x=1\n");
    assert_int_equal(CMR_OK, cmr__shelf_put(&fixture->share->shelf, 1, block));
    close(block);
    met = 0;
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

static void take_over(struct fixture *fixture)
{
    false_publisher_close(&fixture->publisher);
    while (follower_status(fixture->follower).role != CMR_ROLE_PUBLISHER)
        (void)cmr_reloader_wait(fixture->follower->reloader, 100);
    follower_dispatch(fixture->follower);
}

/* What is mounted is bad by now. */
static void who_takes_over_goes_on_with_the_newest(void **state)
{
    struct fixture *fixture = *state;
    peeks_to_fail = 3;
    take_over(fixture);
    assert_int_equal(3, met);
    assert_int_equal(1, follower_status(fixture->follower).generation);
    follower_has(fixture->follower, "a.properties#x", "1");
}

static void who_cannot_serve_others_leaves_that_to_others_for_now(void **state)
{
    struct fixture *fixture = *state;
    struct false_publisher next;
    scarce_queue = fixture->share->hello[0];
    false_publisher_close(&fixture->publisher);
    while (met == 0)
        (void)cmr_reloader_wait(fixture->follower->reloader, 100);
    assert_int_equal(CMR_ROLE_CONSUMER, follower_status(fixture->follower).role);
    false_publisher_open(&next, fixture->share); /* wins */
    false_publisher_close(&next);
    take_over(fixture);
}

/* ---- more than can be served */

#define MANY 40

/* A process that asks for so many connections, and keeps them. */
static pid_t ask_for_many(const cmr_share *share)
{
    const struct cmr__message hello = { .kind = CMR__MESSAGE_HELLO, .hello.pid = 1 };
    struct cmr__buffer bytes = CMR__BUFFER_INIT;
    int ready[2], ends[2];
    char byte;
    assert_int_equal(0, pipe(ready));
    assert_int_equal(CMR_OK, cmr__message_encode(&hello, &bytes));
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (int i = 0; i < MANY; i++)
            if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0 ||
                cmr__packet_send(share->hello[1], bytes.data, bytes.size, &ends[1], 1) != CMR_OK)
                abort();
        if (write(ready[1], "r", 1) != 1)
            abort();
        for (;;)
            pause();
    }
    assert_int_equal(1, read(ready[0], &byte, 1));
    close(ready[0]);
    close(ready[1]);
    cmr__buffer_reset(&bytes);
    return child;
}

static void who_serves_others_keeps_descriptors_for_itself(void **state)
{
    struct fixture *fixture = *state;
    struct rlimit before, few;
    take_over(fixture);
    fake_kubelet_remove(&fixture->follower->kubelet, "a.json");
    fake_kubelet_write(&fixture->follower->kubelet, "a.properties", "x=2\n");
    pid_t child = ask_for_many(fixture->share);
    assert_int_equal(0, getrlimit(RLIMIT_NOFILE, &before));
    few = before;
    few.rlim_cur = (rlim_t)next_descriptor() + MANY / 2;
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &few));
    follower_dispatch(fixture->follower);
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &before));
    fake_kubelet_write(&fixture->follower->kubelet, "a.properties", "x=3\n");
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &few));
    follower_dispatch(fixture->follower);
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &before));
    follower_has(fixture->follower, "a.properties#x", "3");
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

static void who_is_not_served_looks_at_the_shelf(void **state)
{
    struct fixture *fixture = *state;
    while (follower_status(fixture->follower).generation != 1)
        (void)cmr_reloader_wait(fixture->follower->reloader, 100);
    int block = false_publisher_block(2, "a.properties", "x=2\n");
    assert_int_equal(CMR_OK, cmr__shelf_put(&fixture->share->shelf, 2, block));
    close(block);
    for (int i = 0; i < 100 && follower_status(fixture->follower).generation != 2; i++)
        (void)cmr_reloader_wait(fixture->follower->reloader, 100);
    follower_has(fixture->follower, "a.properties#x", "2");
    assert_int_equal(CMR_ROLE_CONSUMER, follower_status(fixture->follower).role);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_on_the_shelf_is_replaced_without_a_descriptor),
        cmocka_unit_test_setup_teardown(who_takes_over_goes_on_with_the_newest, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_cannot_serve_others_leaves_that_to_others_for_now, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(who_serves_others_keeps_descriptors_for_itself, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_is_not_served_looks_at_the_shelf, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
