/* SPDX-License-Identifier: MIT
 *
 * The boot policy: what a program starts with when what is mounted cannot be loaded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/follower.h"

struct fixture {
    struct follower *follower;
    char log[8192];
};

static void take_log(void *user, cmr_log_level level, const char *message)
{
    struct fixture *fixture = user;
    size_t length = strlen(fixture->log);
    if (level <= CMR_LOG_INFO)
        snprintf(fixture->log + length, sizeof fixture->log - length, "%s: %s\n", cmr_log_level_name(level),
                 message);
}

static int set_up(void **state)
{
    if (follower_fixture_set_up(state, sizeof(struct fixture)) != 0)
        return -1;
    struct fixture *fixture = *state;
    follower_saves(fixture->follower);
    fixture->follower->options.log = take_log;
    fixture->follower->options.log_user = fixture;
    fixture->follower->options.boot = CMR_BOOT_LAST_GOOD;
    return 0;
}

static void write_config(struct fixture *fixture, const char *yaml)
{
    fake_kubelet_write(&fixture->follower->kubelet, "app.yaml", yaml);
}

static void open_config(struct fixture *fixture)
{
    fixture->log[0] = '\0';
    follower_open(fixture->follower, fixture->follower->kubelet.dir);
}

static void load(struct fixture *fixture, cmr_status expected, const char *journal)
{
    assert_int_equal(expected, cmr_reloader_load(fixture->follower->reloader, 0));
    assert_string_equal(journal, journal_take(&fixture->follower->journal));
}

/* An earlier run of the program, in which this was good. */
static void run_before(struct fixture *fixture, const char *yaml)
{
    write_config(fixture, yaml);
    open_config(fixture);
    load(fixture, CMR_OK, "ready 1\n");
    assert_int_equal(1, follower_status(fixture->follower).saves);
    follower_end(fixture->follower);
}

static void log_has(const struct fixture *fixture, const char *text)
{
    if (!strstr(fixture->log, text))
        fail_msg("the log has no \"%s\":\n%s", text, fixture->log);
}

static cmr_boot_source booted_from(struct fixture *fixture)
{
    return follower_status(fixture->follower).booted_from;
}

static cmr_boot_source applied_from(struct fixture *fixture, const char *mount)
{
    cmr_mount_status status = CMR_MOUNT_STATUS_INIT;
    assert_int_equal(CMR_OK, cmr_reloader_get_mount_status(fixture->follower->reloader, mount, &status));
    return status.applied_from;
}

static void note_source(void *user, const cmr_event *event)
{
    if (event->kind == CMR_EVENT_READY || event->kind == CMR_EVENT_APPLIED)
        *(cmr_boot_source *)user = event->booted_from;
}

static void hear_of_all(struct fixture *fixture, const cmr_subscription_options *options)
{
    assert_int_equal(CMR_OK, cmr_subscribe(fixture->follower->reloader, "app.yaml#n", journal_update,
                                           &fixture->follower->journal, options, NULL));
}

/* ---- one mount */

static void what_is_bad_at_boot_starts_from_the_last_good(void **state)
{
    struct fixture *fixture = *state;
    cmr_subscription_options initial = CMR_SUBSCRIPTION_OPTIONS_INIT;
    cmr_boot_source told = CMR_BOOTED_DEFAULTS;
    run_before(fixture, "n: 1\n");
    write_config(fixture, "n: [\n");
    open_config(fixture);
    initial.initial = true;
    hear_of_all(fixture, &initial);
    assert_int_equal(CMR_OK, cmr_observe(fixture->follower->reloader, note_source, &told, NULL, NULL));
    load(fixture, CMR_OK, "rejected 0 app.yaml:2:1 []\nready 1\n+app.yaml#n=1\n");
    assert_int_equal(CMR_BOOTED_LAST_GOOD, told);
    assert_int_equal(CMR_BOOTED_LAST_GOOD, booted_from(fixture));
    assert_int_equal(CMR_BOOTED_LAST_GOOD, applied_from(fixture, NULL));
    assert_int_equal(1, follower_status(fixture->follower).generation);
    assert_int_equal(1, follower_status(fixture->follower).reloads_rejected);
    assert_int_equal(0, follower_status(fixture->follower).saves);
    log_has(fixture, "error: config: ..2");
    log_has(fixture, "warn: config: started with the last good generation, saved as ..2");
    log_has(fixture, ": what is mounted is bad\n");

    follower_hears(fixture->follower, ""); /* the bad one is not told again */
    write_config(fixture, "n: 2\n");
    follower_awaits(fixture->follower, "applied 2\napp.yaml#n=1>2\napp.yaml#n=1>2\n");
    assert_int_equal(CMR_BOOTED_MOUNT, told);
    assert_int_equal(CMR_BOOTED_LAST_GOOD, booted_from(fixture));
    assert_int_equal(CMR_BOOTED_MOUNT, applied_from(fixture, NULL));
    assert_int_equal(1, follower_status(fixture->follower).saves);
}

