/* SPDX-License-Identifier: MIT
 *
 * Every allocation and every system call fails once, and then all later ones of that call too, while a
 * program starts with what is mounted and saves it, and while it starts with what is saved. However that
 * ends, what it has is one of the two generations or nothing; and the next try, without faults, brings what
 * it should have been. */
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
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/fake_kubelet.h"
#include "support/faults.h"

/* ---- allocations */

static struct {
    bool armed, lasting;
    unsigned long count, fail_at, failures;
} allocator;

static bool fails(void)
{
    if (!allocator.armed || ++allocator.count < allocator.fail_at || !allocator.fail_at ||
        (allocator.count > allocator.fail_at && !allocator.lasting))
        return false;
    allocator.failures++;
    errno = ENOMEM;
    return true;
}

#define ALLOCATION(type, name, parameters, arguments)                                                        \
    type __real_##name parameters;                                                                           \
    type __wrap_##name parameters;                                                                           \
    type __wrap_##name parameters                                                                            \
    {                                                                                                        \
        return fails() ? NULL : __real_##name arguments;                                                     \
    }
#define WRAPPED(type, name, parameters, arguments) ALLOCATION(type, name, parameters, arguments)

typedef void *pointer;
typedef char *text;

WRAPPED(pointer, malloc, (size_t size), (size))
WRAPPED(pointer, calloc, (size_t count, size_t size), (count, size))
WRAPPED(pointer, realloc, (void *old, size_t size), (old, size))
WRAPPED(text, strdup, (const char *old), (old))
WRAPPED(text, strndup, (const char *old, size_t size), (old, size))

/* ---- system calls */

