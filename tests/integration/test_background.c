/* SPDX-License-Identifier: MIT
 *
 * The library's two threads, which it starts only when asked: the loader, and the helper that dispatches.
 * Under ThreadSanitizer this also shows that they share nothing without a lock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "support/fake_kubelet.h"
#include "support/journal.h"

#define PATIENCE_MS 30000
#define SWAPS 300
#define GUESTS 3
#define VISITS 400

struct fixture {
    struct fake_kubelet kubelet;
    struct journal journal;
    cmr_reloader *reloader;
    atomic_bool done;
    atomic_int number; /* the last that a subscriber was told */
    atomic_uint destroyed;
    _Atomic pthread_t caller; /* of the last callback */
    sem_t told;
};

static bool no_threads; /* pthread_create fails */
static atomic_int created;

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *argument);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *argument);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *argument)
{
    created += !no_threads;
    return no_threads ? EAGAIN : __real_pthread_create(thread, attributes, run, argument);
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    if (!fixture || sem_init(&fixture->told, 0, 0) != 0)
        return -1;
    no_threads = false;
    fake_kubelet_open(&fixture->kubelet);
    fake_kubelet_write(&fixture->kubelet, "number", "0");
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    cmr_reloader_free(fixture->reloader);
    fake_kubelet_close(&fixture->kubelet);
    sem_destroy(&fixture->told);
    free(fixture);
    return 0;
}

static void open_path(struct fixture *fixture, const char *path, bool background)
{
    cmr_options options = CMR_OPTIONS_INIT;
    options.background = background;
    assert_int_equal(CMR_OK, cmr_open(path, &options, &fixture->reloader));
}

static void open_with_journal(struct fixture *fixture, const char *path)
{
    open_path(fixture, path, true);
    assert_int_equal(CMR_OK, cmr_observe(fixture->reloader, journal_event, &fixture->journal, NULL, NULL));
    assert_int_equal(CMR_OK,
                     cmr_subscribe(fixture->reloader, "**", journal_update, &fixture->journal, NULL, NULL));
}

static void expect(struct fixture *fixture, const char *wanted)
{
    if (!journal_wait(&fixture->journal, fixture->reloader, wanted))
        fail_msg("wanted %s, found %s", wanted, fixture->journal.text);
    assert_string_equal(wanted, journal_take(&fixture->journal));
}

static void swap_number(struct fixture *fixture, int number)
{
    char text[16];
    snprintf(text, sizeof text, "%d", number);
    fake_kubelet_write(&fixture->kubelet, "number", text);
}

/* ---- the loader */

static void a_thread_is_started_with_the_first_load_in_dispatch(void **state)
{
    struct fixture *fixture = *state;
    int before = created;
    open_with_journal(fixture, fixture->kubelet.dir);
    assert_int_equal(CMR_OK, cmr_reloader_load(fixture->reloader, 0)); /* runs here */
    assert_int_equal(before, created);
    assert_string_equal("ready 1\n", journal_take(&fixture->journal));
    swap_number(fixture, 1);
    expect(fixture, "applied 2\nnumber=0>1\n");
    assert_int_equal(before + 1, created);
    swap_number(fixture, 2);
    expect(fixture, "applied 3\nnumber=1>2\n");
    assert_int_equal(before + 1, created);
}

static void the_first_load_may_come_from_dispatch_too(void **state)
{
    struct fixture *fixture = *state;
    open_with_journal(fixture, fixture->kubelet.dir);
    expect(fixture, "ready 1\n");
}

static void bad_files_are_told_from_the_background(void **state)
{
    struct fixture *fixture = *state;
    open_with_journal(fixture, fixture->kubelet.dir);
    expect(fixture, "ready 1\n");
    fake_kubelet_write(&fixture->kubelet, "app.json", "{");
    expect(fixture, "rejected 1 app.json:1:2 []\n");
    cmr_reloader_check_now(fixture->reloader);
    fake_kubelet_write(&fixture->kubelet, "app.json", "{}");
    expect(fixture, "applied 2\n");
}

