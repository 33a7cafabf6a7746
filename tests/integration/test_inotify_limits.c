/* SPDX-License-Identifier: MIT
 *
 * Where inotify ends: its queue, which a storm of events overflows before anybody reads it, and the user's
 * instances and watches. The clock is the test's: "within one check interval" is what the reloader has
 * planned, and not how long this machine takes. (req15 and req17 have an overflow that hides another volume,
 * and that there are limits at all.)
 *
 * The limits are those of a user namespace that the test makes for itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/follower.h"
#include "support/planned_clock.h"

#define NS_PER_MS INT64_C(1000000)
#define POLL_MS 2000 /* the header: polled every 2 s, or check_interval_ms if that is shorter */

static unsigned overflows; /* that the library has read of */

ssize_t __real_read(int descriptor, void *data, size_t size);
ssize_t __wrap_read(int descriptor, void *data, size_t size);
int __wrap_timerfd_settime(int timer, int flags, const struct itimerspec *set, struct itimerspec *old);
int __wrap_clock_gettime(clockid_t clock, struct timespec *ret_time);

/* The kernel's word for an overflow is an event without a name, the last in the queue. */
ssize_t __wrap_read(int descriptor, void *data, size_t size)
{
    struct inotify_event last;
    ssize_t length = __real_read(descriptor, data, size);
    if (length >= (ssize_t)sizeof last) {
        memcpy(&last, (char *)data + length - sizeof last, sizeof last);
        overflows += last.mask == IN_Q_OVERFLOW && last.wd == -1;
    }
    return length;
}

int __wrap_timerfd_settime(int timer, int flags, const struct itimerspec *set, struct itimerspec *old)
{
    (void)old;
    return planned_clock_settime(timer, flags, set);
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *ret_time)
{
    return planned_clock_gettime(clock, ret_time);
}

static int set_up(void **state)
{
    overflows = 0;
    planned_clock_forget();
    return follower_set_up(state);
}

static const char *path_in(const struct follower *follower, const char *name)
{
    static char paths[4][192];
    static unsigned next;
    char *place = paths[next++ % 4];
    snprintf(place, sizeof paths[0], "%s/%s", follower->kubelet.dir, name);
    return place;
}

static void put(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(0, fclose(file));
}

static unsigned long queue_limit(void)
{
    unsigned long most = 0;
    FILE *file = fopen("/proc/sys/fs/inotify/max_queued_events", "re");
    assert_non_null(file);
    assert_int_equal(1, fscanf(file, "%lu", &most));
    fclose(file);
    return most;
}

/* ---- a storm */

/* So many creations and deletions, more than the queue holds. */
static void storm(const struct follower *follower, unsigned long events)
{
    for (unsigned long i = 0; i < events / 2; i++) {
        assert_int_equal(0, mkdir(path_in(follower, "..storm"), 0755));
        assert_int_equal(0, rmdir(path_in(follower, "..storm")));
    }
}

static unsigned long storm_size(void)
{
    unsigned long most = queue_limit() + 1616;
    return most > 18000 ? most : 18000;
}

/* Wherever in the storm the swap is, one dispatch brings it; the next one comes by an event. */
static void a_swap_in_a_storm_is_seen_by_one_dispatch(void **state)
{
    struct follower *follower = *state;
    const unsigned long all = storm_size(), before[] = { 0, all / 2, all };
    fake_kubelet_write(&follower->kubelet, "value", "0");
    follower_load(follower);
    for (int i = 0; i < 3; i++) {
        char text[16], expected[64];
        storm(follower, before[i]);
        snprintf(text, sizeof text, "%d", 2 * i + 1);
        fake_kubelet_write(&follower->kubelet, "value", text);
        storm(follower, all - before[i]);
        snprintf(expected, sizeof expected, "applied %d\nvalue=%d>%d\n", 2 * i + 2, 2 * i, 2 * i + 1);
        follower_hears(follower, expected);
        assert_int_equal(i + 1, overflows);
        assert_int_equal(CMR_MOUNT_READY, follower_mount_status(follower).state);
        snprintf(text, sizeof text, "%d", 2 * i + 2);
        fake_kubelet_write(&follower->kubelet, "value", text);
        snprintf(expected, sizeof expected, "applied %d\nvalue=%d>%d\n", 2 * i + 3, 2 * i + 1, 2 * i + 2);
        follower_hears(follower, expected);
    }
}

