/* SPDX-License-Identifier: MIT
 *
 * What subscribers are told, and when. Debounce is tested on a clock of the test's own: windows are opened by
 * real publications, and delivery is asked for at the times that the test names. How registrations end is in
 * test_registration.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "engine/delivery.h"
#include "engine/subscription.h"
#include "support/fake_kubelet.h"
#include "support/journal.h"

#define HOUR_MS 3600000

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
    return cmr_open(fixture->kubelet.dir, NULL, &fixture->reloader) == CMR_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    cmr_reloader_free(fixture->reloader);
    fake_kubelet_close(&fixture->kubelet);
    free(fixture);
    return 0;
}

static cmr_subscription *subscribe_with(struct fixture *fixture, const char *pattern,
                                        const cmr_subscription_options *options)
{
    cmr_subscription *subscription = NULL;
    assert_int_equal(CMR_OK, cmr_subscribe(fixture->reloader, pattern, journal_update, &fixture->journal,
                                           options, &subscription));
    return subscription;
}

static cmr_subscription *subscribe(struct fixture *fixture, const char *pattern, cmr_type type)
{
    cmr_subscription_options options = CMR_SUBSCRIPTION_OPTIONS_INIT;
    options.type = type;
    return subscribe_with(fixture, pattern, &options);
}

static void observe(struct fixture *fixture)
{
    assert_int_equal(CMR_OK, cmr_observe(fixture->reloader, journal_event, &fixture->journal, NULL, NULL));
}

static void load(struct fixture *fixture, const char *name, const char *text)
{
    fake_kubelet_write(&fixture->kubelet, name, text);
    assert_int_equal(CMR_OK, cmr_reloader_load(fixture->reloader, 0));
}

/* Writes the file, dispatches, and says what was told. */
static const char *change(struct fixture *fixture, const char *name, const char *text)
{
    fake_kubelet_write(&fixture->kubelet, name, text);
    assert_int_equal(CMR_OK, cmr_reloader_dispatch(fixture->reloader));
    return journal_take(&fixture->journal);
}

static const char *deliver_at(struct fixture *fixture, int64_t now)
{
    cmr__deliver(fixture->reloader, now);
    return journal_take(&fixture->journal);
}

static void every_type_comes_old_and_new(void **state)
{
    struct fixture *fixture = *state;
    static const cmr_enum_item colours[] = { { "red", 1 }, { "green", 2 }, { NULL, 0 } };
    static const struct {
        const char *key;
        cmr_type type;
    } subscriptions[] = {
        { "t.properties#bool", CMR_TYPE_BOOL },         { "t.properties#int", CMR_TYPE_INT64 },
        { "t.properties#uint", CMR_TYPE_UINT64 },       { "t.properties#double", CMR_TYPE_DOUBLE },
        { "t.properties#string", CMR_TYPE_STRING },     { "t.properties#bytes", CMR_TYPE_BYTES },
        { "t.properties#duration", CMR_TYPE_DURATION }, { "t.properties#size", CMR_TYPE_SIZE },
        { "t.properties#enum", CMR_TYPE_ENUM },         { "t.properties#level", CMR_TYPE_LOG_LEVEL },
        { "t.properties#any", CMR_TYPE_ANY },
    };
    for (size_t i = 0; i < sizeof subscriptions / sizeof subscriptions[0]; i++) {
        cmr_subscription_options options = CMR_SUBSCRIPTION_OPTIONS_INIT;
        options.type = subscriptions[i].type;
        options.table = options.type == CMR_TYPE_ENUM ? colours : NULL;
        options.initial = i % 2;
        subscribe_with(fixture, subscriptions[i].key, &options);
    }
    load(fixture, "t.properties",
         "bool=yes\nint=-1\nuint=1\ndouble=.5\nstring=a\nbytes=b\nduration=1s\nsize=1Ki\nenum=red\nlevel="
         "info\n"
         "any=x\n");
    assert_string_equal("+t.properties#int=-1\n+t.properties#double=0.5\n+t.properties#bytes=b\n"
                        "+t.properties#size=1024B\n+t.properties#level=info\n",
                        journal_take(&fixture->journal));
    assert_string_equal(
        "t.properties#bool=true>false\nt.properties#int=-1>2\nt.properties#uint=1>18446744073709551615\n"
        "t.properties#double=0.5>1000\nt.properties#string=a>b\nt.properties#bytes=b>c\n"
        "t.properties#duration=1000000000ns>1500000ns\nt.properties#size=1024B>2000B\n"
        "t.properties#enum=#1>#2\nt.properties#level=info>debug\nt.properties#any=x>y\n",
        change(fixture, "t.properties",
               "bool=OFF\nint=2\nuint=18446744073709551615\ndouble=1e3\nstring=b\nbytes=c\nduration=1.5ms\n"
               "size=2k\nenum=green\nlevel=DEBUG\nany=y\n"));
}