static void the_last_of_many_swaps_is_seen(void **state)
{
    struct fixture *fixture = *state;
    char last[32];
    open_with_journal(fixture, fixture->kubelet.dir);
    expect(fixture, "ready 1\n");
    for (int i = 1; i <= SWAPS; i++) {
        swap_number(fixture, i);
        if (i % 3 == 0)
            assert_int_equal(CMR_OK, cmr_reloader_dispatch(fixture->reloader));
        if (i % 20 == 1)
            journal_take(&fixture->journal);
    }
    snprintf(last, sizeof last, ">%d\n", SWAPS);
    assert_true(journal_wait(&fixture->journal, fixture->reloader, last));
}

static void a_plain_directory_is_loaded_in_the_background(void **state)
{
    struct fixture *fixture = *state;
    char dir[128], path[192];
    snprintf(dir, sizeof dir, "%s/plain", fixture->kubelet.root);
    assert_int_equal(0, mkdir(dir, 0755));
    snprintf(path, sizeof path, "%s/below", dir);
    assert_int_equal(0, mkdir(path, 0755));
    snprintf(path, sizeof path, "%s/below/level", dir);
    FILE *file = fopen(path, "we");
    fputs("info", file);
    fclose(file);
    open_with_journal(fixture, dir);
    expect(fixture, "ready 1\n");
    file = fopen(path, "we");
    fputs("debug", file);
    fclose(file);
    expect(fixture, "applied 2\nbelow/level=info>debug\n");
}

static void freeze_and_free_do_not_mind_a_load_on_its_way(void **state)
{
    struct fixture *fixture = *state;
    open_with_journal(fixture, fixture->kubelet.dir);
    expect(fixture, "ready 1\n");
    swap_number(fixture, 1);
    assert_int_equal(CMR_OK, cmr_reloader_dispatch(fixture->reloader)); /* sends the load off */
    journal_take(&fixture->journal);
    cmr_reloader_hold(fixture->reloader);
    swap_number(fixture, 2);
    usleep(20000); /* the load is done meanwhile, most likely: nobody is told */
    assert_int_equal(CMR_OK, cmr_reloader_dispatch(fixture->reloader));
    assert_string_equal("", journal_take(&fixture->journal));
    cmr_reloader_release(fixture->reloader);
    assert_true(journal_wait(&fixture->journal, fixture->reloader, ">2\n"));
    for (int i = 3; i < 60; i++) {
        swap_number(fixture, i);
        assert_int_equal(CMR_OK, cmr_reloader_dispatch(fixture->reloader));
        cmr_reloader_free(fixture->reloader); /* with a load queued, running or done */
        open_with_journal(fixture, fixture->kubelet.dir);
        if (i % 2)
            assert_int_equal(CMR_OK, cmr_reloader_load(fixture->reloader, PATIENCE_MS));
        else
            assert_int_equal(CMR_OK, cmr_reloader_dispatch(fixture->reloader));
        journal_take(&fixture->journal);
    }
}

static void loading_waits_for_a_load_on_its_way(void **state)
{
    struct fixture *fixture = *state;
    open_with_journal(fixture, fixture->kubelet.dir);
    assert_int_equal(CMR_OK, cmr_reloader_dispatch(fixture->reloader));
    assert_int_equal(CMR_OK, cmr_reloader_load(fixture->reloader, PATIENCE_MS));
    assert_string_equal("ready 1\n", journal_take(&fixture->journal));
}

static void without_threads_dispatch_loads(void **state)
{
    struct fixture *fixture = *state;
    int before = created;
    no_threads = true;
    open_with_journal(fixture, fixture->kubelet.dir);
    assert_int_equal(CMR_OK, cmr_reloader_dispatch(fixture->reloader));
    assert_string_equal("ready 1\n", journal_take(&fixture->journal));
    assert_int_equal(before, created);
    swap_number(fixture, 1);
    no_threads = false; /* there are some again */
    expect(fixture, "applied 2\nnumber=0>1\n");
    assert_int_equal(before + 1, created);
}

/* ---- the helper */

static void note_number(void *user, const cmr_update *update)
{
    struct fixture *fixture = user;
    const cmr_change *change = cmr_update_change(update, 0);
    fixture->caller = pthread_self();
    fixture->number = change->new_value ? (int)change->new_value->as.int64 : -1;
    sem_post(&fixture->told);
}

