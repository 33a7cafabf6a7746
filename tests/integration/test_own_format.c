/* SPDX-License-Identifier: MIT
 *
 * A format of the application's own, from cmr_open to the callbacks: loaded, changed, refused, tried again,
 * and read without a reloader. Its files are scripts, see support/parser_script.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "support/fake_kubelet.h"
#include "support/journal.h"
#include "support/parser_script.h"

/* What the application's function is given as its user. */
struct app {
    unsigned calls;
    unsigned failures_to_come; /* of memory */
    cmr_status failure;
};

struct fixture {
    struct fake_kubelet kubelet, other;
    struct journal journal;
    struct app app, other_app;
    cmr_reloader *reloader;
};

static cmr_status parse_script(void *user, cmr_parser *parser, const char *data, size_t size)
{
    struct app *app = user;
    app->calls++;
    if (app->failures_to_come) {
        app->failures_to_come--;
        errno = EIO;
        return app->failure;
    }
    return parser_script(NULL, parser, data, size);
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    if (!fixture)
        return -1;
    fake_kubelet_open(&fixture->kubelet);
    fake_kubelet_open(&fixture->other);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    cmr_reloader_free(fixture->reloader);
    fake_kubelet_close(&fixture->kubelet);
    fake_kubelet_close(&fixture->other);
    free(fixture);
    return 0;
}

/* Options that are gone when the call is back. */
struct given {
    char name[16], rule_name[16], glob[16];
    cmr_format format;
    const cmr_format *formats[2];
    cmr_format_rule rules[2];
    cmr_mount_options mount;
};

static struct given *give(const char *mount, struct app *app)
{
    struct given *given = calloc(1, sizeof *given);
    assert_non_null(given);
    given->format = (cmr_format){ sizeof given->format, strcpy(given->name, "lines"), parse_script, app };
    given->formats[0] = &given->format;
    given->rules[0] = (cmr_format_rule){ strcpy(given->glob, "*.lines"), strcpy(given->rule_name, "lines") };
    given->mount = (cmr_mount_options)CMR_MOUNT_OPTIONS_INIT;
    given->mount.name = mount;
    given->mount.formats = given->rules;
    given->mount.own_formats = given->formats;
    return given;
}

static void take_away(struct given *given)
{
    memset(given, 0x55, sizeof *given);
    free(given);
}

static void open_first(struct fixture *fixture)
{
    struct given *given = give("config", &fixture->app);
    cmr_options options = CMR_OPTIONS_INIT;
    options.mount = &given->mount;
    assert_int_equal(CMR_OK, cmr_open(fixture->kubelet.dir, &options, &fixture->reloader));
    take_away(given);
    assert_int_equal(CMR_OK, cmr_observe(fixture->reloader, journal_event, &fixture->journal, NULL, NULL));
}

static void subscribe(struct fixture *fixture, const char *patterns, cmr_type type)
{
    cmr_subscription_options options = CMR_SUBSCRIPTION_OPTIONS_INIT;
    options.type = type;
    options.initial = true;
    assert_int_equal(CMR_OK, cmr_subscribe(fixture->reloader, patterns, journal_update, &fixture->journal,
                                           &options, NULL));
}

/* One swap and what it causes. */
static const char *write_and_dispatch(struct fixture *fixture, const char *text)
{
    fake_kubelet_write(&fixture->kubelet, "app.lines", text);
    assert_int_equal(CMR_OK, cmr_reloader_dispatch(fixture->reloader));
    return journal_take(&fixture->journal);
}

static void follows_changes(void **state)
{
    struct fixture *fixture = *state;
    fake_kubelet_write(&fixture->kubelet, "app.lines", "{server\n=port=80\n}\n[names\n-a\n}\n");
    open_first(fixture);
    subscribe(fixture, "app.lines#server.port", CMR_TYPE_INT64);
    subscribe(fixture, "*.lines#names[*]", CMR_TYPE_STRING);
    assert_int_equal(CMR_OK, cmr_reloader_load(fixture->reloader, 0));
    assert_string_equal(journal_take(&fixture->journal),
                        "ready 1\n+app.lines#server.port=80\n+app.lines#names[0]=a\n");
    assert_string_equal(write_and_dispatch(fixture, "# new\n[names\n-a\n-b\n}\n{server\n=port=81\n}\n"),
                        "applied 2\napp.lines#server.port=80>81\n+app.lines#names[1]=b\n");
    assert_string_equal(write_and_dispatch(fixture, "[names\n-a\n-b\n}\n"),
                        "applied 3\n-app.lines#server.port=81\n");
    assert_int_equal(fixture->app.calls, 3);
}

