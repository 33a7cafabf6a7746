/* SPDX-License-Identifier: MIT
 *
 * Plain directories and single files: read when they are quiet, compared by content. (Editors have a test of
 * their own, editors_test.sh.) */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/fake_kubelet.h"
#include "support/journal.h"

#define PATIENCE_MS 30000

static bool no_proc; /* as in a chroot without one */

int __real_inotify_add_watch(int descriptor, const char *path, uint32_t mask);
int __wrap_inotify_add_watch(int descriptor, const char *path, uint32_t mask);

int __wrap_inotify_add_watch(int descriptor, const char *path, uint32_t mask)
{
    if (!no_proc || strncmp(path, "/proc/", 6) != 0)
        return __real_inotify_add_watch(descriptor, path, mask);
    errno = ENOENT;
    return -1;
}

struct fixture {
    struct fake_kubelet kubelet; /* for its folder, and for a volume in it */
    struct journal journal;
    cmr_reloader *reloader;
    char dir[128]; /* the plain directory */
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    if (!fixture)
        return -1;
    fake_kubelet_open(&fixture->kubelet);
    snprintf(fixture->dir, sizeof fixture->dir, "%s/plain", fixture->kubelet.root);
    *state = fixture;
    return mkdir(fixture->dir, 0755);
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    cmr_reloader_free(fixture->reloader);
    fake_kubelet_close(&fixture->kubelet);
    free(fixture);
    return 0;
}

static const char *path_of(const struct fixture *fixture, const char *name)
{
    static char path[4][256];
    static unsigned next;
    char *place = path[next++ % 4];
    snprintf(place, sizeof path[0], "%s/%s", fixture->dir, name);
    return place;
}

static void put(const struct fixture *fixture, const char *name, const char *text)
{
    FILE *file = fopen(path_of(fixture, name), "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(0, fclose(file));
}

static void open_path(struct fixture *fixture, const char *path, const cmr_mount_options *mount)
{
    cmr_options options = CMR_OPTIONS_INIT;
    options.mount = mount;
    assert_int_equal(CMR_OK, cmr_open(path, &options, &fixture->reloader));
    assert_int_equal(CMR_OK, cmr_observe(fixture->reloader, journal_event, &fixture->journal, NULL, NULL));
    assert_int_equal(CMR_OK,
                     cmr_subscribe(fixture->reloader, "*:**", journal_update, &fixture->journal, NULL, NULL));
}

static void open_and_load(struct fixture *fixture, const char *path, const cmr_mount_options *mount)
{
    open_path(fixture, path, mount);
    assert_int_equal(CMR_OK, cmr_reloader_load(fixture->reloader, 0));
    assert_string_equal("ready 1\n", journal_take(&fixture->journal));
}

static void expect(struct fixture *fixture, const char *wanted)
{
    if (!journal_wait(&fixture->journal, fixture->reloader, wanted))
        fail_msg("wanted %s, found %s", wanted, fixture->journal.text);
    assert_string_equal(wanted, journal_take(&fixture->journal));
}

/* Nothing is told, however often it is looked at. */
static void expect_nothing(struct fixture *fixture)
{
    for (int i = 0; i < 3; i++) {
        cmr_reloader_check_now(fixture->reloader);
        assert_int_equal(CMR_OK, cmr_reloader_dispatch(fixture->reloader));
    }
    assert_string_equal("", journal_take(&fixture->journal));
}

static void assert_text(struct fixture *fixture, const char *key, const char *expected)
{
    cmr_snapshot *snapshot = cmr_reloader_ref_snapshot(fixture->reloader);
    assert_string_equal(expected, cmr_get_string_or(snapshot, key, "(none)"));
    cmr_snapshot_unref(snapshot);
}

static cmr_mount_status mount_status(struct fixture *fixture)
{
    cmr_mount_status status = CMR_MOUNT_STATUS_INIT;
    assert_int_equal(CMR_OK, cmr_reloader_get_mount_status(fixture->reloader, NULL, &status));
    return status;
}

static void files_come_change_and_go(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "level", "info\n");
    open_and_load(fixture, fixture->dir, NULL);
    assert_int_equal(CMR_KIND_DIRECTORY, mount_status(fixture).kind);
    put(fixture, "level", "debug\n");
    expect(fixture, "applied 2\nlevel=info>debug\n");
    put(fixture, "app.yaml", "port: 80\n");
    expect(fixture, "applied 3\n+app.yaml#port=80\n");
    assert_int_equal(0, unlink(path_of(fixture, "level")));
    expect(fixture, "applied 4\n-level=debug\n");
    expect_nothing(fixture);
}

