/* SPDX-License-Identifier: MIT
 *
 * What is saved in state_dir, when, and that no reload ever fails for it. What is left there by a writer that
 * is killed or fails is test_volume_crash.c's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/follower.h"
#include "support/namespaces.h"

#define PATIENCE 3000 /* waits of 10 ms */

struct fixture {
    struct follower *follower;
    unsigned warnings;
    char warning[512]; /* the last one */
};

static void count_warnings(void *user, cmr_log_level level, const char *message)
{
    struct fixture *fixture = user;
    if (level > CMR_LOG_WARN || !strstr(message, "saved"))
        return;
    fixture->warnings++;
    snprintf(fixture->warning, sizeof fixture->warning, "%s", message);
}

static int set_up(void **state)
{
    if (follower_fixture_set_up(state, sizeof(struct fixture)) != 0)
        return -1;
    struct fixture *fixture = *state;
    follower_saves(fixture->follower);
    fixture->follower->options.log = count_warnings;
    fixture->follower->options.log_user = fixture;
    return 0;
}

static void write_value(struct fixture *fixture, const char *value)
{
    fake_kubelet_write(&fixture->follower->kubelet, "value", value);
}

/* What is saved of a mount, as any program reads it; "": nothing. */
static const char *saved_value(const struct fixture *fixture, const char *mount)
{
    static char value[64];
    char path[256];
    cmr_snapshot *snapshot;
    snprintf(path, sizeof path, "%s/%s", fixture->follower->state_dir, mount);
    if (cmr_snapshot_read(path, NULL, NULL, &snapshot) != CMR_OK)
        return "";
    snprintf(value, sizeof value, "%s", cmr_get_string_or(snapshot, "value", "(none)"));
    cmr_snapshot_unref(snapshot);
    return value;
}

static void await_saved(struct fixture *fixture, const char *value)
{
    for (int i = 0; i < PATIENCE && strcmp(saved_value(fixture, "config"), value) != 0; i++) {
        cmr_status status = cmr_reloader_wait(fixture->follower->reloader, 10);
        assert_true(status == CMR_OK || status == CMR_ERR_TIMEOUT);
    }
    assert_string_equal(value, saved_value(fixture, "config"));
}

/* ---- what and when */

static void each_published_generation_is_saved(void **state)
{
    struct fixture *fixture = *state;
    write_value(fixture, "1");
    follower_load(fixture->follower);
    assert_string_equal("1", saved_value(fixture, "config")); /* when load is back */
    write_value(fixture, "2");
    follower_hears(fixture->follower, "applied 2\nvalue=1>2\n");
    assert_string_equal("2", saved_value(fixture, "config"));
    assert_int_equal(2, follower_status(fixture->follower).saves);
    assert_int_equal(0, follower_status(fixture->follower).saves_failed);
}

static void a_bad_generation_is_not_saved(void **state)
{
    struct fixture *fixture = *state;
    write_value(fixture, "1");
    follower_load(fixture->follower);
    fake_kubelet_set(&fixture->follower->kubelet, "bad.yaml", "[");
    write_value(fixture, "2");
    follower_hears(fixture->follower, "rejected 1 bad.yaml:1:2 []\n");
    assert_string_equal("1", saved_value(fixture, "config"));
}

/* What is applied in its place. */
static void of_a_file_that_was_kept_the_good_contents_are_saved(void **state)
{
    struct fixture *fixture = *state;
    char path[256];
    cmr_snapshot *snapshot;
    fixture->follower->mount.keep_bad_files = true;
    fake_kubelet_set(&fixture->follower->kubelet, "a.yaml", "n: 1\n");
    write_value(fixture, "1");
    follower_load(fixture->follower);
    fake_kubelet_set(&fixture->follower->kubelet, "a.yaml", "n: [\n");
    write_value(fixture, "2");
    follower_hears(fixture->follower, "applied 2\nkept 2 a.yaml:2:1 []\nvalue=1>2\n");
    snprintf(path, sizeof path, "%s/config", fixture->follower->state_dir);
    assert_int_equal(CMR_OK, cmr_snapshot_read(path, NULL, NULL, &snapshot));
    assert_string_equal("2", cmr_get_string_or(snapshot, "value", ""));
    assert_string_equal("1", cmr_get_string_or(snapshot, "a.yaml#n", ""));
    cmr_snapshot_unref(snapshot);
}

