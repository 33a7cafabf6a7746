/* SPDX-License-Identifier: MIT
 *
 * Volumes as they come, go and change shape, and how a reloader follows them. */
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
#include <sys/stat.h>
#include <unistd.h>

#include "engine/reloader.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "support/fake_kubelet.h"
#include "support/journal.h"

#define PATIENCE_MS 30000

struct fixture {
    struct fake_kubelet kubelet, other;
    struct journal journal;
    cmr_reloader *reloader;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    if (!fixture)
        return -1;
    fake_kubelet_open(&fixture->kubelet);
    fake_kubelet_open(&fixture->other);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    cmr_reloader_free(fixture->reloader);
    fake_kubelet_close(&fixture->kubelet);
    fake_kubelet_close(&fixture->other);
    free(fixture);
    return 0;
}

static void open_path(struct fixture *fixture, const char *path)
{
    assert_int_equal(CMR_OK, cmr_open(path, NULL, &fixture->reloader));
    assert_int_equal(CMR_OK, cmr_observe(fixture->reloader, journal_event, &fixture->journal, NULL, NULL));
}

static void open_and_load(struct fixture *fixture)
{
    open_path(fixture, fixture->kubelet.dir);
    assert_int_equal(CMR_OK, cmr_reloader_load(fixture->reloader, 0));
    assert_string_equal("ready 1\n", journal_take(&fixture->journal));
}

static void dispatch(struct fixture *fixture)
{
    assert_int_equal(CMR_OK, cmr_reloader_dispatch(fixture->reloader));
}

static cmr_mount_status mount_status(struct fixture *fixture)
{
    cmr_mount_status status = CMR_MOUNT_STATUS_INIT;
    assert_int_equal(CMR_OK, cmr_reloader_get_mount_status(fixture->reloader, NULL, &status));
    return status;
}

static void assert_text(struct fixture *fixture, const char *key, const char *expected)
{
    cmr_snapshot *snapshot = cmr_reloader_ref_snapshot(fixture->reloader);
    assert_string_equal(expected, cmr_get_string_or(snapshot, key, "(none)"));
    cmr_snapshot_unref(snapshot);
}

/* The volume is written when the application hears that it is waited for: inside load. */
static void write_when_waiting(void *user, const cmr_event *event)
{
    struct fixture *fixture = user;
    if (event->kind == CMR_EVENT_STATE && event->state == CMR_MOUNT_WAITING)
        fake_kubelet_write(&fixture->kubelet, "value", "late");
}

static void a_volume_may_come_late(void **state)
{
    struct fixture *fixture = *state;
    open_path(fixture, fixture->kubelet.dir);
    assert_int_equal(CMR_ERR_NOT_FOUND, cmr_reloader_load(fixture->reloader, 0));
    assert_int_equal(CMR_ERR_NOT_FOUND, cmr_reloader_load(fixture->reloader, 60));
    assert_string_equal("state config waiting\n", journal_take(&fixture->journal));
    assert_int_equal(CMR_MOUNT_WAITING, mount_status(fixture).state);
    assert_int_equal(CMR_REASON_ABSENT, mount_status(fixture).reason);
    assert_string_not_equal("", mount_status(fixture).message);

    assert_int_equal(0, mkdir(fixture->kubelet.dir, 0755)); /* no ..data yet */
    cmr_reloader_check_now(fixture->reloader);
    assert_int_equal(CMR_ERR_NOT_FOUND, cmr_reloader_load(fixture->reloader, 0));
    assert_string_equal("", journal_take(&fixture->journal));
    assert_int_equal(CMR_REASON_UNWRITTEN, mount_status(fixture).reason);

    fake_kubelet_set(&fixture->kubelet, "value", "1");
    fake_kubelet_swap_until(&fixture->kubelet, CMR__VOLUME_TMP_LINK);
    assert_int_equal(CMR_ERR_NOT_FOUND, cmr_reloader_load(fixture->reloader, 0));
    fake_kubelet_swap(&fixture->kubelet);
    assert_int_equal(CMR_OK, cmr_reloader_load(fixture->reloader, PATIENCE_MS));
    assert_string_equal("state config ready\nready 1\n", journal_take(&fixture->journal));
    assert_int_equal(CMR_REASON_NONE, mount_status(fixture).reason);
    assert_string_equal("", mount_status(fixture).message);
}

