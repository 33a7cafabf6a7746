/* SPDX-License-Identifier: MIT
 *
 * What a follower of kubelet volumes must meet when it watches: requirements 1, 3, 4, 14 to 16, 18, 20
 * and 21. The table in docs/reliability.md has them all. Here it is noted what is watched and how events
 * are read, and a watch can be put where nothing ever happens, as on a file system that reports nothing.
 *
 * CMRELOAD_TEST in the environment, a glob, runs only the tests of that name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/follower.h"

static struct {
    int descriptor;           /* inotify's */
    unsigned watches, others; /* added on the directory, and on anything else */
    uint32_t mask;
    ino_t directory;
    const char *deaf; /* what is watched instead; NULL: what is asked for */
    unsigned long reads;
    size_t smallest; /* buffer that was read into */
} seen;

int __real_inotify_add_watch(int descriptor, const char *path, uint32_t mask);
ssize_t __real_read(int descriptor, void *ret_data, size_t size);
int __wrap_inotify_add_watch(int descriptor, const char *path, uint32_t mask);
ssize_t __wrap_read(int descriptor, void *ret_data, size_t size);

int __wrap_inotify_add_watch(int descriptor, const char *path, uint32_t mask)
{
    struct stat status;
    seen.descriptor = descriptor;
    seen.mask = mask;
    if (stat(path, &status) == 0 && status.st_ino == seen.directory)
        seen.watches++;
    else
        seen.others++;
    return __real_inotify_add_watch(descriptor, seen.deaf ? seen.deaf : path, mask);
}

ssize_t __wrap_read(int descriptor, void *ret_data, size_t size)
{
    if (descriptor == seen.descriptor) {
        seen.reads++;
        seen.smallest = size < seen.smallest ? size : seen.smallest;
    }
    return __real_read(descriptor, ret_data, size);
}

/* From here on. */
static void note_watches_of(const char *directory)
{
    struct stat status = { 0 };
    assert_int_equal(0, stat(directory, &status));
    memset(&seen, 0, sizeof seen);
    seen.descriptor = -1;
    seen.smallest = SIZE_MAX;
    seen.directory = status.st_ino;
}

static void write_number(struct fake_kubelet *kubelet, int number)
{
    char text[16];
    snprintf(text, sizeof text, "%d", number);
    fake_kubelet_write(kubelet, "value", text);
}

static void has_number(struct follower *follower, const char *key, int number)
{
    char text[16];
    snprintf(text, sizeof text, "%d", number);
    follower_has(follower, key, text);
}

static const char *path_in(const struct follower *follower, const char *name)
{
    static char path[2][PATH_MAX];
    static unsigned next;
    char *place = path[next++ % 2];
    snprintf(place, PATH_MAX, "%s/%s", follower->kubelet.dir, name);
    return place;
}

static void put(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(0, fclose(file));
}

static bool is_quiet(struct follower *follower)
{
    return cmr_reloader_wait(follower->reloader, 0) == CMR_ERR_TIMEOUT;
}

/* ---- the tests */

/* The directory is watched, as a watch on ..data or on a key's file would die at the first swap. */
static void req01_a_thousand_updates_are_seen_by_one_watch(void **state)
{
    struct follower *follower = *state;
    write_number(&follower->kubelet, 0);
    note_watches_of(follower->kubelet.dir);
    follower_load(follower);
    for (int i = 1; i <= 1000; i++) {
        write_number(&follower->kubelet, i);
        follower_dispatch(follower);
        has_number(follower, "value", i);
        journal_take(&follower->journal);
    }
    assert_int_equal(1, seen.watches);
    assert_int_equal(0, seen.others);
    assert_true(seen.mask & IN_ONLYDIR);
}

/* An event says that something may have changed; the link says whether it has. */
static void req03_events_that_change_nothing_reload_nothing(void **state)
{
    struct follower *follower = *state;
    write_number(&follower->kubelet, 1);
    follower_load(follower);
    for (int i = 0; i < 100; i++) { /* fsGroup, and kubelets that were killed */
        char orphan[40];
        assert_int_equal(0, chmod(path_in(follower, "value"), i % 2 ? 0644 : 0640));
        assert_int_equal(0, chmod(path_in(follower, "..data"), i % 2 ? 0755 : 0750));
        snprintf(orphan, sizeof orphan, "..2026_01_02_03_04_05.%d", i);
        assert_int_equal(0, mkdir(path_in(follower, orphan), 0755));
        follower_hears(follower, "");
    }
    assert_int_equal(1, follower_status(follower).reloads_applied);
}

