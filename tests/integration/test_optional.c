/* SPDX-License-Identifier: MIT
 *
 * Optional mounts: what is not there holds nothing back, and its keys are added when it comes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "engine/reloader.h"
#include "support/follower.h"

#define PATIENCE_MS 30000

/* The kubelet's volume, and the other's beside it. */
static void open_two(struct follower *follower, bool first_is_optional)
{
    cmr_mount_options other = CMR_MOUNT_OPTIONS_INIT;
    other.name = "other";
    other.check_interval_ms = 20;
    other.optional = !first_is_optional;
    follower->mount.check_interval_ms = 20;
    follower->mount.optional = first_is_optional;
    follower_open(follower, follower->kubelet.dir);
    assert_int_equal(CMR_OK, cmr_reloader_add_mount(follower->reloader, follower->other.dir, &other));
}

static void load(struct follower *follower, cmr_status expected)
{
    cmr_reloader_check_now(follower->reloader);
    assert_int_equal(expected, cmr_reloader_load(follower->reloader, 0));
}

static cmr_mount_status status_of_other(struct follower *follower)
{
    cmr_mount_status status = CMR_MOUNT_STATUS_INIT;
    assert_int_equal(CMR_OK, cmr_reloader_get_mount_status(follower->reloader, "other", &status));
    return status;
}

static void what_is_not_there_counts_as_empty(void **state)
{
    struct follower *follower = *state;
    fake_kubelet_write(&follower->kubelet, "value", "1");
    open_two(follower, false);
    load(follower, CMR_OK);
    assert_string_equal("state other waiting\nready 1\n", journal_take(&follower->journal));
    follower_has(follower, "value", "1");
    cmr_snapshot *snapshot = cmr_reloader_ref_snapshot(follower->reloader);
    assert_int_equal(0, cmr_snapshot_file_count(snapshot, "other"));
    assert_string_equal("", cmr_snapshot_target(snapshot, "other"));
    cmr_snapshot_unref(snapshot);
    assert_int_equal(CMR_REASON_ABSENT, status_of_other(follower).reason);

    fake_kubelet_write(&follower->kubelet, "value", "2"); /* the others are followed meanwhile */
    follower_awaits(follower, "applied 2\nvalue=1>2\n");
    load(follower, CMR_OK); /* and it is told once that nothing is there */
    assert_string_equal("", journal_take(&follower->journal));
}

static void what_comes_late_is_added(void **state)
{
    struct follower *follower = *state;
    fake_kubelet_write(&follower->kubelet, "value", "1");
    open_two(follower, false);
    load(follower, CMR_OK);
    journal_take(&follower->journal);
    for (int i = 0; i < 3; i++) { /* it comes, and goes, and comes back */
        char text[16], expected[96];
        snprintf(text, sizeof text, "%d", 10 + i);
        fake_kubelet_write(&follower->other, "more", text);
        if (i == 0)
            snprintf(expected, sizeof expected, "state other ready\napplied 2\n+more=10\n");
        else
            snprintf(expected, sizeof expected, "state other ready\napplied %d\nmore=%d>%d\n", 2 + i, 9 + i,
                     10 + i);
        follower_awaits(follower, expected);
        follower_has(follower, "other:more", text);
        fake_kubelet_remove_volume(&follower->other);
        follower_awaits(follower, "state other dead\n"); /* what was there stays */
        follower_has(follower, "other:more", text);
    }
    assert_int_equal(CMR_MOUNT_DEAD, status_of_other(follower).state);
}

static void nothing_but_what_is_not_there_is_an_empty_generation(void **state)
{
    struct follower *follower = *state;
    follower->mount.optional = true;
    follower->mount.check_interval_ms = 20;
    follower_open(follower, follower->kubelet.dir);
    load(follower, CMR_OK);
    assert_string_equal("state config waiting\nready 1\n", journal_take(&follower->journal));
    assert_int_equal(0, follower_file_count(follower));
    assert_string_equal("", follower_mount_status(follower).applied_target);
    fake_kubelet_write(&follower->kubelet, "value", "1");
    follower_awaits(follower, "state config ready\napplied 2\n+value=1\n");
}

