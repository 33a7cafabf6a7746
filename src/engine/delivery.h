/* SPDX-License-Identifier: MIT
 *
 * Delivery: calling the subscribers whose time has come. */
#ifndef CMRELOAD_ENGINE_DELIVERY_H
#define CMRELOAD_ENGINE_DELIVERY_H

#include "engine/reloader.h"

/* Calls everyone who is due, in order of registration. By the dispatcher, without the lock. Returns when the
 * next one is due. */
int64_t cmr__deliver(cmr_reloader *reloader, int64_t now);

#endif