static void its_identity_is_its_content(void **state)
{
    struct fixture *fixture = *state;
    cmr_snapshot *snapshot;
    put(fixture, "level", "info\n");
    open_and_load(fixture, fixture->dir, NULL);
    assert_int_equal(CMR_OK, cmr_snapshot_read(fixture->dir, NULL, NULL, &snapshot));
    assert_string_equal(cmr_snapshot_hash(snapshot, NULL), cmr_snapshot_target(snapshot, NULL));
    assert_string_equal(cmr_snapshot_hash(snapshot, NULL), mount_status(fixture).mounted_target);
    cmr_snapshot_unref(snapshot);
    put(fixture, "level", "info\n"); /* the same again */
    expect_nothing(fixture);
}

static void a_bad_file_is_told_once_and_mended(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "app.yaml", "port: 80\n");
    open_and_load(fixture, fixture->dir, NULL);
    put(fixture, "app.yaml", "port: [80\n");
    expect(fixture, "rejected 1 app.yaml:2:1 []\n");
    assert_string_not_equal(mount_status(fixture).mounted_target, mount_status(fixture).applied_target);
    expect_nothing(fixture);
    assert_text(fixture, "app.yaml#port", "80");
    put(fixture, "app.yaml", "port: 80\n"); /* as it was: no new generation */
    while (strcmp(mount_status(fixture).mounted_target, mount_status(fixture).applied_target) != 0)
        assert_int_equal(CMR_OK, cmr_reloader_wait(fixture->reloader, PATIENCE_MS));
    expect_nothing(fixture);
    put(fixture, "app.yaml", "port: 81\n");
    expect(fixture, "applied 2\napp.yaml#port=80>81\n");
}

static void over_a_limit_is_told_once(void **state)
{
    struct fixture *fixture = *state;
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    mount.limits.file_size = 10;
    put(fixture, "level", "info\n");
    open_and_load(fixture, fixture->dir, &mount);
    put(fixture, "level", "far too long\n");
    expect(fixture, "rejected 1 level:0:0 []\n");
    expect_nothing(fixture);
    put(fixture, "level", "warn\n");
    expect(fixture, "applied 2\nlevel=info>warn\n");
}

/* A writer that takes its time: no half of a file is seen while something goes on. */
static void it_is_read_when_it_is_quiet(void **state)
{
    struct fixture *fixture = *state;
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    mount.settle_ms = 2000;
    put(fixture, "list", "0");
    open_and_load(fixture, fixture->dir, &mount);
    FILE *file = fopen(path_of(fixture, "list"), "we");
    assert_non_null(file);
    for (int i = 1; i <= 9; i++) {
        fprintf(file, "%d", i);
        fflush(file);
        assert_int_equal(CMR_OK, cmr_reloader_dispatch(fixture->reloader));
        assert_string_equal("", journal_take(&fixture->journal));
    }
    fclose(file);
    expect(fixture, "applied 2\nlist=0>123456789\n");
}

/* Who makes it may not be done with it. */
static void one_that_comes_late_is_read_when_it_is_quiet(void **state)
{
    struct fixture *fixture = *state;
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    mount.settle_ms = 2000;
    open_path(fixture, path_of(fixture, "late"), &mount);
    assert_int_equal(CMR_ERR_NOT_FOUND, cmr_reloader_load(fixture->reloader, 0));
    assert_string_equal("state late waiting\n", journal_take(&fixture->journal));
    assert_int_equal(0, mkdir(path_of(fixture, "late"), 0755));
    put(fixture, "late/a", "1");
    while (mount_status(fixture).kind == CMR_KIND_AUTO)
        assert_int_equal(CMR_OK, cmr_reloader_wait(fixture->reloader, PATIENCE_MS));
    assert_string_equal("", journal_take(&fixture->journal));
    put(fixture, "late/b", "2");
    expect(fixture, "state late ready\nready 1\n");
    assert_text(fixture, "b", "2");
}

