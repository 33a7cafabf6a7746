/* SPDX-License-Identifier: MIT
 *
 * Telling what became of a mount: events, the status that is asked for, and lines of the log. By the
 * dispatcher, without the lock. */
#ifndef CMRELOAD_ENGINE_TELLING_H
#define CMRELOAD_ENGINE_TELLING_H

#include "engine/reloader.h"

/* Copies a mount's status for those who ask for it. */
void cmr__tell_status(cmr_reloader *reloader, size_t number);

/* Tells the state, if it is another one than was told last. */
void cmr__tell_state(cmr_reloader *reloader, struct cmr__mount *mount);

/* READY or APPLIED. kept: what is wrong, or to be told, with what was published; may be empty. */
void cmr__tell_published(cmr_reloader *reloader, const struct cmr__mount *mount, const cmr_report *kept);

/* Counts it and tells REJECTED; again: observers were told of that generation, and only the status changes.
 */
void cmr__tell_rejected(cmr_reloader *reloader, size_t number, const cmr_report *report, bool again);

/* SHARED: so many other processes have answered for the generation. report: who refused it; may be empty. */
void cmr__tell_shared(cmr_reloader *reloader, uint64_t generation, size_t others, const cmr_report *report);

/* FAILED at the first of several failures; of the others the log has a line. */
void cmr__tell_failed(cmr_reloader *reloader, const struct cmr__mount *mount, struct cmr__cause cause);

/* Logs it once when a secret could not be locked in memory, and notes it for the status. */
void cmr__tell_swappable(cmr_reloader *reloader, struct cmr__mount *mount);

#endif
