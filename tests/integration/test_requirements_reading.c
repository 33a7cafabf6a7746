/* SPDX-License-Identifier: MIT
 *
 * What a follower of kubelet volumes must meet when it reads: requirements 2, 5 to 12, and 26. The table in
 * docs/reliability.md has them all. Here a swap can be made after each single system call of the library,
 * and each of its calls can be made to fail.
 *
 * CMRELOAD_TEST in the environment, a glob, runs only the tests of that name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "support/follower.h"

/* ---- system calls: what happens after one, and which one fails */

static struct {
    long calls_left; /* the swap comes after so many; 0: none is to come */
    struct fake_kubelet *kubelet;
} swap_later;

static struct {
    const char *call; /* NULL: none */
    int error;
    long passes; /* so many go well before */
    long times;  /* so many fail then */
} fault;

static bool restless; /* ..data says something else at every other look */

static void called(void)
{
    int error = errno;
    if (swap_later.calls_left > 0 && --swap_later.calls_left == 0)
        fake_kubelet_swap(swap_later.kubelet);
    errno = error;
}

static bool fails(const char *call)
{
    if (!fault.call || strcmp(fault.call, call) != 0 || fault.passes-- > 0 || fault.times == 0)
        return false;
    fault.times--;
    errno = fault.error;
    return true;
}

int __real_openat(int directory, const char *path, int flags, ...);
int __real_fstatat(int directory, const char *path, struct stat *ret_status, int flags);
ssize_t __real_readlinkat(int directory, const char *path, char *ret_target, size_t size);
ssize_t __real_read(int descriptor, void *ret_data, size_t size);
struct dirent *__real_readdir(DIR *stream);
int __real_inotify_add_watch(int descriptor, const char *path, uint32_t mask);

int __wrap_openat(int directory, const char *path, int flags, ...);
int __wrap_fstatat(int directory, const char *path, struct stat *ret_status, int flags);
ssize_t __wrap_readlinkat(int directory, const char *path, char *ret_target, size_t size);
ssize_t __wrap_read(int descriptor, void *ret_data, size_t size);
struct dirent *__wrap_readdir(DIR *stream);
int __wrap_inotify_add_watch(int descriptor, const char *path, uint32_t mask);

int __wrap_openat(int directory, const char *path, int flags, ...)
{
    int result = fails("openat") ? -1 : __real_openat(directory, path, flags, 0644);
    called();
    return result;
}

int __wrap_fstatat(int directory, const char *path, struct stat *ret_status, int flags)
{
    int result = fails("fstatat") ? -1 : __real_fstatat(directory, path, ret_status, flags);
    called();
    return result;
}

ssize_t __wrap_readlinkat(int directory, const char *path, char *ret_target, size_t size)
{
    static unsigned looks;
    ssize_t length = fails("readlinkat") ? -1 : __real_readlinkat(directory, path, ret_target, size);
    if (restless && length > 0 && ++looks % 2)
        ret_target[length - 1] ^= 1;
    called();
    return length;
}

ssize_t __wrap_read(int descriptor, void *ret_data, size_t size)
{
    ssize_t length = fails("read") ? -1 : __real_read(descriptor, ret_data, size);
    called();
    return length;
}

struct dirent *__wrap_readdir(DIR *stream)
{
    struct dirent *entry = fails("readdir") ? NULL : __real_readdir(stream);
    called();
    return entry;
}

int __wrap_inotify_add_watch(int descriptor, const char *path, uint32_t mask)
{
    int watch = __real_inotify_add_watch(descriptor, path, mask);
    called();
    return watch;
}

/* True while there still was such a call. The kubelet's next payload must be set, but not swapped. */
static bool swap_came(void)
{
    bool came = swap_later.calls_left == 0;
    swap_later.calls_left = 0;
    return came;
}

static void swap_after(struct fake_kubelet *kubelet, long calls)
{
    swap_later.kubelet = kubelet;
    swap_later.calls_left = calls;
}

static void fail_from_now_on(const char *call, int error, long passes, long times)
{
    fault.call = call;
    fault.error = error;
    fault.passes = passes;
    fault.times = times;
}