static void it_is_read_in_the_end_though_never_quiet(void **state)
{
    struct fixture *fixture = *state;
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    mount.settle_ms = 60;
    put(fixture, "count", "0");
    open_and_load(fixture, fixture->dir, &mount);
    for (int i = 1; !strstr(fixture->journal.text, "applied"); i++) {
        char text[16];
        snprintf(text, sizeof text, "%d", i % 1000000);
        put(fixture, "count", text);
        assert_int_equal(CMR_OK, cmr_reloader_dispatch(fixture->reloader));
        usleep(1000);
    }
}

static void without_settling_it_is_read_at_once(void **state)
{
    struct fixture *fixture = *state;
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    mount.settle_ms = -1;
    put(fixture, "level", "info");
    open_and_load(fixture, fixture->dir, &mount);
    put(fixture, "level", "debug");
    assert_int_equal(CMR_OK, cmr_reloader_dispatch(fixture->reloader));
    assert_string_equal("applied 2\nlevel=info>debug\n", journal_take(&fixture->journal));
}

static void what_editors_leave_is_ignored(void **state)
{
    struct fixture *fixture = *state;
    const char *const names[] = { ".hidden",   "level~",    "#level#",   "4913",
                                  "level.swp", "level.tmp", "lost+found" };
    put(fixture, "level", "info");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        put(fixture, names[i], "nothing");
    assert_int_equal(0, symlink("user@host.1234", path_of(fixture, "dangling")));
    open_and_load(fixture, fixture->dir, NULL);
    cmr_snapshot *snapshot = cmr_reloader_ref_snapshot(fixture->reloader);
    assert_int_equal(1, cmr_snapshot_file_count(snapshot, NULL));
    cmr_snapshot_unref(snapshot);
}

static void other_globs_can_be_ignored(void **state)
{
    struct fixture *fixture = *state;
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    const char *const ignore[] = { "*.md", "old", "keep/not", NULL };
    mount.ignore = ignore;
    assert_int_equal(0, mkdir(path_of(fixture, "old"), 0755));
    assert_int_equal(0, mkdir(path_of(fixture, "keep"), 0755));
    put(fixture, "README.md", "1");
    put(fixture, "old/level", "2");
    put(fixture, "keep/README.md", "3");
    put(fixture, "keep/not", "4");
    put(fixture, "keep/level", "5");
    put(fixture, ".hidden", "6");
    open_and_load(fixture, fixture->dir, &mount);
    cmr_snapshot *snapshot = cmr_reloader_ref_snapshot(fixture->reloader);
    assert_int_equal(2, cmr_snapshot_file_count(snapshot, NULL));
    assert_text(fixture, "keep/level", "5");
    assert_text(fixture, ".hidden", "6");
    cmr_snapshot_unref(snapshot);
}

static void a_volume_ignores_what_it_is_told_to(void **state)
{
    struct fixture *fixture = *state;
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    const char *const ignore[] = { "*.sh", NULL };
    const char *const empty[] = { "", NULL };
    fake_kubelet_set(&fixture->kubelet, ".level", "1");
    fake_kubelet_set(&fixture->kubelet, "run.sh", "2");
    fake_kubelet_swap(&fixture->kubelet);
    mount.ignore = ignore;
    open_and_load(fixture, fixture->kubelet.dir, &mount);
    cmr_snapshot *snapshot = cmr_reloader_ref_snapshot(fixture->reloader);
    assert_int_equal(1, cmr_snapshot_file_count(snapshot, NULL));
    cmr_snapshot_unref(snapshot);
    assert_text(fixture, ".level", "1");
    mount.ignore = empty;
    cmr_reloader *none;
    cmr_options options = CMR_OPTIONS_INIT;
    options.mount = &mount;
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, cmr_open(fixture->dir, &options, &none));
}

