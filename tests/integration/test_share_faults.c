/* SPDX-License-Identifier: MIT
 *
 * System calls that fail where processes share: they try again. What sealing, sending and receiving do, and
 * making a share, is tested with their parts: test_sealed.c, test_packet.c, test_share_making.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/share_member.h"
#include "support/share_talk.h"

/* ---- calls that fail */

static int passing = -1; /* so many calls of these pass before one fails; -1: all do */
static int met;          /* calls of these */

static bool fails(void)
{
    met++;
    if (passing < 0 || passing-- > 0)
        return false;
    errno = EMFILE;
    return true;
}

int __real_socketpair(int domain, int type, int protocol, int ends[2]);
int __wrap_socketpair(int domain, int type, int protocol, int ends[2]);
int __wrap_socketpair(int domain, int type, int protocol, int ends[2])
{
    return fails() ? -1 : __real_socketpair(domain, type, protocol, ends);
}

int __real_memfd_create(const char *name, unsigned flags);
int __wrap_memfd_create(const char *name, unsigned flags);
int __wrap_memfd_create(const char *name, unsigned flags)
{
    return fails() ? -1 : __real_memfd_create(name, flags);
}

int __real_getsockopt(int socket, int level, int name, void *value, socklen_t *size);
int __wrap_getsockopt(int socket, int level, int name, void *value, socklen_t *size);
int __wrap_getsockopt(int socket, int level, int name, void *value, socklen_t *size)
{
    return fails() ? -1 : __real_getsockopt(socket, level, name, value, size);
}

/* ---- connections */

static int set_up(void **state)
{
    if (share_member_set_up(state) != 0)
        return -1;
    struct share_member *member = *state;
    fake_kubelet_write(&member->follower->kubelet, "a.properties", "x=1\n");
    share_member_join(member);
    return 0;
}

static void a_consumer_asks_again(void **state)
{
    struct share_member *member = *state;
    false_publisher_open(&member->publisher, member->share);
    passing = 0;
    met = 0;
    follower_dispatch(member->follower); /* no pair of sockets */
    assert_int_equal(1, met);
    assert_false(false_publisher_accept(&member->publisher));
    share_member_await_connection(member);
    share_member_tell(member, 1, "x=2\n");
    follower_has(member->follower, "a.properties#x", "2");
}

/* What the publisher does about one who asks. */
static cmr_status answer(struct share_member *member, int end)
{
    struct cmr__message message;
    int block;
    follower_dispatch(member->follower);
    cmr_status status = share_talk_hear(end, &message, &block);
    if (status == CMR_OK) {
        cmr__message_reset(&message);
        close(block);
    }
    close(end);
    return status;
}

static void a_publisher_believes_in_no_connection_that_it_cannot_look_at(void **state)
{
    struct share_member *member = *state;
    follower_dispatch(member->follower);
    assert_int_equal(CMR_ROLE_PUBLISHER, follower_status(member->follower).role);
    int end = share_talk_ask(member->share);
    passing = 0;
    assert_int_equal(CMR_ERR_CLOSED, answer(member, end));
    passing = -1;
    assert_int_equal(CMR_OK, answer(member, share_talk_ask(member->share)));
}

static void a_generation_that_cannot_be_sealed_is_tried_again(void **state)
{
    struct share_member *member = *state;
    passing = 0;
    follower_dispatch(member->follower);
    assert_int_equal(0, follower_status(member->follower).generation);
    assert_int_equal(1, follower_status(member->follower).reloads_failed);
    follower_awaits_generation(member->follower, 1);
    follower_has(member->follower, "a.properties#x", "1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, share_member_tear_down)
        TEST(a_consumer_asks_again),
        TEST(a_publisher_believes_in_no_connection_that_it_cannot_look_at),
        TEST(a_generation_that_cannot_be_sealed_is_tried_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
