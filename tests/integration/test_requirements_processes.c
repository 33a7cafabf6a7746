/* SPDX-License-Identifier: MIT
 *
 * What a follower of kubelet volumes must meet as a part of somebody's process: requirements 19, 29 and 30.
 * The table in docs/reliability.md has them all. Here every descriptor is looked at before it is closed, and
 * every way of opening one.
 *
 * CMRELOAD_TEST in the environment, a glob, runs only the tests of that name; CMRELOAD_CYCLES says how often
 * a reloader comes and goes: 10000 for the long form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/follower.h"

#define MOST_DESCRIPTORS 256

static atomic_bool looking;
static atomic_uint inherited; /* descriptors that a child program would have had */
static atomic_uint writes;    /* files opened for writing, and locks */

static void look_at(int descriptor)
{
    int flags = looking ? fcntl(descriptor, F_GETFD) : -1;
    if (flags >= 0 && !(flags & FD_CLOEXEC))
        inherited++;
}

static void look_at_flags(int flags)
{
    if (looking && ((flags & O_ACCMODE) != O_RDONLY || flags & (O_CREAT | O_TRUNC)))
        writes++;
}

int __real_open(const char *path, int flags, ...);
int __real_openat(int directory, const char *path, int flags, ...);
int __real_close(int descriptor);
int __real_closedir(DIR *stream);
int __real_flock(int descriptor, int operation);
int __wrap_open(const char *path, int flags, ...);
int __wrap_openat(int directory, const char *path, int flags, ...);
int __wrap_close(int descriptor);
int __wrap_closedir(DIR *stream);
int __wrap_flock(int descriptor, int operation);

int __wrap_open(const char *path, int flags, ...)
{
    look_at_flags(flags);
    return __real_open(path, flags, 0644);
}

int __wrap_openat(int directory, const char *path, int flags, ...)
{
    look_at_flags(flags);
    return __real_openat(directory, path, flags, 0644);
}

int __wrap_close(int descriptor)
{
    look_at(descriptor);
    return __real_close(descriptor);
}

int __wrap_closedir(DIR *stream)
{
    look_at(dirfd(stream));
    return __real_closedir(stream);
}

int __wrap_flock(int descriptor, int operation)
{
    writes += looking;
    return __real_flock(descriptor, operation);
}

/* ---- what the process has */

static unsigned descriptors(void)
{
    unsigned count = 0;
    for (int i = 0; i < MOST_DESCRIPTORS; i++)
        count += fcntl(i, F_GETFD) >= 0;
    return count;
}

static unsigned threads(void)
{
    struct stat status = { 0 };
    assert_int_equal(0, stat("/proc/self/task", &status));
    return (unsigned)status.st_nlink - 2;
}

/* ---- the tests */

/* Whatever is opened, for a moment or for good, closes itself in a program that the application starts. */
static void req19_every_descriptor_is_close_on_exec(void **state)
{
    struct follower *follower = *state;
    cmr_mount_options plain = follower->mount;
    cmr_options options = CMR_OPTIONS_INIT;
    char folder[160];
    bool before[MOST_DESCRIPTORS];
    snprintf(folder, sizeof folder, "%s/folder", follower->other.root);
    assert_int_equal(0, mkdir(folder, 0755));
    fake_kubelet_set(&follower->kubelet, "folder/value", "1");
    fake_kubelet_write(&follower->kubelet, "a.yaml", "1");
    fake_kubelet_set(&follower->other, "value", "1");
    for (int i = 0; i < MOST_DESCRIPTORS; i++)
        before[i] = fcntl(i, F_GETFD) >= 0;
    looking = true;
    options.background = true;
    plain.name = "plain";
    plain.kind = CMR_KIND_DIRECTORY;
    plain.settle_ms = -1;
    assert_int_equal(CMR_OK, cmr_open(follower->kubelet.dir, &options, &follower->reloader));
    assert_int_equal(CMR_OK, cmr_reloader_add_mount(follower->reloader, follower->other.root, &plain));
    assert_int_equal(CMR_OK, cmr_observe(follower->reloader, journal_event, &follower->journal, NULL, NULL));
    assert_int_equal(CMR_OK, cmr_reloader_load(follower->reloader, 0));
    looking = false;
    fake_kubelet_write(&follower->kubelet, "a.yaml", "2");
    looking = true;
    assert_true(journal_wait(&follower->journal, follower->reloader, "applied 2\n"));
    for (int i = 0; i < MOST_DESCRIPTORS; i++)
        if (!before[i])
            look_at(i);
    cmr_reloader_free(follower->reloader);
    follower->reloader = NULL;
    looking = false;
    assert_int_equal(0, inherited);
}

