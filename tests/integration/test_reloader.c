/* SPDX-License-Identifier: MIT
 *
 * The reloader's life over one volume: open, load, wake, dispatch, freeze, free. What is odd about volumes
 * (late, gone, moved, dangling) is in test_mount.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/time.h>
#include <unistd.h>

#include "cmreload/cmreload.h"
#include "support/fake_kubelet.h"
#include "support/journal.h"

#define PATIENCE_MS 30000 /* for what must come; never used up unless it does not */

struct fixture {
    struct fake_kubelet kubelet;
    struct journal journal;
    cmr_reloader *reloader;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    if (!fixture)
        return -1;
    fake_kubelet_open(&fixture->kubelet);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    cmr_reloader_free(fixture->reloader);
    fake_kubelet_close(&fixture->kubelet);
    free(fixture);
    return 0;
}

static void open_only(struct fixture *fixture)
{
    assert_int_equal(CMR_OK, cmr_open(fixture->kubelet.dir, NULL, &fixture->reloader));
    assert_int_equal(CMR_OK, cmr_observe(fixture->reloader, journal_event, &fixture->journal, NULL, NULL));
}

static void open_and_load(struct fixture *fixture)
{
    fake_kubelet_write(&fixture->kubelet, "value", "0");
    open_only(fixture);
    assert_int_equal(CMR_OK, cmr_reloader_load(fixture->reloader, 0));
    assert_string_equal("ready 1\n", journal_take(&fixture->journal));
}

static void write_number(struct fixture *fixture, int number)
{
    char text[16];
    snprintf(text, sizeof text, "%d", number);
    fake_kubelet_write(&fixture->kubelet, "value", text);
}

static int64_t current(cmr_reloader *reloader, const char *key)
{
    cmr_snapshot *snapshot = cmr_reloader_ref_snapshot(reloader);
    int64_t value = cmr_get_int64_or(snapshot, key, -1);
    cmr_snapshot_unref(snapshot);
    return value;
}

static cmr_reloader_status status_of(cmr_reloader *reloader)
{
    cmr_reloader_status status = CMR_RELOADER_STATUS_INIT;
    assert_int_equal(CMR_OK, cmr_reloader_get_status(reloader, &status));
    return status;
}

static bool is_readable(cmr_reloader *reloader)
{
    struct pollfd descriptor = { .fd = cmr_reloader_fd(reloader), .events = POLLIN };
    return poll(&descriptor, 1, 0) == 1;
}

static void open_reads_nothing_and_fd_is_readable_at_once(void **state)
{
    struct fixture *fixture = *state;
    fake_kubelet_write(&fixture->kubelet, "value", "7");
    open_only(fixture);
    cmr_snapshot *snapshot = cmr_reloader_ref_snapshot(fixture->reloader);
    assert_int_equal(0, cmr_snapshot_generation(snapshot));
    assert_int_equal(0, cmr_snapshot_file_count(snapshot, NULL));
    cmr_snapshot_unref(snapshot);
    assert_int_equal(0, status_of(fixture->reloader).last_success);

    assert_true(is_readable(fixture->reloader));
    assert_int_equal(CMR_OK, cmr_reloader_dispatch(fixture->reloader));
    assert_int_equal(7, current(fixture->reloader, "value"));
    assert_false(is_readable(fixture->reloader));
    assert_int_equal(CMR_ERR_TIMEOUT, cmr_reloader_wait(fixture->reloader, 0));
    assert_int_equal(CMR_OK, cmr_reloader_load(fixture->reloader, 0));
}

static void arguments_are_checked(void **state)
{
    struct fixture *fixture = *state;
    struct {
        cmr_options known;
        long unknown;
    } newer = { { .size = sizeof newer }, 1 };
    struct {
        cmr_subscription_options known;
        long unknown;
    } newer_subscription = { { .size = sizeof newer_subscription }, 1 };
    const char *dir = fixture->kubelet.dir;
    cmr_reloader *reloader = NULL;
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, cmr_open(dir, &newer.known, &reloader));
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, cmr_open(NULL, NULL, &reloader));
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, cmr_open("", NULL, &reloader));
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, cmr_open(dir, NULL, NULL));
    assert_null(reloader);
    newer.unknown = 0;
    assert_int_equal(CMR_OK, cmr_open(dir, &newer.known, &reloader));
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT,
                     cmr_subscribe(reloader, "**", journal_update, NULL, &newer_subscription.known, NULL));
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT,
                     cmr_reloader_add_mount(reloader, dir, NULL)); /* the name is taken */
    cmr_mount_status status = CMR_MOUNT_STATUS_INIT;
    assert_int_equal(CMR_ERR_NOT_FOUND, cmr_reloader_get_mount_status(reloader, "other", &status));
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, cmr_reloader_dispatch(NULL));
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, cmr_reloader_wait(NULL, 0));
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, cmr_reloader_load(NULL, 0));
    cmr_reloader_free(reloader);
    cmr_reloader_free(NULL);
}

