/* SPDX-License-Identifier: MIT
 *
 * A mount: one volume that is followed, its state, and when to look at it next. */
#ifndef CMRELOAD_ENGINE_MOUNT_H
#define CMRELOAD_ENGINE_MOUNT_H

#include "engine/settings.h"
#include "model/part.h"
#include "source/volume.h"
#include "watch/inotify.h"

struct cmr__mount {
    char *path;
    struct cmr__settings settings;
    struct cmr__volume volume;
    int watch;                         /* inotify's number, or -1 */
    cmr_mount_state state, told_state; /* now, and as observers know it */
    char reason[128];
    bool dirty;                     /* something may have changed */
    bool doubtful;                  /* the path may lead elsewhere by now */
    bool forced;                    /* look even at what was rejected; until a look succeeds */
    bool rejected;                  /* the generation `mounted` is bad */
    cmr_status failure;             /* why the last try failed, CMR_OK if it did not */
    int error;                      /* errno, when failure is CMR_ERR_SYSTEM */
    unsigned failures;              /* tries in a row that did */
    int64_t look_at;                /* when to look next, whatever happens; CMR__NEVER */
    int64_t confirmed_at;           /* when the path was last seen to lead to the open volume */
    char mounted[CMR__TARGET_SIZE]; /* what ..data points at as last seen */
    cmr__part *part;                /* what was loaded last, and good; NULL: nothing yet */
};

/* Nothing is opened yet. */
cmr_status cmr__mount_new(const char *path, const cmr_mount_options *options, struct cmr__mount **ret_mount);
void cmr__mount_free(struct cmr__mount *mount, struct cmr__inotify *inotify);

enum cmr__look {
    CMR__LOOK_NOTHING,  /* the generation that was loaded or rejected before, or none */
    CMR__LOOK_LOADED,   /* *ret_part is the new one: accept or reject it */
    CMR__LOOK_REJECTED, /* *ret_report tells why */
    CMR__LOOK_FAILED,   /* mount->failure: for want of memory, descriptors or I/O; tried again at look_at */
};

/* Opens and watches the volume if need be, and reads and parses its generation if that is new. Sets state,
 * look_at. */
enum cmr__look cmr__mount_look(struct cmr__mount *mount, struct cmr__inotify *inotify, int64_t now,
                               uint64_t *retries, cmr_report **ret_report, cmr__part **ret_part);

/* The engine's answer to CMR__LOOK_LOADED. accept takes the part over; fail: try again later (with
 * CMR_ERR_SYSTEM, errno says why). */
void cmr__mount_accept(struct cmr__mount *mount, cmr__part *part);
void cmr__mount_reject(struct cmr__mount *mount);
void cmr__mount_fail(struct cmr__mount *mount, cmr_status failure, int64_t now);

/* The part that was accepted last is published: if that is what is mounted, it is no longer rejected. */
void cmr__mount_absolve(struct cmr__mount *mount);

/* What a watch event means for this mount. */
void cmr__mount_notice(struct cmr__mount *mount, unsigned what);

#endif