static void load_waits_for_a_late_volume(void **state)
{
    struct fixture *fixture = *state;
    open_path(fixture, fixture->kubelet.dir);
    cmr_observe(fixture->reloader, write_when_waiting, fixture, NULL, NULL);
    assert_int_equal(CMR_OK, cmr_reloader_load(fixture->reloader, -1));
    assert_text(fixture, "value", "late");
}

static void a_volume_may_be_removed_and_made_anew(void **state)
{
    struct fixture *fixture = *state;
    fake_kubelet_write(&fixture->kubelet, "value", "1");
    open_and_load(fixture);
    for (int i = 2; i < 6; i++) {
        char text[8], expected[64];
        fake_kubelet_remove_volume(&fixture->kubelet);
        assert_true(journal_wait(&fixture->journal, fixture->reloader, "state config dead\n"));
        assert_string_equal("state config dead\n", journal_take(&fixture->journal));
        assert_int_equal(CMR_OK, cmr_reloader_load(fixture->reloader, 0)); /* loaded once and for all */
        snprintf(text, sizeof text, "%d", i - 1);
        assert_text(fixture, "value", text);
        snprintf(text, sizeof text, "%d", i);
        fake_kubelet_write(&fixture->kubelet, "value", text);
        assert_true(journal_wait(&fixture->journal, fixture->reloader, "applied"));
        snprintf(expected, sizeof expected, "state config ready\napplied %d\n", i);
        assert_string_equal(expected, journal_take(&fixture->journal));
        assert_text(fixture, "value", text);
    }
}

/* How many directories the reloader watches, as the kernel sees it. */
static int watches(const cmr_reloader *reloader)
{
    char path[64], line[256];
    int count = 0;
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", reloader->inotify.descriptor);
    FILE *info = fopen(path, "r");
    assert_non_null(info);
    while (fgets(line, sizeof line, info))
        count += strncmp(line, "inotify ", 8) == 0;
    fclose(info);
    return count;
}

static void a_volume_may_be_moved_away(void **state)
{
    struct fixture *fixture = *state;
    char away[160];
    fake_kubelet_write(&fixture->kubelet, "value", "0");
    open_and_load(fixture);
    for (int i = 1; i <= 3; i++) {
        char text[8];
        snprintf(away, sizeof away, "%s.%d", fixture->kubelet.dir, i);
        snprintf(text, sizeof text, "%d", i);
        assert_int_equal(0, rename(fixture->kubelet.dir, away));
        dispatch(fixture);
        assert_string_equal("state config dead\n", journal_take(&fixture->journal));
        fake_kubelet_write(&fixture->kubelet, "value", text);
        assert_true(journal_wait(&fixture->journal, fixture->reloader, "applied"));
        journal_take(&fixture->journal);
        assert_text(fixture, "value", text);
    }
    assert_int_equal(1, watches(fixture->reloader));
}

static void a_relative_path_is_meant_from_where_it_was_given(void **state)
{
    struct fixture *fixture = *state;
    int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    fake_kubelet_write(&fixture->kubelet, "value", "1");
    assert_int_equal(0, chdir(fixture->kubelet.root));
    open_path(fixture, "config");
    assert_int_equal(0, chdir("/")); /* as daemons do */
    assert_int_equal(CMR_OK, cmr_reloader_load(fixture->reloader, 0));
    cmr_reloader_check_now(fixture->reloader);
    dispatch(fixture);
    assert_string_equal("ready 1\n", journal_take(&fixture->journal));
    assert_int_equal(0, fchdir(here));
    close(here);
}

