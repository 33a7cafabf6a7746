/* SPDX-License-Identifier: MIT
 *
 * cmr_reloader_get_report: what is wrong with what is mounted, for as long as it is mounted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/follower.h"

#define BAD "{\"a\": }"

static cmr_report *report_of(struct follower *follower, const char *mount)
{
    cmr_report *report = NULL;
    assert_int_equal(CMR_OK, cmr_reloader_get_report(follower->reloader, mount, &report));
    return report;
}

/* "file:line file:line", of a report that is freed. */
static const char *places(cmr_report *report)
{
    static char text[256];
    text[0] = '\0';
    for (size_t i = 0; i < cmr_report_count(report); i++) {
        const cmr_diagnostic *one = cmr_report_get(report, i);
        size_t length = strlen(text);
        snprintf(text + length, sizeof text - length, "%s%s:%u", i ? " " : "", one->file, one->line);
    }
    cmr_report_free(report);
    return text;
}

static void a_report_stays_as_long_as_what_it_is_about(void **state)
{
    struct follower *follower = *state;
    struct fake_kubelet *kubelet = &follower->kubelet;
    fake_kubelet_write(kubelet, "a.json", "{}");
    follower_open(follower, kubelet->dir);
    assert_null(report_of(follower, NULL));
    assert_int_equal(CMR_OK, cmr_reloader_load(follower->reloader, 0));
    assert_null(report_of(follower, NULL));

    fake_kubelet_set(kubelet, "b.json", BAD);
    fake_kubelet_set(kubelet, "c.json", "\n" BAD);
    fake_kubelet_write(kubelet, "a.json", "\n\n" BAD);
    follower_dispatch(follower);
    assert_string_equal("a.json:3 b.json:1 c.json:2", places(report_of(follower, NULL)));
    cmr_reloader_check_now(follower->reloader);
    follower_dispatch(follower);
    assert_string_equal("a.json:3 b.json:1 c.json:2", places(report_of(follower, NULL)));
    assert_int_equal(1, follower_status(follower).reloads_rejected);

    fake_kubelet_remove(kubelet, "b.json");
    fake_kubelet_write(kubelet, "a.json", "{}");
    follower_dispatch(follower);
    assert_string_equal("c.json:2", places(report_of(follower, NULL)));

    fake_kubelet_write(kubelet, "c.json", "{}");
    follower_dispatch(follower);
    assert_null(report_of(follower, NULL));
}

static void each_mount_has_its_own(void **state)
{
    struct follower *follower = *state;
    cmr_mount_options other = CMR_MOUNT_OPTIONS_INIT;
    other.name = "other";
    fake_kubelet_write(&follower->kubelet, "a.json", "{}");
    fake_kubelet_write(&follower->other, "b.json", BAD);
    follower_open(follower, follower->kubelet.dir);
    assert_int_equal(CMR_OK, cmr_reloader_add_mount(follower->reloader, follower->other.dir, &other));
    assert_int_equal(CMR_ERR_REJECTED, cmr_reloader_load(follower->reloader, 0));
    assert_null(report_of(follower, NULL));
    assert_string_equal("b.json:1", places(report_of(follower, "other")));
    cmr_report *untouched = (cmr_report *)(void *)follower;
    assert_int_equal(CMR_ERR_NOT_FOUND, cmr_reloader_get_report(follower->reloader, "third", &untouched));
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, cmr_reloader_get_report(NULL, NULL, &untouched));
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, cmr_reloader_get_report(follower->reloader, NULL, NULL));
    assert_ptr_equal(follower, untouched);
}

/* The first generation is refused for a value of one mount, and good with what the other one has later. */
static void what_was_refused_for_another_mount_is_absolved(void **state)
{
    struct follower *follower = *state;
    cmr_mount_options other = CMR_MOUNT_OPTIONS_INIT;
    cmr_subscription_options typed = CMR_SUBSCRIPTION_OPTIONS_INIT;
    other.name = "other";
    typed.type = CMR_TYPE_INT64;
    fake_kubelet_write(&follower->kubelet, "n", "1");
    fake_kubelet_write(&follower->other, "m", "bad");
    follower_open(follower, follower->kubelet.dir);
    assert_int_equal(CMR_OK, cmr_reloader_add_mount(follower->reloader, follower->other.dir, &other));
    assert_int_equal(CMR_OK, cmr_subscribe(follower->reloader, "other:m", journal_update, &follower->journal,
                                           &typed, NULL));
    assert_int_equal(CMR_ERR_REJECTED, cmr_reloader_load(follower->reloader, 0));
    assert_string_equal("m:1", places(report_of(follower, "other")));
    fake_kubelet_write(&follower->other, "m", "2");
    assert_int_equal(CMR_OK, cmr_reloader_load(follower->reloader, 10000));
    assert_null(report_of(follower, "other"));
    assert_null(report_of(follower, NULL));
}