/* It is still waited for, and was never there: so it is not dead. */
static void what_is_not_there_at_boot(void **state)
{
    struct fixture *fixture = *state;
    run_before(fixture, "n: 1\n");
    fake_kubelet_remove_volume(&fixture->follower->kubelet);
    fixture->follower->mount.check_interval_ms = 20;
    open_config(fixture);
    load(fixture, CMR_OK, "state config waiting\nready 1\n");
    follower_has(fixture->follower, "app.yaml#n", "1");
    log_has(fixture, "started with the last good generation");
    log_has(fixture, ": there is nothing at this path\n");
    write_config(fixture, "n: 2\n");
    follower_awaits(fixture->follower, "state config ready\napplied 2\napp.yaml#n=1>2\n");
    fake_kubelet_remove_volume(&fixture->follower->kubelet);
    follower_awaits(fixture->follower, "state config dead\n");
}

static void without_a_policy_it_does_not_start(void **state)
{
    struct fixture *fixture = *state;
    fixture->follower->options.boot = CMR_BOOT_REFUSE;
    run_before(fixture, "n: 1\n");
    write_config(fixture, "n: [\n");
    open_config(fixture);
    load(fixture, CMR_ERR_REJECTED, "rejected 0 app.yaml:2:1 []\n");
    assert_int_equal(0, follower_status(fixture->follower).generation);
}

static void with_nothing_saved_it_does_not_start(void **state)
{
    struct fixture *fixture = *state;
    write_config(fixture, "n: [\n");
    open_config(fixture);
    load(fixture, CMR_ERR_REJECTED, "rejected 0 app.yaml:2:1 []\n");
    log_has(fixture, "cannot be started with: nothing is\n");
    write_config(fixture, "n: 1\n"); /* and goes on as ever */
    follower_awaits(fixture->follower, "ready 1\n");
    assert_int_equal(CMR_BOOTED_MOUNT, booted_from(fixture));
}

static void what_is_held_does_not_boot(void **state)
{
    struct fixture *fixture = *state;
    run_before(fixture, "n: 1\n");
    write_config(fixture, "n: [\n");
    open_config(fixture);
    cmr_reloader_hold(fixture->follower->reloader);
    load(fixture, CMR_ERR_TIMEOUT, "");
    cmr_reloader_release(fixture->follower->reloader);
    load(fixture, CMR_OK, "rejected 0 app.yaml:2:1 []\nready 1\n");
}

/* Waiting and dispatching do not boot: the program has not said how long it waits. */
static void only_load_boots(void **state)
{
    struct fixture *fixture = *state;
    run_before(fixture, "n: 1\n");
    write_config(fixture, "n: [\n");
    open_config(fixture);
    follower_hears(fixture->follower, "rejected 0 app.yaml:2:1 []\n");
    assert_int_equal(0, follower_status(fixture->follower).generation);
    load(fixture, CMR_OK, "ready 1\n");
}

/* What the program wants of its configuration, it wants of the saved one, too. */
static void subscriptions_may_refuse(void **state)
{
    struct fixture *fixture = *state;
    cmr_subscription_options number = CMR_SUBSCRIPTION_OPTIONS_INIT;
    number.type = CMR_TYPE_INT64;
    run_before(fixture, "n: 1\n");
    write_config(fixture, "n: one\n");
    open_config(fixture);
    hear_of_all(fixture, &number);
    load(fixture, CMR_OK, "rejected 0 app.yaml:1:1 [app.yaml#n]\nready 1\n");
    follower_has(fixture->follower, "app.yaml#n", "1");
    follower_end(fixture->follower);

    run_before(fixture, "n: two\n"); /* by a program that did not mind */
    write_config(fixture, "n: three\n");
    open_config(fixture);
    hear_of_all(fixture, &number);
    load(fixture, CMR_ERR_REJECTED, "rejected 0 app.yaml:1:1 [app.yaml#n]\n");
    log_has(fixture, "error: config: what is saved cannot be started with: refused\n"
                     "error: config: app.yaml:1:1: app.yaml#n: wanted int64, found the string \"two\"\n");
    write_config(fixture, "n: 4\n");
    follower_awaits(fixture->follower, "ready 1\n");
}

