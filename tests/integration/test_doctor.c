/* SPDX-License-Identifier: MIT
 *
 * What the doctor says of each kind of thing that can stand at a path: with real mounts, limits and missing
 * rights, in namespaces of the test's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ops/inotify_use.h"
#include "support/fake_kubelet.h"
#include "support/file_system.h"
#include "support/namespaces.h"

struct fixture {
    struct fake_kubelet kubelet, other;
    cmr_mount_options mount;
    cmr_examination *examination;
    char folder[192]; /* to mount on, or to fill */
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    if (!fixture)
        return -1;
    fixture->mount = (cmr_mount_options)CMR_MOUNT_OPTIONS_INIT;
    fake_kubelet_open(&fixture->kubelet);
    fake_kubelet_open(&fixture->other);
    fake_kubelet_set(&fixture->kubelet, "level", "info");
    fake_kubelet_set(&fixture->kubelet, "dir/level", "warn");
    snprintf(fixture->folder, sizeof fixture->folder, "%s/folder", fixture->other.root);
    *state = fixture;
    return mkdir(fixture->folder, 0755);
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    while (umount2(fixture->folder, MNT_DETACH) == 0 || umount2(fixture->kubelet.dir, MNT_DETACH) == 0)
        continue;
    namespaces_lift_limits();
    file_system_pretend(FILE_SYSTEM_WITH_EVENTS);
    cmr_examination_free(fixture->examination);
    fake_kubelet_close(&fixture->kubelet);
    fake_kubelet_close(&fixture->other);
    free(fixture);
    return 0;
}

/* ---- asking */

static const cmr_verdict *examine(struct fixture *fixture, const char *path)
{
    cmr_examination_free(fixture->examination);
    fixture->examination = NULL;
    assert_int_equal(CMR_OK, cmr_examine(path, &fixture->mount, &fixture->examination));
    return cmr_examination_verdict(fixture->examination);
}

static void expect(const cmr_verdict *verdict, cmr_follow_mode follow, bool loads, cmr_mount_reason reason)
{
    assert_string_equal(cmr_follow_mode_name(follow), cmr_follow_mode_name(verdict->follow));
    assert_string_equal(cmr_mount_reason_name(reason), cmr_mount_reason_name(verdict->reason));
    assert_int_equal(loads, verdict->loads);
    assert_int_equal(reason == CMR_REASON_NONE, !verdict->message[0]);
}

static size_t count(const struct fixture *fixture, const char *subject)
{
    size_t found = 0;
    for (size_t i = 0; i < cmr_examination_count(fixture->examination); i++)
        found += strcmp(cmr_examination_get(fixture->examination, i)->subject, subject) == 0;
    return found;
}

/* One of the subject's findings says that, on that level; from NOTE on with advice, unless there is none. */
static void says(const struct fixture *fixture, cmr_finding_level level, const char *subject,
                 const char *message)
{
    const cmr_finding *finding;
    for (size_t i = 0; (finding = cmr_examination_get(fixture->examination, i)); i++)
        if (finding->level == level && strcmp(finding->subject, subject) == 0 &&
            strstr(finding->message, message)) {
            assert_true(level < CMR_FINDING_WARNING || finding->advice[0]);
            return;
        }
    for (size_t i = 0; (finding = cmr_examination_get(fixture->examination, i)); i++)
        printf("%s %s: %s\n", cmr_finding_level_name(finding->level), finding->subject, finding->message);
    fail_msg("no such finding: %s %s: %s", cmr_finding_level_name(level), subject, message);
}

/* Nothing but what is fine. */
static void says_nothing_else(const struct fixture *fixture)
{
    const cmr_finding *finding;
    for (size_t i = 0; (finding = cmr_examination_get(fixture->examination, i)); i++)
        if (finding->level != CMR_FINDING_OK && strncmp(finding->subject, "inotify_", 8) != 0)
            fail_msg("%s: %s", finding->subject, finding->message);
}

/* ---- making */

/* The kubelet's volume, below a directory of that name, as in /var/lib/kubelet. */
static void put_below(struct fixture *fixture, const char *plugin)
{
    char path[300];
    snprintf(path, sizeof path, "%s/%s", fixture->kubelet.root, plugin);
    assert_int_equal(0, mkdir(path, 0755));
    snprintf(path, sizeof path, "%s/%s/game", fixture->kubelet.root, plugin);
    assert_in_range(strlen(path), 1, sizeof fixture->kubelet.dir - 1);
    snprintf(fixture->kubelet.dir, sizeof fixture->kubelet.dir, "%s", path);
}

