/* SPDX-License-Identifier: MIT
 *
 * Publication: a loaded part becomes the current snapshot, or is rejected. */
#ifndef CMRELOAD_ENGINE_PUBLICATION_H
#define CMRELOAD_ENGINE_PUBLICATION_H

#include "engine/subscription.h"

/* Puts the part in place of mount number `mount` in the current snapshot, checks it against the typed
 * subscriptions, publishes, and opens the windows of the subscriptions it concerns. Until every mount has a
 * part nothing is published, and *ret_published is false. CMR_ERR_REJECTED: a value does not convert; in the
 * report. CMR_ERR_BUSY: frozen meanwhile. CMR_ERR_NO_MEMORY. Nothing has changed then. */
cmr_status cmr__publish(cmr_reloader *reloader, size_t mount, cmr__part *part, cmr_report *report,
                        bool *ret_published);

#endif
