/* SPDX-License-Identifier: MIT
 *
 * What the file system that a mount lies on can do for a follower. */
#ifndef CMRELOAD_SOURCE_FILESYSTEM_H
#define CMRELOAD_SOURCE_FILESYSTEM_H

#include <stdbool.h>

#include "base/cause.h"

/* Why no events come of what others change there, and it has to be polled: FILESYSTEM; NONE: they do come, or
 * the kernel does not tell. CMR_ERR_SYSTEM: it could not be asked now; errno. */
cmr_status cmr__filesystem_without_events(int descriptor, struct cmr__cause *ret_cause);

/* Whether what the descriptor is open on, a file or directory, is a bind mount of something inside one
 * generation of a volume, as Kubernetes' subPath makes it: that is never swapped. False where /proc does not
 * tell. CMR_ERR_SYSTEM: it could not be asked now; errno. */
cmr_status cmr__filesystem_is_subpath(int descriptor, bool *ret_subpath);

#endif