/* An inode number is used again at once, and times may be anything: only the link's text is an identity. */
static void req04_a_generation_is_what_the_link_says(void **state)
{
    struct follower *follower = *state;
    char old[NAME_MAX + 1] = "";
    struct stat before, after;
    write_number(&follower->kubelet, 1);
    follower_load(follower);
    assert_true(readlink(path_in(follower, "..data"), old, sizeof old - 1) > 0);
    assert_int_equal(0, stat(path_in(follower, old), &before));
    assert_int_equal(0, rename(path_in(follower, old), path_in(follower, "..next")));
    put(path_in(follower, "..next/value"), "2");
    fake_kubelet_link(&follower->kubelet, "..next");
    assert_int_equal(0, stat(path_in(follower, "..data"), &after));
    assert_true(before.st_ino == after.st_ino && before.st_mtime == after.st_mtime);
    follower_hears(follower, "applied 2\nvalue=1>2\n");

    assert_int_equal(0, rename(path_in(follower, "..next"), path_in(follower, "..gone")));
    assert_int_equal(0, mkdir(path_in(follower, "..next"), 0755)); /* another inode, of the same name */
    put(path_in(follower, "..next/value"), "2");
    follower_hears(follower, "");
}

/* Removed, or moved away: the one that comes to the path then is watched like the first. */
static void req14_a_volume_that_goes_and_comes_is_watched_again(void **state)
{
    struct follower *follower = *state;
    char away[160];
    write_number(&follower->kubelet, 0);
    follower_load(follower);
    for (int i = 1; i <= 6; i++) {
        snprintf(away, sizeof away, "%s.%d", follower->kubelet.dir, i);
        if (i % 2)
            fake_kubelet_remove_volume(&follower->kubelet);
        else
            assert_int_equal(0, rename(follower->kubelet.dir, away));
        follower_hears(follower, "state config dead\n");
        has_number(follower, "value", i > 1 ? 10 * i - 9 : 0);
        write_number(&follower->kubelet, 10 * i);
        assert_true(journal_wait(&follower->journal, follower->reloader, "applied"));
        has_number(follower, "value", 10 * i);
        write_number(&follower->kubelet, 10 * i + 1); /* and this is an event again */
        follower_dispatch(follower);
        has_number(follower, "value", 10 * i + 1);
        journal_take(&follower->journal);
    }
}

/* A storm in one volume drops the events of another; so all are looked at then. */
static void req15_an_overflow_of_one_volume_hides_no_other(void **state)
{
    struct follower *follower = *state;
    cmr_mount_options options = follower->mount;
    options.name = "other";
    write_number(&follower->kubelet, 1);
    write_number(&follower->other, 1);
    follower_open(follower, follower->kubelet.dir);
    assert_int_equal(CMR_OK, cmr_reloader_add_mount(follower->reloader, follower->other.dir, &options));
    assert_int_equal(CMR_OK, cmr_reloader_load(follower->reloader, 0));
    journal_take(&follower->journal);
    for (int i = 0; i < 8500; i++) { /* two events each, and room for 16,384 */
        assert_int_equal(0, mkdir(path_in(follower, "..storm"), 0755));
        assert_int_equal(0, rmdir(path_in(follower, "..storm")));
    }
    write_number(&follower->other, 2);
    follower_awaits(follower, "applied 2\nvalue=1>2\n");
    has_number(follower, "other:value", 2);
}

/* FUSE, NFS, gVisor: a watch is granted, and nothing ever comes. */
static void req16_without_any_event_the_safety_check_sees_it(void **state)
{
    struct follower *follower = *state;
    write_number(&follower->kubelet, 1);
    note_watches_of(follower->kubelet.dir);
    seen.deaf = follower->other.root;
    follower->mount.check_interval_ms = 20;
    follower_load(follower);
    write_number(&follower->kubelet, 2);
    follower_awaits(follower, "applied 2\nvalue=1>2\n");
    seen.deaf = NULL;
}

/* How long until the process's only timer descriptor fires; 0: it is not set. */
static double timer_seconds(void)
{
    char path[64], target[64], line[128];
    double left = 0;
    for (int i = 0; i < 1024; i++) {
        snprintf(path, sizeof path, "/proc/self/fd/%d", i);
        ssize_t length = readlink(path, target, sizeof target - 1);
        target[length > 0 ? length : 0] = '\0';
        if (strcmp(target, "anon_inode:[timerfd]") != 0)
            continue;
        snprintf(path, sizeof path, "/proc/self/fdinfo/%d", i);
        FILE *info = fopen(path, "re");
        long seconds, rest;
        while (info && fgets(line, sizeof line, info))
            if (sscanf(line, "it_value: (%ld, %ld)", &seconds, &rest) == 2)
                left = (double)seconds + (double)rest / 1e9;
        if (info)
            fclose(info);
    }
    return left;
}

static void req16_the_safety_check_is_on_unless_told_otherwise(void **state)
{
    struct follower *follower = *state;
    write_number(&follower->kubelet, 1);
    follower->mount.check_interval_ms = 0;
    follower_load(follower);
    assert_true(timer_seconds() > 0 && timer_seconds() <= 60);
    follower_end(follower);
    follower->mount.check_interval_ms = -1;
    follower_load(follower);
    assert_true(timer_seconds() == 0);
}