static const char *path_of(const char *folder, const char *name)
{
    static char paths[4][300];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static void put(const char *folder, const char *name, const char *text)
{
    FILE *file = fopen(path_of(folder, name), "we");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* Root may read everything, but for what this takes away. */
static void override_modes(bool may)
{
    static const unsigned both = 1u << CAP_DAC_OVERRIDE | 1u << CAP_DAC_READ_SEARCH;
    struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
    struct __user_cap_data_struct data[2];
    assert_int_equal(0, syscall(SYS_capget, &head, data));
    data[0].effective = may ? data[0].effective | both : data[0].effective & ~both;
    assert_int_equal(0, syscall(SYS_capset, &head, data));
}

static const cmr_verdict *examine_as_anybody(struct fixture *fixture, const char *path)
{
    override_modes(false);
    const cmr_verdict *verdict = examine(fixture, path);
    override_modes(true);
    return verdict;
}

/* ---- what it is */

static void a_configmap_volume_is_known_by_its_mount(void **state)
{
    struct fixture *fixture = *state;
    put_below(fixture, "kubernetes.io~configmap");
    fake_kubelet_swap(&fixture->kubelet);
    assert_true(namespaces_bind(fixture->kubelet.dir, fixture->folder, MS_RDONLY));
    const cmr_verdict *verdict = examine(fixture, fixture->folder);
    expect(verdict, CMR_FOLLOW_EVENTS, true, CMR_REASON_NONE);
    assert_int_equal(CMR_KIND_VOLUME, verdict->kind);
    says(fixture, CMR_FINDING_OK, "path", "a volume");
    says(fixture, CMR_FINDING_OK, "mount", "\"game\": a ConfigMap volume, on ");
    says(fixture, CMR_FINDING_OK, "mount", ", read-only");
    says(fixture, CMR_FINDING_OK, "generation", " by its name written 2");
    says(fixture, CMR_FINDING_OK, "contents", "2 files");
    says(fixture, CMR_FINDING_OK, "watch", "can be had");
    says_nothing_else(fixture);
}

/* On the node the place tells; in the container nothing does. */
static void other_volumes_are_tmpfs(void **state)
{
    static const struct {
        const char *plugin, *message;
    } cases[] = { { "kubernetes.io~secret", "\"game\": a Secret volume, on tmpfs, writable" },
                  { "kubernetes.io~projected", "a projected volume" },
                  { "kubernetes.io~downward-api", "a downward API volume" },
                  { "kubernetes.io~csi", "a CSI volume" },
                  { "kubernetes.io~other", "a Kubernetes volume" } };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(fixture->kubelet.dir, sizeof fixture->kubelet.dir, "%s/x", fixture->kubelet.root);
        put_below(fixture, cases[i].plugin);
        assert_int_equal(0, mkdir(fixture->kubelet.dir, 0755));
        assert_int_equal(0, mount("tmpfs", fixture->kubelet.dir, "tmpfs", 0, ""));
        fake_kubelet_swap(&fixture->kubelet);
        expect(examine(fixture, fixture->kubelet.dir), CMR_FOLLOW_EVENTS, true, CMR_REASON_NONE);
        says(fixture, CMR_FINDING_OK, "mount", cases[i].message);
        assert_int_equal(0, umount2(fixture->kubelet.dir, MNT_DETACH));
    }
    snprintf(fixture->kubelet.dir, sizeof fixture->kubelet.dir, "%s", fixture->folder);
    assert_int_equal(0, mount("tmpfs", fixture->folder, "tmpfs", 0, ""));
    fake_kubelet_swap(&fixture->kubelet);
    examine(fixture, fixture->folder);
    says(fixture, CMR_FINDING_OK, "mount", "a tmpfs, writable: a Secret, projected or downward API volume");
    says_nothing_else(fixture);
}

static void a_subpath_is_never_followed(void **state)
{
    struct fixture *fixture = *state;
    char real[PATH_MAX];
    fake_kubelet_swap(&fixture->kubelet);
    assert_non_null(realpath(path_of(fixture->kubelet.dir, "dir"), real));
    assert_true(namespaces_bind(real, fixture->folder, 0));
    expect(examine(fixture, fixture->folder), CMR_FOLLOW_NEVER, true, CMR_REASON_SUBPATH);
    says(fixture, CMR_FINDING_PROBLEM, "subpath", "never updated");
}

static void a_directory_and_a_file_are_followed(void **state)
{
    struct fixture *fixture = *state;
    put(fixture->folder, "level", "info");
    const cmr_verdict *verdict = examine(fixture, fixture->folder);
    expect(verdict, CMR_FOLLOW_EVENTS, true, CMR_REASON_NONE);
    assert_int_equal(CMR_KIND_DIRECTORY, verdict->kind);
    says(fixture, CMR_FINDING_OK, "path", "a plain directory");
    says(fixture, CMR_FINDING_OK, "contents", "1 file,");
    assert_int_equal(0, count(fixture, "generation"));
    says_nothing_else(fixture);
    verdict = examine(fixture, path_of(fixture->folder, "level"));
    expect(verdict, CMR_FOLLOW_EVENTS, true, CMR_REASON_NONE);
    assert_int_equal(CMR_KIND_FILE, verdict->kind);
    says(fixture, CMR_FINDING_OK, "path", "a single file");
    says_nothing_else(fixture);
}

static void file_systems_without_events_are_polled(void **state)
{
    struct fixture *fixture = *state;
    char layers[500];
    fake_kubelet_swap(&fixture->kubelet);
    file_system_pretend(0x65735546);
    expect(examine(fixture, fixture->kubelet.dir), CMR_FOLLOW_POLLING, true, CMR_REASON_FILESYSTEM);
    says(fixture, CMR_FINDING_WARNING, "filesystem", "FUSE");
    file_system_pretend(FILE_SYSTEM_AS_IT_IS);
    snprintf(layers, sizeof layers, "lowerdir=%s:%s", fixture->folder, fixture->kubelet.dir);
    if (mount("overlay", fixture->folder, "overlay", MS_RDONLY, layers) != 0) {
        printf("SKIP: no overlay to be had\n");
        return;
    }
    expect(examine(fixture, fixture->folder), CMR_FOLLOW_POLLING, true, CMR_REASON_FILESYSTEM);
    says(fixture, CMR_FINDING_WARNING, "filesystem", "overlay");
    says(fixture, CMR_FINDING_OK, "mount", "overlay, read-only");
}

/* ---- what is in the way */

static void what_is_not_there_is_waited_for(void **state)
{
    struct fixture *fixture = *state;
    expect(examine(fixture, path_of(fixture->folder, "a/b/c")), CMR_FOLLOW_WAITING, false, CMR_REASON_ABSENT);
    says(fixture, CMR_FINDING_PROBLEM, "path", "/folder/a\": there is nothing");
    says(fixture, CMR_FINDING_OK, "watch", "can be had");
    assert_int_equal(0, count(fixture, "mount") + count(fixture, "contents"));
    fixture->mount.optional = true;
    expect(examine(fixture, path_of(fixture->folder, "a")), CMR_FOLLOW_WAITING, false, CMR_REASON_ABSENT);
    says(fixture, CMR_FINDING_NOTE, "path", "there is nothing");
    fixture->mount.optional = false;

    expect(examine(fixture, fixture->folder), CMR_FOLLOW_WAITING, false, CMR_REASON_UNWRITTEN);
    says(fixture, CMR_FINDING_PROBLEM, "path", "the directory is empty");
    fake_kubelet_swap_until(&fixture->kubelet, CMR__VOLUME_TMP_LINK);
    fixture->mount.kind = CMR_KIND_VOLUME;
    expect(examine(fixture, fixture->kubelet.dir), CMR_FOLLOW_WAITING, false, CMR_REASON_UNWRITTEN);
    says(fixture, CMR_FINDING_PROBLEM, "path", "no ..data in it");
}

static void what_cannot_be_followed_is_told(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(0, mkfifo(path_of(fixture->folder, "pipe"), 0644));
    expect(examine(fixture, path_of(fixture->folder, "pipe")), CMR_FOLLOW_NEVER, false,
           CMR_REASON_WRONG_KIND);
    says(fixture, CMR_FINDING_PROBLEM, "path", "neither a directory nor a file");
    fake_kubelet_swap(&fixture->kubelet);
    expect(examine(fixture, path_of(fixture->kubelet.dir, "dir")), CMR_FOLLOW_NEVER, false,
           CMR_REASON_GENERATION);
    says(fixture, CMR_FINDING_PROBLEM, "path", "follow the volume");
}

static void a_damaged_volume_is_told(void **state)
{
    struct fixture *fixture = *state;
    fake_kubelet_swap(&fixture->kubelet);
    fake_kubelet_link(&fixture->kubelet, "..2026_never");
    expect(examine(fixture, fixture->kubelet.dir), CMR_FOLLOW_WAITING, false, CMR_REASON_DANGLING);
    says(fixture, CMR_FINDING_PROBLEM, "path", "its ..data leads nowhere");
    fake_kubelet_link(&fixture->kubelet, "../elsewhere");
    expect(examine(fixture, fixture->kubelet.dir), CMR_FOLLOW_EVENTS, false, CMR_REASON_OUTSIDE);
    says(fixture, CMR_FINDING_PROBLEM, "contents", "..data points out of the volume");
}

static void what_a_kubelet_left_is_noted(void **state)
{
    struct fixture *fixture = *state;
    const char *dir = fixture->kubelet.dir;
    fake_kubelet_swap(&fixture->kubelet);
    examine(fixture, dir);
    says_nothing_else(fixture);
    assert_int_equal(0, mkdir(path_of(dir, "..2020_01_01_00_00_00.1"), 0755));
    assert_int_equal(0, symlink("..2020_01_01_00_00_00.1", path_of(dir, "..data_tmp")));
    assert_int_equal(0, symlink("..data/gone", path_of(dir, "gone")));
    assert_int_equal(0, unlink(path_of(dir, "level")));
    put(dir, "stray", "1");
    expect(examine(fixture, dir), CMR_FOLLOW_EVENTS, true, CMR_REASON_NONE);
    says(fixture, CMR_FINDING_NOTE, "orphan_generation", "\"..2020_01_01_00_00_00.1\"");
    says(fixture, CMR_FINDING_NOTE, "stale_tmp", "\"..data_tmp\"");
    says(fixture, CMR_FINDING_NOTE, "dangling_link", "\"gone\"");
    says(fixture, CMR_FINDING_NOTE, "stray", "\"stray\"");
    says(fixture, CMR_FINDING_WARNING, "missing_link", "\"level\"");
    assert_int_equal(5, count(fixture, "orphan_generation") + count(fixture, "stale_tmp") +
                            count(fixture, "dangling_link") + count(fixture, "stray") +
                            count(fixture, "missing_link"));
}

static void what_may_not_be_read_is_told(void **state)
{
    struct fixture *fixture = *state;
    const char *dir = fixture->kubelet.dir;
    fake_kubelet_set(&fixture->kubelet, "more", "1");
    fake_kubelet_swap(&fixture->kubelet);
    assert_int_equal(0, chmod(path_of(dir, "level"), 0200));
    assert_int_equal(0, chmod(path_of(dir, "dir/level"), 0));
    expect(examine_as_anybody(fixture, dir), CMR_FOLLOW_EVENTS, false, CMR_REASON_UNREADABLE);
    says(fixture, CMR_FINDING_PROBLEM, "unreadable",
         "\"level\": Permission denied: mode 0200, owner 0:0; this user is 0:0");
    says(fixture, CMR_FINDING_PROBLEM, "unreadable", "\"dir/level\": Permission denied: mode 0000");
    assert_int_equal(2, count(fixture, "unreadable"));
    says(fixture, CMR_FINDING_PROBLEM, "contents", "cannot be read: Permission denied");

    assert_int_equal(0, chmod(path_of(dir, "dir"), 0400));
    examine_as_anybody(fixture, dir);
    says(fixture, CMR_FINDING_PROBLEM, "unreadable", "\"dir\": Permission denied: mode 0400");

    assert_int_equal(0, chmod(path_of(dir, "..data"), 0600)); /* the generation */
    expect(examine_as_anybody(fixture, dir), CMR_FOLLOW_EVENTS, false, CMR_REASON_UNREADABLE);
    says(fixture, CMR_FINDING_PROBLEM, "unreadable", "Permission denied: mode 0600");

    assert_int_equal(0, chmod(fixture->kubelet.root, 0600));
    expect(examine_as_anybody(fixture, dir), CMR_FOLLOW_WAITING, false, CMR_REASON_UNREADABLE);
    says(fixture, CMR_FINDING_PROBLEM, "path", "/config\": Permission denied");
    assert_int_equal(0, chmod(fixture->kubelet.root, 0700));
}

/* inotify wants to read the directory itself; reading the generation does not. */
static void a_directory_that_may_not_be_read_is_polled(void **state)
{
    struct fixture *fixture = *state;
    fake_kubelet_swap(&fixture->kubelet);
    assert_int_equal(0, chmod(fixture->kubelet.dir, 0311));
    expect(examine_as_anybody(fixture, fixture->kubelet.dir), CMR_FOLLOW_POLLING, true,
           CMR_REASON_UNREADABLE);
    says(fixture, CMR_FINDING_WARNING, "watch", "leave to read");
}

static void of_many_the_first_are_told(void **state)
{
    struct fixture *fixture = *state;
    for (int i = 0; i < 50; i++) {
        char name[16];
        snprintf(name, sizeof name, "f%d", i);
        put(fixture->folder, name, "1");
        assert_int_equal(0, chmod(path_of(fixture->folder, name), 0));
    }
    examine_as_anybody(fixture, fixture->folder);
    assert_int_equal(21, count(fixture, "unreadable"));
    says(fixture, CMR_FINDING_PROBLEM, "unreadable", "and more like these");
}

static void what_is_wrong_with_files_is_told(void **state)
{
    struct fixture *fixture = *state;
    fixture->mount.limits.file_size = 4;
    put(fixture->folder, "big", "12345");
    put(fixture->folder, "a.json", "[");
    assert_int_equal(0, mkfifo(path_of(fixture->folder, "pipe"), 0644));
    expect(examine(fixture, fixture->folder), CMR_FOLLOW_EVENTS, false, CMR_REASON_NONE);
    says(fixture, CMR_FINDING_PROBLEM, "contents", "big: a file of 5 bytes: the limit is 4");
    says(fixture, CMR_FINDING_PROBLEM, "contents", "pipe: a FIFO, no regular file");
    assert_int_equal(0, unlink(path_of(fixture->folder, "big")));
    assert_int_equal(0, unlink(path_of(fixture->folder, "pipe")));
    expect(examine(fixture, fixture->folder), CMR_FOLLOW_EVENTS, false, CMR_REASON_NONE);
    says(fixture, CMR_FINDING_PROBLEM, "contents", "a.json:1:2: ");
    assert_int_equal(1, count(fixture, "contents"));
}

static void links_in_a_plain_directory_are_noted(void **state)
{
    struct fixture *fixture = *state;
    fixture->mount.ignore = (const char *const[]){ "ignored", NULL };
    put(fixture->folder, "level", "info");
    put(fixture->other.root, "elsewhere", "1");
    assert_int_equal(0, symlink("level", path_of(fixture->folder, "inside")));
    assert_int_equal(0, symlink("../elsewhere", path_of(fixture->folder, "outside")));
    assert_int_equal(0, mkdir(path_of(fixture->other.root, "folder2"), 0755));
    assert_int_equal(0, symlink("../folder2", path_of(fixture->folder, "beside")));
    assert_int_equal(0, symlink("nowhere", path_of(fixture->folder, "nowhere")));
    assert_int_equal(0, symlink("nowhere", path_of(fixture->folder, "ignored")));
    expect(examine(fixture, fixture->folder), CMR_FOLLOW_EVENTS, true, CMR_REASON_NONE);
    says(fixture, CMR_FINDING_NOTE, "outside_link", "\"outside\": leads out");
    says(fixture, CMR_FINDING_NOTE, "outside_link", "\"beside\": leads out");
    says(fixture, CMR_FINDING_NOTE, "dangling_link", "\"nowhere\": leads nowhere");
    assert_int_equal(3, count(fixture, "outside_link") + count(fixture, "dangling_link"));
}

/* ---- inotify */

static void what_inotify_lacks_is_told(void **state)
{
    struct fixture *fixture = *state;
    fake_kubelet_swap(&fixture->kubelet);
    assert_true(namespaces_limit_instances("0"));
    expect(examine(fixture, fixture->kubelet.dir), CMR_FOLLOW_POLLING, true, CMR_REASON_INOTIFY_INSTANCES);
    says(fixture, CMR_FINDING_WARNING, "watch", "no inotify instance left");
    says(fixture, CMR_FINDING_WARNING, "inotify_instances", " of 0 in this user namespace");
    examine(fixture, "/nonexistent");
    says(fixture, CMR_FINDING_WARNING, "watch", "no inotify instance left");
    namespaces_lift_limits();
    assert_true(namespaces_limit_watches("0"));
    expect(examine(fixture, fixture->kubelet.dir), CMR_FOLLOW_POLLING, true, CMR_REASON_INOTIFY_WATCHES);
    says(fixture, CMR_FINDING_WARNING, "watch", "no inotify watch left");
    says(fixture, CMR_FINDING_WARNING, "inotify_watches", " of 0 in this user namespace");
    examine(fixture, "/nonexistent");
    says(fixture, CMR_FINDING_WARNING, "watch", "no inotify watch left");
}

/* A process that nobody may look into. Its directory may then be another user's. */
static bool start_secret(bool *ret_ours)
{
    char path[40];
    struct stat status;
    int ready[2];
    if (pipe2(ready, O_CLOEXEC) != 0)
        return false;
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_DUMPABLE, 0);
        close(ready[1]);
        for (;;)
            pause(); /* it ends with its namespace */
    }
    close(ready[1]);
    bool good = read(ready[0], path, 1) == 0;
    snprintf(path, sizeof path, "/proc/%d", (int)child);
    good = good && stat(path, &status) == 0;
    *ret_ours = good && status.st_uid == geteuid();
    return good;
}

