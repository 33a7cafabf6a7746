/* SPDX-License-Identifier: MIT
 *
 * Elements are gathered as they stand, and converted by whoever fills the list: so each one that is bad can
 * be told, not only the first. */
#include "schema/elements.h"

#include <stdlib.h>
#include <string.h>

#include "model/items.h"
#include "model/written.h"

static bool allocate(size_t count, struct cmr__elements *ret_elements)
{
    struct cmr__element *all = calloc(count + 1, sizeof *all);
    if (all)
        *ret_elements = (struct cmr__elements){ all, count };
    return all;
}

cmr_status cmr__elements_of_list(const struct cmr__location *place, struct cmr__elements *ret_elements)
{
    static const struct cmr__shape any = { CMR_TYPE_LIST, CMR_TYPE_ANY, NULL };
    struct cmr__items items = CMR__ITEMS_INIT;
    cmr_status status = cmr__items_read(place, &any, NULL, &items);
    if (status == CMR_OK && !allocate(items.count, ret_elements))
        status = CMR_ERR_NO_MEMORY;
    for (size_t i = 0; status == CMR_OK && i < items.count; i++) {
        const struct cmr__item *item = &items.all[i];
        ret_elements->all[i] =
            (struct cmr__element){ item->entry, items.written ? item->value.text : NULL, item->value.length };
    }
    cmr__items_reset(&items);
    return status;
}

bool cmr__elements_of_keys(const struct cmr__view_list *list, struct cmr__elements *ret_elements)
{
    if (!allocate(list->count, ret_elements))
        return false;
    for (size_t i = 0; i < list->count; i++)
        ret_elements->all[i] = (struct cmr__element){ list->items[i].entry, NULL, 0 };
    return true;
}

bool cmr__elements_of_text(const char *text, struct cmr__elements *ret_elements)
{
    struct cmr__written walk;
    struct cmr__written_item item;
    size_t count = 0;
    if (text)
        cmr__written_count(text, strlen(text), false, &count);
    if (!allocate(count, ret_elements))
        return false;
    cmr__written_start(&walk, text ? text : "", text ? strlen(text) : 0, false);
    for (size_t i = 0; i < count && cmr__written_next(&walk, &item); i++)
        ret_elements->all[i] = (struct cmr__element){ CMR__NO_ENTRY, item.text, item.length };
    return true;
}

void cmr__elements_reset(struct cmr__elements *elements)
{
    free(elements->all);
    *elements = (struct cmr__elements)CMR__ELEMENTS_INIT;
}
