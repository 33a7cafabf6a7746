/* SPDX-License-Identifier: MIT
 *
 * What a follower of kubelet volumes must meet when it tells its application: requirements 22 to 25. The
 * table in docs/reliability.md has them all. The clocks are the test's: the monotonic one goes on when it is
 * told to, and the wall's jumps about.
 *
 * CMRELOAD_TEST in the environment, a glob, runs only the tests of that name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "support/follower.h"

static time_t ahead_s; /* of the real monotonic clock */

int __real_clock_gettime(clockid_t clock, struct timespec *ret_time);
int __wrap_clock_gettime(clockid_t clock, struct timespec *ret_time);

int __wrap_clock_gettime(clockid_t clock, struct timespec *ret_time)
{
    static time_t jump = 100000;
    int result = __real_clock_gettime(clock, ret_time);
    if (clock == CLOCK_MONOTONIC)
        ret_time->tv_sec += ahead_s;
    else
        ret_time->tv_sec += (jump = -jump);
    return result;
}

/* After so many more seconds. */
static void hears_after(struct follower *follower, time_t seconds, struct journal *journal,
                        const char *expected)
{
    ahead_s += seconds;
    follower_dispatch(follower);
    assert_string_equal(expected, journal_take(journal));
}

static void subscribe_debounced(struct follower *follower, struct journal *journal)
{
    cmr_subscription_options options = CMR_SUBSCRIPTION_OPTIONS_INIT;
    options.debounce_ms = 100000;
    options.max_wait_ms = 400000;
    assert_int_equal(CMR_OK,
                     cmr_subscribe(follower->reloader, "**", journal_update, journal, &options, NULL));
}

/* A burst is told once, when it has been quiet for so long, and with what is there then. */
static void req22_a_debounce_trails_and_tells_the_newest(void **state)
{
    static struct journal journal;
    struct follower *follower = *state;
    fake_kubelet_write(&follower->kubelet, "value", "0");
    follower_load(follower);
    subscribe_debounced(follower, &journal);
    fake_kubelet_write(&follower->kubelet, "value", "1");
    hears_after(follower, 0, &journal, "");
    fake_kubelet_write(&follower->kubelet, "value", "2");
    hears_after(follower, 60, &journal, "");
    fake_kubelet_write(&follower->kubelet, "value", "3");
    hears_after(follower, 60, &journal, "");
    hears_after(follower, 60, &journal, "");
    hears_after(follower, 60, &journal, "value=0>3\n");
    hears_after(follower, 1000, &journal, "");
}

/* But one that never ends is told all the same, at the longest wait. */
static void req22_a_debounce_has_an_end(void **state)
{
    static struct journal journal;
    struct follower *follower = *state;
    char text[16];
    fake_kubelet_write(&follower->kubelet, "value", "0");
    follower_load(follower);
    subscribe_debounced(follower, &journal);
    for (int i = 1; i <= 7; i++) {
        snprintf(text, sizeof text, "%d", i);
        fake_kubelet_write(&follower->kubelet, "value", text);
        hears_after(follower, 60, &journal, "");
    }
    fake_kubelet_write(&follower->kubelet, "value", "8");
    hears_after(follower, 60, &journal, "value=0>8\n");
}

/* Values are compared: there and back within the debounce, another order, other comments are no change. */
static void req23_equal_values_are_no_change(void **state)
{
    static struct journal journal;
    struct follower *follower = *state;
    fake_kubelet_write(&follower->kubelet, "a.yaml", "one: 1\ntwo: 2\n");
    follower_load(follower);
    subscribe_debounced(follower, &journal);
    fake_kubelet_write(&follower->kubelet, "a.yaml", "one: 9\ntwo: 2\n");
    hears_after(follower, 0, &journal, "");
    fake_kubelet_write(&follower->kubelet, "a.yaml", "one: 1\ntwo: 2\n");
    hears_after(follower, 60, &journal, "");
    hears_after(follower, 1000, &journal, "");
    fake_kubelet_write(&follower->kubelet, "a.yaml", "# edited\ntwo:   2\none: 1 # here too\n");
    hears_after(follower, 0, &journal, "");
    hears_after(follower, 1000, &journal, "");
    assert_int_equal(0, journal.calls);
    assert_int_equal(4, follower_status(follower).generation); /* they were all applied */
}

