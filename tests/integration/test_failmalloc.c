/* SPDX-License-Identifier: MIT
 *
 * Every allocation fails once: the first in the first run, the second in the second, and so on until a run
 * meets no failure. Then the same with all later ones of that call failing too. The library's calls are
 * wrapped by the linker, libyaml's by definitions that take the place of its own, so this works with
 * sanitizers too.
 *
 * One subscriber keeps a mirror of the configuration from nothing but its changes. It sees any wrong value,
 * false removal, lost or doubled change. After a failure the newest generation must come by what the reloader
 * itself has planned; the test lets that time pass at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "engine/delivery.h"
#include "support/fake_kubelet.h"
#include "support/mirror.h"

#define LONGEST_RETRY_NS INT64_C(10000000000)

/* ---- the allocator */

static struct {
    bool armed;     /* inside a call of the library */
    bool all_later; /* of that call */
    bool failing;
    unsigned long count, fail_at, failures;
} allocator;

static bool fails(void)
{
    if (!allocator.armed)
        return false;
    allocator.count++;
    if (allocator.count != allocator.fail_at && !allocator.failing)
        return false;
    allocator.failing = allocator.all_later;
    allocator.failures++;
    errno = ENOMEM;
    return true;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t size);
void *__real_fdopendir(int descriptor);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t size);
void *__wrap_fdopendir(int descriptor);
void *yaml_malloc(size_t size);
void *yaml_realloc(void *old, size_t size);
char *yaml_strdup(const char *text);

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return fails() ? NULL : __real_realloc(old, size);
}

char *__wrap_strdup(const char *text)
{
    return fails() ? NULL : __real_strdup(text);
}

char *__wrap_strndup(const char *text, size_t size)
{
    return fails() ? NULL : __real_strndup(text, size);
}

void *__wrap_fdopendir(int descriptor)
{
    return fails() ? NULL : __real_fdopendir(descriptor);
}

void *yaml_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size ? size : 1);
}

void *yaml_realloc(void *old, size_t size)
{
    return fails() ? NULL : __real_realloc(old, size ? size : 1);
}

char *yaml_strdup(const char *text)
{
    return !text || fails() ? NULL : __real_strdup(text);
}

static void arm(void)
{
    allocator.armed = true;
}

static void disarm(void)
{
    allocator.armed = allocator.failing = false;
}

/* Runs one call with failing allocations; when it lacks memory, once more without. */
#define TRY(call)                                                                                            \
    do {                                                                                                     \
        arm();                                                                                               \
        cmr_status tried_ = (call);                                                                          \
        disarm();                                                                                            \
        if (tried_ == CMR_ERR_NO_MEMORY && allocator.failures)                                               \
            tried_ = (call);                                                                                 \
        assert_int_equal(CMR_OK, tried_);                                                                    \
    } while (0)

/* ---- what is followed */

struct fixture {
    struct fake_kubelet kubelet;
    cmr_reloader *reloader;
    struct mirror mirror;
    int64_t number;  /* a.yaml#n as a typed subscriber sees it */
    int64_t lenient; /* b.properties#l as a lenient one does */
    int64_t listed;  /* b.properties#k as one does who takes it for a list of numbers */
    unsigned rejections;
};

static void keep_mirror(void *user, const cmr_update *update)
{
    bool armed = allocator.armed;
    allocator.armed = false;
    mirror_update(user, update);
    allocator.armed = armed;
}

static void keep_list(void *user, const cmr_update *update)
{
    int64_t *number = user;
    const cmr_change *change = cmr_update_change(update, 0);
    assert_int_equal(1, cmr_update_count(update));
    assert_int_equal(1, change->new_value->as.count);
    assert_int_equal(change->kind == CMR_ADDED ? 0 : *number,
                     change->old_value ? atoi(change->old_value->text) : 0);
    *number = atoi(change->new_value->text);
}

