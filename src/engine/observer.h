/* SPDX-License-Identifier: MIT
 *
 * Observers: told of what happens to the reloader as a whole. */
#ifndef CMRELOAD_ENGINE_OBSERVER_H
#define CMRELOAD_ENGINE_OBSERVER_H

#include "engine/reloader.h"

/* Logs the event and calls the observers. By the dispatcher, without the lock. */
void cmr__observers_tell(cmr_reloader *reloader, const cmr_event *event);

#endif
