/* SPDX-License-Identifier: MIT
 *
 * From differences to typed changes.
 *
 * The diff compares texts; here the selection's type decides: "10s" and "10000ms" are one duration, and no
 * change. An old value that does not convert (a lenient subscriber saw none) makes a modification an
 * addition, and a removal nothing. */
#include "engine/update.h"

#include <stdlib.h>

#define NO_CHANGE ((cmr_change_kind)0)

size_t cmr_update_count(const cmr_update *update)
{
    return update->count;
}

const cmr_change *cmr_update_change(const cmr_update *update, size_t index)
{
    return index < update->count ? &update->items[index].change : NULL;
}

cmr_snapshot *cmr_update_before(const cmr_update *update)
{
    return update->before;
}

cmr_snapshot *cmr_update_after(const cmr_update *update)
{
    return update->after;
}

/* The key's place in update->keys, as an offset for now. */
static size_t put_key(cmr_update *update, const struct cmr__location *place)
{
    size_t at = update->keys.size;
    cmr__key_format(&update->keys, place->file->name, place->file->document, place->entry);
    cmr__buffer_append_char(&update->keys, '\0');
    return at;
}

static cmr_status fill(cmr_update *update, const struct cmr__selection *selection,
                       const struct cmr__difference *difference, struct cmr__update_item *item)
{
    struct cmr__location old = cmr__difference_location(difference, false),
                         new = cmr__difference_location(difference, true);
    cmr_snapshot *owner = new.file ? update->after : update->before;
    bool equal = false;
    *item = (struct cmr__update_item){ .change = { .kind = difference->kind } };
    item->change.mount = owner->parts[difference->mount]->mount;
    cmr_status status = new.file ? cmr__selection_read(selection, &new, &item->new_value) : CMR_OK;
    if (status != CMR_OK || !old.file)
        return status;
    status = cmr__selection_read(selection, &old, &item->old_value);
    if (status == CMR_ERR_TYPE || status == CMR_ERR_RANGE) {
        item->change.kind = new.file ? CMR_ADDED : NO_CHANGE;
        return CMR_OK;
    }
    if (status == CMR_OK && new.file)
        status = cmr__selection_compare(selection, difference, &item->old_value, &item->new_value, &equal);
    if (equal)
        item->change.kind = NO_CHANGE;
    return status;
}

/* Pointers into the update itself, once it no longer moves. */
static void link_items(cmr_update *update, const size_t *keys)
{
    for (size_t i = 0; i < update->count; i++) {
        struct cmr__update_item *item = &update->items[i];
        item->change.key = update->keys.data + keys[i];
        item->change.old_value = item->change.kind == CMR_ADDED ? NULL : &item->old_value;
        item->change.new_value = item->change.kind == CMR_REMOVED ? NULL : &item->new_value;
    }
}

static cmr_status fill_all(cmr_update *update, const struct cmr__selection *selection,
                           const struct cmr__diff *differences, struct cmr__difference *ret_failed)
{
    size_t count = cmr__diff_count(differences);
    cmr_status status = CMR_OK;
    size_t *keys = malloc((count + 1) * sizeof *keys);
    update->items = malloc((count + 1) * sizeof *update->items);
    if (!keys || !update->items)
        status = CMR_ERR_NO_MEMORY;
    for (size_t i = 0; i < count && status == CMR_OK; i++) {
        const struct cmr__difference *difference = cmr__diff_at(differences, i);
        struct cmr__location place = cmr__difference_location(difference, difference->new_file != NULL);
        struct cmr__update_item *item = &update->items[update->count];
        status = fill(update, selection, difference, item);
        if (status != CMR_OK)
            *ret_failed = *difference;
        else if (item->change.kind != NO_CHANGE)
            keys[update->count++] = put_key(update, &place);
    }
    if (status == CMR_OK && update->keys.failed)
        status = CMR_ERR_NO_MEMORY;
    if (status == CMR_OK)
        link_items(update, keys);
    free(keys);
    return status;
}

cmr_status cmr__update_init(cmr_update *update, const struct cmr__selection *selection, cmr_snapshot *before,
                            cmr_snapshot *after, const struct cmr__diff *known,
                            struct cmr__difference *ret_failed)
{
    struct cmr__diff differences = CMR__DIFF_INIT;
    cmr_status status = CMR_ERR_NO_MEMORY;
    *update = (cmr_update){ .before = before, .after = after };
    if (cmr__selection_differences(selection, before, after, known, &differences))
        status = fill_all(update, selection, &differences, ret_failed);
    cmr__diff_reset(&differences);
    if (status != CMR_OK)
        cmr__update_reset(update);
    return status;
}

void cmr__update_reset(cmr_update *update)
{
    free(update->items);
    cmr__buffer_reset(&update->keys);
    *update = (cmr_update){ 0 };
}

cmr_status cmr_snapshot_diff(cmr_snapshot *before, cmr_snapshot *after, const char *patterns, cmr_type type,
                             const cmr_enum_item *table, cmr_update **ret_update)
{
    struct cmr__selection selection;
    struct cmr__difference failed;
    if (!before || !after || !patterns || !ret_update)
        return CMR_ERR_INVALID_ARGUMENT;
    if (type == CMR_TYPE_LIST || type == CMR_TYPE_MAP)
        return CMR_ERR_INVALID_ARGUMENT; /* there is no parameter for the type of their items */
    cmr_status status = cmr__selection_init(&selection, patterns, type, CMR_TYPE_ANY, table);
    if (status != CMR_OK)
        return status;
    cmr_update *update = malloc(sizeof *update);
    status = update ? cmr__update_init(update, &selection, before, after, NULL, &failed) : CMR_ERR_NO_MEMORY;
    cmr__selection_reset(&selection);
    if (status != CMR_OK) {
        free(update);
        return status;
    }
    cmr_snapshot_ref(before);
    cmr_snapshot_ref(after);
    *ret_update = update;
    return CMR_OK;
}

void cmr_update_free(cmr_update *update)
{
    if (!update)
        return;
    cmr_snapshot_unref(update->before);
    cmr_snapshot_unref(update->after);
    cmr__update_reset(update);
    free(update);
}