static mode_t mode_of(const struct fixture *fixture, const char *name)
{
    char path[256];
    struct stat status;
    snprintf(path, sizeof path, "%s/%s", fixture->follower->state_dir, name);
    assert_int_equal(0, stat(path, &status));
    return status.st_mode & 07777;
}

static void it_is_for_this_user_alone(void **state)
{
    struct fixture *fixture = *state;
    mode_t mask = umask(0);
    write_value(fixture, "1");
    follower_load(fixture->follower);
    umask(mask);
    assert_int_equal(0700, mode_of(fixture, "."));
    assert_int_equal(0700, mode_of(fixture, "config"));
    assert_int_equal(0700, mode_of(fixture, "config/..data"));
    assert_int_equal(0600, mode_of(fixture, "config/value"));
}

static void the_tool_reads_it(void **state)
{
    struct fixture *fixture = *state;
    char command[512];
    write_value(fixture, "1");
    follower_load(fixture->follower);
    snprintf(command, sizeof command, "test \"$('%s' get %s/config value)\" = 1", CMRELOAD_TOOL,
             fixture->follower->state_dir);
    assert_int_equal(0, system(command));
    snprintf(command, sizeof command, "'%s' diff %s/config %s", CMRELOAD_TOOL, fixture->follower->state_dir,
             fixture->follower->kubelet.dir);
    assert_int_equal(0, system(command));
}

/* No name leads out of state_dir. */
static void mounts_have_odd_names(void **state)
{
    static const char *const names[][2] = {
        { "..", "%2E." }, { "a/../../b", "a%2F..%2F..%2Fb" }, { "%", "%25" }, { "\xc3\xa4 b", "%C3%A4%20b" }
    };
    struct fixture *fixture = *state;
    write_value(fixture, "1");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        fixture->follower->mount.name = names[i][0];
        follower_load(fixture->follower);
        assert_string_equal("1", saved_value(fixture, names[i][1]));
        follower_end(fixture->follower);
    }
}

/* What is not there was never good; what comes is. */
static void of_an_optional_mount_nothing_is_saved_until_it_comes(void **state)
{
    struct fixture *fixture = *state;
    fixture->follower->mount.optional = true;
    fixture->follower->mount.check_interval_ms = 20;
    follower_open(fixture->follower, fixture->follower->kubelet.dir);
    assert_int_equal(CMR_OK, cmr_reloader_load(fixture->follower->reloader, 0));
    assert_string_equal("", saved_value(fixture, "config"));
    write_value(fixture, "1");
    await_saved(fixture, "1");
}

static void plain_directories_are_saved_as_volumes(void **state)
{
    struct fixture *fixture = *state;
    char path[256];
    assert_int_equal(0, mkdir(fixture->follower->kubelet.dir, 0755));
    snprintf(path, sizeof path, "%s/value", fixture->follower->kubelet.dir);
    int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    assert_int_equal(1, write(file, "1", 1));
    close(file);
    follower_load(fixture->follower);
    assert_string_equal("1", saved_value(fixture, "config"));
}

static void a_relative_path_stays_where_it_was(void **state)
{
    struct fixture *fixture = *state;
    char here[256];
    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(0, chdir(fixture->follower->kubelet.root));
    fixture->follower->options.state_dir = "state";
    write_value(fixture, "1");
    follower_open(fixture->follower, fixture->follower->kubelet.dir);
    assert_int_equal(0, chdir(here));
    assert_int_equal(CMR_OK, cmr_reloader_load(fixture->follower->reloader, 0));
    assert_string_equal("1", saved_value(fixture, "config"));
}

static void in_the_background(void **state)
{
    struct fixture *fixture = *state;
    char text[16];
    fixture->follower->options.background = true;
    write_value(fixture, "0");
    follower_load(fixture->follower);
    assert_string_equal("0", saved_value(fixture, "config"));
    for (int i = 1; i <= 20; i++) { /* of several in a row at least the last */
        snprintf(text, sizeof text, "%d", i);
        write_value(fixture, text);
        follower_dispatch(fixture->follower);
    }
    await_saved(fixture, "20");
    assert_int_equal(0, follower_status(fixture->follower).saves_failed);
}

