/* SPDX-License-Identifier: MIT
 *
 * What a path is, is asked anew at each look, as a directory may become a volume when the kubelet comes to
 * it. The other way there is none: where ..data was and is not, a volume is being torn down, and reading what
 * is left of it as plain files would publish the loss of all of them.
 *
 * A file is followed through its directory, since that is where an editor's rename, or the kubelet's swap,
 * can be seen. A file of a volume really lies in a generation's directory, whose name begins with two dots;
 * the directory above that one is the volume, and the file keeps its name within it. */
#include "source/source.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "source/directory.h"
#include "source/filesystem.h"
#include "source/generation.h"
#include "source/passing.h"

#define TRIES 64

static cmr_status not_found(struct cmr__source *source, cmr_mount_reason reason, const char *message)
{
    source->missing = (struct cmr__cause){ reason, message };
    return CMR_ERR_NOT_FOUND;
}

static cmr_status open_failed(struct cmr__source *source)
{
    switch (errno) {
    case ENOENT:
        return not_found(source, CMR_REASON_ABSENT, "there is nothing at this path");
    case ENOTDIR:
        return not_found(source, CMR_REASON_ABSENT, "a part of the path is no directory");
    default:
        return CMR_ERR_SYSTEM;
    }
}

/* Where the open file or directory really lies; empty where /proc does not tell. */
static cmr_status real_path(int descriptor, char ret_path[PATH_MAX])
{
    char link[40];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, ret_path, PATH_MAX - 1);
    if (length < 0 && cmr__error_passes(errno))
        return CMR_ERR_SYSTEM;
    ret_path[length > 0 ? length : 0] = '\0';
    return CMR_OK;
}

/* The "/" before a generation's name on the way, in a directory that is a volume; NULL: there is none. Others
 * may name their directories like that, too. */
static cmr_status find_generation(const char *path, const char **ret_generation)
{
    char link[PATH_MAX], target[CMR__IDENTITY_SIZE];
    const char *generation = cmr__generation_in_path(path);
    *ret_generation = NULL;
    if (!generation ||
        (size_t)snprintf(link, sizeof link, "%.*s/..data", (int)(generation - path), path) >= sizeof link)
        return CMR_OK;
    if (readlink(link, target, sizeof target) >= 0)
        *ret_generation = generation;
    else if (cmr__error_passes(errno))
        return CMR_ERR_SYSTEM;
    return CMR_OK;
}

/* Follows the directory at `path`, and in it `only`, or all. */
static cmr_status follow(struct cmr__source *source, const char *path, const char *only)
{
    cmr_cleanup(cmr__close_fd) int directory = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct stat status;
    if (directory < 0 || fstat(directory, &status) != 0)
        return open_failed(source);
    cmr_cleanup(cmr__free_ptr) char *path_copy = strdup(path), *only_copy = only ? strdup(only) : NULL;
    if (!path_copy || (only && !only_copy))
        return CMR_ERR_NO_MEMORY;
    source->directory = CMR_TAKE_FD(directory);
    source->device = status.st_dev;
    source->inode = status.st_ino;
    source->path = CMR_TAKE(path_copy);
    source->only = CMR_TAKE(only_copy);
    return CMR_OK;
}

static cmr_status follow_directory(struct cmr__source *source, const char *path, int descriptor)
{
    char real[PATH_MAX];
    const char *generation = NULL;
    if (source->wanted == CMR_KIND_FILE)
        return not_found(source, CMR_REASON_WRONG_KIND, "it is a directory, no file");
    cmr_status status = real_path(descriptor, real);
    if (status == CMR_OK)
        status = find_generation(real, &generation);
    if (status != CMR_OK)
        return status;
    if (generation)
        return not_found(source, CMR_REASON_GENERATION,
                         "it lies in one generation of a volume, and would never change: follow the volume");
    return follow(source, path, NULL);
}

static cmr_status follow_in_parent(struct cmr__source *source, const char *path)
{
    cmr_cleanup(cmr__free_ptr) char *parent = strdup(path);
    if (!parent)
        return CMR_ERR_NO_MEMORY;
    char *slash = strrchr(parent, '/');
    if (!slash)
        return follow(source, ".", path);
    *slash = '\0';
    return follow(source, slash == parent ? "/" : parent, slash + 1);
}

static cmr_status follow_file(struct cmr__source *source, const char *path, int descriptor)
{
    char real[PATH_MAX];
    struct stat now;
    const char *generation = NULL;
    if (source->wanted == CMR_KIND_VOLUME || source->wanted == CMR_KIND_DIRECTORY)
        return not_found(source, CMR_REASON_WRONG_KIND, "it is a file, no directory");
    cmr_status status = real_path(descriptor, real);
    if (status == CMR_OK && fstat(descriptor, &now) != 0)
        status = CMR_ERR_SYSTEM;
    if (status != CMR_OK)
        return status;
    if (now.st_nlink == 0 && !source->is_subpath)
        return CMR_ERR_BUSY; /* swapped, with its generation; the real path ends with " (deleted)" then */
    status = find_generation(real, &generation);
    if (status != CMR_OK)
        return status;
    const char *name = generation ? strchr(generation + 1, '/') : NULL;
    if (!name)
        return follow_in_parent(source, path);
    real[generation - real] = '\0';
    return follow(source, real[0] ? real : "/", name + 1);
}

