/* SPDX-License-Identifier: MIT
 *
 * Publication: a candidate becomes the current snapshot, or is rejected. */
#ifndef CMRELOAD_ENGINE_PUBLICATION_H
#define CMRELOAD_ENGINE_PUBLICATION_H

#include "engine/candidate.h"

/* Checks the candidate against the typed subscriptions, asks the validators, publishes it, and opens the
 * windows of the subscriptions that it concerns. When it is published, validators are still to hear of it:
 * cmr__validators_commit. A trial ends before the publication, and they have heard.
 *
 * CMR_ERR_REJECTED: a value does not convert, or a validator vetoes; in the report. CMR_ERR_BUSY: frozen or
 * freed meanwhile. CMR_ERR_NO_MEMORY, and what a validator said: CMR_ERR_AGAIN, _SYSTEM (with errno), then
 * candidate->why is why. Nothing has changed then. */
cmr_status cmr__publish(cmr_reloader *reloader, struct cmr__candidate *candidate);

#endif
