/* SPDX-License-Identifier: MIT
 *
 * Every system call fails once: the first in the first run, with each of the errors that it can give, then
 * the second, and so on until a run meets no fault. Then the same with later calls of that name failing too,
 * for a while. The table in support/faults.c has the calls and their errors; faults_test.sh compares it, by
 * the lines below that say WRAPPED, with what the library's objects call.
 *
 * A run is the life of a mount: it starts, changes, loses a key, is bad, is good again, goes, and comes
 * anew. After each turn of the reloader the configuration must be one of the whole generations that were
 * there; in the end it must be the newest, by nothing but what the reloader has planned itself: the test
 * moves the clock to that time, and if nothing is planned, it fails.
 *
 *     test_faults             all jobs, several at a time: a kind of mount, and how it is followed
 *     test_faults JOB         one of them, by its number
 *
 * The kernel takes some 15 ms to end an inotify instance, during which there is nothing to do: that is why.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/reloader.h"
#include "support/fake_kubelet.h"
#include "support/faults.h"
#include "support/mirror.h"
#include "support/planned_clock.h"

#define NFS_SUPER_MAGIC 0x6969

/* ---- the system calls */

static const char *deaf; /* is watched in place of everything, and the file system says that it is NFS */

#define WRAPPED(type, name, parameters, arguments)                                                           \
    type __real_##name parameters;                                                                           \
    type __wrap_##name parameters;                                                                           \
    type __wrap_##name parameters                                                                            \
    {                                                                                                        \
        return faults_meet(#name) ? FAILED_##type : __real_##name arguments;                                 \
    }

/* Done all the same. */
#define WRAPPED_END(type, name, parameters, arguments)                                                       \
    type __real_##name parameters;                                                                           \
    type __wrap_##name parameters;                                                                           \
    type __wrap_##name parameters                                                                            \
    {                                                                                                        \
        type result = __real_##name arguments;                                                               \
        return faults_meet(#name) ? FAILED_##type : result;                                                  \
    }

typedef char *char_pointer;
typedef FILE *file_pointer;
typedef DIR *dir_pointer;
typedef struct dirent *dirent_pointer;
#define FAILED_int -1
#define FAILED_ssize_t -1
#define FAILED_char_pointer NULL
#define FAILED_file_pointer NULL
#define FAILED_dir_pointer NULL
#define FAILED_dirent_pointer NULL

WRAPPED(int, epoll_create1, (int flags), (flags))
WRAPPED(int, epoll_ctl, (int epoll, int what, int fd, struct epoll_event *event), (epoll, what, fd, event))
WRAPPED(int, epoll_wait, (int epoll, struct epoll_event *events, int most, int ms), (epoll, events, most, ms))
WRAPPED(int, eventfd, (unsigned count, int flags), (count, flags))
WRAPPED(int, fstat, (int fd, struct stat *status), (fd, status))
WRAPPED(int, fstatat, (int dir, const char *path, struct stat *status, int flags), (dir, path, status, flags))
WRAPPED(int, inotify_init1, (int flags), (flags))
WRAPPED(int, inotify_rm_watch, (int fd, int watch), (fd, watch))
WRAPPED(int, poll, (struct pollfd * fds, nfds_t count, int ms), (fds, count, ms))
WRAPPED(int, stat, (const char *path, struct stat *status), (path, status))
WRAPPED(int, statx, (int dir, const char *path, int flags, unsigned mask, struct statx *status),
        (dir, path, flags, mask, status))
WRAPPED(int, timerfd_create, (int clock, int flags), (clock, flags))
WRAPPED(ssize_t, getline, (char **line, size_t *capacity, FILE *file), (line, capacity, file))
WRAPPED(ssize_t, readlink, (const char *path, char *target, size_t size), (path, target, size))
WRAPPED(ssize_t, readlinkat, (int dir, const char *path, char *target, size_t size),
        (dir, path, target, size))
WRAPPED(char_pointer, getcwd, (char *path, size_t size), (path, size))
WRAPPED(file_pointer, fopen, (const char *path, const char *mode), (path, mode))
WRAPPED(dir_pointer, fdopendir, (int fd), (fd))
WRAPPED(dirent_pointer, readdir, (DIR * stream), (stream))
WRAPPED_END(int, close, (int fd), (fd))
WRAPPED_END(int, closedir, (DIR * stream), (stream))
WRAPPED_END(int, fclose, (FILE * file), (file))

int __real_open(const char *path, int flags, ...);
int __real_openat(int directory, const char *path, int flags, ...);
int __real_fcntl(int fd, int command, ...);
int __real_fstatfs(int fd, struct statfs *status);
int __real_inotify_add_watch(int fd, const char *path, uint32_t mask);
ssize_t __real_read(int fd, void *data, size_t size);
ssize_t __real_write(int fd, const void *data, size_t size);
ssize_t __real___getdelim(char **line, size_t *capacity, int end, FILE *file);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *how, void *(*run)(void *), void *argument);
int __wrap_open(const char *path, int flags, ...);
int __wrap_openat(int directory, const char *path, int flags, ...);
int __wrap_fcntl(int fd, int command, ...);
int __wrap_fstatfs(int fd, struct statfs *status);
int __wrap_inotify_add_watch(int fd, const char *path, uint32_t mask);
ssize_t __wrap_read(int fd, void *data, size_t size);
ssize_t __wrap_write(int fd, const void *data, size_t size);
ssize_t __wrap___getdelim(char **line, size_t *capacity, int end, FILE *file);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *how, void *(*run)(void *), void *argument);
int __wrap_timerfd_settime(int timer, int flags, const struct itimerspec *set, struct itimerspec *old);
int __wrap_clock_gettime(clockid_t clock, struct timespec *ret_time);

