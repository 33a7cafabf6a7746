/* SPDX-License-Identifier: MIT
 *
 * Plain keys are looked up in both snapshots, so they cost their number and not the size of the change; with
 * wildcards the diff of the two snapshots is filtered. */
#include "engine/selection.h"

#include <string.h>

static bool is_type(cmr_type type, const cmr_enum_item *table)
{
    return type >= CMR_TYPE_ANY && type <= CMR_TYPE_CIDR && type != CMR_TYPE_NULL && type != CMR_TYPE_MAP &&
           type != CMR_TYPE_LIST && (type != CMR_TYPE_ENUM || table);
}

cmr_status cmr__selection_init(struct cmr__selection *selection, const char *patterns, cmr_type type,
                               const cmr_enum_item *table)
{
    struct cmr__selection made = { .type = type, .table = table };
    if (!is_type(type, table))
        return CMR_ERR_INVALID_ARGUMENT;
    cmr_status status = cmr__patterns_new(patterns, NULL, &made.patterns);
    if (status != CMR_OK)
        return status;
    for (size_t i = 0; i < made.patterns.count; i++)
        made.wild |= made.patterns.items[i].wild;
    *selection = made;
    return CMR_OK;
}

void cmr__selection_reset(struct cmr__selection *selection)
{
    cmr__patterns_reset(&selection->patterns);
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

/* The file, if the plain key names a leaf in it; else NULL. */
static const struct cmr__part_file *with_leaf(const struct cmr__part_file *file,
                                              const struct cmr__pattern *pattern, uint32_t *ret_entry)
{
    if (!file)
        return NULL;
    *ret_entry = cmr__document_find(file->document, pattern->segments, pattern->count, pattern->flat,
                                    pattern->flat_length);
    if (*ret_entry == CMR__NO_ENTRY ||
        !cmr__entry_is_leaf(cmr__document_entry(file->document, *ret_entry), *ret_entry))
        return NULL;
    return file;
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

static void compare_key(const cmr_snapshot *before, const cmr_snapshot *after, size_t mount,
                        const struct cmr__pattern *pattern, struct cmr__diff *ret_diff)
{
    const cmr__part *old = mount < before->count ? before->parts[mount] : NULL;
    const cmr__part *new = mount < after->count ? after->parts[mount] : NULL;
    struct cmr__difference difference = { .mount = mount };
    if (old == new)
        return;
    const struct cmr__part_file *old_file = find_file(old, pattern), *new_file = find_file(new, pattern);
    if (old_file && new_file && old_file->document == new_file->document)
        return;
    difference.old_file = with_leaf(old_file, pattern, &difference.old_entry);
    difference.new_file = with_leaf(new_file, pattern, &difference.new_entry);
    if (!difference.old_file && !difference.new_file)
        return;
    difference.kind = !difference.old_file ? CMR_ADDED : !difference.new_file ? CMR_REMOVED : CMR_MODIFIED;
    if (difference.kind == CMR_MODIFIED &&
        cmr__same_value(old_file->document, difference.old_entry, new_file->document, difference.new_entry))
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
                compare_key(before, after, mount, pattern, ret_diff);
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
