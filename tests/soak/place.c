/* SPDX-License-Identifier: MIT
 *
 * An ordinary user may have a mount namespace only within a user namespace, and limits on inotify belong to
 * one. So all make both. Only root can have more than one user in it: by a child that stays outside and
 * writes the maps. Where user namespaces are forbidden, root does without one. */
#include "soak/place.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/namespaces.h"

#define OTHER_USER 65534

static bool write_text(const char *path, const char *text)
{
    int file = open(path, O_WRONLY | O_CLOEXEC);
    bool good = file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text);
    if (file >= 0)
        close(file);
    return good;
}

/* ---- namespaces */

static bool write_maps(pid_t process)
{
    static const char *const maps[] = { "uid_map", "gid_map" };
    char path[64];
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "/proc/%d/%s", (int)process, maps[i]);
        if (!write_text(path, "0 0 1\n65534 65534 1\n"))
            return false;
    }
    return true;
}

/* Waits outside until the namespace is there. */
static pid_t start_mapper(int *ret_ready)
{
    int ends[2];
    pid_t process = getpid();
    if (pipe2(ends, O_CLOEXEC) != 0)
        return -1;
    pid_t mapper = fork();
    if (mapper == 0) {
        char byte;
        close(ends[1]);
        _exit(read(ends[0], &byte, 1) == 1 && write_maps(process) ? 0 : 1);
    }
    close(ends[0]);
    *ret_ready = ends[1];
    return mapper;
}

static bool enter_with_two_users(void)
{
    int ready = -1, status = -1;
    pid_t mapper = start_mapper(&ready);
    if (mapper < 0)
        return false;
    bool entered = unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0;
    bool asked = entered && write(ready, "", 1) == 1;
    close(ready);
    waitpid(mapper, &status, 0);
    return asked && status == 0;
}

/* A namespace cannot be left again, so each way is tried by a child first. */
static bool works(bool (*enter)(void))
{
    int status = -1;
    pid_t child = fork();
    if (child == 0)
        _exit(enter() ? 0 : 1);
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

static bool enter(struct place *place)
{
    if (geteuid() == 0 && works(enter_with_two_users))
        return place->has_other_user = place->has_limits = enter_with_two_users();
    if (works(namespaces_enter))
        return place->has_limits = namespaces_enter();
    return place->has_other_user = geteuid() == 0 && unshare(CLONE_NEWNS) == 0;
}

bool place_enter(struct place *place, const char **ret_why)
{
    const char *temporary = getenv("TMPDIR");
    *place = (struct place){ .has_limits = false };
    *ret_why = "no mount namespace of its own: neither as root nor in a user namespace";
    if (!enter(place) || mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) != 0)
        return false;
    *ret_why = "no tmpfs in a folder of its own";
    snprintf(place->root, sizeof place->root, "%.40s/cmreload.XXXXXX", temporary ? temporary : "/tmp");
    if (!mkdtemp(place->root))
        return false;
    if (mount("none", place->root, "tmpfs", 0, "mode=755,size=1m") == 0) {
        if (place->has_limits)
            namespaces_lift_limits();
        return true;
    }
    rmdir(place->root);
    return false;
}

void place_leave(const struct place *place)
{
    umount2(place->root, MNT_DETACH);
    rmdir(place->root);
}

static bool drop_capabilities(void)
{
    struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct none[2] = { { 0 } };
    return syscall(SYS_capset, &head, none) == 0;
}

bool place_become_ordinary(const struct place *place)
{
    if (place->has_other_user &&
        (setgroups(0, NULL) != 0 || setresgid(OTHER_USER, OTHER_USER, OTHER_USER) != 0 ||
         setresuid(OTHER_USER, OTHER_USER, OTHER_USER) != 0))
        return false;
    return drop_capabilities() && prctl(PR_SET_DUMPABLE, 1) == 0; /* or it could not see its own leaks */
}

/* ---- mounts */

static void check(bool good, const char *what, const char *path)
{
    if (good)
        return;
    fprintf(stderr, "soak: %s %s: %s\n", what, path, strerror(errno));
    exit(2);
}

void place_make_folder(const char *path)
{
    check(mkdir(path, 0755) == 0 || errno == EEXIST, "mkdir", path);
}

void place_mount_tmpfs(const char *target, const char *options)
{
    check(mount("none", target, "tmpfs", 0, options) == 0, "mount", target);
}

void place_bind(const char *source, const char *target)
{
    check(namespaces_bind(source, target, MS_RDONLY), "bind", target);
}

void place_unmount(const char *target)
{
    check(umount2(target, MNT_DETACH) == 0, "unmount", target);
}