static void first_generation_is_rejected(void **state)
{
    struct fixture *fixture = *state;
    fake_kubelet_write(&fixture->kubelet, "bad.yaml", "a: [1\nb: 2\n");
    open_only(fixture);
    assert_int_equal(CMR_ERR_REJECTED, cmr_reloader_load(fixture->reloader, -1));
    assert_non_null(strstr(journal_take(&fixture->journal), "rejected 0 bad.yaml:2:"));
    assert_int_equal(CMR_ERR_REJECTED, cmr_reloader_load(fixture->reloader, PATIENCE_MS));
    assert_string_equal("", journal_take(&fixture->journal));

    cmr_mount_status status = CMR_MOUNT_STATUS_INIT;
    assert_int_equal(CMR_OK, cmr_reloader_get_mount_status(fixture->reloader, NULL, &status));
    assert_string_not_equal("", status.mounted_target);
    assert_string_equal("", status.applied_target);

    fake_kubelet_write(&fixture->kubelet, "bad.yaml", "a: 1\n");
    assert_int_equal(CMR_OK, cmr_reloader_load(fixture->reloader, 0));
    assert_string_equal("ready 1\n", journal_take(&fixture->journal));
    assert_int_equal(CMR_OK, cmr_reloader_get_mount_status(fixture->reloader, NULL, &status));
    assert_string_equal(status.mounted_target, status.applied_target);
}

static void a_rejected_generation_is_told_once(void **state)
{
    struct fixture *fixture = *state;
    open_and_load(fixture);
    fake_kubelet_write(&fixture->kubelet, "bad.properties", "a=\\u12\n");
    assert_int_equal(CMR_OK, cmr_reloader_dispatch(fixture->reloader));
    assert_non_null(strstr(journal_take(&fixture->journal), "rejected 1 bad.properties:1:"));
    for (int i = 0; i < 3; i++) {
        cmr_reloader_check_now(fixture->reloader);
        assert_true(is_readable(fixture->reloader));
        assert_int_equal(CMR_OK, cmr_reloader_dispatch(fixture->reloader));
    }
    assert_string_equal("", journal_take(&fixture->journal));
    assert_int_equal(1, status_of(fixture->reloader).reloads_rejected);
    assert_int_equal(1, status_of(fixture->reloader).reloads_applied);
    assert_int_equal(0, status_of(fixture->reloader).reloads_failed);
    assert_int_equal(0, current(fixture->reloader, "value"));
}

/* The outer loop of an application, of either kind. A change may come before the wait, and during dispatch.
 */
static void swap_once_more(void *user, const cmr_event *event)
{
    struct fixture *fixture = user;
    if (event->kind == CMR_EVENT_APPLIED && event->generation % 3 == 0)
        write_number(fixture, 1000 + (int)event->generation);
}

static void follow_by_epoll(struct fixture *fixture, uint32_t trigger)
{
    struct epoll_event event = { .events = EPOLLIN | trigger };
    int outer = epoll_create1(EPOLL_CLOEXEC);
    open_and_load(fixture);
    assert_int_equal(0, epoll_ctl(outer, EPOLL_CTL_ADD, cmr_reloader_fd(fixture->reloader), &event));
    cmr_observe(fixture->reloader, swap_once_more, fixture, NULL, NULL);
    for (int i = 1; i <= 300; i++) {
        for (int burst = 0; burst <= i % 3; burst++)
            write_number(fixture, 10 * i + burst);
        do {
            assert_int_equal(1, epoll_wait(outer, &event, 1, PATIENCE_MS));
            assert_int_equal(CMR_OK, cmr_reloader_dispatch(fixture->reloader));
        } while (current(fixture->reloader, "value") !=
                 atoi(payload_find(&fixture->kubelet.payload, "value")->data));
    }
    close(outer);
}

