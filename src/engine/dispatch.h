/* SPDX-License-Identifier: MIT
 *
 * Being the one that dispatches, for calls that are no dispatch but must not meet one. */
#ifndef CMRELOAD_ENGINE_DISPATCH_H
#define CMRELOAD_ENGINE_DISPATCH_H

#include "engine/reloader.h"

/* CMR_ERR_BUSY: another thread is, or this one in a callback; CMR_ERR_CLOSED; CMR_ERR_FORKED. */
cmr_status cmr__dispatch_begin(cmr_reloader *reloader);

/* Returns the status, unless the reloader is gone now (CMR_ERR_CLOSED), or this is a child that a callback
 * forked (CMR_ERR_FORKED). */
cmr_status cmr__dispatch_end(cmr_reloader *reloader, cmr_status status);

#endif
