/* SPDX-License-Identifier: MIT
 *
 * The diff costs what changed: mounts that are the same object, and files whose documents are the same, are
 * passed over; within a changed file both documents are walked in lockstep, since an edit leaves most entries
 * in their order.
 *
 * Where the walk falls out of step, the index tells whether an entry is new, gone, or only elsewhere. Once
 * something was moved, the rest of the file is compared through the index alone, so that a reordered file
 * costs two lookups an entry. */
#include "model/diff.h"

#include <string.h>

size_t cmr__diff_count(const struct cmr__diff *diff)
{
    return diff->items.size / sizeof(struct cmr__difference);
}

const struct cmr__difference *cmr__diff_at(const struct cmr__diff *diff, size_t index)
{
    return (const struct cmr__difference *)(const void *)diff->items.data + index;
}

void cmr__diff_reset(struct cmr__diff *diff)
{
    cmr__buffer_reset(&diff->items);
}

/* A text file is compared as it is: whether a last newline matters depends on the type that a subscriber
 * reads. */
static bool same_bytes(const cmr__document *document, const cmr__document *other)
{
    size_t length, other_length;
    const char *raw = cmr__document_raw(document, &length);
    const char *other_raw = cmr__document_raw(other, &other_length);
    return length == other_length && memcmp(raw, other_raw, length) == 0;
}

bool cmr__same_value(const cmr__document *document, uint32_t entry, const cmr__document *other,
                     uint32_t other_entry)
{
    const struct cmr__entry *one = cmr__document_entry(document, entry);
    const struct cmr__entry *two = cmr__document_entry(other, other_entry);
    if (one->kind != two->kind || cmr__entry_type(one) != cmr__entry_type(two))
        return false;
    if (one->kind != CMR__SCALAR)
        return (one->value_length == 0) == (two->value_length == 0);
    if (entry == 0 && cmr__entry_type(one) == CMR__SCALAR_UNTYPED)
        return same_bytes(document, other);
    return one->value_length == two->value_length &&
           memcmp(cmr__document_at(document, one->value_offset), cmr__document_at(other, two->value_offset),
                  one->value_length) == 0;
}

/* As many entries on both sides, and each one's counterpart the same: then no other is left over. */
bool cmr__same_subtree(const cmr__document *document, uint32_t entry, const cmr__document *other,
                       uint32_t other_entry)
{
    uint32_t end = cmr__entry_end(cmr__document_entry(document, entry), entry);
    uint32_t other_end = cmr__entry_end(cmr__document_entry(other, other_entry), other_entry);
    if (end - entry != other_end - other_entry || !cmr__same_value(document, entry, other, other_entry))
        return false;
    for (uint32_t i = entry + 1; i < end; i++) {
        uint32_t counterpart = cmr__document_find_same(document, i, other);
        if (counterpart == CMR__NO_ENTRY || !cmr__same_value(document, i, other, counterpart))
            return false;
    }
    return true;
}

/* One file's comparison. */
struct walk {
    struct cmr__diff *diff;
    size_t mount;
    const struct cmr__part_file *old_file, *new_file;
    const cmr__document *old, *new;
    uint32_t o, n; /* the entries that are compared next */
};

static void add(const struct walk *walk, cmr_change_kind kind, uint32_t old_entry, uint32_t new_entry)
{
    struct cmr__difference difference = { kind,
                                          walk->mount,
                                          kind == CMR_ADDED ? NULL : walk->old_file,
                                          kind == CMR_REMOVED ? NULL : walk->new_file,
                                          old_entry,
                                          new_entry };
    cmr__buffer_append(&walk->diff->items, &difference, sizeof difference);
}

static bool is_leaf(const cmr__document *document, uint32_t entry)
{
    return cmr__entry_is_leaf(cmr__document_entry(document, entry), entry);
}

/* Entries of one path. A leaf may have become a container, and the other way round. */
static void compare_pair(const struct walk *walk, uint32_t o, uint32_t n)
{
    bool old_leaf = is_leaf(walk->old, o), new_leaf = is_leaf(walk->new, n);
    if (old_leaf && new_leaf) {
        if (!cmr__same_value(walk->old, o, walk->new, n))
            add(walk, CMR_MODIFIED, o, n);
    } else if (old_leaf) {
        add(walk, CMR_REMOVED, o, 0);
    } else if (new_leaf) {
        add(walk, CMR_ADDED, 0, n);
    }
}

