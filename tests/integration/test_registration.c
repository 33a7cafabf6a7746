/* SPDX-License-Identifier: MIT
 *
 * How subscriptions, observers and reloaders end from inside callbacks: at once, and each destroy exactly
 * once. Ten thousand of them are in test_crowd.c, other threads in test_threads.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmreload/cmreload.h"
#include "support/fake_kubelet.h"
#include "support/journal.h"

#define PATIENCE_MS 30000
#define MEMBERS 6

struct fixture;

/* A subscription that does what `act` says when it is called. */
struct member {
    struct fixture *fixture;
    cmr_subscription *subscription;
    void (*act)(struct member *member);
    unsigned calls, destroyed;
};

struct fixture {
    struct fake_kubelet kubelet;
    struct journal journal;
    cmr_reloader *reloader;
    struct member members[MEMBERS];
    size_t target; /* the member that `act` is about */
    cmr_event_kind free_on;
    unsigned destroyed; /* of observers */
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

static void on_update(void *user, const cmr_update *update)
{
    struct member *member = user;
    assert_true(cmr_update_count(update) > 0);
    assert_int_equal(0, member->destroyed);
    member->calls++;
    if (member->act)
        member->act(member);
}

static void on_destroy(void *user)
{
    struct member *member = user;
    member->destroyed++;
}

static void join(struct fixture *fixture, size_t number, void (*act)(struct member *), bool initial)
{
    struct member *member = &fixture->members[number];
    cmr_subscription_options options = CMR_SUBSCRIPTION_OPTIONS_INIT;
    options.initial = initial;
    options.destroy = on_destroy;
    *member = (struct member){ .fixture = fixture, .act = act };
    assert_int_equal(CMR_OK, cmr_subscribe(fixture->reloader, number % 2 ? "value" : "**", on_update, member,
                                           &options, &member->subscription));
}

static void load(struct fixture *fixture)
{
    fake_kubelet_write(&fixture->kubelet, "value", "0");
    assert_int_equal(CMR_OK, cmr_reloader_load(fixture->reloader, 0));
}

static void change(struct fixture *fixture)
{
    static unsigned number;
    char text[16];
    snprintf(text, sizeof text, "%u", ++number);
    fake_kubelet_write(&fixture->kubelet, "value", text);
}

static void dispatch(struct fixture *fixture)
{
    assert_int_equal(CMR_OK, cmr_reloader_dispatch(fixture->reloader));
}

static void assert_all_destroyed_once(const struct fixture *fixture)
{
    for (size_t i = 0; i < MEMBERS; i++)
        assert_int_equal(fixture->members[i].fixture ? 1 : 0, fixture->members[i].destroyed);
}

static size_t live(struct fixture *fixture)
{
    cmr_reloader_status status = CMR_RELOADER_STATUS_INIT;
    assert_int_equal(CMR_OK, cmr_reloader_get_status(fixture->reloader, &status));
    return status.subscriptions;
}

/* ---- unsubscribing */

static void leave(struct member *member)
{
    cmr_unsubscribe(member->subscription);
    cmr_unsubscribe(member->subscription); /* still there until the callback returns */
}

static void a_callback_ends_itself(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < MEMBERS; i++)
        join(fixture, i, i % 3 ? NULL : leave, false);
    load(fixture);
    for (int round = 0; round < 2; round++) {
        change(fixture);
        dispatch(fixture);
    }
    for (size_t i = 0; i < MEMBERS; i++) {
        assert_int_equal(i % 3 ? 2 : 1, fixture->members[i].calls);
        assert_int_equal(i % 3 ? 0 : 1, fixture->members[i].destroyed);
    }
    assert_int_equal(4, live(fixture));
    cmr_reloader_free(fixture->reloader);
    fixture->reloader = NULL;
    assert_all_destroyed_once(fixture);
}

static void end_target(struct member *member)
{
    struct fixture *fixture = member->fixture;
    cmr_unsubscribe(fixture->members[fixture->target].subscription);
    fixture->members[2].act = NULL;
}