/* Not those of the same name in the program's own directory. */
static void folders_below_are_followed_without_proc(void **state)
{
    struct fixture *fixture = *state;
    char here[PATH_MAX], decoy[256];
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    mount.check_interval_ms = -1;
    snprintf(decoy, sizeof decoy, "%s/below", fixture->kubelet.root);
    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(0, chdir(fixture->kubelet.root));
    assert_int_equal(0, mkdir(decoy, 0755));
    assert_int_equal(0, mkdir(path_of(fixture, "below"), 0755));
    put(fixture, "below/a", "1");
    no_proc = true;
    open_and_load(fixture, fixture->dir, &mount);
    expect_nothing(fixture); /* it is watched now */
    put(fixture, "below/a", "2");
    expect(fixture, "applied 2\nbelow/a=1>2\n");
    no_proc = false;
    assert_int_equal(CMR_MOUNT_READY, mount_status(fixture).state);
    assert_int_equal(0, chdir(here));
}

static void folders_below_are_followed(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "level", "info");
    open_and_load(fixture, fixture->dir, NULL);
    assert_int_equal(0, mkdir(path_of(fixture, "a"), 0755));
    assert_int_equal(0, mkdir(path_of(fixture, "a/b"), 0755));
    expect_nothing(fixture); /* both are watched now */
    put(fixture, "a/b/deep", "1");
    expect(fixture, "applied 2\n+a/b/deep=1\n");
    put(fixture, "a/b/deep", "2");
    expect(fixture, "applied 3\na/b/deep=1>2\n");
    assert_int_equal(0, rename(path_of(fixture, "a/b"), path_of(fixture, "a/c")));
    expect(fixture, "applied 4\n-a/b/deep=2\n+a/c/deep=2\n");
    put(fixture, "a/c/deep", "3"); /* renamed, and still watched */
    expect(fixture, "applied 5\na/c/deep=2>3\n");
    assert_int_equal(0, unlink(path_of(fixture, "a/c/deep")));
    assert_int_equal(0, rmdir(path_of(fixture, "a/c")));
    expect(fixture, "applied 6\n-a/c/deep=3\n");
}

static void links_are_followed(void **state)
{
    struct fixture *fixture = *state;
    fake_kubelet_write(&fixture->kubelet, "elsewhere", "1");
    put(fixture, "level", "info");
    assert_int_equal(0, symlink("level", path_of(fixture, "alias")));
    assert_int_equal(0, symlink("../config", path_of(fixture, "folder")));
    open_and_load(fixture, fixture->dir, NULL);
    assert_text(fixture, "alias", "info");
    assert_text(fixture, "folder/elsewhere", "1");
}

static void what_is_no_file_is_never_opened(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "level", "info");
    assert_int_equal(0, mkfifo(path_of(fixture, "pipe"), 0644));
    open_path(fixture, fixture->dir, NULL);
    assert_int_equal(CMR_ERR_REJECTED, cmr_reloader_load(fixture->reloader, 0));
    assert_string_equal("rejected 0 pipe:0:0 []\n", journal_take(&fixture->journal));
    assert_int_equal(0, unlink(path_of(fixture, "pipe")));
    expect(fixture, "ready 1\n");
}

static void an_empty_directory_is_waited_for(void **state)
{
    struct fixture *fixture = *state;
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    open_path(fixture, fixture->dir, NULL);
    assert_int_equal(CMR_ERR_NOT_FOUND, cmr_reloader_load(fixture->reloader, 0));
    assert_string_equal("state plain waiting\n", journal_take(&fixture->journal));
    assert_int_equal(CMR_REASON_UNWRITTEN, mount_status(fixture).reason);
    assert_string_equal("the directory is empty", mount_status(fixture).message);
    put(fixture, "level", "info");
    assert_int_equal(CMR_OK, cmr_reloader_load(fixture->reloader, PATIENCE_MS));
    assert_string_equal("state plain ready\nready 1\n", journal_take(&fixture->journal));
    assert_int_equal(0, unlink(path_of(fixture, "level")));
    expect(fixture, "state plain dead\n"); /* and the last good stays */
    assert_text(fixture, "level", "info");
    cmr_reloader_free(fixture->reloader);

    mount.kind = CMR_KIND_DIRECTORY; /* meant to be one: empty is what it is */
    open_and_load(fixture, fixture->dir, &mount);
    put(fixture, "level", "warn");
    expect(fixture, "applied 2\n+level=warn\n");
    assert_int_equal(0, unlink(path_of(fixture, "level")));
    expect(fixture, "applied 3\n-level=warn\n");
}

