/* SPDX-License-Identifier: MIT
 *
 * An examination: findings as they are made, and the verdict. */
#ifndef CMRELOAD_OPS_EXAMINATION_H
#define CMRELOAD_OPS_EXAMINATION_H

#include "base/buffer.h"
#include "cmreload/cmreload.h"

struct cmr_examination {
    struct cmr__buffer findings; /* cmr_finding; each owns its message */
    bool failed;                 /* out of memory while adding */
    cmr_verdict verdict;
    char message[128]; /* the verdict's */
};

/* What findings of one kind have in common. Its texts are static. */
struct cmr__topic {
    cmr_finding_level level;
    const char *subject;
    const char *advice;
};

cmr_examination *cmr__examination_new(void);
void cmr__examination_free_place(cmr_examination **place); /* for cmr_cleanup */

/* Adds a finding. `name` (or NULL), which is foreign, stands before the message in quotes; what else is not
 * ours may not be in it. Of one topic only so many are kept, and the last says so. */
void cmr__examination_add(cmr_examination *examination, const struct cmr__topic *topic, const char *name,
                          const char *format, ...) __attribute__((format(printf, 4, 5)));

/* What to do about it. Static; "": nothing. */
const char *cmr__advice(cmr_mount_reason reason);

#endif