static void a_callback_ends_another(void **state)
{
    struct fixture *fixture = *state;
    load(fixture);
    for (fixture->target = 0; fixture->target < MEMBERS; fixture->target++) {
        for (size_t i = 0; i < MEMBERS; i++)
            join(fixture, i, i == 2 ? end_target : NULL, false);
        change(fixture);
        dispatch(fixture);
        assert_int_equal(fixture->target <= 2 ? 1 : 0, fixture->members[fixture->target].calls);
        assert_int_equal(1, fixture->members[fixture->target].destroyed);
        assert_int_equal(MEMBERS - 1, live(fixture));
        for (size_t i = 0; i < MEMBERS; i++)
            if (i != fixture->target)
                cmr_unsubscribe(fixture->members[i].subscription);
        assert_all_destroyed_once(fixture);
    }
}

static void end_all(struct member *member)
{
    for (size_t i = 0; i < MEMBERS; i++)
        cmr_unsubscribe(member->fixture->members[i].subscription);
}

static void a_callback_ends_all(void **state)
{
    struct fixture *fixture = *state;
    load(fixture);
    for (size_t who = 0; who < MEMBERS; who++) {
        for (size_t i = 0; i < MEMBERS; i++)
            join(fixture, i, i == who ? end_all : NULL, false);
        change(fixture);
        dispatch(fixture);
        assert_all_destroyed_once(fixture);
        assert_int_equal(0, live(fixture));
    }
}

static void invite(struct member *member)
{
    join(member->fixture, 1, NULL, true);
    join(member->fixture, 2, NULL, false);
    member->act = NULL;
}

static void a_callback_subscribes(void **state)
{
    struct fixture *fixture = *state;
    load(fixture);
    join(fixture, 0, invite, true);
    dispatch(fixture);
    assert_int_equal(1, fixture->members[0].calls);
    assert_int_equal(1, fixture->members[1].calls);
    assert_int_equal(0, fixture->members[2].calls);
    change(fixture);
    dispatch(fixture);
    assert_int_equal(2, fixture->members[1].calls);
    assert_int_equal(1, fixture->members[2].calls);
}

/* ---- destroy that does things */

static void destroy_ends_the_target(void *user)
{
    struct member *member = user;
    struct fixture *fixture = member->fixture;
    member->destroyed++;
    cmr_unsubscribe(fixture->members[fixture->target].subscription);
}

static void destroy_may_end_others_and_itself(void **state)
{
    struct fixture *fixture = *state;
    cmr_subscription_options options = CMR_SUBSCRIPTION_OPTIONS_INIT;
    load(fixture);
    for (fixture->target = 0; fixture->target < 3; fixture->target++) {
        struct member *member = &fixture->members[1];
        join(fixture, 0, NULL, false);
        *member = (struct member){ .fixture = fixture, .act = leave };
        options.destroy = destroy_ends_the_target;
        assert_int_equal(CMR_OK, cmr_subscribe(fixture->reloader, "value", on_update, member, &options,
                                               &member->subscription));
        join(fixture, 2, NULL, false);
        change(fixture);
        dispatch(fixture);
        assert_int_equal(1, member->destroyed);
        for (size_t i = 0; i < 3; i++)
            if (!fixture->members[i].destroyed)
                cmr_unsubscribe(fixture->members[i].subscription);
        assert_all_destroyed_once(fixture);
    }
    /* the same when the reloader ends it */
    fixture->target = 1;
    fixture->members[1] = (struct member){ .fixture = fixture };
    assert_int_equal(CMR_OK, cmr_subscribe(fixture->reloader, "value", on_update, &fixture->members[1],
                                           &options, &fixture->members[1].subscription));
    cmr_reloader_free(fixture->reloader);
    fixture->reloader = NULL;
    assert_int_equal(1, fixture->members[1].destroyed);
}

/* ---- freeing the reloader */

static void free_reloader(struct member *member)
{
    cmr_reloader_free(member->fixture->reloader);
    cmr_unsubscribe(member->subscription);
    assert_int_equal(0, member->destroyed);
    member->fixture->reloader = NULL;
}

