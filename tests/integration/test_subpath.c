/* SPDX-License-Identifier: MIT
 *
 * Mounts that can only be read, or only be polled: what a subPath makes of a volume, and file systems that
 * send no events. Real bind mounts, in a mount namespace of the test's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/fake_kubelet.h"
#include "support/file_system.h"
#include "support/journal.h"

struct fixture {
    struct fake_kubelet kubelet;
    struct journal journal;
    cmr_reloader *reloader;
    char place[160]; /* where the container sees it */
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    if (!fixture)
        return -1;
    file_system_pretend(FILE_SYSTEM_WITH_EVENTS);
    fake_kubelet_open(&fixture->kubelet);
    fake_kubelet_set(&fixture->kubelet, "level", "info");
    fake_kubelet_set(&fixture->kubelet, "dir/level", "warn");
    fake_kubelet_swap(&fixture->kubelet);
    snprintf(fixture->place, sizeof fixture->place, "%s/place", fixture->kubelet.root);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    cmr_reloader_free(fixture->reloader);
    umount2(fixture->place, MNT_DETACH);
    fake_kubelet_close(&fixture->kubelet);
    free(fixture);
    return 0;
}

static void open_and_load(struct fixture *fixture, const char *path, const cmr_mount_options *mount)
{
    cmr_options options = CMR_OPTIONS_INIT;
    options.mount = mount;
    assert_int_equal(CMR_OK, cmr_open(path, &options, &fixture->reloader));
    assert_int_equal(CMR_OK, cmr_observe(fixture->reloader, journal_event, &fixture->journal, NULL, NULL));
    assert_int_equal(CMR_OK,
                     cmr_subscribe(fixture->reloader, "**", journal_update, &fixture->journal, NULL, NULL));
    assert_int_equal(CMR_OK, cmr_reloader_load(fixture->reloader, 0));
}

static cmr_mount_status mount_status(struct fixture *fixture)
{
    cmr_mount_status status = CMR_MOUNT_STATUS_INIT;
    assert_int_equal(CMR_OK, cmr_reloader_get_mount_status(fixture->reloader, NULL, &status));
    return status;
}

/* As kubelet and runtime do it: the link is resolved, and what it leads to is mounted. */
static void bind(struct fixture *fixture, const char *name)
{
    char link[192], real[PATH_MAX];
    snprintf(link, sizeof link, "%s/%s", fixture->kubelet.dir, name);
    assert_non_null(realpath(link, real));
    assert_int_equal(0, mount(real, fixture->place, "none", MS_BIND, ""));
}

static void expect_static(struct fixture *fixture, const char *key, const char *value)
{
    open_and_load(fixture, fixture->place, NULL);
    assert_string_equal("state place static\nready 1\n", journal_take(&fixture->journal));
    assert_int_equal(CMR_REASON_SUBPATH, mount_status(fixture).reason);
    assert_non_null(strstr(mount_status(fixture).message, "without subPath"));
    cmr_snapshot *snapshot = cmr_reloader_ref_snapshot(fixture->reloader);
    assert_string_equal(value, cmr_get_string_or(snapshot, key, "(none)"));
    cmr_snapshot_unref(snapshot);
}

/* The volume moves on, and removes what is mounted there: the last good stays, and nothing is said. */
static void expect_no_change(struct fixture *fixture, const char *key, const char *value)
{
    fake_kubelet_set(&fixture->kubelet, "dir/level", "error");
    fake_kubelet_write(&fixture->kubelet, "level", "debug");
    for (int i = 0; i < 3; i++) {
        cmr_reloader_check_now(fixture->reloader);
        assert_int_equal(CMR_OK, cmr_reloader_dispatch(fixture->reloader));
    }
    assert_string_equal("", journal_take(&fixture->journal));
    cmr_snapshot *snapshot = cmr_reloader_ref_snapshot(fixture->reloader);
    assert_string_equal(value, cmr_get_string_or(snapshot, key, "(none)"));
    cmr_snapshot_unref(snapshot);
}

