/* SPDX-License-Identifier: MIT
 *
 * Processes that share one reader of the volume, from outside: each test forks some, swaps the volume, kills,
 * stops and starts processes, and asks each what it was told. What docs/prefork.md says is shown here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "support/crew.h"

#define MOST_DESCRIPTORS 256
#define TYPED 1 /* the worker that wants a number */

/* Forked processes are slow under valgrind. */
static unsigned crowd(void)
{
    const char *preloaded = getenv("LD_PRELOAD");
    return preloaded && strstr(preloaded, "vgpreload") ? 4 : 17;
}

static bool is_deaf; /* watches hear nothing */
int __real_inotify_add_watch(int descriptor, const char *path, uint32_t mask);
int __wrap_inotify_add_watch(int descriptor, const char *path, uint32_t mask);

int __wrap_inotify_add_watch(int descriptor, const char *path, uint32_t mask)
{
    return __real_inotify_add_watch(descriptor, is_deaf ? "/proc" : path, mask);
}

/* ---- what everybody has */

static bool lists_members(struct worker *self, const char *argument)
{
    cmr_members *members;
    unsigned count = (unsigned)strtoul(argument, NULL, 10);
    WORKER_CHECK(cmr_reloader_list_members(self->reloader, &members) == CMR_OK);
    bool good = cmr_members_count(members) == count && !cmr_members_get(members, count);
    for (unsigned i = 0; good && i < count; i++) {
        const cmr_member *one = cmr_members_get(members, i);
        bool first = i == 0;
        good = first == (one->pid == getpid()) && first == (one->role == CMR_ROLE_PUBLISHER) &&
               one->generation == self->all->views[self->number].generation && one->refused == 0 &&
               strcmp(one->message, "") == 0;
    }
    cmr_members_free(members);
    return good;
}

static bool lists_itself(struct worker *self, const char *argument)
{
    cmr_members *members;
    cmr_reloader_status status = CMR_RELOADER_STATUS_INIT;
    (void)argument;
    WORKER_CHECK(cmr_reloader_list_members(self->reloader, &members) == CMR_OK);
    const cmr_member *one = cmr_members_get(members, 0);
    bool good = cmr_members_count(members) == 1 && one->pid == getpid() && one->role == CMR_ROLE_CONSUMER &&
                one->generation == self->all->views[self->number].generation;
    cmr_members_free(members);
    WORKER_CHECK(cmr_reloader_get_status(self->reloader, &status) == CMR_OK);
    return good && status.role == CMR_ROLE_CONSUMER && status.publisher == self->all->views[0].process;
}

static void all_processes_follow_one_reader(void **state)
{
    struct crew *crew = *state;
    char expected[64], text[16];
    unsigned count = crowd();
    struct workers *workers = crew_begin(crew, count);
    for (unsigned value = 2; value <= 6; value++) {
        snprintf(text, sizeof text, "%u", value);
        crew_write(crew, text);
        snprintf(expected, sizeof expected, "applied %u\nvalue=%u>%u\n", value, value - 1, value);
        assert_true(workers_do(workers, worker_awaits, expected));
        assert_true(worker_does(workers, 0, worker_is_shared, text));
    }
    snprintf(text, sizeof text, "%u", count);
    assert_true(worker_does(workers, 0, lists_members, text));
    for (unsigned i = 1; i < count; i++)
        assert_true(worker_does(workers, i, lists_itself, ""));
}

/* ---- generations that are refused */

static bool open_typed(struct worker *self, const char *argument)
{
    cmr_subscription_options options = CMR_SUBSCRIPTION_OPTIONS_INIT;
    (void)argument;
    options.type = CMR_TYPE_INT64;
    return self->number != TYPED ||
           cmr_subscribe(self->reloader, "value", journal_update, &self->journal, &options, NULL) == CMR_OK;
}

static bool lists_one_that_refused(struct worker *self, const char *argument)
{
    cmr_members *members;
    unsigned refused = 0, others = 0;
    (void)argument;
    WORKER_CHECK(cmr_reloader_list_members(self->reloader, &members) == CMR_OK);
    for (size_t i = 0; i < cmr_members_count(members); i++) {
        const cmr_member *one = cmr_members_get(members, i);
        if (one->pid == self->all->views[TYPED].process)
            refused += one->generation == 1 && one->refused == 2 && strstr(one->message, "int64") != NULL;
        else
            others += one->generation == 2 && one->refused == 0;
    }
    cmr_members_free(members);
    WORKER_CHECK(refused == 1);
    WORKER_CHECK(others == 3);
    return true;
}

