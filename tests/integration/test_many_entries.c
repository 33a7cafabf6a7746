/* SPDX-License-Identifier: MIT
 *
 * Directories with more in them than anybody reads: a million files, all of them ignored or not; links that
 * lead nowhere; folders. What matters is how many calls the library makes: that they end, long before the
 * entries do. A million names are links to one file, which takes a second and some 200 MB of a tmpfs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/follower.h"

#define MILLION 1000000
#define FILES 4096 /* the default limits */
#define ENTRIES (4 * FILES + 65536)

static struct {
    bool counting;
    unsigned long listed, opened, looked_at; /* entries, files, and names that were asked what they are */
} calls;

static char told[256]; /* the one line of the last rejection */

struct dirent *__real_readdir(DIR *stream);
int __real_openat(int directory, const char *path, int flags, ...);
int __real_fstatat(int directory, const char *path, struct stat *ret_status, int flags);
struct dirent *__wrap_readdir(DIR *stream);
int __wrap_openat(int directory, const char *path, int flags, ...);
int __wrap_fstatat(int directory, const char *path, struct stat *ret_status, int flags);

struct dirent *__wrap_readdir(DIR *stream)
{
    calls.listed += calls.counting;
    return __real_readdir(stream);
}

int __wrap_openat(int directory, const char *path, int flags, ...)
{
    calls.opened += calls.counting;
    return __real_openat(directory, path, flags, 0644);
}

int __wrap_fstatat(int directory, const char *path, struct stat *ret_status, int flags)
{
    calls.looked_at += calls.counting;
    return __real_fstatat(directory, path, ret_status, flags);
}

static void keep_message(void *user, const cmr_event *event)
{
    (void)user;
    if (event->kind != CMR_EVENT_REJECTED)
        return;
    assert_int_equal(1, cmr_report_count(event->report));
    snprintf(told, sizeof told, "%s", cmr_report_get(event->report, 0)->message);
}

/* ---- many entries */

static void chdir_to(const struct follower *follower, const char *folder)
{
    assert_int_equal(0, chdir(follower->kubelet.dir));
    assert_true(mkdir(folder, 0755) == 0 || errno == EEXIST);
    assert_int_equal(0, chdir(folder));
}

static void make_entries(const struct follower *follower, const char *folder, unsigned long count,
                         int (*make)(const char *name))
{
    char name[16];
    chdir_to(follower, folder);
    for (unsigned long i = 0; i < count; i++) {
        snprintf(name, sizeof name, "f%07lu", i);
        if (make(name) != 0)
            fail_msg("%s: %s", name, strerror(errno));
    }
    assert_int_equal(0, chdir("/"));
}

