/* SPDX-License-Identifier: MIT
 *
 * Schemas that a reloader follows: which snapshots have a struct, when two share it, what a schema refuses
 * and what it only tells. How structs are filled is in test_record.c; readers in many threads in
 * test_reader_race.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/diagnostic.h"
#include "engine/candidate.h"
#include "engine/follower.h"
#include "model/snapshot.h"
#include "share/sealed.h"
#include "support/follower.h"

struct server {
    const char *host;
    uint16_t port;
    int backlog;
};

static const cmr_field fields[] = {
    CMR_FIELD_STRING(struct server, host, "host", .required = true),
    CMR_FIELD_INT(struct server, port, "port", .otherwise = "80", .minimum = "1"),
    CMR_FIELD_INT(struct server, backlog, "backlog", .otherwise = "128", .restart = true),
    CMR_FIELD_END,
};
static const cmr_schema schema = CMR_SCHEMA(struct server, fields, .unknown = CMR_UNKNOWN_WARN);

static const cmr_field whole_fields[] = {
    CMR_FIELD_INT(struct server, port, "app.yaml#server.port"),
    CMR_FIELD_STRING(struct server, host, "other:level"),
    CMR_FIELD_END,
};
static const cmr_schema whole = CMR_SCHEMA(struct server, whole_fields);

struct fixture {
    struct follower *watcher;
    cmr_reloader *reloader;
    cmr_follower *follower;
    char messages[4096]; /* of events and the log */
    cmr_snapshot *kept;
};

static void keep(struct fixture *fixture, const char *what, const char *message)
{
    size_t length = strlen(fixture->messages);
    snprintf(fixture->messages + length, sizeof fixture->messages - length, "%s%s\n", what, message);
}

static void keep_warnings(void *user, cmr_log_level level, const char *message)
{
    if (level == CMR_LOG_WARN)
        keep(user, "", message);
}

static void keep_report(void *user, const cmr_event *event)
{
    for (size_t i = 0; event->kind != CMR_EVENT_STATE && i < cmr_report_count(event->report); i++)
        keep(user, "told: ", cmr_report_get(event->report, i)->message);
}

static int set_up(void **state)
{
    cmr_options options = CMR_OPTIONS_INIT;
    if (follower_fixture_set_up(state, sizeof(struct fixture)) != 0)
        return -1;
    struct fixture *fixture = *state;
    fixture->watcher->mount.name = "config";
    options.mount = &fixture->watcher->mount;
    options.log = keep_warnings;
    options.log_user = fixture;
    if (cmr_open(fixture->watcher->kubelet.dir, &options, &fixture->reloader) != CMR_OK ||
        cmr_observe(fixture->reloader, journal_event, &fixture->watcher->journal, NULL, NULL) != CMR_OK ||
        cmr_observe(fixture->reloader, keep_report, fixture, NULL, NULL) != CMR_OK)
        return -1;
    fixture->watcher->reloader = fixture->reloader;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    cmr_snapshot_unref(fixture->kept);
    return follower_fixture_tear_down(state);
}

static void change(struct fixture *fixture, const char *text, const char *expected)
{
    fake_kubelet_write(&fixture->watcher->kubelet, "app.yaml", text);
    fixture->messages[0] = '\0';
    follower_hears(fixture->watcher, expected);
}

static void follow(struct fixture *fixture)
{
    cmr_report *report;
    assert_int_equal(CMR_OK,
                     cmr_follow(fixture->reloader, "app.yaml#server", &schema, &report, &fixture->follower));
    assert_null(report);
}

/* The current snapshot, kept until the next call. */
static cmr_snapshot *current(struct fixture *fixture)
{
    cmr_snapshot_unref(fixture->kept);
    fixture->kept = cmr_reloader_ref_snapshot(fixture->reloader);
    return fixture->kept;
}

static const struct server *server(struct fixture *fixture)
{
    return cmr_follower_get(fixture->follower, current(fixture));
}

static void assert_server(struct fixture *fixture, const char *host, uint16_t port)
{
    assert_non_null(server(fixture));
    assert_string_equal(host, server(fixture)->host);
    assert_int_equal(port, server(fixture)->port);
}

/* ---- what there is */