static void an_empty_directory_may_become_a_volume(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(0, mkdir(fixture->kubelet.dir, 0755));
    open_path(fixture, fixture->kubelet.dir, NULL);
    assert_int_equal(CMR_ERR_NOT_FOUND, cmr_reloader_load(fixture->reloader, 0));
    fake_kubelet_write(&fixture->kubelet, "level", "info");
    expect(fixture, "state config waiting\nstate config ready\nready 1\n");
    assert_int_equal(CMR_KIND_VOLUME, mount_status(fixture).kind);
}

/* What is left of a volume is no directory of plain files: nothing is told to be removed. */
static void a_volume_never_becomes_a_directory(void **state)
{
    struct fixture *fixture = *state;
    char data[160];
    fake_kubelet_set(&fixture->kubelet, "a", "1");
    fake_kubelet_set(&fixture->kubelet, "b", "2");
    fake_kubelet_swap(&fixture->kubelet);
    open_and_load(fixture, fixture->kubelet.dir, NULL);
    snprintf(data, sizeof data, "%s/..data", fixture->kubelet.dir);
    assert_int_equal(0, unlink(data));
    expect(fixture, "state config dead\n");
    snprintf(data, sizeof data, "%s/plain", fixture->kubelet.dir);
    close(open(data, O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
    expect_nothing(fixture);
    assert_text(fixture, "a", "1");
}

static void links_into_a_missing_data_are_a_volume_to_be(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "stray", "1");
    assert_int_equal(0, symlink("..data/level", path_of(fixture, "level")));
    open_path(fixture, fixture->dir, NULL);
    assert_int_equal(CMR_ERR_NOT_FOUND, cmr_reloader_load(fixture->reloader, 0));
    assert_string_equal("its links lead into a ..data that is not there", mount_status(fixture).message);
}

static void only_the_wanted_kind_is_taken(void **state)
{
    struct fixture *fixture = *state;
    const struct {
        cmr_mount_kind kind;
        const char *name;
        cmr_mount_reason reason;
        const char *message;
    } cases[] = {
        { CMR_KIND_VOLUME, ".", CMR_REASON_UNWRITTEN,
          "no ..data in it: no ConfigMap volume, or not written yet" },
        { CMR_KIND_VOLUME, "level", CMR_REASON_WRONG_KIND, "it is a file, no directory" },
        { CMR_KIND_DIRECTORY, "level", CMR_REASON_WRONG_KIND, "it is a file, no directory" },
        { CMR_KIND_DIRECTORY, "../config", CMR_REASON_WRONG_KIND, "it is a volume, no plain directory" },
        { CMR_KIND_FILE, ".", CMR_REASON_WRONG_KIND, "it is a directory, no file" },
        { CMR_KIND_AUTO, "pipe", CMR_REASON_WRONG_KIND, "it is neither a directory nor a file" },
        { CMR_KIND_AUTO, "none", CMR_REASON_ABSENT, "there is nothing at this path" },
        { CMR_KIND_AUTO, "level/below", CMR_REASON_ABSENT, "a part of the path is no directory" },
    };
    put(fixture, "level", "info");
    fake_kubelet_write(&fixture->kubelet, "level", "info");
    assert_int_equal(0, mkfifo(path_of(fixture, "pipe"), 0644));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
        mount.kind = cases[i].kind;
        open_path(fixture, path_of(fixture, cases[i].name), &mount);
        assert_int_equal(CMR_ERR_NOT_FOUND, cmr_reloader_load(fixture->reloader, 0));
        assert_int_equal(cases[i].reason, mount_status(fixture).reason);
        assert_string_equal(cases[i].message, mount_status(fixture).message);
        cmr_reloader_free(fixture->reloader);
        fixture->reloader = NULL;
    }
}

