/* SPDX-License-Identifier: MIT
 *
 * The pinned and bracketed read. The link is read, its directory opened and held, its files opened, and the
 * link read again: if it is the same, the set is whole, and belongs to one generation. If it is not, or
 * something vanished in between, the kubelet has swapped meanwhile and the read begins anew. A generation's
 * identity is the link's text alone; inode numbers are used again by file systems at once. */
#include "source/volume.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "source/generation.h"

#define TRIES 64

cmr_status cmr__volume_open(struct cmr__volume *volume, const char *path)
{
    cmr_cleanup(cmr__close_fd) int directory = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct stat status;
    if (directory < 0 || fstat(directory, &status) != 0)
        return errno == ENOENT || errno == ENOTDIR ? CMR_ERR_NOT_FOUND : CMR_ERR_SYSTEM;
    *volume = (struct cmr__volume){ CMR_TAKE_FD(directory), status.st_dev, status.st_ino };
    return CMR_OK;
}

void cmr__volume_close(struct cmr__volume *volume)
{
    cmr__close_fd(&volume->directory);
    volume->directory = -1;
}

/* A directory that was removed under a bind mount keeps its place in the tree, with no link left. */
bool cmr__volume_is_current(const struct cmr__volume *volume, const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && status.st_dev == volume->device && status.st_ino == volume->inode &&
           status.st_nlink > 0;
}

cmr_status cmr__volume_link(const struct cmr__volume *volume, char ret_target[CMR__TARGET_SIZE])
{
    char target[CMR__TARGET_SIZE];
    ssize_t length = readlinkat(volume->directory, "..data", target, sizeof target);
    if (length < 0)
        return errno == ENOENT || errno == EINVAL ? CMR_ERR_NOT_FOUND : CMR_ERR_SYSTEM;
    if ((size_t)length == sizeof target || length == 0 || memchr(target, '/', (size_t)length) ||
        (target[0] == '.' && (length == 1 || (target[1] == '.' && length == 2)))) {
        errno = ELOOP;
        return CMR_ERR_SYSTEM;
    }
    memcpy(ret_target, target, (size_t)length);
    ret_target[length] = '\0';
    return CMR_OK;
}

/* A generation that is gone and yet linked was not swapped: names do not come back. */
static bool dangles(const struct cmr__volume *volume, const char *target)
{
    char again[CMR__TARGET_SIZE];
    return cmr__volume_link(volume, again) == CMR_OK && strcmp(target, again) == 0;
}

/* One try. CMR_ERR_BUSY: the generation was swapped or removed under the read. */
static cmr_status read_once(const struct cmr__volume *volume, const char *target,
                            struct cmr__generation *generation)
{
    char again[CMR__TARGET_SIZE];
    int directory = openat(volume->directory, target, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (directory < 0 && errno == ENOENT)
        return dangles(volume, target) ? CMR_ERR_NOT_FOUND : CMR_ERR_BUSY;
    if (directory < 0)
        return CMR_ERR_SYSTEM;
    cmr_status status = cmr__generation_open(generation, directory);
    if (status == CMR_ERR_NOT_FOUND)
        return CMR_ERR_BUSY;
    if (status != CMR_OK)
        return status;
    status = cmr__volume_link(volume, again);
    if (status != CMR_OK)
        return status;
    return strcmp(target, again) == 0 ? cmr__generation_read(generation) : CMR_ERR_BUSY;
}

static cmr_status try_read(const struct cmr__volume *volume, const cmr_limits *limits, cmr_report *report,
                           struct cmr__fileset *fileset)
{
    char target[CMR__TARGET_SIZE];
    cmr_status status = cmr__volume_link(volume, target);
    if (status != CMR_OK)
        return status;
    struct cmr__generation generation = { .limits = limits, .report = report, .files = fileset };
    status = read_once(volume, target, &generation);
    cmr__generation_close(&generation);
    if (status != CMR_OK)
        return status;
    fileset->target = strdup(target);
    if (!fileset->target || report->failed)
        return CMR_ERR_NO_MEMORY;
    cmr__fileset_sort(fileset);
    return cmr__report_is_empty(report) ? CMR_OK : CMR_ERR_REJECTED;
}

cmr_status cmr__volume_read(const struct cmr__volume *volume, const cmr_limits *limits, cmr_report *report,
                            struct cmr__fileset *ret_fileset, uint64_t *retries)
{
    cmr_status status = CMR_ERR_BUSY;
    for (int i = 0; i < TRIES && status == CMR_ERR_BUSY; i++) {
        cmr__fileset_reset(ret_fileset);
        cmr__report_clear(report);
        *retries += i > 0;
        status = try_read(volume, limits, report, ret_fileset);
    }
    return status;
}