static void an_empty_generation_is_one(void **state)
{
    struct fixture *fixture = *state;
    fake_kubelet_swap(&fixture->kubelet);
    open_and_load(fixture);
    cmr_snapshot *snapshot = cmr_reloader_ref_snapshot(fixture->reloader);
    assert_int_equal(0, cmr_snapshot_file_count(snapshot, NULL));
    cmr_snapshot_unref(snapshot);
    cmr_subscribe(fixture->reloader, "**", journal_update, &fixture->journal, NULL, NULL);
    fake_kubelet_write(&fixture->kubelet, "value", "1");
    dispatch(fixture);
    assert_string_equal("applied 2\n+value=1\n", journal_take(&fixture->journal));
    fake_kubelet_remove(&fixture->kubelet, "value");
    fake_kubelet_swap(&fixture->kubelet);
    dispatch(fixture);
    assert_string_equal("applied 3\n-value=1\n", journal_take(&fixture->journal));
    assert_int_equal(CMR_MOUNT_READY, mount_status(fixture).state);
}

static void a_link_out_of_the_volume_is_refused(void **state)
{
    struct fixture *fixture = *state;
    static const char *const targets[] = { "../elsewhere", "/etc", ".", "..", "a/b" };
    assert_int_equal(0, mkdir(fixture->kubelet.dir, 0755));
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        fake_kubelet_link(&fixture->kubelet, targets[i]);
        open_path(fixture, fixture->kubelet.dir);
        errno = 0;
        assert_int_equal(CMR_ERR_SYSTEM, cmr_reloader_load(fixture->reloader, 0));
        assert_int_equal(ELOOP, errno);
        assert_int_equal(CMR_REASON_OUTSIDE, mount_status(fixture).reason);
        cmr_snapshot *snapshot;
        assert_int_equal(CMR_ERR_SYSTEM, cmr_snapshot_read(fixture->kubelet.dir, NULL, NULL, &snapshot));
        cmr_reloader_free(fixture->reloader);
    }
    fake_kubelet_remove_volume(&fixture->kubelet);
    journal_take(&fixture->journal);

    fake_kubelet_write(&fixture->kubelet, "value", "good");
    open_and_load(fixture);
    char *good = strdup(mount_status(fixture).applied_target);
    fake_kubelet_link(&fixture->kubelet, "../elsewhere");
    dispatch(fixture);
    assert_text(fixture, "value", "good");
    fake_kubelet_link(&fixture->kubelet, good);
    fake_kubelet_write(&fixture->kubelet, "value", "better");
    dispatch(fixture);
    assert_text(fixture, "value", "better");
    free(good);
}

static void a_link_that_leads_nowhere_is_no_volume(void **state)
{
    struct fixture *fixture = *state;
    cmr_snapshot *snapshot;
    assert_int_equal(0, mkdir(fixture->kubelet.dir, 0755));
    fake_kubelet_link(&fixture->kubelet, "..2026_never");
    assert_int_equal(CMR_ERR_NOT_FOUND, cmr_snapshot_read(fixture->kubelet.dir, NULL, NULL, &snapshot));
    open_path(fixture, fixture->kubelet.dir);
    assert_int_equal(CMR_ERR_NOT_FOUND, cmr_reloader_load(fixture->reloader, 0));
    assert_int_equal(CMR_MOUNT_WAITING, mount_status(fixture).state);
    assert_int_equal(CMR_REASON_DANGLING, mount_status(fixture).reason);
}

static void a_path_that_cannot_be_opened_is_an_error_of_the_system(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(0, symlink("config", fixture->kubelet.dir)); /* to itself */
    open_path(fixture, fixture->kubelet.dir);
    assert_int_equal(CMR_ERR_SYSTEM, cmr_reloader_load(fixture->reloader, 0));
    assert_int_equal(ELOOP, errno);
    assert_int_equal(CMR_REASON_UNREADABLE, mount_status(fixture).reason);
    assert_string_equal(strerror(ELOOP), mount_status(fixture).message);
    assert_int_equal(0, unlink(fixture->kubelet.dir));
    fake_kubelet_write(&fixture->kubelet, "value", "1");
    assert_int_equal(CMR_OK, cmr_reloader_load(fixture->reloader, PATIENCE_MS));
}

