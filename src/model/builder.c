/* SPDX-License-Identifier: MIT
 *
 * Collecting entries.
 *
 * While building, entries carry offsets from the start of the raw bytes or of the pool, and stand in a list
 * of their own; block.c makes the document of them. Children of a list get their positions here, aliases and
 * merge keys their copies, and every limit is checked where an entry is added, so that no file can make the
 * list grow beyond it. */
#include "model/builder.h"

#include <stdlib.h>
#include <string.h>

static struct cmr__entry *entries(const struct cmr__builder *builder)
{
    return (struct cmr__entry *)(void *)builder->entries.data;
}

uint32_t cmr__builder_count(const struct cmr__builder *builder)
{
    return (uint32_t)(builder->entries.size / sizeof(struct cmr__entry));
}

bool cmr__builder_in_map(const struct cmr__builder *builder)
{
    return builder->depth && entries(builder)[builder->open[builder->depth - 1]].kind == CMR__MAP;
}

void cmr__builder_init(struct cmr__builder *builder, const char *file, const char *raw, size_t raw_length,
                       bool flat, const cmr_limits *limits, cmr_report *report)
{
    *builder = (struct cmr__builder){ .file = file,
                                      .raw = raw,
                                      .raw_length = raw_length,
                                      .limits = limits,
                                      .report = report,
                                      .status = CMR_OK,
                                      .flat = flat,
                                      .pool = { .secret = cmr__report_is_secret(report) } };
}

void cmr__builder_reset(struct cmr__builder *builder)
{
    cmr__buffer_reset(&builder->entries);
    cmr__buffer_reset(&builder->pool);
    free(builder->open);
    builder->open = NULL;
    builder->depth = builder->open_capacity = 0;
}

void cmr__builder_fail(struct cmr__builder *builder, cmr_status status)
{
    if (builder->status == CMR_OK || status == CMR_ERR_NO_MEMORY) /* then a report is incomplete */
        builder->status = status;
}

static bool refuse(struct cmr__builder *builder, struct cmr__place place, const char *what,
                   unsigned long long limit)
{
    cmr__report_add(builder->report, CMR_ERR_LIMIT, builder->file, place.line, place.column, "",
                    "more than %llu %s", limit, what);
    cmr__builder_fail(builder, CMR_ERR_LIMIT);
    return false;
}

/* Whether the text stands in what begins there; if so, *ret_at is where. */
static bool stands_in(const char *begin, size_t size, const char *text, size_t length, uint32_t *ret_at)
{
    uintptr_t at = (uintptr_t)text - (uintptr_t)begin;
    if ((uintptr_t)text < (uintptr_t)begin || at + length > size)
        return false;
    *ret_at = (uint32_t)at;
    return true;
}

/* Places the name: where it stands in the raw bytes, or in the pool. */
static bool put_name(struct cmr__builder *builder, struct cmr__entry *entry, const char *name, size_t length)
{
    if (!stands_in(builder->raw, builder->raw_length, name, length, &entry->name_offset)) {
        entry->flags |= CMR__ENTRY_POOLED;
        if (!stands_in(builder->pool.data, builder->pool.size, name, length, &entry->name_offset)) {
            entry->name_offset = (uint32_t)builder->pool.size;
            cmr__buffer_append(&builder->pool, name, length);
        }
    }
    entry->name_length = (uint16_t)length;
    return true;
}

/* The new entry's name, or its position, and its parent's count. */
static bool put_into_parent(struct cmr__builder *builder, struct cmr__entry *entry, const char *name,
                            size_t length, struct cmr__place place)
{
    if (builder->depth == 0)
        return true;
    if (length > UINT16_MAX)
        return refuse(builder, place, "bytes in one key", UINT16_MAX);
    struct cmr__entry *parent = entries(builder) + builder->open[builder->depth - 1];
    entry->parent = builder->open[builder->depth - 1];
    if (parent->kind == CMR__LIST) {
        entry->flags |= CMR__ENTRY_ITEM;
        entry->name_offset = parent->value_length++;
        return true;
    }
    parent->value_length++;
    return put_name(builder, entry, name, length);
}

