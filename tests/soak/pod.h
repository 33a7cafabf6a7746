/* SPDX-License-Identifier: MIT
 *
 * A pod with a volume: the host's side, where it is written, and the container's, where it is mounted,
 * read-only as containers have it. The volume "config" is mounted itself; "other" is a folder in what is
 * mounted, so that it can be removed and made anew in its place. */
#ifndef CMRELOAD_TESTS_SOAK_POD_H
#define CMRELOAD_TESTS_SOAK_POD_H

#include "soak/contents.h"
#include "soak/place.h"
#include "soak/shared.h"

struct pod {
    const char *name;
    struct soak_shared *shared;
    struct fake_kubelet kubelet; /* its dir is the volume as the host has it */
    char store[96];              /* a file system, and not a large one */
    char point[96];              /* where the volume, or its parent, is mounted */
    char path[160];              /* what is followed */
    bool is_below;               /* path is a folder in what is mounted */
    unsigned incarnation;
    uint64_t number; /* the last that was used for a generation */
    bool is_whole;   /* the volume holds that generation, it is good, and nothing is in its way */
};

/* Writes a first generation and mounts it. */
void pod_open(struct pod *pod, const struct place *place, unsigned which, struct soak_shared *shared);
void pod_close(struct pod *pod);

/* One more generation, whatever comes next. */
void pod_write(struct pod *pod);
void pod_write_bad(struct pod *pod);
bool pod_try_write(struct pod *pod); /* false: there is no room */

/* One more, by a kubelet that is killed after that step. */
void pod_write_until(struct pod *pod, enum cmr__volume_step step);

/* One more, which may be the last: it has the shape that all last ones have. */
void pod_write_last(struct pod *pod);

/* The same in two halves: all but the swap, with the generation's folder for the caller to spoil; the swap.
 */
void pod_prepare_last(struct pod *pod, char *ret_folder, size_t size);
void pod_swap_prepared(struct pod *pod);

/* Removes what killed writers left behind. */
void pod_sweep(struct pod *pod);

void pod_mount(struct pod *pod);
void pod_unmount(struct pod *pod);
void pod_remove(struct pod *pod);        /* as a torn-down pod's; what is mounted stays */
void pod_make_anew(struct pod *pod);     /* after a remove, with a generation; mounts it where it must */
void pod_replace_store(struct pod *pod); /* another file system, with a generation, is mounted */

#endif