static void a_single_file_is_followed(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "app.yaml", "port: 80\n");
    put(fixture, "other", "1");
    open_and_load(fixture, path_of(fixture, "app.yaml"), NULL);
    assert_int_equal(CMR_KIND_FILE, mount_status(fixture).kind);
    assert_text(fixture, "app.yaml#port", "80");
    assert_text(fixture, "other", "(none)");
    put(fixture, "new", "port: 81\n");
    assert_int_equal(0, rename(path_of(fixture, "new"), path_of(fixture, "app.yaml")));
    expect(fixture, "applied 2\napp.yaml#port=80>81\n");
}

static void a_single_file_may_go_and_come_back(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "level", "info");
    open_and_load(fixture, path_of(fixture, "level"), NULL);
    assert_int_equal(0, unlink(path_of(fixture, "level")));
    expect(fixture, "state level dead\n");
    assert_int_equal(CMR_REASON_ABSENT, mount_status(fixture).reason);
    assert_string_equal("there is no such file", mount_status(fixture).message);
    assert_text(fixture, "level", "info");
    put(fixture, "level", "debug");
    expect(fixture, "state level ready\napplied 2\nlevel=info>debug\n");
}

static void a_single_file_may_become_a_directory_and_back(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "level", "info");
    open_and_load(fixture, path_of(fixture, "level"), NULL);
    assert_int_equal(0, unlink(path_of(fixture, "level")));
    assert_int_equal(0, mkdir(path_of(fixture, "level"), 0755));
    put(fixture, "level/below", "1");
    assert_true(journal_wait(&fixture->journal, fixture->reloader, "+below=1\n-level=info\n"));
    assert_int_equal(CMR_KIND_DIRECTORY, mount_status(fixture).kind);
    assert_int_equal(0, unlink(path_of(fixture, "level/below")));
    assert_int_equal(0, rmdir(path_of(fixture, "level")));
    put(fixture, "level", "debug");
    assert_true(journal_wait(&fixture->journal, fixture->reloader, "-below=1\n+level=debug\n"));
    assert_int_equal(CMR_KIND_FILE, mount_status(fixture).kind);
}

static void a_file_of_a_volume_is_followed_through_it(void **state)
{
    struct fixture *fixture = *state;
    char path[192], link[192];
    fake_kubelet_set(&fixture->kubelet, "dir/level", "info");
    fake_kubelet_set(&fixture->kubelet, "other", "1");
    fake_kubelet_swap(&fixture->kubelet);
    snprintf(path, sizeof path, "%s/dir/level", fixture->kubelet.dir);
    snprintf(link, sizeof link, "%s/link", fixture->dir);
    assert_int_equal(0, symlink(path, link)); /* from elsewhere, even */
    open_and_load(fixture, link, NULL);
    assert_int_equal(CMR_KIND_FILE, mount_status(fixture).kind);
    assert_text(fixture, "dir/level", "info");
    fake_kubelet_write(&fixture->kubelet, "dir/level", "debug");
    expect(fixture, "applied 2\ndir/level=info>debug\n");
    fake_kubelet_remove(&fixture->kubelet, "dir/level");
    fake_kubelet_swap(&fixture->kubelet);
    expect(fixture, "state link dead\n");
    assert_int_equal(CMR_REASON_ABSENT, mount_status(fixture).reason);
    assert_string_equal("the volume has no such file", mount_status(fixture).message);
    fake_kubelet_write(&fixture->kubelet, "dir/level", "warn");
    expect(fixture, "state link ready\napplied 3\ndir/level=debug>warn\n");
}

static struct fake_kubelet *swapped_at_readlink;

ssize_t __real_readlink(const char *path, char *buffer, size_t size);
ssize_t __wrap_readlink(const char *path, char *buffer, size_t size);

ssize_t __wrap_readlink(const char *path, char *buffer, size_t size)
{
    struct fake_kubelet *kubelet = swapped_at_readlink;
    swapped_at_readlink = NULL;
    if (kubelet)
        fake_kubelet_swap(kubelet);
    return __real_readlink(path, buffer, size);
}