/* ---- the tests */

/* The watch is there before the first read begins, so wherever a swap meets the start, it is seen. */
static void req02_a_swap_at_any_point_of_the_start_is_seen(void **state)
{
    struct follower *follower = *state;
    long calls = 0;
    do {
        follower_end(follower);
        fake_kubelet_write(&follower->kubelet, "value", "old");
        fake_kubelet_set(&follower->kubelet, "value", "new");
        follower_open(follower, follower->kubelet.dir);
        swap_after(&follower->kubelet, ++calls);
        assert_int_equal(CMR_OK, cmr_reloader_load(follower->reloader, 0));
        if (swap_later.calls_left == 0) {
            follower_dispatch(follower);
            follower_has(follower, "value", "new");
        }
    } while (swap_came());
    assert_true(calls > 8);
}

/* Every file says the number of its generation, and the number says how many there are. */
static void set_generation(struct fake_kubelet *kubelet, long number)
{
    char name[16], text[16];
    snprintf(text, sizeof text, "%ld", number);
    payload_clear(&kubelet->payload);
    for (long i = 0; i < 3 + number % 3; i++) {
        snprintf(name, sizeof name, "%sfile%ld", i == 1 ? "folder/" : "", i);
        fake_kubelet_set(kubelet, name, text);
    }
}

static void assert_whole(const cmr_snapshot *snapshot)
{
    size_t files = cmr_snapshot_file_count(snapshot, NULL);
    cmr_file first, file;
    assert_int_equal(CMR_OK, cmr_snapshot_file(snapshot, NULL, 0, &first));
    assert_int_equal(3 + strtol(first.data, NULL, 10) % 3, files);
    for (size_t i = 1; i < files; i++) {
        assert_int_equal(CMR_OK, cmr_snapshot_file(snapshot, NULL, i, &file));
        assert_string_equal(first.data, file.data);
    }
}

/* What is read is one generation and all of it, wherever the swap meets the read. (test_churn.c: under a
 * writer that never rests.) */
static void req05_a_read_is_one_whole_generation(void **state)
{
    struct follower *follower = *state;
    cmr_snapshot *snapshot;
    long calls = 0;
    do {
        set_generation(&follower->kubelet, 2 * calls);
        fake_kubelet_swap(&follower->kubelet);
        set_generation(&follower->kubelet, 2 * calls + 1);
        swap_after(&follower->kubelet, ++calls);
        assert_int_equal(CMR_OK, cmr_snapshot_read(follower->kubelet.dir, NULL, NULL, &snapshot));
        assert_whole(snapshot);
        cmr_snapshot_unref(snapshot);
    } while (swap_came());
    assert_true(calls > 20);
}

/* A volume that is never the same twice is not read for ever: the last good stays, and the change comes by
 * itself when it can. */
static void req06_reads_are_bounded_and_tried_again(void **state)
{
    struct follower *follower = *state;
    fake_kubelet_write(&follower->kubelet, "value", "1");
    follower_load(follower);
    fake_kubelet_write(&follower->kubelet, "value", "2");
    restless = true;
    follower_hears(follower, "failed config\n");
    restless = false;
    follower_has(follower, "value", "1");
    assert_in_range(follower_status(follower).read_retries, 1, 1000);
    follower_awaits(follower, "applied 2\nvalue=1>2\n");
}

/* The links that show in the volume come after the swap, and those of removed keys go later still. */
static void req07_the_generation_is_listed_not_the_visible_links(void **state)
{
    struct follower *follower = *state;
    char stray[160];
    fake_kubelet_write(&follower->kubelet, "old", "1");
    snprintf(stray, sizeof stray, "%s/stray", follower->kubelet.dir);
    assert_int_equal(0, mkdir(stray, 0755));
    follower_load(follower);
    assert_int_equal(1, follower_file_count(follower));
    fake_kubelet_remove(&follower->kubelet, "old");
    fake_kubelet_set(&follower->kubelet, "new", "2");
    fake_kubelet_swap_until(&follower->kubelet, CMR__VOLUME_SWAP);
    follower_hears(follower, "applied 2\n+new=2\n-old=1\n");
}