static void every_generation_has_a_struct(void **state)
{
    struct fixture *fixture = *state;
    follow(fixture);
    assert_null(server(fixture)); /* nothing is loaded */
    change(fixture, "server: {host: a, port: 1}\n", "ready 1\n");
    assert_server(fixture, "a", 1);
    cmr_snapshot *first = cmr_snapshot_ref(current(fixture));
    change(fixture, "server: {host: b}\n", "applied 2\n");
    assert_server(fixture, "b", 80);
    const struct server *before = cmr_follower_get(fixture->follower, first);
    assert_string_equal("a", before->host);
    cmr_snapshot_unref(first);
}

static void a_file_that_stays_keeps_its_struct(void **state)
{
    struct fixture *fixture = *state;
    follow(fixture);
    fake_kubelet_set(&fixture->watcher->kubelet, "level", "info");
    change(fixture, "server: {host: a}\n", "ready 1\n");
    const struct server *first = server(fixture);
    cmr_snapshot *held = cmr_snapshot_ref(fixture->kept);
    fake_kubelet_write(&fixture->watcher->kubelet, "level", "debug");
    follower_hears(fixture->watcher, "applied 2\n");
    assert_ptr_equal(first, server(fixture));
    assert_ptr_not_equal(held, fixture->kept);
    change(fixture, "server: {host: a} # c\n", "applied 3\n");
    assert_ptr_not_equal(first, server(fixture));
    cmr_snapshot_unref(held);
}

/* The current snapshot's parts as another process hands them over: the documents are other ones. */
static cmr__part *handed_over(const cmr_snapshot *snapshot)
{
    const struct cmr__sealed_info info = { snapshot->generation, snapshot->loaded_at, 0 };
    const cmr_boot_source from = CMR_BOOTED_MOUNT;
    const char *const name = snapshot->parts[0]->mount;
    struct cmr__sealed_info ret_info;
    cmr_boot_source ret_from;
    cmr__part *part = NULL;
    char reason[CMR__SEALED_REASON];
    int descriptor;
    assert_int_equal(CMR_OK, cmr__sealed_write(&info, snapshot->parts, &from, 1, &descriptor));
    assert_int_equal(
        CMR_OK, cmr__sealed_open(descriptor, &name, NULL, 1, false, &ret_info, &ret_from, &part, reason));
    assert_ptr_not_equal(part->files[0].document, snapshot->parts[0]->files[0].document);
    close(descriptor);
    return part;
}

/* Of a candidate that is made of the part. */
static const void *struct_with(struct fixture *fixture, cmr__part *part)
{
    struct cmr__candidate candidate;
    cmr_report *report = cmr__report_new();
    cmr_snapshot *snapshot = cmr__snapshot_new(2, &part, 1);
    assert_int_equal(CMR_OK, cmr__candidate_adopt(&candidate, fixture->reloader, snapshot, report));
    cmr_snapshot_unref(snapshot);
    pthread_mutex_lock(&fixture->reloader->lock);
    assert_int_equal(CMR_OK, cmr__followers_fill_locked(fixture->reloader, &candidate));
    pthread_mutex_unlock(&fixture->reloader->lock);
    const void *made = cmr_follower_get(fixture->follower, candidate.snapshot);
    cmr__candidate_reset(&candidate);
    cmr_report_free(report);
    return made;
}

static void an_equal_file_of_another_process_keeps_its_struct(void **state)
{
    struct fixture *fixture = *state;
    follow(fixture);
    change(fixture, "server: {host: a}\n", "ready 1\n");
    cmr__part *part = handed_over(current(fixture));
    assert_ptr_equal(server(fixture), struct_with(fixture, part));
    cmr__part_unref(part);
}

