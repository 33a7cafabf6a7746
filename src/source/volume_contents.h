/* SPDX-License-Identifier: MIT
 *
 * The files of one generation, written into its directory. */
#ifndef CMRELOAD_SOURCE_VOLUME_CONTENTS_H
#define CMRELOAD_SOURCE_VOLUME_CONTENTS_H

#include <stdbool.h>
#include <sys/types.h>

#include "cmreload/cmreload.h"

/* What could not be done, and with what. */
struct cmr__volume_obstacle {
    const char *what; /* "write" */
    const char *name;
};

static inline mode_t cmr__volume_directory_mode(bool restricted)
{
    return restricted ? 0700 : 0755;
}

/* Writes files that cmr__volume_files_error finds nothing wrong with, and the folders that they lie in.
 * False: errno, and *ret_obstacle is set. */
bool cmr__volume_write_contents(int directory, const cmr_file *files, size_t count, bool restricted,
                                struct cmr__volume_obstacle *ret_obstacle);

#endif
