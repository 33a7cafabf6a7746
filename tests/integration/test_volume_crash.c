/* SPDX-License-Identifier: MIT
 *
 * A saved generation is whole, whatever happens while it is written.
 *
 * Killed: a child writes, and kills itself at its n-th system call, before it or behind it, for each n.
 * Failed: each call fails with each of its errors, once, and then all later ones of that call too.
 * What is there afterwards is the old generation or the new one, whole; and the next write brings the new
 * one, and leaves nothing else behind.
 *
 * Power: what a call has changed counts as lost until the file or directory that it has changed is synced. So
 * at the swap all that the new generation is made of must be safe, and before anything old is removed the
 * swap. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "source/volume_writer.h"
#include "support/faults.h"

/* ---- power: what is not synced yet */

static struct {
    bool watched;
    ino_t lost[64]; /* changed, and not synced */
    size_t count;
    ino_t volume;
    bool swap_lost; /* likewise */
    unsigned swaps, removals, syncs;
} disk;

static ino_t inode_of(int descriptor)
{
    struct stat status;
    return fstat(descriptor, &status) == 0 ? status.st_ino : 0;
}

static void lose(ino_t inode)
{
    for (size_t i = 0; i < disk.count; i++)
        if (disk.lost[i] == inode)
            return;
    assert_true(disk.count < 64);
    disk.lost[disk.count++] = inode;
}

static bool is_lost(ino_t inode)
{
    for (size_t i = 0; i < disk.count; i++)
        if (disk.lost[i] == inode)
            return true;
    return false;
}

static void keep(ino_t inode)
{
    disk.syncs++;
    disk.swap_lost &= inode != disk.volume;
    for (size_t i = 0; i < disk.count; i++)
        if (disk.lost[i] == inode)
            disk.lost[i--] = disk.lost[--disk.count];
}

/* The directory that the name stands in has changed. */
static void change_entry(int directory, const char *name)
{
    char path[PATH_MAX];
    struct stat status;
    if (!disk.watched)
        return;
    snprintf(path, sizeof path, "%s", name);
    assert_int_equal(0, fstatat(directory, dirname(path), &status, 0));
    lose(status.st_ino);
}

/* All but what the volume stands in: without that there is no volume yet. */
static void check_swap(int directory)
{
    struct stat status;
    if (!disk.watched)
        return;
    disk.swaps++;
    disk.swap_lost = true;
    disk.volume = inode_of(directory);
    assert_int_equal(0, fstatat(directory, "..", &status, 0));
    for (size_t i = 0; i < disk.count; i++)
        assert_int_equal(status.st_ino, disk.lost[i]);
}

static void check_removal(const char *name)
{
    if (!disk.watched || strcmp(name, "..data_tmp") == 0)
        return;
    disk.removals++;
    assert_int_not_equal(0, disk.swaps);
    assert_false(disk.swap_lost);
}

/* ---- the system calls */

static struct {
    unsigned at; /* the how manieth call kills; 0: none */
    bool behind; /* when it is done */
    unsigned calls;
} killer;

static void kill_at(bool behind)
{
    if (killer.at && killer.calls == killer.at && killer.behind == behind)
        raise(SIGKILL);
}