static void add_new(const struct walk *walk, uint32_t n)
{
    if (is_leaf(walk->new, n))
        add(walk, CMR_ADDED, 0, n);
}

static void add_old(const struct walk *walk, uint32_t o)
{
    if (is_leaf(walk->old, o))
        add(walk, CMR_REMOVED, o, 0);
}

/* Both at entries that differ in path. True: one of them was new or gone, and the walk is in step again or
 * may become so; false: both are elsewhere in the other document. */
static bool step_aside(struct walk *walk)
{
    if (cmr__document_find_same(walk->new, walk->n, walk->old) == CMR__NO_ENTRY) {
        add_new(walk, walk->n++);
        return true;
    }
    if (cmr__document_find_same(walk->old, walk->o, walk->new) == CMR__NO_ENTRY) {
        add_old(walk, walk->o++);
        return true;
    }
    return false;
}

static void compare_by_index(struct walk *walk)
{
    for (uint32_t n = walk->n; n < walk->new->block->entry_count; n++) {
        uint32_t o = cmr__document_find_same(walk->new, n, walk->old);
        if (o == CMR__NO_ENTRY)
            add_new(walk, n);
        else
            compare_pair(walk, o, n);
    }
    for (uint32_t o = walk->o; o < walk->old->block->entry_count; o++)
        if (cmr__document_find_same(walk->old, o, walk->new) == CMR__NO_ENTRY)
            add_old(walk, o);
}

static void compare_documents(struct walk *walk)
{
    uint32_t old_count = walk->old->block->entry_count, new_count = walk->new->block->entry_count;
    while (walk->o < old_count && walk->n < new_count) {
        if (cmr__entry_same_path(walk->old, walk->o, walk->new, walk->n)) {
            compare_pair(walk, walk->o++, walk->n++);
        } else if (!step_aside(walk)) {
            compare_by_index(walk);
            return;
        }
    }
    while (walk->n < new_count)
        add_new(walk, walk->n++);
    while (walk->o < old_count)
        add_old(walk, walk->o++);
}

static void compare_files(struct cmr__diff *diff, size_t mount, const struct cmr__part_file *old_file,
                          const struct cmr__part_file *new_file)
{
    struct walk walk = { .diff = diff, .mount = mount, .old_file = old_file, .new_file = new_file };
    walk.old = old_file ? old_file->document : NULL;
    walk.new = new_file ? new_file->document : NULL;
    if (cmr__document_is_same(walk.old, walk.new))
        return;
    if (walk.old && walk.new &&walk.old->block->flat == walk.new->block->flat) {
        compare_documents(&walk);
        return;
    }
    for (; walk.old && walk.o < walk.old->block->entry_count; walk.o++)
        add_old(&walk, walk.o);
    for (; walk.new &&walk.n < walk.new->block->entry_count; walk.n++)
        add_new(&walk, walk.n);
}

/* Both are sorted by name. */
static void compare_parts(struct cmr__diff *diff, size_t mount, const cmr__part *old, const cmr__part *new)
{
    size_t o = 0, n = 0, old_count = old ? old->count : 0, new_count = new ? new->count : 0;
    while (o < old_count || n < new_count) {
        int order = o == old_count ? 1 : n == new_count ? -1 : strcmp(old->files[o].name, new->files[n].name);
        const struct cmr__part_file *old_file = order <= 0 ? &old->files[o++] : NULL;
        const struct cmr__part_file *new_file = order >= 0 ? &new->files[n++] : NULL;
        compare_files(diff, mount, old_file, new_file);
    }
}

cmr_status cmr__diff_compute(const cmr_snapshot *before, const cmr_snapshot *after, struct cmr__diff *diff)
{
    size_t count = before->count > after->count ? before->count : after->count;
    for (size_t i = 0; i < count; i++) {
        const cmr__part *old = i < before->count ? before->parts[i] : NULL;
        const cmr__part *new = i < after->count ? after->parts[i] : NULL;
        if (old != new)
            compare_parts(diff, i, old, new);
    }
    return diff->items.failed ? CMR_ERR_NO_MEMORY : CMR_OK;
}