/* A child of its own goes on saving, too. */
static void a_forked_child_saves(void **state)
{
    struct fixture *fixture = *state;
    int status;
    write_value(fixture, "1");
    follower_load(fixture->follower);
    pid_t child = fork();
    if (child == 0) {
        bool good = cmr_reloader_after_fork(fixture->follower->reloader) == CMR_OK;
        write_value(fixture, "2");
        good &= cmr_reloader_dispatch(fixture->follower->reloader) == CMR_OK;
        good &= follower_status(fixture->follower).saves == 2;
        raise(good ? SIGKILL : SIGTERM); /* what it has allocated is no leak */
    }
    assert_int_equal(child, waitpid(child, &status, 0));
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    assert_string_equal("2", saved_value(fixture, "config"));
    follower_hears(fixture->follower, "applied 2\nvalue=1>2\n");
    assert_int_equal(2, follower_status(fixture->follower).saves);
}

/* ---- when it cannot be */

/* The reload is as ever; the log tells once, status counts, and it comes when it can. */
static void fails_and_recovers(struct fixture *fixture, void (*mend)(const struct fixture *))
{
    write_value(fixture, "1");
    follower_load(fixture->follower);
    assert_int_equal(1, fixture->warnings);
    assert_int_equal(0, follower_status(fixture->follower).saves);
    assert_int_equal(1, follower_status(fixture->follower).saves_failed);
    write_value(fixture, "2");
    follower_hears(fixture->follower, "applied 2\nvalue=1>2\n");
    for (int i = 0; i < PATIENCE && follower_status(fixture->follower).saves_failed < 3; i++)
        cmr_reloader_wait(fixture->follower->reloader, 10);
    assert_true(follower_status(fixture->follower).saves_failed >= 3);
    assert_int_equal(1, fixture->warnings);
    mend(fixture);
    await_saved(fixture, "2");
    assert_int_equal(1, follower_status(fixture->follower).saves);
    assert_int_equal(1, fixture->warnings);
    assert_int_equal(CMR_MOUNT_READY, follower_mount_status(fixture->follower).state);
}

static void make_way(const struct fixture *fixture)
{
    assert_int_equal(0, unlink(fixture->follower->state_dir));
}