/* In a PID namespace of its own, where nobody else uses inotify. Returns what is wrong, or 0. */
static int count_alone(void)
{
    struct cmr__inotify_use none, some;
    bool ours;
    if (mount("proc", "/proc", "proc", 0, "") != 0)
        return 77;
    cmr__inotify_use_count(&none);
    if (!start_secret(&ours)) /* which inherits nothing that counts */
        return 1;
    int first = inotify_init1(IN_CLOEXEC), second = inotify_init1(IN_CLOEXEC);
    if (inotify_add_watch(first, "/", IN_CREATE) < 0 || inotify_add_watch(first, "/proc", IN_CREATE) < 0 ||
        inotify_add_watch(second, "/", IN_CREATE) < 0)
        return 1;
    cmr__inotify_use_count(&some);
    if (none.instances || none.watches || none.unseen)
        return 2;
    return some.instances == 2 && some.watches == 3 && some.unseen == ours ? 0 : 3;
}

/* What comes of it is shared, as under valgrind a child's exit status tells of what it did not free. */
static void the_use_of_inotify_is_counted(void **state)
{
    int *result = mmap(NULL, sizeof *result, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(result != MAP_FAILED);
    (void)state;
    *result = 77;
    pid_t parent = fork();
    if (parent == 0) { /* the PID namespace is for the children of who makes it */
        pid_t child = unshare(CLONE_NEWPID | CLONE_NEWNS) == 0 ? fork() : -1;
        if (child == 0)
            *result = count_alone();
        else if (child > 0)
            waitpid(child, NULL, 0);
        _exit(0);
    }
    assert_int_equal(parent, waitpid(parent, NULL, 0));
    int found = *result;
    munmap(result, sizeof *result);
    if (found == 77) {
        printf("SKIP: no /proc of its own to be had\n");
        skip();
    }
    assert_int_equal(0, found);
}

/* ---- the calls */

static void misuse_is_refused(void **state)
{
    struct fixture *fixture = *state;
    cmr_examination *examination = NULL;
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, cmr_examine(NULL, NULL, &examination));
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, cmr_examine("", NULL, &examination));
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, cmr_examine("/", NULL, NULL));
    fixture->mount.kind = (cmr_mount_kind)77;
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, cmr_examine("/", &fixture->mount, &examination));
    assert_null(examination);
    cmr_examination_free(NULL);
    assert_string_equal("?", cmr_follow_mode_name((cmr_follow_mode)4));
    assert_string_equal("?", cmr_finding_level_name((cmr_finding_level)4));
    fake_kubelet_swap(&fixture->kubelet);
    assert_int_equal(CMR_OK, cmr_examine(fixture->kubelet.dir, NULL, &examination));
    assert_null(cmr_examination_get(examination, cmr_examination_count(examination)));
    cmr_examination_free(examination);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_configmap_volume_is_known_by_its_mount),
        TEST(other_volumes_are_tmpfs),
        TEST(a_subpath_is_never_followed),
        TEST(a_directory_and_a_file_are_followed),
        TEST(file_systems_without_events_are_polled),
        TEST(what_is_not_there_is_waited_for),
        TEST(what_cannot_be_followed_is_told),
        TEST(a_damaged_volume_is_told),
        TEST(what_a_kubelet_left_is_noted),
        TEST(what_may_not_be_read_is_told),
        TEST(a_directory_that_may_not_be_read_is_polled),
        TEST(of_many_the_first_are_told),
        TEST(what_is_wrong_with_files_is_told),
        TEST(links_in_a_plain_directory_are_noted),
        TEST(what_inotify_lacks_is_told),
        TEST(the_use_of_inotify_is_counted),
        TEST(misuse_is_refused),
    };
    if (!namespaces_enter()) {
        printf("SKIP: no user namespaces\n");
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