/* A program that reads another grammar now. */
static void what_does_not_parse_any_more(void **state)
{
    static const cmr_format_rule rules[] = { { "app.yaml", "json" }, { NULL, NULL } };
    struct fixture *fixture = *state;
    run_before(fixture, "n: 1\n");
    fixture->follower->mount.formats = rules;
    open_config(fixture);
    load(fixture, CMR_ERR_REJECTED, "rejected 0 app.yaml:1:1 []\n");
    log_has(fixture, "what is saved in ");
    log_has(fixture, "error: config: app.yaml:1:1: wanted");
}

/* ---- bindings, schemas, validators: they judge what is saved, too */

struct app {
    int64_t n;
};

static const cmr_field app_fields[] = { CMR_FIELD_INT(struct app, n, "n", .otherwise = "7", .maximum = "9"),
                                        CMR_FIELD_END };
static const cmr_schema app_schema = CMR_SCHEMA(struct app, app_fields);

static int64_t followed(struct fixture *fixture, const cmr_follower *follower)
{
    cmr_snapshot *snapshot = cmr_reloader_ref_snapshot(fixture->follower->reloader);
    const struct app *app = cmr_follower_get(follower, snapshot);
    int64_t n = app ? app->n : -1;
    cmr_snapshot_unref(snapshot);
    return n;
}

static void bindings_and_schemas_have_what_is_booted(void **state)
{
    static _Atomic(int) bound;
    struct fixture *fixture = *state;
    cmr_follower *follower;
    run_before(fixture, "n: 1\n");
    write_config(fixture, "n: 10\n");
    for (int defaults = 0; defaults < 2; defaults++) {
        fixture->follower->options.boot = defaults ? CMR_BOOT_DEFAULTS : CMR_BOOT_LAST_GOOD;
        open_config(fixture);
        assert_int_equal(CMR_OK,
                         cmr_follow(fixture->follower->reloader, "app.yaml", &app_schema, NULL, &follower));
        assert_int_equal(CMR_OK,
                         cmr_bind_int(fixture->follower->reloader, "app.yaml#n", &bound, 5, NULL, NULL));
        load(fixture, CMR_OK, "rejected 0 app.yaml:1:1 [app.yaml#n]\nready 1\n");
        assert_int_equal(defaults ? 7 : 1, followed(fixture, follower));
        assert_int_equal(defaults ? 5 : 1, bound);
        follower_end(fixture->follower);
    }
}

/* A default is no answer for what is required. */
static void defaults_may_be_refused(void **state)
{
    static _Atomic(int) bound;
    struct fixture *fixture = *state;
    cmr_binding_options required = CMR_BINDING_OPTIONS_INIT;
    required.required = true;
    fixture->follower->options.boot = CMR_BOOT_DEFAULTS;
    write_config(fixture, "n: [\n");
    open_config(fixture);
    assert_int_equal(CMR_OK,
                     cmr_bind_int(fixture->follower->reloader, "app.yaml#n", &bound, 5, &required, NULL));
    load(fixture, CMR_ERR_REJECTED, "rejected 0 app.yaml:2:1 []\n");
    log_has(fixture, "error: config: defaults cannot be started with: refused\n");
    log_has(fixture, "is required, and missing");
    assert_int_equal(0, follower_status(fixture->follower).generation);
    assert_int_equal(CMR_BOOTED_MOUNT, applied_from(fixture, NULL));
    write_config(fixture, "n: 3\n");
    follower_awaits(fixture->follower, "ready 1\n");
    assert_int_equal(3, bound);
}

static cmr_status at_most_five(void *user, cmr_snapshot *candidate, cmr_veto *veto)
{
    const int64_t most = *(const int64_t *)user;
    if (cmr_get_int64_or(candidate, "app.yaml#n", 0) <= most)
        return CMR_OK;
    cmr_veto_reason(veto, "app.yaml#n", "more than %d", (int)most);
    return CMR_ERR_REJECTED;
}

