/* SPDX-License-Identifier: MIT
 *
 * Subscriptions by the ten thousand, begun and ended inside callbacks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "cmreload/cmreload.h"
#include "support/fake_kubelet.h"

#define CROWD 10000

struct crowd {
    struct fake_kubelet kubelet;
    cmr_reloader *reloader;
    cmr_subscription *last;
    cmr_subscription *all[CROWD];
    unsigned subscribed, called, destroyed;
};

static int set_up(void **state)
{
    struct crowd *crowd = calloc(1, sizeof *crowd);
    if (!crowd)
        return -1;
    fake_kubelet_open(&crowd->kubelet);
    fake_kubelet_write(&crowd->kubelet, "value", "0");
    *state = crowd;
    return cmr_open(crowd->kubelet.dir, NULL, &crowd->reloader) == CMR_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    struct crowd *crowd = *state;
    cmr_reloader_free(crowd->reloader);
    fake_kubelet_close(&crowd->kubelet);
    free(crowd);
    return 0;
}

static uint64_t live(const struct crowd *crowd)
{
    cmr_reloader_status status = CMR_RELOADER_STATUS_INIT;
    assert_int_equal(CMR_OK, cmr_reloader_get_status(crowd->reloader, &status));
    return status.subscriptions;
}

static void on_destroy(void *user)
{
    ((struct crowd *)user)->destroyed++;
}

/* Ends the one that is called, and leaves the next one behind. */
static void pass_on(void *user, const cmr_update *update)
{
    struct crowd *crowd = user;
    cmr_subscription_options options = CMR_SUBSCRIPTION_OPTIONS_INIT;
    (void)update;
    crowd->called++;
    options.initial = true;
    options.destroy = on_destroy;
    cmr_unsubscribe(crowd->last);
    crowd->last = NULL;
    for (int i = 0; i < 2 && crowd->subscribed < CROWD; i++) {
        cmr_unsubscribe(crowd->last); /* this one is never called */
        assert_int_equal(CMR_OK, cmr_subscribe(crowd->reloader, i ? "value" : "**", pass_on, crowd, &options,
                                               &crowd->last));
        crowd->subscribed++;
    }
}

static void ten_thousand_come_and_go_in_callbacks(void **state)
{
    struct crowd *crowd = *state;
    assert_int_equal(CMR_OK,
                     cmr_subscribe(crowd->reloader, "value", pass_on, crowd, NULL, NULL)); /* a starter */
    assert_int_equal(CMR_OK, cmr_reloader_load(crowd->reloader, 0));
    fake_kubelet_write(&crowd->kubelet, "value", "1");
    while (crowd->subscribed < CROWD) { /* who comes in a callback is called in a later turn */
        unsigned before = crowd->subscribed;
        assert_int_equal(CMR_OK, cmr_reloader_wait(crowd->reloader, 20000));
        assert_true(crowd->subscribed > before);
    }
    assert_int_equal(CMR_OK, cmr_reloader_dispatch(crowd->reloader));
    assert_int_equal(CROWD / 2 + 1, crowd->called);
    assert_int_equal(CROWD, crowd->destroyed);
    assert_int_equal(1, live(crowd));
}

/* Each ends itself and the one that is as far from the end as itself from the beginning. */
static void end_two(void *user, const cmr_update *update)
{
    struct crowd *crowd = user;
    unsigned number = crowd->called++;
    (void)update;
    cmr_unsubscribe(crowd->all[number]);
    cmr_unsubscribe(crowd->all[CROWD - 1 - number]);
}

static void ten_thousand_end_each_other(void **state)
{
    struct crowd *crowd = *state;
    cmr_subscription_options options = CMR_SUBSCRIPTION_OPTIONS_INIT;
    options.destroy = on_destroy;
    assert_int_equal(CMR_OK, cmr_reloader_load(crowd->reloader, 0));
    for (unsigned i = 0; i < CROWD; i++)
        assert_int_equal(CMR_OK, cmr_subscribe(crowd->reloader, i % 2 ? "value" : "v*", end_two, crowd,
                                               &options, &crowd->all[i]));
    assert_int_equal(CROWD, live(crowd));
    fake_kubelet_write(&crowd->kubelet, "value", "1");
    assert_int_equal(CMR_OK, cmr_reloader_dispatch(crowd->reloader));
    assert_int_equal(CROWD / 2, crowd->called);
    assert_int_equal(CROWD, crowd->destroyed);
    assert_int_equal(0, live(crowd));
}

/* Half of them are left to the reloader's end. */
static void free_halfway(void *user, const cmr_update *update)
{
    struct crowd *crowd = user;
    (void)update;
    if (++crowd->called != CROWD / 2)
        return;
    cmr_reloader_free(crowd->reloader);
    crowd->reloader = NULL;
}

static void ten_thousand_end_with_the_reloader(void **state)
{
    struct crowd *crowd = *state;
    cmr_subscription_options options = CMR_SUBSCRIPTION_OPTIONS_INIT;
    options.initial = true;
    options.destroy = on_destroy;
    for (unsigned i = 0; i < CROWD; i++)
        assert_int_equal(CMR_OK,
                         cmr_subscribe(crowd->reloader, "value", free_halfway, crowd, &options, NULL));
    assert_int_equal(CMR_ERR_CLOSED, cmr_reloader_load(crowd->reloader, 0));
    assert_int_equal(CROWD / 2, crowd->called);
    assert_int_equal(CROWD, crowd->destroyed);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(ten_thousand_come_and_go_in_callbacks),
        TEST(ten_thousand_end_each_other),
        TEST(ten_thousand_end_with_the_reloader),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
