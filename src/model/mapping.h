/* SPDX-License-Identifier: MIT
 *
 * A counted read-only mapping of what another process, or this one, has written and can change no more. */
#ifndef CMRELOAD_MODEL_MAPPING_H
#define CMRELOAD_MODEL_MAPPING_H

#include <stddef.h>

#include "cmreload/cmreload.h"

struct cmr__mapping {
    _Atomic unsigned refs;
    const void *address; /* at a page's begin */
    size_t size;
};

/* Maps the first `size` bytes, which is not 0; the descriptor may be closed then. CMR_ERR_NO_MEMORY,
 * CMR_ERR_SYSTEM (errno). */
cmr_status cmr__mapping_new(int descriptor, size_t size, struct cmr__mapping **ret_mapping);

struct cmr__mapping *cmr__mapping_ref(struct cmr__mapping *mapping);
void cmr__mapping_unref(struct cmr__mapping *mapping);      /* NULL: nothing */
void cmr__mapping_unref_place(struct cmr__mapping **place); /* for cmr_cleanup */

#endif
