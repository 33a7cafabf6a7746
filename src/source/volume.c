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

#define TRIES 64

cmr_status cmr__volume_link(int directory, char ret_target[CMR__IDENTITY_SIZE])
{
    char target[CMR__IDENTITY_SIZE];
    ssize_t length = readlinkat(directory, "..data", target, sizeof target);
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
static bool dangles(int directory, const char *target)
{
    char again[CMR__IDENTITY_SIZE];
    return cmr__volume_link(directory, again) == CMR_OK && strcmp(target, again) == 0;
}

/* One try. CMR_ERR_BUSY: the generation was swapped or removed under the read. */
static cmr_status read_once(int directory, const char *target, struct cmr__tree *tree)
{
    char again[CMR__IDENTITY_SIZE];
    int pinned = openat(directory, target, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (pinned < 0 && errno == ENOENT)
        return dangles(directory, target) ? CMR_ERR_NOT_FOUND : CMR_ERR_BUSY;
    if (pinned < 0) {
        int error = errno;
        cmr__report_add(tree->report, CMR_ERR_SYSTEM, target, 0, 0, "", "%s", strerror(error));
        errno = error;
        return CMR_ERR_SYSTEM;
    }
    cmr_status status = cmr__tree_open(tree, pinned);
    if (status == CMR_ERR_NOT_FOUND)
        return CMR_ERR_BUSY;
    if (status != CMR_OK)
        return status;
    status = cmr__volume_link(directory, again);
    if (status != CMR_OK)
        return status;
    return strcmp(target, again) == 0 ? cmr__tree_read(tree) : CMR_ERR_BUSY;
}

static cmr_status try_read(int directory, const struct cmr__tree_rules *rules, cmr_report *report,
                           struct cmr__fileset *fileset)
{
    char target[CMR__IDENTITY_SIZE];
    cmr_status status = cmr__volume_link(directory, target);
    if (status != CMR_OK)
        return status;
    struct cmr__tree tree = { .rules = rules, .report = report, .files = fileset };
    status = read_once(directory, target, &tree);
    cmr__tree_close(&tree);
    if (status != CMR_OK)
        return status;
    fileset->identity = strdup(target);
    if (!fileset->identity || report->failed)
        return CMR_ERR_NO_MEMORY;
    cmr__fileset_sort(fileset);
    return cmr__report_is_empty(report) ? CMR_OK : CMR_ERR_REJECTED;
}

cmr_status cmr__volume_read(int directory, const struct cmr__tree_rules *rules, cmr_report *report,
                            struct cmr__fileset *ret_fileset, uint64_t *retries)
{
    cmr_status status = CMR_ERR_BUSY;
    for (int i = 0; i < TRIES && status == CMR_ERR_BUSY; i++) {
        cmr__fileset_reset(ret_fileset);
        cmr__report_clear(report);
        *retries += i > 0;
        status = try_read(directory, rules, report, ret_fileset);
    }
    return status;
}