static void patterns_choose_and_changes_come_in_order(void **state)
{
    struct fixture *fixture = *state;
    load(fixture, "app.yaml", "server:\n  port: 1\n  hosts: [a, b]\nclient:\n  port: 2\n");
    assert_string_equal("", journal_take(&fixture->journal)); /* no call at the first load */
    subscribe(fixture, "app.yaml#*.port", CMR_TYPE_INT64);
    subscribe(fixture, "app.yaml#server.**", CMR_TYPE_ANY);
    subscribe(fixture, "app.yaml#client.port app.yaml#server.port", CMR_TYPE_ANY);
    subscribe(fixture, "*.txt", CMR_TYPE_ANY);
    assert_string_equal(
        "app.yaml#server.port=1>3\napp.yaml#client.port=2>4\n"
        "app.yaml#server.port=1>3\napp.yaml#server.hosts[1]=b>c\n+app.yaml#server.hosts[2]=d\n"
        "app.yaml#client.port=2>4\napp.yaml#server.port=1>3\n",
        change(fixture, "app.yaml", "server:\n  port: 3\n  hosts: [a, c, d]\nclient:\n  port: 4\n"));
    assert_string_equal("+new.txt=x\n", change(fixture, "new.txt", "x"));
    fake_kubelet_remove(&fixture->kubelet, "app.yaml");
    assert_string_equal("-app.yaml#server.port=3\n-app.yaml#client.port=4\n"
                        "-app.yaml#server.port=3\n-app.yaml#server.hosts[0]=a\n-app.yaml#server.hosts[1]=c\n"
                        "-app.yaml#server.hosts[2]=d\n"
                        "-app.yaml#client.port=4\n-app.yaml#server.port=3\n"
                        "new.txt=x>y\n",
                        change(fixture, "new.txt", "y"));
}

static void what_is_equal_is_no_change(void **state)
{
    struct fixture *fixture = *state;
    load(fixture, "a.properties", "b=10s\na=1\nc=x\n");
    subscribe(fixture, "a.properties#b", CMR_TYPE_DURATION);
    subscribe(fixture, "**", CMR_TYPE_ANY);
    assert_string_equal("", change(fixture, "a.properties", "# a comment\n\na = 1\nc:x\nb 10s"));
    assert_string_equal("a.properties#b=10s>10000ms\n",
                        change(fixture, "a.properties", "a=1\nb=10000ms\nc=x\n"));
    assert_string_equal("a.properties#b=10000000000ns>11000000000ns\na.properties#b=10000ms>11s\n",
                        change(fixture, "a.properties", "a=1\nb=11s\nc=x\n"));
}

static void initial_calls_come_once_whenever_subscribed(void **state)
{
    struct fixture *fixture = *state;
    cmr_subscription_options options = CMR_SUBSCRIPTION_OPTIONS_INIT;
    options.initial = true;
    options.debounce_ms = HOUR_MS; /* does not delay the initial call */
    subscribe_with(fixture, "value", &options);
    load(fixture, "value", "1");
    assert_string_equal("+value=1\n", journal_take(&fixture->journal));
    subscribe_with(fixture, "value", &options);
    subscribe_with(fixture, "absent", &options);
    assert_int_equal(CMR_OK, cmr_reloader_wait(fixture->reloader, HOUR_MS));
    assert_string_equal("+value=1\n", journal_take(&fixture->journal));
    options.debounce_ms = 0;
    subscribe_with(fixture, "value", &options);
    assert_string_equal("+value=2\n",
                        change(fixture, "value", "2")); /* not both: subscribed, changed, called */
}