static void who_follows_later_has_a_struct_at_once(void **state)
{
    struct fixture *fixture = *state;
    cmr_reader *reader;
    change(fixture, "server: {host: a}\nother: {host: b}\n", "ready 1\n");
    assert_int_equal(CMR_OK, cmr_reader_new(fixture->reloader, &reader));
    cmr_snapshot *before = cmr_reader_snapshot(reader);
    follow(fixture);
    assert_null(cmr_reader_struct(reader, fixture->follower)); /* of the snapshot that it looked at */
    cmr_snapshot *after = cmr_reader_snapshot(reader);
    assert_ptr_not_equal(before, after);
    assert_int_equal(1, cmr_snapshot_generation(after));
    assert_int_equal(follower_status(fixture->watcher).last_success, cmr_snapshot_loaded_at(after));
    const struct server *one = cmr_reader_struct(reader, fixture->follower);
    assert_string_equal("a", one->host);
    cmr_follower *other;
    assert_int_equal(CMR_OK, cmr_follow(fixture->reloader, "app.yaml#other", &schema, NULL, &other));
    cmr_reader_release(reader);
    const struct server *two = cmr_reader_struct(reader, other);
    assert_string_equal("b", two->host);
    assert_ptr_equal(one, cmr_reader_struct(reader, fixture->follower)); /* shared */
    assert_int_equal(1, follower_status(fixture->watcher).reloads_applied);
    follower_hears(fixture->watcher, "");
    cmr_reader_free(reader);
}

static void fields_may_be_of_several_mounts(void **state)
{
    struct fixture *fixture = *state;
    cmr_mount_options other = CMR_MOUNT_OPTIONS_INIT;
    other.name = "other";
    assert_int_equal(CMR_OK, cmr_reloader_add_mount(fixture->reloader, fixture->watcher->other.dir, &other));
    assert_int_equal(CMR_OK, cmr_follow(fixture->reloader, "", &whole, NULL, &fixture->follower));
    fake_kubelet_write(&fixture->watcher->other, "level", "info");
    change(fixture, "server: {port: 1}\n", "ready 1\n");
    assert_server(fixture, "info", 1);
    fake_kubelet_write(&fixture->watcher->other, "level", "debug");
    follower_hears(fixture->watcher, "applied 2\n");
    assert_server(fixture, "debug", 1);
    change(fixture, "server: {port: 2}\n", "applied 3\n");
    assert_server(fixture, "debug", 2);
}

/* ---- what is told */

static void what_does_not_fit_is_rejected(void **state)
{
    struct fixture *fixture = *state;
    follow(fixture);
    change(fixture, "server:\n  hots: a\n  port: 0\n",
           "rejected 0 app.yaml:1:1 [app.yaml#server.host]\nrejected 0 app.yaml:2:3 [app.yaml#server.hots]\n"
           "rejected 0 app.yaml:3:3 [app.yaml#server.port]\n");
    assert_null(server(fixture));
    change(fixture, "server: {host: a}\n", "ready 1\n");
    cmr_snapshot *before = current(fixture);
    change(fixture, "server: {host: a, port: x}\n", "rejected 1 app.yaml:1:19 [app.yaml#server.port]\n");
    cmr_snapshot *after = cmr_reloader_ref_snapshot(fixture->reloader);
    assert_ptr_equal(before, after);
    cmr_snapshot_unref(after);
    assert_server(fixture, "a", 80);
}

static void what_is_loaded_must_fit(void **state)
{
    struct fixture *fixture = *state;
    cmr_report *report;
    change(fixture, "server: {port: 0}\n", "ready 1\n");
    cmr_snapshot *before = current(fixture);
    assert_int_equal(CMR_ERR_REJECTED,
                     cmr_follow(fixture->reloader, "app.yaml#server", &schema, &report, &fixture->follower));
    assert_int_equal(2, cmr_report_count(report));
    assert_null(fixture->follower);
    cmr_report_free(report);
    assert_int_equal(2, before->refs);                      /* the reloader's and ours: it was not replaced */
    change(fixture, "server: {port: -1}\n", "applied 2\n"); /* nobody follows */
}

static void notices_are_told_and_no_error(void **state)
{
    struct fixture *fixture = *state;
    follow(fixture);
    change(fixture, "server: {host: a, prot: 1}\n", "ready 1\nkept 1 app.yaml:1:19 [app.yaml#server.prot]\n");
    assert_non_null(strstr(fixture->messages, "told: "));
    assert_non_null(strstr(fixture->messages, "config: app.yaml:1:19: "));
    assert_non_null(strstr(fixture->messages, "port"));
    assert_int_equal(128, server(fixture)->backlog);
    change(fixture, "server: {host: a, backlog: 5}\n",
           "applied 2\nkept 2 app.yaml:1:19 [app.yaml#server.backlog]\n");
    assert_non_null(strstr(fixture->messages, "told: 5 takes effect at a restart\n"));
    assert_int_equal(128, server(fixture)->backlog);
    change(fixture, "server: {host: b, backlog: 5}\n",
           "applied 3\nkept 3 app.yaml:1:19 [app.yaml#server.backlog]\n");
    change(fixture, "server: {host: b, backlog: 5, port: -1}\n",
           "rejected 3 app.yaml:1:31 [app.yaml#server.port]\n"); /* the backlog is not at fault */
    change(fixture, "server: {host: b}\n", "applied 4\n");
    assert_string_equal("", fixture->messages);
}

