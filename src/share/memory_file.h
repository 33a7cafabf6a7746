/* SPDX-License-Identifier: MIT
 *
 * Memory that is a file, so that it can be handed to other processes. */
#ifndef CMRELOAD_SHARE_MEMORY_FILE_H
#define CMRELOAD_SHARE_MEMORY_FILE_H

/* An empty one, close-on-exec and not sealed yet; -1 with errno. */
int cmr__memory_file_new(const char *name);

#endif