static cmr_status try_open(struct cmr__source *source, const char *path)
{
    cmr_cleanup(cmr__close_fd) int descriptor = open(path, O_PATH | O_CLOEXEC);
    struct stat status;
    if (descriptor < 0 && errno == ENOENT && source->kind == CMR_KIND_FILE && !source->was_volume)
        return follow_in_parent(source, path); /* renamed away, to come back */
    if (descriptor < 0 || fstat(descriptor, &status) != 0)
        return open_failed(source);
    cmr_status told = cmr__filesystem_is_subpath(descriptor, &source->is_subpath);
    if (told == CMR_OK)
        told = cmr__filesystem_without_events(descriptor, &source->eventless);
    if (told != CMR_OK)
        return told;
    if (S_ISDIR(status.st_mode))
        return follow_directory(source, path, descriptor);
    if (S_ISREG(status.st_mode))
        return follow_file(source, path, descriptor);
    return not_found(source, CMR_REASON_WRONG_KIND, "it is neither a directory nor a file");
}

cmr_status cmr__source_open(struct cmr__source *source, const char *path)
{
    cmr_status status = CMR_ERR_BUSY;
    for (int i = 0; i < TRIES && status == CMR_ERR_BUSY; i++)
        status = try_open(source, path);
    return status;
}

void cmr__source_close(struct cmr__source *source)
{
    cmr__close_fd(&source->directory);
    source->directory = -1;
    free(CMR_TAKE(source->path));
    free(CMR_TAKE(source->only));
}

cmr_status cmr__source_copy(const struct cmr__source *source, struct cmr__source *ret_copy)
{
    struct cmr__source copy = *source;
    copy.path = NULL;
    copy.only = source->only ? strdup(source->only) : NULL;
    copy.directory = fcntl(source->directory, F_DUPFD_CLOEXEC, 0);
    if (copy.directory >= 0 && (copy.only || !source->only)) {
        *ret_copy = copy;
        return CMR_OK;
    }
    cmr_status status = copy.directory < 0 ? CMR_ERR_SYSTEM : CMR_ERR_NO_MEMORY;
    cmr__source_close(&copy);
    return status;
}

/* There is a directory where a single file was. */
static bool became_directory(const struct cmr__source *source)
{
    struct stat status;
    return source->only && !source->was_volume && fstatat(source->directory, source->only, &status, 0) == 0 &&
           S_ISDIR(status.st_mode);
}

/* A directory that was removed under a bind mount keeps its place in the tree, with no link left. */
bool cmr__source_is_current(const struct cmr__source *source)
{
    struct stat status;
    return stat(source->path, &status) == 0 && status.st_dev == source->device &&
           status.st_ino == source->inode && status.st_nlink > 0 && !became_directory(source);
}

cmr_status cmr__source_identify(struct cmr__source *source, char ret_identity[CMR__IDENTITY_SIZE])
{
    cmr_status status = cmr__volume_link(source->directory, ret_identity);
    if (status == CMR_ERR_SYSTEM)
        return status;
    bool plain = source->wanted != CMR_KIND_VOLUME && !source->was_volume;
    if (status == CMR_ERR_NOT_FOUND && !plain)
        return not_found(source, CMR_REASON_UNWRITTEN,
                         "no ..data in it: no ConfigMap volume, or not written yet");
    if (status == CMR_OK && source->wanted == CMR_KIND_DIRECTORY)
        return not_found(source, CMR_REASON_WRONG_KIND, "it is a volume, no plain directory");
    source->was_volume |= status == CMR_OK;
    source->kind = source->only                           ? CMR_KIND_FILE
                   : plain && status == CMR_ERR_NOT_FOUND ? CMR_KIND_DIRECTORY
                                                          : CMR_KIND_VOLUME;
    if (status == CMR_ERR_NOT_FOUND)
        ret_identity[0] = '\0';
    return CMR_OK;
}

static cmr_status read_volume(struct cmr__source *source, const struct cmr__tree_rules *rules,
                              cmr_report *report, struct cmr__fileset *ret_fileset, uint64_t *retries)
{
    char target[CMR__IDENTITY_SIZE];
    cmr_status status = cmr__volume_read(source->directory, rules, report, ret_fileset, retries);
    if (status == CMR_ERR_NOT_FOUND && cmr__volume_link(source->directory, target) == CMR_OK)
        return not_found(source, CMR_REASON_DANGLING, "its ..data leads nowhere");
    if (status == CMR_ERR_NOT_FOUND)
        return not_found(source, CMR_REASON_UNWRITTEN, "no ..data in it any more");
    if (status == CMR_OK && source->only && cmr__fileset_count(ret_fileset) == 0)
        return not_found(source, CMR_REASON_ABSENT, "the volume has no such file");
    return status;
}

static cmr_status read_plain(struct cmr__source *source, const struct cmr__tree_rules *rules,
                             cmr_report *report, struct cmr__fileset *ret_fileset, uint64_t *retries)
{
    cmr_status status = cmr__directory_read(source->directory, rules, report, ret_fileset, retries);
    if (status == CMR_ERR_NOT_FOUND)
        return not_found(source, CMR_REASON_UNWRITTEN, "its links lead into a ..data that is not there");
    if (status != CMR_OK || cmr__fileset_count(ret_fileset) || source->wanted == CMR_KIND_DIRECTORY)
        return status;
    return source->only ? not_found(source, CMR_REASON_ABSENT, "there is no such file")
                        : not_found(source, CMR_REASON_UNWRITTEN, "the directory is empty");
}

cmr_status cmr__source_read(struct cmr__source *source, const struct cmr__source_rules *rules,
                            cmr_report *report, struct cmr__fileset *ret_fileset, uint64_t *retries)
{
    struct cmr__tree_rules tree = { .limits = rules->limits, .ignore = rules->ignore, .only = source->only };
    if (source->was_volume)
        return read_volume(source, &tree, report, ret_fileset, retries);
    if (!tree.ignore)
        tree.ignore = cmr__directory_ignore;
    tree.plain = true;
    return read_plain(source, &tree, report, ret_fileset, retries);
}