/* The call may be killed before and behind; *ret_error is what it fails with. */
#define WRAPPED(type, name, parameters, arguments)                                                           \
    type __real_##name parameters;                                                                           \
    type __wrap_##name parameters;                                                                           \
    static type name##_then parameters;                                                                      \
    type __wrap_##name parameters                                                                            \
    {                                                                                                        \
        killer.calls++;                                                                                      \
        kill_at(false);                                                                                      \
        type result = faults_meet(#name) ? -1 : name##_then arguments;                                       \
        kill_at(true);                                                                                       \
        return result;                                                                                       \
    }                                                                                                        \
    static type name##_then parameters

WRAPPED(int, mkdir, (const char *path, mode_t mode), (path, mode))
{
    int result = __real_mkdir(path, mode);
    if (result == 0)
        change_entry(AT_FDCWD, path);
    return result;
}

WRAPPED(int, mkdirat, (int directory, const char *name, mode_t mode), (directory, name, mode))
{
    change_entry(directory, name);
    return __real_mkdirat(directory, name, mode);
}

WRAPPED(int, fchmodat, (int directory, const char *name, mode_t mode, int flags),
        (directory, name, mode, flags))
{
    return __real_fchmodat(directory, name, mode, flags);
}

WRAPPED(int, flock, (int descriptor, int operation), (descriptor, operation))
{
    return __real_flock(descriptor, operation);
}

WRAPPED(int, fsync, (int descriptor), (descriptor))
{
    keep(inode_of(descriptor));
    return __real_fsync(descriptor);
}

WRAPPED(ssize_t, getrandom, (void *data, size_t size, unsigned flags), (data, size, flags))
{
    return __real_getrandom(data, size, flags);
}

WRAPPED(int, symlinkat, (const char *target, int directory, const char *name), (target, directory, name))
{
    if (strcmp(name, "..data_tmp") != 0) /* which is renamed at once */
        change_entry(directory, name);
    return __real_symlinkat(target, directory, name);
}

WRAPPED(int, renameat, (int from, const char *old, int to, const char *new), (from, old, to, new))
{
    check_swap(to);
    change_entry(to, new);
    return __real_renameat(from, old, to, new);
}

WRAPPED(int, unlinkat, (int directory, const char *name, int flags), (directory, name, flags))
{
    check_removal(name);
    return __real_unlinkat(directory, name, flags);
}

WRAPPED(ssize_t, readlinkat, (int directory, const char *name, char *target, size_t size),
        (directory, name, target, size))
{
    return __real_readlinkat(directory, name, target, size);
}

/* Done all the same. */
int __real_close(int descriptor);
int __wrap_close(int descriptor);
int __wrap_close(int descriptor)
{
    killer.calls++;
    kill_at(false);
    int result = __real_close(descriptor);
    kill_at(true);
    return faults_meet("close") ? -1 : result;
}

int __real_open(const char *path, int flags, ...);
int __real_openat(int directory, const char *name, int flags, ...);
ssize_t __real_write(int descriptor, const void *data, size_t size);
int __wrap_open(const char *path, int flags, ...);
int __wrap_openat(int directory, const char *name, int flags, ...);
ssize_t __wrap_write(int descriptor, const void *data, size_t size);

int __wrap_open(const char *path, int flags, ...)
{
    killer.calls++;
    kill_at(false);
    return faults_meet("open") ? -1 : __real_open(path, flags);
}

int __wrap_openat(int directory, const char *name, int flags, ...)
{
    killer.calls++;
    kill_at(false);
    if (flags & O_CREAT)
        change_entry(directory, name);
    int result = faults_meet("openat") ? -1 : __real_openat(directory, name, flags, 0600);
    kill_at(true);
    return result;
}

/* Half of it, where the call is killed or comes up short. */
ssize_t __wrap_write(int descriptor, const void *data, size_t size)
{
    killer.calls++;
    if (killer.at == killer.calls && killer.behind)
        __real_write(descriptor, data, size / 2);
    kill_at(false);
    kill_at(true);
    if (disk.watched)
        lose(inode_of(descriptor));
    int error = faults_meet("write to a file");
    return error == 0              ? __real_write(descriptor, data, size)
           : error == FAULTS_SHORT ? __real_write(descriptor, data, (size + 1) / 2)
                                   : -1;
}

/* ---- what is written */

struct fixture {
    char root[64];
    char dir[80];
};

#define BIG 20000
static char old_big[BIG], new_big[BIG];

static const cmr_file old_files[] = { { "a", "old", 3, NULL },
                                      { "big", old_big, sizeof old_big, NULL },
                                      { "dir/sub/n", "old", 3, NULL },
                                      { "gone", "old", 3, NULL } };
static const cmr_file new_files[] = { { "a", "new", 3, NULL },
                                      { "big", new_big, sizeof new_big, NULL },
                                      { "dir/sub/n", "new", 3, NULL },
                                      { "dir2/m", "", 0, NULL },
                                      { "z", "new", 3, NULL } };

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static cmr_status write_old(const struct fixture *fixture, cmr_volume_result *result)
{
    const struct cmr__volume_order order = { .files = old_files,
                                             .count = COUNT(old_files),
                                             .sync = true,
                                             .restricted = true,
                                             .hash = "00000000000000000000000000000001" };
    return cmr__volume_write(fixture->dir, &order, result);
}

static cmr_status write_new(const struct fixture *fixture, cmr_volume_result *result)
{
    const struct cmr__volume_order order = { .files = new_files,
                                             .count = COUNT(new_files),
                                             .sync = true,
                                             .restricted = true,
                                             .hash = "00000000000000000000000000000002" };
    return cmr__volume_write(fixture->dir, &order, result);
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    if (!fixture)
        return -1;
    memset(old_big, 'o', sizeof old_big);
    memset(new_big, 'n', sizeof new_big);
    snprintf(fixture->root, sizeof fixture->root, "%s/volume_crash.XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    if (!mkdtemp(fixture->root))
        return -1;
    snprintf(fixture->dir, sizeof fixture->dir, "%s/saved", fixture->root);
    *state = fixture;
    return 0;
}

static int remove_volume(const struct fixture *fixture)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", fixture->dir);
    return system(command);
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    int status = remove_volume(fixture);
    rmdir(fixture->root);
    free(fixture);
    return status;
}

static void begin(const struct fixture *fixture, bool first)
{
    cmr_volume_result result;
    assert_int_equal(0, remove_volume(fixture));
    if (!first) {
        assert_int_equal(CMR_OK, write_old(fixture, &result));
        assert_true(result.written);
    }
}

static bool holds(cmr_snapshot *snapshot, const cmr_file *files, size_t count)
{
    cmr_file found;
    if (cmr_snapshot_file_count(snapshot, NULL) != count)
        return false;
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(CMR_OK, cmr_snapshot_file(snapshot, NULL, i, &found));
        if (strcmp(found.name, files[i].name) != 0 || found.size != files[i].size ||
            memcmp(found.data, files[i].data, found.size) != 0)
            return false;
    }
    return true;
}

