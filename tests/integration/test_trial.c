/* SPDX-License-Identifier: MIT
 *
 * Dry runs: they judge as a publication does, call validators to abort, and change nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>

#include "support/follower.h"
#include "support/snapshot_of.h"

struct settings {
    int port;
};
static const cmr_field fields[] = { CMR_FIELD_INT(struct settings, port, "port", .maximum = "99"),
                                    CMR_FIELD_END };
static const cmr_schema schema = CMR_SCHEMA(struct settings, fields, .unknown = CMR_UNKNOWN_WARN);

struct fixture {
    struct follower *follower;
    cmr_reloader *reloader;
    CMR_ATOMIC(int) port;
    cmr_status answer;
    void (*act)(struct fixture *fixture);
    cmr_snapshot *tried;
    char level[16]; /* other:level and app.yaml#port of the last candidate */
    int64_t seen;
};

static cmr_status prepare(void *user, cmr_snapshot *candidate, cmr_veto *veto)
{
    struct fixture *fixture = user;
    journal_add(&fixture->follower->journal, "prepare");
    fixture->seen = cmr_get_int64_or(candidate, "config:app.yaml#port", -1);
    assert_int_equal(fixture->seen, cmr_get_int64_or(candidate, "app.yaml#port", -1));
    snprintf(fixture->level, sizeof fixture->level, "%s", cmr_get_string_or(candidate, "other:level", ""));
    if (fixture->act)
        fixture->act(fixture);
    if (fixture->answer != CMR_OK)
        cmr_veto_reason(veto, "app.yaml#port", "no");
    errno = EADDRINUSE;
    return fixture->answer;
}

static void commit(void *user, cmr_snapshot *published)
{
    (void)published;
    journal_add(&((struct fixture *)user)->follower->journal, "commit");
}

static void abort_it(void *user, cmr_snapshot *candidate)
{
    (void)candidate;
    journal_add(&((struct fixture *)user)->follower->journal, "abort");
}

static int set_up(void **state)
{
    cmr_validator_options options = CMR_VALIDATOR_OPTIONS_INIT;
    cmr_follower *follower;
    if (follower_fixture_set_up(state, sizeof(struct fixture)) != 0)
        return -1;
    struct fixture *fixture = *state;
    options.name = "v";
    options.prepare = prepare;
    options.commit = commit;
    options.abort = abort_it;
    follower_open(fixture->follower, fixture->follower->kubelet.dir);
    fixture->reloader = fixture->follower->reloader;
    return cmr_validate(fixture->reloader, &options, fixture, NULL) == CMR_OK &&
                   cmr_bind_int(fixture->reloader, "app.yaml#port", &fixture->port, 0, NULL, NULL) ==
                       CMR_OK &&
                   cmr_follow(fixture->reloader, "app.yaml", &schema, NULL, &follower) == CMR_OK
               ? 0
               : -1;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    cmr_snapshot_unref(fixture->tried);
    return follower_fixture_tear_down(state);
}

static void load(struct fixture *fixture)
{
    fake_kubelet_write(&fixture->follower->kubelet, "app.yaml", "port: 80\n");
    follower_hears(fixture->follower, "prepare\ncommit\nready 1\n");
}

/* What comes of it, with the first diagnostic's message. */
static cmr_status try(struct fixture *fixture, const char *mount, const char *text, const char *message)
{
    cmr_snapshot *before = cmr_reloader_ref_snapshot(fixture->reloader), *after;
    cmr_report *report;
    int port = fixture->port;
    cmr_snapshot_unref(fixture->tried);
    fixture->tried = snapshot_of("app.yaml", text, NULL);
    cmr_status status = cmr_reloader_try(fixture->reloader, mount, fixture->tried, &report);
    if (message)
        assert_string_equal(message, cmr_report_get(report, 0)->message);
    else
        assert_null(report);
    cmr_report_free(report);
    after = cmr_reloader_ref_snapshot(fixture->reloader);
    assert_ptr_equal(before, after);
    assert_int_equal(port, fixture->port);
    cmr_snapshot_unref(before);
    cmr_snapshot_unref(after);
    return status;
}

static void assert_journal(struct fixture *fixture, const char *expected)
{
    assert_string_equal(expected, journal_take(&fixture->follower->journal));
}

static void it_judges_as_a_publication_does(void **state)
{
    struct fixture *fixture = *state;
    load(fixture);
    assert_int_equal(CMR_OK, try(fixture, NULL, "port: 81\n", NULL));
    assert_journal(fixture, "prepare\nabort\n");
    assert_int_equal(CMR_ERR_REJECTED, try(fixture, "config", "port: 100\n", "100 is more than 99"));
    assert_journal(fixture, "");
    assert_int_equal(CMR_ERR_REJECTED,
                     try(fixture, NULL, "port: x\n", "wanted int64, found the string \"x\""));
    assert_int_equal(CMR_OK, try(fixture, NULL, "prt: 1\n", "unknown key; did you mean port?"));
    assert_journal(fixture, "prepare\nabort\n");
    fixture->answer = CMR_ERR_REJECTED;
    assert_int_equal(CMR_ERR_REJECTED, try(fixture, NULL, "port: 81\n", "v: no"));
    fixture->answer = CMR_ERR_AGAIN;
    assert_int_equal(CMR_ERR_AGAIN, try(fixture, NULL, "port: 81\n", "v: no"));
    fixture->answer = CMR_ERR_SYSTEM;
    errno = 0;
    assert_int_equal(CMR_ERR_SYSTEM, try(fixture, NULL, "port: 81\n", "v: no"));
    assert_journal(fixture, "prepare\nprepare\nprepare\n");
    assert_int_equal(1, follower_status(fixture->follower).generation);
    assert_int_equal(0, follower_status(fixture->follower).reloads_rejected);
    assert_int_equal(0, follower_status(fixture->follower).reloads_failed);
    fixture->answer = CMR_OK;
    fake_kubelet_write(&fixture->follower->kubelet, "app.yaml", "port: 81\n");
    follower_hears(fixture->follower, "prepare\ncommit\napplied 2\napp.yaml#port=80>81\n");
    assert_int_equal(81, fixture->port);
}

