/* SPDX-License-Identifier: MIT
 *
 * Plain keys are looked up in both snapshots, so they cost their number and not the size of the change; with
 * wildcards the diff of the two snapshots is filtered. */
#include "engine/selection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/equal.h"

static bool is_container(cmr_type type)
{
    return type == CMR_TYPE_MAP || type == CMR_TYPE_LIST;
}

static struct cmr__shape shape_of(const struct cmr__selection *selection)
{
    return (struct cmr__shape){ selection->type, selection->item, selection->table };
}

static bool is_type(const struct cmr__selection *selection)
{
    cmr_type type = selection->type;
    struct cmr__shape shape = shape_of(selection);
    if (is_container(type))
        return cmr__shape_is_valid(&shape);
    return type >= CMR_TYPE_ANY && type <= CMR_TYPE_CIDR && type != CMR_TYPE_NULL &&
           selection->item == CMR_TYPE_ANY && (type != CMR_TYPE_ENUM || selection->table);
}

/* A pattern that can name one thing only. Without a path it may name a list or map that is the whole file. */
static bool is_key(const struct cmr__pattern *pattern)
{
    bool plain = !pattern->mount.glob && !pattern->file.glob;
    for (size_t i = 0; i < pattern->count; i++)
        plain &=
            pattern->segments[i].kind == CMR__SEGMENT_NAME || pattern->segments[i].kind == CMR__SEGMENT_ITEM;
    return plain;
}

cmr_status cmr__selection_init(struct cmr__selection *selection, const char *patterns, cmr_type type,
                               cmr_type item, const cmr_enum_item *table)
{
    struct cmr__selection made = { .keys = true, .type = type, .item = item, .table = table };
    if (!is_type(&made))
        return CMR_ERR_INVALID_ARGUMENT;
    cmr_status status = cmr__patterns_new(patterns, NULL, &made.patterns);
    if (status != CMR_OK)
        return status;
    for (size_t i = 0; i < made.patterns.count; i++) {
        made.wild |= made.patterns.items[i].wild && !is_container(type);
        made.keys &= is_key(&made.patterns.items[i]);
    }
    made.text = strdup(patterns);
    if (!made.text || (is_container(type) && !made.keys)) {
        status = made.text ? CMR_ERR_INVALID_ARGUMENT : CMR_ERR_NO_MEMORY;
        cmr__selection_reset(&made);
        return status;
    }
    *selection = made;
    return CMR_OK;
}

void cmr__selection_reset(struct cmr__selection *selection)
{
    cmr__patterns_reset(&selection->patterns);
    free(selection->text);
}

struct cmr__location cmr__difference_location(const struct cmr__difference *difference, bool of_new)
{
    struct cmr__location location = { 0 };
    location.file = of_new ? difference->new_file : difference->old_file;
    location.entry = of_new ? difference->new_entry : difference->old_entry;
    return location;
}

static bool matches(const struct cmr__selection *selection, const struct cmr__difference *difference,
                    const char *mount)
{
    struct cmr__location place = cmr__difference_location(difference, difference->new_file != NULL);
    return cmr__patterns_match(&selection->patterns, mount, difference->mount == 0, place.file->name,
                               place.file->document, place.entry);
}

static bool filter(const struct cmr__selection *selection, const cmr_snapshot *before,
                   const cmr_snapshot *after, const struct cmr__diff *all, struct cmr__diff *ret_diff)
{
    for (size_t i = 0; i < cmr__diff_count(all); i++) {
        const struct cmr__difference *difference = cmr__diff_at(all, i);
        const cmr_snapshot *owner = difference->new_file ? after : before;
        if (matches(selection, difference, owner->parts[difference->mount]->mount))
            cmr__buffer_append(&ret_diff->items, difference, sizeof *difference);
    }
    return !ret_diff->items.failed;
}

static const struct cmr__part_file *find_file(const cmr__part *part, const struct cmr__pattern *pattern)
{
    return part ? cmr__part_find(part, pattern->file.text, pattern->file.length) : NULL;
}

/* The file, if the plain key names something in it that is looked for: a leaf, or for a LIST or MAP any
 * entry. Else NULL. */
static const struct cmr__part_file *with_value(const struct cmr__part_file *file,
                                               const struct cmr__pattern *pattern, bool container,
                                               uint32_t *ret_entry)
{
    if (!file)
        return NULL;
    *ret_entry = cmr__document_find_kept(file->document, pattern);
    if (*ret_entry == CMR__NO_ENTRY)
        return NULL;
    return container || cmr__entry_is_leaf(cmr__document_entry(file->document, *ret_entry), *ret_entry)
               ? file
               : NULL;
}

/* Two plain keys of one selection may be spelt differently and name one entry. */
static bool is_listed(const struct cmr__diff *diff, const struct cmr__difference *difference)
{
    for (size_t i = 0; i < cmr__diff_count(diff); i++) {
        const struct cmr__difference *other = cmr__diff_at(diff, i);
        if (other->old_file == difference->old_file && other->new_file == difference->new_file &&
            other->old_entry == difference->old_entry && other->new_entry == difference->new_entry)
            return true;
    }
    return false;
}