/* Nobody has dispatched at all: there is no watch yet, and what was before it does not matter. */
static void a_storm_before_the_first_dispatch_of_all_is_no_matter(void **state)
{
    struct follower *follower = *state;
    fake_kubelet_write(&follower->kubelet, "value", "0");
    follower_open(follower, follower->kubelet.dir);
    storm(follower, storm_size());
    fake_kubelet_write(&follower->kubelet, "value", "1");
    follower_hears(follower, "ready 1\n");
    follower_has(follower, "value", "1");
    assert_int_equal(0, overflows);
    fake_kubelet_write(&follower->kubelet, "value", "2");
    follower_hears(follower, "applied 2\nvalue=1>2\n");
}

/* That the watch has ended is among what was lost. */
static void a_volume_made_anew_in_a_storm_is_watched(void **state)
{
    struct follower *follower = *state;
    fake_kubelet_write(&follower->kubelet, "value", "0");
    follower_load(follower);
    storm(follower, storm_size());
    fake_kubelet_remove_volume(&follower->kubelet);
    fake_kubelet_write(&follower->kubelet, "value", "1");
    follower_hears(follower, "applied 2\nvalue=0>1\n");
    assert_int_equal(1, overflows);
    fake_kubelet_write(&follower->kubelet, "value", "2");
    follower_hears(follower, "applied 3\nvalue=1>2\n");
}

/* Folders come and go in it whose events are lost, too. */
static void a_plain_directory_in_a_storm_is_read_and_watched(void **state)
{
    struct follower *follower = *state;
    follower->mount.settle_ms = -1;
    assert_int_equal(0, mkdir(follower->kubelet.dir, 0755));
    assert_int_equal(0, mkdir(path_in(follower, "old"), 0755));
    put(path_in(follower, "old/value"), "0");
    follower_load(follower);
    storm(follower, storm_size());
    assert_int_equal(0, unlink(path_in(follower, "old/value")));
    assert_int_equal(0, rmdir(path_in(follower, "old")));
    assert_int_equal(0, mkdir(path_in(follower, "new"), 0755));
    put(path_in(follower, "new/value"), "1");
    follower_hears(follower, "applied 2\n+new/value=1\n-old/value=0\n");
    assert_int_equal(1, overflows);
    put(path_in(follower, "new/value"), "2");
    follower_hears(follower, "applied 3\nnew/value=1>2\n");
}

/* ---- limits */

static bool write_text(const char *path, const char *text)
{
    int file = open(path, O_WRONLY | O_CLOEXEC);
    bool good = file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text);
    if (file >= 0)
        close(file);
    return good;
}

static bool limit_instances(const char *most)
{
    return write_text("/proc/sys/user/max_inotify_instances", most);
}

static bool limit_watches(const char *most)
{
    return write_text("/proc/sys/user/max_inotify_watches", most);
}

static bool enter_namespace(void)
{
    char users[40];
    snprintf(users, sizeof users, "0 %u 1", (unsigned)geteuid());
    return unshare(CLONE_NEWUSER) == 0 && write_text("/proc/self/uid_map", users) && limit_instances("128") &&
           limit_watches("8192");
}

static int lift_limits(void **state)
{
    bool lifted = limit_instances("128") && limit_watches("8192");
    return follower_tear_down(state) == 0 && lifted ? 0 : -1;
}

/* The next look is planned for no later than that, and brings this. */
static void hears_within(struct follower *follower, int64_t ms, const char *expected)
{
    int64_t left = planned_clock_left_ns();
    assert_true(left <= ms * NS_PER_MS);
    follower_hears(follower, "");
    assert_true(planned_clock_advance());
    follower_hears(follower, expected);
}

static void is_followed_within(struct follower *follower, bool (*limit)(const char *), int64_t check_ms)
{
    int64_t within = check_ms > 0 && check_ms < POLL_MS ? check_ms : POLL_MS;
    follower->mount.check_interval_ms = check_ms;
    fake_kubelet_write(&follower->kubelet, "value", "0");
    assert_true(limit("0"));
    follower_open(follower, follower->kubelet.dir);
    follower_hears(follower, "state config polling\nready 1\n");
    fake_kubelet_write(&follower->kubelet, "value", "1");
    hears_within(follower, within, "applied 2\nvalue=0>1\n");
    fake_kubelet_remove_volume(&follower->kubelet);
    hears_within(follower, within, "state config dead\n");
    fake_kubelet_write(&follower->kubelet, "value", "2");
    hears_within(follower, within, "state config polling\napplied 3\nvalue=1>2\n");
    assert_true(limit("100"));
    hears_within(follower, within, "state config ready\n");
    assert_int_equal(CMR_REASON_NONE, follower_mount_status(follower).reason);
    fake_kubelet_write(&follower->kubelet, "value", "3");
    follower_hears(follower, "applied 4\nvalue=2>3\n");
    follower_end(follower);
    fake_kubelet_remove_volume(&follower->kubelet);
    planned_clock_forget();
}

