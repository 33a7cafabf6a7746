/* SPDX-License-Identifier: MIT
 *
 * A path as it is meant now: a daemon may leave its directory later. */
#ifndef CMRELOAD_SOURCE_ABSOLUTE_H
#define CMRELOAD_SOURCE_ABSOLUTE_H

#include "cmreload/cmreload.h"

/* The caller's to free. CMR_ERR_NO_MEMORY; CMR_ERR_SYSTEM: a relative path, and no current directory. */
cmr_status cmr__absolute_path(const char *path, char **ret_path);

#endif