static unsigned inotify_instances(void)
{
    char path[64], target[64];
    unsigned count = 0;
    for (int i = 0; i < 1024; i++) {
        snprintf(path, sizeof path, "/proc/self/fd/%d", i);
        ssize_t length = readlink(path, target, sizeof target - 1);
        target[length > 0 ? length : 0] = '\0';
        count += strcmp(target, "anon_inode:inotify") == 0;
    }
    return count;
}

/* One directory by two paths is one watch to the kernel; who leaves it must not take it from the other. */
static void req18_mounts_share_one_instance_and_its_watches(void **state)
{
    struct follower *follower = *state;
    cmr_mount_options options = follower->mount;
    char alias[160];
    snprintf(alias, sizeof alias, "%s/alias", follower->kubelet.root);
    write_number(&follower->kubelet, 1);
    write_number(&follower->other, 10);
    assert_int_equal(0, symlink(follower->kubelet.dir, alias));
    follower_open(follower, alias);
    options.name = "same";
    assert_int_equal(CMR_OK, cmr_reloader_add_mount(follower->reloader, follower->kubelet.dir, &options));
    options.name = "third";
    assert_int_equal(CMR_OK, cmr_reloader_add_mount(follower->reloader, follower->other.dir, &options));
    assert_int_equal(CMR_OK, cmr_reloader_load(follower->reloader, 0));
    assert_int_equal(1, inotify_instances());

    assert_int_equal(0, unlink(alias));
    assert_int_equal(0, symlink(follower->other.dir, alias));
    cmr_reloader_check_now(follower->reloader);
    follower_dispatch(follower);
    has_number(follower, "value", 10);
    for (int i = 2; i < 5; i++) {
        write_number(&follower->kubelet, i);
        write_number(&follower->other, 10 * i);
        follower_dispatch(follower);
        has_number(follower, "same:value", i);
        has_number(follower, "third:value", 10 * i);
        has_number(follower, "value", 10 * i);
    }
    assert_int_equal(0, unlink(alias));
}

/* Events with the longest names, many a read, and none is left when a dispatch returns. */
static void req20_events_of_any_length_are_drained_many_a_read(void **state)
{
    enum {
        EVENTS = 600
    };
    struct follower *follower = *state;
    char name[NAME_MAX + 1];
    int left = -1;
    write_number(&follower->kubelet, 1);
    note_watches_of(follower->kubelet.dir);
    follower_load(follower);
    for (int i = 0; i < EVENTS / 2; i++) {
        snprintf(name, sizeof name, "..%0*d", NAME_MAX - 2, i);
        assert_int_equal(0, mkdir(path_in(follower, name), 0755));
        assert_int_equal(0, rmdir(path_in(follower, name)));
    }
    write_number(&follower->kubelet, 2);
    seen.reads = 0;
    follower_hears(follower, "applied 2\nvalue=1>2\n");
    assert_true(seen.smallest >= sizeof(struct inotify_event) + NAME_MAX + 1);
    assert_in_range(seen.reads, 1, EVENTS / 10);
    assert_int_equal(0, ioctl(seen.descriptor, FIONREAD, &left));
    assert_int_equal(0, left);
}

/* Nothing that reading causes, nor the changes of mode that fsGroup brings, ever wakes. */
static void req21_reading_and_modes_do_not_wake(void **state)
{
    const uint32_t wanted = IN_MOVED_TO | IN_CREATE | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF;
    struct follower *follower = *state;
    cmr_snapshot *snapshot;
    write_number(&follower->kubelet, 1);
    note_watches_of(follower->kubelet.dir);
    follower_load(follower);
    assert_int_equal(wanted, seen.mask & wanted);
    assert_int_equal(0, seen.mask & (IN_OPEN | IN_ACCESS | IN_CLOSE_NOWRITE | IN_ATTRIB));
    follower_dispatch(follower);
    assert_true(is_quiet(follower));
    assert_int_equal(CMR_OK, cmr_snapshot_read(follower->kubelet.dir, NULL, NULL, &snapshot));
    cmr_snapshot_unref(snapshot);
    assert_int_equal(0, chmod(follower->kubelet.dir, 0750));
    assert_int_equal(0, chmod(path_in(follower, "value"), 0640));
    assert_true(is_quiet(follower));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, follower_set_up, follower_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(req01_a_thousand_updates_are_seen_by_one_watch),
        TEST(req03_events_that_change_nothing_reload_nothing),
        TEST(req04_a_generation_is_what_the_link_says),
        TEST(req14_a_volume_that_goes_and_comes_is_watched_again),
        TEST(req15_an_overflow_of_one_volume_hides_no_other),
        TEST(req16_without_any_event_the_safety_check_sees_it),
        TEST(req16_the_safety_check_is_on_unless_told_otherwise),
        TEST(req18_mounts_share_one_instance_and_its_watches),
        TEST(req20_events_of_any_length_are_drained_many_a_read),
        TEST(req21_reading_and_modes_do_not_wake),
    };
    cmocka_set_test_filter(getenv("CMRELOAD_TEST"));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