static void load_waits_for_what_is_required(void **state)
{
    struct follower *follower = *state;
    for (int first = 0; first < 2; first++) { /* in either order */
        struct fake_kubelet *required = first ? &follower->other : &follower->kubelet;
        open_two(follower, first);
        load(follower, CMR_ERR_NOT_FOUND);
        assert_int_equal(CMR_ERR_NOT_FOUND, cmr_reloader_load(follower->reloader, 60));
        assert_string_equal("state config waiting\nstate other waiting\n", journal_take(&follower->journal));
        assert_int_equal(0, follower_status(follower).generation);
        fake_kubelet_write(required, "value", first ? "1" : "2");
        assert_int_equal(CMR_OK, cmr_reloader_load(follower->reloader, PATIENCE_MS));
        assert_string_equal(first ? "state other ready\nready 1\n" : "state config ready\nready 1\n",
                            journal_take(&follower->journal));
        follower_end(follower);
        fake_kubelet_remove_volume(required);
    }
}

static cmr_status subscribe(struct follower *follower, const char *patterns)
{
    cmr_subscription_options options = CMR_SUBSCRIPTION_OPTIONS_INIT;
    options.type = CMR_TYPE_INT64;
    options.initial = true;
    return cmr_subscribe(follower->reloader, patterns, journal_update, &follower->journal, &options, NULL);
}

/* Of keys that are not there a type says nothing; when they come, it is a condition. */
static void typed_subscriptions_hear_of_what_comes(void **state)
{
    struct follower *follower = *state;
    fake_kubelet_write(&follower->kubelet, "value", "1");
    open_two(follower, false);
    assert_int_equal(CMR_OK, subscribe(follower, "other:port"));
    load(follower, CMR_OK);
    assert_string_equal("state other waiting\nready 1\n", journal_take(&follower->journal));
    fake_kubelet_write(&follower->other, "port", "http");
    follower_awaits(follower, "state other ready\nrejected 1 port:1:1 [port]\n");
    fake_kubelet_write(&follower->other, "port", "80");
    follower_awaits(follower, "applied 2\n+port=80\n+port=80\n");
}

/* There and bad: that is told, and holds the publication back until it is mended, or gone. */
static void what_is_there_and_bad_is_waited_for(void **state)
{
    struct follower *follower = *state;
    fake_kubelet_write(&follower->kubelet, "value", "1");
    fake_kubelet_write(&follower->other, "a.yaml", "[");
    open_two(follower, false);
    load(follower, CMR_ERR_REJECTED);
    assert_string_equal("rejected 0 a.yaml:1:2 []\n", journal_take(&follower->journal));
    fake_kubelet_remove_volume(&follower->other);
    assert_int_equal(CMR_OK, cmr_reloader_load(follower->reloader, PATIENCE_MS));
    assert_string_equal("state other waiting\nready 1\n", journal_take(&follower->journal));
}

static void make_strange(struct follower *follower, int how)
{
    if (how == 0) {
        assert_int_equal(0, mkfifo(follower->other.dir, 0644));
        return;
    }
    assert_int_equal(0, mkdir(follower->other.dir, 0755));
    fake_kubelet_link(&follower->other, how == 1 ? "../elsewhere" : "..2026_never");
}

static void what_is_there_and_cannot_be_read_is_waited_for(void **state)
{
    static const struct {
        cmr_status status;
        cmr_mount_reason reason;
    } cases[] = { { CMR_ERR_NOT_FOUND, CMR_REASON_WRONG_KIND },
                  { CMR_ERR_SYSTEM, CMR_REASON_OUTSIDE },
                  { CMR_ERR_NOT_FOUND, CMR_REASON_DANGLING } };
    struct follower *follower = *state;
    fake_kubelet_write(&follower->kubelet, "value", "1");
    for (int how = 0; how < 3; how++)
        for (int late = 0; late < 2; late++) {
            if (!late)
                make_strange(follower, how);
            open_two(follower, false);
            if (late) { /* than the first look, which found nothing: so it is no longer empty */
                fake_kubelet_remove_volume(&follower->kubelet);
                load(follower, CMR_ERR_NOT_FOUND);
                make_strange(follower, how);
                load(follower, how == 1 ? CMR_ERR_SYSTEM : CMR_ERR_NOT_FOUND);
                fake_kubelet_swap(&follower->kubelet);
            }
            load(follower, cases[how].status);
            assert_int_equal(cases[how].reason, status_of_other(follower).reason);
            assert_null(strstr(journal_take(&follower->journal), "ready 1"));
            if (how == 0)
                assert_int_equal(0, unlink(follower->other.dir));
            else
                fake_kubelet_remove_volume(&follower->other);
            load(follower, CMR_OK);
            follower_end(follower);
        }
}