int __wrap_open(const char *path, int flags, ...)
{
    return faults_meet("open") ? -1 : __real_open(path, flags, 0644);
}

int __wrap_openat(int directory, const char *path, int flags, ...)
{
    return faults_meet("openat") ? -1 : __real_openat(directory, path, flags, 0644);
}

int __wrap_fcntl(int fd, int command, ...)
{
    return faults_meet("fcntl") ? -1 : __real_fcntl(fd, command, 0);
}

int __wrap_fstatfs(int fd, struct statfs *status)
{
    int result = faults_meet("fstatfs") ? -1 : __real_fstatfs(fd, status);
    if (deaf)
        status->f_type = NFS_SUPER_MAGIC;
    return result;
}

int __wrap_inotify_add_watch(int fd, const char *path, uint32_t mask)
{
    return faults_meet("inotify_add_watch") ? -1 : __real_inotify_add_watch(fd, deaf ? deaf : path, mask);
}

/* Of inotify half is at least one event; of a file, 3 bytes are not all. */
ssize_t __wrap_read(int fd, void *data, size_t size)
{
    switch (faults_meet("read")) {
    case 0:
        return __real_read(fd, data, size);
    case FAULTS_SHORT:
        return __real_read(fd, data, size > 8192 ? size / 2 : 3);
    case FAULTS_EMPTY:
        return 0;
    default:
        return -1;
    }
}

/* What glibc makes of getline where it optimises. */
ssize_t __wrap___getdelim(char **line, size_t *capacity, int end, FILE *file)
{
    return faults_meet("getline") ? -1 : __real___getdelim(line, capacity, end, file);
}

/* EAGAIN: the counter of an event descriptor is full. */
ssize_t __wrap_write(int fd, const void *data, size_t size)
{
    const uint64_t full = UINT64_MAX - 1;
    int error = faults_meet("write");
    if (error == EAGAIN && __real_write(fd, &full, sizeof full) < 0)
        errno = error;
    return error ? -1 : __real_write(fd, data, size);
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *how, void *(*run)(void *), void *argument)
{
    int error = faults_meet("pthread_create");
    return error ? error : __real_pthread_create(thread, how, run, argument);
}

int __wrap_timerfd_settime(int timer, int flags, const struct itimerspec *set, struct itimerspec *old)
{
    (void)old;
    return faults_meet("timerfd_settime") ? -1 : planned_clock_settime(timer, flags, set);
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *ret_time)
{
    return planned_clock_gettime(clock, ret_time);
}

/* ---- a run */