/* One whole look; what was loaded is the caller's. */
static enum cmr__look look(struct cmr__mount *mount, struct cmr__inotify *inotify, int64_t now,
                           cmr__part **ret_part)
{
    struct cmr__load *load;
    enum cmr__look seen = cmr__mount_check(mount, inotify, now);
    if (seen != CMR__LOOK_NEW)
        return seen;
    assert_int_equal(CMR_OK, cmr__mount_begin(mount, false, &load));
    cmr__load_run(load);
    seen = cmr__mount_finish(mount, load, inotify, now);
    *ret_part = CMR_TAKE(load->part);
    cmr__load_free(load);
    return seen;
}

/* Reads that go on failing are tried ever more rarely, on a clock of the test's own. */
static void failed_reads_back_off(void **state)
{
    struct fixture *fixture = *state;
    struct cmr__inotify inotify = CMR__INOTIFY_INIT;
    struct cmr__mount *mount;
    cmr__part *part = NULL;
    int64_t now = cmr__clock_now(), last = 0;
    char file[160];
    snprintf(file, sizeof file, "%s/..file", fixture->kubelet.dir);
    assert_int_equal(0, mkdir(fixture->kubelet.dir, 0755));
    close(open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
    fake_kubelet_link(&fixture->kubelet, "..file"); /* ENOTDIR */
    assert_int_equal(CMR_OK, cmr__inotify_open(&inotify));
    assert_int_equal(CMR_OK, cmr__mount_new(fixture->kubelet.dir, NULL, &mount));
    for (int i = 0; i < 12; i++) {
        assert_int_equal(CMR__LOOK_FAILED, look(mount, &inotify, now, &part));
        int64_t wait = mount->look_at - now;
        assert_true(wait > last || wait == INT64_C(10000000000));
        last = wait;
        now = mount->look_at;
    }
    assert_int_equal(INT64_C(10000000000), last);

    assert_int_equal(0, unlink(file)); /* now it leads nowhere: looked for every two seconds at least */
    for (int i = 0; i < 12; i++) {
        assert_int_equal(CMR__LOOK_NOTHING, look(mount, &inotify, now, &part));
        assert_true(mount->look_at - now <= INT64_C(2000000000));
        now = mount->look_at;
    }
    cmr__mount_free(mount, &inotify);
    cmr__inotify_close(&inotify);
}

/* However long it was waited for: the first failure to read it is told, and soon tried again. */
static void a_late_volume_that_cannot_be_read_is_told(void **state)
{
    struct fixture *fixture = *state;
    open_path(fixture, fixture->kubelet.dir);
    for (int i = 0; i < 12; i++) {
        cmr_reloader_check_now(fixture->reloader);
        dispatch(fixture);
    }
    assert_string_equal("state config waiting\n", journal_take(&fixture->journal));
    assert_int_equal(0, mkdir(fixture->kubelet.dir, 0755));
    fake_kubelet_link(&fixture->kubelet, "../elsewhere"); /* ELOOP */
    cmr_reloader_check_now(fixture->reloader);
    assert_int_equal(CMR_ERR_SYSTEM, cmr_reloader_load(fixture->reloader, 0));
    assert_string_equal("state config ready\nfailed config\n", journal_take(&fixture->journal));
    assert_true(fixture->reloader->mounts[0]->look_at - cmr__clock_now() < INT64_C(1000000000));
}

static void note_failure(void *user, const cmr_event *event)
{
    char(*told)[CMR__IDENTITY_SIZE] = user;
    if (event->kind != CMR_EVENT_FAILED)
        return;
    snprintf(told[0], sizeof told[0], "%s", event->target);
    snprintf(told[1], sizeof told[1], "%s: %s", cmr_mount_reason_name(event->reason), event->message);
}

static void what_is_mounted_is_told_though_it_cannot_be_read(void **state)
{
    struct fixture *fixture = *state;
    char file[160], told[2][CMR__IDENTITY_SIZE] = { "", "" };
    fake_kubelet_write(&fixture->kubelet, "value", "1");
    open_and_load(fixture);
    char *good = strdup(mount_status(fixture).applied_target);
    cmr_observe(fixture->reloader, note_failure, told, NULL, NULL);
    snprintf(file, sizeof file, "%s/..file", fixture->kubelet.dir);
    close(open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
    fake_kubelet_link(&fixture->kubelet, "..file"); /* ENOTDIR */
    dispatch(fixture);
    assert_string_equal("failed config\n", journal_take(&fixture->journal));
    assert_string_equal("..file", told[0]);
    assert_string_equal("unreadable: ..file: Not a directory", told[1]);
    assert_int_equal(CMR_REASON_UNREADABLE, mount_status(fixture).reason);
    assert_string_equal("..file", mount_status(fixture).mounted_target);
    assert_string_equal(good, mount_status(fixture).applied_target);
    fake_kubelet_link(&fixture->kubelet, good);
    dispatch(fixture);
    assert_string_equal(good, mount_status(fixture).mounted_target);
    assert_int_equal(CMR_REASON_NONE, mount_status(fixture).reason);
    free(good);
}

/* Events put the safety check off no further: the path may lead elsewhere by now. */
static void a_busy_directory_does_not_hide_another_at_its_path(void **state)
{
    struct fixture *fixture = *state;
    struct cmr__inotify inotify = CMR__INOTIFY_INIT;
    struct cmr__mount *mount;
    cmr__part *part = NULL;
    int64_t now = cmr__clock_now();
    char path[160];
    snprintf(path, sizeof path, "%s/link", fixture->kubelet.root);
    fake_kubelet_write(&fixture->kubelet, "value", "old");
    fake_kubelet_write(&fixture->other, "value", "new");
    assert_int_equal(0, symlink(fixture->kubelet.dir, path));
    assert_int_equal(CMR_OK, cmr__inotify_open(&inotify));
    assert_int_equal(CMR_OK, cmr__mount_new(path, NULL, &mount));
    assert_int_equal(CMR__LOOK_LOADED, look(mount, &inotify, now, &part));
    cmr__mount_accept(mount, part);
    assert_int_equal(0, unlink(path));
    assert_int_equal(0, symlink(fixture->other.dir, path));
    enum cmr__look seen = CMR__LOOK_NOTHING;
    for (int i = 0; i < 7 && seen == CMR__LOOK_NOTHING; i++) { /* an event each ten seconds */
        now += INT64_C(10000000000);
        cmr__mount_notice(mount, mount->watches.root, CMR__WATCH_CHANGED, now);
        seen = look(mount, &inotify, now, &part);
    }
    assert_int_equal(CMR__LOOK_LOADED, seen);
    cmr__mount_accept(mount, part);
    cmr__mount_free(mount, &inotify);
    cmr__inotify_close(&inotify);
    assert_int_equal(0, unlink(path));
}

static void nested_items_binary_contents_and_changes_of_shape(void **state)
{
    struct fixture *fixture = *state;
    const char binary[] = "\xef\xbb\xbfZ\0\xff\r\n";
    const void *data;
    size_t size;
    fake_kubelet_set_bytes(&fixture->kubelet, "dir/deep/blob", binary, sizeof binary - 1);
    fake_kubelet_set(&fixture->kubelet, "name", "a file");
    fake_kubelet_set(&fixture->kubelet, "..ignored/no", "");
    fake_kubelet_set(&fixture->kubelet, "empty", "");
    fake_kubelet_swap(&fixture->kubelet);
    open_and_load(fixture);
    cmr_snapshot *snapshot = cmr_reloader_ref_snapshot(fixture->reloader);
    assert_int_equal(CMR_OK, cmr_get_bytes(snapshot, "dir/deep/blob", &data, &size));
    assert_int_equal(sizeof binary - 1, size);
    assert_memory_equal(binary, data, size);
    assert_int_equal(3, cmr_snapshot_file_count(snapshot, NULL));
    cmr_snapshot_unref(snapshot);
    cmr_subscribe(fixture->reloader, "** name/**", journal_update, &fixture->journal, NULL, NULL);

    fake_kubelet_remove(&fixture->kubelet, "name");
    fake_kubelet_set(&fixture->kubelet, "name/inner", "now a directory");
    fake_kubelet_swap(&fixture->kubelet);
    dispatch(fixture);
    assert_string_equal("applied 2\n-name=a file\n+name/inner=now a directory\n",
                        journal_take(&fixture->journal));
    fake_kubelet_remove(&fixture->kubelet, "name/inner");
    fake_kubelet_set(&fixture->kubelet, "name", "a file again");
    fake_kubelet_swap(&fixture->kubelet);
    dispatch(fixture);
    assert_string_equal("applied 3\n+name=a file again\n-name/inner=now a directory\n",
                        journal_take(&fixture->journal));
}

static void unchanged_files_keep_their_document(void **state)
{
    struct fixture *fixture = *state;
    cmr_file before[2], after[2];
    fake_kubelet_set(&fixture->kubelet, "a.yaml", "same: 1\n");
    fake_kubelet_set(&fixture->kubelet, "b.yaml", "other: 1\n");
    fake_kubelet_swap(&fixture->kubelet);
    open_and_load(fixture);
    cmr_snapshot *old = cmr_reloader_ref_snapshot(fixture->reloader);
    fake_kubelet_write(&fixture->kubelet, "b.yaml", "other: 2\n");
    dispatch(fixture);
    cmr_snapshot *new = cmr_reloader_ref_snapshot(fixture->reloader);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(CMR_OK, cmr_snapshot_file(old, NULL, i, &before[i]));
        assert_int_equal(CMR_OK, cmr_snapshot_file(new, NULL, i, &after[i]));
    }
    assert_ptr_equal(before[0].data, after[0].data);
    assert_ptr_not_equal(before[1].data, after[1].data);
    assert_true(cmr_snapshot_generation(new) > cmr_snapshot_generation(old));
    cmr_snapshot_unref(old);
    cmr_snapshot_unref(new);
}

static void open_two(struct fixture *fixture)
{
    cmr_mount_options options = CMR_MOUNT_OPTIONS_INIT;
    options.name = "other";
    open_path(fixture, fixture->kubelet.dir);
    assert_int_equal(CMR_OK, cmr_reloader_add_mount(fixture->reloader, fixture->other.dir, &options));
    cmr_subscribe(fixture->reloader, "** other:**", journal_update, &fixture->journal, NULL, NULL);
}

static void two_mounts_are_published_together(void **state)
{
    struct fixture *fixture = *state;
    cmr_file before, after;
    open_two(fixture);
    fake_kubelet_write(&fixture->kubelet, "value", "1");
    assert_int_equal(CMR_ERR_NOT_FOUND, cmr_reloader_load(fixture->reloader, 0));
    assert_string_equal("state other waiting\n", journal_take(&fixture->journal));
    fake_kubelet_write(&fixture->kubelet, "value", "2");
    fake_kubelet_write(&fixture->other, "value", "10");
    assert_int_equal(CMR_OK, cmr_reloader_load(fixture->reloader, PATIENCE_MS));
    assert_string_equal("state other ready\nready 1\n", journal_take(&fixture->journal));
    assert_text(fixture, "value", "2");
    assert_text(fixture, "other:value", "10");
    cmr_mount_status first = mount_status(fixture); /* also of the one that was not loaded last */
    assert_string_equal(first.mounted_target, first.applied_target);

    cmr_snapshot *old = cmr_reloader_ref_snapshot(fixture->reloader);
    fake_kubelet_write(&fixture->other, "value", "11");
    dispatch(fixture);
    assert_string_equal("applied 2\nvalue=10>11\n", journal_take(&fixture->journal));
    cmr_snapshot *new = cmr_reloader_ref_snapshot(fixture->reloader);
    assert_int_equal(CMR_OK, cmr_snapshot_file(old, "config", 0, &before));
    assert_int_equal(CMR_OK, cmr_snapshot_file(new, "config", 0, &after));
    assert_ptr_equal(before.data, after.data);
    cmr_snapshot_unref(old);
    cmr_snapshot_unref(new);

    fake_kubelet_remove_volume(&fixture->other);
    assert_true(journal_wait(&fixture->journal, fixture->reloader, "state other dead\n"));
    fake_kubelet_write(&fixture->kubelet, "value", "3");
    dispatch(fixture);
    assert_string_equal("state other dead\napplied 3\nvalue=2>3\n", journal_take(&fixture->journal));
    assert_text(fixture, "other:value", "11");
}

/* What was rejected while another mount was waited for stays so when that one comes. */
static void a_rejection_is_told_once_though_another_mount_comes(void **state)
{
    struct fixture *fixture = *state;
    char *touched = NULL;
    open_two(fixture);
    fake_kubelet_write(&fixture->kubelet, "a.yaml", "1");
    assert_int_equal(CMR_ERR_NOT_FOUND, cmr_reloader_load(fixture->reloader, 0));
    fake_kubelet_write(&fixture->kubelet, "a.yaml", "[");
    dispatch(fixture);
    assert_string_equal("state other waiting\nrejected 0 a.yaml:1:2 []\n", journal_take(&fixture->journal));
    fake_kubelet_write(&fixture->other, "value", "10");
    assert_true(journal_wait(&fixture->journal, fixture->reloader, "ready 1\n"));
    assert_string_equal("state other ready\nready 1\n", journal_take(&fixture->journal));
    assert_true(asprintf(&touched, "%s/..touched", fixture->kubelet.dir) > 0);
    assert_int_equal(0, mkdir(touched, 0755)); /* an event */
    free(touched);
    dispatch(fixture);
    assert_string_equal("", journal_take(&fixture->journal));
}

static void two_mounts_may_be_one_directory(void **state)
{
    struct fixture *fixture = *state;
    cmr_mount_options options = CMR_MOUNT_OPTIONS_INIT;
    options.name = "other";
    fake_kubelet_write(&fixture->kubelet, "value", "1");
    open_path(fixture, fixture->kubelet.dir);
    assert_int_equal(CMR_OK, cmr_reloader_add_mount(fixture->reloader, fixture->kubelet.dir, &options));
    assert_int_equal(CMR_OK, cmr_reloader_load(fixture->reloader, 0));
    fake_kubelet_write(&fixture->kubelet, "value", "2");
    dispatch(fixture);
    assert_text(fixture, "value", "2");
    assert_text(fixture, "other:value", "2");
    assert_int_equal(1, watches(fixture->reloader));
}

static void lost_events_lose_no_change(void **state)
{
    struct fixture *fixture = *state;
    char path[160];
    fake_kubelet_write(&fixture->kubelet, "value", "1");
    open_and_load(fixture);
    snprintf(path, sizeof path, "%s/..storm", fixture->kubelet.dir);
    for (int i = 0; i < 10000; i++) { /* more than the queue's 16,384 events */
        close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
        unlink(path);
    }
    fake_kubelet_write(&fixture->kubelet, "value", "2");
    assert_true(journal_wait(&fixture->journal, fixture->reloader, "applied 2\n"));
    assert_text(fixture, "value", "2");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_volume_may_come_late),
        TEST(load_waits_for_a_late_volume),
        TEST(a_volume_may_be_removed_and_made_anew),
        TEST(a_volume_may_be_moved_away),
        TEST(a_relative_path_is_meant_from_where_it_was_given),
        TEST(an_empty_generation_is_one),
        TEST(a_link_out_of_the_volume_is_refused),
        TEST(a_link_that_leads_nowhere_is_no_volume),
        TEST(a_path_that_cannot_be_opened_is_an_error_of_the_system),
        TEST(failed_reads_back_off),
        TEST(a_busy_directory_does_not_hide_another_at_its_path),
        TEST(what_is_mounted_is_told_though_it_cannot_be_read),
        TEST(a_late_volume_that_cannot_be_read_is_told),
        TEST(nested_items_binary_contents_and_changes_of_shape),
        TEST(unchanged_files_keep_their_document),
        TEST(two_mounts_are_published_together),
        TEST(a_rejection_is_told_once_though_another_mount_comes),
        TEST(two_mounts_may_be_one_directory),
        TEST(lost_events_lose_no_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
