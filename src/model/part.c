/* SPDX-License-Identifier: MIT
 *
 * One mount's share of a snapshot. Files are sorted bytewise by name: that is the order of the content hash,
 * of iteration and of the diff, and it makes a lookup a binary search. */
#include "model/part.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "model/hash.h"

cmr__part *cmr__part_new(const char *mount, const char *target, size_t count)
{
    cmr__part *part = calloc(1, sizeof *part);
    if (!part)
        return NULL;
    atomic_init(&part->refs, 1);
    part->mount = strdup(mount);
    part->target = strdup(target);
    part->files = calloc(count ? count : 1, sizeof *part->files);
    part->count = part->files ? count : 0;
    if (part->mount && part->target && part->files)
        return part;
    cmr__part_unref(part);
    return NULL;
}

bool cmr__part_hash(cmr__part *part)
{
    struct cmr__content_hash *hash = cmr__content_hash_new(0);
    if (!hash)
        return false;
    for (size_t i = 0; i < part->count; i++) {
        size_t length;
        const char *raw = cmr__document_raw(part->files[i].document, &length);
        cmr__content_hash_field(hash, part->files[i].name, strlen(part->files[i].name));
        cmr__content_hash_field(hash, raw, length);
    }
    cmr__content_hash_finish(hash, part->hash);
    cmr__content_hash_free(hash);
    return true;
}

bool cmr__part_is_swappable(const cmr__part *part)
{
    bool locked = true;
    for (size_t i = 0; part->secret && i < part->count; i++)
        locked &= cmr__secret_is_locked(part->files[i].document->block);
    return !locked;
}

void cmr__part_lock_again(const cmr__part *part)
{
    for (size_t i = 0; part->secret && i < part->count; i++)
        cmr__secret_lock_again((void *)(uintptr_t)part->files[i].document->block);
}

cmr__part *cmr__part_named(cmr__part *part, const char *mount)
{
    if (strcmp(part->mount, mount) == 0)
        return cmr__part_ref(part);
    cmr__part *other = cmr__part_new(mount, part->target, part->count);
    if (!other)
        return NULL;
    other->kept = part->kept;
    other->secret = part->secret;
    memcpy(other->hash, part->hash, sizeof other->hash);
    for (size_t i = 0; i < part->count; i++) {
        other->files[i].document = cmr__document_ref(part->files[i].document);
        other->files[i].name = strdup(part->files[i].name);
        if (!other->files[i].name) {
            cmr__part_unref(other);
            return NULL;
        }
    }
    return other;
}

cmr__part *cmr__part_ref(cmr__part *part)
{
    atomic_fetch_add_explicit(&part->refs, 1, memory_order_relaxed);
    return part;
}

void cmr__part_unref(cmr__part *part)
{
    if (!part || atomic_fetch_sub_explicit(&part->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < part->count; i++) {
        free(part->files[i].name);
        cmr__document_unref(part->files[i].document);
    }
    free(part->files);
    free(part->mount);
    free(part->target);
    free(part);
}

void cmr__part_unref_place(cmr__part **place)
{
    cmr__part_unref(*place);
}

static int compare(const char *name, size_t length, const char *other)
{
    int order = strncmp(name, other, length);
    return order ? order : -(other[length] != '\0');
}

const struct cmr__part_file *cmr__part_find(const cmr__part *part, const char *name, size_t length)
{
    size_t low = 0, high = part->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare(name, length, part->files[middle].name);
        if (order == 0)
            return &part->files[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}