/* What came meanwhile belongs to the first generation, when it is good. */
static void what_comes_before_the_first_generation_is_in_it(void **state)
{
    struct follower *follower = *state;
    open_two(follower, false);
    load(follower, CMR_ERR_NOT_FOUND);
    fake_kubelet_write(&follower->other, "a.yaml", "[");
    load(follower, CMR_ERR_REJECTED);
    fake_kubelet_write(&follower->kubelet, "value", "1");
    load(follower, CMR_ERR_REJECTED);
    assert_null(strstr(journal_take(&follower->journal), "ready 1"));
    fake_kubelet_write(&follower->other, "a.yaml", "n: 1");
    assert_int_equal(CMR_OK, cmr_reloader_load(follower->reloader, PATIENCE_MS));
    assert_string_equal("ready 1\n", journal_take(&follower->journal));
    follower_has(follower, "other:a.yaml#n", "1");
}

static void a_directory_without_anything_is_not_there(void **state)
{
    struct follower *follower = *state;
    fake_kubelet_write(&follower->kubelet, "value", "1");
    assert_int_equal(0, mkdir(follower->other.dir, 0755));
    open_two(follower, false);
    load(follower, CMR_OK);
    assert_string_equal("state other waiting\nready 1\n", journal_take(&follower->journal));
    assert_int_equal(CMR_REASON_UNWRITTEN, status_of_other(follower).reason);
    fake_kubelet_write(&follower->other, "more", "10");
    follower_awaits(follower, "state other ready\napplied 2\n+more=10\n");
}

/* By what another mount holds; with each look the directory is found empty once more. */
static void a_refusal_is_told_once(void **state)
{
    struct follower *follower = *state;
    fake_kubelet_write(&follower->kubelet, "port", "http");
    assert_int_equal(0, mkdir(follower->other.dir, 0755));
    open_two(follower, false);
    assert_int_equal(CMR_OK, subscribe(follower, "port"));
    for (int i = 0; i < 3; i++)
        load(follower, CMR_ERR_REJECTED);
    assert_string_equal("state other waiting\nrejected 0 port:1:1 [port]\n",
                        journal_take(&follower->journal));
    fake_kubelet_write(&follower->kubelet, "port", "80");
    assert_int_equal(CMR_OK, cmr_reloader_load(follower->reloader, PATIENCE_MS));
    assert_string_equal("ready 1\n+port=80\n", journal_take(&follower->journal));
}

/* A validator that answers what it is told. */
static cmr_status answer(void *user, cmr_snapshot *candidate, cmr_veto *veto)
{
    (void)candidate, (void)veto;
    return *(const cmr_status *)user;
}

static void validate(struct follower *follower, const cmr_status *status)
{
    cmr_validator_options options = CMR_VALIDATOR_OPTIONS_INIT;
    options.name = "v";
    options.prepare = answer;
    follower->mount.optional = true;
    follower_open(follower, follower->kubelet.dir);
    assert_int_equal(CMR_OK, cmr_validate(follower->reloader, &options, (void *)(uintptr_t)status, NULL));
}

/* Each look finds again that nothing is there, which is no try of its own. */
static void not_now_is_asked_again_ever_more_rarely(void **state)
{
    struct follower *follower = *state;
    cmr_status status = CMR_ERR_AGAIN;
    validate(follower, &status);
    load(follower, CMR_ERR_AGAIN);
    assert_string_equal("state config waiting\nfailed config\n", journal_take(&follower->journal));
    const struct cmr__mount *mount = follower->reloader->mounts[0];
    int64_t pause = 0;
    for (int i = 0; i < 4; i++) {
        int64_t before = cmr__clock_now();
        load(follower, CMR_ERR_AGAIN);
        assert_true(mount->look_at - before > pause);
        pause = mount->look_at - before;
    }
    assert_true(pause >= INT64_C(16) * 20 * 1000000);
    assert_string_equal("", journal_take(&follower->journal)); /* it is told once */
    status = CMR_OK;
    load(follower, CMR_OK);
    assert_string_equal("ready 1\n", journal_take(&follower->journal));
}