static void note_commit(void *user, cmr_snapshot *published)
{
    int64_t *most = user;
    *most = 100 + cmr_get_int64_or(published, "app.yaml#n", 0);
}

static void validators_are_asked_about_what_is_booted(void **state)
{
    struct fixture *fixture = *state;
    cmr_validator_options options = CMR_VALIDATOR_OPTIONS_INIT;
    int64_t most = 5;
    options.name = "limit";
    options.prepare = at_most_five;
    options.commit = note_commit;
    run_before(fixture, "n: 1\n");
    write_config(fixture, "n: 6\n");
    open_config(fixture);
    assert_int_equal(CMR_OK, cmr_validate(fixture->follower->reloader, &options, &most, NULL));
    load(fixture, CMR_OK, "rejected 0 app.yaml:1:1 [app.yaml#n]\nready 1\n");
    assert_int_equal(101, most);
    follower_end(fixture->follower);

    most = 0;
    open_config(fixture);
    assert_int_equal(CMR_OK, cmr_validate(fixture->follower->reloader, &options, &most, NULL));
    load(fixture, CMR_ERR_REJECTED, "rejected 0 app.yaml:1:1 [app.yaml#n]\n");
    log_has(fixture, "more than 0");
    assert_int_equal(0, most);
}

/* ---- damage */

static void open_saved(const struct fixture *fixture, const char *file, char ret_path[256])
{
    snprintf(ret_path, 256, "%s/config/%s", fixture->follower->state_dir, file);
}

static void flip_a_bit(const struct fixture *fixture)
{
    char path[256], byte;
    open_saved(fixture, "..data/app.yaml", path);
    int file = open(path, O_RDWR | O_CLOEXEC);
    assert_true(file >= 0);
    assert_int_equal(1, pread(file, &byte, 1, 3));
    byte ^= 1; /* another digit: it parses as ever */
    assert_int_equal(1, pwrite(file, &byte, 1, 3));
    close(file);
}

static void add_a_file(const struct fixture *fixture)
{
    char path[256];
    open_saved(fixture, "..data/more", path);
    int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(file >= 0);
    close(file);
}

static void take_a_file(const struct fixture *fixture)
{
    char path[256];
    open_saved(fixture, "..data/app.yaml", path);
    assert_int_equal(0, unlink(path));
}

static void lose_the_generation(const struct fixture *fixture)
{
    char path[256], other[256];
    open_saved(fixture, "..data/.", path);
    open_saved(fixture, "lost", other);
    ssize_t length = 0;
    char link[128] = "", target[256];
    open_saved(fixture, "..data", path);
    length = readlink(path, link, sizeof link - 1);
    assert_true(length > 0);
    open_saved(fixture, link, target);
    assert_int_equal(0, rename(target, other));
}

static void damage_is_noticed(void **state)
{
    static void (*const damages[])(const struct fixture *) = { flip_a_bit, add_a_file, take_a_file,
                                                               lose_the_generation };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
        fixture->follower->options.boot = CMR_BOOT_LAST_GOOD;
        write_config(fixture, "n: 0\n"); /* what was damaged is saved anew */
        run_before(fixture, "n: 1\n");
        write_config(fixture, "n: [\n");
        damages[i](fixture);
        open_config(fixture);
        load(fixture, CMR_ERR_REJECTED, "rejected 0 app.yaml:2:1 []\n");
        log_has(fixture, "it is damaged");
        follower_end(fixture->follower);
        fixture->follower->options.boot = CMR_BOOT_LAST_GOOD_OR_DEFAULTS;
        open_config(fixture);
        load(fixture, CMR_OK, "rejected 0 app.yaml:2:1 []\nready 1\n");
        assert_int_equal(CMR_BOOTED_DEFAULTS, booted_from(fixture));
        log_has(fixture, "it is damaged");
        log_has(fixture, "warn: config: started with defaults: what is mounted is bad\n");
        follower_end(fixture->follower);
    }
}

/* ---- defaults */