enum life {
    START,
    CHANGE,
    BAD,
    GOOD,
    GONE,
    ANEW,
    LIVES
};

struct kind;

struct run {
    const struct kind *kind;
    bool lasting;
    struct fake_kubelet kubelet;
    char *target; /* what ..data points at, while it is hidden */
    cmr_reloader *reloader;
    struct mirror mirror;
    int number, before; /* of the generation that is to be there, and of the one that is */
    unsigned rejections, dead;
};

/* What is followed, and how its life goes on. */
struct kind {
    const char *name;
    const char *path; /* in the kubelet's folder, in which the test is */
    const char *only; /* the file that it is about; NULL: all */
    enum life first, last;
    void (*write)(struct run *run, enum life life);
    bool background; /* options.background */
};

static const char *place_of(const struct run *run, const char *name)
{
    static char places[4][192];
    static unsigned next;
    char *place = places[next++ % 4];
    snprintf(place, sizeof places[0], "%s/%s", run->kubelet.root, name);
    return place;
}

/* The number of a generation is its place in life, and each has a key of its own. */
static void yaml_of(int number, char ret_text[64])
{
    snprintf(ret_text, 64, "n: %d\nv%d: x\n%s", number, number, number == BAD ? "l: [" : "");
}

static bool has(const struct run *run, const char *file)
{
    return !run->kind->only || strcmp(run->kind->only, file) == 0;
}

static void expect_text(const struct run *run, int number, char ret_text[256])
{
    size_t length = 0;
    ret_text[0] = '\0';
    if (number < 0)
        return;
    if (has(run, "a.yaml"))
        length += (size_t)snprintf(ret_text, 256, "a.yaml#n=%d a.yaml#v%d=x ", number, number);
    if (has(run, "b.properties"))
        length += (size_t)snprintf(ret_text + length, 256 - length, "b.properties#k=%d ", number);
    if (has(run, "gone") && number == START)
        length += (size_t)snprintf(ret_text + length, 256 - length, "gone=soon ");
    if (has(run, "sub/a.yaml"))
        snprintf(ret_text + length, 256 - length, "sub/a.yaml#n=%d sub/a.yaml#v%d=x ", number, number);
}

static void text_of(cmr_snapshot *snapshot, char ret_text[256])
{
    const cmr_entry *entry;
    cmr_cursor *cursor;
    size_t length = 0;
    ret_text[0] = '\0';
    assert_int_equal(CMR_OK, cmr_cursor_new(snapshot, "**", &cursor));
    while ((entry = cmr_cursor_next(cursor)) && length < 256)
        length += (size_t)snprintf(ret_text + length, 256 - length, "%s=%s ", entry->key, entry->value.text);
    cmr_cursor_free(cursor);
}

/* ---- what the world does */

static void write_volume(struct run *run, enum life life)
{
    struct fake_kubelet *kubelet = &run->kubelet;
    char text[64];
    if (life == GONE) {
        fake_kubelet_remove_volume(kubelet);
        return;
    }
    yaml_of(life, text);
    fake_kubelet_set(kubelet, "a.yaml", text);
    fake_kubelet_set(kubelet, "sub/a.yaml", text);
    snprintf(text, sizeof text, "k=%d\n", life);
    fake_kubelet_set(kubelet, "b.properties", text);
    if (life == START)
        fake_kubelet_set(kubelet, "gone", "soon");
    else if (life == CHANGE)
        fake_kubelet_remove(kubelet, "gone");
    fake_kubelet_swap(kubelet);
}

static void put(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(0, fclose(file));
}

/* An editor writes beside, and renames over. */
static void save(const struct run *run, const char *name, const char *text)
{
    put(place_of(run, "new"), text);
    assert_int_equal(0, rename(place_of(run, "new"), place_of(run, name)));
}

static void remove_plain(const struct run *run)
{
    static const char *const files[] = { "plain/a.yaml", "plain/b.properties", "plain/sub/a.yaml" };
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(0, unlink(place_of(run, files[i])));
    assert_int_equal(0, rmdir(place_of(run, "plain/sub")));
    assert_int_equal(0, rmdir(place_of(run, "plain")));
}

