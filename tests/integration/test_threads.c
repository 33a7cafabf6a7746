/* SPDX-License-Identifier: MIT
 *
 * One thread dispatches; others subscribe, unsubscribe, read, ask, freeze and free. Under ThreadSanitizer
 * this also shows that nothing is touched without the lock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/reloader.h"
#include "support/fake_kubelet.h"

#define SWAPS 400
#define GUESTS 4
#define VISITS 1500

struct fixture {
    struct fake_kubelet kubelet;
    cmr_reloader *reloader;
    atomic_bool done;
    atomic_uint subscribed, destroyed, updates;
    sem_t entered; /* the slow callback runs */
    atomic_bool left;
    cmr_subscription *slow;
    atomic_int status; /* what the other thread's call returned */
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    if (!fixture || sem_init(&fixture->entered, 0, 0) != 0)
        return -1;
    fake_kubelet_open(&fixture->kubelet);
    fake_kubelet_write(&fixture->kubelet, "number", "0");
    *state = fixture;
    return cmr_open(fixture->kubelet.dir, NULL, &fixture->reloader) == CMR_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    fake_kubelet_close(&fixture->kubelet);
    sem_destroy(&fixture->entered);
    free(fixture);
    return 0;
}

static pthread_t start(void *(*body)(void *), struct fixture *fixture)
{
    pthread_t thread;
    assert_int_equal(0, pthread_create(&thread, NULL, body, fixture));
    return thread;
}

/* ---- everybody at once */

static void count_update(void *user, const cmr_update *update)
{
    struct fixture *fixture = user;
    const cmr_change *change = cmr_update_change(update, 0);
    if (change->new_value && change->new_value->as.int64 <= SWAPS)
        fixture->updates++;
}

static void count_destroy(void *user)
{
    ((struct fixture *)user)->destroyed++;
}

static void *write_on(void *user)
{
    struct fixture *fixture = user;
    char text[16];
    for (int i = 1; i <= SWAPS; i++) {
        snprintf(text, sizeof text, "%d", i);
        fake_kubelet_write(&fixture->kubelet, "number", text);
    }
    return NULL;
}

static void visit(struct fixture *fixture, unsigned seed)
{
    cmr_subscription_options options = CMR_SUBSCRIPTION_OPTIONS_INIT;
    cmr_subscription *one = NULL, *two = NULL;
    cmr_reloader_status status = CMR_RELOADER_STATUS_INIT;
    cmr_mount_status mount = CMR_MOUNT_STATUS_INIT;
    options.type = CMR_TYPE_INT64;
    options.initial = seed % 2;
    options.debounce_ms = seed % 3;
    options.destroy = count_destroy;
    if (cmr_subscribe(fixture->reloader, "number", count_update, fixture, &options, &one) == CMR_OK)
        fixture->subscribed++;
    if (cmr_subscribe(fixture->reloader, "**", count_update, fixture, &options, &two) == CMR_OK)
        fixture->subscribed++;
    if (seed % 5 == 0)
        cmr_reloader_check_now(fixture->reloader);
    if (seed % 7 == 0) {
        cmr_reloader_hold(fixture->reloader);
        cmr_snapshot *before = cmr_reloader_ref_snapshot(fixture->reloader);
        cmr_snapshot *after = cmr_reloader_ref_snapshot(fixture->reloader);
        if (before != after)
            abort(); /* published while frozen */
        cmr_snapshot_unref(before);
        cmr_snapshot_unref(after);
        cmr_reloader_release(fixture->reloader);
    }
    cmr_snapshot *snapshot = cmr_reloader_ref_snapshot(fixture->reloader);
    if (cmr_get_int64_or(snapshot, "number", -1) < 0)
        abort();
    cmr_snapshot_unref(snapshot);
    if (cmr_reloader_get_status(fixture->reloader, &status) != CMR_OK || status.generation == 0 ||
        cmr_reloader_get_mount_status(fixture->reloader, NULL, &mount) != CMR_OK)
        abort();
    cmr_unsubscribe(two);
    cmr_unsubscribe(one);
}