/* Between opening the file and asking where it lies. */
static void a_volume_may_be_swapped_while_its_file_is_looked_for(void **state)
{
    struct fixture *fixture = *state;
    char path[192];
    fake_kubelet_write(&fixture->kubelet, "level", "info");
    fake_kubelet_set(&fixture->kubelet, "level", "debug");
    snprintf(path, sizeof path, "%s/level", fixture->kubelet.dir);
    swapped_at_readlink = &fixture->kubelet;
    open_and_load(fixture, path, NULL);
    assert_null(swapped_at_readlink);
    assert_text(fixture, "level", "debug");
    fake_kubelet_write(&fixture->kubelet, "level", "warn");
    expect(fixture, "applied 2\nlevel=debug>warn\n");
}

/* Not all that begins with two dots is a kubelet's. */
static void a_directory_named_like_a_generation_is_plain(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(0, mkdir(path_of(fixture, "..odd"), 0755));
    put(fixture, "..odd/level", "info");
    open_and_load(fixture, path_of(fixture, "..odd/level"), NULL);
    put(fixture, "..odd/level", "warn");
    expect(fixture, "applied 2\nlevel=info>warn\n");
    cmr_reloader_free(fixture->reloader);
    open_and_load(fixture, path_of(fixture, "..odd"), NULL);
}

/* It would show one generation for ever, or half of the next. */
static void a_folder_inside_a_generation_is_refused(void **state)
{
    struct fixture *fixture = *state;
    char path[192];
    fake_kubelet_write(&fixture->kubelet, "dir/level", "info");
    snprintf(path, sizeof path, "%s/dir", fixture->kubelet.dir);
    open_path(fixture, path, NULL);
    assert_int_equal(CMR_ERR_NOT_FOUND, cmr_reloader_load(fixture->reloader, 0));
    assert_int_equal(CMR_REASON_GENERATION, mount_status(fixture).reason);
    assert_non_null(strstr(mount_status(fixture).message, "follow the volume"));
    cmr_reloader_free(fixture->reloader);
    snprintf(path, sizeof path, "%s/..data", fixture->kubelet.dir);
    open_path(fixture, path, NULL);
    assert_int_equal(CMR_ERR_NOT_FOUND, cmr_reloader_load(fixture->reloader, 0));
}

static void a_bad_file_can_be_kept(void **state)
{
    struct fixture *fixture = *state;
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    mount.keep_bad_files = true;
    fake_kubelet_set(&fixture->kubelet, "app.yaml", "port: 80\n");
    fake_kubelet_set(&fixture->kubelet, "level", "info");
    fake_kubelet_swap(&fixture->kubelet);
    open_and_load(fixture, fixture->kubelet.dir, &mount);
    fake_kubelet_set(&fixture->kubelet, "app.yaml", "port: [80\n");
    fake_kubelet_write(&fixture->kubelet, "level", "debug");
    expect(fixture, "applied 2\nkept 2 app.yaml:2:1 []\nlevel=info>debug\n");
    assert_int_equal(1, mount_status(fixture).kept_files);
    assert_text(fixture, "app.yaml#port", "80");
    fake_kubelet_write(&fixture->kubelet, "level",
                       "warn"); /* still bad: told again, with the next generation */
    expect(fixture, "applied 3\nkept 3 app.yaml:2:1 []\nlevel=debug>warn\n");
    expect_nothing(fixture);
    fake_kubelet_write(&fixture->kubelet, "new.json", "{"); /* never was good */
    expect(fixture, "rejected 3 app.yaml:2:1 []\nrejected 3 new.json:1:2 []\n");
    fake_kubelet_remove(&fixture->kubelet, "new.json");
    fake_kubelet_write(&fixture->kubelet, "app.yaml", "port: 81\n");
    expect(fixture, "applied 4\napp.yaml#port=80>81\n");
    assert_int_equal(0, mount_status(fixture).kept_files);
}

static void keep_errors(void *user, cmr_log_level level, const char *message)
{
    char *errors = user;
    if (level == CMR_LOG_ERROR)
        snprintf(errors + strlen(errors), 512 - strlen(errors), "%s\n", message);
}