static void notices_are_for_who_follows_later_too(void **state)
{
    struct fixture *fixture = *state;
    cmr_report *report;
    change(fixture, "server: {host: a, prot: 1}\n", "ready 1\n");
    assert_int_equal(CMR_OK,
                     cmr_follow(fixture->reloader, "app.yaml#server", &schema, &report, &fixture->follower));
    assert_int_equal(1, cmr_report_count(report));
    assert_string_equal("app.yaml#server.prot", cmr_report_get(report, 0)->key);
    cmr_report_free(report);
    assert_non_null(strstr(fixture->messages, "app.yaml#server: app.yaml:1:19: "));
}

static void secrets_are_not_quoted(void **state)
{
    struct fixture *fixture = *state;
    cmr_mount_options secret = CMR_MOUNT_OPTIONS_INIT;
    CMR_ATOMIC(int) number = 0;
    cmr_binding_options bounds = CMR_BINDING_OPTIONS_INIT;
    bounds.maximum = "9";
    secret.name = "secret";
    secret.secret = true;
    assert_int_equal(CMR_OK, cmr_reloader_add_mount(fixture->reloader, fixture->watcher->other.dir, &secret));
    assert_int_equal(CMR_OK,
                     cmr_follow(fixture->reloader, "secret:p.properties", &schema, NULL, &fixture->follower));
    assert_int_equal(CMR_OK, cmr_bind_int(fixture->reloader, "secret:pin", &number, 0, &bounds, NULL));
    fake_kubelet_set(&fixture->watcher->other, "p.properties", "host=a\nport=70007\nbacklog=hunter2\n");
    fake_kubelet_write(&fixture->watcher->other, "pin", "70007");
    fake_kubelet_write(&fixture->watcher->kubelet, "app.yaml", "a: 1\n");
    follower_dispatch(fixture->watcher);
    assert_non_null(strstr(fixture->messages, "told: a secret, which is not shown, is more than 9\n"));
    assert_non_null(strstr(fixture->messages, "told: is not what the schema wants: a secret, and not shown"));
    assert_null(strstr(fixture->messages, "hunter2"));
    assert_null(strstr(fixture->messages, "70007"));
}

/* Names of keys are no secret: what is absent or unknown is told as ever. */
static void what_is_no_key_of_a_secret_is_told(void **state)
{
    struct fixture *fixture = *state;
    cmr_mount_options secret = CMR_MOUNT_OPTIONS_INIT;
    secret.name = "secret";
    secret.secret = true;
    assert_int_equal(CMR_OK, cmr_reloader_add_mount(fixture->reloader, fixture->watcher->other.dir, &secret));
    assert_int_equal(CMR_OK,
                     cmr_follow(fixture->reloader, "secret:p.properties", &schema, NULL, &fixture->follower));
    fake_kubelet_write(&fixture->watcher->other, "p.properties", "host=a\n");
    change(fixture, "a: 1\n", "ready 1\n");
    fake_kubelet_write(&fixture->watcher->other, "p.properties", "host=a\nprot=hunter2\nbacklog=7\n");
    follower_dispatch(fixture->watcher);
    assert_non_null(strstr(fixture->messages, "told: unknown key; did you mean port?\n"));
    assert_non_null(strstr(fixture->messages, "told: takes effect at a restart\n"));
    fake_kubelet_write(&fixture->watcher->other, "p.properties", "port=1\n");
    follower_dispatch(fixture->watcher);
    assert_non_null(strstr(fixture->messages, "told: is required, and missing\n"));
    assert_null(strstr(fixture->messages, "hunter2"));
}

/* ---- beginning and ending */