static void *visit_often(void *user)
{
    unsigned seed = (unsigned)(uintptr_t)pthread_self() / 4096;
    for (int i = 0; i < VISITS; i++)
        visit(user, seed + (unsigned)i);
    return NULL;
}

static void *dispatch_on(void *user)
{
    struct fixture *fixture = user;
    while (!fixture->done)
        fixture->status = cmr_reloader_wait(fixture->reloader, 5);
    return NULL;
}

static void all_at_once(void **state)
{
    struct fixture *fixture = *state;
    pthread_t guests[GUESTS];
    assert_int_equal(CMR_OK, cmr_reloader_load(fixture->reloader, 0));
    pthread_t dispatcher = start(dispatch_on, fixture), writer = start(write_on, fixture);
    for (int i = 0; i < GUESTS; i++)
        guests[i] = start(visit_often, fixture);
    for (int i = 0; i < GUESTS; i++)
        pthread_join(guests[i], NULL);
    pthread_join(writer, NULL);
    fixture->done = true;
    pthread_join(dispatcher, NULL);
    assert_int_equal(2 * GUESTS * VISITS, fixture->subscribed);
    assert_int_equal(fixture->subscribed, fixture->destroyed);

    assert_int_equal(CMR_OK, cmr_reloader_dispatch(fixture->reloader));
    cmr_snapshot *snapshot = cmr_reloader_ref_snapshot(fixture->reloader);
    assert_int_equal(SWAPS, cmr_get_int64_or(snapshot, "number", -1));
    cmr_snapshot_unref(snapshot);
    cmr_reloader_status status = CMR_RELOADER_STATUS_INIT;
    assert_int_equal(CMR_OK, cmr_reloader_get_status(fixture->reloader, &status));
    assert_int_equal(0, status.subscriptions);
    printf("%u subscriptions, %u updates, %d swaps, %llu generations\n", (unsigned)fixture->subscribed,
           (unsigned)fixture->updates, SWAPS, (unsigned long long)status.generation);
    cmr_reloader_free(fixture->reloader);
}

/* ---- waiting for a callback that runs */

static void run_slowly(void *user, const cmr_update *update)
{
    struct fixture *fixture = user;
    (void)update;
    sem_post(&fixture->entered);
    usleep(50000); /* so that who does not wait is seen */
    fixture->left = true;
}

static void subscribe_slowly(struct fixture *fixture, cmr_update_fn *callback)
{
    cmr_subscription_options options = CMR_SUBSCRIPTION_OPTIONS_INIT;
    options.initial = true;
    options.destroy = count_destroy;
    assert_int_equal(CMR_OK,
                     cmr_subscribe(fixture->reloader, "number", callback, fixture, &options, &fixture->slow));
}

static void *dispatch_once(void *user)
{
    struct fixture *fixture = user;
    fixture->status = cmr_reloader_dispatch(fixture->reloader);
    return NULL;
}

static void unsubscribe_waits_for_the_callback(void **state)
{
    struct fixture *fixture = *state;
    subscribe_slowly(fixture, run_slowly);
    pthread_t dispatcher = start(dispatch_once, fixture);
    sem_wait(&fixture->entered);
    cmr_unsubscribe(fixture->slow);
    assert_true(fixture->left);
    assert_int_equal(1, fixture->destroyed);
    pthread_join(dispatcher, NULL);
    assert_int_equal(CMR_OK, fixture->status);
    cmr_reloader_free(fixture->reloader);
    assert_int_equal(1, fixture->destroyed);
}

static void free_waits_for_the_callback(void **state)
{
    struct fixture *fixture = *state;
    subscribe_slowly(fixture, run_slowly);
    pthread_t dispatcher = start(dispatch_once, fixture);
    sem_wait(&fixture->entered);
    cmr_reloader_free(fixture->reloader);
    assert_true(fixture->left);
    assert_int_equal(1, fixture->destroyed);
    pthread_join(dispatcher, NULL);
    assert_int_equal(CMR_ERR_CLOSED, fixture->status);
}

