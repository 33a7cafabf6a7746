/* SPDX-License-Identifier: MIT
 *
 * Packets and their descriptors: what comes whole, what is refused, and that no descriptor is lost or kept by
 * mistake, whatever the other end sends and whatever fails. */
#include "share/packet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/descriptors.h"

/* ---- calls that fail */

static int failing; /* with this errno; 0: none does */
static int times;

static bool fails(void)
{
    if (!failing || times-- <= 0)
        return false;
    errno = failing;
    return true;
}

ssize_t __real_sendmsg(int socket, const struct msghdr *message, int flags);
ssize_t __wrap_sendmsg(int socket, const struct msghdr *message, int flags);
ssize_t __wrap_sendmsg(int socket, const struct msghdr *message, int flags)
{
    return fails() ? -1 : __real_sendmsg(socket, message, flags);
}

ssize_t __real_recvmsg(int socket, struct msghdr *message, int flags);
ssize_t __wrap_recvmsg(int socket, struct msghdr *message, int flags);
ssize_t __wrap_recvmsg(int socket, struct msghdr *message, int flags)
{
    return fails() ? -1 : __real_recvmsg(socket, message, flags);
}

/* ---- what all tests have */

struct ends {
    int here, there; /* of a connection; -1: closed */
    int file[CMR__PACKET_DESCRIPTORS + 1];
    size_t descriptors; /* that are open when the connection is */
};

static int set_up(void **state)
{
    static struct ends ends;
    int pair[2];
    assert_int_equal(0, socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair));
    ends.here = pair[0];
    ends.there = pair[1];
    for (size_t i = 0; i < CMR__PACKET_DESCRIPTORS + 1; i++)
        assert_true((ends.file[i] = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0);
    ends.descriptors = descriptors_count();
    failing = 0;
    *state = &ends;
    return 0;
}

static int tear_down(void **state)
{
    struct ends *ends = *state;
    for (size_t i = 0; i < CMR__PACKET_DESCRIPTORS + 1; i++)
        close(ends->file[i]);
    if (ends->here >= 0)
        close(ends->here);
    if (ends->there >= 0)
        close(ends->there);
    return 0;
}

static bool is_same_file(int one, int two)
{
    struct stat first, second;
    assert_int_equal(0, fstat(one, &first));
    assert_int_equal(0, fstat(two, &second));
    return first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

/* Receives with room for so much; nothing is told unless it is a success, and no descriptor kept. */
static cmr_status receive(const struct ends *ends, size_t capacity, size_t max)
{
    char buffer[64];
    int descriptors[CMR__PACKET_DESCRIPTORS];
    size_t count = 99, size = 99;
    assert_in_range(capacity, 1, sizeof buffer);
    cmr_status status =
        cmr__packet_receive(ends->here, buffer, capacity, descriptors, max, &count, &size, false);
    int error = errno;
    if (status != CMR_OK) {
        assert_int_equal(count, 99);
        assert_int_equal(size, 99);
    }
    for (size_t i = 0; status == CMR_OK && i < count; i++) {
        assert_true(fcntl(descriptors[i], F_GETFD) & FD_CLOEXEC);
        assert_true(is_same_file(descriptors[i], ends->file[0]));
        close(descriptors[i]);
    }
    assert_int_equal(ends->descriptors, descriptors_count());
    errno = error;
    return status;
}

static void send_text(const struct ends *ends, const char *text, size_t descriptors)
{
    assert_int_equal(CMR_OK, cmr__packet_send(ends->there, text, strlen(text), ends->file, descriptors));
}

/* ---- what comes */

static void test_packets_come_whole_and_in_order(void **state)
{
    struct ends *ends = *state;
    char buffer[8];
    int descriptors[2];
    size_t count, size;
    send_text(ends, "one", 0);
    send_text(ends, "three", 2);
    assert_int_equal(
        CMR_OK, cmr__packet_receive(ends->here, buffer, sizeof buffer, descriptors, 2, &count, &size, false));
    assert_int_equal(count, 0);
    assert_int_equal(size, 3);
    assert_memory_equal(buffer, "one", 3);
    assert_int_equal(
        CMR_OK, cmr__packet_receive(ends->here, buffer, sizeof buffer, descriptors, 2, &count, &size, false));
    assert_int_equal(count, 2);
    assert_int_equal(size, 5);
    assert_memory_equal(buffer, "three", 5);
    assert_true(is_same_file(descriptors[0], ends->file[0]));
    close(descriptors[0]);
    close(descriptors[1]);
    assert_int_equal(CMR_ERR_AGAIN, receive(ends, 8, 2));
}

static void test_as_many_descriptors_as_are_allowed(void **state)
{
    struct ends *ends = *state;
    for (size_t count = 0; count <= CMR__PACKET_DESCRIPTORS; count++) {
        send_text(ends, "x", count);
        assert_int_equal(CMR_OK, receive(ends, 1, count));
    }
}

static void test_a_look_takes_nothing(void **state)
{
    struct ends *ends = *state;
    char buffer[3];
    size_t count = 99, size = 99;
    assert_int_equal(CMR_ERR_AGAIN, cmr__packet_receive(ends->here, buffer, 3, NULL, 0, &count, &size, true));
    send_text(ends, "three", 2);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(CMR_OK, cmr__packet_receive(ends->here, buffer, 3, NULL, 0, &count, &size, true));
        assert_int_equal(size, 3);
        assert_int_equal(count, 0);
        assert_memory_equal(buffer, "thr", 3);
        assert_int_equal(ends->descriptors, descriptors_count());
    }
    assert_int_equal(CMR_OK, receive(ends, 8, 2));
    close(ends->there);
    ends->there = -1;
    assert_int_equal(CMR_ERR_CLOSED,
                     cmr__packet_receive(ends->here, buffer, 3, NULL, 0, &count, &size, true));
}

