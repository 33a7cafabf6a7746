/* SPDX-License-Identifier: MIT
 *
 * A place of the soak's own: a mount namespace, in which nothing is seen from outside, and in it a folder for
 * volumes and mounts; where possible a user namespace too, with its own limits on inotify. */
#ifndef CMRELOAD_TESTS_SOAK_PLACE_H
#define CMRELOAD_TESTS_SOAK_PLACE_H

#include <stdbool.h>

struct place {
    char root[64];       /* the folder: a file system of its own */
    bool has_other_user; /* the daemon can be another user; else it is the same, without any capability */
    bool has_limits;     /* inotify can be limited: support/namespaces.h */
};

/* For a process with one thread. False: there is no such namespace to be had, *ret_why says why. */
bool place_enter(struct place *place, const char **ret_why);

/* Removes the folder and all that is mounted in it. */
void place_leave(const struct place *place);

/* Makes this process, which may have one thread, one that modes and owners hold back. */
bool place_become_ordinary(const struct place *place);

/* Mounts; each ends the program when it fails. */
void place_mount_tmpfs(const char *target, const char *options);
void place_bind(const char *source, const char *target); /* read-only, as containers have it */
void place_unmount(const char *target);                  /* at once, whoever uses it */
void place_make_folder(const char *path);

#endif
