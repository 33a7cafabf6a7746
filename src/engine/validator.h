/* SPDX-License-Identifier: MIT
 *
 * Validators: what the application has to say about a candidate before it is published, and hears of it
 * afterwards. By the thread that dispatches. */
#ifndef CMRELOAD_ENGINE_VALIDATOR_H
#define CMRELOAD_ENGINE_VALIDATOR_H

#include "engine/candidate.h"

/* Whether there are validators that were not asked. With the lock held. */
bool cmr__validators_wait_locked(const cmr_reloader *reloader, const struct cmr__candidate *candidate);

/* Asks them, in order, until one does not agree. CMR_ERR_REJECTED: a veto, in the report. CMR_ERR_AGAIN,
 * _NO_MEMORY, _SYSTEM: with candidate->why. CMR_ERR_BUSY: the reloader was frozen or freed meanwhile. */
cmr_status cmr__validators_prepare(cmr_reloader *reloader, struct cmr__candidate *candidate);

/* Tells those that agreed what came of it: to abort in reverse order, to commit in order. Nothing stops
 * either, so that each of them hears exactly one of the two, unless it was ended. */
void cmr__validators_abort(cmr_reloader *reloader, cmr_snapshot *candidate);
void cmr__validators_commit(cmr_reloader *reloader, cmr_snapshot *published);

#endif