static void something_else_is_in_the_way(void **state)
{
    struct fixture *fixture = *state;
    int file = open(fixture->follower->state_dir, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(file >= 0);
    close(file);
    fails_and_recovers(fixture, make_way);
    assert_non_null(strstr(fixture->warning, strerror(ENOTDIR)));
}

static void empty_folder(const struct fixture *fixture)
{
    char path[256];
    snprintf(path, sizeof path, "%s/config/mine", fixture->follower->state_dir);
    assert_int_equal(0, rmdir(path));
}

static void the_folder_is_somebody_elses(void **state)
{
    struct fixture *fixture = *state;
    char path[256];
    assert_int_equal(0, mkdir(fixture->follower->state_dir, 0700));
    snprintf(path, sizeof path, "%s/config", fixture->follower->state_dir);
    assert_int_equal(0, mkdir(path, 0700));
    snprintf(path, sizeof path, "%s/config/mine", fixture->follower->state_dir);
    assert_int_equal(0, mkdir(path, 0700));
    fails_and_recovers(fixture, empty_folder);
    assert_non_null(strstr(fixture->warning, "not empty"));
}

static int other = -1; /* a process that is saving there */

static void another_process_is_saving(void **state)
{
    struct fixture *fixture = *state;
    char path[256];
    write_value(fixture, "1");
    follower_load(fixture->follower);
    snprintf(path, sizeof path, "%s/config", fixture->follower->state_dir);
    other = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(0, flock(other, LOCK_EX));
    write_value(fixture, "2");
    follower_hears(fixture->follower, "applied 2\nvalue=1>2\n");
    assert_string_equal("1", saved_value(fixture, "config"));
    close(other);
    await_saved(fixture, "2");
    assert_int_equal(0, fixture->warnings);
    assert_int_equal(0, follower_status(fixture->follower).saves_failed);
}

static void remount_writable(const struct fixture *fixture)
{
    assert_int_equal(0, mount("none", fixture->follower->state_dir, "tmpfs", MS_REMOUNT, NULL));
}

static void state_dir_is_read_only(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(0, mkdir(fixture->follower->state_dir, 0700));
    assert_int_equal(0, mount("none", fixture->follower->state_dir, "tmpfs", MS_RDONLY, NULL));
    fails_and_recovers(fixture, remount_writable);
    assert_non_null(strstr(fixture->warning, strerror(EROFS)));
    follower_end(fixture->follower);
    assert_int_equal(0, umount(fixture->follower->state_dir));
}

static void make_room(const struct fixture *fixture)
{
    char path[256];
    snprintf(path, sizeof path, "%s/ballast", fixture->follower->state_dir);
    assert_int_equal(0, unlink(path));
}

static void the_disk_is_full(void **state)
{
    struct fixture *fixture = *state;
    char path[256], block[4096] = { 0 };
    assert_int_equal(0, mkdir(fixture->follower->state_dir, 0700));
    assert_int_equal(0, mount("none", fixture->follower->state_dir, "tmpfs", 0, "size=64k"));
    snprintf(path, sizeof path, "%s/ballast", fixture->follower->state_dir);
    int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    while (write(file, block, sizeof block) > 0)
        continue;
    assert_int_equal(ENOSPC, errno);
    close(file);
    fails_and_recovers(fixture, make_room);
    assert_non_null(strstr(fixture->warning, strerror(ENOSPC)));
    follower_end(fixture->follower);
    assert_int_equal(0, umount(fixture->follower->state_dir));
}

/* The old one stays as long as there is no room for the new one. */
static void the_disk_fills_up(void **state)
{
    struct fixture *fixture = *state;
    static const char big[40000]; /* bytes, which the journal does not show */
    assert_int_equal(0, mkdir(fixture->follower->state_dir, 0700));
    assert_int_equal(0, mount("none", fixture->follower->state_dir, "tmpfs", 0, "size=64k"));
    write_value(fixture, "1");
    fake_kubelet_set_bytes(&fixture->follower->kubelet, "big", big, sizeof big);
    fake_kubelet_swap(&fixture->follower->kubelet);
    follower_load(fixture->follower);
    assert_string_equal("1", saved_value(fixture, "config"));
    write_value(fixture, "2");
    follower_hears(fixture->follower, "applied 2\nvalue=1>2\n");
    assert_string_equal("1", saved_value(fixture, "config"));
    assert_int_equal(1, fixture->warnings);
    fake_kubelet_remove(&fixture->follower->kubelet, "big");
    write_value(fixture, "3");
    await_saved(fixture, "3");
    follower_end(fixture->follower);
    assert_int_equal(0, umount(fixture->follower->state_dir));
}

int main(void)
{
#define SAVER_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, follower_fixture_tear_down)
    const struct CMUnitTest tests[] = {
        SAVER_TEST(each_published_generation_is_saved),
        SAVER_TEST(a_bad_generation_is_not_saved),
        SAVER_TEST(of_a_file_that_was_kept_the_good_contents_are_saved),
        SAVER_TEST(it_is_for_this_user_alone),
        SAVER_TEST(the_tool_reads_it),
        SAVER_TEST(mounts_have_odd_names),
        SAVER_TEST(of_an_optional_mount_nothing_is_saved_until_it_comes),
        SAVER_TEST(plain_directories_are_saved_as_volumes),
        SAVER_TEST(a_relative_path_stays_where_it_was),
        SAVER_TEST(in_the_background),
        SAVER_TEST(a_forked_child_saves),
        SAVER_TEST(something_else_is_in_the_way),
        SAVER_TEST(the_folder_is_somebody_elses),
        SAVER_TEST(another_process_is_saving),
    };
    const struct CMUnitTest mounting[] = {
        SAVER_TEST(state_dir_is_read_only),
        SAVER_TEST(the_disk_is_full),
        SAVER_TEST(the_disk_fills_up),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (!namespaces_enter()) {
        printf("SKIP: a full disk, and one that is read-only: no namespace to be had\n");
        return failed;
    }
    return failed + cmocka_run_group_tests(mounting, NULL, NULL);
}
