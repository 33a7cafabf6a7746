/* SPDX-License-Identifier: MIT
 *
 * Processes that share one reader of the volume, and come and go: by kill -9, stopped, forked, late, or all
 * at once. What everybody is told meanwhile, test_share.c shows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/crew.h"

/* ---- processes that come and go */

static void who_comes_later_has_the_current_generation(void **state)
{
    struct crew *crew = *state;
    struct workers *workers = crew_begin(crew, 2);
    crew_write(crew, "2");
    assert_true(workers_do(workers, worker_awaits, "applied 2\nvalue=1>2\n"));
    worker_begin(workers, 2);
    assert_true(worker_does(workers, 2, worker_told, "ready 2\n"));
    crew_write_bad(crew);
    assert_true(worker_does(workers, 0, worker_awaits, "rejected 2 bad.yaml:3:1 []\n"));
    worker_begin(workers, 3);
    assert_true(worker_does(workers, 3, worker_has, "value 2"));
    assert_true(worker_does(workers, 3, worker_is_at, "2"));
}

static void the_last_good_outlives_all_workers(void **state)
{
    struct crew *crew = *state;
    struct workers *workers = crew_begin(crew, 3);
    crew_write(crew, "2");
    assert_true(workers_do(workers, worker_awaits, "applied 2\nvalue=1>2\n"));
    crew_write_bad(crew);
    for (unsigned i = 0; i < 3; i++)
        worker_kill(workers, i);
    for (unsigned i = 0; i < 3; i++) {
        worker_begin(workers, i);
        assert_true(worker_does(workers, i, worker_has, "value 2"));
    }
    crew_write_good(crew, "3");
    assert_true(workers_do(workers, worker_awaits, "value=2>3\n"));
    assert_true(workers_do(workers, worker_is_at, "3"));
}

/* Also the master: its share is lost, and what is saved is not. */
static void a_restart_begins_with_what_was_saved(void **state)
{
    struct crew *crew = *state;
    char saved[160];
    snprintf(saved, sizeof saved, "%s/saved", crew->other.root);
    crew->workers.options.state_dir = saved;
    crew->workers.options.boot = CMR_BOOT_LAST_GOOD;
    struct workers *workers = crew_begin(crew, 2);
    crew_write_bad(crew);
    for (unsigned i = 0; i < 2; i++)
        worker_kill(workers, i);
    cmr_share_free(workers->share);
    assert_int_equal(CMR_OK, cmr_share_new(&workers->share));
    for (unsigned i = 0; i < 2; i++) {
        worker_begin(workers, i);
        assert_true(worker_does(workers, i, worker_has, "value 1"));
    }
    crew_write_good(crew, "2");
    assert_true(workers_do(workers, worker_awaits, "value=1>2\n"));
}

static void another_publishes_when_the_publisher_is_killed(void **state)
{
    struct crew *crew = *state;
    struct workers *workers = crew_begin(crew, 5);
    unsigned publisher = 0;
    uint64_t generation = 1;
    char text[16], expected[64];
    for (unsigned value = 2; value < 6; value++) {
        worker_kill(workers, publisher);
        snprintf(text, sizeof text, "%u", value);
        crew_write(crew, text);
        snprintf(expected, sizeof expected, "value=%u>%u\n", value - 1, value);
        assert_true(workers_do(workers, worker_awaits, expected));
        publisher = workers_publisher(workers);
        uint64_t next = workers->views[publisher].generation;
        assert_true(next > generation);
        generation = next;
        for (unsigned i = 0; i < 5; i++) {
            if (workers->each[i].process)
                assert_int_equal(generation, workers->views[i].generation);
        }
    }
}

static void another_publishes_when_the_publisher_leaves(void **state)
{
    struct crew *crew = *state;
    struct workers *workers = crew_begin(crew, 3);
    assert_true(worker_does(workers, 0, worker_leaves, ""));
    worker_kill(workers, 0);
    crew_write(crew, "2");
    assert_true(workers_do(workers, worker_awaits, "value=1>2\n"));
    assert_true(worker_does(workers, 1, worker_leaves, ""));
    worker_kill(workers, 1);
    crew_write(crew, "3");
    assert_true(workers_do(workers, worker_awaits, "value=2>3\n"));
    assert_true(worker_does(workers, 2, worker_leaves, ""));
}