static cmr_status do_dispatch(cmr_reloader *reloader)
{
    return cmr_reloader_dispatch(reloader);
}

static cmr_status do_wait(cmr_reloader *reloader)
{
    return cmr_reloader_wait(reloader, PATIENCE_MS);
}

static cmr_status do_load(cmr_reloader *reloader)
{
    return cmr_reloader_load(reloader, PATIENCE_MS);
}

static cmr_status (*const calls[])(cmr_reloader *) = { do_dispatch, do_wait, do_load };

static void reopen(struct fixture *fixture)
{
    cmr_reloader_free(fixture->reloader);
    assert_int_equal(CMR_OK, cmr_open(fixture->kubelet.dir, NULL, &fixture->reloader));
}

static void a_subscriber_frees_the_reloader(void **state)
{
    struct fixture *fixture = *state;
    change(fixture);
    for (size_t way = 0; way < 3; way++) {
        for (size_t who = 0; who < MEMBERS; who++) {
            reopen(fixture);
            cmr_reloader *reloader = fixture->reloader;
            for (size_t i = 0; i < MEMBERS; i++)
                join(fixture, i, i == who ? free_reloader : NULL, true);
            assert_int_equal(CMR_ERR_CLOSED, calls[way](reloader));
            for (size_t i = 0; i < MEMBERS; i++)
                assert_int_equal(i <= who, fixture->members[i].calls);
            assert_all_destroyed_once(fixture);
        }
    }
}

static void free_on_event(void *user, const cmr_event *event)
{
    struct fixture *fixture = user;
    if (event->kind != fixture->free_on)
        return;
    cmr_reloader_free(fixture->reloader);
    fixture->reloader = NULL;
}

static void observer_destroyed(void *user)
{
    ((struct fixture *)user)->destroyed++;
}

/* The events of a volume that comes late, changes, and goes bad. */
static cmr_status go_through_events(struct fixture *fixture, cmr_status (*call)(cmr_reloader *))
{
    cmr_reloader *reloader = fixture->reloader;
    fake_kubelet_remove_volume(&fixture->kubelet);
    cmr_status status = cmr_reloader_dispatch(reloader);
    if (status == CMR_OK) {
        fake_kubelet_set(&fixture->kubelet, "a.yaml", "a: 1");
        change(fixture);
        cmr_reloader_check_now(reloader);
        status = call(reloader);
    }
    for (int i = 0; status == CMR_OK && i < 2; i++) {
        fake_kubelet_write(&fixture->kubelet, "a.yaml", i ? "a: [" : "a: 2");
        status = cmr_reloader_wait(reloader, PATIENCE_MS);
    }
    return status;
}

static void an_observer_frees_the_reloader(void **state)
{
    struct fixture *fixture = *state;
    for (size_t way = 0; way < 3; way++) {
        for (cmr_event_kind kind = CMR_EVENT_READY; kind <= CMR_EVENT_STATE; kind++) {
            reopen(fixture);
            fixture->free_on = kind;
            fixture->destroyed = 0;
            cmr_observe(fixture->reloader, journal_event, &fixture->journal, NULL, NULL);
            cmr_observe(fixture->reloader, free_on_event, fixture, observer_destroyed, NULL);
            cmr_observe(fixture->reloader, journal_event, &fixture->journal, NULL, NULL);
            join(fixture, 0, NULL, true);
            assert_int_equal(CMR_ERR_CLOSED, go_through_events(fixture, calls[way]));
            assert_null(fixture->reloader);
            assert_int_equal(1, fixture->destroyed);
            assert_all_destroyed_once(fixture);
        }
    }
}

static void free_when_destroyed(void *user)
{
    struct member *member = user;
    member->destroyed++;
    cmr_reloader_free(member->fixture->reloader);
    member->fixture->reloader = NULL;
}