static void a_file_by_subpath_is_static(void **state)
{
    struct fixture *fixture = *state;
    close(open(fixture->place, O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
    bind(fixture, "level");
    expect_static(fixture, "place", "info");
    assert_int_equal(CMR_KIND_FILE, mount_status(fixture).kind);
    expect_no_change(fixture, "place", "info");
}

/* A container that is restarted finds its subPath as it was, though the volume has moved on. */
static void a_file_by_subpath_is_read_when_its_generation_is_gone(void **state)
{
    struct fixture *fixture = *state;
    close(open(fixture->place, O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
    bind(fixture, "level");
    fake_kubelet_write(&fixture->kubelet, "level", "debug");
    expect_static(fixture, "place", "info");
}

static void a_folder_by_subpath_is_static(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(0, mkdir(fixture->place, 0755));
    bind(fixture, "dir");
    expect_static(fixture, "level", "warn");
    expect_no_change(fixture, "level", "warn");
}

static void a_subpath_that_is_gone_is_told(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(0, mkdir(fixture->place, 0755));
    bind(fixture, "dir");
    expect_static(fixture, "level", "warn");
    assert_int_equal(0, umount2(fixture->place, MNT_DETACH));
    assert_int_equal(0, rmdir(fixture->place));
    cmr_reloader_check_now(fixture->reloader);
    assert_int_equal(CMR_OK, cmr_reloader_dispatch(fixture->reloader));
    assert_string_equal("state place dead\n", journal_take(&fixture->journal));
}

static void a_whole_volume_bind_mounted_is_followed(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(0, mkdir(fixture->place, 0755));
    assert_int_equal(0, mount(fixture->kubelet.dir, fixture->place, "none", MS_BIND, ""));
    open_and_load(fixture, fixture->place, NULL);
    assert_string_equal("ready 1\n", journal_take(&fixture->journal));
    fake_kubelet_write(&fixture->kubelet, "level", "debug");
    assert_true(journal_wait(&fixture->journal, fixture->reloader, "level=info>debug\n"));
}

/* Other bind mounts of a file change in place. */
static void a_file_bind_mounted_from_elsewhere_is_followed(void **state)
{
    struct fixture *fixture = *state;
    cmr_mount_options options = CMR_MOUNT_OPTIONS_INIT;
    char source[192];
    snprintf(source, sizeof source, "%s/source", fixture->kubelet.root);
    FILE *file = fopen(source, "we");
    fputs("info", file);
    fclose(file);
    close(open(fixture->place, O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
    assert_int_equal(0, mount(source, fixture->place, "none", MS_BIND, ""));
    options.check_interval_ms = 50; /* no event comes of a file that is changed at its other name */
    open_and_load(fixture, fixture->place, &options);
    assert_string_equal("ready 1\n", journal_take(&fixture->journal));
    file = fopen(source, "we");
    fputs("debug", file);
    fclose(file);
    assert_true(journal_wait(&fixture->journal, fixture->reloader, "place=info>debug\n"));
}

static void file_systems_without_events_are_polled(void **state)
{
    struct fixture *fixture = *state;
    cmr_mount_options options = CMR_MOUNT_OPTIONS_INIT;
    options.check_interval_ms = 20;
    file_system_pretend(0x65735546);
    open_and_load(fixture, fixture->kubelet.dir, &options);
    assert_string_equal("state config polling\nready 1\n", journal_take(&fixture->journal));
    assert_int_equal(CMR_REASON_FILESYSTEM, mount_status(fixture).reason);
    assert_non_null(strstr(mount_status(fixture).message, "FUSE"));
    fake_kubelet_write(&fixture->kubelet, "level", "debug");
    assert_true(journal_wait(&fixture->journal, fixture->reloader, "level=info>debug\n"));
    assert_null(strstr(fixture->journal.text, "state"));
}

static bool mount_overlay(struct fixture *fixture)
{
    char empty[160], layers[320];
    snprintf(empty, sizeof empty, "%s/empty", fixture->kubelet.root);
    snprintf(layers, sizeof layers, "lowerdir=%s:%s", empty, fixture->kubelet.dir);
    return mkdir(empty, 0755) == 0 && mkdir(fixture->place, 0755) == 0 &&
           mount("overlay", fixture->place, "overlay", MS_RDONLY, layers) == 0;
}

/* The volume is swapped at its own place, which the overlay does not hear of. What it has looked up it would
 * keep until memory is short; a remount makes it forget. */
static void the_lower_layer_of_an_overlay_is_polled(void **state)
{
    struct fixture *fixture = *state;
    cmr_mount_options options = CMR_MOUNT_OPTIONS_INIT;
    options.check_interval_ms = 20;
    file_system_pretend(FILE_SYSTEM_AS_IT_IS);
    if (!mount_overlay(fixture)) {
        printf("SKIP: no overlay to be had: %s\n", strerror(errno));
        skip();
    }
    open_and_load(fixture, fixture->place, &options);
    assert_string_equal("state place polling\nready 1\n", journal_take(&fixture->journal));
    assert_int_equal(CMR_REASON_FILESYSTEM, mount_status(fixture).reason);
    assert_non_null(strstr(mount_status(fixture).message, "overlay"));
    fake_kubelet_write(&fixture->kubelet, "level", "debug");
    assert_int_equal(0, mount("none", fixture->place, "none", MS_REMOUNT | MS_RDONLY, ""));
    assert_true(journal_wait(&fixture->journal, fixture->reloader, "level=info>debug\n"));
}

static bool put(const char *path, const char *text)
{
    int file = open(path, O_WRONLY | O_CLOEXEC);
    bool good = file >= 0 && write(file, text, strlen(text)) > 0;
    if (file >= 0)
        close(file);
    return good;
}

/* Somebody who is not root is, in a user namespace, with the own user and group mapped as they are. */
static bool may_mount(void)
{
    char users[64], groups[64];
    bool root = geteuid() == 0;
    snprintf(users, sizeof users, "%u %u 1", geteuid(), geteuid());
    snprintf(groups, sizeof groups, "%u %u 1", getegid(), getegid());
    if (unshare(CLONE_NEWNS | (root ? 0 : CLONE_NEWUSER)) != 0)
        return false;
    if (!root && (!put("/proc/self/setgroups", "deny") || !put("/proc/self/uid_map", users) ||
                  !put("/proc/self/gid_map", groups)))
        return false;
    return mount("none", "/", "none", MS_REC | MS_PRIVATE, "") == 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest polled[] = { TEST(file_systems_without_events_are_polled) };
    const struct CMUnitTest mounted[] = {
        TEST(a_file_by_subpath_is_static),
        TEST(a_file_by_subpath_is_read_when_its_generation_is_gone),
        TEST(a_folder_by_subpath_is_static),
        TEST(a_subpath_that_is_gone_is_told),
        TEST(a_whole_volume_bind_mounted_is_followed),
        TEST(a_file_bind_mounted_from_elsewhere_is_followed),
        TEST(the_lower_layer_of_an_overlay_is_polled),
    };
    int failed = cmocka_run_group_tests(polled, NULL, NULL);
    if (!may_mount()) {
        printf("SKIP: no mount namespace to be had, so no bind mounts\n");
        return failed;
    }
    return failed + cmocka_run_group_tests(mounted, NULL, NULL);
}
