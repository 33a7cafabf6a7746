/* SPDX-License-Identifier: MIT
 *
 * What other threads do while a validator is asked: they end it, add conditions, freeze and free the
 * reloader. A prepare stands still for that until the other thread has done its part, or waits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <unistd.h>

#include "engine/reloader.h"
#include "support/follower.h"

struct fixture {
    struct follower *follower;
    cmr_reloader *reloader;
    cmr_validator *first, *second;
    cmr_subscription *subscription;
    sem_t entered, go_on;
    atomic_bool stands;
    atomic_uint prepared, committed, aborted, destroyed;
    CMR_ATOMIC(int) number;
};

static cmr_status prepare(void *user, cmr_snapshot *candidate, cmr_veto *veto)
{
    struct fixture *fixture = user;
    (void)candidate, (void)veto;
    fixture->prepared++;
    if (!fixture->stands)
        return CMR_OK;
    sem_post(&fixture->entered);
    sem_wait(&fixture->go_on);
    return CMR_OK;
}

static void commit(void *user, cmr_snapshot *published)
{
    (void)published;
    ((struct fixture *)user)->committed++;
}

static void abort_it(void *user, cmr_snapshot *candidate)
{
    (void)candidate;
    ((struct fixture *)user)->aborted++;
}

static void destroy(void *user)
{
    ((struct fixture *)user)->destroyed++;
}

static int set_up(void **state)
{
    cmr_validator_options options = CMR_VALIDATOR_OPTIONS_INIT;
    if (follower_fixture_set_up(state, sizeof(struct fixture)) != 0)
        return -1;
    struct fixture *fixture = *state;
    if (sem_init(&fixture->entered, 0, 0) != 0 || sem_init(&fixture->go_on, 0, 0) != 0)
        return -1;
    fake_kubelet_write(&fixture->follower->kubelet, "number", "1");
    follower_load(fixture->follower);
    fixture->reloader = fixture->follower->reloader;
    options.name = "v";
    options.prepare = prepare;
    options.commit = commit;
    options.abort = abort_it;
    options.destroy = destroy;
    fixture->stands = true;
    return cmr_validate(fixture->reloader, &options, fixture, &fixture->first) == CMR_OK &&
                   cmr_validate(fixture->reloader, &options, fixture, &fixture->second) == CMR_OK
               ? 0
               : -1;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    follower_end(fixture->follower);
    sem_destroy(&fixture->entered);
    sem_destroy(&fixture->go_on);
    return follower_fixture_tear_down(state);
}

static pthread_t start(void *(*body)(void *), struct fixture *fixture)
{
    pthread_t thread;
    assert_int_equal(0, pthread_create(&thread, NULL, body, fixture));
    return thread;
}

static void *dispatch(void *user)
{
    cmr_status status = cmr_reloader_dispatch(((struct fixture *)user)->reloader);
    return (void *)(intptr_t)status;
}

/* Dispatches the change on another thread, up to where the first validator is asked. */
static pthread_t begin(struct fixture *fixture, const char *number)
{
    fake_kubelet_write(&fixture->follower->kubelet, "number", number);
    pthread_t dispatcher = start(dispatch, fixture);
    sem_wait(&fixture->entered);
    return dispatcher;
}

static void end(struct fixture *fixture, pthread_t dispatcher, cmr_status expected)
{
    void *status;
    fixture->stands = false;
    sem_post(&fixture->go_on);
    assert_int_equal(0, pthread_join(dispatcher, &status));
    assert_int_equal(expected, (intptr_t)status);
}

/* ---- ending validators */

static void *end_first(void *user)
{
    struct fixture *fixture = user;
    cmr_unvalidate(fixture->first);
    return (void *)(intptr_t)(fixture->destroyed > 0);
}

static void await_removal(struct fixture *fixture)
{
    bool awaited = false;
    while (!awaited) {
        pthread_mutex_lock(&fixture->reloader->lock);
        awaited = TAILQ_FIRST(&fixture->reloader->validators.list)->awaited;
        pthread_mutex_unlock(&fixture->reloader->lock);
        usleep(1000);
    }
}