static void debounce_waits_for_the_last_change(void **state)
{
    struct fixture *fixture = *state;
    cmr_subscription_options options = CMR_SUBSCRIPTION_OPTIONS_INIT;
    options.debounce_ms = HOUR_MS;
    load(fixture, "value", "1");
    cmr_subscription *subscription = subscribe_with(fixture, "value", &options);
    int64_t before = cmr__clock_now();
    assert_string_equal("", change(fixture, "value", "2"));
    int64_t first = subscription->deadline, limit = subscription->limit;
    assert_true(first >= cmr__clock_after_ms(before, HOUR_MS));
    assert_true(limit - first >= 8 * INT64_C(1000000) * HOUR_MS); /* ten times, by default */
    assert_string_equal("", change(fixture, "unrelated", "x"));
    assert_int_equal(first, subscription->deadline);
    assert_string_equal("", change(fixture, "value", "3"));
    assert_true(subscription->deadline > first);
    assert_int_equal(limit, subscription->limit);
    assert_string_equal("", deliver_at(fixture, subscription->deadline - 1));
    assert_string_equal("value=1>3\n", deliver_at(fixture, subscription->deadline));
    assert_null(subscription->held);
    assert_string_equal("", deliver_at(fixture, CMR__NEVER - 1));

    assert_string_equal("", change(fixture, "value", "4")); /* there, and back within the window */
    assert_string_equal("", change(fixture, "value", "3"));
    assert_string_equal("", deliver_at(fixture, CMR__NEVER - 1));
    assert_null(subscription->held);
}

static void debounce_has_a_maximum_wait(void **state)
{
    struct fixture *fixture = *state;
    cmr_subscription_options options = CMR_SUBSCRIPTION_OPTIONS_INIT;
    options.debounce_ms = 2 * HOUR_MS;
    options.max_wait_ms = 3 * HOUR_MS;
    load(fixture, "value", "1");
    cmr_subscription *subscription = subscribe_with(fixture, "value", &options);
    change(fixture, "value", "2");
    subscription->limit = subscription->deadline - 1; /* as if the first change were an hour ago */
    change(fixture, "value", "3");
    assert_int_equal(subscription->limit, subscription->deadline);
    assert_string_equal("value=1>3\n", deliver_at(fixture, subscription->limit));
}

static void debounce_by_the_real_clock(void **state)
{
    struct fixture *fixture = *state;
    cmr_subscription_options options = CMR_SUBSCRIPTION_OPTIONS_INIT;
    options.debounce_ms = 500;
    load(fixture, "value", "1");
    subscribe_with(fixture, "value", &options);
    fake_kubelet_write(&fixture->kubelet, "value", "2");
    assert_true(journal_wait(&fixture->journal, fixture->reloader, "value=1>2\n"));
    assert_string_equal("value=1>2\n", journal_take(&fixture->journal));
}

static void a_strict_type_rejects_the_generation(void **state)
{
    struct fixture *fixture = *state;
    load(fixture, "t.yaml", "a:\n  n: 1\n  s: x\nb:\n  n: 2\n");
    observe(fixture);
    subscribe(fixture, "t.yaml#*.n", CMR_TYPE_INT64);
    subscribe(fixture, "t.yaml#b.n", CMR_TYPE_INT64); /* the same diagnostic, told once */
    subscribe(fixture, "**", CMR_TYPE_ANY);
    assert_string_equal("rejected 1 t.yaml:3:3 [t.yaml#a.n]\nrejected 1 t.yaml:4:6 [t.yaml#b.n]\n",
                        change(fixture, "t.yaml", "a:\n  s: y\n  n: y\nb: { n: 1.5 }\n"));
}

static void keep_last_message(void *user, const cmr_event *event)
{
    const cmr_report *report = event->report;
    if (event->kind == CMR_EVENT_REJECTED)
        snprintf(user, 128, "%s", cmr_report_get(report, cmr_report_count(report) - 1)->message);
}

/* A report shows a hundred, and says how many there are besides: of values, not of those who refuse them. */
static void a_value_that_several_refuse_is_counted_once(void **state)
{
    struct fixture *fixture = *state;
    char good[4096] = "", bad[4096] = "", last[128] = "";
    for (int i = 0; i < 150; i++) {
        sprintf(good + strlen(good), "k%d=1\n", i);
        sprintf(bad + strlen(bad), "k%d=x\n", i);
    }
    load(fixture, "t.properties", good);
    for (int i = 0; i < 5; i++)
        subscribe(fixture, "t.properties", CMR_TYPE_INT64);
    cmr_observe(fixture->reloader, keep_last_message, last, NULL, NULL);
    change(fixture, "t.properties", bad);
    assert_string_equal("50 more not shown", last);
}

