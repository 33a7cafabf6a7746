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
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "share/packet.h"
#include "support/false_publisher.h"
#include "support/follower.h"

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
    fake_kubelet_write(&fixture->follower->kubelet, "a.properties", "x=1\n");
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

static void a_consumer_asks_again(void **state)
{
    struct fixture *fixture = *state;
    struct false_publisher publisher;
    struct cmr__answer answer;
    false_publisher_open(&publisher, fixture->share);
    passing = 0;
    met = 0;
    follower_dispatch(fixture->follower); /* no pair of sockets */
    assert_int_equal(1, met);
    assert_false(false_publisher_accept(&publisher));
    while (!false_publisher_accept(&publisher))
        (void)cmr_reloader_wait(fixture->follower->reloader, 100);
    int block = false_publisher_block(1, "a.properties", "x=2\n");
    assert_true(false_publisher_tell(&publisher, 1, block));
    close(block);
    while (!false_publisher_hears(&publisher, &answer))
        (void)cmr_reloader_wait(fixture->follower->reloader, 100);
    follower_has(fixture->follower, "a.properties#x", "2");
    false_publisher_close(&publisher);
}

/* As a consumer would. */
static int ask(struct fixture *fixture)
{
    const struct cmr__message hello = { .kind = CMR__MESSAGE_HELLO, .hello.pid = 1 };
    struct cmr__buffer bytes = CMR__BUFFER_INIT;
    int ends[2];
    assert_int_equal(0, __real_socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends));
    assert_int_equal(CMR_OK, cmr__message_encode(&hello, &bytes));
    assert_int_equal(CMR_OK, cmr__packet_send(fixture->share->hello[1], bytes.data, bytes.size, &ends[1], 1));
    cmr__buffer_reset(&bytes);
    close(ends[1]);
    follower_dispatch(fixture->follower);
    return ends[0];
}

static cmr_status hear(int end)
{
    static char bytes[CMR__MESSAGE_MAX];
    int block;
    size_t count = 0, size;
    cmr_status status = cmr__packet_receive(end, bytes, sizeof bytes, &block, 1, &count, &size, false);
    if (status == CMR_OK && count)
        close(block);
    close(end);
    return status;
}

static void a_publisher_believes_in_no_connection_that_it_cannot_look_at(void **state)
{
    struct fixture *fixture = *state;
    follower_dispatch(fixture->follower);
    assert_int_equal(CMR_ROLE_PUBLISHER, follower_status(fixture->follower).role);
    passing = 0;
    assert_int_equal(CMR_ERR_CLOSED, hear(ask(fixture)));
    passing = -1;
    assert_int_equal(CMR_OK, hear(ask(fixture)));
}

static void a_generation_that_cannot_be_sealed_is_tried_again(void **state)
{
    struct fixture *fixture = *state;
    passing = 0;
    follower_dispatch(fixture->follower);
    assert_int_equal(0, follower_status(fixture->follower).generation);
    assert_int_equal(1, follower_status(fixture->follower).reloads_failed);
    while (follower_status(fixture->follower).generation == 0)
        (void)cmr_reloader_wait(fixture->follower->reloader, 100);
    follower_has(fixture->follower, "a.properties#x", "1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_consumer_asks_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_publisher_believes_in_no_connection_that_it_cannot_look_at, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_generation_that_cannot_be_sealed_is_tried_again, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