/* Generations of killed writers, their ..data_tmp, and anything else of such a name. */
static void req08_names_that_begin_with_two_dots_are_ignored(void **state)
{
    struct follower *follower = *state;
    fake_kubelet_set(&follower->kubelet, "value", "0");
    fake_kubelet_swap_until(&follower->kubelet, CMR__VOLUME_TMP_LINK);
    fake_kubelet_set(&follower->kubelet, "..file", "no key");
    fake_kubelet_set(&follower->kubelet, "..folder/file", "no key");
    fake_kubelet_write(&follower->kubelet, "value", "1");
    follower_load(follower);
    assert_int_equal(1, follower_file_count(follower));
    fake_kubelet_set(&follower->kubelet, "value", "2");
    fake_kubelet_swap_until(&follower->kubelet, CMR__VOLUME_TMP_LINK);
    follower_hears(follower, "");
    follower_has(follower, "value", "1");
}

/* Items with a path lie in folders, and a name may be a file today and a folder tomorrow. */
static void req09_nested_items_are_read_and_may_change_shape(void **state)
{
    struct follower *follower = *state;
    fake_kubelet_set(&follower->kubelet, "a/b/c", "1");
    fake_kubelet_write(&follower->kubelet, "name", "file");
    follower_load(follower);
    fake_kubelet_write(&follower->kubelet, "a/b/c", "2");
    follower_hears(follower, "applied 2\na/b/c=1>2\n");
    fake_kubelet_remove(&follower->kubelet, "name");
    fake_kubelet_write(&follower->kubelet, "name/inner", "folder");
    follower_hears(follower, "applied 3\n-name=file\n+name/inner=folder\n");
    fake_kubelet_remove(&follower->kubelet, "name/inner");
    fake_kubelet_write(&follower->kubelet, "name", "file");
    follower_hears(follower, "applied 4\n+name=file\n-name/inner=folder\n");
}

/* What could not be read is not gone. */
static void req10_a_read_that_fails_removes_nothing(void **state)
{
    static const struct {
        const char *call;
        int error;
        long passes;
    } faults[] = {
        { "readlinkat", EIO, 0 }, { "openat", EACCES, 0 }, { "openat", EACCES, 2 }, { "openat", EIO, 1 },
        { "fstatat", EIO, 1 },    { "readdir", EIO, 3 },   { "read", EIO, 3 },
    };
    struct follower *follower = *state;
    char text[16], expected[64];
    fake_kubelet_set(&follower->kubelet, "one", "0");
    fake_kubelet_write(&follower->kubelet, "two", "0");
    follower_load(follower);
    for (int i = 1; i <= (int)(sizeof faults / sizeof *faults); i++) {
        snprintf(text, sizeof text, "%d", i);
        fake_kubelet_set(&follower->kubelet, "one", text);
        fake_kubelet_write(&follower->kubelet, "two", text);
        fail_from_now_on(faults[i - 1].call, faults[i - 1].error, faults[i - 1].passes, 1);
        follower_hears(follower, "failed config\n");
        fault.call = NULL;
        assert_int_equal(2, follower_file_count(follower));
        snprintf(expected, sizeof expected, "applied %d\none=%d>%d\ntwo=%d>%d\n", i + 1, i - 1, i, i - 1, i);
        follower_awaits(follower, expected);
    }
}

/* What passes by itself needs no event to be got over; meanwhile it is tried ever more rarely, and told
 * once. */
static void req11_a_passing_error_is_tried_again_ever_more_rarely(void **state)
{
    struct follower *follower = *state;
    fake_kubelet_write(&follower->kubelet, "value", "1");
    follower_load(follower);
    fake_kubelet_write(&follower->kubelet, "value", "2");
    fail_from_now_on("openat", EACCES, 0, INT32_MAX);
    follower_hears(follower, "failed config\n");
    int64_t until = cmr__clock_after_ms(cmr__clock_now(), 400);
    while (cmr__clock_now() < until || follower_status(follower).reloads_failed < 3)
        (void)cmr_reloader_wait(follower->reloader, 50);
    assert_true(follower_status(follower).reloads_failed <= 7); /* 20 without back-off, fewer if it is slow */
    follower_has(follower, "value", "1");
    fault.call = NULL;
    follower_awaits(follower, "applied 2\nvalue=1>2\n");
}

