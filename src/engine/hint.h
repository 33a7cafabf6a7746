/* SPDX-License-Identifier: MIT
 *
 * Hints: a subscription or binding that nothing matches, but something nearly, is probably misspelt. */
#ifndef CMRELOAD_ENGINE_HINT_H
#define CMRELOAD_ENGINE_HINT_H

#include "engine/binding.h"
#include "engine/selection.h"

/* Logs what was probably meant, if the snapshot has nothing of the selection. Without the lock. */
void cmr__hint_selection(cmr_reloader *reloader, const cmr_snapshot *snapshot,
                         const struct cmr__selection *selection);

/* The same of a binding's key. */
void cmr__hint_binding(cmr_reloader *reloader, const cmr_snapshot *snapshot, const cmr_binding *binding);

/* The same for all subscriptions and bindings, and the current snapshot. By the dispatcher, without the lock.
 */
void cmr__hint_all(cmr_reloader *reloader);

#endif
