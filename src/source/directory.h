/* SPDX-License-Identifier: MIT
 *
 * A plain directory: files that people and editors write in place, without a swap. `directory` is a
 * descriptor that is open on it (O_PATH is enough). */
#ifndef CMRELOAD_SOURCE_DIRECTORY_H
#define CMRELOAD_SOURCE_DIRECTORY_H

#include "source/tree.h"

/* What is ignored unless the application says otherwise: hidden files, and what editors leave for a moment.
 * Ends with NULL. */
extern const char *const cmr__directory_ignore[];

/* As cmr__volume_read, but nothing makes it one moment's state: files are read one after the other. The
 * fileset gets no identity. CMR_ERR_BUSY: something vanished at each of several tries. CMR_ERR_NOT_FOUND:
 * there are links into a ..data that is not there, which a volume shows while it is made or gone. */
cmr_status cmr__directory_read(int directory, const struct cmr__tree_rules *rules, cmr_report *report,
                               struct cmr__fileset *ret_fileset, uint64_t *retries);

#endif