static void level_triggered_loops_lose_nothing(void **state)
{
    follow_by_epoll(*state, 0);
}

static void edge_triggered_loops_lose_nothing(void **state)
{
    follow_by_epoll(*state, EPOLLET);
}

static void dispatch_again(void *user, const cmr_event *event)
{
    struct fixture *fixture = user;
    (void)event;
    assert_int_equal(CMR_ERR_BUSY, cmr_reloader_dispatch(fixture->reloader));
    assert_int_equal(CMR_ERR_BUSY, cmr_reloader_wait(fixture->reloader, 0));
    assert_int_equal(CMR_ERR_BUSY, cmr_reloader_load(fixture->reloader, 0));
    assert_int_equal(CMR_ERR_BUSY, cmr_reloader_add_mount(fixture->reloader, "/elsewhere", NULL));
    journal_add(&fixture->journal, "busy");
}

static void nested_dispatch_is_busy(void **state)
{
    struct fixture *fixture = *state;
    fake_kubelet_write(&fixture->kubelet, "value", "1");
    open_only(fixture);
    cmr_observe(fixture->reloader, dispatch_again, fixture, NULL, NULL);
    assert_int_equal(CMR_OK, cmr_reloader_load(fixture->reloader, 0));
    assert_string_equal("ready 1\nbusy\n", journal_take(&fixture->journal));
    assert_int_equal(CMR_ERR_BUSY, cmr_reloader_add_mount(fixture->reloader, "/elsewhere", NULL));
}

static void on_alarm(int signal)
{
    (void)signal;
}

static void signals_interrupt_waits(void **state)
{
    struct fixture *fixture = *state;
    struct sigaction action = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };
    struct itimerval often = { { 0, 20000 }, { 0, 20000 } }, never = { { 0, 0 }, { 0, 0 } };
    open_only(fixture);
    assert_int_equal(CMR_ERR_NOT_FOUND, cmr_reloader_load(fixture->reloader, 0));
    assert_int_equal(0, sigaction(SIGALRM, &action, NULL));
    assert_int_equal(0, setitimer(ITIMER_REAL, &often, NULL));
    cmr_status status;
    do /* the volume is looked for now and then */
        status = cmr_reloader_wait(fixture->reloader, PATIENCE_MS);
    while (status == CMR_OK);
    assert_int_equal(CMR_ERR_INTERRUPTED, status);
    assert_int_equal(CMR_ERR_INTERRUPTED, cmr_reloader_load(fixture->reloader, PATIENCE_MS));
    assert_int_equal(0, setitimer(ITIMER_REAL, &never, NULL));
}

static void hold_freezes_until_the_last_release(void **state)
{
    struct fixture *fixture = *state;
    open_and_load(fixture);
    cmr_subscribe(fixture->reloader, "value", journal_update, &fixture->journal, NULL, NULL);
    cmr_reloader_hold(fixture->reloader);
    cmr_reloader_hold(fixture->reloader);
    for (int i = 1; i <= 5; i++) {
        write_number(fixture, i);
        cmr_reloader_check_now(fixture->reloader);
        assert_int_equal(CMR_OK, cmr_reloader_dispatch(fixture->reloader));
    }
    assert_true(status_of(fixture->reloader).held);
    assert_int_equal(0, current(fixture->reloader, "value"));
    cmr_reloader_release(fixture->reloader);
    assert_int_equal(CMR_OK, cmr_reloader_dispatch(fixture->reloader));
    assert_string_equal("", journal_take(&fixture->journal));

    cmr_reloader_release(fixture->reloader);
    cmr_reloader_release(fixture->reloader); /* one too many */
    assert_false(status_of(fixture->reloader).held);
    assert_true(is_readable(fixture->reloader));
    assert_int_equal(CMR_OK, cmr_reloader_dispatch(fixture->reloader));
    assert_string_equal("applied 2\nvalue=0>5\n", journal_take(&fixture->journal));
}

static void load_waits_for_a_release_no_longer_than_its_deadline(void **state)
{
    struct fixture *fixture = *state;
    fake_kubelet_write(&fixture->kubelet, "value", "1");
    open_only(fixture);
    cmr_reloader_hold(fixture->reloader);
    assert_int_equal(CMR_ERR_TIMEOUT, cmr_reloader_load(fixture->reloader, 30));
    cmr_reloader_release(fixture->reloader);
    assert_int_equal(CMR_OK, cmr_reloader_load(fixture->reloader, 0));
}

