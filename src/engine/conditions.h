/* SPDX-License-Identifier: MIT
 *
 * Conditions: what typed subscriptions, bindings and schemas demand of a candidate. With the lock held. */
#ifndef CMRELOAD_ENGINE_CONDITIONS_H
#define CMRELOAD_ENGINE_CONDITIONS_H

#include "engine/candidate.h"

/* Checks the candidate against the subscriptions, bindings and schemas that were not looked at before, marks
 * those that it concerns, and makes its records. CMR_ERR_REJECTED: a value is not what is wanted; in the
 * report. CMR_ERR_NO_MEMORY. */
cmr_status cmr__conditions_check_locked(cmr_reloader *reloader, struct cmr__candidate *candidate);

/* The candidate is dropped: nobody is concerned. */
void cmr__conditions_forget_locked(cmr_reloader *reloader);

#endif
