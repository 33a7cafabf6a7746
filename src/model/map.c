/* SPDX-License-Identifier: MIT
 *
 * A map is a list of its values, and a block of its names: in the order of the file, then numbered in the
 * order of the names for finding one, then their texts. */
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "model/list.h"

struct cmr_map {
    cmr_list *values;
    size_t count;
    bool secret;     /* as cmr_list's */
    size_t *by_name; /* behind the names */
    const char *names[];
};

static size_t texts_size(const struct cmr__items *items)
{
    size_t size = 0;
    for (size_t i = 0; i < items->count; i++)
        size += items->all[i].name_length + 1;
    return size;
}

static void copy_names(cmr_map *map, const struct cmr__items *items)
{
    map->by_name = (size_t *)(void *)(map->names + items->count);
    char *text = (char *)(map->by_name + items->count);
    for (size_t i = 0; i < items->count; i++) {
        const struct cmr__item *item = &items->all[i];
        map->names[i] = text;
        memcpy(text, item->name, item->name_length);
        text += item->name_length;
        *text++ = '\0';
        map->by_name[i] = (size_t)(items->by_name[i] - items->all);
    }
}

static cmr_map *make(cmr_snapshot *snapshot, const struct cmr__items *items)
{
    size_t tables = items->count * (sizeof(const char *) + sizeof(size_t));
    cmr_map *map = cmr__secret_or_malloc(items->secret, sizeof *map + tables + texts_size(items));
    if (!map)
        return NULL;
    map->secret = items->secret;
    map->count = items->count;
    map->values = cmr__list_of_items(snapshot, items);
    if (!map->values) {
        cmr__secret_or_free(map->secret, map);
        return NULL;
    }
    copy_names(map, items);
    if (map->secret)
        cmr__secret_clear_registers();
    return map;
}

cmr_status cmr_map_new(cmr_snapshot *snapshot, const char *key, cmr_type item, const cmr_enum_item *table,
                       cmr_map **ret_map)
{
    struct cmr__shape shape = { CMR_TYPE_MAP, item, table };
    struct cmr__items items;
    if (!ret_map)
        return CMR_ERR_INVALID_ARGUMENT;
    cmr_status status = cmr__items_of_key(snapshot, key, &shape, &items);
    if (status != CMR_OK)
        return status;
    cmr_map *map = make(snapshot, &items);
    cmr__items_reset(&items);
    if (!map)
        return CMR_ERR_NO_MEMORY;
    *ret_map = map;
    return CMR_OK;
}

size_t cmr_map_count(const cmr_map *map)
{
    return map->count;
}

const char *cmr_map_name(const cmr_map *map, size_t index)
{
    return index < map->count ? map->names[index] : NULL;
}

const cmr_value *cmr_map_get(const cmr_map *map, size_t index)
{
    return cmr_list_get(map->values, index);
}

const cmr_value *cmr_map_find(const cmr_map *map, const char *name)
{
    size_t low = 0, high = map->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2, index = map->by_name[middle];
        int order = strcmp(map->names[index], name);
        if (order == 0)
            return cmr_map_get(map, index);
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

void cmr_map_free(cmr_map *map)
{
    if (!map)
        return;
    cmr_list_free(map->values);
    cmr__secret_or_free(map->secret, map);
}
