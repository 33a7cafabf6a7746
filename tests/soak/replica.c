/* SPDX-License-Identifier: MIT
 *
 * Changes and entries come in the order of files, mostly, so a search begins behind the last find. */
#include "soak/replica.h"

#include <stdio.h>
#include <string.h>

static struct replica_item *find(struct replica *replica, const char *mount, const char *key)
{
    char whole[sizeof replica->items[0].key];
    snprintf(whole, sizeof whole, "%s:%s", mount, key);
    for (size_t i = 0; i < replica->count; i++) {
        size_t at = (replica->next + i) % replica->count;
        if (strcmp(replica->items[at].key, whole) != 0)
            continue;
        replica->next = at + 1;
        return &replica->items[at];
    }
    return NULL;
}

static bool has_value(const struct replica_item *item, const cmr_value *value)
{
    return item->length == value->length && memcmp(item->value, value->text, value->length) == 0;
}

static bool set(struct replica_item *item, const cmr_value *value)
{
    if (value->length > sizeof item->value)
        return false;
    memcpy(item->value, value->text, value->length);
    item->length = value->length;
    return true;
}

static bool take(struct replica *replica, const cmr_change *change)
{
    struct replica_item *item = find(replica, change->mount, change->key);
    bool known = change->kind != CMR_ADDED;
    if (known != (item != NULL) || known != (change->old_value != NULL) ||
        (change->kind != CMR_REMOVED) != (change->new_value != NULL) ||
        (known && !has_value(item, change->old_value)))
        return false;
    if (change->kind == CMR_REMOVED) {
        *item = replica->items[--replica->count];
        return true;
    }
    if (!known) {
        if (replica->count == REPLICA_ITEMS)
            return false;
        item = &replica->items[replica->count++];
        snprintf(item->key, sizeof item->key, "%s:%s", change->mount, change->key);
    }
    return set(item, change->new_value);
}

bool replica_change(struct replica *replica, const cmr_update *update, char *message, size_t size)
{
    for (size_t i = 0; i < cmr_update_count(update); i++) {
        const cmr_change *change = cmr_update_change(update, i);
        if (take(replica, change))
            continue;
        snprintf(message, size, "told that %s:%s %s: %s > %s", change->mount, change->key,
                 change->kind == CMR_ADDED     ? "was added"
                 : change->kind == CMR_REMOVED ? "was removed"
                                               : "is another",
                 change->old_value ? change->old_value->text : "nothing",
                 change->new_value ? change->new_value->text : "nothing");
        return false;
    }
    return true;
}

bool replica_check(struct replica *replica, cmr_snapshot *snapshot, char *message, size_t size)
{
    cmr_cursor *cursor;
    const cmr_entry *entry;
    size_t entries = 0;
    bool good = cmr_cursor_new(snapshot, "*:**", &cursor) == CMR_OK;
    if (!good) {
        snprintf(message, size, "no cursor");
        return false;
    }
    while (good && (entry = cmr_cursor_next(cursor))) {
        const struct replica_item *item = find(replica, entry->mount, entry->key);
        entries++;
        good = item && has_value(item, &entry->value);
        if (!good)
            snprintf(message, size, "%s:%s is %s, and was not told: %.64s", entry->mount, entry->key,
                     entry->value.text, item ? item->value : "nothing");
    }
    cmr_cursor_free(cursor);
    if (!good || entries == replica->count)
        return good;
    snprintf(message, size, "%zu values, told were %zu", entries, replica->count);
    return false;
}
