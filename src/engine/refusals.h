/* SPDX-License-Identifier: MIT
 *
 * Refusals: the values of a candidate that are not what somebody subscribed to. Several may refuse one. */
#ifndef CMRELOAD_ENGINE_REFUSALS_H
#define CMRELOAD_ENGINE_REFUSALS_H

#include "base/diagnostic.h"
#include "engine/selection.h"

struct cmr__refusals {
    struct cmr__buffer items; /* refusals.c */
};

#define CMR__REFUSALS_INIT                                                                                   \
    {                                                                                                        \
        CMR__BUFFER_INIT                                                                                     \
    }

/* The selection lives until the report is made. */
void cmr__refusals_add(struct cmr__refusals *refusals, const struct cmr__selection *selection,
                       const struct cmr__location *place, cmr_status status);

/* Each of them once, however many refused it for the same reason, into the report; empties the refusals. */
void cmr__refusals_report(struct cmr__refusals *refusals, cmr_report *report);

#endif