/* No generation is published yet, so no event tells of it; the log does. */
static void a_file_kept_while_another_mount_is_awaited_is_logged(void **state)
{
    struct fixture *fixture = *state;
    char errors[512] = "";
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    cmr_options options = CMR_OPTIONS_INIT;
    mount.keep_bad_files = true;
    options.mount = &mount;
    options.log = keep_errors;
    options.log_user = errors;
    fake_kubelet_write(&fixture->kubelet, "app.yaml", "port: 80\n");
    assert_int_equal(CMR_OK, cmr_open(fixture->kubelet.dir, &options, &fixture->reloader));
    assert_int_equal(CMR_OK, cmr_reloader_add_mount(fixture->reloader, fixture->dir, NULL)); /* empty */
    assert_int_equal(CMR_ERR_NOT_FOUND, cmr_reloader_load(fixture->reloader, 0));
    fake_kubelet_write(&fixture->kubelet, "app.yaml", "port: [\n");
    assert_int_equal(CMR_OK, cmr_reloader_dispatch(fixture->reloader));
    assert_non_null(strstr(errors, "config: app.yaml:2:1: "));
    put(fixture, "level", "info");
    assert_int_equal(CMR_OK, cmr_reloader_load(fixture->reloader, PATIENCE_MS));
    assert_int_equal(1, mount_status(fixture).kept_files);
}

static void a_value_that_does_not_convert_rejects_even_where_bad_files_are_kept(void **state)
{
    struct fixture *fixture = *state;
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    cmr_subscription_options typed = CMR_SUBSCRIPTION_OPTIONS_INIT;
    mount.keep_bad_files = true;
    typed.type = CMR_TYPE_INT64;
    fake_kubelet_set(&fixture->kubelet, "port", "80");
    fake_kubelet_set(&fixture->kubelet, "app.yaml", "a: 1\n");
    fake_kubelet_swap(&fixture->kubelet);
    open_and_load(fixture, fixture->kubelet.dir, &mount);
    assert_int_equal(
        CMR_OK, cmr_subscribe(fixture->reloader, "port", journal_update, &fixture->journal, &typed, NULL));
    fake_kubelet_set(&fixture->kubelet, "app.yaml", "a: [\n");
    fake_kubelet_write(&fixture->kubelet, "port", "many");
    expect(fixture, "rejected 1 app.yaml:2:1 []\nrejected 1 port:1:1 [port]\n");
}

int main(void)
{
#define with_fixture(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        with_fixture(files_come_change_and_go),
        with_fixture(its_identity_is_its_content),
        with_fixture(a_bad_file_is_told_once_and_mended),
        with_fixture(over_a_limit_is_told_once),
        with_fixture(it_is_read_when_it_is_quiet),
        with_fixture(one_that_comes_late_is_read_when_it_is_quiet),
        with_fixture(it_is_read_in_the_end_though_never_quiet),
        with_fixture(without_settling_it_is_read_at_once),
        with_fixture(what_editors_leave_is_ignored),
        with_fixture(other_globs_can_be_ignored),
        with_fixture(a_volume_ignores_what_it_is_told_to),
        with_fixture(folders_below_are_followed_without_proc),
        with_fixture(folders_below_are_followed),
        with_fixture(links_are_followed),
        with_fixture(what_is_no_file_is_never_opened),
        with_fixture(an_empty_directory_is_waited_for),
        with_fixture(an_empty_directory_may_become_a_volume),
        with_fixture(a_volume_never_becomes_a_directory),
        with_fixture(links_into_a_missing_data_are_a_volume_to_be),
        with_fixture(only_the_wanted_kind_is_taken),
        with_fixture(a_single_file_is_followed),
        with_fixture(a_single_file_may_go_and_come_back),
        with_fixture(a_single_file_may_become_a_directory_and_back),
        with_fixture(a_file_of_a_volume_is_followed_through_it),
        with_fixture(a_volume_may_be_swapped_while_its_file_is_looked_for),
        with_fixture(a_directory_named_like_a_generation_is_plain),
        with_fixture(a_folder_inside_a_generation_is_refused),
        with_fixture(a_bad_file_can_be_kept),
        with_fixture(a_file_kept_while_another_mount_is_awaited_is_logged),
        with_fixture(a_value_that_does_not_convert_rejects_even_where_bad_files_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