static void keep_number(void *user, const cmr_update *update)
{
    int64_t *number = user;
    const cmr_change *change = cmr_update_change(update, 0);
    assert_int_equal(1, cmr_update_count(update));
    assert_int_equal(change->kind == CMR_ADDED ? 0 : *number,
                     change->old_value ? change->old_value->as.int64 : 0);
    *number = change->new_value->as.int64;
}

static void keep_rejections(void *user, const cmr_event *event)
{
    struct fixture *fixture = user;
    if (event->kind != CMR_EVENT_REJECTED)
        return;
    fixture->rejections++;
    assert_int_equal(2, cmr_report_count(event->report));
    assert_string_equal("a.yaml", cmr_report_get(event->report, 0)->file);
    assert_string_equal("b.properties", cmr_report_get(event->report, 1)->file);
}

static void assert_mirror_is_true(struct fixture *fixture)
{
    cmr_snapshot *snapshot = cmr_reloader_ref_snapshot(fixture->reloader);
    mirror_assert_true(&fixture->mirror, snapshot);
    cmr_snapshot_unref(snapshot);
}

/* ---- generations */

static void write_generation(struct fixture *fixture, int number)
{
    struct fake_kubelet *kubelet = &fixture->kubelet;
    bool bad = number == 3;
    char text[256];
    snprintf(text, sizeof text, "n: %d\nlist: [x, &a {y: %d}, *a]\nlong: |\n  text\nv%d: 'q'\n%s", number,
             number, number, bad ? "n: [\n" : "");
    fake_kubelet_set(kubelet, "a.yaml", text);
    snprintf(text, sizeof text, "# c\nk = %d\nl=%s\nnew%d=\\u00e9%s\n", number, number == 2 ? "bad" : "7",
             number, bad ? "\\u1" : "");
    fake_kubelet_set(kubelet, "b.properties", text);
    fake_kubelet_set(kubelet, "dir/same", "always the same");
    if (number == 1)
        fake_kubelet_set(kubelet, "gone", "soon");
    else if (number == 2)
        fake_kubelet_remove(kubelet, "gone");
    fake_kubelet_swap(kubelet);
}

static bool has_arrived(struct fixture *fixture, int number)
{
    if (number == 3)
        return fixture->rejections == 1;
    cmr_snapshot *snapshot = cmr_reloader_ref_snapshot(fixture->reloader);
    bool arrived = cmr_get_int64_or(snapshot, "a.yaml#n", -1) == number && fixture->number == number;
    cmr_snapshot_unref(snapshot);
    return arrived;
}

/* It is whole, or known to be missing until the next look. */
static void assert_report_is_true(struct fixture *fixture, int number)
{
    cmr_report *report = NULL;
    cmr_status status = cmr_reloader_get_report(fixture->reloader, NULL, &report);
    if (status == CMR_ERR_NO_MEMORY && allocator.failures && number == 3) {
        cmr_reloader_check_now(fixture->reloader);
        assert_int_equal(CMR_OK, cmr_reloader_dispatch(fixture->reloader));
        status = cmr_reloader_get_report(fixture->reloader, NULL, &report);
    }
    assert_int_equal(CMR_OK, status);
    assert_int_equal(number == 3 ? 2 : 0, cmr_report_count(report));
    cmr_report_free(report);
}

/* Lets the planned time come. What is not planned does not come. */
static void recover(struct fixture *fixture, int number)
{
    disarm();
    for (int i = 0; i < 4 && !has_arrived(fixture, number); i++) {
        int64_t planned = cmr__clock_now() + LONGEST_RETRY_NS;
        assert_true(fixture->reloader->loop.deadline <= planned);
        for (size_t j = 0; j < fixture->reloader->mount_count; j++)
            if (fixture->reloader->mounts[j]->look_at <= planned)
                fixture->reloader->mounts[j]->look_at = 0;
        assert_int_equal(CMR_OK, cmr_reloader_dispatch(fixture->reloader));
        cmr__deliver(fixture->reloader, planned);
    }
    assert_true(has_arrived(fixture, number));
    cmr__deliver(fixture->reloader, cmr__clock_now() + LONGEST_RETRY_NS);
    assert_int_equal(number >= 3, fixture->rejections);
    assert_int_equal(7, fixture->lenient);
    assert_int_equal(number == 3 ? 2 : number, fixture->listed);
    assert_report_is_true(fixture, number);
    assert_mirror_is_true(fixture);
}