static void defaults_are_an_empty_generation(void **state)
{
    struct fixture *fixture = *state;
    run_before(fixture, "n: 1\n");
    fixture->follower->options.boot = CMR_BOOT_DEFAULTS;
    write_config(fixture, "n: [\n");
    open_config(fixture);
    load(fixture, CMR_OK, "rejected 0 app.yaml:2:1 []\nready 1\n");
    assert_int_equal(CMR_BOOTED_DEFAULTS, booted_from(fixture));
    assert_int_equal(CMR_BOOTED_DEFAULTS, applied_from(fixture, NULL));
    assert_int_equal(0, follower_file_count(fixture->follower));
    assert_int_equal(0, follower_status(fixture->follower).saves);
    follower_end(fixture->follower);

    /* They are not saved over the last good. */
    fixture->follower->options.boot = CMR_BOOT_LAST_GOOD_OR_DEFAULTS;
    open_config(fixture);
    load(fixture, CMR_OK, "rejected 0 app.yaml:2:1 []\nready 1\n");
    assert_int_equal(CMR_BOOTED_LAST_GOOD, booted_from(fixture));
    follower_has(fixture->follower, "app.yaml#n", "1");
}

static void defaults_need_no_state_dir(void **state)
{
    struct fixture *fixture = *state;
    fixture->follower->options.boot = CMR_BOOT_DEFAULTS;
    fixture->follower->options.state_dir = NULL;
    open_config(fixture);
    load(fixture, CMR_OK, "state config waiting\nready 1\n");
    assert_int_equal(CMR_BOOTED_DEFAULTS, booted_from(fixture));
    write_config(fixture, "n: 1\n");
    fixture->follower->mount.check_interval_ms = 20;
    follower_awaits(fixture->follower, "state config ready\napplied 2\n+app.yaml#n=1\n");
}

/* ---- several mounts */

static void open_two(struct fixture *fixture)
{
    cmr_mount_options other = CMR_MOUNT_OPTIONS_INIT;
    other.name = "other";
    other.check_interval_ms = -1;
    open_config(fixture);
    assert_int_equal(
        CMR_OK, cmr_reloader_add_mount(fixture->follower->reloader, fixture->follower->other.dir, &other));
}

static void write_other(struct fixture *fixture, const char *yaml)
{
    fake_kubelet_write(&fixture->follower->other, "b.yaml", yaml);
}

static void run_two_before(struct fixture *fixture, const char *yaml, const char *other)
{
    write_config(fixture, yaml);
    write_other(fixture, other);
    open_two(fixture);
    load(fixture, CMR_OK, "ready 1\n");
    assert_int_equal(2, follower_status(fixture->follower).saves);
    follower_end(fixture->follower);
}

static void each_mount_that_is_bad_boots_its_own(void **state)
{
    struct fixture *fixture = *state;
    run_two_before(fixture, "n: 1\n", "m: 1\n");
    write_config(fixture, "n: 2\n");
    write_other(fixture, "m: [\n");
    open_two(fixture);
    load(fixture, CMR_OK, "rejected 0 b.yaml:2:1 []\nready 1\n");
    follower_has(fixture->follower, "app.yaml#n", "2");
    follower_has(fixture->follower, "other:b.yaml#m", "1");
    assert_int_equal(CMR_BOOTED_LAST_GOOD, booted_from(fixture));
    assert_int_equal(CMR_BOOTED_MOUNT, applied_from(fixture, "config"));
    assert_int_equal(CMR_BOOTED_LAST_GOOD, applied_from(fixture, "other"));
    log_has(fixture, "warn: other: started with the last good generation");
    assert_null(strstr(fixture->log, "config: started"));
    follower_end(fixture->follower);

    write_config(fixture, "n: [\n");
    open_two(fixture);
    load(fixture, CMR_OK, "rejected 0 app.yaml:2:1 []\nrejected 0 b.yaml:2:1 []\nready 1\n");
    follower_has(fixture->follower, "app.yaml#n", "2"); /* which was saved when the other booted */
    follower_has(fixture->follower, "other:b.yaml#m", "1");
}

/* The first mount's value is at fault, and rejects the one that came last. */
static void those_that_do_not_go_together_all_boot(void **state)
{
    struct fixture *fixture = *state;
    cmr_subscription_options number = CMR_SUBSCRIPTION_OPTIONS_INIT;
    number.type = CMR_TYPE_INT64;
    run_two_before(fixture, "n: 1\n", "m: 1\n");
    write_config(fixture, "n: one\n");
    write_other(fixture, "m: 2\n");
    open_two(fixture);
    hear_of_all(fixture, &number);
    load(fixture, CMR_OK,
         "rejected 0 app.yaml:1:1 [app.yaml#n]\nready 1\n"
         /* then each is tried once more for itself */
         "rejected 1 app.yaml:1:1 [app.yaml#n]\napplied 2\nb.yaml#m=1>2\n");
    follower_has(fixture->follower, "app.yaml#n", "1");
    follower_has(fixture->follower, "other:b.yaml#m", "2");
    assert_int_equal(CMR_BOOTED_LAST_GOOD, applied_from(fixture, "config"));
    assert_int_equal(CMR_BOOTED_MOUNT, applied_from(fixture, "other"));
}

