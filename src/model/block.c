/* SPDX-License-Identifier: MIT
 *
 * Making the block: cmr__builder_finish.
 *
 * The block is laid out (head, raw, entries, index, pool), offsets are moved to it, hashes folded and the
 * index filled in one pass. Duplicates are found by that same pass, since equal siblings meet in the index:
 * linear whatever the file holds: keys that somebody has chosen for their hashes are refused. What lost
 * against a sibling is marked dead and squeezed out by a second pass that most files never need. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/secret.h"
#include "model/builder.h"

/* More a key than chance ever brings: at three quarters full it is one or two. */
#define MOST_COLLISIONS 32
#define FREE_COLLISIONS 4096

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
    if (size > UINT32_MAX) {
        cmr__report_add(builder->report, CMR_ERR_LIMIT, builder->file, 0, 0, "",
                        "more than 4 GiB when parsed");
        cmr__builder_fail(builder, CMR_ERR_LIMIT);
        return NULL;
    }
    struct cmr__document_head *block = cmr__secret_or_malloc(cmr__report_is_secret(builder->report), size);
    if (!block) {
        cmr__builder_fail(builder, CMR_ERR_NO_MEMORY);
        return NULL;
    }
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
static uint32_t *find_slot(struct cmr__document_head *block, const struct cmr__entry *all, uint32_t number,
                           uint64_t *collisions)
{
    uint32_t *index = (uint32_t *)(void *)((char *)block + block->index_offset);
    uint32_t slot = all[number].hash;
    while (index[slot & block->index_mask] != CMR__NO_ENTRY &&
           !are_twins(block, all + index[slot & block->index_mask], all + number)) {
        slot++;
        ++*collisions;
    }
    return &index[slot & block->index_mask];
}

static void report_twins(struct cmr__builder *builder, const struct cmr__document_head *block,
                         const struct cmr__entry *first, const struct cmr__entry *second)
{
    struct cmr__buffer name = CMR__BUFFER_INIT;
    cmr__buffer_append_quoted(&name, (const char *)block + second->name_offset,
                              cmr__report_is_secret(builder->report) ? 0 : second->name_length, 60);
    cmr_cleanup(cmr__free_ptr) char *shown = cmr__buffer_take(&name);
    if (!shown) {
        cmr__builder_fail(builder, CMR_ERR_NO_MEMORY);
        return;
    }
    cmr__report_add(builder->report, CMR_ERR_SYNTAX, builder->file, second->line, second->column_type >> 4,
                    "", "duplicate key %s: it already stands on line %u", shown, first->line);
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
    } else if (!(second->flags & CMR__ENTRY_COPIED)) {
        report_twins(builder, block, first, second);
    }
    builder->merged = true;
}

/* What is written out below a merge key is left out of the document, but has its duplicates told as all else.
 * It goes into the first index under a hash of its own: equal hashes in a row would make the probes long. */
static bool is_passed_over(const struct cmr__entry *entry)
{
    return entry->flags & CMR__ENTRY_DEAD && entry->flags & (CMR__ENTRY_MERGE | CMR__ENTRY_COPIED);
}

static void refuse_collisions(struct cmr__builder *builder, const struct cmr__entry *entry)
{
    cmr__report_add(builder->report, CMR_ERR_LIMIT, builder->file, entry->line, entry->column_type >> 4, "",
                    "too many keys whose hashes collide");
    cmr__builder_fail(builder, CMR_ERR_LIMIT);
}

static void fill_index(struct cmr__builder *builder, struct cmr__document_head *block,
                       enum cmr__duplicates duplicates)
{
    struct cmr__entry *all = block_entries(block);
    uint64_t collisions = 0, most = FREE_COLLISIONS + (uint64_t)MOST_COLLISIONS * block->entry_count;
    memset((char *)block + block->index_offset, 0xff, (block->index_mask + 1) * sizeof(uint32_t));
    for (uint32_t i = 0; i < block->entry_count; i++) {
        if (i && all[all[i].parent].flags & CMR__ENTRY_DEAD)
            all[i].flags |= CMR__ENTRY_DEAD;
        if (is_passed_over(all + i)) {
            all[i].hash = cmr__path_hash_item(CMR__PATH_HASH_ROOT, i);
            continue;
        }
        fold_hash(block, all, i);
        uint32_t *slot = find_slot(block, all, i, &collisions);
        if (collisions > most) {
            refuse_collisions(builder, all + i);
            return;
        }
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
        if (i && all[all[i].parent].flags & CMR__ENTRY_DEAD)
            all[i].flags |= CMR__ENTRY_DEAD; /* what stood in the first of two maps, when the last wins */
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
        return builder->status;
    place_texts(block, pool);
    fill_index(builder, block, duplicates);
    cmr_status status = builder->status;
    if (status == CMR_OK && builder->merged) {
        status = squeeze(block);
        if (status == CMR_OK)
            fill_index(builder, block, duplicates);
    }
    if (status != CMR_OK) {
        cmr__secret_or_free(cmr__report_is_secret(builder->report), block);
        return status;
    }
    clear_building_flags(block);
    *ret_block = block;
    return CMR_OK;
}
