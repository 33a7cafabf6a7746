/* SPDX-License-Identifier: MIT
 *
 * A list is one block: the values, and behind them the texts of those that were written in one text, which
 * have no NUL there. All other texts stay the snapshot's. */
#include "model/list.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

struct cmr_list {
    cmr_snapshot *snapshot;
    size_t count;
    bool secret; /* the texts are a secret's, and so this is in its memory */
    cmr_value values[];
};

cmr_status cmr__items_of_key(const cmr_snapshot *snapshot, const char *text, const struct cmr__shape *shape,
                             struct cmr__items *ret_items)
{
    struct cmr__key key;
    struct cmr__location location;
    if (!snapshot || !text || !cmr__shape_is_valid(shape) ||
        !cmr__key_parse(&key, text, strlen(text), false, NULL))
        return CMR_ERR_INVALID_ARGUMENT;
    cmr_status status = cmr__snapshot_locate(snapshot, &key, &location);
    return status == CMR_OK ? cmr__items_read(&location, shape, NULL, ret_items) : status;
}

static size_t texts_size(const struct cmr__items *items)
{
    size_t size = 0;
    for (size_t i = 0; items->written && i < items->count; i++)
        size += items->all[i].value.length + 1;
    return size;
}

cmr_list *cmr__list_of_items(cmr_snapshot *snapshot, const struct cmr__items *items)
{
    size_t values_size = items->count * sizeof(cmr_value);
    cmr_list *list = cmr__secret_or_malloc(items->secret, sizeof *list + values_size + texts_size(items));
    if (!list)
        return NULL;
    list->secret = items->secret;
    list->snapshot = cmr_snapshot_ref(snapshot);
    list->count = items->count;
    char *texts = (char *)list->values + values_size;
    for (size_t i = 0; i < items->count; i++) {
        cmr_value *value = &list->values[i];
        *value = items->all[i].value;
        if (!items->written)
            continue;
        memcpy(texts, value->text, value->length);
        texts[value->length] = '\0';
        value->text = texts;
        texts += value->length + 1;
    }
    if (list->secret)
        cmr__secret_clear_registers();
    return list;
}

cmr_status cmr_list_new(cmr_snapshot *snapshot, const char *key, cmr_type item, const cmr_enum_item *table,
                        cmr_list **ret_list)
{
    struct cmr__shape shape = { CMR_TYPE_LIST, item, table };
    struct cmr__items items;
    if (!ret_list)
        return CMR_ERR_INVALID_ARGUMENT;
    cmr_status status = cmr__items_of_key(snapshot, key, &shape, &items);
    if (status != CMR_OK)
        return status;
    cmr_list *list = cmr__list_of_items(snapshot, &items);
    cmr__items_reset(&items);
    if (!list)
        return CMR_ERR_NO_MEMORY;
    *ret_list = list;
    return CMR_OK;
}

size_t cmr_list_count(const cmr_list *list)
{
    return list->count;
}

const cmr_value *cmr_list_get(const cmr_list *list, size_t index)
{
    return index < list->count ? &list->values[index] : NULL;
}

void cmr_list_free(cmr_list *list)
{
    if (!list)
        return;
    cmr_snapshot_unref(list->snapshot);
    cmr__secret_or_free(list->secret, list);
}