static void write_directory(struct run *run, enum life life)
{
    char text[64];
    if (life == GONE) {
        remove_plain(run);
        return;
    }
    if (life == START || life == ANEW) {
        assert_int_equal(0, mkdir(place_of(run, "plain"), 0755));
        assert_int_equal(0, mkdir(place_of(run, "plain/sub"), 0755));
    }
    yaml_of(life, text);
    save(run, "plain/a.yaml", text);
    put(place_of(run, "plain/sub/a.yaml"), text);
    snprintf(text, sizeof text, "k=%d\n", life);
    save(run, "plain/b.properties", text);
    if (life == START)
        put(place_of(run, "plain/gone"), "soon");
    else if (life == CHANGE)
        assert_int_equal(0, unlink(place_of(run, "plain/gone")));
}

static void write_file(struct run *run, enum life life)
{
    char text[64];
    if (life == START)
        assert_int_equal(0, mkdir(place_of(run, "plain"), 0755));
    yaml_of(life, text);
    if (life == GONE)
        assert_int_equal(0, unlink(place_of(run, "plain/a.yaml")));
    else
        save(run, "plain/a.yaml", text);
}

/* A link from elsewhere to a file of the volume, by its visible name. */
static void write_linked(struct run *run, enum life life)
{
    if (life == START)
        assert_int_equal(0, symlink("config/sub/a.yaml", place_of(run, "link")));
    write_volume(run, life);
}

/* The visible links are there, and a stray file, before ..data is: no plain directory. */
static void write_late(struct run *run, enum life life)
{
    char target[256] = "";
    if (life == ANEW) {
        fake_kubelet_link(&run->kubelet, run->target);
        return;
    }
    write_volume(run, START);
    put(place_of(run, "config/stray"), "1");
    assert_true(readlink(place_of(run, "config/..data"), target, sizeof target - 1) > 0);
    assert_int_equal(0, unlink(place_of(run, "config/..data")));
    run->target = strdup(target);
    assert_non_null(run->target);
}

/* As kubelet and runtime make it: what the file's link leads to is mounted, and nothing else. */
static void write_subpath(struct run *run, enum life life)
{
    write_volume(run, life);
    if (life != START)
        return;
    put(place_of(run, "a.yaml"), "");
    assert_int_equal(0,
                     mount(place_of(run, "config/a.yaml"), place_of(run, "a.yaml"), "none", MS_BIND, NULL));
}

/* ---- what is to be seen */

static void keep_events(void *user, const cmr_event *event)
{
    struct run *run = user;
    run->rejections += event->kind == CMR_EVENT_REJECTED;
    run->dead += event->kind == CMR_EVENT_STATE && event->state == CMR_MOUNT_DEAD;
}

static cmr_mount_status status_of(const struct run *run)
{
    cmr_mount_status status = CMR_MOUNT_STATUS_INIT;
    assert_int_equal(CMR_OK, cmr_reloader_get_mount_status(run->reloader, NULL, &status));
    return status;
}

static bool is_subpath(const struct run *run)
{
    return run->kind->write == write_subpath;
}

/* What is there is one of the two whole generations that may be. */
static bool is_there(struct run *run, int number)
{
    char expected[256], found[256];
    cmr_snapshot *snapshot = cmr_reloader_ref_snapshot(run->reloader);
    text_of(snapshot, found);
    cmr_snapshot_unref(snapshot);
    expect_text(run, number, expected);
    bool same = strcmp(expected, found) == 0;
    expect_text(run, run->before, expected);
    if (!same)
        assert_string_equal(expected, found);
    return same;
}

static cmr_mount_state wanted_state(const struct run *run, enum life life)
{
    if (is_subpath(run))
        return CMR_MOUNT_STATIC;
    if (life == GONE)
        return run->before < 0 ? CMR_MOUNT_WAITING : CMR_MOUNT_DEAD;
    return deaf ? CMR_MOUNT_POLLING : CMR_MOUNT_READY;
}

static bool has_arrived(struct run *run, enum life life)
{
    bool arrived = is_there(run, run->number) && status_of(run).state == wanted_state(run, life);
    return life == BAD ? arrived && run->rejections == 1 : arrived;
}

