/* SPDX-License-Identifier: MIT
 *
 * The kernel numbers mounts, and statx tells the number of the one that a descriptor is open on: so no path
 * is compared, and a mount over another one is no trouble. */
#include "source/mountinfo.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "source/passing.h"

void cmr__mountinfo_reset(struct cmr__mountinfo *mountinfo)
{
    free(mountinfo->root);
    free(mountinfo->point);
    free(mountinfo->type);
    *mountinfo = (struct cmr__mountinfo)CMR__MOUNTINFO_INIT;
}

/* Of a mount, or of its file system as a whole. */
static bool says_read_only(const char *options)
{
    return strncmp(options, "ro", 2) == 0 && (options[2] == ',' || options[2] == '\0');
}

/* "NUMBER PARENT MAJOR:MINOR ROOT POINT OPTIONS [TAG...] - TYPE SOURCE OPTIONS" */
static bool parse(const char *line, uint64_t wanted, struct cmr__mountinfo *ret_mountinfo)
{
    unsigned long long number;
    struct cmr__mountinfo found = CMR__MOUNTINFO_INIT;
    cmr_cleanup(cmr__free_ptr) char *options = NULL, *more = NULL;
    const char *rest = strstr(line, " - ");
    if (!rest || sscanf(line, "%llu", &number) != 1 || number != wanted)
        return false;
    if (sscanf(line, "%*u %*u %*u:%*u %ms %ms %ms", &found.root, &found.point, &options) == 3 &&
        sscanf(rest, " - %ms %*s %ms", &found.type, &more) == 2) {
        found.read_only = says_read_only(options) || says_read_only(more);
        *ret_mountinfo = found;
        return true;
    }
    cmr__mountinfo_reset(&found);
    return false;
}

static cmr_status untold(void)
{
    return errno == ENOMEM            ? CMR_ERR_NO_MEMORY
           : cmr__error_passes(errno) ? CMR_ERR_SYSTEM
                                      : CMR_ERR_NOT_FOUND;
}

static cmr_status find(FILE *mounts, uint64_t number, struct cmr__mountinfo *ret_mountinfo)
{
    cmr_cleanup(cmr__free_ptr) char *line = NULL;
    size_t capacity = 0;
    errno = 0;
    while (getline(&line, &capacity, mounts) > 0) {
        if (parse(line, number, ret_mountinfo))
            return CMR_OK;
        errno = 0;
    }
    return untold();
}

cmr_status cmr__mountinfo_find(int descriptor, struct cmr__mountinfo *ret_mountinfo)
{
    struct statx status;
    if (statx(descriptor, "", AT_EMPTY_PATH, STATX_MNT_ID, &status) != 0)
        return untold();
    if (!(status.stx_mask & STATX_MNT_ID))
        return CMR_ERR_NOT_FOUND;
    FILE *mounts = fopen("/proc/self/mountinfo", "re");
    if (!mounts)
        return untold();
    cmr_status found = find(mounts, status.stx_mnt_id, ret_mountinfo);
    int error = errno;
    fclose(mounts);
    errno = error;
    return found;
}
