/* SPDX-License-Identifier: MIT
 *
 * The snapshot's life, what it says of itself, and how a key finds its place in it. */
#include "model/snapshot.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

cmr_snapshot *cmr__snapshot_new(uint64_t generation, cmr__part *const *parts, size_t count)
{
    cmr_snapshot *snapshot = calloc(1, sizeof *snapshot + count * sizeof snapshot->parts[0]);
    if (!snapshot)
        return NULL;
    atomic_init(&snapshot->refs, 1);
    snapshot->generation = generation;
    snapshot->loaded_at = cmr__clock_wall_time();
    snapshot->count = count;
    for (size_t i = 0; i < count; i++)
        snapshot->parts[i] = cmr__part_ref(parts[i]);
    return snapshot;
}

cmr_snapshot *cmr__snapshot_with(const cmr_snapshot *snapshot, struct cmr__derived *derived, size_t count)
{
    cmr_snapshot *made = cmr__snapshot_new(snapshot->generation, snapshot->parts, snapshot->count);
    if (!made)
        return NULL;
    made->loaded_at = snapshot->loaded_at;
    made->derived = derived;
    made->derived_count = count;
    return made;
}

void *cmr__snapshot_derived(const cmr_snapshot *snapshot, const void *owner)
{
    for (size_t i = 0; i < snapshot->derived_count; i++)
        if (snapshot->derived[i].owner == owner)
            return snapshot->derived[i].object;
    return NULL;
}

cmr_snapshot *cmr_snapshot_ref(cmr_snapshot *snapshot)
{
    atomic_fetch_add_explicit(&snapshot->refs, 1, memory_order_relaxed);
    return snapshot;
}

void cmr_snapshot_unref(cmr_snapshot *snapshot)
{
    if (!snapshot || atomic_fetch_sub_explicit(&snapshot->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < snapshot->derived_count; i++)
        snapshot->derived[i].release(&snapshot->derived[i]);
    free(snapshot->derived);
    for (size_t i = 0; i < snapshot->count; i++)
        cmr__part_unref(snapshot->parts[i]);
    free(snapshot);
}

uint64_t cmr_snapshot_generation(const cmr_snapshot *snapshot)
{
    return snapshot->generation;
}

int64_t cmr_snapshot_loaded_at(const cmr_snapshot *snapshot)
{
    return snapshot->loaded_at;
}

cmr__part *cmr__snapshot_part(const cmr_snapshot *snapshot, const char *mount, size_t length)
{
    if (!mount)
        return snapshot->count ? snapshot->parts[0] : NULL;
    for (size_t i = 0; i < snapshot->count; i++)
        if (strlen(snapshot->parts[i]->mount) == length &&
            memcmp(snapshot->parts[i]->mount, mount, length) == 0)
            return snapshot->parts[i];
    return NULL;
}

static const cmr__part *named_part(const cmr_snapshot *snapshot, const char *mount)
{
    return snapshot ? cmr__snapshot_part(snapshot, mount, mount ? strlen(mount) : 0) : NULL;
}

const char *cmr_snapshot_target(const cmr_snapshot *snapshot, const char *mount)
{
    const cmr__part *part = named_part(snapshot, mount);
    return part ? part->target : NULL;
}

const char *cmr_snapshot_hash(const cmr_snapshot *snapshot, const char *mount)
{
    const cmr__part *part = named_part(snapshot, mount);
    return part ? part->hash : NULL;
}

bool cmr_snapshot_is_secret(const cmr_snapshot *snapshot, const char *mount)
{
    const cmr__part *part = named_part(snapshot, mount);
    return part && part->secret;
}

size_t cmr_snapshot_file_count(const cmr_snapshot *snapshot, const char *mount)
{
    const cmr__part *part = named_part(snapshot, mount);
    return part ? part->count : 0;
}

cmr_status cmr_snapshot_file(const cmr_snapshot *snapshot, const char *mount, size_t index,
                             cmr_file *ret_file)
{
    const cmr__part *part = named_part(snapshot, mount);
    if (!part || index >= part->count)
        return CMR_ERR_NOT_FOUND;
    const struct cmr__part_file *file = &part->files[index];
    ret_file->name = file->name;
    ret_file->format = file->document->format;
    ret_file->data = cmr__document_raw(file->document, &ret_file->size);
    return CMR_OK;
}

static const struct cmr__part_file *find_file(const cmr_snapshot *snapshot, const struct cmr__name *mount,
                                              const struct cmr__name *file, const cmr__part **ret_part)
{
    *ret_part = cmr__snapshot_part(snapshot, mount->text, mount->length);
    return *ret_part ? cmr__part_find(*ret_part, file->text, file->length) : NULL;
}

static cmr_status found(const cmr__part *part, const struct cmr__part_file *file, uint32_t entry,
                        bool has_path, struct cmr__location *ret_location)
{
    if (entry == CMR__NO_ENTRY)
        return CMR_ERR_NOT_FOUND;
    bool whole = !has_path && cmr__document_entry(file->document, entry)->kind != CMR__SCALAR;
    *ret_location = (struct cmr__location){ part, file, entry, whole };
    return CMR_OK;
}

cmr_status cmr__snapshot_locate(const cmr_snapshot *snapshot, const struct cmr__key *key,
                                struct cmr__location *ret_location)
{
    const cmr__part *part;
    const struct cmr__part_file *file = find_file(snapshot, &key->mount, &key->file, &part);
    if (!file)
        return CMR_ERR_NOT_FOUND;
    uint32_t entry =
        cmr__document_find(file->document, key->segments, key->count, key->flat, key->flat_length);
    return found(part, file, entry, key->has_path, ret_location);
}

cmr_status cmr__snapshot_locate_kept(const cmr_snapshot *snapshot, const struct cmr__pattern *key,
                                     struct cmr__location *ret_location)
{
    const cmr__part *part;
    const struct cmr__part_file *file = find_file(snapshot, &key->mount, &key->file, &part);
    if (!file)
        return CMR_ERR_NOT_FOUND;
    return found(part, file, cmr__document_find_kept(file->document, key), key->count > 0, ret_location);
}

/* Out of line: the parsed key takes many kilobytes of stack. */
__attribute__((noinline)) static cmr_status locate_anew(const cmr_snapshot *snapshot, const char *text,
                                                        struct cmr__location *ret_location)
{
    struct cmr__key key;
    struct cmr__location location = { 0 };
    size_t length = strlen(text);
    if (!cmr__key_parse(&key, text, length, false, NULL))
        return CMR_ERR_INVALID_ARGUMENT;
    cmr_status status = cmr__snapshot_locate(snapshot, &key, &location);
    cmr__memo_add((struct cmr__memo *)(uintptr_t)&snapshot->memo, text, length, &location);
    if (status == CMR_OK)
        *ret_location = location;
    return status;
}

cmr_status cmr__snapshot_locate_text(const cmr_snapshot *snapshot, const char *text,
                                     struct cmr__location *ret_location)
{
    const struct cmr__location *known = cmr__memo_find(&snapshot->memo, text);
    if (!known)
        return locate_anew(snapshot, text, ret_location);
    if (!known->file)
        return CMR_ERR_NOT_FOUND;
    *ret_location = *known;
    return CMR_OK;
}