enum found {
    NOTHING,
    OLD,
    NEW
};

/* Anything else fails the test. */
static enum found read_back(const struct fixture *fixture)
{
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    cmr_snapshot *snapshot;
    mount.kind = CMR_KIND_VOLUME;
    cmr_status status = cmr_snapshot_read(fixture->dir, &mount, NULL, &snapshot);
    if (status == CMR_ERR_NOT_FOUND)
        return NOTHING;
    assert_int_equal(CMR_OK, status);
    bool old = holds(snapshot, old_files, COUNT(old_files));
    bool new = holds(snapshot, new_files, COUNT(new_files));
    const char *end = strrchr(cmr_snapshot_target(snapshot, NULL), '.');
    assert_true(old != new);
    assert_string_equal(old ? ".00000000000000000000000000000001" : ".00000000000000000000000000000002", end);
    assert_in_range(strlen(cmr_snapshot_target(snapshot, NULL)), 56, 59);
    cmr_snapshot_unref(snapshot);
    return old ? OLD : NEW;
}

/* ..data, one generation, and the links to what is in it. */
static unsigned count_entries(const struct fixture *fixture)
{
    DIR *listing = opendir(fixture->dir);
    unsigned count = 0;
    assert_non_null(listing);
    while (readdir(listing))
        count++;
    closedir(listing);
    return count - 2;
}

/* What the next writer makes of it. */
static void assert_mended(const struct fixture *fixture)
{
    cmr_volume_result result;
    assert_int_equal(CMR_OK, write_new(fixture, &result));
    assert_int_equal(NEW, read_back(fixture));
    assert_int_equal(2 + COUNT(new_files), count_entries(fixture));
    assert_int_equal(CMR_OK, write_new(fixture, &result));
    assert_false(result.written);
}

/* ---- killed */

/* False: it came to its end. */
static bool write_and_die(const struct fixture *fixture, unsigned at, bool behind)
{
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        cmr_volume_result result;
        killer.calls = 0;
        killer.at = at;
        killer.behind = behind;
        raise(write_new(fixture, &result) == CMR_OK ? SIGTERM
                                                    : SIGHUP); /* what it has allocated is no leak */
    }
    assert_int_equal(child, waitpid(child, &status, 0));
    assert_true(WIFSIGNALED(status));
    if (WTERMSIG(status) != SIGKILL)
        assert_int_equal(SIGTERM, WTERMSIG(status));
    return WTERMSIG(status) == SIGKILL;
}

static void kill_everywhere(const struct fixture *fixture, bool first)
{
    unsigned found[3] = { 0 };
    for (int behind = 0; behind < 2; behind++) {
        bool killed = true;
        for (unsigned at = 1; killed; at++) {
            begin(fixture, first);
            killed = write_and_die(fixture, at, behind);
            enum found now = read_back(fixture);
            assert_int_not_equal(first ? OLD : NOTHING, now);
            if (!killed)
                assert_int_equal(NEW, now);
            found[now]++;
            assert_mended(fixture);
        }
    }
    printf("killed: nothing %u times, old %u, new %u\n", found[NOTHING], found[OLD], found[NEW]);
    assert_true(found[first ? NOTHING : OLD] > 30 && found[NEW] > 10);
}

