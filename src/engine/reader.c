/* SPDX-License-Identifier: MIT
 *
 * A snapshot that is counted cannot be freed, so no other one can come to have its address: as long as the
 * current pointer equals ours it is the same snapshot, and comparing the two is all that an unchanged read
 * costs. Only a change takes the lock, without which the new snapshot might end between the look at the
 * pointer and the reference.
 *
 * What is remembered of keys is for one `turn`, not for one pointer: the snapshot that a key was read from is
 * no longer counted when the reader has moved on, and its address may come again. */
#include "engine/reader.h"

#include <stdlib.h>

cmr_status cmr_reader_new(cmr_reloader *reloader, cmr_reader **ret_reader)
{
    if (!reloader || !ret_reader)
        return CMR_ERR_INVALID_ARGUMENT;
    cmr_reader *reader = calloc(1, sizeof *reader);
    if (!reader)
        return CMR_ERR_NO_MEMORY;
    reader->current = &reloader->current;
    reader->reloader = reloader;
    reader->turn = 1;
    LIST_INIT(&reader->keys);
    *ret_reader = reader;
    return CMR_OK;
}

void cmr_reader_free(cmr_reader *reader)
{
    if (!reader)
        return;
    while (!LIST_EMPTY(&reader->keys))
        cmr_reader_key_free(LIST_FIRST(&reader->keys));
    cmr_snapshot_unref(reader->snapshot);
    free(reader);
}

static void set(cmr_reader *reader, cmr_snapshot *snapshot)
{
    cmr_snapshot_unref(reader->snapshot);
    reader->snapshot = snapshot;
    reader->turn++;
}

/* Out of line, so that the unchanged path saves no registers. */
__attribute__((noinline)) static cmr_snapshot *move_on(cmr_reader *reader)
{
    set(reader, cmr_reloader_ref_snapshot(reader->reloader));
    return reader->snapshot;
}

cmr_snapshot *cmr_reader_snapshot(cmr_reader *reader)
{
    cmr_snapshot *current = atomic_load_explicit(reader->current, memory_order_acquire);
    return current == reader->snapshot ? current : move_on(reader);
}

void cmr_reader_release(cmr_reader *reader)
{
    set(reader, NULL);
}

static const cmr_snapshot *snapshot_of(cmr_reader *reader)
{
    return reader->snapshot ? reader->snapshot : cmr_reader_snapshot(reader);
}

const void *cmr_reader_struct(cmr_reader *reader, const cmr_follower *follower)
{
    return cmr_follower_get(follower, snapshot_of(reader));
}

/* ---- keys */

cmr_status cmr_reader_key_new(cmr_reader *reader, const char *text, cmr_type type, const cmr_enum_item *table,
                              cmr_reader_key **ret_key)
{
    if (!reader || !text || !ret_key || type < CMR_TYPE_ANY || type > CMR_TYPE_CIDR ||
        (type == CMR_TYPE_ENUM && !table))
        return CMR_ERR_INVALID_ARGUMENT;
    cmr_reader_key *key = calloc(1, sizeof *key);
    if (!key)
        return CMR_ERR_NO_MEMORY;
    cmr_status status = cmr__pattern_of_key(text, &key->key);
    if (status != CMR_OK) {
        free(key);
        return status;
    }
    key->reader = reader;
    key->type = type;
    key->table = table;
    LIST_INSERT_HEAD(&reader->keys, key, link);
    *ret_key = key;
    return CMR_OK;
}

void cmr_reader_key_free(cmr_reader_key *key)
{
    if (!key)
        return;
    LIST_REMOVE(key, link);
    cmr__pattern_reset(&key->key);
    free(key);
}

__attribute__((noinline)) static void resolve(cmr_reader_key *key)
{
    struct cmr__location place;
    key->status = cmr__snapshot_locate_kept(snapshot_of(key->reader), &key->key, &place);
    if (key->status == CMR_OK)
        key->status = cmr__location_value(&place, key->type, key->table, &key->value);
    key->turn = key->reader->turn;
}

static inline cmr_status look_up(cmr_reader_key *key)
{
    if (key->turn != key->reader->turn)
        resolve(key);
    return key->status;
}

cmr_status cmr_reader_get(cmr_reader_key *key, const cmr_value **ret_value)
{
    cmr_status status = look_up(key);
    if (status == CMR_OK)
        *ret_value = &key->value;
    return status;
}

#define READ(name, c_type, cmr_type_, member)                                                                \
    cmr_status cmr_reader_get_##name(cmr_reader_key *key, c_type *ret_value)                                 \
    {                                                                                                        \
        cmr_status status = key->type == (cmr_type_) ? look_up(key) : CMR_ERR_INVALID_ARGUMENT;              \
        if (status == CMR_OK)                                                                                \
            *ret_value = key->value.member;                                                                  \
        return status;                                                                                       \
    }

typedef const char *text;
READ(bool, bool, CMR_TYPE_BOOL, as.boolean)
READ(int64, int64_t, CMR_TYPE_INT64, as.int64)
READ(double, double, CMR_TYPE_DOUBLE, as.number)
READ(string, text, CMR_TYPE_STRING, text)
