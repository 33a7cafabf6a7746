/* SPDX-License-Identifier: MIT
 *
 * Nobody swaps a plain directory, so a read can meet a file half written, or one that an editor has renamed
 * away for a moment. The engine therefore reads when it has been quiet for a while, and again after each
 * event. Here only what vanishes between listing and opening is met: the read begins anew. */
#include "source/directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

#define TRIES 8

/* 4913 is the file by which vim finds out whether it may write; lost+found stands at the top of a file
 * system. */
const char *const cmr__directory_ignore[] = {
    ".*", "*~", "#*#", "4913", "*.swp", "*.tmp", "lost+found", NULL
};

/* With errno when that cannot be told. */
static bool leads_into_data(int directory, const char *name)
{
    char target[8];
    ssize_t length = readlinkat(directory, name, target, sizeof target);
    if (length < 0 && (errno == EINVAL || errno == ENOENT)) /* no link, or gone */
        errno = 0;
    return length >= 7 && memcmp(target, "..data/", 7) == 0;
}

static int open_listing(int directory)
{
    return openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static cmr_status status_of_errno(void)
{
    return errno == ENOENT ? CMR_ERR_BUSY : errno == ENOMEM ? CMR_ERR_NO_MEMORY : CMR_ERR_SYSTEM;
}

static cmr_status find_link_into_data(int directory, uint64_t most, bool *ret_found)
{
    int listing = open_listing(directory);
    DIR *stream = listing >= 0 ? fdopendir(listing) : NULL;
    const struct dirent *entry;
    *ret_found = false;
    if (!stream) {
        cmr__close_fd(&listing);
        return status_of_errno();
    }
    errno = 0;
    while (!*ret_found && errno == 0 && most-- && (entry = readdir(stream)))
        *ret_found = (entry->d_type == DT_LNK || entry->d_type == DT_UNKNOWN) &&
                     leads_into_data(directory, entry->d_name);
    cmr_status status = *ret_found || errno == 0 ? CMR_OK : status_of_errno();
    int error = errno;
    closedir(stream);
    errno = error;
    return status;
}

/* CMR_ERR_NOT_FOUND: a volume is being made here, or what is left of one. A copy of one has no link. */
static cmr_status check_no_volume(int directory, const cmr_limits *limits)
{
    struct stat status;
    bool found;
    if (fstatat(directory, "..data", &status, AT_SYMLINK_NOFOLLOW) == 0)
        return S_ISLNK(status.st_mode) ? CMR_ERR_NOT_FOUND : CMR_OK;
    if (errno != ENOENT)
        return status_of_errno();
    cmr_status listed = find_link_into_data(directory, cmr__tree_most_entries(limits), &found);
    return listed == CMR_OK && found ? CMR_ERR_NOT_FOUND : listed;
}

/* Whether it is a volume is asked afterwards, since it may have become one under the read. */
static cmr_status try_read(int directory, struct cmr__tree *tree)
{
    int listing = open_listing(directory);
    if (listing < 0)
        return status_of_errno();
    cmr_status status = cmr__tree_open(tree, listing);
    if (status == CMR_OK)
        status = cmr__tree_read(tree);
    cmr__tree_close(tree);
    if (status == CMR_ERR_NOT_FOUND)
        return CMR_ERR_BUSY;
    return status == CMR_OK && !tree->rules->only ? check_no_volume(directory, tree->rules->limits) : status;
}

cmr_status cmr__directory_read(int directory, const struct cmr__tree_rules *rules, cmr_report *report,
                               struct cmr__fileset *ret_fileset, uint64_t *retries)
{
    cmr_status status = CMR_ERR_BUSY;
    for (int i = 0; i < TRIES && status == CMR_ERR_BUSY; i++) {
        struct cmr__tree tree = { .rules = rules, .report = report, .files = ret_fileset };
        cmr__fileset_reset(ret_fileset);
        cmr__report_clear(report);
        *retries += i > 0;
        status = try_read(directory, &tree);
    }
    if (status == CMR_OK && (report->failed || ret_fileset->directories.failed))
        status = CMR_ERR_NO_MEMORY;
    if (status != CMR_OK)
        return status;
    cmr__fileset_sort(ret_fileset);
    return cmr__report_is_empty(report) ? CMR_OK : CMR_ERR_REJECTED;
}
