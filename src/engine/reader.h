/* SPDX-License-Identifier: MIT
 *
 * A reader: a thread's own reference to the snapshot that was the current one when it last asked. */
#ifndef CMRELOAD_ENGINE_READER_H
#define CMRELOAD_ENGINE_READER_H

#include <sys/queue.h>

#include "engine/reloader.h"

struct cmr_reader_key {
    LIST_ENTRY(cmr_reader_key) link;
    cmr_reader *reader;
    struct cmr__pattern key;
    cmr_type type;
    const cmr_enum_item *table;
    uint64_t turn; /* the reader's, for which status and value are; 0: none */
    cmr_status status;
    cmr_value value; /* with CMR_OK */
};

struct cmr_reader {
    const _Atomic(cmr_snapshot *) *current; /* the reloader's */
    cmr_snapshot *snapshot;                 /* counted; NULL: none */
    uint64_t turn;                          /* grows whenever `snapshot` becomes another one */
    cmr_reloader *reloader;
    LIST_HEAD(, cmr_reader_key) keys;
};

#endif
