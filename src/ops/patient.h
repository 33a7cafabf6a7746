/* SPDX-License-Identifier: MIT
 *
 * What is examined: a mount that was looked at once, as a reloader does it, and what came of it. */
#ifndef CMRELOAD_OPS_PATIENT_H
#define CMRELOAD_OPS_PATIENT_H

#include "engine/mount.h"
#include "ops/examination.h"

struct cmr__patient {
    cmr_examination *examination;
    struct cmr__mount *mount;
    struct cmr__inotify inotify;
    struct cmr__load *load; /* what was read; NULL: nothing could be opened */
    enum cmr__look seen;
    int place; /* what stands at the path, O_PATH; -1: nothing that can be reached */
};

/* Each adds what it finds. */
void cmr__mounted_examine(const struct cmr__patient *patient); /* which mount, on which file system */
void cmr__layout_examine(const struct cmr__patient *patient);  /* of a volume: ..data and what is beside it */
void cmr__access_examine(const struct cmr__patient *patient);  /* what this user may not read; links */

#endif
