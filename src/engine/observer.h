/* SPDX-License-Identifier: MIT
 *
 * Observers: told of what happens to the reloader as a whole. */
#ifndef CMRELOAD_ENGINE_OBSERVER_H
#define CMRELOAD_ENGINE_OBSERVER_H

#include "engine/reloader.h"

/* Logs the event and calls the observers. By the dispatcher, without the lock. */
void cmr__observers_tell(cmr_reloader *reloader, const cmr_event *event);

/* Logs what a report says, a line each, where no event tells of it: of a generation that was accepted, or
 * not. `about`: what each line begins with. */
void cmr__observers_log(const cmr_reloader *reloader, const char *about, bool accepted,
                        const cmr_report *report);

#endif