static void note_end(void *user)
{
    ((struct fixture *)user)->destroyed++;
}

static void await_number(struct fixture *fixture, int number)
{
    struct timespec limit;
    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += PATIENCE_MS / 1000;
    while (fixture->number != number)
        assert_int_equal(0, sem_timedwait(&fixture->told, &limit));
}

static void start(struct fixture *fixture, cmr_update_fn *callback, bool background)
{
    cmr_subscription_options typed = CMR_SUBSCRIPTION_OPTIONS_INIT;
    typed.type = CMR_TYPE_INT64;
    typed.destroy = note_end;
    open_path(fixture, fixture->kubelet.dir, background);
    assert_int_equal(CMR_OK, cmr_subscribe(fixture->reloader, "number", callback, fixture, &typed, NULL));
    assert_int_equal(CMR_OK, cmr_reloader_load(fixture->reloader, 0));
    assert_int_equal(CMR_OK, cmr_reloader_start(fixture->reloader));
}

static void the_helper_dispatches(void **state)
{
    struct fixture *fixture = *state;
    start(fixture, note_number, false);
    assert_int_equal(CMR_ERR_BUSY, cmr_reloader_start(fixture->reloader));
    for (int i = 1; i <= 20; i++) {
        swap_number(fixture, i);
        await_number(fixture, i);
        assert_false(pthread_equal(pthread_self(), fixture->caller));
    }
    assert_int_equal(CMR_ERR_BUSY, cmr_reloader_dispatch(fixture->reloader));
    assert_int_equal(CMR_ERR_BUSY, cmr_reloader_wait(fixture->reloader, 0));
    cmr_reloader_free(fixture->reloader);
    fixture->reloader = NULL;
    assert_int_equal(1, fixture->destroyed);
}

/* Neither before its first turn nor between two of them. */
static void beside_it_nobody_dispatches(void **state)
{
    struct fixture *fixture = *state;
    start(fixture, note_number, false);
    for (int i = 1; i <= 20; i++) {
        for (int j = 0; j < 1000; j++)
            assert_int_equal(CMR_ERR_BUSY, cmr_reloader_dispatch(fixture->reloader));
        assert_int_equal(CMR_ERR_BUSY, cmr_reloader_wait(fixture->reloader, 0));
        assert_int_equal(CMR_ERR_BUSY, cmr_reloader_load(fixture->reloader, 0));
        swap_number(fixture, i);
    }
    await_number(fixture, 20);
    assert_false(pthread_equal(pthread_self(), fixture->caller));
}

static void it_needs_a_thread(void **state)
{
    struct fixture *fixture = *state;
    open_path(fixture, fixture->kubelet.dir, false);
    no_threads = true;
    errno = 0;
    assert_int_equal(CMR_ERR_SYSTEM, cmr_reloader_start(fixture->reloader));
    assert_int_equal(EAGAIN, errno);
    no_threads = false;
    assert_int_equal(CMR_OK, cmr_reloader_start(fixture->reloader));
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, cmr_reloader_start(NULL));
}

static void free_inside(void *user, const cmr_update *update)
{
    struct fixture *fixture = user;
    cmr_reloader_free(fixture->reloader);
    note_number(user, update);
}

static void a_callback_on_it_may_free_the_reloader(void **state)
{
    struct fixture *fixture = *state;
    start(fixture, free_inside, true);
    swap_number(fixture, 7);
    await_number(fixture, 7);
    for (int i = 0; i < 3000 && !fixture->destroyed; i++)
        usleep(10000);
    assert_int_equal(1, fixture->destroyed);
    fixture->reloader = NULL;
}

static void check_mask(void *user, const cmr_update *update)
{
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    if (!sigismember(&mask, SIGTERM) || !sigismember(&mask, SIGUSR1))
        abort();
    note_number(user, update);
}

static void signals_go_elsewhere(void **state)
{
    struct fixture *fixture = *state;
    sigset_t before, after;
    pthread_sigmask(SIG_SETMASK, NULL, &before);
    start(fixture, check_mask, true);
    pthread_sigmask(SIG_SETMASK, NULL, &after);
    for (int signal = 1; signal < 32; signal++)
        assert_int_equal(sigismember(&before, signal), sigismember(&after, signal));
    swap_number(fixture, 1);
    await_number(fixture, 1);
}