static void who_refuses_keeps_its_last_good_and_others_go_on(void **state)
{
    struct crew *crew = *state;
    crew->workers.opening = open_typed;
    struct workers *workers = crew_begin(crew, 4);
    crew_write(crew, "many");
    for (unsigned i = 0; i < 4; i++) {
        if (i != TYPED)
            assert_true(worker_does(workers, i, worker_awaits, "applied 2\nvalue=1>many\n"));
    }
    assert_true(worker_does(workers, TYPED, worker_awaits, "rejected 1 value:1:1 [value]\n"));
    assert_true(worker_does(workers, TYPED, worker_has, "value 1"));
    assert_true(worker_does(workers, 0, worker_is_shared, "2"));
    assert_true(worker_does(workers, 0, lists_one_that_refused, ""));
    crew_write(crew, "3");
    assert_true(worker_does(workers, TYPED, worker_awaits, "applied 3\nvalue=1>3\nvalue=1>3\n"));
    assert_true(worker_does(workers, 2, worker_awaits, "applied 3\nvalue=many>3\n"));
}

static void a_bad_generation_is_told_in_every_process(void **state)
{
    struct crew *crew = *state;
    struct workers *workers = crew_begin(crew, 4);
    crew_write_bad(crew);
    assert_true(workers_do(workers, worker_awaits, "rejected 1 bad.yaml:3:1 []\n"));
    assert_true(workers_do(workers, worker_has, "value 1"));
    crew_write_good(crew, "2");
    assert_true(workers_do(workers, worker_awaits, "value=1>2\n"));
}

/* However often each of them was told of one before. */
static void a_bad_generation_is_told_whoever_publishes(void **state)
{
    struct crew *crew = *state;
    crew->workers.opening = open_typed;
    struct workers *workers = crew_begin(crew, 2);
    crew_write(crew, "many");
    assert_true(worker_does(workers, TYPED, worker_awaits, "rejected 1 value:1:1 [value]\n"));
    crew_write_bad(crew);
    assert_true(worker_does(workers, TYPED, worker_awaits, "rejected 1 bad.yaml:3:1 []\n"));
    crew_write_good(crew, "2");
    assert_true(workers_do(workers, worker_awaits, ">2\n"));
    worker_begin(workers, 2);
    kill(workers->each[TYPED].process, SIGSTOP);
    worker_kill(workers, 0);
    crew_write(crew, "3");
    assert_true(worker_does(workers, 2, worker_awaits, "value=2>3\n"));
    assert_int_equal(2, workers_publisher(workers));
    kill(workers->each[TYPED].process, SIGCONT);
    assert_true(worker_does(workers, TYPED, worker_awaits, "value=2>3\n"));
    fake_kubelet_write(&crew->kubelet, "bad.yaml", "a: 1\nb: [d\n");
    assert_true(workers_do(workers, worker_awaits, "bad.yaml:3:1 []\n"));
    worker_begin(workers, 3);
    assert_true(worker_does(workers, 3, worker_awaits, "bad.yaml:3:1 []\n"));
}

/* ---- what a consumer can do */

static void a_hold_is_one_processs_own(void **state)
{
    struct crew *crew = *state;
    struct workers *workers = crew_begin(crew, 3);
    assert_true(worker_does(workers, 1, worker_holds, ""));
    crew_write(crew, "2");
    assert_true(worker_does(workers, 0, worker_awaits, "value=1>2\n"));
    assert_true(worker_does(workers, 2, worker_awaits, "value=1>2\n"));
    crew_write(crew, "3");
    assert_true(worker_does(workers, 2, worker_awaits, "value=2>3\n"));
    assert_true(worker_does(workers, 1, worker_has, "value 1"));
    assert_true(worker_does(workers, 1, worker_releases, ""));
    assert_true(worker_does(workers, 1, worker_is_at, "3")); /* maybe by way of 2 */
    assert_true(worker_does(workers, 1, worker_has, "value 3"));
}