#undef WRAPPED
#define WRAPPED(type, name, parameters, arguments)                                                           \
    type __real_##name parameters;                                                                           \
    type __wrap_##name parameters;                                                                           \
    type __wrap_##name parameters                                                                            \
    {                                                                                                        \
        return faults_meet(#name) ? -1 : __real_##name arguments;                                            \
    }

WRAPPED(int, fchmodat, (int dir, const char *name, mode_t mode, int flags), (dir, name, mode, flags))
WRAPPED(int, flock, (int descriptor, int operation), (descriptor, operation))
WRAPPED(int, fstat, (int descriptor, struct stat *status), (descriptor, status))
WRAPPED(int, fstatat, (int dir, const char *name, struct stat *status, int flags), (dir, name, status, flags))
WRAPPED(int, fsync, (int descriptor), (descriptor))
WRAPPED(int, mkdir, (const char *path, mode_t mode), (path, mode))
WRAPPED(int, mkdirat, (int dir, const char *name, mode_t mode), (dir, name, mode))
WRAPPED(int, renameat, (int from, const char *old, int to, const char *new), (from, old, to, new))
WRAPPED(int, symlinkat, (const char *target, int dir, const char *name), (target, dir, name))
WRAPPED(int, unlinkat, (int dir, const char *name, int flags), (dir, name, flags))
WRAPPED(ssize_t, getrandom, (void *data, size_t size, unsigned flags), (data, size, flags))
WRAPPED(ssize_t, readlinkat, (int dir, const char *name, char *target, size_t size),
        (dir, name, target, size))

int __real_open(const char *path, int flags, ...);
int __real_openat(int directory, const char *name, int flags, ...);
ssize_t __real_read(int descriptor, void *data, size_t size);
void *__real_fdopendir(int descriptor);
struct dirent *__real_readdir(DIR *listing);
int __wrap_open(const char *path, int flags, ...);
int __wrap_openat(int directory, const char *name, int flags, ...);
ssize_t __wrap_read(int descriptor, void *data, size_t size);
void *__wrap_fdopendir(int descriptor);
struct dirent *__wrap_readdir(DIR *listing);

int __wrap_open(const char *path, int flags, ...)
{
    return faults_meet("open") ? -1 : __real_open(path, flags, 0600);
}

int __wrap_openat(int directory, const char *name, int flags, ...)
{
    return faults_meet("openat") ? -1 : __real_openat(directory, name, flags, 0600);
}

ssize_t __wrap_read(int descriptor, void *data, size_t size)
{
    switch (faults_meet("read")) {
    case 0:
        return __real_read(descriptor, data, size);
    case FAULTS_SHORT:
        return __real_read(descriptor, data, 3);
    case FAULTS_EMPTY:
        return 0;
    default:
        return -1;
    }
}

void *__wrap_fdopendir(int descriptor)
{
    return fails() || faults_meet("fdopendir") ? NULL : __real_fdopendir(descriptor);
}

struct dirent *__wrap_readdir(DIR *listing)
{
    return faults_meet("readdir") ? NULL : __real_readdir(listing);
}

/* ---- a program */

struct fixture {
    struct fake_kubelet kubelet;
    char state_dir[128];
};

static void arm(void)
{
    allocator.count = allocator.failures = 0;
    allocator.armed = true;
    faults_arm();
}

static void disarm(void)
{
    allocator.armed = false;
    faults_disarm();
}

static cmr_reloader *open_reloader(struct fixture *fixture)
{
    cmr_options options = CMR_OPTIONS_INIT;
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    cmr_reloader *reloader;
    mount.check_interval_ms = 20;
    options.mount = &mount;
    options.state_dir = fixture->state_dir;
    options.boot = CMR_BOOT_LAST_GOOD;
    assert_int_equal(CMR_OK, cmr_open(fixture->kubelet.dir, &options, &reloader));
    return reloader;
}

static const char *value_of(cmr_snapshot *snapshot)
{
    static char value[16];
    snprintf(value, sizeof value, "%s", cmr_get_string_or(snapshot, "a.properties#n", ""));
    cmr_snapshot_unref(snapshot);
    return value;
}

static const char *saved(const struct fixture *fixture)
{
    char path[256];
    cmr_snapshot *snapshot;
    snprintf(path, sizeof path, "%s/config", fixture->state_dir);
    return cmr_snapshot_read(path, NULL, NULL, &snapshot) == CMR_OK ? value_of(snapshot) : "";
}

static void set_up_volume(struct fixture *fixture)
{
    fake_kubelet_open(&fixture->kubelet);
    snprintf(fixture->state_dir, sizeof fixture->state_dir, "%s/state", fixture->kubelet.root);
    fake_kubelet_set(&fixture->kubelet, "dir/b", "x");
    fake_kubelet_write(&fixture->kubelet, "a.properties", "n=1\n");
}

/* Loads, with faults, and then without until what is expected is there. */
static void load_with_faults(cmr_reloader *reloader, const char *expected)
{
    arm();
    cmr_status status = cmr_reloader_load(reloader, 0);
    disarm();
    faults_end();
    const char *value = value_of(cmr_reloader_ref_snapshot(reloader));
    assert_string_equal(status == CMR_OK ? expected : "", value);
    assert_int_equal(CMR_OK, cmr_reloader_load(reloader, 30000));
    assert_string_equal(expected, value_of(cmr_reloader_ref_snapshot(reloader)));
}

/* What is mounted is good: it is what is there, whatever fails, and in the end it is saved. */
static void save_with_faults(void)
{
    struct fixture fixture;
    cmr_reloader_status status = CMR_RELOADER_STATUS_INIT;
    set_up_volume(&fixture);
    cmr_reloader *reloader = open_reloader(&fixture);
    load_with_faults(reloader, "1");
    do {
        assert_int_equal(CMR_OK, cmr_reloader_get_status(reloader, &status));
        (void)cmr_reloader_wait(reloader, status.saves ? 0 : 1000);
    } while (status.saves == 0);
    assert_string_equal("1", saved(&fixture));
    cmr_reloader_free(reloader);
    fake_kubelet_close(&fixture.kubelet);
}

static void boot_with_faults(void)
{
    struct fixture fixture;
    set_up_volume(&fixture);
    cmr_reloader *reloader = open_reloader(&fixture);
    assert_int_equal(CMR_OK, cmr_reloader_load(reloader, 0));
    cmr_reloader_free(reloader);
    fake_kubelet_write(&fixture.kubelet, "a.properties", "n=\\u\n");
    reloader = open_reloader(&fixture);
    load_with_faults(reloader, "1");
    cmr_reloader_free(reloader);
    assert_string_equal("1", saved(&fixture));
    fake_kubelet_close(&fixture.kubelet);
}

/* ---- all of them */

static void fail_calls(void (*run)(void))
{
    for (int lasting = 0; lasting < 2; lasting++) {
        struct faults_plan plan = FAULTS_NONE;
        plan.lasting = lasting;
        do {
            faults_begin(&plan);
            run();
        } while (faults_next(&plan));
    }
}

static void fail_allocations(void (*run)(void))
{
    const struct faults_plan none = FAULTS_NONE;
    unsigned long total = 0;
    faults_begin(&none);
    for (int lasting = 0; lasting < 2; lasting++) {
        allocator.lasting = lasting;
        allocator.fail_at = 0;
        do {
            allocator.fail_at++;
            run();
            total += allocator.failures > 0;
        } while (allocator.failures);
    }
    allocator.fail_at = 0;
    printf("%lu allocations\n", total);
    assert_true(total > 40);
}

static void calls_fail_while_it_is_saved(void **state)
{
    (void)state;
    fail_calls(save_with_faults);
}

static void calls_fail_while_it_boots(void **state)
{
    (void)state;
    fail_calls(boot_with_faults);
}

static void allocations_fail_while_it_is_saved(void **state)
{
    (void)state;
    fail_allocations(save_with_faults);
}

static void allocations_fail_while_it_boots(void **state)
{
    (void)state;
    fail_allocations(boot_with_faults);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_fail_while_it_is_saved),
        cmocka_unit_test(calls_fail_while_it_boots),
        cmocka_unit_test(allocations_fail_while_it_is_saved),
        cmocka_unit_test(allocations_fail_while_it_boots),
    };
    if (access("/dev/shm", W_OK) == 0)
        setenv("TMPDIR", "/dev/shm", 0);
    faults_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    faults_print();
    return failed;
}