static void ask(void *user, const cmr_event *event)
{
    struct follower *follower = user;
    if (event->kind == CMR_EVENT_REJECTED)
        assert_string_equal("a.json:1", places(report_of(follower, event->mount)));
    else
        assert_null(report_of(follower, event->mount));
}

static void an_observer_who_asks_finds_what_it_was_told(void **state)
{
    struct follower *follower = *state;
    fake_kubelet_write(&follower->kubelet, "a.json", "{}");
    follower_load(follower);
    assert_int_equal(CMR_OK, cmr_observe(follower->reloader, ask, follower, NULL, NULL));
    fake_kubelet_write(&follower->kubelet, "a.json", BAD);
    follower_hears(follower, "rejected 1 a.json:1:7 []\n");
    fake_kubelet_write(&follower->kubelet, "a.json", "{\"b\": 1}");
    follower_hears(follower, "applied 2\n+a.json#b=1\n");
}

static void note_places(void *user, const cmr_event *event)
{
    struct follower *follower = user;
    char line[64];
    if (event->kind != CMR_EVENT_STATE)
        return;
    snprintf(line, sizeof line, "knows \"%s\"", places(report_of(follower, NULL)));
    journal_add(&follower->journal, line);
}

/* An observer of the state may ask when a generation is seen, and not yet known to be bad. */
static void a_report_is_not_of_what_was_mounted_before(void **state)
{
    struct follower *follower = *state;
    fake_kubelet_write(&follower->kubelet, "a.json", "{}");
    follower_load(follower);
    assert_int_equal(CMR_OK, cmr_observe(follower->reloader, note_places, follower, NULL, NULL));
    fake_kubelet_write(&follower->kubelet, "a.json", BAD);
    follower_hears(follower, "rejected 1 a.json:1:7 []\n");
    fake_kubelet_remove_volume(&follower->kubelet);
    follower_hears(follower, "state config dead\nknows \"a.json:1\"\n");
    fake_kubelet_write(&follower->kubelet, "a.json", "\n" BAD);
    follower_awaits(follower, "state config ready\nknows \"\"\nrejected 1 a.json:2:7 []\n");
}

static void a_secret_is_not_quoted(void **state)
{
    struct follower *follower = *state;
    follower->mount.secret = true;
    fake_kubelet_write(&follower->kubelet, "a.env", "PASSWORD=1");
    follower_open(follower, follower->kubelet.dir);
    assert_int_equal(CMR_OK, cmr_reloader_load(follower->reloader, 0));
    fake_kubelet_write(&follower->kubelet, "a.env", "hunter2 is it");
    follower_dispatch(follower);
    cmr_report *report = report_of(follower, NULL);
    assert_int_equal(1, cmr_report_count(report));
    assert_null(strstr(cmr_report_get(report, 0)->message, "hunter2"));
    cmr_report_free(report);
}

static void a_child_is_refused(void **state)
{
    struct follower *follower = *state;
    fake_kubelet_write(&follower->kubelet, "a.json", BAD);
    follower_open(follower, follower->kubelet.dir);
    assert_int_equal(CMR_ERR_REJECTED, cmr_reloader_load(follower->reloader, 0));
    pid_t child = fork();
    if (child == 0) {
        cmr_report *report;
        bool refused = cmr_reloader_get_report(follower->reloader, NULL, &report) == CMR_ERR_FORKED;
        refused &= cmr_reloader_after_fork(follower->reloader) == CMR_OK;
        refused &= strcmp(places(report_of(follower, NULL)), "a.json:1") == 0;
        raise(refused ? SIGKILL : SIGTERM); /* what it has allocated is no leak */
    }
    int status = -1;
    assert_int_equal(child, waitpid(child, &status, 0));
    assert_true(WIFSIGNALED(status));
    assert_int_equal(SIGKILL, WTERMSIG(status));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, follower_set_up, follower_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_report_stays_as_long_as_what_it_is_about),
        TEST(each_mount_has_its_own),
        TEST(what_was_refused_for_another_mount_is_absolved),
        TEST(an_observer_who_asks_finds_what_it_was_told),
        TEST(a_report_is_not_of_what_was_mounted_before),
        TEST(a_secret_is_not_quoted),
        TEST(a_child_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