static void a_consumer_has_the_publisher_look(void **state)
{
    struct crew *crew = *state;
    is_deaf = true;
    struct workers *workers = crew_begin(crew, 3);
    is_deaf = false;
    crew_write(crew, "2");
    assert_true(worker_does(workers, 2, worker_checks, ""));
    assert_true(workers_do(workers, worker_awaits, "value=1>2\n"));
}

static bool counts(struct worker *self, const char *argument)
{
    cmr_reloader_status status = CMR_RELOADER_STATUS_INIT;
    char found[32];
    WORKER_CHECK(cmr_reloader_get_status(self->reloader, &status) == CMR_OK);
    snprintf(found, sizeof found, "%d %d", (int)status.reloads_applied, (int)status.reloads_rejected);
    return strcmp(found, argument) == 0;
}

static void each_counts_what_it_has_published_and_was_told(void **state)
{
    struct crew *crew = *state;
    struct workers *workers = crew_begin(crew, 2);
    crew_write(crew, "2");
    assert_true(workers_do(workers, worker_awaits, "value=1>2\n"));
    worker_begin(workers, 2);
    crew_write_bad(crew);
    assert_true(workers_do(workers, worker_awaits, "bad.yaml:3:1 []\n"));
    assert_true(worker_does(workers, 0, counts, "2 1"));
    assert_true(worker_does(workers, 1, counts, "2 1"));
    assert_true(worker_does(workers, 2, counts, "1 1"));
}

static cmr_status count_asked(void *user, cmr_snapshot *candidate, cmr_veto *veto)
{
    struct worker *self = user;
    (void)candidate, (void)veto;
    self->all->views[self->number].child++;
    return CMR_OK;
}

static bool open_validating(struct worker *self, const char *argument)
{
    cmr_validator_options options = CMR_VALIDATOR_OPTIONS_INIT;
    (void)argument;
    options.name = "counting";
    options.prepare = count_asked;
    return cmr_validate(self->reloader, &options, self, NULL) == CMR_OK;
}

static void validators_are_asked_in_the_publisher_alone(void **state)
{
    struct crew *crew = *state;
    crew->workers.opening = open_validating;
    struct workers *workers = crew_begin(crew, 2);
    crew_write(crew, "2");
    assert_true(workers_do(workers, worker_awaits, "value=1>2\n"));
    assert_int_equal(2, workers->views[0].child);
    assert_int_equal(0, workers->views[1].child);
}

/* ---- what is refused */

static void secrets_are_not_shared(void **state)
{
    struct crew *crew = *state;
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    cmr_options options = CMR_OPTIONS_INIT;
    cmr_reloader *reloader;
    mount.secret = true;
    options.mount = &mount;
    assert_int_equal(CMR_OK, cmr_open(crew->kubelet.dir, &options, &reloader));
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, cmr_reloader_join(reloader, crew->workers.share));
    cmr_reloader_free(reloader);
    assert_int_equal(CMR_OK, cmr_open(crew->kubelet.dir, NULL, &reloader));
    assert_int_equal(CMR_OK, cmr_reloader_join(reloader, crew->workers.share));
    mount.name = "secret";
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, cmr_reloader_add_mount(reloader, crew->other.dir, &mount));
    cmr_reloader_free(reloader);
}

static void a_share_is_left_to_no_program(void **state)
{
    bool there[MOST_DESCRIPTORS];
    unsigned opened = 0, left = 0;
    cmr_share *share;
    (void)state;
    for (int i = 0; i < MOST_DESCRIPTORS; i++)
        there[i] = fcntl(i, F_GETFD) >= 0;
    assert_int_equal(CMR_OK, cmr_share_new(&share));
    for (int i = 0; i < MOST_DESCRIPTORS; i++) {
        int flags = there[i] ? -1 : fcntl(i, F_GETFD);
        opened += flags >= 0;
        assert_true(flags < 0 || (flags & FD_CLOEXEC));
    }
    assert_int_equal(5, opened);
    cmr_share_free(share);
    for (int i = 0; i < MOST_DESCRIPTORS; i++)
        left += !there[i] && fcntl(i, F_GETFD) >= 0;
    assert_int_equal(0, left);
}

