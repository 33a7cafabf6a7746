/* SPDX-License-Identifier: MIT
 *
 * The files that a volume is to hold: an array, sorted bytewise by name. */
#ifndef CMRELOAD_SOURCE_VOLUME_FILES_H
#define CMRELOAD_SOURCE_VOLUME_FILES_H

#include "cmreload/cmreload.h"

/* Sorts them, and sees whether they can lie in one volume: relative names without ".", ".." or empty
 * components, not beginning with ".."; none twice; none a file that is a folder of another. NULL: they can;
 * else what is wrong, and *ret_name has it. */
const char *cmr__volume_files_error(cmr_file *files, size_t count, const char **ret_name);

/* What shows of a file in the volume: the length of its name's first component. */
size_t cmr__volume_visible_length(const char *name);

/* Whether that component (its first `length` bytes) is one of the files'. */
bool cmr__volume_files_show(const cmr_file *files, size_t count, const char *name, size_t length);

#endif