static void ending_one_waits_for_its_prepare(void **state)
{
    struct fixture *fixture = *state;
    void *destroyed;
    pthread_t dispatcher = begin(fixture, "2");
    pthread_t other = start(end_first, fixture);
    await_removal(fixture);
    assert_int_equal(0, fixture->destroyed);
    end(fixture, dispatcher, CMR_OK);
    pthread_join(other, &destroyed);
    assert_non_null(destroyed);
    assert_int_equal(2, fixture->prepared);
    assert_int_equal(1, fixture->committed); /* the second's alone */
    assert_int_equal(0, fixture->aborted);
    follower_has(fixture->follower, "number", "2");
}

/* ---- conditions that come meanwhile */

static void who_subscribes_has_a_say(void **state)
{
    struct fixture *fixture = *state;
    cmr_subscription_options options = CMR_SUBSCRIPTION_OPTIONS_INIT;
    options.type = CMR_TYPE_INT64;
    pthread_t dispatcher = begin(fixture, "x");
    assert_int_equal(CMR_OK, cmr_subscribe(fixture->reloader, "number", journal_update,
                                           &fixture->follower->journal, &options, &fixture->subscription));
    end(fixture, dispatcher, CMR_OK);
    assert_string_equal("rejected 1 number:1:1 [number]\n", journal_take(&fixture->follower->journal));
    assert_int_equal(2, fixture->aborted);
    assert_int_equal(0, fixture->committed);
    follower_has(fixture->follower, "number", "1");
}

static void who_binds_has_the_value_that_is_published(void **state)
{
    struct fixture *fixture = *state;
    pthread_t dispatcher = begin(fixture, "2");
    assert_int_equal(CMR_OK, cmr_bind_int(fixture->reloader, "number", &fixture->number, 0, NULL, NULL));
    assert_int_equal(1, fixture->number);
    end(fixture, dispatcher, CMR_OK);
    assert_int_equal(2, fixture->number);
    assert_int_equal(2, fixture->committed);
}

/* ---- freezing and freeing */

static void who_freezes_aborts(void **state)
{
    struct fixture *fixture = *state;
    pthread_t dispatcher = begin(fixture, "2");
    cmr_reloader_hold(fixture->reloader);
    end(fixture, dispatcher, CMR_OK);
    assert_int_equal(1, fixture->prepared); /* the second is not even asked */
    assert_int_equal(1, fixture->aborted);
    follower_has(fixture->follower, "number", "1");
    cmr_reloader_release(fixture->reloader);
    follower_dispatch(fixture->follower);
    assert_int_equal(2, fixture->committed);
    follower_has(fixture->follower, "number", "2");
}

static void *free_it(void *user)
{
    cmr_reloader_free(((struct fixture *)user)->reloader);
    return NULL;
}

static void await_freeing(struct fixture *fixture)
{
    bool freeing = false;
    while (!freeing) {
        pthread_mutex_lock(&fixture->reloader->lock);
        freeing = fixture->reloader->freeing;
        pthread_mutex_unlock(&fixture->reloader->lock);
        usleep(1000);
    }
}

static void who_frees_aborts_and_waits(void **state)
{
    struct fixture *fixture = *state;
    pthread_t dispatcher = begin(fixture, "2");
    pthread_t other = start(free_it, fixture);
    await_freeing(fixture);
    assert_int_equal(0, fixture->destroyed);
    end(fixture, dispatcher, CMR_ERR_CLOSED);
    pthread_join(other, NULL);
    fixture->follower->reloader = NULL;
    assert_int_equal(1, fixture->aborted);
    assert_int_equal(0, fixture->committed);
    assert_int_equal(2, fixture->destroyed);
}

static void others_are_told_that_it_is_busy(void **state)
{
    struct fixture *fixture = *state;
    cmr_snapshot *current = cmr_reloader_ref_snapshot(fixture->reloader);
    pthread_t dispatcher = begin(fixture, "2");
    assert_int_equal(CMR_ERR_BUSY, cmr_reloader_try(fixture->reloader, NULL, current, NULL));
    assert_int_equal(CMR_ERR_BUSY, cmr_reloader_dispatch(fixture->reloader));
    end(fixture, dispatcher, CMR_OK);
    assert_int_equal(CMR_OK, cmr_reloader_try(fixture->reloader, NULL, current, NULL));
    cmr_snapshot_unref(current);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(ending_one_waits_for_its_prepare, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_subscribes_has_a_say, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_binds_has_the_value_that_is_published, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_freezes_aborts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_frees_aborts_and_waits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(others_are_told_that_it_is_busy, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