/* One bad file keeps all of them as they were; what is wrong is told whole, and once. */
static void req24_a_generation_is_published_whole_or_not_at_all(void **state)
{
    struct follower *follower = *state;
    char orphan[160];
    fake_kubelet_set(&follower->kubelet, "a.yaml", "value: 1\n");
    fake_kubelet_set(&follower->kubelet, "b.yaml", "value: 1\n");
    fake_kubelet_write(&follower->kubelet, "c.json", "{}");
    follower_load(follower);
    fake_kubelet_set(&follower->kubelet, "a.yaml", "value: 2\n");
    fake_kubelet_set(&follower->kubelet, "b.yaml", "value: [\n");
    fake_kubelet_write(&follower->kubelet, "c.json", "{");
    follower_hears(follower, "rejected 1 b.yaml:2:1 []\nrejected 1 c.json:1:2 []\n");
    follower_has(follower, "a.yaml#value", "1");
    snprintf(orphan, sizeof orphan, "%s/..orphan", follower->kubelet.dir);
    assert_int_equal(0, mkdir(orphan, 0755)); /* an event */
    follower_hears(follower, "");
    cmr_reloader_check_now(follower->reloader);
    follower_hears(follower, "");
    assert_int_equal(1, follower_status(follower).reloads_rejected);
    fake_kubelet_set(&follower->kubelet, "b.yaml", "value: 3\n");
    fake_kubelet_write(&follower->kubelet, "c.json", "{}");
    follower_hears(follower, "applied 2\na.yaml#value=1>2\nb.yaml#value=1>3\n");
}

/* The first subscriber changes the volume and asks for it at once; the second is told of the same generation
 * all the same, and of the next one afterwards. */
struct pair {
    struct follower *follower;
    bool meddled;
};

static void note(struct pair *pair, const char *who, const cmr_update *update)
{
    char line[64];
    cmr_snapshot *after = cmr_update_after(update);
    snprintf(line, sizeof line, "%s %llu: %s", who, (unsigned long long)cmr_snapshot_generation(after),
             cmr_get_string_or(after, "value", "(none)"));
    journal_add(&pair->follower->journal, line);
}

static void first(void *user, const cmr_update *update)
{
    struct pair *pair = user;
    if (!pair->meddled) {
        pair->meddled = true;
        fake_kubelet_write(&pair->follower->kubelet, "value", "3");
        cmr_reloader_check_now(pair->follower->reloader);
        (void)cmr_reloader_dispatch(pair->follower->reloader);
    }
    note(pair, "first", update);
}

static void second(void *user, const cmr_update *update)
{
    note(user, "second", update);
}

static void req25_all_callbacks_of_a_generation_see_the_same(void **state)
{
    struct follower *follower = *state;
    struct pair pair = { follower, false };
    fake_kubelet_write(&follower->kubelet, "value", "1");
    assert_int_equal(CMR_OK, cmr_open(follower->kubelet.dir, NULL, &follower->reloader));
    assert_int_equal(CMR_OK, cmr_subscribe(follower->reloader, "value", first, &pair, NULL, NULL));
    assert_int_equal(CMR_OK, cmr_subscribe(follower->reloader, "value", second, &pair, NULL, NULL));
    assert_int_equal(CMR_OK, cmr_reloader_load(follower->reloader, 0));
    fake_kubelet_write(&follower->kubelet, "value", "2");
    follower_hears(follower, "first 2: 2\nsecond 2: 2\nfirst 3: 3\nsecond 3: 3\n");
}

/* Through updates, bad generations, and a volume that is made anew. */
static void req25_generation_numbers_only_grow(void **state)
{
    struct follower *follower = *state;
    uint64_t last = 1;
    char text[32];
    fake_kubelet_write(&follower->kubelet, "a.yaml", "-1");
    follower_load(follower);
    for (int i = 0; i < 30; i++) {
        if (i % 10 == 9)
            fake_kubelet_remove_volume(&follower->kubelet);
        snprintf(text, sizeof text, i % 3 == 1 ? "[%d" : "%d", i);
        fake_kubelet_write(&follower->kubelet, "a.yaml", text);
        if (i % 10 == 9)
            cmr_reloader_check_now(follower->reloader);
        follower_dispatch(follower);
        uint64_t now = follower_status(follower).generation;
        assert_int_equal(last + (i % 3 != 1), now);
        last = now;
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, follower_set_up, follower_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(req22_a_debounce_trails_and_tells_the_newest),
        TEST(req22_a_debounce_has_an_end),
        TEST(req23_equal_values_are_no_change),
        TEST(req24_a_generation_is_published_whole_or_not_at_all),
        TEST(req25_all_callbacks_of_a_generation_see_the_same),
        TEST(req25_generation_numbers_only_grow),
    };
    cmocka_set_test_filter(getenv("CMRELOAD_TEST"));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