static void a_process_may_have_several_shares(void **state)
{
    struct crew *crew = *state;
    cmr_reloader *one, *two;
    cmr_share *other;
    assert_int_equal(CMR_OK, cmr_share_new(&other));
    assert_int_equal(CMR_OK, cmr_open(crew->kubelet.dir, NULL, &one));
    assert_int_equal(CMR_OK, cmr_open(crew->kubelet.dir, NULL, &two));
    assert_int_equal(CMR_OK, cmr_reloader_join(one, crew->workers.share));
    assert_int_equal(CMR_OK, cmr_reloader_join(two, other));
    assert_int_equal(CMR_OK, cmr_reloader_load(one, 0));
    assert_int_equal(CMR_OK, cmr_reloader_load(two, 0));
    cmr_reloader_free(one);
    cmr_reloader_free(two);
    cmr_share_free(other);
}

static void joining_has_its_time(void **state)
{
    struct crew *crew = *state;
    cmr_share *share = crew->workers.share;
    cmr_reloader *one, *two;
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, cmr_share_new(NULL));
    assert_int_equal(CMR_OK, cmr_open(crew->kubelet.dir, NULL, &one));
    assert_int_equal(CMR_OK, cmr_open(crew->kubelet.dir, NULL, &two));
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, cmr_reloader_join(one, NULL));
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, cmr_reloader_join(NULL, share));
    assert_int_equal(CMR_OK, cmr_reloader_join(one, share));
    assert_int_equal(CMR_ERR_BUSY, cmr_reloader_join(two, share));
    assert_int_equal(CMR_OK, cmr_reloader_load(two, 0));
    cmr_reloader_free(one);
    assert_int_equal(CMR_ERR_BUSY, cmr_reloader_join(two, share)); /* it has loaded */
    cmr_reloader_free(two);
    cmr_share_free(NULL);
    assert_int_equal(CMR_OK, cmr_open(crew->kubelet.dir, NULL, &one));
    assert_int_equal(CMR_OK, cmr_reloader_join(one, share)); /* the former one is gone */
    assert_int_equal(CMR_OK, cmr_reloader_load(one, 0));
    cmr_reloader_free(one);
}

static bool open_other_mounts(struct worker *self, const char *argument)
{
    struct crew *crew = (struct crew *)(void *)((char *)self->all - offsetof(struct crew, workers));
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    mount.name = "other";
    (void)argument;
    return self->number != 1 || cmr_reloader_add_mount(self->reloader, crew->other.dir, &mount) == CMR_OK;
}

static bool is_refused(struct worker *self, const char *argument)
{
    (void)argument;
    WORKER_CHECK(cmr_reloader_load(self->reloader, 60000) == CMR_ERR_REJECTED);
    return worker_told(self, "rejected 0 :0:0 []\n");
}

static void all_must_have_the_same_mounts(void **state)
{
    struct crew *crew = *state;
    fake_kubelet_write(&crew->other, "more", "1");
    crew->workers.opening = open_other_mounts;
    worker_begin(&crew->workers, 0);
    worker_start(&crew->workers, 1);
    assert_true(worker_does(&crew->workers, 1, is_refused, ""));
    crew_write(crew, "2");
    assert_true(worker_does(&crew->workers, 0, worker_awaits, "value=1>2\n"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, crew_set_up, crew_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_processes_follow_one_reader),
        TEST(who_refuses_keeps_its_last_good_and_others_go_on),
        TEST(a_bad_generation_is_told_in_every_process),
        TEST(a_bad_generation_is_told_whoever_publishes),
        TEST(a_hold_is_one_processs_own),
        TEST(a_consumer_has_the_publisher_look),
        TEST(each_counts_what_it_has_published_and_was_told),
        TEST(validators_are_asked_in_the_publisher_alone),
        TEST(secrets_are_not_shared),
        TEST(a_share_is_left_to_no_program),
        TEST(a_process_may_have_several_shares),
        TEST(joining_has_its_time),
        TEST(all_must_have_the_same_mounts),
    };
    cmocka_set_test_filter(getenv("CMRELOAD_TEST"));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
