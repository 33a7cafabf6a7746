/* SPDX-License-Identifier: MIT
 *
 * What to do, by the reason of a mount's state: in the words of a pod's manifest where that is where it is
 * done. */
#include "ops/examination.h"

const char *cmr__advice(cmr_mount_reason reason)
{
    switch (reason) {
    case CMR_REASON_NONE:
        return "";
    case CMR_REASON_ABSENT:
        return "compare the path with volumeMounts.mountPath; a program that follows it goes on when it "
               "comes";
    case CMR_REASON_UNWRITTEN:
        return "the kubelet writes ..data before the pod starts; if nobody else is to write here, see the "
               "pod's "
               "events (kubectl describe pod)";
    case CMR_REASON_DANGLING:
        return "the volume is damaged: delete the pod, so that it is made anew";
    case CMR_REASON_OUTSIDE:
        return "the kubelet writes no such link: mount the volume itself, no copy of it";
    case CMR_REASON_WRONG_KIND:
        return "give the path of the mounted directory, or of a file in it";
    case CMR_REASON_GENERATION:
        return "follow the volume's own directory; files below a folder have names like dir/file there";
    case CMR_REASON_SUBPATH:
        return "mount the whole volume, without subPath, in a directory of its own";
    case CMR_REASON_UNREADABLE:
        return "let the program's user read it: the volume's defaultMode and items.mode, the pod's fsGroup "
               "and "
               "runAsUser";
    case CMR_REASON_SWAPPED:
        return "something swaps the volume without rest: find out what writes the ConfigMap so often";
    case CMR_REASON_FILESYSTEM:
        return "it is looked at every 2 s, or check_interval_ms; only on a local file system there are "
               "events";
    case CMR_REASON_INOTIFY_INSTANCES:
        return "raise fs.inotify.max_user_instances on the node: all pods there that run as this user share "
               "it";
    case CMR_REASON_INOTIFY_WATCHES:
        return "raise fs.inotify.max_user_watches on the node: all pods there that run as this user share it";
    case CMR_REASON_INOTIFY:
        return "allow inotify_init1 and inotify_add_watch, in the seccomp profile for instance";
    case CMR_REASON_DESCRIPTORS:
        return "raise the limit (ulimit -n, LimitNOFILE), or find what leaves descriptors open: ls "
               "/proc/PID/fd";
    case CMR_REASON_MEMORY:
        return "raise the container's memory limit";
    case CMR_REASON_VALIDATOR:
        break; /* the program's own, which nobody examines */
    }
    return "";
}
