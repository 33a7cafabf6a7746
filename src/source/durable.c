/* SPDX-License-Identifier: MIT
 *
 * A file's contents and its name are made durable apart: fsync of a file says nothing of the entry that leads
 * to it, which is its directory's (fsync(2)). So it goes from below: files, folders, the directory.
 *
 * Files are synced when all of them have been written, by descriptors of their own: a journal then commits
 * them together at the first, and the others have little to wait for. An error of writing back is told to
 * these descriptors as well, since nobody else was told of it (Linux 4.16, errseq_t). */
#include "source/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

static bool sync_descriptor(int descriptor)
{
    int result;
    do
        result = fsync(descriptor);
    while (result != 0 && errno == EINTR);
    return result == 0;
}

/* Where directories cannot be synced (some FUSE and network file systems) there is nothing more to be had. */
bool cmr__sync_directory(int directory)
{
    return sync_descriptor(directory) || errno == EINVAL;
}

static bool sync_folder(int directory, const char *name)
{
    cmr_cleanup(cmr__close_fd) int descriptor = openat(directory, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return descriptor >= 0 && cmr__sync_directory(descriptor);
}

static bool sync_file(int directory, const char *name)
{
    cmr_cleanup(cmr__close_fd) int descriptor = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    return descriptor >= 0 && sync_descriptor(descriptor);
}

/* The first `length` bytes of the name. */
static bool sync_prefix(int directory, const char *name, size_t length)
{
    char path[PATH_MAX];
    if (length >= sizeof path) {
        errno = ENAMETOOLONG;
        return false;
    }
    memcpy(path, name, length);
    path[length] = '\0';
    return sync_folder(directory, path);
}

bool cmr__sync_parent(const char *path)
{
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    while (length > 0 && path[length - 1] != '/')
        length--;
    return length ? sync_prefix(AT_FDCWD, path, length) : sync_folder(AT_FDCWD, ".");
}

/* What lies in one folder stands together, so that it is enough to know the file before. */
static bool sync_folders(int directory, const char *name, const char *before)
{
    for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
        size_t length = (size_t)(slash - name);
        if (strncmp(name, before, length + 1) != 0 && !sync_prefix(directory, name, length))
            return false;
    }
    return true;
}

bool cmr__sync_files(int directory, const cmr_file *files, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!sync_file(directory, files[i].name))
            return false;
    for (size_t i = 0; i < count; i++)
        if (!sync_folders(directory, files[i].name, i ? files[i - 1].name : ""))
            return false;
    return cmr__sync_directory(directory);
}