static void it_works_while_frozen(void **state)
{
    struct fixture *fixture = *state;
    load(fixture);
    cmr_reloader_hold(fixture->reloader);
    assert_int_equal(CMR_OK, try(fixture, NULL, "port: 81\n", NULL));
    assert_int_equal(CMR_ERR_REJECTED, try(fixture, NULL, "port: 100\n", "100 is more than 99"));
    cmr_reloader_release(fixture->reloader);
    assert_journal(fixture, "prepare\nabort\n");
}

static void all_mounts_must_be_there(void **state)
{
    struct fixture *fixture = *state;
    cmr_mount_options other = CMR_MOUNT_OPTIONS_INIT;
    other.name = "other";
    other.check_interval_ms = -1;
    assert_int_equal(CMR_OK, cmr_reloader_add_mount(fixture->reloader, fixture->follower->other.dir, &other));
    assert_int_equal(CMR_ERR_NOT_FOUND, try(fixture, "config", "port: 81\n", NULL));
    assert_int_equal(CMR_ERR_BUSY, cmr_reloader_add_mount(fixture->reloader, "/nowhere", NULL));
    fake_kubelet_write(&fixture->follower->other, "level", "info");
    follower_hears(fixture->follower, "state config waiting\n");
    assert_int_equal(CMR_OK, try(fixture, "config", "port: 81\n", NULL)); /* as the first generation of all */
    assert_int_equal(CMR_ERR_NOT_FOUND, try(fixture, "nobody", "port: 81\n", NULL));
    assert_int_equal(CMR_ERR_NOT_FOUND, try(fixture, "other", "port: 81\n", NULL));
    assert_journal(fixture, "prepare\nabort\n");
}

static void of_several_mounts_the_one_is_taken(void **state)
{
    struct fixture *fixture = *state;
    cmr_mount_options other = CMR_MOUNT_OPTIONS_INIT;
    other.name = "other";
    other.check_interval_ms = -1;
    assert_int_equal(CMR_OK, cmr_reloader_add_mount(fixture->reloader, fixture->follower->other.dir, &other));
    fake_kubelet_write(&fixture->follower->other, "level", "info");
    load(fixture);
    assert_string_equal("info", fixture->level);
    cmr_snapshot *first = cmr_reloader_ref_snapshot(fixture->reloader);
    fake_kubelet_write(&fixture->follower->other, "level", "debug");
    fake_kubelet_write(&fixture->follower->kubelet, "app.yaml", "port: 81\n");
    follower_dispatch(fixture->follower);
    assert_string_equal("debug", fixture->level);
    assert_int_equal(CMR_OK, cmr_reloader_try(fixture->reloader, "other", first, NULL));
    assert_string_equal("info", fixture->level);
    assert_int_equal(81, fixture->seen);
    assert_int_equal(CMR_OK, cmr_reloader_try(fixture->reloader, NULL, first, NULL));
    assert_string_equal("debug", fixture->level);
    assert_int_equal(80, fixture->seen);
    cmr_snapshot_unref(first);
}

static void try_nested(struct fixture *fixture)
{
    assert_int_equal(CMR_ERR_BUSY, cmr_reloader_try(fixture->reloader, NULL, fixture->tried, NULL));
    assert_int_equal(CMR_ERR_BUSY, cmr_reloader_dispatch(fixture->reloader));
}

static void free_reloader(struct fixture *fixture)
{
    cmr_reloader_free(fixture->reloader);
    fixture->follower->reloader = NULL;
}

static void callbacks_may_do_anything(void **state)
{
    struct fixture *fixture = *state;
    load(fixture);
    fixture->act = try_nested;
    assert_int_equal(CMR_OK, try(fixture, NULL, "port: 81\n", NULL));
    fixture->act = free_reloader;
    assert_int_equal(CMR_ERR_CLOSED, cmr_reloader_try(fixture->reloader, NULL, fixture->tried, NULL));
    assert_journal(fixture, "prepare\nabort\nprepare\nabort\n");
}

static void arguments_are_checked(void **state)
{
    struct fixture *fixture = *state;
    cmr_snapshot *snapshot = snapshot_of("app.yaml", "a: 1\n", NULL);
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, cmr_reloader_try(NULL, NULL, snapshot, NULL));
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, cmr_reloader_try(fixture->reloader, NULL, NULL, NULL));
    cmr_snapshot_unref(snapshot);
    snapshot = cmr_reloader_ref_snapshot(fixture->reloader); /* the empty one */
    assert_int_equal(CMR_ERR_NOT_FOUND, cmr_reloader_try(fixture->reloader, NULL, snapshot, NULL));
    cmr_snapshot_unref(snapshot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_judges_as_a_publication_does, set_up, tear_down),
        cmocka_unit_test_setup_teardown(it_works_while_frozen, set_up, tear_down),
        cmocka_unit_test_setup_teardown(all_mounts_must_be_there, set_up, tear_down),
        cmocka_unit_test_setup_teardown(of_several_mounts_the_one_is_taken, set_up, tear_down),
        cmocka_unit_test_setup_teardown(callbacks_may_do_anything, set_up, tear_down),
        cmocka_unit_test_setup_teardown(arguments_are_checked, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