/* Somebody waits already: the helper comes next. */
static void *wait_once(void *user)
{
    cmr_reloader_wait(((struct fixture *)user)->reloader, PATIENCE_MS);
    return NULL;
}

static void it_takes_its_turn(void **state)
{
    struct fixture *fixture = *state;
    pthread_t waiter;
    open_path(fixture, fixture->kubelet.dir, false);
    assert_int_equal(CMR_OK, cmr_reloader_load(fixture->reloader, 0));
    while (cmr_reloader_wait(fixture->reloader, 0) != CMR_ERR_TIMEOUT)
        ;
    assert_int_equal(0, pthread_create(&waiter, NULL, wait_once, fixture));
    while (cmr_reloader_dispatch(fixture->reloader) != CMR_ERR_BUSY)
        usleep(100);
    assert_int_equal(CMR_OK, cmr_reloader_start(fixture->reloader));
    cmr_subscription_options typed = CMR_SUBSCRIPTION_OPTIONS_INIT;
    typed.type = CMR_TYPE_INT64;
    assert_int_equal(CMR_OK, cmr_subscribe(fixture->reloader, "number", note_number, fixture, &typed, NULL));
    cmr_reloader_wake(fixture->reloader); /* the waiter leaves */
    pthread_join(waiter, NULL);
    swap_number(fixture, 5);
    await_number(fixture, 5);
    assert_false(pthread_equal(waiter, fixture->caller));
}

/* ---- all of it at once */

static void *visit(void *user)
{
    struct fixture *fixture = user;
    for (int i = 0; i < VISITS && !fixture->done; i++) {
        cmr_subscription_options options = CMR_SUBSCRIPTION_OPTIONS_INIT;
        cmr_subscription *subscription = NULL;
        options.type = CMR_TYPE_INT64;
        options.initial = i % 2;
        options.destroy = note_end;
        if (cmr_subscribe(fixture->reloader, i % 3 ? "number" : "**", note_number, fixture, &options,
                          &subscription) != CMR_OK)
            abort();
        if (i % 5 == 0)
            cmr_reloader_check_now(fixture->reloader);
        cmr_snapshot *snapshot = cmr_reloader_ref_snapshot(fixture->reloader);
        if (cmr_get_int64_or(snapshot, "number", -1) < 0)
            abort();
        cmr_snapshot_unref(snapshot);
        cmr_unsubscribe(subscription);
    }
    return NULL;
}

static void loader_helper_and_guests_at_once(void **state)
{
    struct fixture *fixture = *state;
    pthread_t guests[GUESTS];
    start(fixture, note_number, true);
    for (int i = 0; i < GUESTS; i++)
        assert_int_equal(0, pthread_create(&guests[i], NULL, visit, fixture));
    for (int i = 1; i <= SWAPS; i++)
        swap_number(fixture, i);
    for (int i = 0; i < GUESTS; i++)
        pthread_join(guests[i], NULL);
    await_number(fixture, SWAPS);
    cmr_reloader_free(fixture->reloader);
    fixture->reloader = NULL;
    assert_int_equal(GUESTS * VISITS + 1, fixture->destroyed);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_thread_is_started_with_the_first_load_in_dispatch),
        TEST(the_first_load_may_come_from_dispatch_too),
        TEST(bad_files_are_told_from_the_background),
        TEST(the_last_of_many_swaps_is_seen),
        TEST(a_plain_directory_is_loaded_in_the_background),
        TEST(freeze_and_free_do_not_mind_a_load_on_its_way),
        TEST(loading_waits_for_a_load_on_its_way),
        TEST(without_threads_dispatch_loads),
        TEST(the_helper_dispatches),
        TEST(beside_it_nobody_dispatches),
        TEST(it_needs_a_thread),
        TEST(a_callback_on_it_may_free_the_reloader),
        TEST(signals_go_elsewhere),
        TEST(it_takes_its_turn),
        TEST(loader_helper_and_guests_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
