/* SPDX-License-Identifier: MIT
 *
 * From differences to typed changes.
 *
 * The diff compares texts; here the selection's type decides: "10s" and "10000ms" are one duration, and no
 * change. An old value that does not convert (a lenient subscriber saw none) makes a modification an
 * addition, and a removal nothing. */
#include "engine/update.h"

#include <stdlib.h>
#include <string.h>

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

static bool same_text(const cmr_value *one, const cmr_value *two)
{
    return one->length == two->length && memcmp(one->text, two->text, one->length) == 0;
}

static bool is_equal(const cmr_value *one, const cmr_value *two)
{
    if (one->type != two->type)
        return false;
    switch (one->type) {
    case CMR_TYPE_BOOL:
        return one->as.boolean == two->as.boolean;
    case CMR_TYPE_INT64:
        return one->as.int64 == two->as.int64;
    case CMR_TYPE_UINT64:
        return one->as.uint64 == two->as.uint64;
    case CMR_TYPE_DOUBLE:
    case CMR_TYPE_PERCENT:
        return memcmp(&one->as.number, &two->as.number, sizeof one->as.number) == 0;
    case CMR_TYPE_DURATION:
        return one->as.duration_ns == two->as.duration_ns;
    case CMR_TYPE_SIZE:
        return one->as.size == two->as.size;
    case CMR_TYPE_ENUM:
        return one->as.enumeration == two->as.enumeration;
    case CMR_TYPE_LOG_LEVEL:
        return one->as.level == two->as.level;
    case CMR_TYPE_IP:
    case CMR_TYPE_IPV4:
    case CMR_TYPE_IPV6:
        return memcmp(&one->as.ip, &two->as.ip, sizeof one->as.ip) == 0;
    case CMR_TYPE_CIDR:
        return memcmp(&one->as.cidr, &two->as.cidr, sizeof one->as.cidr) == 0;
    default:
        return same_text(one, two);
    }
}

/* Typed or not, a change of the text alone is told to those who did not ask for a type. */
static bool is_change(const struct cmr__selection *selection, const struct cmr__update_item *item)
{
    if (item->change.kind != CMR_MODIFIED)
        return item->change.kind != NO_CHANGE;
    if (selection->type == CMR_TYPE_ANY)
        return item->old_value.type != item->new_value.type || !same_text(&item->old_value, &item->new_value);
    return !is_equal(&item->old_value, &item->new_value);
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
    *item = (struct cmr__update_item){ .change = { .kind = difference->kind } };
    item->change.mount = owner->parts[difference->mount]->mount;
    if (new.file) {
        cmr_status status = cmr__location_value(&new, selection->type, selection->table, &item->new_value);
        if (status != CMR_OK)
            return status;
    }
    if (old.file && cmr__location_value(&old, selection->type, selection->table, &item->old_value) != CMR_OK)
        item->change.kind = new.file ? CMR_ADDED : NO_CHANGE;
    return CMR_OK;
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
        else if (is_change(selection, item))
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
    cmr_status status = cmr__selection_init(&selection, patterns, type, table);
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
