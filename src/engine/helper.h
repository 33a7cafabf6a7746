/* SPDX-License-Identifier: MIT
 *
 * The helper: a thread that waits and dispatches in the application's place. */
#ifndef CMRELOAD_ENGINE_HELPER_H
#define CMRELOAD_ENGINE_HELPER_H

#include "engine/reloader.h"

/* With the lock held: there is a helper, and this thread is not it. */
bool cmr__helper_is_other_locked(const cmr_reloader *reloader);

/* When the reloader is being freed and nobody dispatches, or by the dispatcher at its end: waits until the
 * helper, if there is one, is gone. Without the lock. */
void cmr__helper_join(cmr_reloader *reloader);

/* When the reloader is freed by a callback on the helper itself: it is not joined. With the lock held. */
void cmr__helper_detach_locked(cmr_reloader *reloader);

#endif