static void who_is_stopped_blocks_nobody(void **state)
{
    struct crew *crew = *state;
    struct workers *workers = crew_begin(crew, 4);
    char text[16], expected[64];
    kill(workers->each[2].process, SIGSTOP);
    for (unsigned value = 2; value < 6; value++) {
        snprintf(text, sizeof text, "%u", value);
        crew_write(crew, text);
        snprintf(expected, sizeof expected, "value=%u>%u\n", value - 1, value);
        for (unsigned i = 0; i < 4; i++) {
            if (i != 2)
                assert_true(worker_does(workers, i, worker_awaits, expected));
        }
    }
    kill(workers->each[2].process, SIGCONT);
    assert_true(worker_does(workers, 2, worker_is_at, "5"));
    assert_true(worker_does(workers, 2, worker_has, "value 5"));
    assert_true(worker_does(workers, 0, worker_is_shared, "5"));
}

/* A lock is the living's, be it stopped. */
static void nothing_new_comes_while_the_publisher_is_stopped(void **state)
{
    struct crew *crew = *state;
    struct workers *workers = crew_begin(crew, 2);
    kill(workers->each[0].process, SIGSTOP);
    crew_write(crew, "2");
    worker_begin(workers, 2); /* at once, with what there was */
    assert_true(worker_does(workers, 2, worker_has, "value 1"));
    assert_true(worker_does(workers, 1, worker_has, "value 1"));
    kill(workers->each[0].process, SIGCONT);
    assert_true(workers_do(workers, worker_awaits, "value=1>2\n"));
    assert_int_equal(0, workers_publisher(workers));
}

/* The child of a worker, which has joined by what its parent had. */
static pid_t child;

static bool forks(struct worker *self, const char *argument)
{
    struct worker_view *view = &self->all->views[self->number];
    fflush(NULL);
    child = fork();
    WORKER_CHECK(child >= 0);
    if (child == 0) {
        alarm(60);
        bool good = cmr_reloader_after_fork(self->reloader) == CMR_OK;
        view->child = good ? 'r' : 'n'; /* the test may swap */
        good = good && journal_wait(&self->journal, self->reloader, argument);
        view->child = good ? 'y' : 'n';
        for (;;)
            pause();
    }
    while (view->child == 0)
        usleep(1000);
    return view->child == 'r';
}

/* A publisher goes on meanwhile: the child may need it. */
static bool has_reaped(struct worker *self, const char *argument)
{
    const struct worker_view *view = &self->all->views[self->number];
    (void)argument;
    while (view->child == 'r') {
        cmr_status status = cmr_reloader_wait(self->reloader, 10);
        WORKER_CHECK(status == CMR_OK || status == CMR_ERR_TIMEOUT);
    }
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    return view->child == 'y';
}

static void a_forked_child_takes_part(void **state)
{
    struct crew *crew = *state;
    struct workers *workers = crew_begin(crew, 2);
    assert_true(worker_does(workers, 0, forks, "value=1>2\n")); /* of the publisher */
    assert_true(worker_does(workers, 1, forks, "value=1>2\n")); /* of a consumer */
    crew_write(crew, "2");
    assert_true(workers_do(workers, worker_awaits, "value=1>2\n"));
    assert_true(workers_do(workers, has_reaped, ""));
    crew_write(crew, "3");
    assert_true(workers_do(workers, worker_awaits, "value=2>3\n"));
}

static void the_master_may_free_its_share(void **state)
{
    struct crew *crew = *state;
    struct workers *workers = crew_begin(crew, 3);
    cmr_share_free(workers->share);
    workers->share = NULL;
    crew_write(crew, "2");
    assert_true(workers_do(workers, worker_awaits, "value=1>2\n"));
    worker_kill(workers, 0);
    crew_write(crew, "3");
    assert_true(workers_do(workers, worker_awaits, "value=2>3\n"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, crew_set_up, crew_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_comes_later_has_the_current_generation),
        TEST(the_last_good_outlives_all_workers),
        TEST(a_restart_begins_with_what_was_saved),
        TEST(another_publishes_when_the_publisher_is_killed),
        TEST(another_publishes_when_the_publisher_leaves),
        TEST(who_is_stopped_blocks_nobody),
        TEST(nothing_new_comes_while_the_publisher_is_stopped),
        TEST(a_forked_child_takes_part),
        TEST(the_master_may_free_its_share),
    };
    cmocka_set_test_filter(getenv("CMRELOAD_TEST"));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