static cmr_status subscribe(struct fixture *fixture, const char *pattern, cmr_type type, bool lenient,
                            cmr_update_fn *callback, void *user)
{
    cmr_subscription_options options = CMR_SUBSCRIPTION_OPTIONS_INIT;
    options.type = type;
    options.initial = true;
    options.lenient = lenient;
    options.item = type == CMR_TYPE_LIST ? CMR_TYPE_INT64 : CMR_TYPE_ANY;
    return cmr_subscribe(fixture->reloader, pattern, callback, user, &options, NULL);
}

static void follow(struct fixture *fixture)
{
    cmr_format_rule rules[] = { { "*.yaml", "yaml" }, { NULL, NULL } };
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    cmr_options options = CMR_OPTIONS_INIT;
    mount.name = "config";
    mount.formats = rules;
    options.mount = &mount;
    write_generation(fixture, 1);
    TRY(cmr_open(fixture->kubelet.dir, &options, &fixture->reloader));
    mount.name = "optional"; /* and not there */
    mount.optional = true;
    TRY(cmr_reloader_add_mount(fixture->reloader, "/nonexistent", &mount));
    TRY(cmr_observe(fixture->reloader, keep_rejections, fixture, NULL, NULL));
    TRY(subscribe(fixture, "**", CMR_TYPE_ANY, false, keep_mirror, &fixture->mirror));
    TRY(subscribe(fixture, "a.yaml#n", CMR_TYPE_INT64, false, keep_number, &fixture->number));
    TRY(subscribe(fixture, "*.properties#l", CMR_TYPE_INT64, true, keep_number, &fixture->lenient));
    TRY(subscribe(fixture, "b.properties#k", CMR_TYPE_LIST, false, keep_list, &fixture->listed));
    arm();
    cmr_status status = cmr_reloader_load(fixture->reloader, 0);
    disarm();
    assert_true(status == CMR_OK || (status == CMR_ERR_NO_MEMORY && allocator.failures));
    recover(fixture, 1);
    for (int number = 2; number <= 4; number++) {
        write_generation(fixture, number);
        arm();
        assert_int_equal(CMR_OK, cmr_reloader_dispatch(fixture->reloader));
        recover(fixture, number);
    }
    TRY(subscribe(fixture, "a.yaml#n", CMR_TYPE_INT64, false, keep_number, &fixture->number));
}

/* ---- a plain directory, with a folder below it and a file that goes bad and is kept */