static void the_last_good_stays_and_the_next_is_compared_with_it(void **state)
{
    struct fixture *fixture = *state;
    load(fixture, "t.properties", "n=1\ns=x\n");
    observe(fixture);
    cmr_subscription *subscription = subscribe(fixture, "t.properties#n", CMR_TYPE_INT64);
    subscribe(fixture, "**", CMR_TYPE_ANY);
    assert_string_equal("rejected 1 t.properties:2:2 [t.properties#n]\n",
                        change(fixture, "t.properties", "s=y\n n=1.5\n"));
    assert_string_equal("rejected 1 t.properties:1:1 [t.properties#n]\n",
                        change(fixture, "t.properties", "n=99999999999999999999\ns=y\n"));
    cmr_snapshot *snapshot = cmr_reloader_ref_snapshot(fixture->reloader);
    assert_int_equal(1, cmr_get_int64_or(snapshot, "t.properties#n", 0));
    assert_string_equal("x", cmr_get_string_or(snapshot, "t.properties#s", ""));
    cmr_snapshot_unref(snapshot);
    assert_string_equal("applied 2\nt.properties#n=1>2\nt.properties#n=1>2\nt.properties#s=x>z\n",
                        change(fixture, "t.properties", "n=2\ns=z\n"));

    assert_string_equal("rejected 2 t.properties:1:1 [t.properties#n]\n",
                        change(fixture, "t.properties", "n=bad\ns=z\n"));
    cmr_reloader_check_now(fixture->reloader);
    assert_int_equal(CMR_OK, cmr_reloader_dispatch(fixture->reloader));
    assert_string_equal("", journal_take(&fixture->journal));
    cmr_unsubscribe(subscription); /* nobody wants a number any more: a retry succeeds */
    cmr_reloader_check_now(fixture->reloader);
    assert_int_equal(CMR_OK, cmr_reloader_dispatch(fixture->reloader));
    assert_string_equal("applied 3\nt.properties#n=2>bad\n", journal_take(&fixture->journal));
}

static void all_that_is_wrong_is_reported_at_once(void **state)
{
    struct fixture *fixture = *state;
    fake_kubelet_set(&fixture->kubelet, "a.yaml", "a: 1\n");
    fake_kubelet_set(&fixture->kubelet, "b.properties", "b=1\n");
    load(fixture, "c.properties", "c=1\n");
    observe(fixture);
    subscribe(fixture, "**", CMR_TYPE_ANY);
    fake_kubelet_set(&fixture->kubelet, "a.yaml", "a: 2\n b: [\n");
    fake_kubelet_set(&fixture->kubelet, "b.properties", "b=2\nx=\\u12x4\n");
    const char *told = change(fixture, "c.properties", "# c\nc=\\uD83D\n");
    assert_non_null(strstr(told, "rejected 1 a.yaml:2:"));
    assert_non_null(strstr(told, "rejected 1 b.properties:2:"));
    assert_non_null(strstr(told, "rejected 1 c.properties:2:"));
    assert_null(strstr(told, ":0"));
    cmr_reloader_status status = CMR_RELOADER_STATUS_INIT;
    assert_int_equal(CMR_OK, cmr_reloader_get_status(fixture->reloader, &status));
    assert_int_equal(1, status.reloads_rejected);
    assert_int_equal(1, status.generation);

    fake_kubelet_set(&fixture->kubelet, "a.yaml", "a: 3\n");
    fake_kubelet_set(&fixture->kubelet, "b.properties", "b=1\n");
    assert_string_equal("applied 2\na.yaml#a=1>3\nc.properties#c=1>3\n",
                        change(fixture, "c.properties", "c=3\n"));
}

static void lenient_subscribers_stay_where_they_were(void **state)
{
    struct fixture *fixture = *state;
    cmr_subscription_options options = CMR_SUBSCRIPTION_OPTIONS_INIT;
    options.type = CMR_TYPE_INT64;
    options.lenient = true;
    load(fixture, "t.properties", "a=1\nb=1\n");
    observe(fixture);
    subscribe_with(fixture, "t.properties#*", &options);
    assert_string_equal("applied 2\n", change(fixture, "t.properties", "a=x\nb=2\n"));
    assert_string_equal("applied 3\n", change(fixture, "t.properties", "a=y\nb=3\n"));
    assert_string_equal("applied 4\nt.properties#a=1>4\nt.properties#b=1>4\n",
                        change(fixture, "t.properties", "a=4\nb=4\n"));
    assert_string_equal("applied 5\n", change(fixture, "t.properties", "a=z\nb=4\n"));
    assert_string_equal("applied 6\n", change(fixture, "t.properties", "a=4\nb=4\n"));
}

/* A value that never converted was never seen: its end is no change, its mending an addition. */
static void lenient_subscribers_see_no_end_of_what_they_never_saw(void **state)
{
    struct fixture *fixture = *state;
    cmr_subscription_options options = CMR_SUBSCRIPTION_OPTIONS_INIT;
    options.type = CMR_TYPE_INT64;
    options.lenient = true;
    load(fixture, "t.properties", "a=x\nb=x\nc=1\n");
    subscribe_with(fixture, "t.properties#*", &options);
    assert_string_equal("+t.properties#b=2\n-t.properties#c=1\n", change(fixture, "t.properties", "b=2\n"));
}