/* Of documents that are equal and not one, a scalar is found to be the same sooner than all of their bytes.
 */
static bool is_unchanged(const cmr__document *old, const cmr__document *new, bool container)
{
    return container ? cmr__document_is_same(old, new) : old == new;
}

static void compare_key(const cmr_snapshot *before, const cmr_snapshot *after, size_t mount,
                        const struct cmr__pattern *pattern, bool container, struct cmr__diff *ret_diff)
{
    const cmr__part *old = mount < before->count ? before->parts[mount] : NULL;
    const cmr__part *new = mount < after->count ? after->parts[mount] : NULL;
    struct cmr__difference difference = { .mount = mount };
    if (old == new)
        return;
    const struct cmr__part_file *old_file = find_file(old, pattern), *new_file = find_file(new, pattern);
    if (old_file && new_file && is_unchanged(old_file->document, new_file->document, container))
        return;
    difference.old_file = with_value(old_file, pattern, container, &difference.old_entry);
    difference.new_file = with_value(new_file, pattern, container, &difference.new_entry);
    if (!difference.old_file && !difference.new_file)
        return;
    difference.kind = !difference.old_file ? CMR_ADDED : !difference.new_file ? CMR_REMOVED : CMR_MODIFIED;
    if (difference.kind == CMR_MODIFIED &&
        cmr__same_subtree(old_file->document, difference.old_entry, new_file->document, difference.new_entry))
        return;
    if (!is_listed(ret_diff, &difference))
        cmr__buffer_append(&ret_diff->items, &difference, sizeof difference);
}

static bool look_up(const struct cmr__selection *selection, const cmr_snapshot *before,
                    const cmr_snapshot *after, struct cmr__diff *ret_diff)
{
    size_t mounts = before->count > after->count ? before->count : after->count;
    for (size_t i = 0; i < selection->patterns.count; i++) {
        const struct cmr__pattern *pattern = &selection->patterns.items[i];
        for (size_t mount = 0; mount < mounts; mount++) {
            const cmr_snapshot *owner = mount < after->count ? after : before;
            if (cmr__pattern_matches_mount(pattern, owner->parts[mount]->mount, mount == 0))
                compare_key(before, after, mount, pattern, is_container(selection->type), ret_diff);
        }
    }
    return !ret_diff->items.failed;
}

bool cmr__selection_differences(const struct cmr__selection *selection, const cmr_snapshot *before,
                                const cmr_snapshot *after, const struct cmr__diff *known,
                                struct cmr__diff *ret_diff)
{
    if (!selection->wild)
        return look_up(selection, before, after, ret_diff);
    if (known)
        return filter(selection, before, after, known, ret_diff);
    struct cmr__diff all = CMR__DIFF_INIT;
    bool done =
        cmr__diff_compute(before, after, &all) == CMR_OK && filter(selection, before, after, &all, ret_diff);
    cmr__diff_reset(&all);
    return done;
}

cmr_status cmr__selection_read(const struct cmr__selection *selection, const struct cmr__location *place,
                               cmr_value *ret_value)
{
    struct cmr__shape shape = shape_of(selection);
    struct cmr__items items;
    cmr_status status = CMR_OK;
    if (is_container(selection->type))
        status = cmr__items_read(place, &shape, NULL, &items);
    if (status != CMR_OK)
        return status;
    if (is_container(selection->type))
        cmr__items_reset(&items);
    return cmr__location_value(place, selection->type, selection->table, ret_value);
}

bool cmr__selection_explain(const struct cmr__selection *selection, struct cmr__location *place, char *buffer,
                            size_t size)
{
    struct cmr__shape shape = shape_of(selection);
    struct cmr__items_fault fault = { .entry = place->entry };
    struct cmr__items items = CMR__ITEMS_INIT;
    if (!is_container(selection->type)) {
        cmr__location_explain(place, selection->type, selection->table, buffer, size);
        return true;
    }
    cmr_status status = cmr__items_read(place, &shape, &fault, &items);
    cmr__items_reset(&items);
    place->entry = fault.entry;
    snprintf(buffer, size, "%s", status == CMR_ERR_NO_MEMORY ? cmr_strerror(status) : fault.message);
    return status != CMR_ERR_NO_MEMORY;
}

cmr_status cmr__selection_compare(const struct cmr__selection *selection,
                                  const struct cmr__difference *difference, const cmr_value *old_value,
                                  const cmr_value *new_value, bool *ret_equal)
{
    struct cmr__shape shape = shape_of(selection);
    struct cmr__location old = cmr__difference_location(difference, false),
                         new = cmr__difference_location(difference, true);
    if (is_container(selection->type))
        return cmr__items_equal(&old, &new, &shape, ret_equal);
    *ret_equal = cmr__values_equal(old_value, new_value, selection->type);
    return CMR_OK;
}
