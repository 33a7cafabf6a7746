/* SPDX-License-Identifier: MIT
 *
 * What a follower of kubelet volumes must meet when a path leads to something else than a volume:
 * requirements 27 and 28. The table in docs/reliability.md has them all.
 *
 * CMRELOAD_TEST in the environment, a glob, runs only the tests of that name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/follower.h"

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

/* ---- the tests */

/* A developer's directory: content decides, once it is quiet; but empty it is waited for. */
static void req27_a_plain_directory_is_followed_by_its_content(void **state)
{
    struct follower *follower = *state;
    assert_int_equal(0, mkdir(follower->kubelet.dir, 0755));
    follower_open(follower, follower->kubelet.dir);
    assert_int_equal(CMR_ERR_NOT_FOUND, cmr_reloader_load(follower->reloader, 0));
    assert_string_equal("state config waiting\n", journal_take(&follower->journal));
    put(path_in(follower, "value"), "1");
    follower_awaits(follower, "state config ready\nready 1\n");
    assert_int_equal(CMR_KIND_DIRECTORY, follower_mount_status(follower).kind);
    put(path_in(follower, "value"), "1");
    put(path_in(follower, "new~"), "of an editor");
    assert_int_equal(0, rename(path_in(follower, "new~"), path_in(follower, "other")));
    follower_awaits(follower, "applied 2\n+other=of an editor\n");
    put(path_in(follower, "value"), "2");
    follower_awaits(follower, "applied 3\nvalue=1>2\n");
    assert_int_equal(0, unlink(path_in(follower, "other")));
    follower_awaits(follower, "applied 4\n-other=of an editor\n");
}

/* Kata containers copy the files, and ..data is a directory. Behind a link only the safety check sees. */
static void req27_a_copied_volume_is_a_plain_directory(void **state)
{
    struct follower *follower = *state;
    assert_int_equal(0, mkdir(follower->kubelet.dir, 0755));
    assert_int_equal(0, mkdir(path_in(follower, "..data"), 0755));
    put(path_in(follower, "..data/value"), "1");
    assert_int_equal(0, symlink("..data/value", path_in(follower, "value")));
    follower->mount.check_interval_ms = 20;
    follower_load(follower);
    assert_int_equal(CMR_KIND_DIRECTORY, follower_mount_status(follower).kind);
    put(path_in(follower, "..data/value.new"), "2");
    assert_int_equal(0, rename(path_in(follower, "..data/value.new"), path_in(follower, "..data/value")));
    follower_awaits(follower, "applied 2\nvalue=1>2\n");
}

/* What is left of a volume that is torn down is no directory of plain files. */
static void req27_what_was_a_volume_never_becomes_plain(void **state)
{
    struct follower *follower = *state;
    fake_kubelet_write(&follower->kubelet, "value", "1");
    put(path_in(follower, "stray"), "no key");
    follower_load(follower);
    assert_int_equal(0, unlink(path_in(follower, "..data")));
    assert_int_equal(0, unlink(path_in(follower, "value")));
    follower_hears(follower, "state config dead\n");
    for (int i = 0; i < 3; i++) {
        cmr_reloader_check_now(follower->reloader);
        follower_hears(follower, "");
    }
    follower_has(follower, "value", "1");
}

/* A path to a file is followed through its volume, also where the file lies in a folder of it. */
static void req28_a_file_is_followed_through_its_volume(void **state)
{
    struct follower *follower = *state;
    fake_kubelet_set(&follower->kubelet, "other", "0");
    fake_kubelet_write(&follower->kubelet, "folder/value", "1");
    follower_open(follower, path_in(follower, "folder/value"));
    assert_int_equal(CMR_OK, cmr_reloader_load(follower->reloader, 0));
    assert_string_equal("ready 1\n", journal_take(&follower->journal));
    assert_int_equal(CMR_KIND_FILE, follower_mount_status(follower).kind);
    assert_int_equal(1, follower_file_count(follower));
    for (int i = 2; i < 5; i++) {
        char expected[64], text[16];
        snprintf(text, sizeof text, "%d", i);
        snprintf(expected, sizeof expected, "applied %d\nfolder/value=%d>%d\n", i, i - 1, i);
        fake_kubelet_write(&follower->kubelet, "folder/value", text);
        follower_hears(follower, expected);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, follower_set_up, follower_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(req27_a_plain_directory_is_followed_by_its_content),
        TEST(req27_a_copied_volume_is_a_plain_directory),
        TEST(req27_what_was_a_volume_never_becomes_plain),
        TEST(req28_a_file_is_followed_through_its_volume),
    };
    cmocka_set_test_filter(getenv("CMRELOAD_TEST"));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