static void destroy_may_free_the_reloader(void **state)
{
    struct fixture *fixture = *state;
    cmr_subscription_options options = CMR_SUBSCRIPTION_OPTIONS_INIT;
    struct member *member = &fixture->members[0];
    cmr_reloader *reloader = fixture->reloader;
    load(fixture);
    options.destroy = free_when_destroyed;
    *member = (struct member){ .fixture = fixture, .act = leave };
    assert_int_equal(CMR_OK,
                     cmr_subscribe(reloader, "**", on_update, member, &options, &member->subscription));
    join(fixture, 1, NULL, false);
    change(fixture);
    assert_int_equal(CMR_ERR_CLOSED, cmr_reloader_dispatch(reloader));
    assert_all_destroyed_once(fixture);
}

static void end_observers(void *user, const cmr_event *event)
{
    cmr_observer **observers = user;
    (void)event;
    for (size_t i = 0; i < 3; i++)
        cmr_unobserve(observers[i]);
}

static void an_observer_ends_all(void **state)
{
    struct fixture *fixture = *state;
    cmr_observer *observers[3];
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(CMR_OK,
                         cmr_observe(fixture->reloader, end_observers, observers, NULL, &observers[i]));
    load(fixture);
    change(fixture);
    dispatch(fixture);
}

struct renewal {
    cmr_reloader *reloader;
    cmr_observer *observer;
    cmr_subscription *subscription;
    unsigned events, updates;
};

static void observe_anew(void *user, const cmr_event *event)
{
    struct renewal *renewal = user;
    cmr_observer *old = renewal->observer;
    (void)event;
    if (++renewal->events < 1000) /* else for ever */
        cmr_observe(renewal->reloader, observe_anew, renewal, NULL, &renewal->observer);
    cmr_unobserve(old);
}

static void subscribe_anew(void *user, const cmr_update *update)
{
    struct renewal *renewal = user;
    cmr_subscription *old = renewal->subscription;
    cmr_subscription_options options = CMR_SUBSCRIPTION_OPTIONS_INIT;
    (void)update;
    options.initial = true;
    if (++renewal->updates < 1000)
        cmr_subscribe(renewal->reloader, "value", subscribe_anew, renewal, &options, &renewal->subscription);
    cmr_unsubscribe(old);
}

/* Who ends and begins anew in its callback is not called over and over for one event; and a subscriber's
 * initial calls, which must come, leave the application's own loop its turns. */
static void renewing_oneself_ends(void **state)
{
    struct fixture *fixture = *state;
    struct renewal renewal = { .reloader = fixture->reloader };
    cmr_subscription_options options = CMR_SUBSCRIPTION_OPTIONS_INIT;
    options.initial = true;
    cmr_observe(fixture->reloader, observe_anew, &renewal, NULL, &renewal.observer);
    cmr_subscribe(fixture->reloader, "value", subscribe_anew, &renewal, &options, &renewal.subscription);
    load(fixture);
    assert_int_equal(1, renewal.events);
    assert_in_range(renewal.updates, 1, 8);
    change(fixture);
    dispatch(fixture);
    assert_int_equal(2, renewal.events);
    assert_in_range(renewal.updates, 2, 16);
}

static void snapshots_outlive_the_reloader(void **state)
{
    struct fixture *fixture = *state;
    load(fixture);
    cmr_snapshot *snapshot = cmr_reloader_ref_snapshot(fixture->reloader);
    cmr_reloader_free(fixture->reloader);
    fixture->reloader = NULL;
    assert_string_equal("0", cmr_get_string_or(snapshot, "value", ""));
    cmr_snapshot_unref(snapshot);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_callback_ends_itself),
        TEST(a_callback_ends_another),
        TEST(a_callback_ends_all),
        TEST(a_callback_subscribes),
        TEST(destroy_may_end_others_and_itself),
        TEST(a_subscriber_frees_the_reloader),
        TEST(an_observer_frees_the_reloader),
        TEST(destroy_may_free_the_reloader),
        TEST(an_observer_ends_all),
        TEST(renewing_oneself_ends),
        TEST(snapshots_outlive_the_reloader),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