static void lenient_initial_calls_wait_until_all_converts(void **state)
{
    struct fixture *fixture = *state;
    cmr_subscription_options options = CMR_SUBSCRIPTION_OPTIONS_INIT;
    options.type = CMR_TYPE_INT64;
    options.lenient = options.initial = true;
    subscribe_with(fixture, "t.properties#*", &options);
    load(fixture, "t.properties", "a=x\nb=1\n");
    assert_string_equal("", journal_take(&fixture->journal));
    assert_string_equal("", change(fixture, "t.properties", "a=y\nb=2\n"));
    assert_string_equal("+t.properties#a=3\n+t.properties#b=2\n",
                        change(fixture, "t.properties", "a=3\nb=2\n"));
}

static void a_type_must_fit_what_is_loaded(void **state)
{
    struct fixture *fixture = *state;
    cmr_subscription_options options = CMR_SUBSCRIPTION_OPTIONS_INIT;
    cmr_subscription *subscription = NULL;
    load(fixture, "t.properties", "n=x\nbig=99999999999999999999\n");
    options.type = CMR_TYPE_INT64;
    options.destroy = journal_destroy;
    assert_int_equal(CMR_ERR_TYPE, cmr_subscribe(fixture->reloader, "t.properties#n", journal_update,
                                                 &fixture->journal, &options, &subscription));
    assert_int_equal(CMR_ERR_RANGE, cmr_subscribe(fixture->reloader, "t.properties#big", journal_update,
                                                  &fixture->journal, &options, &subscription));
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT,
                     cmr_subscribe(fixture->reloader, "t.properties#[", journal_update, &fixture->journal,
                                   &options, &subscription));
    options.type = CMR_TYPE_ENUM; /* without a table */
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, cmr_subscribe(fixture->reloader, "**", journal_update,
                                                             &fixture->journal, &options, &subscription));
    assert_null(subscription);
    assert_string_equal("", journal_take(&fixture->journal));
    cmr_reloader_status status = CMR_RELOADER_STATUS_INIT;
    assert_int_equal(CMR_OK, cmr_reloader_get_status(fixture->reloader, &status));
    assert_int_equal(0, status.subscriptions);
}

struct witness {
    const cmr_snapshot *after;
    uint64_t generation;
    unsigned calls;
};

static void witness_update(void *user, const cmr_update *update)
{
    struct witness *witness = user;
    witness->after = cmr_update_after(update);
    assert_true(cmr_snapshot_generation(cmr_update_before(update)) < cmr_snapshot_generation(witness->after));
    assert_true(cmr_snapshot_generation(witness->after) > witness->generation);
    witness->generation = cmr_snapshot_generation(witness->after);
    witness->calls++;
}

static void all_callbacks_of_a_generation_see_one_snapshot(void **state)
{
    struct fixture *fixture = *state;
    static const char *const patterns[] = { "value", "**", "val*", "value absent" };
    struct witness witnesses[4] = { { NULL, 0, 0 } };
    char text[16];
    load(fixture, "value", "0");
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(
            CMR_OK, cmr_subscribe(fixture->reloader, patterns[i], witness_update, &witnesses[i], NULL, NULL));
    for (unsigned n = 1; n <= 50; n++) {
        snprintf(text, sizeof text, "%u", n);
        change(fixture, "value", text);
        for (size_t i = 0; i < 4; i++) {
            assert_int_equal(n, witnesses[i].calls);
            assert_ptr_equal(witnesses[0].after, witnesses[i].after);
        }
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_type_comes_old_and_new),
        TEST(patterns_choose_and_changes_come_in_order),
        TEST(what_is_equal_is_no_change),
        TEST(initial_calls_come_once_whenever_subscribed),
        TEST(debounce_waits_for_the_last_change),
        TEST(debounce_has_a_maximum_wait),
        TEST(debounce_by_the_real_clock),
        TEST(a_strict_type_rejects_the_generation),
        TEST(a_value_that_several_refuse_is_counted_once),
        TEST(the_last_good_stays_and_the_next_is_compared_with_it),
        TEST(all_that_is_wrong_is_reported_at_once),
        TEST(lenient_subscribers_stay_where_they_were),
        TEST(lenient_subscribers_see_no_end_of_what_they_never_saw),
        TEST(lenient_initial_calls_wait_until_all_converts),
        TEST(a_type_must_fit_what_is_loaded),
        TEST(all_callbacks_of_a_generation_see_one_snapshot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