/* Frozen while a generation is being loaded: by the application's log function, here; by another thread, in
 * life. */
static void hold_when_ready(void *user, cmr_log_level level, const char *message)
{
    struct fixture *fixture = user;
    (void)level;
    if (strstr(message, "ready"))
        cmr_reloader_hold(fixture->reloader);
}

static void nothing_is_published_after_hold_returns(void **state)
{
    struct fixture *fixture = *state;
    cmr_options options = CMR_OPTIONS_INIT;
    options.log = hold_when_ready;
    options.log_user = fixture;
    assert_int_equal(CMR_OK, cmr_open(fixture->kubelet.dir, &options, &fixture->reloader));
    assert_int_equal(CMR_ERR_NOT_FOUND, cmr_reloader_load(fixture->reloader, 0));
    fake_kubelet_write(&fixture->kubelet, "value", "1");
    cmr_reloader_check_now(fixture->reloader);
    assert_int_equal(CMR_OK, cmr_reloader_dispatch(fixture->reloader)); /* state ready, held, then the load */
    assert_true(status_of(fixture->reloader).held);
    assert_int_equal(0, status_of(fixture->reloader).generation);
    cmr_reloader_release(fixture->reloader);
    assert_int_equal(CMR_OK, cmr_reloader_dispatch(fixture->reloader));
    assert_int_equal(1, current(fixture->reloader, "value"));
}

static void wake_and_check_now_end_a_wait_and_keep_errno(void **state)
{
    struct fixture *fixture = *state;
    open_and_load(fixture);
    errno = EILSEQ;
    cmr_reloader_wake(fixture->reloader);
    cmr_reloader_wake(fixture->reloader);
    assert_int_equal(EILSEQ, errno);
    assert_int_equal(CMR_OK, cmr_reloader_wait(fixture->reloader, -1));
    assert_int_equal(CMR_ERR_TIMEOUT, cmr_reloader_wait(fixture->reloader, 0));
    errno = EILSEQ;
    cmr_reloader_check_now(fixture->reloader);
    assert_int_equal(EILSEQ, errno);
    assert_int_equal(CMR_OK, cmr_reloader_wait(fixture->reloader, -1));
    assert_int_equal(CMR_ERR_TIMEOUT, cmr_reloader_wait(fixture->reloader, 0));
}

static size_t open_descriptors(void)
{
    size_t count = 0;
    for (int i = 0; i < 1024; i++)
        count += fcntl(i, F_GETFD) >= 0;
    return count;
}

static void every_descriptor_is_close_on_exec_and_closed_in_the_end(void **state)
{
    struct fixture *fixture = *state;
    size_t before = open_descriptors();
    bool was_open[1024];
    for (int i = 0; i < 1024; i++)
        was_open[i] = fcntl(i, F_GETFD) >= 0;
    open_and_load(fixture);
    for (int i = 0; i < 1024; i++)
        if (!was_open[i] && fcntl(i, F_GETFD) >= 0)
            assert_true(fcntl(i, F_GETFD) & FD_CLOEXEC);
    cmr_reloader_free(fixture->reloader);
    for (int i = 0; i < 300; i++) { /* under updates */
        if (i % 20 == 0)
            write_number(fixture, i + 1);
        assert_int_equal(CMR_OK, cmr_open(fixture->kubelet.dir, NULL, &fixture->reloader));
        assert_int_equal(CMR_OK, cmr_reloader_load(fixture->reloader, 0));
        cmr_reloader_free(fixture->reloader);
    }
    fixture->reloader = NULL;
    assert_int_equal(before, open_descriptors());
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(open_reads_nothing_and_fd_is_readable_at_once),
        TEST(arguments_are_checked),
        TEST(first_generation_is_rejected),
        TEST(a_rejected_generation_is_told_once),
        TEST(level_triggered_loops_lose_nothing),
        TEST(edge_triggered_loops_lose_nothing),
        TEST(nested_dispatch_is_busy),
        TEST(signals_interrupt_waits),
        TEST(hold_freezes_until_the_last_release),
        TEST(load_waits_for_a_release_no_longer_than_its_deadline),
        TEST(nothing_is_published_after_hold_returns),
        TEST(wake_and_check_now_end_a_wait_and_keep_errno),
        TEST(every_descriptor_is_close_on_exec_and_closed_in_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