/* ---- what the application does */

static bool is_loading(const struct run *run)
{
    return run->reloader->mounts[0]->loading;
}

static bool is_readable(const struct run *run)
{
    struct pollfd fd = { .fd = cmr_reloader_fd(run->reloader), .events = POLLIN };
    return __real_poll(&fd, 1, 0) == 1;
}

/* Waits while a load is on its way, which must wake it. */
static void wait_once(struct run *run)
{
    bool loading = is_loading(run);
    faults_arm();
    cmr_status status = cmr_reloader_wait(run->reloader, loading ? 20000 : 0);
    faults_disarm();
    if (status == CMR_ERR_INTERRUPTED || status == CMR_ERR_NO_MEMORY || status == CMR_ERR_SYSTEM)
        assert_int_not_equal(0, faults_error());
    else
        assert_true(status == CMR_OK || (status == CMR_ERR_TIMEOUT && !loading));
}

/* Lets the planned time come. What is not planned does not come. */
static void recover(struct run *run, enum life life)
{
    int plans = 0;
    while (plans < 20) {
        wait_once(run);
        if (!is_loading(run) && !is_readable(run)) {
            if (has_arrived(run, life))
                break;
            if (!planned_clock_advance())
                fail_msg("nothing is planned");
            if (++plans == 3)
                faults_end();
        }
        is_there(run, run->number);
    }
    if (!has_arrived(run, life))
        fail_msg("it has not arrived");
}

static void open_run(struct run *run)
{
    cmr_subscription_options subscription = CMR_SUBSCRIPTION_OPTIONS_INIT;
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    cmr_options options = CMR_OPTIONS_INIT;
    cmr_status status = CMR_ERR_SYSTEM;
    if (!deaf)
        mount.check_interval_ms = -1;
    options.mount = &mount;
    options.background = run->kind->background;
    for (int i = 0; i < 4 && status != CMR_OK; i++) {
        faults_arm();
        status = cmr_open(run->kind->path, &options, &run->reloader);
        faults_disarm();
        assert_true(status == CMR_OK || faults_error());
        if (i == 2)
            faults_end();
    }
    assert_int_equal(CMR_OK, status);
    subscription.initial = true;
    assert_int_equal(CMR_OK, cmr_observe(run->reloader, keep_events, run, NULL, NULL));
    assert_int_equal(CMR_OK,
                     cmr_subscribe(run->reloader, "**", mirror_update, &run->mirror, &subscription, NULL));
}

/* In the foreground all of it may come of this one call. */
static void load_run(struct run *run)
{
    faults_arm();
    cmr_status status = cmr_reloader_load(run->reloader, 0);
    faults_disarm();
    assert_true(status == CMR_OK || status == CMR_ERR_NOT_FOUND || faults_error());
}

static void live(struct run *run, enum life life)
{
    faults_mark();
    run->kind->write(run, life);
    if (life == run->kind->first) {
        run->before = run->number = -1;
        open_run(run);
    }
    if (life != BAD && life != GONE && (!is_subpath(run) || life == START))
        run->number = run->kind->write == write_late ? START : (int)life;
    if (life == run->kind->first && !run->kind->background)
        load_run(run);
    recover(run, life);
    run->before = run->number;
    cmr_snapshot *snapshot = cmr_reloader_ref_snapshot(run->reloader);
    mirror_assert_true(&run->mirror, snapshot);
    cmr_snapshot_unref(snapshot);
    if (!run->lasting && faults_error() != ENOENT)
        assert_int_equal(life >= GONE && run->before >= 0 && !run->target && !is_subpath(run), run->dead);
}

static unsigned descriptors(void)
{
    unsigned count = 0;
    for (int i = 0; i < 64; i++)
        count += __real_fcntl(i, F_GETFD) >= 0;
    return count;
}

