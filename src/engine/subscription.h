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
#include "engine/selection.h"

struct cmr_subscription {
    struct cmr__registration registration; /* first: disposed as such */
    cmr_reloader *reloader;
    cmr_update_fn *callback;
    struct cmr__selection selection;
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

#endif