/* No ..data yet, a generation without files, and a volume that is gone are three different things. */
static void req12_an_empty_generation_is_neither_absent_nor_dead(void **state)
{
    struct follower *follower = *state;
    assert_int_equal(0, mkdir(follower->kubelet.dir, 0755));
    follower_open(follower, follower->kubelet.dir);
    assert_int_equal(CMR_ERR_NOT_FOUND, cmr_reloader_load(follower->reloader, 0));
    assert_string_equal("state config waiting\n", journal_take(&follower->journal));
    fake_kubelet_swap(&follower->kubelet);
    follower_awaits(follower, "state config ready\nready 1\n");
    assert_int_equal(0, follower_file_count(follower));
    fake_kubelet_write(&follower->kubelet, "value", "1");
    follower_hears(follower, "applied 2\n+value=1\n");
    fake_kubelet_remove(&follower->kubelet, "value");
    fake_kubelet_swap(&follower->kubelet);
    follower_hears(follower, "applied 3\n-value=1\n");
    fake_kubelet_write(&follower->kubelet, "value", "2");
    follower_hears(follower, "applied 4\n+value=2\n");
    fake_kubelet_remove_volume(&follower->kubelet);
    follower_awaits(follower, "state config dead\n");
    follower_has(follower, "value", "2");
}

static void assert_bytes(struct follower *follower, const char *name, const void *data, size_t size)
{
    const void *found;
    size_t length;
    cmr_snapshot *snapshot = cmr_reloader_ref_snapshot(follower->reloader);
    assert_int_equal(CMR_OK, cmr_get_bytes(snapshot, name, &found, &length));
    assert_int_equal(size, length);
    assert_memory_equal(data, found, size);
    cmr_snapshot_unref(snapshot);
}

/* Files are bytes, up to a size that the application may choose. */
static void req26_contents_are_bytes_up_to_a_limit(void **state)
{
    static const struct {
        const char *name, *data;
        size_t size;
    } files[] = {
        { "nul", "a\0b", 3 },           { "empty", "", 0 },
        { "no-end", "a\nb", 3 },        { "crlf", "a\r\n", 4 },
        { "bom", "\xef\xbb\xbf a", 5 }, { "no-text", "\xff\xfe\n", 3 },
    };
    struct follower *follower = *state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        fake_kubelet_set_bytes(&follower->kubelet, files[i].name, files[i].data, files[i].size);
    fake_kubelet_write(&follower->kubelet, "value", "12345678");
    follower->mount.limits.file_size = 8;
    follower_load(follower);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        assert_bytes(follower, files[i].name, files[i].data, files[i].size);
    fake_kubelet_write(&follower->kubelet, "value", "123456789");
    follower_hears(follower, "rejected 1 value:0:0 []\n");
    follower_has(follower, "value", "12345678");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, follower_set_up, follower_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(req02_a_swap_at_any_point_of_the_start_is_seen),
        TEST(req05_a_read_is_one_whole_generation),
        TEST(req06_reads_are_bounded_and_tried_again),
        TEST(req07_the_generation_is_listed_not_the_visible_links),
        TEST(req08_names_that_begin_with_two_dots_are_ignored),
        TEST(req09_nested_items_are_read_and_may_change_shape),
        TEST(req10_a_read_that_fails_removes_nothing),
        TEST(req11_a_passing_error_is_tried_again_ever_more_rarely),
        TEST(req12_an_empty_generation_is_neither_absent_nor_dead),
        TEST(req26_contents_are_bytes_up_to_a_limit),
    };
    cmocka_set_test_filter(getenv("CMRELOAD_TEST"));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
