/* SPDX-License-Identifier: MIT
 *
 * What was written is to survive a loss of power. */
#ifndef CMRELOAD_SOURCE_DURABLE_H
#define CMRELOAD_SOURCE_DURABLE_H

#include "cmreload/cmreload.h"

/* Each waits until the disk has it; false: errno. */
bool cmr__sync_directory(int directory); /* its entries, not what they lead to */
bool cmr__sync_parent(const char *path); /* the directory that the path's last component stands in */

/* The files' contents and all folders between them and the directory, and its own entries. The files are
 * sorted by name. */
bool cmr__sync_files(int directory, const cmr_file *files, size_t count);

#endif