static void keeps_the_last_good(void **state)
{
    struct fixture *fixture = *state;
    fake_kubelet_set(&fixture->kubelet, "level", "info");
    fake_kubelet_write(&fixture->kubelet, "app.lines", "=a=1\n");
    open_first(fixture);
    subscribe(fixture, "**", CMR_TYPE_ANY);
    subscribe(fixture, "app.lines#a", CMR_TYPE_INT64);
    assert_int_equal(CMR_OK, cmr_reloader_load(fixture->reloader, 0));
    journal_take(&fixture->journal);
    assert_string_equal(write_and_dispatch(fixture, "=a=2\n!bad\n\n=b\xff=\n"),
                        "rejected 1 app.lines:2:1 []\nrejected 1 app.lines:4:1 []\n");
    assert_string_equal(write_and_dispatch(fixture, "=a=2\n}\n"), "rejected 1 app.lines:1:1 []\n");
    assert_string_equal(write_and_dispatch(fixture, "\n=a=x\n"), "rejected 1 app.lines:2:1 [app.lines#a]\n");
    assert_string_equal(write_and_dispatch(fixture, "r-4\n"), "rejected 1 app.lines:0:0 []\n");
    assert_string_equal(write_and_dispatch(fixture, "=a=2\n"),
                        "applied 2\napp.lines#a=1>2\napp.lines#a=1>2\n");
    unsigned calls = fixture->app.calls;
    fake_kubelet_write(&fixture->kubelet, "level", "debug");
    assert_int_equal(CMR_OK, cmr_reloader_dispatch(fixture->reloader));
    assert_string_equal(journal_take(&fixture->journal), "applied 3\nlevel=info>debug\n");
    assert_int_equal(fixture->app.calls, calls); /* its bytes are those it had */
}

static void tries_again(void **state)
{
    static const cmr_status failures[] = { CMR_ERR_NO_MEMORY, CMR_ERR_SYSTEM };
    struct fixture *fixture = *state;
    cmr_reloader_status status = CMR_RELOADER_STATUS_INIT;
    fake_kubelet_write(&fixture->kubelet, "app.lines", "=a=0\n");
    open_first(fixture);
    assert_int_equal(CMR_OK, cmr_reloader_load(fixture->reloader, 0));
    for (size_t i = 0; i < 2; i++) {
        fixture->app.failure = failures[i];
        fixture->app.failures_to_come = 2;
        fake_kubelet_write(&fixture->kubelet, "app.lines", i ? "=a=2\n" : "=a=1\n");
        assert_true(journal_wait(&fixture->journal, fixture->reloader, i ? "applied 3" : "applied 2"));
    }
    assert_int_equal(CMR_OK, cmr_reloader_get_status(fixture->reloader, &status));
    assert_int_equal(status.reloads_failed, 4);
    assert_int_equal(status.reloads_rejected, 0);
}

static void belongs_to_its_mount(void **state)
{
    struct fixture *fixture = *state;
    struct given *given = give("second", &fixture->other_app);
    cmr_mount_options without = CMR_MOUNT_OPTIONS_INIT;
    const cmr_format_rule rules[] = { { "*.lines", "lines" }, { NULL, NULL } };
    cmr_snapshot *snapshot;
    fake_kubelet_write(&fixture->kubelet, "app.lines", "=a=1\n");
    fake_kubelet_write(&fixture->other, "app.lines", "=a=2\n");
    open_first(fixture);
    without.formats = rules;
    assert_int_equal(cmr_reloader_add_mount(fixture->reloader, fixture->other.dir, &without),
                     CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(cmr_reloader_add_mount(fixture->reloader, fixture->other.dir, &given->mount), CMR_OK);
    take_away(given);
    assert_int_equal(CMR_OK, cmr_reloader_load(fixture->reloader, 0));
    assert_int_equal(fixture->app.calls, 1);
    assert_int_equal(fixture->other_app.calls, 1);
    snapshot = cmr_reloader_ref_snapshot(fixture->reloader);
    assert_int_equal(cmr_get_int64_or(snapshot, "app.lines#a", 0), 1);
    assert_int_equal(cmr_get_int64_or(snapshot, "second:app.lines#a", 0), 2);
    cmr_snapshot_unref(snapshot);
}

static void check_survivor(cmr_snapshot *snapshot)
{
    cmr_file file;
    assert_int_equal(cmr_snapshot_file(snapshot, NULL, 0, &file), CMR_OK);
    assert_string_equal(file.format, "lines");
    assert_int_equal(cmr_get_int64_or(snapshot, "app.lines#a", 0), 1);
    cmr_snapshot_unref(snapshot);
}

static void snapshots_outlive_it(void **state)
{
    struct fixture *fixture = *state;
    cmr_snapshot *snapshot;
    fake_kubelet_write(&fixture->kubelet, "app.lines", "=a=1\n");
    open_first(fixture);
    assert_int_equal(CMR_OK, cmr_reloader_load(fixture->reloader, 0));
    snapshot = cmr_reloader_ref_snapshot(fixture->reloader);
    cmr_reloader_free(fixture->reloader);
    fixture->reloader = NULL;
    check_survivor(snapshot);

    struct given *given = give("config", &fixture->app);
    assert_int_equal(cmr_snapshot_read(fixture->kubelet.dir, &given->mount, NULL, &snapshot), CMR_OK);
    take_away(given);
    check_survivor(snapshot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(follows_changes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keeps_the_last_good, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tries_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(belongs_to_its_mount, set_up, tear_down),
        cmocka_unit_test_setup_teardown(snapshots_outlive_it, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