/* With a check interval that is short, usual, and none. */
static void without_an_instance_a_change_comes_within_a_check_interval(void **state)
{
    is_followed_within(*state, limit_instances, 500);
    is_followed_within(*state, limit_instances, 0);
    is_followed_within(*state, limit_instances, -1);
}

static void without_a_watch_a_change_comes_within_a_check_interval(void **state)
{
    is_followed_within(*state, limit_watches, 500);
    is_followed_within(*state, limit_watches, 0);
    is_followed_within(*state, limit_watches, -1);
}

/* The limit comes while it is followed: the watch that ends with the volume is the last for now. */
static void a_watch_that_is_lost_for_now_is_had_again(void **state)
{
    struct follower *follower = *state;
    fake_kubelet_write(&follower->kubelet, "value", "0");
    follower_load(follower);
    assert_true(limit_watches("0"));
    fake_kubelet_remove_volume(&follower->kubelet);
    follower_hears(follower, "state config dead\n");
    fake_kubelet_write(&follower->kubelet, "value", "1");
    hears_within(follower, POLL_MS, "state config polling\napplied 2\nvalue=0>1\n");
    storm(follower, storm_size()); /* that nobody hears */
    fake_kubelet_write(&follower->kubelet, "value", "2");
    hears_within(follower, POLL_MS, "applied 3\nvalue=1>2\n");
    assert_true(limit_watches("100"));
    hears_within(follower, POLL_MS, "state config ready\n");
    fake_kubelet_write(&follower->kubelet, "value", "3");
    follower_hears(follower, "applied 4\nvalue=2>3\n");
    assert_int_equal(0, overflows);
}

/* There is one watch, and two directories to watch. */
static void a_folder_without_a_watch_is_polled(void **state)
{
    struct follower *follower = *state;
    follower->mount.settle_ms = -1;
    assert_int_equal(0, mkdir(follower->kubelet.dir, 0755));
    assert_int_equal(0, mkdir(path_in(follower, "folder"), 0755));
    put(path_in(follower, "folder/value"), "0");
    assert_true(limit_watches("1"));
    follower_open(follower, follower->kubelet.dir);
    follower_hears(follower, "state config polling\nready 1\n");
    put(path_in(follower, "folder/value"), "1");
    hears_within(follower, POLL_MS, "applied 2\nfolder/value=0>1\n");
    assert_true(limit_watches("100"));
    hears_within(follower, POLL_MS, "state config ready\n");
    put(path_in(follower, "folder/value"), "2");
    follower_hears(follower, "applied 3\nfolder/value=1>2\n");
}

#define STORM(name) cmocka_unit_test_setup_teardown(name, set_up, follower_tear_down)
#define LIMIT(name) cmocka_unit_test_setup_teardown(name, set_up, lift_limits)

int main(void)
{
    const struct CMUnitTest storms[] = {
        STORM(a_swap_in_a_storm_is_seen_by_one_dispatch),
        STORM(a_storm_before_the_first_dispatch_of_all_is_no_matter),
        STORM(a_volume_made_anew_in_a_storm_is_watched),
        STORM(a_plain_directory_in_a_storm_is_read_and_watched),
    };
    const struct CMUnitTest limits[] = {
        LIMIT(without_an_instance_a_change_comes_within_a_check_interval),
        LIMIT(without_a_watch_a_change_comes_within_a_check_interval),
        LIMIT(a_watch_that_is_lost_for_now_is_had_again),
        LIMIT(a_folder_without_a_watch_is_polled),
    };
    int failed = cmocka_run_group_tests(storms, NULL, NULL);
    if (enter_namespace())
        return failed + cmocka_run_group_tests(limits, NULL, NULL);
    printf("SKIP: no user namespace whose limits could be lowered\n");
    return failed;
}
