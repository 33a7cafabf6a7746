/* SPDX-License-Identifier: MIT
 *
 * A snapshot is one generation of all mounts: a table of parts, immutable and counted. */
#ifndef CMRELOAD_MODEL_SNAPSHOT_H
#define CMRELOAD_MODEL_SNAPSHOT_H

#include "base/buffer.h"
#include "model/key.h"
#include "model/memo.h"

/* Something that was made of a snapshot, which owns it. */
struct cmr__derived {
    void *owner;  /* whom it was made for */
    void *object; /* owner's */
    void (*release)(struct cmr__derived *derived);
};

struct cmr_snapshot {
    _Atomic unsigned refs;
    uint64_t generation;
    int64_t loaded_at;
    size_t derived_count;
    struct cmr__derived *derived;
    struct cmr__memo memo;
    size_t count;
    cmr__part *parts[]; /* in the order of the mounts; never NULL */
};

/* Takes a reference to each part. NULL: out of memory. */
cmr_snapshot *cmr__snapshot_new(uint64_t generation, cmr__part *const *parts, size_t count);

/* A snapshot of the same generation that owns what was derived, too: an array from malloc, which is taken
 * over, and the other one's own is not. NULL: out of memory; nothing was taken. */
cmr_snapshot *cmr__snapshot_with(const cmr_snapshot *snapshot, struct cmr__derived *derived, size_t count);

/* What was made for that owner, or NULL. */
void *cmr__snapshot_derived(const cmr_snapshot *snapshot, const void *owner);

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
