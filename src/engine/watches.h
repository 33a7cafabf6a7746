/* SPDX-License-Identifier: MIT
 *
 * The watches of a mount: one on its directory and, in a plain directory, one on each below it. */
#ifndef CMRELOAD_ENGINE_WATCHES_H
#define CMRELOAD_ENGINE_WATCHES_H

#include "base/buffer.h"
#include "source/source.h"
#include "watch/inotify.h"

struct cmr__watches {
    int root;                 /* inotify's number; -1: none */
    struct cmr__buffer below; /* int */
};

#define CMR__WATCHES_INIT                                                                                    \
    {                                                                                                        \
        -1, CMR__BUFFER_INIT                                                                                 \
    }

bool cmr__watches_have(const struct cmr__watches *watches, int watch);

/* The kernel has ended it. */
void cmr__watches_forget(struct cmr__watches *watches, int watch);

/* Watches the source's directory, unless it is watched. CMR_ERR_SYSTEM: errno. */
cmr_status cmr__watches_add_root(struct cmr__watches *watches, struct cmr__inotify *inotify,
                                 const struct cmr__source *source);

/* Watches these directories below it, and no others. `names`: texts, each with its NUL. *ret_new: one was not
 * watched before, so what has changed in it meanwhile is not known. CMR_ERR_SYSTEM (errno: not all are
 * watched), CMR_ERR_NO_MEMORY. */
cmr_status cmr__watches_set_below(struct cmr__watches *watches, struct cmr__inotify *inotify,
                                  const struct cmr__source *source, const struct cmr__buffer *names,
                                  bool *ret_new);

/* inotify may be NULL when it is gone already. */
void cmr__watches_clear(struct cmr__watches *watches, struct cmr__inotify *inotify);

#endif
