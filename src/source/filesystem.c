/* SPDX-License-Identifier: MIT
 *
 * inotify tells what this kernel does to a file. What a server, another machine or a program behind FUSE does
 * to it, this kernel does not know of; their file systems are told by their numbers (statfs(2)). So are
 * sandboxes: gVisor's gofer says that it is 9p, Kata's virtiofs that it is FUSE. An overlay is in between:
 * what is done through it makes events, what is done to its lower layers makes none. A watch is kept
 * everywhere, besides polling: it may still hear of something.
 *
 * A subPath is a bind mount. Nothing in its path says so, but /proc/self/mountinfo has, for each mount, which
 * directory of its file system it shows: one of a kubelet's generations, whose name begins with two dots. It
 * says that even when the generation is long removed. */
#include "source/filesystem.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/cleanup.h"
#include "source/generation.h"

struct cmr__cause cmr__filesystem_without_events(int descriptor)
{
    static const struct {
        uint32_t type;
        const char *message;
    } known[] = {
        { 0x65735546, "FUSE sends no events of what changes behind it" },
        { 0x794c7630, "overlay sends no events of what changes in its lower layers" },
        { 0x00006969, "NFS sends no events of what other machines change" },
        { 0x01021997, "9p sends no events of what the host changes" },
        { 0xff534d42, "CIFS sends no events of what other machines change" },
        { 0xfe534d42, "SMB sends no events of what other machines change" },
        { 0x00c36400, "Ceph sends no events of what other machines change" },
        { 0x5346414f, "AFS sends no events of what other machines change" },
    };
    struct statfs status;
    if (fstatfs(descriptor, &status) != 0)
        return CMR__NO_CAUSE;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if ((uint32_t)status.f_type == known[i].type)
            return (struct cmr__cause){ CMR_REASON_FILESYSTEM, known[i].message };
    return CMR__NO_CAUSE;
}

/* The fourth field of the mount's line: see proc(5). */
static bool find_root(FILE *mounts, uint64_t mount, char **ret_root)
{
    cmr_cleanup(cmr__free_ptr) char *line = NULL;
    size_t capacity = 0;
    while (getline(&line, &capacity, mounts) > 0) {
        unsigned long long number;
        char *root = NULL;
        if (sscanf(line, "%llu %*u %*u:%*u %ms", &number, &root) == 2 && number == mount) {
            *ret_root = root;
            return true;
        }
        free(root);
    }
    return false;
}

bool cmr__filesystem_is_subpath(int descriptor)
{
    struct statx status;
    if (statx(descriptor, "", AT_EMPTY_PATH, STATX_MNT_ID, &status) != 0 || !(status.stx_mask & STATX_MNT_ID))
        return false;
    FILE *mounts = fopen("/proc/self/mountinfo", "re");
    cmr_cleanup(cmr__free_ptr) char *root = NULL;
    bool found = mounts && find_root(mounts, status.stx_mnt_id, &root);
    if (mounts)
        fclose(mounts);
    return found && cmr__generation_in_path(root);
}