static bool check_count(struct cmr__builder *builder, size_t more, struct cmr__place place)
{
    size_t count = cmr__builder_count(builder) + more;
    if (count - 1 > builder->limits->entries)
        return refuse(builder, place, "entries in one file, aliases expanded", builder->limits->entries);
    return true;
}

/* A guess from the raw size saves most of the growing; a file of short entries grows a few times. */
static bool reserve(struct cmr__builder *builder)
{
    if (builder->entries.capacity == 0)
        return cmr__buffer_reserve(&builder->entries,
                                   (builder->raw_length / 40 + 16) * sizeof(struct cmr__entry)) &&
               cmr__buffer_reserve(&builder->pool, builder->raw_length / 2 + 16);
    return true;
}

static struct cmr__entry *add(struct cmr__builder *builder, const char *name, size_t length,
                              struct cmr__place place, unsigned flags)
{
    if (builder->status != CMR_OK || !check_count(builder, 1, place))
        return NULL;
    struct cmr__entry entry = { .line = place.line, .flags = (uint8_t)flags };
    unsigned column = place.column < 1u << 28 ? place.column : (1u << 28) - 1;
    entry.column_type = column << 4;
    if (reserve(builder) && !put_into_parent(builder, &entry, name, length, place))
        return NULL;
    struct cmr__entry *added = cmr__buffer_extend(&builder->entries, sizeof entry);
    if (added && !builder->pool.failed) {
        *added = entry;
        return added;
    }
    cmr__builder_fail(builder, CMR_ERR_NO_MEMORY);
    return NULL;
}

bool cmr__builder_open(struct cmr__builder *builder, enum cmr__entry_kind kind, const char *name,
                       size_t name_length, struct cmr__place place, unsigned flags)
{
    if (builder->status != CMR_OK)
        return false;
    if (builder->depth > builder->limits->depth)
        return refuse(builder, place, "levels of nesting", builder->limits->depth);
    if (builder->depth == builder->open_capacity) {
        uint32_t capacity = builder->open_capacity ? 2 * builder->open_capacity : 16;
        uint32_t *open = realloc(builder->open, capacity * sizeof *open);
        if (!open) {
            cmr__builder_fail(builder, CMR_ERR_NO_MEMORY);
            return false;
        }
        builder->open = open;
        builder->open_capacity = capacity;
    }
    struct cmr__entry *entry = add(builder, name, name_length, place, flags);
    if (!entry)
        return false;
    entry->kind = (uint8_t)kind;
    builder->open[builder->depth++] = cmr__builder_count(builder) - 1;
    return true;
}

void cmr__builder_close(struct cmr__builder *builder)
{
    if (builder->status != CMR_OK)
        return;
    entries(builder)[builder->open[--builder->depth]].value_offset = cmr__builder_count(builder);
}

bool cmr__builder_scalar(struct cmr__builder *builder, enum cmr__scalar_type type, const char *name,
                         size_t name_length, const char *value, size_t value_length, struct cmr__place place,
                         unsigned flags)
{
    struct cmr__entry *entry = add(builder, name, name_length, place, flags);
    if (!entry)
        return false;
    entry->kind = CMR__SCALAR;
    entry->column_type |= type;
    entry->value_offset = (uint32_t)builder->pool.size;
    entry->value_length = (uint32_t)value_length;
    char *copy = cmr__buffer_extend(&builder->pool, value_length + 1);
    if (!copy) {
        cmr__builder_fail(builder, CMR_ERR_NO_MEMORY);
        return false;
    }
    if (value_length)
        memcpy(copy, value, value_length);
    copy[value_length] = '\0';
    return true;
}

/* How many containers stand in one another below the subtree's root. Walks along `parent`, so it needs no
 * stack of its own. */