static void structs_outlive_their_follower_and_reloader(void **state)
{
    struct fixture *fixture = *state;
    follow(fixture);
    change(fixture, "server: {host: a}\n", "ready 1\n");
    const struct server *held = server(fixture);
    cmr_unfollow(fixture->follower);
    cmr_unfollow(NULL);
    change(fixture, "server: {port: x}\n", "applied 2\n");
    follower_end(fixture->watcher);
    assert_string_equal("a", held->host); /* the snapshot is still ours */
}

static void a_new_follower_is_not_taken_for_an_ended_one(void **state)
{
    struct fixture *fixture = *state;
    follow(fixture);
    change(fixture, "server: {host: a}\n", "ready 1\n");
    cmr_snapshot *first = cmr_snapshot_ref(current(fixture));
    for (int i = 0; i < 20; i++) {
        cmr_unfollow(fixture->follower);
        follow(fixture);
        assert_null(cmr_follower_get(fixture->follower, first));
        assert_server(fixture, "a", 80);
    }
    cmr_snapshot_unref(first);
}

/* What a validator does while a candidate is looked at. */
static cmr_status meddle(void *user, cmr_snapshot *candidate, cmr_veto *veto)
{
    struct fixture *fixture = user;
    (void)veto;
    if (cmr_snapshot_generation(candidate) == 2) {
        assert_non_null(cmr_follower_get(fixture->follower, candidate));
        cmr_unfollow(fixture->follower);
    } else if (cmr_snapshot_generation(candidate) > 2) {
        follow(fixture);
        assert_null(cmr_follower_get(fixture->follower, candidate));
    }
    return CMR_OK;
}

static void see_struct(void *user, cmr_snapshot *published)
{
    struct fixture *fixture = user;
    if (cmr_snapshot_generation(published) == 3)
        assert_non_null(cmr_follower_get(fixture->follower, published));
}

static void one_may_come_and_go_while_a_candidate_is_looked_at(void **state)
{
    struct fixture *fixture = *state;
    cmr_validator_options options = CMR_VALIDATOR_OPTIONS_INIT;
    cmr_validator *validator;
    options.name = "meddler";
    options.prepare = meddle;
    options.commit = see_struct;
    assert_int_equal(CMR_OK, cmr_validate(fixture->reloader, &options, fixture, &validator));
    follow(fixture);
    change(fixture, "server: {host: a}\n", "ready 1\n");
    change(fixture, "server: {host: b}\n", "applied 2\n"); /* it ends */
    change(fixture, "server: {host: c}\n", "applied 3\n"); /* another one comes */
    assert_server(fixture, "c", 80);
    cmr_unfollow(fixture->follower);
    change(fixture, "server: {port: 0, host: c}\n", /* the one that comes refuses it */
           "rejected 3 app.yaml:1:10 [app.yaml#server.port]\n");
    cmr_unvalidate(validator);
}

static void arguments_are_checked(void **state)
{
    struct fixture *fixture = *state;
    cmr_report *report = NULL;
    cmr_schema wrong = schema;
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, cmr_follow(NULL, "a", &schema, NULL, &fixture->follower));
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, cmr_follow(fixture->reloader, "a", &schema, NULL, NULL));
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT,
                     cmr_follow(fixture->reloader, "a", NULL, NULL, &fixture->follower));
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT,
                     cmr_follow(fixture->reloader, "a*", &schema, NULL, &fixture->follower));
    wrong.struct_size = 1;
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT,
                     cmr_follow(fixture->reloader, "a", &wrong, &report, &fixture->follower));
    assert_true(cmr_report_count(report) > 0);
    cmr_report_free(report);
    assert_null(fixture->follower);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_generation_has_a_struct, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_stays_keeps_its_struct, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_equal_file_of_another_process_keeps_its_struct, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_follows_later_has_a_struct_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(fields_may_be_of_several_mounts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_does_not_fit_is_rejected, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_loaded_must_fit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(notices_are_told_and_no_error, set_up, tear_down),
        cmocka_unit_test_setup_teardown(notices_are_for_who_follows_later_too, set_up, tear_down),
        cmocka_unit_test_setup_teardown(secrets_are_not_quoted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_key_of_a_secret_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(structs_outlive_their_follower_and_reloader, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_new_follower_is_not_taken_for_an_ended_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_may_come_and_go_while_a_candidate_is_looked_at, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(arguments_are_checked, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
