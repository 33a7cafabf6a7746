/* SPDX-License-Identifier: MIT
 *
 * Collecting entries, and making the block of them.
 *
 * While building, entries carry offsets from the start of the raw bytes or of the pool; `finish` lays out the
 * block (head, raw, entries, index, pool), moves the offsets to it, folds the hashes and fills the index in
 * one pass. Duplicates are found by that same pass, since equal siblings meet in the index: linear whatever
 * the file holds. What lost against a sibling is marked dead and squeezed out by a second pass that most
 * files never need. */
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

void cmr__builder_init(struct cmr__builder *builder, const char *file, const char *raw, size_t raw_length,
                       bool flat, const cmr_limits *limits, cmr_report *report)
{
    *builder = (struct cmr__builder){ .file = file,
                                      .raw = raw,
                                      .raw_length = raw_length,
                                      .limits = limits,
                                      .report = report,
                                      .status = CMR_OK,
                                      .flat = flat };
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
    if (builder->status == CMR_OK)
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

/* Places the name: where it stands in the raw bytes, or in the pool. */
static bool put_name(struct cmr__builder *builder, struct cmr__entry *entry, const char *name, size_t length)
{
    uintptr_t at = (uintptr_t)name - (uintptr_t)builder->raw;
    if ((uintptr_t)name >= (uintptr_t)builder->raw && at + length <= builder->raw_length) {
        entry->name_offset = (uint32_t)at;
    } else {
        entry->name_offset = (uint32_t)builder->pool.size;
        entry->flags |= CMR__ENTRY_POOLED;
        cmr__buffer_append(&builder->pool, name, length);
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
    if (!reserve(builder) || !put_into_parent(builder, &entry, name, length, place))
        goto out;
    struct cmr__entry *added = cmr__buffer_extend(&builder->entries, sizeof entry);
    if (added && !builder->pool.failed) {
        *added = entry;
        return added;
    }
out:
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

/* How deep the subtree goes below its root. Walks along `parent`, so it needs no stack of its own. */
static uint32_t height(const struct cmr__entry *all, uint32_t source, uint32_t end)
{
    uint32_t deepest = 0, depth = 0, last = source;
    for (uint32_t i = source + 1; i < end; i++) {
        while (last != all[i].parent) {
            last = all[last].parent;
            depth--;
        }
        last = i;
        if (++depth > deepest)
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
    if (builder->depth + height(entries(builder), source, end) > builder->limits->depth)
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
    entries(builder)[source].flags |= CMR__ENTRY_DEAD;
    builder->merged = true;
    return true;
}

/* ------------------------------------------------------------------------------------------------ */

static size_t align4(size_t size)
{
    return (size + 3) & ~(size_t)3;
}

/* Free slots for at least a quarter of the table, so that a probe ends soon. */
static uint32_t index_slots(uint32_t count)
{
    uint32_t slots = 4;
    while (slots - slots / 4 < count)
        slots *= 2;
    return slots;
}

static struct cmr__document_head *lay_out(struct cmr__builder *builder, uint32_t *ret_pool)
{
    uint32_t count = cmr__builder_count(builder);
    uint32_t slots = index_slots(count);
    size_t entries_at = align4(sizeof(struct cmr__document_head) + builder->raw_length + 1);
    size_t index_at = entries_at + count * sizeof(struct cmr__entry);
    size_t pool_at = index_at + slots * sizeof(uint32_t);
    size_t size = pool_at + builder->pool.size;
    struct cmr__document_head *block = size <= UINT32_MAX ? malloc(size) : NULL;
    if (!block)
        return NULL;
    *block = (struct cmr__document_head){ .magic = CMR__DOCUMENT_MAGIC,
                                          .size = (uint32_t)size,
                                          .raw_offset = sizeof *block,
                                          .raw_length = (uint32_t)builder->raw_length,
                                          .entries_offset = (uint32_t)entries_at,
                                          .entry_count = count,
                                          .index_offset = (uint32_t)index_at,
                                          .index_mask = slots - 1,
                                          .flat = builder->flat };
    memset((char *)block + sizeof *block + builder->raw_length, 0,
           entries_at - sizeof *block - builder->raw_length);
    if (builder->raw_length)
        memcpy((char *)block + sizeof *block, builder->raw, builder->raw_length);
    memcpy((char *)block + entries_at, builder->entries.data, builder->entries.size);
    if (builder->pool.size)
        memcpy((char *)block + pool_at, builder->pool.data, builder->pool.size);
    *ret_pool = (uint32_t)pool_at;
    return block;
}

static struct cmr__entry *block_entries(struct cmr__document_head *block)
{
    return (struct cmr__entry *)(void *)((char *)block + block->entries_offset);
}

static void place_texts(struct cmr__document_head *block, uint32_t pool)
{
    struct cmr__entry *all = block_entries(block);
    for (uint32_t i = 0; i < block->entry_count; i++) {
        if (!(all[i].flags & CMR__ENTRY_ITEM))
            all[i].name_offset += all[i].flags & CMR__ENTRY_POOLED ? pool : block->raw_offset;
        if (all[i].kind == CMR__SCALAR)
            all[i].value_offset += pool;
    }
}

static void fold_hash(const struct cmr__document_head *block, struct cmr__entry *all, uint32_t number)
{
    struct cmr__entry *entry = all + number;
    uint32_t parent = all[entry->parent].hash;
    if (number == 0)
        entry->hash = CMR__PATH_HASH_ROOT;
    else if (entry->flags & CMR__ENTRY_ITEM)
        entry->hash = cmr__path_hash_item(parent, entry->name_offset);
    else
        entry->hash =
            cmr__path_hash_name(parent, (const char *)block + entry->name_offset, entry->name_length);
}

static bool are_twins(const struct cmr__document_head *block, const struct cmr__entry *one,
                      const struct cmr__entry *two)
{
    return one->hash == two->hash && one->parent == two->parent && !(one->flags & CMR__ENTRY_ITEM) &&
           one->name_length == two->name_length &&
           memcmp((const char *)block + one->name_offset, (const char *)block + two->name_offset,
                  one->name_length) == 0;
}

/* The slot where the entry belongs: a free one, or that of its twin. */
static uint32_t *find_slot(struct cmr__document_head *block, const struct cmr__entry *all, uint32_t number)
{
    uint32_t *index = (uint32_t *)(void *)((char *)block + block->index_offset);
    uint32_t slot = all[number].hash;
    while (index[slot & block->index_mask] != CMR__NO_ENTRY &&
           !are_twins(block, all + index[slot & block->index_mask], all + number))
        slot++;
    return &index[slot & block->index_mask];
}

static void report_twins(struct cmr__builder *builder, const struct cmr__document_head *block,
                         const struct cmr__entry *first, const struct cmr__entry *second)
{
    cmr__report_add(builder->report, CMR_ERR_SYNTAX, builder->file, second->line, second->column_type >> 4,
                    "", "duplicate key \"%.*s\": it already stands on line %u", (int)second->name_length,
                    (const char *)block + second->name_offset, first->line);
    cmr__builder_fail(builder, CMR_ERR_SYNTAX);
}

/* Two entries of one name meet: which one stays? */
static void settle_twins(struct cmr__builder *builder, struct cmr__document_head *block, uint32_t *slot,
                         uint32_t number, enum cmr__duplicates duplicates)
{
    struct cmr__entry *all = block_entries(block);
    struct cmr__entry *first = all + *slot, *second = all + number;
    if (second->flags & CMR__ENTRY_MERGED) {
        second->flags |= CMR__ENTRY_DEAD;
    } else if (duplicates == CMR__DUPLICATES_LAST_WINS) {
        first->flags |= CMR__ENTRY_DEAD;
        *slot = number;
    } else {
        report_twins(builder, block, first, second);
    }
    builder->merged = true;
}

static void fill_index(struct cmr__builder *builder, struct cmr__document_head *block,
                       enum cmr__duplicates duplicates)
{
    struct cmr__entry *all = block_entries(block);
    memset((char *)block + block->index_offset, 0xff, (block->index_mask + 1) * sizeof(uint32_t));
    for (uint32_t i = 0; i < block->entry_count; i++) {
        if (i && all[all[i].parent].flags & CMR__ENTRY_DEAD)
            all[i].flags |= CMR__ENTRY_DEAD;
        if (all[i].flags & CMR__ENTRY_DEAD)
            continue;
        fold_hash(block, all, i);
        uint32_t *slot = find_slot(block, all, i);
        if (*slot == CMR__NO_ENTRY)
            *slot = i;
        else
            settle_twins(builder, block, slot, i, duplicates);
    }
}

/* Squeezes the dead entries out. The space that they leave before the index stays unused. */
static cmr_status squeeze(struct cmr__document_head *block)
{
    struct cmr__entry *all = block_entries(block);
    uint32_t count = block->entry_count, live = 0;
    uint32_t *moved = malloc((count + 1) * sizeof *moved);
    if (!moved)
        return CMR_ERR_NO_MEMORY;
    for (uint32_t i = 0; i < count; i++) {
        moved[i] = live;
        live += !(all[i].flags & CMR__ENTRY_DEAD);
    }
    moved[count] = live;
    for (uint32_t i = 0; i < count; i++)
        if (all[i].flags & CMR__ENTRY_DEAD && !(all[all[i].parent].flags & CMR__ENTRY_DEAD))
            all[all[i].parent].value_length--;
    for (uint32_t i = 0; i < count; i++) {
        if (all[i].flags & CMR__ENTRY_DEAD)
            continue;
        struct cmr__entry entry = all[i];
        entry.parent = moved[entry.parent];
        if (entry.kind != CMR__SCALAR)
            entry.value_offset = moved[entry.value_offset];
        all[moved[i]] = entry;
    }
    block->entry_count = live;
    free(moved);
    return CMR_OK;
}

static void clear_building_flags(struct cmr__document_head *block)
{
    struct cmr__entry *all = block_entries(block);
    for (uint32_t i = 0; i < block->entry_count; i++)
        all[i].flags &= CMR__ENTRY_ITEM | CMR__ENTRY_QUOTED;
}

cmr_status cmr__builder_finish(struct cmr__builder *builder, enum cmr__duplicates duplicates,
                               struct cmr__document_head **ret_block)
{
    if (builder->status != CMR_OK)
        return builder->status;
    uint32_t pool = 0;
    struct cmr__document_head *block = lay_out(builder, &pool);
    if (!block)
        return CMR_ERR_NO_MEMORY;
    place_texts(block, pool);
    fill_index(builder, block, duplicates);
    cmr_status status = builder->status;
    if (status == CMR_OK && builder->merged) {
        status = squeeze(block);
        if (status == CMR_OK)
            fill_index(builder, block, duplicates);
    }
    if (status != CMR_OK) {
        free(block);
        return status;
    }
    clear_building_flags(block);
    *ret_block = block;
    return CMR_OK;
}
