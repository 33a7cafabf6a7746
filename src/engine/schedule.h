/* SPDX-License-Identifier: MIT
 *
 * When to look at a mount next. */
#ifndef CMRELOAD_ENGINE_SCHEDULE_H
#define CMRELOAD_ENGINE_SCHEDULE_H

#include "engine/mount.h"

/* Monotonic ns; CMR__NEVER: not before something happens. */
int64_t cmr__schedule_due(const struct cmr__mount *mount);

/* At the next turn. */
void cmr__schedule_now(struct cmr__mount *mount);

/* Something has happened: when it has settled. What was not there is looked at at once: it may be a volume.
 */
void cmr__schedule_changed(struct cmr__mount *mount, int64_t now);

/* What is there has come later than this process: it may not be whole yet. */
void cmr__schedule_rest(struct cmr__mount *mount, int64_t now);

/* At a look: whether it is still changing, and to be looked at later; else whatever comes from now on is new.
 */
bool cmr__schedule_is_unsettled(struct cmr__mount *mount, int64_t now);

/* Nothing has failed: at the next safety check, or poll. */
void cmr__schedule_check(struct cmr__mount *mount);

/* Something has: quickly at first, then ever more rarely; for a volume that is not there, as often as one is
 * polled. */
void cmr__schedule_retry(struct cmr__mount *mount, int64_t now);

#endif
