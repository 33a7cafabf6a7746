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

#include <stdint.h>
#include <sys/vfs.h>

#include "source/generation.h"
#include "source/mountinfo.h"
#include "source/passing.h"

cmr_status cmr__filesystem_without_events(int descriptor, struct cmr__cause *ret_cause)
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
    *ret_cause = CMR__NO_CAUSE;
    if (fstatfs(descriptor, &status) != 0)
        return cmr__error_passes(errno) ? CMR_ERR_SYSTEM : CMR_OK;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if ((uint32_t)status.f_type == known[i].type)
            *ret_cause = (struct cmr__cause){ CMR_REASON_FILESYSTEM, known[i].message };
    return CMR_OK;
}

cmr_status cmr__filesystem_is_subpath(int descriptor, bool *ret_subpath)
{
    struct cmr__mountinfo mountinfo = CMR__MOUNTINFO_INIT;
    cmr_status status = cmr__mountinfo_find(descriptor, &mountinfo);
    *ret_subpath = status == CMR_OK && cmr__generation_in_path(mountinfo.root);
    cmr__mountinfo_reset(&mountinfo);
    return status == CMR_ERR_NOT_FOUND ? CMR_OK : status;
}