/* ---- ending */

struct ending {
    struct follower *follower;
    cmr_subscription *own, *next;
    sem_t entered;
    atomic_bool left, stop;
    atomic_uint calls;
};

static void leave_late(void *user, const cmr_update *update)
{
    struct ending *ending = user;
    (void)update;
    ending->calls++;
    sem_post(&ending->entered);
    usleep(200000); /* longer than an unsubscribe that does not wait */
    ending->left = true;
}

static void *dispatch_once(void *user)
{
    struct ending *ending = user;
    (void)cmr_reloader_dispatch(ending->follower->reloader);
    return NULL;
}

/* Another thread's unsubscribe is back when the callback is, and no call comes afterwards. */
static void req29_no_callback_runs_after_unsubscribe(void **state)
{
    struct follower *follower = *state;
    static struct ending ending;
    pthread_t dispatcher;
    ending.follower = follower;
    assert_int_equal(0, sem_init(&ending.entered, 0, 0));
    fake_kubelet_write(&follower->kubelet, "value", "1");
    follower_load(follower);
    assert_int_equal(CMR_OK,
                     cmr_subscribe(follower->reloader, "value", leave_late, &ending, NULL, &ending.own));
    fake_kubelet_write(&follower->kubelet, "value", "2");
    assert_int_equal(0, pthread_create(&dispatcher, NULL, dispatch_once, &ending));
    while (sem_wait(&ending.entered) != 0)
        continue;
    cmr_unsubscribe(ending.own);
    bool left = ending.left;
    assert_int_equal(0, pthread_join(dispatcher, NULL));
    assert_true(left);
    fake_kubelet_write(&follower->kubelet, "value", "3");
    follower_dispatch(follower);
    assert_int_equal(1, ending.calls);
    sem_destroy(&ending.entered);
}

static void end_both(void *user, const cmr_update *update)
{
    struct ending *ending = user;
    (void)update;
    ending->calls++;
    cmr_unsubscribe(ending->own);
    cmr_unsubscribe(ending->next);
}

static void free_reloader(void *user, const cmr_update *update)
{
    struct ending *ending = user;
    (void)update;
    ending->calls++;
    cmr_reloader_free(ending->follower->reloader);
}

/* A callback may end itself, those that would come after it, and all of it. */
static void req29_callbacks_may_end_anything(void **state)
{
    struct follower *follower = *state;
    struct ending ending = { .follower = follower };
    fake_kubelet_write(&follower->kubelet, "value", "1");
    follower_load(follower);
    cmr_subscribe(follower->reloader, "value", end_both, &ending, NULL, &ending.own);
    cmr_subscribe(follower->reloader, "value", end_both, &ending, NULL, &ending.next);
    fake_kubelet_write(&follower->kubelet, "value", "2");
    follower_dispatch(follower);
    fake_kubelet_write(&follower->kubelet, "value", "3");
    follower_dispatch(follower);
    assert_int_equal(1, ending.calls);

    cmr_subscribe(follower->reloader, "value", free_reloader, &ending, NULL, NULL);
    cmr_subscribe(follower->reloader, "value", free_reloader, &ending, NULL, NULL);
    fake_kubelet_write(&follower->kubelet, "value", "4");
    assert_int_equal(CMR_ERR_CLOSED, cmr_reloader_dispatch(follower->reloader));
    follower->reloader = NULL;
    assert_int_equal(2, ending.calls);
}

/* ---- coming and going */

static void *write_on(void *user)
{
    struct ending *ending = user;
    char text[16];
    for (unsigned i = 1; !ending->stop; i++) {
        snprintf(text, sizeof text, "%u", i);
        fake_kubelet_write(&ending->follower->kubelet, "value", text);
    }
    return NULL;
}

static void nothing(void *user, const cmr_update *update)
{
    (void)user, (void)update;
}

