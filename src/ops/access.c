/* SPDX-License-Identifier: MIT
 *
 * A read ends at the first file that may not be read; here all are told, by asking for leave and opening
 * none. What breaks a limit, and what is neither file nor directory, the read itself has told.
 *
 * In a plain directory links are followed. Events come from directories that are watched, so a change behind
 * a link that leads elsewhere makes none. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "ops/patient.h"
#include "source/directory.h"

struct walk {
    cmr_examination *examination;
    struct cmr__tree_rules rules;
    char root[PATH_MAX]; /* where it really lies */
    char path[PATH_MAX]; /* of the entry, below it */
    unsigned left;       /* entries to be looked at: links may lead in a circle */
};

static void tell_unreadable(cmr_examination *examination, int directory, const char *name, const char *path)
{
    struct cmr__topic topic = { CMR_FINDING_PROBLEM, "unreadable", cmr__advice(CMR_REASON_UNREADABLE) };
    struct stat status;
    int error = errno;
    if (error == ENOENT) /* a swap meanwhile */
        return;
    if (fstatat(directory, name, &status, 0) != 0)
        cmr__examination_add(examination, &topic, path, "%s", strerror(error));
    else
        cmr__examination_add(examination, &topic, path, "%s: mode %04o, owner %u:%u; this user is %u:%u",
                             strerror(error), (unsigned)status.st_mode & 07777, (unsigned)status.st_uid,
                             (unsigned)status.st_gid, (unsigned)geteuid(), (unsigned)getegid());
}

static bool may(struct walk *walk, int directory, const char *name, int mode, const char *path)
{
    if (faccessat(directory, name, mode, AT_EACCESS) == 0)
        return true;
    tell_unreadable(walk->examination, directory, name, path);
    return false;
}

static void real_path(int directory, const char *name, char ret_path[PATH_MAX])
{
    char link[40];
    cmr_cleanup(cmr__close_fd) int descriptor = openat(directory, name, O_PATH | O_CLOEXEC);
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, ret_path, PATH_MAX - 1);
    ret_path[length > 0 ? length : 0] = '\0';
}

/* False: it leads nowhere, and is nothing. */
static bool check_link(struct walk *walk, int directory, const char *name)
{
    static const struct cmr__topic dangling = { CMR_FINDING_NOTE, "dangling_link", "" };
    static const struct cmr__topic outside = {
        CMR_FINDING_NOTE, "outside_link", "what changes there is seen at the next event here, or safety check"
    };
    struct stat status;
    char real[PATH_MAX];
    size_t length = strlen(walk->root);
    if (fstatat(directory, name, &status, 0) != 0 && errno != EACCES) {
        cmr__examination_add(walk->examination, &dangling, walk->path, "leads nowhere, and is left out");
        return false;
    }
    real_path(directory, name, real);
    if (real[0] && (strncmp(real, walk->root, length) != 0 || real[length] != '/'))
        cmr__examination_add(walk->examination, &outside, walk->path, "leads out of the directory");
    return true;
}

static void walk_directory(struct walk *walk, int directory, const char *name, unsigned depth);

static void visit(struct walk *walk, int directory, const char *name, unsigned depth)
{
    struct stat status;
    if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return;
    if (S_ISLNK(status.st_mode) && (!walk->rules.plain || !check_link(walk, directory, name)))
        return;
    if (S_ISLNK(status.st_mode) && fstatat(directory, name, &status, 0) != 0)
        tell_unreadable(walk->examination, directory, name, walk->path);
    else if (S_ISREG(status.st_mode))
        may(walk, directory, name, R_OK, walk->path);
    else if (S_ISDIR(status.st_mode) && may(walk, directory, name, R_OK | X_OK, walk->path))
        walk_directory(walk, directory, name, depth + 1);
}

/* `path` is the prefix of what is in it. */
static void walk_directory(struct walk *walk, int directory, const char *name, unsigned depth)
{
    size_t length = strlen(walk->path);
    int listing = openat(directory, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = listing >= 0 && depth <= walk->rules.limits->depth ? fdopendir(listing) : NULL;
    if (!stream)
        cmr__close_fd(&listing);
    for (const struct dirent *entry; stream && walk->left && (entry = readdir(stream));) {
        size_t room = sizeof walk->path - length;
        int more = snprintf(walk->path + length, room, "%s%s", length ? "/" : "", entry->d_name);
        if ((size_t)more < room && cmr__tree_wants(&walk->rules, walk->path, entry->d_name, depth)) {
            walk->left--;
            visit(walk, dirfd(stream), entry->d_name, depth);
        }
    }
    walk->path[length] = '\0';
    if (stream)
        closedir(stream);
}

void cmr__access_examine(const struct cmr__patient *patient)
{
    const struct cmr__source *source = &patient->mount->source;
    const struct cmr__settings *settings = &patient->mount->settings;
    char target[CMR__IDENTITY_SIZE] = ".";
    struct walk walk = { .examination = patient->examination, .left = settings->limits.files };
    if (source->directory < 0 ||
        (source->was_volume && cmr__volume_link(source->directory, target) != CMR_OK))
        return;
    walk.rules = (struct cmr__tree_rules){ &settings->limits, (const char *const *)settings->ignore,
                                           source->only, !source->was_volume };
    if (walk.rules.plain && !walk.rules.ignore)
        walk.rules.ignore = cmr__directory_ignore;
    real_path(source->directory, target, walk.root);
    if (may(&walk, source->directory, target, R_OK | X_OK, source->was_volume ? target : source->path))
        walk_directory(&walk, source->directory, target, 0);
}
