/* SPDX-License-Identifier: MIT
 *
 * A snapshot is one generation of all mounts: a table of parts, immutable and counted. */
#ifndef CMRELOAD_MODEL_SNAPSHOT_H
#define CMRELOAD_MODEL_SNAPSHOT_H

#include "base/buffer.h"
#include "model/key.h"
#include "model/memo.h"

struct cmr_snapshot {
    _Atomic unsigned refs;
    uint64_t generation;
    int64_t loaded_at;
    struct cmr__memo memo;
    size_t count;
    cmr__part *parts[]; /* in the order of the mounts; never NULL */
};

/* Takes a reference to each part. NULL: out of memory. */
cmr_snapshot *cmr__snapshot_new(uint64_t generation, cmr__part *const *parts, size_t count);

/* The part of a mount (text NULL: the first), or NULL. */
cmr__part *cmr__snapshot_part(const cmr_snapshot *snapshot, const char *mount, size_t length);

/* CMR_ERR_NOT_FOUND: absent. */
cmr_status cmr__snapshot_locate(const cmr_snapshot *snapshot, const struct cmr__key *key,
                                struct cmr__location *ret_location);

/* The same for a key as text, which is remembered; also CMR_ERR_INVALID_ARGUMENT: malformed. */
cmr_status cmr__snapshot_locate_text(const cmr_snapshot *snapshot, const char *key,
                                     struct cmr__location *ret_location);

/* The same for a key that is kept. */
cmr_status cmr__snapshot_locate_kept(const cmr_snapshot *snapshot, const struct cmr__pattern *key,
                                     struct cmr__location *ret_location);

/* The value there, as the type. */
cmr_status cmr__location_value(const struct cmr__location *location, cmr_type type,
                               const cmr_enum_item *table, cmr_value *ret_value);

/* Instead of what was found, where that is not to be shown. */
#define CMR__NOT_SHOWN "found something else: a secret, and not shown"

/* Writes why the conversion to the type fails: "wanted int64, found ...", without place and key. */
void cmr__location_explain(const struct cmr__location *location, cmr_type type, const cmr_enum_item *table,
                           char *buffer, size_t size);

#endif