static uint32_t height(const struct cmr__entry *all, uint32_t source, uint32_t end)
{
    uint32_t deepest = 0, depth = 0, last = source;
    for (uint32_t i = source + 1; i < end; i++) {
        while (last != all[i].parent) {
            last = all[last].parent;
            depth--;
        }
        last = i;
        if (++depth > deepest && all[i].kind != CMR__SCALAR)
            deepest = depth;
    }
    return deepest;
}

/* Appends the subtree under the parent, `top` in place of its root entry. */
static bool copy_subtree(struct cmr__builder *builder, uint32_t source, struct cmr__entry top,
                         struct cmr__place place)
{
    uint32_t end = cmr__entry_end(entries(builder) + source, source);
    uint32_t begin = cmr__builder_count(builder);
    uint32_t shift = begin - source;
    if (entries(builder)[source].kind != CMR__SCALAR &&
        builder->depth + height(entries(builder), source, end) > builder->limits->depth)
        return refuse(builder, place, "levels of nesting, aliases expanded", builder->limits->depth);
    if (!check_count(builder, end - source, place))
        return false;
    struct cmr__entry *copy = cmr__buffer_extend(&builder->entries, (end - source) * sizeof *copy);
    if (!copy) {
        cmr__builder_fail(builder, CMR_ERR_NO_MEMORY);
        return false;
    }
    memcpy(copy, entries(builder) + source, (end - source) * sizeof *copy);
    for (uint32_t i = 0; i < end - source; i++) {
        copy[i].parent += shift;
        copy[i].flags |= CMR__ENTRY_COPIED;
        if (copy[i].kind != CMR__SCALAR)
            copy[i].value_offset += shift;
    }
    top.kind = copy->kind;
    top.column_type |= copy->column_type & 15;
    top.value_offset = copy->value_offset;
    top.value_length = copy->value_length;
    *copy = top;
    return true;
}

bool cmr__builder_copy(struct cmr__builder *builder, uint32_t source, const char *name, size_t name_length,
                       struct cmr__place place, unsigned flags)
{
    struct cmr__entry *added = add(builder, name, name_length, place, flags);
    if (!added)
        return false;
    struct cmr__entry top = *added;
    builder->entries.size -= sizeof top;
    top.flags |= entries(builder)[source].flags & CMR__ENTRY_QUOTED;
    return copy_subtree(builder, source, top, place);
}

static bool merge_map(struct cmr__builder *builder, uint32_t source)
{
    uint32_t into = builder->open[builder->depth - 1];
    uint32_t end = cmr__entry_end(entries(builder) + source, source);
    for (uint32_t i = source + 1; i < end; i = cmr__entry_end(entries(builder) + i, i)) {
        struct cmr__entry top = entries(builder)[i];
        if (top.flags & CMR__ENTRY_DEAD)
            continue;
        top.parent = into;
        top.flags |= CMR__ENTRY_MERGED;
        top.column_type &= ~15u;
        if (!copy_subtree(builder, i, top, (struct cmr__place){ top.line, top.column_type >> 4 }))
            return false;
        entries(builder)[into].value_length++;
    }
    return true;
}

static bool is_list_of_maps(const struct cmr__entry *all, uint32_t source)
{
    if (all[source].kind != CMR__LIST)
        return false;
    for (uint32_t i = source + 1; i < all[source].value_offset; i = cmr__entry_end(all + i, i))
        if (all[i].kind != CMR__MAP)
            return false;
    return true;
}

bool cmr__builder_merge(struct cmr__builder *builder, uint32_t source)
{
    const struct cmr__entry entry = entries(builder)[source];
    if (builder->status != CMR_OK)
        return false;
    if (entry.kind == CMR__MAP) {
        if (!merge_map(builder, source))
            return false;
    } else if (is_list_of_maps(entries(builder), source)) {
        for (uint32_t i = source + 1; i < entry.value_offset; i = cmr__entry_end(entries(builder) + i, i))
            if (!merge_map(builder, i))
                return false;
    } else {
        return false;
    }
    entries(builder)[source].flags |= CMR__ENTRY_MERGE | CMR__ENTRY_DEAD;
    builder->merged = true;
    return true;
}