/* Copies of its descriptors, too, if there is room. */
static void test_a_look_may_take_copies(void **state)
{
    struct ends *ends = *state;
    char buffer[8];
    int descriptors[2];
    size_t count = 99, size = 99;
    send_text(ends, "three", 2);
    assert_int_equal(CMR_ERR_REJECTED,
                     cmr__packet_receive(ends->here, buffer, 8, descriptors, 1, &count, &size, true));
    assert_int_equal(ends->descriptors, descriptors_count());
    assert_int_equal(CMR_OK, cmr__packet_receive(ends->here, buffer, 8, descriptors, 2, &count, &size, true));
    assert_int_equal(count, 2);
    assert_true(is_same_file(descriptors[0], ends->file[0]));
    close(descriptors[0]);
    close(descriptors[1]);
    assert_int_equal(CMR_OK, receive(ends, 8, 2));
}

/* ---- what is refused */

static void test_long_packets_are_refused(void **state)
{
    struct ends *ends = *state;
    send_text(ends, "three", 2);
    send_text(ends, "three", 2);
    assert_int_equal(CMR_ERR_REJECTED, receive(ends, 4, 2));
    assert_int_equal(CMR_OK, receive(ends, 5, 2)); /* and the next is none the worse */
}

static void test_surplus_descriptors_are_refused(void **state)
{
    struct ends *ends = *state;
    for (size_t max = 0; max < CMR__PACKET_DESCRIPTORS; max++) {
        for (size_t count = max + 1; count <= CMR__PACKET_DESCRIPTORS; count++) {
            send_text(ends, "x", count);
            assert_int_equal(CMR_ERR_REJECTED, receive(ends, 8, max));
        }
    }
    assert_int_equal(CMR_ERR_AGAIN, receive(ends, 8, 1));
}

/* More than the library itself would send. */
static void test_a_hundred_descriptors_are_refused(void **state)
{
    struct ends *ends = *state;
    union {
        struct cmsghdr head;
        char bytes[CMSG_SPACE(100 * sizeof(int))];
    } control = { .bytes = { 0 } };
    struct iovec piece = { (void *)(uintptr_t) "x", 1 };
    struct msghdr message = {
        .msg_iov = &piece, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control
    };
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(100 * sizeof(int));
    for (int i = 0; i < 100; i++)
        memcpy(CMSG_DATA(head) + (size_t)i * sizeof(int), &ends->file[i % 9], sizeof(int));
    assert_int_equal(1, sendmsg(ends->there, &message, 0));
    assert_int_equal(CMR_ERR_REJECTED, receive(ends, 8, CMR__PACKET_DESCRIPTORS));
}

static void test_arguments_are_checked(void **state)
{
    struct ends *ends = *state;
    size_t max = CMR__PACKET_DESCRIPTORS + 1;
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, cmr__packet_send(ends->there, "x", 1, ends->file, max));
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, cmr__packet_send(ends->there, "x", 0, NULL, 0));
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, receive(ends, 1, max));
}

/* ---- the end of a connection, and a full one */

static void test_the_end_is_told(void **state)
{
    struct ends *ends = *state;
    signal(SIGPIPE, SIG_DFL); /* it would end the test */
    send_text(ends, "last", 1);
    close(ends->there);
    ends->there = -1;
    ends->descriptors--;
    assert_int_equal(CMR_OK, receive(ends, 8, 1));
    assert_int_equal(CMR_ERR_CLOSED, receive(ends, 8, 1));
    assert_int_equal(CMR_ERR_CLOSED, cmr__packet_send(ends->here, "x", 1, ends->file, 1));
    assert_int_equal(ends->descriptors, descriptors_count());
}

/* With what was sent to it unread, its end is a reset. */
static void test_a_reset_is_an_end(void **state)
{
    struct ends *ends = *state;
    assert_int_equal(CMR_OK, cmr__packet_send(ends->here, "unread", 6, NULL, 0));
    close(ends->there);
    ends->there = -1;
    ends->descriptors--;
    assert_int_equal(CMR_ERR_CLOSED, receive(ends, 8, 1));
    assert_int_equal(CMR_ERR_CLOSED, receive(ends, 8, 1));
}

