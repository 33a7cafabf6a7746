/* SPDX-License-Identifier: MIT
 *
 * A recursion over descriptors, so that nobody who renames a folder meanwhile can lead it out of the tree. */
#include "source/removal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

static DIR *open_directory(int directory, const char *name)
{
    int descriptor = openat(directory, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    DIR *listing = descriptor < 0 ? NULL : fdopendir(descriptor);
    if (!listing)
        cmr__close_fd(&descriptor);
    return listing;
}

static void close_directory(DIR *listing)
{
    int error = errno;
    closedir(listing);
    errno = error;
}

static bool remove_entry(int directory, const char *name)
{
    if (unlinkat(directory, name, 0) == 0 || errno == ENOENT)
        return true;
    return (errno == EISDIR || errno == EPERM) && cmr__remove_tree(directory, name);
}

static bool is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static bool empty(DIR *listing)
{
    struct dirent *next;
    while (errno = 0, (next = readdir(listing)))
        if (!is_dots(next->d_name) && !remove_entry(dirfd(listing), next->d_name))
            return false;
    return errno == 0;
}

bool cmr__remove_tree(int directory, const char *name)
{
    DIR *listing = open_directory(directory, name);
    if (!listing)
        return errno == ENOENT;
    bool emptied = empty(listing);
    close_directory(listing);
    return emptied && (unlinkat(directory, name, AT_REMOVEDIR) == 0 || errno == ENOENT);
}

static bool dangles(int directory, const char *name)
{
    struct stat status;
    return fstatat(directory, name, &status, 0) != 0 && errno == ENOENT;
}

static bool is_stray(int directory, const char *name, const char *kept)
{
    if (is_dots(name) || strcmp(name, "..data") == 0 || strcmp(name, kept) == 0)
        return false;
    return strncmp(name, "..", 2) == 0 || dangles(directory, name);
}

bool cmr__remove_strays(int directory, const char *kept)
{
    DIR *listing = open_directory(directory, ".");
    struct dirent *next;
    bool removed = true;
    if (!listing)
        return false;
    while (removed && (errno = 0, (next = readdir(listing))))
        if (is_stray(directory, next->d_name, kept))
            removed = remove_entry(directory, next->d_name);
    removed = removed && errno == 0;
    close_directory(listing);
    return removed;
}

bool cmr__has_strays_only(int directory)
{
    DIR *listing = open_directory(directory, ".");
    struct dirent *next;
    if (!listing)
        return false;
    while (errno = 0, (next = readdir(listing)))
        if (strcmp(next->d_name, ".") != 0 && strncmp(next->d_name, "..", 2) != 0)
            break;
    bool only = !next && errno == 0;
    close_directory(listing);
    return only;
}