static void put(const struct fixture *fixture, const char *name, const char *text)
{
    char path[192];
    snprintf(path, sizeof path, "%s/%s", fixture->kubelet.dir, name);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void write_directory(const struct fixture *fixture, int number)
{
    char text[32];
    snprintf(text, sizeof text, "n: %d\n", number);
    put(fixture, "below/a.yaml", text);
    put(fixture, "b.json", number == 2 ? "{\"n\": " : "{\"n\": 1}");
    put(fixture, "c.ignored", text);
}

static void recover_directory(struct fixture *fixture, int number)
{
    cmr_mount_status status = CMR_MOUNT_STATUS_INIT;
    int64_t found = -1;
    disarm();
    for (int i = 0; i < 6 && found != number; i++) {
        fixture->reloader->mounts[0]->look_at = 0;
        assert_int_equal(CMR_OK, cmr_reloader_dispatch(fixture->reloader));
        cmr_snapshot *snapshot = cmr_reloader_ref_snapshot(fixture->reloader);
        found = cmr_get_int64_or(snapshot, "below/a.yaml#n", -1);
        assert_true(found < 0 || cmr_get_int64_or(snapshot, "b.json#n", -1) == 1);
        cmr_snapshot_unref(snapshot);
    }
    assert_int_equal(number, found);
    assert_int_equal(CMR_OK, cmr_reloader_get_mount_status(fixture->reloader, NULL, &status));
    assert_int_equal(number == 2, status.kept_files);
}

static void follow_directory(struct fixture *fixture)
{
    const char *const ignore[] = { "*.ignored", NULL };
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    cmr_options options = CMR_OPTIONS_INIT;
    char below[192];
    mount.ignore = ignore;
    mount.settle_ms = -1;
    mount.keep_bad_files = true;
    options.mount = &mount;
    options.background = true;
    snprintf(below, sizeof below, "%s/below", fixture->kubelet.dir);
    assert_int_equal(0, mkdir(fixture->kubelet.dir, 0755));
    assert_int_equal(0, mkdir(below, 0755));
    write_directory(fixture, 1);
    TRY(cmr_open(fixture->kubelet.dir, &options, &fixture->reloader));
    fixture->reloader->loads_here = true; /* one thread: allocations are counted */
    for (int number = 1; number <= 3; number++) {
        write_directory(fixture, number);
        arm();
        assert_int_equal(CMR_OK, cmr_reloader_dispatch(fixture->reloader));
        recover_directory(fixture, number);
    }
}

/* ---- who asks for the status, with a mount that is rejected */

static void ask_for_the_status(struct fixture *fixture)
{
    char *json = NULL, *metrics = NULL;
    cmr_report *report = NULL;
    write_generation(fixture, 3);
    TRY(cmr_open(fixture->kubelet.dir, NULL, &fixture->reloader));
    arm();
    cmr_status status = cmr_reloader_load(fixture->reloader, 0);
    disarm();
    if (status == CMR_ERR_NO_MEMORY && allocator.failures)
        status = cmr_reloader_load(fixture->reloader, 1000);
    assert_int_equal(CMR_ERR_REJECTED, status);
    TRY(cmr_reloader_status_json(fixture->reloader, &json));
    TRY(cmr_reloader_status_prometheus(fixture->reloader, NULL, NULL, &metrics));
    bool lost = cmr_reloader_get_report(fixture->reloader, NULL, &report) == CMR_ERR_NO_MEMORY;
    assert_non_null(strstr(json, "\"rejected\":true"));
    assert_non_null(strstr(json, lost ? "\"status\":\"no_memory\"" : "\"file\":\"b.properties\""));
    assert_non_null(
        strstr(metrics, lost ? "_diagnostics{mount=\"config\"} 1\n" : "_diagnostics{mount=\"config\"} 2\n"));
    cmr_report_free(report);
    free(json);
    free(metrics);
}

static void set_up_run(struct fixture *fixture)
{
    *fixture = (struct fixture){ .number = 0 };
    fake_kubelet_open(&fixture->kubelet);
    allocator.count = allocator.failures = 0;
}

static void end_run(struct fixture *fixture)
{
    cmr_reloader_free(fixture->reloader);
    fake_kubelet_close(&fixture->kubelet);
}

/* ---- who has a say: a binding, a schema and a validator */

struct settings {
    int64_t n;
    const char *text;
};
static const cmr_field fields[] = {
    CMR_FIELD_INT(struct settings, n, "n", .maximum = "8", .required = true),
    CMR_FIELD_STRING(struct settings, text, "text"),
    CMR_FIELD_END,
};
static const cmr_schema schema = CMR_SCHEMA(struct settings, fields, .unknown = CMR_UNKNOWN_WARN);

static struct {
    CMR_ATOMIC(int64_t) bound;
    cmr_follower *follower;
    int64_t vetoed; /* the number that the validator refuses */
    unsigned prepared, settled, rejections;
    size_t diagnostics;
    char message[128];
} consent;

static cmr_status prepare(void *user, cmr_snapshot *candidate, cmr_veto *veto)
{
    const struct settings *settings = cmr_follower_get(consent.follower, candidate);
    (void)user;
    assert_int_equal(settings->n, cmr_get_int64_or(candidate, "a.yaml#n", -1));
    assert_int_equal(consent.prepared, consent.settled);
    if (settings->n == consent.vetoed) {
        cmr_veto_reason(veto, "a.yaml#n", "%d is refused", (int)settings->n);
        return CMR_ERR_REJECTED;
    }
    consent.prepared++;
    return CMR_OK;
}

static void settle(void *user, cmr_snapshot *snapshot)
{
    (void)user, (void)snapshot;
    consent.settled++;
}

static void keep_consent(void *user, const cmr_event *event)
{
    (void)user;
    if (event->kind != CMR_EVENT_REJECTED)
        return;
    consent.rejections++;
    consent.diagnostics = cmr_report_count(event->report);
    snprintf(consent.message, sizeof consent.message, "%s", cmr_report_get(event->report, 0)->message);
}

static void write_number(struct fixture *fixture, int64_t number)
{
    char text[64];
    snprintf(text, sizeof text, "n: %lld\ntext: 'n%lld'\nunknown: 1\n", (long long)number, (long long)number);
    fake_kubelet_write(&fixture->kubelet, "a.yaml", text);
}

/* The variable, the struct and the snapshot agree, whatever failed. */
static int64_t assert_agreement(struct fixture *fixture)
{
    cmr_snapshot *snapshot = cmr_reloader_ref_snapshot(fixture->reloader);
    const struct settings *settings = cmr_follower_get(consent.follower, snapshot);
    char text[32];
    int64_t number = cmr_get_int64_or(snapshot, "a.yaml#n", 0);
    assert_int_equal(number, consent.bound);
    assert_int_equal(number, settings ? settings->n : 0);
    snprintf(text, sizeof text, "n%lld", (long long)number);
    if (settings)
        assert_string_equal(text, settings->text);
    cmr_snapshot_unref(snapshot);
    return number;
}

/* Dispatches with failures, then as often as the reloader has planned. */
static void arrive(struct fixture *fixture, int64_t number, unsigned rejections)
{
    arm();
    assert_int_equal(CMR_OK, cmr_reloader_dispatch(fixture->reloader));
    disarm();
    for (int i = 0; i < 4 && (assert_agreement(fixture) != number || consent.rejections != rejections); i++) {
        fixture->reloader->mounts[0]->look_at = 0;
        assert_int_equal(CMR_OK, cmr_reloader_dispatch(fixture->reloader));
    }
    assert_int_equal(number, assert_agreement(fixture));
    assert_int_equal(rejections, consent.rejections);
    assert_int_equal(consent.prepared, consent.settled);
}

static void register_all(struct fixture *fixture)
{
    cmr_validator_options validator = CMR_VALIDATOR_OPTIONS_INIT;
    cmr_binding_options bounds = CMR_BINDING_OPTIONS_INIT;
    cmr_report *report = NULL;
    validator.name = "v";
    validator.prepare = prepare;
    validator.commit = validator.abort = settle;
    bounds.maximum = "9";
    bounds.required = true;
    TRY(cmr_open(fixture->kubelet.dir, NULL, &fixture->reloader));
    TRY(cmr_observe(fixture->reloader, keep_consent, NULL, NULL, NULL));
    TRY(cmr_validate(fixture->reloader, &validator, NULL, NULL));
    TRY(cmr_bind_int64(fixture->reloader, "a.yaml#n", &consent.bound, 0, &bounds, NULL));
    TRY(cmr_follow(fixture->reloader, "a.yaml", &schema, &report, &consent.follower));
    assert_null(report);
}

static void try_numbers(struct fixture *fixture)
{
    static const char good[] = "n: 7\n", bad[] = "n: 10\n";
    const cmr_file files[] = { { "a.yaml", good, sizeof good - 1, NULL },
                               { "a.yaml", bad, sizeof bad - 1, NULL } };
    cmr_report *report = NULL;
    for (size_t i = 0; i < 2; i++) {
        cmr_snapshot *snapshot;
        assert_int_equal(CMR_OK, cmr_snapshot_from_files(&files[i], 1, NULL, NULL, &snapshot));
        arm();
        cmr_status status = cmr_reloader_try(fixture->reloader, NULL, snapshot, &report);
        disarm();
        cmr_snapshot_unref(snapshot);
        assert_true(status == (i ? CMR_ERR_REJECTED : CMR_OK) ||
                    (status == CMR_ERR_NO_MEMORY && allocator.failures));
        assert_int_equal(status == CMR_ERR_REJECTED ? 2 : 0, cmr_report_count(report));
        cmr_report_free(report);
        assert_int_equal(consent.prepared, consent.settled);
    }
}

static void read_late(struct fixture *fixture)
{
    cmr_follower *follower;
    cmr_report *report = NULL;
    cmr_reader *reader;
    cmr_reader_key *key;
    int64_t number = 0;
    TRY(cmr_follow(fixture->reloader, "a.yaml", &schema, &report, &follower));
    assert_true(cmr_report_count(report) == 1); /* the unknown key */
    cmr_report_free(report);
    TRY(cmr_reader_new(fixture->reloader, &reader));
    TRY(cmr_reader_key_new(reader, "a.yaml#n", CMR_TYPE_INT64, NULL, &key));
    arm(); /* no read allocates */
    unsigned long before = allocator.count;
    const struct settings *settings = cmr_reader_struct(reader, follower);
    assert_int_equal(CMR_OK, cmr_reader_get_int64(key, &number));
    assert_int_equal(number, cmr_get_int64_or(cmr_reader_snapshot(reader), "a.yaml#n", -1));
    assert_int_equal(before, allocator.count);
    disarm();
    assert_int_equal(6, number);
    assert_int_equal(6, settings->n);
    cmr_reader_free(reader);
}

static void agree(struct fixture *fixture)
{
    memset(&consent, 0, sizeof consent);
    consent.vetoed = 5;
    write_number(fixture, 1);
    register_all(fixture);
    arrive(fixture, 1, 0);
    write_number(fixture, 10); /* too much for the binding, and for the schema */
    arrive(fixture, 1, 1);
    assert_int_equal(3, consent.diagnostics); /* and the key that the schema does not know */
    write_number(fixture, 5);
    arrive(fixture, 1, 2);
    assert_string_equal("v: 5 is refused", consent.message);
    write_number(fixture, 6);
    arrive(fixture, 6, 2);
    try_numbers(fixture);
    read_late(fixture);
    assert_int_equal(6, assert_agreement(fixture));
}

/* ---- calls without a reloader */

static void walk(cmr_snapshot *snapshot)
{
    cmr_cursor *cursor;
    size_t entries = 0;
    TRY(cmr_cursor_new(snapshot, "*:** dir/*", &cursor));
    arm();
    while (cmr_cursor_next(cursor))
        entries++;
    disarm();
    assert_true(cmr_cursor_failed(cursor) ? allocator.failures > 0 : entries == 11);
    cmr_cursor_free(cursor);
}

static void read_once(struct fixture *fixture)
{
    static const char json[] = "{\"\\u0061\":\"b\\n\"}", bad_json[] = "[\"\\q\\ud800\",]";
    const cmr_file files[] = { { "a.yaml", "a: 1", 4, NULL },
                               { "b", "x", 1, NULL },
                               { "c.json", json, sizeof json - 1, NULL } };
    const cmr_file bad = { "bad.json", bad_json, sizeof bad_json - 1, NULL };
    cmr_snapshot *snapshot, *built;
    cmr_update *update;
    cmr_report *report = NULL;
    char hash[CMR_HASH_SIZE], again[CMR_HASH_SIZE];
    write_generation(fixture, 1);
    TRY(cmr_snapshot_read(fixture->kubelet.dir, NULL, &report, &snapshot));
    TRY(cmr_snapshot_hash_keys(snapshot, "**", hash));
    assert_int_equal(CMR_OK, cmr_snapshot_hash_keys(snapshot, "**", again));
    assert_string_equal(again, hash);
    walk(snapshot);
    TRY(cmr_snapshot_from_files(files, 3, NULL, &report, &built));
    assert_int_equal(1, cmr_get_int64_or(built, "a.yaml#a", 0));
    assert_string_equal("b\n", cmr_get_string_or(built, "c.json#a", ""));
    TRY(cmr_snapshot_diff(snapshot, built, "** b", CMR_TYPE_ANY, NULL, &update));
    assert_int_equal(14, cmr_update_count(update));
    cmr_update_free(update);
    cmr_snapshot_unref(built);
    cmr_snapshot_unref(snapshot);

    fake_kubelet_write(&fixture->kubelet, "a.yaml", "a: [");
    arm();
    cmr_status status = cmr_snapshot_read(fixture->kubelet.dir, NULL, &report, &snapshot);
    disarm();
    assert_true(status == CMR_ERR_REJECTED || (status == CMR_ERR_NO_MEMORY && allocator.failures));
    assert_int_equal(status == CMR_ERR_REJECTED, cmr_report_count(report));
    cmr_report_free(report);

    arm();
    status = cmr_snapshot_from_files(&bad, 1, NULL, &report, &snapshot);
    disarm();
    assert_true(status == CMR_ERR_REJECTED || (status == CMR_ERR_NO_MEMORY && allocator.failures));
    assert_int_equal(status == CMR_ERR_REJECTED ? 3 : 0, cmr_report_count(report));
    cmr_report_free(report);
}

/* Each process of this user is an allocation more: it is looked into. */
static void examine(struct fixture *fixture)
{
    cmr_examination *examination = NULL;
    fake_kubelet_write(&fixture->kubelet, "a.yaml", "a: [");
    arm();
    cmr_status status = cmr_examine(fixture->kubelet.dir, NULL, &examination);
    disarm();
    assert_true(status == CMR_OK || (status == CMR_ERR_NO_MEMORY && allocator.failures));
    assert_int_equal(status == CMR_OK, examination != NULL);
    if (examination) {
        assert_int_equal(CMR_FOLLOW_EVENTS, cmr_examination_verdict(examination)->follow);
        assert_false(cmr_examination_verdict(examination)->loads);
        assert_int_equal(CMR_KIND_VOLUME, cmr_examination_verdict(examination)->kind);
    }
    cmr_examination_free(examination);
}

static void fail_each(void (*body)(struct fixture *), bool all_later, const char *what)
{
    struct fixture *fixture = malloc(sizeof *fixture);
    assert_non_null(fixture);
    allocator.all_later = all_later;
    allocator.fail_at = 0;
    do {
        allocator.fail_at++;
        set_up_run(fixture);
        body(fixture);
        end_run(fixture);
    } while (allocator.failures);
    printf("%s%s: %lu allocations, each failed once\n", what,
           all_later ? " and all later ones of the call" : "", allocator.fail_at - 1);
    free(fixture);
}

static void following(void **state)
{
    (void)state;
    fail_each(follow, false, "following");
}

static void following_with_all_later_ones(void **state)
{
    (void)state;
    fail_each(follow, true, "following");
}

static void following_a_directory(void **state)
{
    (void)state;
    fail_each(follow_directory, false, "a directory");
    fail_each(follow_directory, true, "a directory");
}

static void agreeing(void **state)
{
    (void)state;
    fail_each(agree, false, "agreeing");
    fail_each(agree, true, "agreeing");
}

static void reading_once(void **state)
{
    (void)state;
    fail_each(read_once, false, "reading");
    fail_each(read_once, true, "reading");
}

static void asking_for_the_status(void **state)
{
    (void)state;
    fail_each(ask_for_the_status, false, "asking");
    fail_each(ask_for_the_status, true, "asking");
}

static void examining(void **state)
{
    (void)state;
    fail_each(examine, false, "examining");
    fail_each(examine, true, "examining");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(following),
        cmocka_unit_test(following_with_all_later_ones),
        cmocka_unit_test(following_a_directory),
        cmocka_unit_test(agreeing),
        cmocka_unit_test(reading_once),
        cmocka_unit_test(asking_for_the_status),
        cmocka_unit_test(examining),
    };
    setenv("TMPDIR", "/dev/shm", 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
