/* SPDX-License-Identifier: MIT
 *
 * What a follower of kubelet volumes must meet when mounts are mounted, torn down and refused their watches:
 * requirements 13, 14, 16, 17, 28 and 30. The table in docs/reliability.md has them all. The program makes a
 * user namespace and a mount namespace of its own, so nothing else on this machine notices.
 *
 * CMRELOAD_TEST in the environment, a glob, runs only the tests of that name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/follower.h"
#include "support/namespaces.h"

/* ---- mounts */

/* Where tests mount things: a folder, and a file, beside the volume. */
static const char *mount_point(const struct follower *follower, const char *name)
{
    static char path[2][160];
    static unsigned next;
    char *place = path[next++ % 2];
    snprintf(place, sizeof path[0], "%s/%s", follower->other.root, name);
    return place;
}

static void bind_mount(const char *source, const char *target, unsigned long more)
{
    assert_true(namespaces_bind(source, target, more));
}

static void mount_tmpfs(const char *target)
{
    assert_int_equal(0, mount("tmpfs", target, "tmpfs", 0, NULL));
}

static void unmount(const char *target)
{
    assert_int_equal(0, umount2(target, MNT_DETACH));
}

static int set_up(void **state)
{
    if (follower_set_up(state) != 0)
        return -1;
    struct follower *follower = *state;
    int file = open(mount_point(follower, "file"), O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
    if (file < 0)
        return -1;
    close(file);
    return mkdir(mount_point(follower, "folder"), 0755);
}

static int tear_down(void **state)
{
    struct follower *follower = *state;
    while (umount2(mount_point(follower, "folder"), MNT_DETACH) == 0 ||
           umount2(mount_point(follower, "file"), MNT_DETACH) == 0 ||
           umount2(follower->kubelet.dir, MNT_DETACH) == 0)
        continue;
    namespaces_lift_limits();
    return follower_tear_down(state);
}

static void open_and_load(struct follower *follower, const char *path)
{
    follower_open(follower, path);
    assert_int_equal(CMR_OK, cmr_reloader_load(follower->reloader, 0));
    assert_string_equal("ready 1\n", journal_take(&follower->journal));
}

/* ---- the tests */

/* The directory under a bind mount is removed, as a pod's volume is: its events tell only of its entries. The
 * one that is made anew in its place never shows through the old mount. */
static void req13_a_volume_torn_down_under_a_bind_mount_is_dead(void **state)
{
    struct follower *follower = *state;
    const char *folder = mount_point(follower, "folder");
    fake_kubelet_write(&follower->kubelet, "value", "1");
    bind_mount(follower->kubelet.dir, folder, 0);
    open_and_load(follower, folder);
    fake_kubelet_remove_volume(&follower->kubelet);
    follower_hears(follower, "state folder dead\n");
    fake_kubelet_write(&follower->kubelet, "value", "2");
    cmr_reloader_check_now(follower->reloader);
    follower_hears(follower, "");
    follower_has(follower, "value", "1");

    unmount(folder);
    bind_mount(follower->kubelet.dir, folder, 0);
    follower_awaits(follower, "state folder ready\napplied 2\nvalue=1>2\n");
    fake_kubelet_write(&follower->kubelet, "value", "3");
    follower_hears(follower, "applied 3\nvalue=2>3\n");
}

/* Even a directory that keeps its entries is dead when it is not at its path any more. */
static void req14_an_unmounted_volume_is_watched_again_when_it_is_back(void **state)
{
    struct follower *follower = *state;
    assert_int_equal(0, mkdir(follower->kubelet.dir, 0755));
    follower->mount.check_interval_ms = 20;
    for (int i = 1; i <= 3; i++) {
        mount_tmpfs(follower->kubelet.dir);
        fake_kubelet_write(&follower->kubelet, "value", i % 2 ? "1" : "0");
        if (i == 1)
            open_and_load(follower, follower->kubelet.dir);
        else
            assert_true(journal_wait(&follower->journal, follower->reloader, "state config ready\n"));
        fake_kubelet_write(&follower->kubelet, "value", "2");
        assert_true(journal_wait(&follower->journal, follower->reloader, ">2\n"));
        journal_take(&follower->journal);
        unmount(follower->kubelet.dir);
        follower_awaits(follower, "state config dead\n");
        follower_has(follower, "value", "2");
    }
}

/* A mount over the directory that is watched makes no event at all. */
static void req16_a_mount_over_the_volume_is_seen_by_the_safety_check(void **state)
{
    struct follower *follower = *state;
    fake_kubelet_write(&follower->kubelet, "value", "1");
    follower->mount.check_interval_ms = 20;
    open_and_load(follower, follower->kubelet.dir);
    mount_tmpfs(follower->kubelet.dir);
    fake_kubelet_write(&follower->kubelet, "value", "2");
    assert_true(journal_wait(&follower->journal, follower->reloader, "value=1>2\n"));
    journal_take(&follower->journal);
    unmount(follower->kubelet.dir); /* what was below shows again */
    follower_awaits(follower, "applied 3\nvalue=2>1\n");
}

/* No instance, or no watch: the volume is polled, the reason is told, and inotify is tried again. */
static void is_polled_within(struct follower *follower, bool (*limit)(const char *), cmr_mount_reason reason)
{
    fake_kubelet_write(&follower->kubelet, "value", "1");
    assert_true(limit("0"));
    follower->mount.check_interval_ms = 20;
    follower_open(follower, follower->kubelet.dir);
    assert_int_equal(CMR_OK, cmr_reloader_load(follower->reloader, 0));
    assert_string_equal("state config polling\nready 1\n", journal_take(&follower->journal));
    assert_int_equal(reason, follower_mount_status(follower).reason);
    fake_kubelet_write(&follower->kubelet, "value", "2");
    follower_awaits(follower, "applied 2\nvalue=1>2\n");
    assert_true(limit("100"));
    follower_awaits(follower, "state config ready\n");
    fake_kubelet_write(&follower->kubelet, "value", "3");
    follower_awaits(follower, "applied 3\nvalue=2>3\n");
}

static void req17_without_an_inotify_instance_it_is_polled(void **state)
{
    is_polled_within(*state, namespaces_limit_instances, CMR_REASON_INOTIFY_INSTANCES);
}

static void req17_without_an_inotify_watch_it_is_polled(void **state)
{
    is_polled_within(*state, namespaces_limit_watches, CMR_REASON_INOTIFY_WATCHES);
}

/* One file of a generation, mounted alone, as a subPath is: it is said that it will never change, and nothing
 * that the kubelet does breaks what was read. */
static void req28_a_subpath_is_called_static(void **state)
{
    struct follower *follower = *state;
    const char *file = mount_point(follower, "file");
    char source[160];
    fake_kubelet_write(&follower->kubelet, "value", "1");
    snprintf(source, sizeof source, "%s/value", follower->kubelet.dir);
    bind_mount(source, file, MS_RDONLY);
    follower_open(follower, file);
    assert_int_equal(CMR_OK, cmr_reloader_load(follower->reloader, 0));
    assert_string_equal("state file static\nready 1\n", journal_take(&follower->journal));
    follower_has(follower, "file", "1");
    fake_kubelet_write(&follower->kubelet, "value", "2");
    fake_kubelet_remove_volume(&follower->kubelet);
    cmr_reloader_check_now(follower->reloader);
    follower_hears(follower, "");
    follower_has(follower, "file", "1");
}

/* As every container has it. What would write to it would fail; and events come through. */
static void req30_a_read_only_bind_mount_is_followed(void **state)
{
    struct follower *follower = *state;
    const char *folder = mount_point(follower, "folder");
    fake_kubelet_write(&follower->kubelet, "value", "1");
    bind_mount(follower->kubelet.dir, folder, MS_RDONLY);
    assert_int_equal(-1, open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    assert_int_equal(EROFS, errno);
    open_and_load(follower, folder);
    for (int i = 2; i < 5; i++) {
        char text[16], expected[64];
        snprintf(text, sizeof text, "%d", i);
        snprintf(expected, sizeof expected, "applied %d\nvalue=%d>%d\n", i, i - 1, i);
        fake_kubelet_write(&follower->kubelet, "value", text);
        follower_hears(follower, expected);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(req13_a_volume_torn_down_under_a_bind_mount_is_dead),
        TEST(req14_an_unmounted_volume_is_watched_again_when_it_is_back),
        TEST(req16_a_mount_over_the_volume_is_seen_by_the_safety_check),
        TEST(req17_without_an_inotify_instance_it_is_polled),
        TEST(req17_without_an_inotify_watch_it_is_polled),
        TEST(req28_a_subpath_is_called_static),
        TEST(req30_a_read_only_bind_mount_is_followed),
    };
    if (!namespaces_enter()) {
        printf("SKIP: no user namespaces\n");
        return 77;
    }
    cmocka_set_test_filter(getenv("CMRELOAD_TEST"));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