static void others_are_busy_meanwhile(void **state)
{
    struct fixture *fixture = *state;
    subscribe_slowly(fixture, run_slowly);
    pthread_t dispatcher = start(dispatch_once, fixture);
    sem_wait(&fixture->entered);
    assert_int_equal(CMR_ERR_BUSY, cmr_reloader_dispatch(fixture->reloader));
    assert_int_equal(CMR_ERR_BUSY, cmr_reloader_wait(fixture->reloader, 0));
    assert_int_equal(CMR_ERR_BUSY, cmr_reloader_load(fixture->reloader, 0));
    pthread_join(dispatcher, NULL);
    cmr_reloader_free(fixture->reloader);
}

/* ---- waking who waits */

static void *wait_for_ever(void *user)
{
    struct fixture *fixture = user;
    fixture->status = cmr_reloader_wait(fixture->reloader, -1);
    return NULL;
}

static void *load_for_ever(void *user)
{
    struct fixture *fixture = user;
    fixture->status = cmr_reloader_load(fixture->reloader, -1);
    return NULL;
}

static void await_dispatcher(cmr_reloader *reloader)
{
    bool dispatching = false;
    while (!dispatching) {
        pthread_mutex_lock(&reloader->lock);
        dispatching = reloader->dispatching;
        pthread_mutex_unlock(&reloader->lock);
    }
    usleep(20000); /* so that it is in poll() by now, most likely */
}

static void free_while_another_waits(struct fixture *fixture, void *(*body)(void *))
{
    pthread_t waiter = start(body, fixture);
    await_dispatcher(fixture->reloader);
    cmr_reloader_free(fixture->reloader);
    pthread_join(waiter, NULL);
    assert_int_equal(CMR_ERR_CLOSED, fixture->status);
}

static void free_wakes_one_who_waits(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(CMR_OK, cmr_reloader_load(fixture->reloader, 0));
    free_while_another_waits(fixture, wait_for_ever);
}

static void free_wakes_one_who_loads(void **state)
{
    struct fixture *fixture = *state;
    fake_kubelet_remove_volume(&fixture->kubelet);
    free_while_another_waits(fixture, load_for_ever);
}

static void release_wakes_one_who_waits(void **state)
{
    struct fixture *fixture = *state;
    cmr_reloader_hold(fixture->reloader);
    pthread_t waiter = start(load_for_ever, fixture);
    await_dispatcher(fixture->reloader);
    cmr_reloader_release(fixture->reloader);
    pthread_join(waiter, NULL);
    assert_int_equal(CMR_OK, fixture->status);
    cmr_reloader_free(fixture->reloader);
}

/* ---- one thread unsubscribes what runs, which frees the reloader */

static void free_slowly(void *user, const cmr_update *update)
{
    struct fixture *fixture = user;
    (void)update;
    sem_post(&fixture->entered);
    usleep(50000);
    cmr_reloader_free(fixture->reloader);
}

static void unsubscribing_what_frees_the_reloader(void **state)
{
    struct fixture *fixture = *state;
    subscribe_slowly(fixture, free_slowly);
    pthread_t dispatcher = start(dispatch_once, fixture);
    sem_wait(&fixture->entered);
    cmr_unsubscribe(fixture->slow);
    pthread_join(dispatcher, NULL);
    assert_int_equal(CMR_ERR_CLOSED, fixture->status);
    assert_int_equal(1, fixture->destroyed);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_at_once),
        TEST(unsubscribe_waits_for_the_callback),
        TEST(free_waits_for_the_callback),
        TEST(others_are_busy_meanwhile),
        TEST(free_wakes_one_who_waits),
        TEST(free_wakes_one_who_loads),
        TEST(release_wakes_one_who_waits),
        TEST(unsubscribing_what_frees_the_reloader),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
