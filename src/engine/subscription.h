/* SPDX-License-Identifier: MIT
 *
 * A subscription: what it matches, and where it stands between two updates.
 *
 * `held` is the snapshot that the next update compares with, while it is not simply the one before the
 * publication: from the first matching change until the update is delivered, or, lenient, until everything
 * converts again. */
#ifndef CMRELOAD_ENGINE_SUBSCRIPTION_H
#define CMRELOAD_ENGINE_SUBSCRIPTION_H

#include "engine/reloader.h"
#include "model/diff.h"

struct cmr_subscription {
    struct cmr__registration registration; /* first: disposed as such */
    cmr_reloader *reloader;
    cmr_update_fn *callback;
    struct cmr__patterns patterns;
    bool wild; /* some pattern is no plain key */
    cmr_type type;
    const cmr_enum_item *table;
    int64_t debounce_ms, max_wait_ms;
    bool lenient;
    bool initial;       /* the initial call is still to come */
    bool stuck;         /* lenient: what it matches does not convert */
    bool touched;       /* while publishing: something of it changes */
    cmr_snapshot *held; /* or NULL */
    bool open;          /* a window is open: deliver at deadline */
    int64_t deadline;   /* CMR__NEVER: no window */
    int64_t limit;      /* the window's maximum wait */
};

/* The differences that concern the subscription, appended to an empty diff. `known` is the whole diff of the
 * two snapshots, or NULL. False: out of memory. */
bool cmr__subscription_differences(const cmr_subscription *subscription, const cmr_snapshot *before,
                                   const cmr_snapshot *after, const struct cmr__diff *known,
                                   struct cmr__diff *ret_diff);

/* The value at one side of a difference. */
struct cmr__location cmr__difference_location(const struct cmr__difference *difference, bool of_new);

#endif