static void come_and_go(struct follower *follower, unsigned long turn)
{
    cmr_options options = CMR_OPTIONS_INIT;
    cmr_reloader *reloader;
    cmr_subscription *subscription;
    options.background = turn % 4 == 0;
    assert_int_equal(CMR_OK, cmr_open(follower->kubelet.dir, &options, &reloader));
    assert_int_equal(CMR_OK, cmr_subscribe(reloader, "**", nothing, NULL, NULL, &subscription));
    assert_int_equal(CMR_OK, cmr_reloader_load(reloader, 30000));
    if (turn % 8 == 1)
        assert_int_equal(CMR_OK, cmr_reloader_start(reloader));
    else
        assert_int_equal(CMR_OK, cmr_reloader_dispatch(reloader));
    if (turn % 2)
        cmr_unsubscribe(subscription);
    cmr_reloader_free(reloader);
}

/* Under updates that never rest. What is left behind in memory is for the leak checkers to say. */
static void req29_reloaders_come_and_go_and_leave_nothing(void **state)
{
    struct follower *follower = *state;
    struct ending ending = { .follower = follower };
    const char *asked = getenv("CMRELOAD_CYCLES");
    unsigned long cycles = asked ? strtoul(asked, NULL, 10) : 300;
    pthread_t writer;
    fake_kubelet_write(&follower->kubelet, "value", "0");
    assert_int_equal(0, pthread_create(&writer, NULL, write_on, &ending));
    come_and_go(follower, 0);
    unsigned descriptors_before = 0, descriptors_after = 0, threads_before = threads();
    for (unsigned long i = 1; i <= cycles; i++)
        come_and_go(follower, i);
    unsigned threads_after = threads();
    ending.stop = true;
    assert_int_equal(0, pthread_join(writer, NULL));
    descriptors_before = descriptors();
    for (unsigned long i = 0; i < 8; i++)
        come_and_go(follower, i);
    descriptors_after = descriptors();
    assert_int_equal(descriptors_before, descriptors_after);
    assert_true(descriptors_after < 32); /* and not one for each cycle */
    assert_true(threads_after <= threads_before + 1);
}

/* ---- an ordinary user */

/* Root becomes one for a while; whoever is one stays so. */
static bool become_ordinary(bool ordinary)
{
    if (getuid() == 0 &&
        (ordinary ? setegid(65534) != 0 || seteuid(65534) != 0 : seteuid(0) != 0 || setegid(0) != 0))
        return false;
    return prctl(PR_SET_DUMPABLE, 1) == 0; /* or leaks could not be looked for at the end */
}

static void dispatch_ordinary(struct follower *follower, const char *expected)
{
    assert_true(become_ordinary(true));
    looking = true;
    follower_dispatch(follower);
    looking = false;
    assert_true(become_ordinary(false));
    assert_string_equal(expected, journal_take(&follower->journal));
}

/* Somebody else's volume, which may be read only. It is neither written to nor locked. */
static void req30_an_ordinary_user_follows_and_touches_nothing(void **state)
{
    struct follower *follower = *state;
    struct stat before, after;
    if (!become_ordinary(true) || !become_ordinary(false)) {
        printf("SKIP: root may not become an ordinary user\n");
        return;
    }
    fake_kubelet_write(&follower->kubelet, "value", "1");
    assert_int_equal(0, chmod(follower->kubelet.root, 0755));
    follower_open(follower, follower->kubelet.dir);
    dispatch_ordinary(follower, "ready 1\n");
    fake_kubelet_write(&follower->kubelet, "value", "2");
    assert_int_equal(0, stat(follower->kubelet.dir, &before));
    dispatch_ordinary(follower, "applied 2\nvalue=1>2\n");
    assert_int_equal(0, stat(follower->kubelet.dir, &after));
    assert_memory_equal(&before.st_mtim, &after.st_mtim, sizeof before.st_mtim);
    assert_memory_equal(&before.st_ctim, &after.st_ctim, sizeof before.st_ctim);
    assert_int_equal(CMR_MOUNT_READY, follower_mount_status(follower).state);
    assert_int_equal(0, writes);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, follower_set_up, follower_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(req19_every_descriptor_is_close_on_exec),
        TEST(req29_no_callback_runs_after_unsubscribe),
        TEST(req29_callbacks_may_end_anything),
        TEST(req29_reloaders_come_and_go_and_leave_nothing),
        TEST(req30_an_ordinary_user_follows_and_touches_nothing),
    };
    cmocka_set_test_filter(getenv("CMRELOAD_TEST"));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