static void killed_in_the_first_write(void **state)
{
    kill_everywhere(*state, true);
}

static void killed_in_a_later_write(void **state)
{
    kill_everywhere(*state, false);
}

/* ---- failed */

static void write_with_fault(const struct fixture *fixture, bool first, const struct faults_plan *plan,
                             unsigned found[3])
{
    cmr_volume_result result;
    begin(fixture, first);
    faults_begin(plan);
    faults_arm();
    cmr_status status = write_new(fixture, &result);
    faults_disarm();
    faults_end();
    enum found now = read_back(fixture);
    assert_int_not_equal(first ? OLD : NOTHING, now);
    if (status == CMR_OK)
        assert_int_equal(NEW, now);
    else
        assert_string_not_equal("", result.message);
    assert_int_equal(status == CMR_OK, result.written);
    assert_int_equal(now == NEW, result.generation[0] != '\0');
    found[now]++;
    assert_mended(fixture);
}

static void fail_everywhere(const struct fixture *fixture, bool first)
{
    unsigned found[3] = { 0 };
    for (int lasting = 0; lasting < 2; lasting++) {
        struct faults_plan plan = FAULTS_NONE;
        plan.lasting = lasting;
        do
            write_with_fault(fixture, first, &plan, found);
        while (faults_next(&plan));
    }
    printf("failed: nothing %u times, old %u, new %u\n", found[NOTHING], found[OLD], found[NEW]);
    assert_true(found[first ? NOTHING : OLD] > 30 && found[NEW] > 10);
}

static void failed_in_the_first_write(void **state)
{
    fail_everywhere(*state, true);
}

static void failed_in_a_later_write(void **state)
{
    fail_everywhere(*state, false);
}

/* ---- power */

static void power_fails(const struct fixture *fixture, bool first)
{
    cmr_volume_result result;
    begin(fixture, first);
    memset(&disk, 0, sizeof disk);
    disk.watched = true;
    assert_int_equal(CMR_OK, write_new(fixture, &result));
    disk.watched = false;
    assert_int_equal(1, disk.swaps);
    assert_int_equal(first, disk.removals == 0);
    assert_true(disk.syncs >= COUNT(new_files) + 5);
}

/* The directory itself, too, and what it stands in. */
static void power_fails_in_the_first_write(void **state)
{
    struct fixture *fixture = *state;
    struct stat status;
    power_fails(fixture, true);
    assert_int_equal(0, stat(fixture->root, &status));
    assert_false(is_lost(status.st_ino));
}

static void power_fails_in_a_later_write(void **state)
{
    power_fails(*state, false);
}

/* ---- others */

/* Two processes never write at once: the later one is told so. */
static void another_process_writes(void **state)
{
    struct fixture *fixture = *state;
    cmr_volume_result result;
    begin(fixture, false);
    int other = open(fixture->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(0, flock(other, LOCK_EX));
    assert_int_equal(CMR_ERR_BUSY, write_new(fixture, &result));
    assert_int_equal(OLD, read_back(fixture));
    close(other);
    assert_mended(fixture);
}

/* A file of what was saved that has become a link or a fifo, or is cut, is no reason not to save anew. */
static void what_is_damaged_is_replaced(void **state)
{
    struct fixture *fixture = *state;
    cmr_volume_result result;
    char path[256];
    begin(fixture, true);
    assert_int_equal(CMR_OK, write_new(fixture, &result));
    snprintf(path, sizeof path, "%s/..data/a", fixture->dir);
    assert_int_equal(0, unlink(path));
    assert_int_equal(0, mkfifo(path, 0600));
    assert_mended(fixture);
    assert_int_equal(0, truncate(path, 1));
    assert_mended(fixture);
}

int main(void)
{
#define CRASH_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CRASH_TEST(killed_in_the_first_write),      CRASH_TEST(killed_in_a_later_write),
        CRASH_TEST(failed_in_the_first_write),      CRASH_TEST(failed_in_a_later_write),
        CRASH_TEST(power_fails_in_the_first_write), CRASH_TEST(power_fails_in_a_later_write),
        CRASH_TEST(another_process_writes),         CRASH_TEST(what_is_damaged_is_replaced),
    };
    faults_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    faults_print();
    return failed;
}
