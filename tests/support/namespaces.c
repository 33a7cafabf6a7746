/* SPDX-License-Identifier: MIT
 *
 * See user_namespaces(7), mount_namespaces(7). */
#include "support/namespaces.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

static bool write_text(const char *path, const char *text)
{
    int file = open(path, O_WRONLY | O_CLOEXEC);
    bool good = file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text);
    if (file >= 0)
        close(file);
    return good;
}

bool namespaces_enter(void)
{
    char users[40], groups[40];
    snprintf(users, sizeof users, "0 %u 1", (unsigned)geteuid());
    snprintf(groups, sizeof groups, "0 %u 1", (unsigned)getegid());
    return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 && write_text("/proc/self/setgroups", "deny") &&
           write_text("/proc/self/uid_map", users) && write_text("/proc/self/gid_map", groups) &&
           mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0;
}

bool namespaces_bind(const char *source, const char *target, unsigned long flags)
{
    struct statvfs status;
    if (mount(source, target, "none", MS_BIND, NULL) != 0 || statvfs(target, &status) != 0)
        return false;
    flags |= status.f_flag & (ST_NOSUID | ST_NODEV | ST_NOEXEC); /* which may not be taken away */
    return mount("none", target, "none", MS_BIND | MS_REMOUNT | flags, NULL) == 0;
}

bool namespaces_limit_instances(const char *most)
{
    return write_text("/proc/sys/user/max_inotify_instances", most);
}

bool namespaces_limit_watches(const char *most)
{
    return write_text("/proc/sys/user/max_inotify_watches", most);
}

void namespaces_lift_limits(void)
{
    namespaces_limit_instances("128");
    namespaces_limit_watches("8192");
}