/* ---- secrets */

static void secrets_are_not_saved_and_do_not_boot(void **state)
{
    struct fixture *fixture = *state;
    char command[256];
    fixture->follower->mount.secret = true;
    fake_kubelet_write(&fixture->follower->kubelet, "a.properties", "password=hunter2\n");
    open_config(fixture);
    load(fixture, CMR_OK, "ready 1\n");
    assert_int_equal(0, follower_status(fixture->follower).saves);
    snprintf(command, sizeof command, "! test -e %s", fixture->follower->state_dir);
    assert_int_equal(0, system(command));
    follower_end(fixture->follower);
    fake_kubelet_write(&fixture->follower->kubelet, "a.properties", "x=\\u12\n");
    open_config(fixture);
    load(fixture, CMR_ERR_REJECTED, "rejected 0 a.properties:1:3 []\n");
    log_has(fixture, "error: config: a secret, of which nothing is saved to start with\n");
}

/* What was saved before it became one is not read, either. */
static void what_became_a_secret_does_not_boot(void **state)
{
    struct fixture *fixture = *state;
    fake_kubelet_write(&fixture->follower->kubelet, "a.properties", "n=1\n");
    open_config(fixture);
    load(fixture, CMR_OK, "ready 1\n");
    follower_end(fixture->follower);
    fixture->follower->mount.secret = true;
    fake_kubelet_write(&fixture->follower->kubelet, "a.properties", "x=\\u12\n");
    open_config(fixture);
    load(fixture, CMR_ERR_REJECTED, "rejected 0 a.properties:1:3 []\n");
}

/* ---- options */

static void options_are_checked(void **state)
{
    struct fixture *fixture = *state;
    cmr_options options = CMR_OPTIONS_INIT;
    cmr_reloader *reloader;
    options.boot = CMR_BOOT_LAST_GOOD;
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, cmr_open("/x", &options, &reloader));
    options.boot = CMR_BOOT_LAST_GOOD_OR_DEFAULTS;
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, cmr_open("/x", &options, &reloader));
    options.state_dir = "";
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, cmr_open("/x", &options, &reloader));
    options.state_dir = fixture->follower->state_dir;
    options.boot = (cmr_boot)4;
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, cmr_open("/x", &options, &reloader));
    assert_string_equal("mount", cmr_boot_source_name(CMR_BOOTED_MOUNT));
    assert_string_equal("last_good", cmr_boot_source_name(CMR_BOOTED_LAST_GOOD));
    assert_string_equal("defaults", cmr_boot_source_name(CMR_BOOTED_DEFAULTS));
    assert_string_equal("?", cmr_boot_source_name((cmr_boot_source)3));
}

int main(void)
{
#define BOOT_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, follower_fixture_tear_down)
    const struct CMUnitTest tests[] = {
        BOOT_TEST(what_is_bad_at_boot_starts_from_the_last_good),
        BOOT_TEST(what_is_not_there_at_boot),
        BOOT_TEST(without_a_policy_it_does_not_start),
        BOOT_TEST(with_nothing_saved_it_does_not_start),
        BOOT_TEST(what_is_held_does_not_boot),
        BOOT_TEST(only_load_boots),
        BOOT_TEST(subscriptions_may_refuse),
        BOOT_TEST(what_does_not_parse_any_more),
        BOOT_TEST(bindings_and_schemas_have_what_is_booted),
        BOOT_TEST(defaults_may_be_refused),
        BOOT_TEST(validators_are_asked_about_what_is_booted),
        BOOT_TEST(damage_is_noticed),
        BOOT_TEST(defaults_are_an_empty_generation),
        BOOT_TEST(defaults_need_no_state_dir),
        BOOT_TEST(each_mount_that_is_bad_boots_its_own),
        BOOT_TEST(those_that_do_not_go_together_all_boot),
        BOOT_TEST(secrets_are_not_saved_and_do_not_boot),
        BOOT_TEST(what_became_a_secret_does_not_boot),
        BOOT_TEST(options_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
