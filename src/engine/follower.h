/* SPDX-License-Identifier: MIT
 *
 * Followers: schemas by which every publication fills a record, which the snapshot owns. With the lock held.
 */
#ifndef CMRELOAD_ENGINE_FOLLOWER_H
#define CMRELOAD_ENGINE_FOLLOWER_H

#include "engine/candidate.h"

/* Fills a record of the candidate for each follower that was not looked at before; candidate->snapshot
 * becomes the one that owns them. What does not fit goes into the report, what is no error into the notices.
 * CMR_ERR_NO_MEMORY. */
cmr_status cmr__followers_fill_locked(cmr_reloader *reloader, struct cmr__candidate *candidate);

#endif
