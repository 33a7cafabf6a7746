/* SPDX-License-Identifier: MIT
 *
 * A reloader in a forked child: there it can be given new descriptors, or be freed, and nothing else. */
#ifndef CMRELOAD_ENGINE_CHILD_H
#define CMRELOAD_ENGINE_CHILD_H

#include "engine/reloader.h"

/* As cmr_reloader_free. */
void cmr__child_free(cmr_reloader *reloader);

/* A child that was forked in a callback came back from it, into a dispatch that was its parent's. Without the
 * lock. CMR_ERR_FORKED; CMR_ERR_CLOSED: the child has freed it, and it is gone. */
cmr_status cmr__child_end_dispatch(cmr_reloader *reloader);

#endif