static void run_with(const struct kind *kind, const struct faults_plan *with)
{
    static struct run run;
    char watched[128];
    unsigned before = descriptors();
    run = (struct run){ .kind = kind, .lasting = with->lasting };
    fake_kubelet_open(&run.kubelet);
    assert_int_equal(0, chdir(run.kubelet.root));
    snprintf(watched, sizeof watched, "%s", place_of(&run, "deaf"));
    if (deaf) {
        assert_int_equal(0, mkdir(watched, 0755));
        deaf = watched;
    }
    faults_begin(with);
    for (int life = kind->first; life <= (int)kind->last; life++)
        live(&run, life);
    faults_arm();
    cmr_reloader_free(run.reloader);
    faults_disarm();
    planned_clock_forget();
    if (deaf)
        deaf = "";
    if (is_subpath(&run))
        assert_int_equal(0, umount2("a.yaml", MNT_DETACH));
    assert_int_equal(0, chdir("/"));
    fake_kubelet_close(&run.kubelet);
    free(run.target);
    assert_int_equal(before, descriptors());
}

/* ---- jobs */

#define AT_ONCE 8

static const struct kind kinds[] = {
    { "volume", "config", NULL, START, ANEW, write_volume, false },
    { "directory", "plain", NULL, START, ANEW, write_directory, false },
    { "file", "plain/a.yaml", "a.yaml", START, ANEW, write_file, false },
    { "linked file of a volume", "link", "sub/a.yaml", START, ANEW, write_linked, false },
    { "volume to be", "config", NULL, GONE, ANEW, write_late, false },
    { "subPath", "a.yaml", "a.yaml", START, CHANGE, write_subpath, false },
};

#define KINDS (sizeof kinds / sizeof *kinds)
#define JOBS (8 * KINDS)

static char name[128]; /* of this process's job */
static struct faults_plan plan;
static unsigned long runs;

static int tell_end(void **state)
{
    int error = faults_error();
    (void)state;
    if (plan.call)
        printf("%s: call %lu (%s), %s\n", name, plan.call, faults_call(),
               error > 0               ? strerror(error)
               : error == FAULTS_SHORT ? "short"
                                       : "empty");
    printf("%s: %lu runs\n", name, runs);
    return 0;
}

static void fail_each(void **state)
{
    do {
        run_with(*state, &plan);
        runs++;
    } while (faults_next(&plan));
    plan.call = 0;
}

static bool enter_namespaces(void)
{
    char users[40];
    snprintf(users, sizeof users, "0 %u 1", (unsigned)geteuid());
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
        return false;
    int map = __real_open("/proc/self/uid_map", O_WRONLY | O_CLOEXEC);
    bool mapped = map >= 0 && __real_write(map, users, strlen(users)) == (ssize_t)strlen(users);
    if (map >= 0)
        __real_close(map);
    return mapped && mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0;
}

static int run_job(unsigned long job)
{
    struct kind kind = kinds[job / 8];
    const struct CMUnitTest test = { name, fail_each, NULL, tell_end, &kind };
    const struct CMUnitTest tests[] = { test };
    kind.background = job & 1;
    plan.lasting = job & 2;
    deaf = job & 4 ? "" : NULL;
    snprintf(name, sizeof name, "%s, %s%s%s", kind.name, deaf ? "polled" : "by events",
             kind.background ? ", in the background" : "", plan.lasting ? ", for a while" : "");
    if (kind.write != write_subpath || enter_namespaces())
        return cmocka_run_group_tests(tests, NULL, NULL);
    printf("SKIP: %s: no user namespaces\n", name);
    return 0;
}

/* Whether the one that ends next ended well. */
static bool await_job(void)
{
    int status = -1;
    return wait(&status) > 0 && status == 0;
}

static bool run_all(void)
{
    unsigned long running = 0;
    bool good = true;
    for (unsigned long job = 0; job < JOBS; job++) {
        if (running++ >= AT_ONCE)
            good &= await_job();
        fflush(stdout);
        pid_t child = fork();
        if (child == 0)
            exit(run_job(job));
        good &= child > 0;
    }
    for (running = running < AT_ONCE ? running : AT_ONCE; running; running--)
        good &= await_job();
    faults_print();
    return good;
}

int main(int argc, char **argv)
{
    setenv("TMPDIR", "/dev/shm", 0);
    faults_open();
    if (argc < 2)
        return run_all() ? 0 : 1;
    int result = run_job(strtoul(argv[1], NULL, 10) % JOBS);
    faults_print();
    return result;
}