static int make_file(const char *name)
{
    static char first[16];
    if (strcmp(name, "f0000000") != 0 && link(first, name) == 0)
        return 0;
    snprintf(first, sizeof first, "%s", name); /* a file may have so many links only, but on tmpfs */
    int file = open(name, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
    return file < 0 ? -1 : close(file);
}

static int make_dangling(const char *name)
{
    return symlink("nowhere", name);
}

static int make_folder(const char *name)
{
    return mkdir(name, 0755);
}

static void remove_entries(const struct follower *follower, const char *folder, unsigned long count, int how)
{
    char name[16];
    chdir_to(follower, folder);
    for (unsigned long i = 0; i < count; i++) {
        snprintf(name, sizeof name, "f%07lu", i);
        assert_int_equal(0, unlinkat(AT_FDCWD, name, how));
    }
    assert_int_equal(0, chdir("/"));
}

/* ---- looking at them */

static void count_dispatch(struct follower *follower)
{
    memset(&calls, 0, sizeof calls);
    told[0] = '\0';
    calls.counting = true;
    cmr_reloader_check_now(follower->reloader);
    follower_dispatch(follower);
    calls.counting = false;
    journal_take(&follower->journal);
}

static void load(struct follower *follower)
{
    follower_load(follower);
    assert_int_equal(CMR_OK, cmr_observe(follower->reloader, keep_message, NULL, NULL, NULL));
}

static void write_value(const struct follower *follower, const char *text)
{
    char path[160];
    snprintf(path, sizeof path, "%s/value", follower->kubelet.dir);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void load_directory(struct follower *follower)
{
    assert_int_equal(0, mkdir(follower->kubelet.dir, 0755));
    write_value(follower, "0");
    follower->mount.settle_ms = -1;
    load(follower);
}

static void is_rejected(struct follower *follower, const char *message)
{
    count_dispatch(follower);
    assert_string_equal(message, told);
    follower_has(follower, "value", "0");
    printf("%s: %lu entries listed, %lu looked at, %lu opened\n", message, calls.listed, calls.looked_at,
           calls.opened);
}

static void is_mended(struct follower *follower)
{
    write_value(follower, "1");
    count_dispatch(follower);
    assert_string_equal("", told);
    follower_has(follower, "value", "1");
}

/* ---- the tests */

static void a_million_files_of_a_generation_are_not_read(void **state)
{
    struct follower *follower = *state;
    fake_kubelet_write(&follower->kubelet, "value", "0");
    load(follower);
    make_entries(follower, "..many", MILLION, make_file);
    fake_kubelet_link(&follower->kubelet, "..many");
    is_rejected(follower, "more than 4096 files");
    assert_in_range(calls.listed, FILES, FILES + 8);
    assert_in_range(calls.opened, FILES, FILES + 8);
    remove_entries(follower, "..many", MILLION, 0);
    fake_kubelet_write(&follower->kubelet, "value", "1");
    count_dispatch(follower);
    follower_has(follower, "value", "1");
}

static void a_million_files_of_a_directory_are_not_read(void **state)
{
    static const char *const all[] = { "f*", NULL };
    struct follower *follower = *state;
    load_directory(follower);
    make_entries(follower, ".", MILLION, make_file);
    is_rejected(follower, "more than 4096 files");
    assert_in_range(calls.listed, FILES, FILES + ENTRIES + 8); /* links into ..data are looked for, too */
    assert_in_range(calls.opened, FILES, FILES + 8);
    follower_end(follower);

    follower->mount.ignore = all; /* the same, and all are ignored */
    follower_open(follower, follower->kubelet.dir);
    assert_int_equal(CMR_OK, cmr_observe(follower->reloader, keep_message, NULL, NULL, NULL));
    count_dispatch(follower);
    assert_string_equal("more than 81920 entries, ignored ones included", told);
    assert_in_range(calls.listed, ENTRIES, 2 * ENTRIES + 8);
    assert_in_range(calls.opened, 0, 8);
    remove_entries(follower, ".", MILLION, 0);
    is_mended(follower);
}

static void links_to_nowhere_without_end_are_not_followed(void **state)
{
    struct follower *follower = *state;
    load_directory(follower);
    make_entries(follower, ".", ENTRIES + 1000, make_dangling);
    is_rejected(follower, "more than 81920 entries, ignored ones included");
    assert_in_range(calls.listed, ENTRIES, 2 * ENTRIES + 8);
    assert_in_range(calls.looked_at, ENTRIES, 2 * ENTRIES + 8);
    remove_entries(follower, ".", ENTRIES + 1000, 0);
    is_mended(follower);
}

static void folders_without_end_are_not_entered(void **state)
{
    struct follower *follower = *state;
    load_directory(follower);
    make_entries(follower, ".", FILES + 1000, make_folder);
    is_rejected(follower, "more than 4096 folders");
    assert_in_range(calls.opened, FILES, FILES + 8);
    remove_entries(follower, ".", FILES + 1000, AT_REMOVEDIR);
    is_mended(follower);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, follower_set_up, follower_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_million_files_of_a_generation_are_not_read),
        TEST(a_million_files_of_a_directory_are_not_read),
        TEST(links_to_nowhere_without_end_are_not_followed),
        TEST(folders_without_end_are_not_entered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
