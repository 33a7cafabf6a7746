/* SPDX-License-Identifier: MIT
 *
 * An update: what a subscriber's callback is handed, and cmr_snapshot_diff makes. */
#ifndef CMRELOAD_ENGINE_UPDATE_H
#define CMRELOAD_ENGINE_UPDATE_H

#include "engine/selection.h"

struct cmr__update_item {
    cmr_change change;
    cmr_value old_value, new_value;
};

struct cmr_update {
    cmr_snapshot *before, *after; /* borrowed; of cmr_snapshot_diff, counted */
    size_t count;
    struct cmr__update_item *items;
    struct cmr__buffer keys; /* the texts that the changes point to */
};

/* Builds what changed of the selection from `before` to `after`, old and new as its type; equal values
 * are left out, so the update may be empty. CMR_ERR_TYPE, CMR_ERR_RANGE: a new value does not convert;
 * *ret_failed is the difference. CMR_ERR_NO_MEMORY. */
cmr_status cmr__update_init(cmr_update *update, const struct cmr__selection *selection, cmr_snapshot *before,
                            cmr_snapshot *after, const struct cmr__diff *known,
                            struct cmr__difference *ret_failed);
void cmr__update_reset(cmr_update *update);

#endif