static void test_a_full_socket_is_not_waited_for(void **state)
{
    struct ends *ends = *state;
    cmr_status status;
    size_t sent = 0;
    while ((status = cmr__packet_send(ends->there, "x", 1, ends->file, 1)) == CMR_OK)
        assert_in_range(++sent, 1, 1000000);
    assert_int_equal(status, CMR_ERR_AGAIN);
    while (receive(ends, 8, 1) == CMR_OK)
        sent--;
    assert_int_equal(sent, 0);
}

/* ---- what fails */

static void test_calls_may_fail(void **state)
{
    static const struct {
        int error;
        cmr_status status;
    } cases[] = {
        { EAGAIN, CMR_ERR_AGAIN },    { EPIPE, CMR_ERR_CLOSED },   { ECONNRESET, CMR_ERR_CLOSED },
        { ENOTCONN, CMR_ERR_CLOSED }, { ENOBUFS, CMR_ERR_SYSTEM }, { ETOOMANYREFS, CMR_ERR_SYSTEM },
    };
    struct ends *ends = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        failing = cases[i].error;
        times = 1;
        assert_int_equal(cases[i].status, cmr__packet_send(ends->there, "x", 1, ends->file, 1));
        assert_int_equal(errno, cases[i].error);
        times = 1;
        assert_int_equal(cases[i].status, receive(ends, 8, 1));
        assert_int_equal(errno, cases[i].error);
    }
    failing = EINTR;
    times = 3;
    send_text(ends, "x", 1);
    times = 3;
    assert_int_equal(CMR_OK, receive(ends, 8, 1));
    failing = 0;
    assert_int_equal(CMR_ERR_SYSTEM, cmr__packet_send(ends->file[0], "x", 1, NULL, 0));
    assert_int_equal(errno, ENOTSOCK);
}

/* A child that sets its parent's limit to each number that comes: valgrind keeps a program's own calls for
 * that from the kernel. It is killed, so that what it has of its parent is not taken for leaks. */
struct limiter {
    pid_t child;
    int socket;
};

static struct limiter limiter_start(void)
{
    int pair[2];
    pid_t parent = getpid();
    struct rlimit limit;
    assert_int_equal(0, socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair));
    pid_t child = fork();
    if (child == 0)
        close(pair[0]); /* so that it hears of the end */
    while (child == 0 && read(pair[1], &limit, sizeof limit) == sizeof limit) {
        bool done = prlimit(parent, RLIMIT_NOFILE, &limit, NULL) == 0;
        (void)!write(pair[1], &done, sizeof done);
    }
    if (child == 0)
        raise(SIGKILL);
    close(pair[1]);
    return (struct limiter){ child, pair[0] };
}

static void limiter_set(const struct limiter *limiter, const struct rlimit *limit)
{
    bool done = false;
    assert_int_equal(sizeof *limit, write(limiter->socket, limit, sizeof *limit));
    assert_int_equal(sizeof done, read(limiter->socket, &done, sizeof done));
    assert_true(done);
}

static void limiter_end(const struct limiter *limiter)
{
    assert_int_equal(0, kill(limiter->child, SIGKILL));
    close(limiter->socket);
    assert_int_equal(limiter->child, waitpid(limiter->child, NULL, 0));
}

/* The limit is a number that descriptors must be below: none is left, or room for one of two. */
static void test_no_descriptor_is_left(void **state)
{
    struct ends *ends = *state;
    struct limiter limiter = limiter_start();
    struct rlimit was;
    int lowest = dup(0);
    assert_true(lowest >= 0);
    close(lowest);
    ends->descriptors++; /* the limiter's */
    assert_int_equal(0, getrlimit(RLIMIT_NOFILE, &was));
    for (unsigned room = 0; room < 2; room++) {
        const struct rlimit low = { (rlim_t)lowest + room, was.rlim_max };
        send_text(ends, "x", 2);
        limiter_set(&limiter, &low);
        cmr_status status = receive(ends, 8, 2);
        int error = errno;
        limiter_set(&limiter, &was);
        assert_int_equal(status, CMR_ERR_SYSTEM);
        assert_int_equal(error, EMFILE);
    }
    send_text(ends, "x", 2);
    assert_int_equal(CMR_OK, receive(ends, 8, 2));
    limiter_end(&limiter);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_packets_come_whole_and_in_order),
        TEST(test_as_many_descriptors_as_are_allowed),
        TEST(test_a_look_takes_nothing),
        TEST(test_a_look_may_take_copies),
        TEST(test_long_packets_are_refused),
        TEST(test_surplus_descriptors_are_refused),
        TEST(test_a_hundred_descriptors_are_refused),
        TEST(test_arguments_are_checked),
        TEST(test_the_end_is_told),
        TEST(test_a_reset_is_an_end),
        TEST(test_a_full_socket_is_not_waited_for),
        TEST(test_calls_may_fail),
        TEST(test_no_descriptor_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
