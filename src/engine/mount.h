/* SPDX-License-Identifier: MIT
 *
 * A mount: one source that is followed, and its state. */
#ifndef CMRELOAD_ENGINE_MOUNT_H
#define CMRELOAD_ENGINE_MOUNT_H

#include "engine/load.h"
#include "engine/watches.h"

struct cmr__mount {
    char *path;
    struct cmr__settings settings;
    struct cmr__source source;
    struct cmr__watches watches;
    struct cmr__cause unwatched;       /* why not all is watched; NONE: it is */
    cmr_mount_state state, told_state; /* now, and as observers know it */
    cmr_mount_reason reason;           /* why it is in that state */
    char message[128];
    int64_t changed_at;         /* when the first event came that was not looked into; CMR__NEVER: none */
    int64_t quiet_at;           /* when it has settled after the last one; CMR__NEVER: it has */
    int64_t due_at;             /* when to look because something may have changed; CMR__NEVER: nothing has */
    int64_t look_at;            /* when to look, whatever happens; CMR__NEVER: never */
    bool doubtful;              /* the path may lead elsewhere by now */
    bool forced;                /* look even at what was rejected; until a look succeeds */
    bool rejected;              /* the generation `mounted` is bad */
    bool loading;               /* a load of it is on its way on another thread */
    cmr_status failure;         /* why the last try failed, CMR_OK if it did not */
    int error;                  /* errno, when failure is CMR_ERR_SYSTEM */
    unsigned failures;          /* tries in a row that did */
    unsigned stand_in_failures; /* tries in a row to publish a stand-in that did */
    int64_t confirmed_at;       /* when the path was last seen to lead to the open source */
    char mounted[CMR__IDENTITY_SIZE]; /* the identity of what is there, as last seen */
    bool swappable;                   /* a secret that could not be locked in memory: told once */
    cmr__part *part;      /* what was loaded last, and good, or stands in for it; NULL: nothing yet */
    cmr_boot_source from; /* where that came from */

    /* the saver's: saver.c */
    cmr__part *saved;       /* what state_dir has of it; NULL: that is not known */
    bool saving;            /* on another thread */
    bool save_told;         /* that it failed */
    unsigned save_failures; /* in a row */
    int64_t save_at;        /* not before */
};

/* Nothing is opened yet. */
cmr_status cmr__mount_new(const char *path, const cmr_mount_options *options, struct cmr__mount **ret_mount);
void cmr__mount_free(struct cmr__mount *mount, struct cmr__inotify *inotify);

/* In a forked child: the watches are the parent's, and a load on its way is too. */
void cmr__mount_disown(struct cmr__mount *mount);

/* Whether there is nothing to follow: not yet, or no longer. */
static inline bool cmr__mount_is_absent(const struct cmr__mount *mount)
{
    return mount->state == CMR_MOUNT_WAITING || mount->state == CMR_MOUNT_DEAD;
}

enum cmr__look {
    CMR__LOOK_NOTHING,  /* what was loaded or rejected before, or nothing at all */
    CMR__LOOK_NEW,      /* there may be something new: load it */
    CMR__LOOK_LOADED,   /* load->part is new: accept or reject it */
    CMR__LOOK_REJECTED, /* load->reports.refused tells why */
    CMR__LOOK_FAILED,   /* mount->failure: for want of memory, descriptors or I/O; tried again at look_at */
};

/* Opens and watches the source if need be, and asks whether it is new: NOTHING, NEW or FAILED. Sets state and
 * look_at. */
enum cmr__look cmr__mount_check(struct cmr__mount *mount, struct cmr__inotify *inotify, int64_t now);

/* After NEW: what is to be loaded; run it, here or, if apart, on another thread. */
cmr_status cmr__mount_begin(struct cmr__mount *mount, bool apart, struct cmr__load **ret_load);

/* What came of it: NOTHING, LOADED, REJECTED or FAILED. */
enum cmr__look cmr__mount_finish(struct cmr__mount *mount, struct cmr__load *load,
                                 struct cmr__inotify *inotify, int64_t now);

/* The engine's answer to CMR__LOOK_LOADED. accept takes the part over; fail: try again later (with
 * CMR_ERR_SYSTEM, errno says why). */
void cmr__mount_accept(struct cmr__mount *mount, cmr__part *part);
void cmr__mount_reject(struct cmr__mount *mount);
void cmr__mount_fail(struct cmr__mount *mount, cmr_status failure, int64_t now);

/* It failed for a cause that is not the mount's. */
void cmr__mount_blame(struct cmr__mount *mount, struct cmr__cause cause);

/* Why the last try failed. */
struct cmr__cause cmr__mount_cause_of_failure(const struct cmr__mount *mount);

/* The part that was accepted last is published: if that is what is mounted, it is no longer rejected. */
void cmr__mount_absolve(struct cmr__mount *mount);

/* What a watch event means for this mount. */
void cmr__mount_notice(struct cmr__mount *mount, int watch, unsigned what, int64_t now);

/* For the boot policy: the part takes the place of what was loaded (NULL: of nothing). */
void cmr__mount_boot(struct cmr__mount *mount, cmr__part *part, cmr_boot_source from);
void cmr__mount_set_saved(struct cmr__mount *mount, cmr__part *part);

/* Looks once more at what is mounted: it may have been refused for another mount's sake. */
void cmr__mount_reconsider(struct cmr__mount *mount);

#endif