/* What came after a look that found nothing is not read before it is quiet. */
static void assert_settles(struct follower *follower)
{
    char path[160];
    assert_int_equal(0, mkdir(follower->kubelet.dir, 0755));
    snprintf(path, sizeof path, "%s/value", follower->kubelet.dir);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs("1", file) > 0);
    assert_int_equal(0, fclose(file));
    follower->reloader->mounts[0]->look_at = 0;
    follower_hears(follower, "");
    load(follower, CMR_OK);
    assert_string_equal("state config ready\nready 1\n", journal_take(&follower->journal));
    assert_int_equal(0, unlink(path));
}

/* Also while somebody wanted it to be waited for. */
static void what_comes_late_has_to_settle(void **state)
{
    struct follower *follower = *state;
    cmr_status status = CMR_ERR_AGAIN;
    follower->mount.settle_ms = 600000;
    validate(follower, &status);
    assert_int_equal(CMR_ERR_AGAIN, cmr_reloader_load(follower->reloader, 0));
    journal_take(&follower->journal);
    status = CMR_OK;
    assert_settles(follower);
}

static cmr_status freeze(void *user, cmr_snapshot *candidate, cmr_veto *veto)
{
    struct follower *follower = user;
    (void)veto;
    if (cmr_snapshot_file_count(candidate, NULL) == 0)
        cmr_reloader_hold(follower->reloader);
    return CMR_OK;
}

static void what_comes_while_frozen_has_to_settle(void **state)
{
    struct follower *follower = *state;
    cmr_validator_options options = CMR_VALIDATOR_OPTIONS_INIT;
    options.name = "v";
    options.prepare = freeze;
    follower->mount.settle_ms = 600000;
    follower->mount.optional = true;
    follower_open(follower, follower->kubelet.dir);
    assert_int_equal(CMR_OK, cmr_validate(follower->reloader, &options, follower, NULL));
    assert_int_equal(CMR_ERR_TIMEOUT, cmr_reloader_load(follower->reloader, 0));
    journal_take(&follower->journal);
    cmr_reloader_release(follower->reloader);
    assert_settles(follower);
}

static void what_was_refused_without_it_is_asked_for_again(void **state)
{
    struct follower *follower = *state;
    cmr_status status = CMR_ERR_REJECTED;
    validate(follower, &status);
    for (int i = 0; i < 3; i++)
        load(follower, CMR_ERR_REJECTED);
    assert_string_equal("state config waiting\nrejected 0 :0:0 []\n", journal_take(&follower->journal));
    status = CMR_OK;
    follower_hears(follower, ""); /* nobody has said that it is good now */
    load(follower, CMR_OK);
    assert_string_equal("ready 1\n", journal_take(&follower->journal));
}

/* Not what is not there, though it is the last of them. */
static void load_tells_what_is_in_the_way(void **state)
{
    struct follower *follower = *state;
    assert_int_equal(0, mkdir(follower->kubelet.dir, 0755));
    fake_kubelet_link(&follower->kubelet, "../elsewhere");
    open_two(follower, false);
    for (int i = 0; i < 3; i++)
        load(follower, CMR_ERR_SYSTEM);
    assert_string_equal("failed config\nstate other waiting\n", journal_take(&follower->journal));
}

static void while_frozen_nothing_stands_in(void **state)
{
    struct follower *follower = *state;
    follower->mount.optional = true;
    follower_open(follower, follower->kubelet.dir);
    cmr_reloader_hold(follower->reloader);
    load(follower, CMR_ERR_TIMEOUT);
    assert_string_equal("", journal_take(&follower->journal));
    cmr_reloader_release(follower->reloader);
    follower_hears(follower, "state config waiting\nready 1\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, follower_set_up, follower_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_not_there_counts_as_empty),
        TEST(what_comes_late_is_added),
        TEST(nothing_but_what_is_not_there_is_an_empty_generation),
        TEST(load_waits_for_what_is_required),
        TEST(typed_subscriptions_hear_of_what_comes),
        TEST(what_is_there_and_bad_is_waited_for),
        TEST(what_is_there_and_cannot_be_read_is_waited_for),
        TEST(what_comes_before_the_first_generation_is_in_it),
        TEST(a_directory_without_anything_is_not_there),
        TEST(a_refusal_is_told_once),
        TEST(not_now_is_asked_again_ever_more_rarely),
        TEST(what_comes_late_has_to_settle),
        TEST(what_comes_while_frozen_has_to_settle),
        TEST(what_was_refused_without_it_is_asked_for_again),
        TEST(load_tells_what_is_in_the_way),
        TEST(while_frozen_nothing_stands_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
