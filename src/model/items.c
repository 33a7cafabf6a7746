/* SPDX-License-Identifier: MIT
 *
 * Items are read into one array, and a map's are sorted by name beside it: for finding them, for names that
 * stand twice, and for comparing without regard to order. Nothing is copied; all texts stay the document's.
 */
#include "model/items.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/convert.h"
#include "model/diff.h"
#include "model/equal.h"
#include "model/message.h"
#include "model/written.h"

/* One reading. */
struct reading {
    const struct cmr__location *place;
    const struct cmr__shape *shape;
    struct cmr__items_fault *fault; /* or NULL */
    struct cmr__items *items;
};

bool cmr__shape_is_valid(const struct cmr__shape *shape)
{
    if (shape->container != CMR_TYPE_LIST && shape->container != CMR_TYPE_MAP)
        return false;
    if (shape->item == CMR_TYPE_ENUM)
        return shape->table != NULL;
    return shape->item >= CMR_TYPE_ANY && shape->item <= CMR_TYPE_CIDR && shape->item != CMR_TYPE_NULL &&
           shape->item != CMR_TYPE_MAP && shape->item != CMR_TYPE_LIST;
}

void cmr__items_reset(struct cmr__items *items)
{
    free(items->all);
    free(items->by_name);
    *items = (struct cmr__items)CMR__ITEMS_INIT;
}

static bool allocate(struct reading *reading, size_t count)
{
    reading->items->all = calloc(count + 1, sizeof *reading->items->all);
    return reading->items->all != NULL;
}

/* ---- a container's children */

static void tell_child(const struct reading *reading, const struct cmr__location *child)
{
    if (!reading->fault)
        return;
    reading->fault->entry = child->entry;
    cmr__location_explain(child, reading->shape->item, reading->shape->table, reading->fault->message,
                          sizeof reading->fault->message);
}

static void tell(const struct reading *reading, const char *message)
{
    if (!reading->fault)
        return;
    reading->fault->entry = reading->place->entry;
    snprintf(reading->fault->message, sizeof reading->fault->message, "%s", message);
}

static cmr_status read_child(struct reading *reading, uint32_t number, struct cmr__item *ret_item)
{
    const cmr__document *document = reading->place->file->document;
    const struct cmr__entry *entry = cmr__document_entry(document, number);
    struct cmr__location child = { reading->place->part, reading->place->file, number, false };
    ret_item->entry = number;
    if (reading->shape->container == CMR_TYPE_MAP) {
        ret_item->name = cmr__document_at(document, entry->name_offset);
        ret_item->name_length = entry->name_length;
        if (memchr(ret_item->name, '\0', ret_item->name_length)) {
            tell(reading, "a name in this map holds a NUL byte");
            return CMR_ERR_TYPE;
        }
    }
    cmr_status status =
        cmr__location_value(&child, reading->shape->item, reading->shape->table, &ret_item->value);
    if (status != CMR_OK)
        tell_child(reading, &child);
    return status;
}

static cmr_status read_children(struct reading *reading, const struct cmr__entry *container)
{
    cmr_status status = allocate(reading, container->value_length) ? CMR_OK : CMR_ERR_NO_MEMORY;
    uint32_t number = reading->place->entry + 1, end = cmr__entry_end(container, reading->place->entry);
    while (number < end && status == CMR_OK) {
        status = read_child(reading, number, &reading->items->all[reading->items->count++]);
        number = cmr__entry_end(cmr__document_entry(reading->place->file->document, number), number);
    }
    return status;
}

/* ---- what is written in one text */

/* Of a secret not even the item's name is told, which is a part of the text, too. */
static void tell_secret(const struct reading *reading, cmr_type wanted)
{
    if (!reading->fault)
        return;
    reading->fault->entry = reading->place->entry;
    snprintf(reading->fault->message, sizeof reading->fault->message, "wanted %s, " CMR__NOT_SHOWN,
             cmr_type_name(wanted));
}

static bool is_secret(const struct reading *reading)
{
    return reading->place->file->document->secret;
}

static void tell_written(const struct reading *reading, const struct cmr__written_item *item,
                         const struct cmr__scalar *scalar)
{
    struct cmr__message message;
    char why[400], number[32];
    if (!reading->fault)
        return;
    reading->fault->entry = reading->place->entry;
    cmr__message_begin(&message, reading->fault->message, sizeof reading->fault->message);
    snprintf(number, sizeof number, "item [%zu]: ", reading->items->count - 1);
    cmr__message_put(&message, item->name_length ? "item \"" : number);
    if (item->name_length) {
        cmr__message_put_foreign(&message, item->name, item->name_length);
        cmr__message_put(&message, "\": ");
    }
    cmr__convert_explain(scalar, reading->shape->item, reading->shape->table, why, sizeof why);
    cmr__message_put(&message, why);
}

static cmr_status read_written_item(struct reading *reading, const struct cmr__written_item *written,
                                    struct cmr__item *item)
{
    const struct cmr__location *place = reading->place;
    const struct cmr__entry *entry = cmr__document_entry(place->file->document, place->entry);
    struct cmr__scalar scalar = { CMR__SCALAR_UNTYPED, written->text, written->length };
    item->entry = place->entry;
    item->name = written->name;
    item->name_length = written->name_length;
    item->value = (cmr_value){ .text = written->text,
                               .length = written->length,
                               .file = place->file->name,
                               .line = entry->line,
                               .column = cmr__entry_column(entry),
                               .secret = is_secret(reading) };
    if (reading->shape->item == CMR_TYPE_ANY) {
        cmr__convert_natural(&scalar, &item->value);
        return CMR_OK;
    }
    cmr_status status = cmr__convert(&scalar, reading->shape->item, reading->shape->table, &item->value);
    if (status != CMR_OK && is_secret(reading))
        tell_secret(reading, reading->shape->item);
    else if (status != CMR_OK)
        tell_written(reading, written, &scalar);
    return status;
}

static cmr_status read_written(struct reading *reading, const struct cmr__scalar *scalar)
{
    struct cmr__written walk;
    struct cmr__written_item written;
    bool map = reading->shape->container == CMR_TYPE_MAP;
    size_t count;
    cmr_status status = CMR_OK;
    reading->items->written = true;
    if (!cmr__written_count(scalar->text, scalar->length, map, &count)) {
        char why[400];
        if (is_secret(reading)) {
            tell_secret(reading, reading->shape->container);
            return CMR_ERR_TYPE;
        }
        cmr__written_explain(scalar->text, scalar->length, map, why, sizeof why);
        tell(reading, why);
        return CMR_ERR_TYPE;
    }
    if (!allocate(reading, count))
        return CMR_ERR_NO_MEMORY;
    cmr__written_start(&walk, scalar->text, scalar->length, map);
    while (status == CMR_OK && cmr__written_next(&walk, &written))
        status = read_written_item(reading, &written, &reading->items->all[reading->items->count++]);
    return status;
}

/* ---- maps */

int cmr__item_compare_name(const struct cmr__item *item, const char *name, size_t length)
{
    size_t shorter = item->name_length < length ? item->name_length : length;
    int order = memcmp(item->name, name, shorter);
    return order ? order : (item->name_length > length) - (item->name_length < length);
}

static int by_name(const void *one, const void *two)
{
    const struct cmr__item *other = *(const struct cmr__item *const *)two;
    return cmr__item_compare_name(*(const struct cmr__item *const *)one, other->name, other->name_length);
}

static void tell_twice(const struct reading *reading, const struct cmr__item *item)
{
    struct cmr__message message;
    if (!reading->fault)
        return;
    reading->fault->entry = reading->place->entry;
    cmr__message_begin(&message, reading->fault->message, sizeof reading->fault->message);
    cmr__message_put(&message, "the name \"");
    cmr__message_put_foreign(&message, item->name, item->name_length);
    cmr__message_put(&message, "\" stands twice in this map");
}

static cmr_status sort_by_name(struct reading *reading)
{
    struct cmr__items *items = reading->items;
    items->by_name = malloc((items->count + 1) * sizeof *items->by_name);
    if (!items->by_name)
        return CMR_ERR_NO_MEMORY;
    for (size_t i = 0; i < items->count; i++)
        items->by_name[i] = &items->all[i];
    qsort(items->by_name, items->count, sizeof *items->by_name, by_name);
    for (size_t i = 1; i < items->count; i++) {
        if (by_name(&items->by_name[i - 1], &items->by_name[i]) == 0) {
            if (items->written && items->secret)
                tell_secret(reading, reading->shape->container);
            else
                tell_twice(reading, items->by_name[i]);
            return CMR_ERR_TYPE;
        }
    }
    return CMR_OK;
}

/* ---- all of it */

static cmr_status read_any(struct reading *reading)
{
    const struct cmr__location *place = reading->place;
    const struct cmr__entry *entry = cmr__document_entry(place->file->document, place->entry);
    cmr_type own = entry->kind == CMR__MAP ? CMR_TYPE_MAP : CMR_TYPE_LIST;
    if (entry->kind == CMR__SCALAR && cmr__entry_type(entry) == CMR__SCALAR_UNTYPED) {
        struct cmr__scalar scalar = { CMR__SCALAR_UNTYPED,
                                      cmr__document_at(place->file->document, entry->value_offset),
                                      entry->value_length };
        return read_written(reading, &scalar);
    }
    if (entry->kind == CMR__SCALAR || own != reading->shape->container) {
        if (reading->fault) {
            reading->fault->entry = place->entry;
            cmr__location_explain(place, reading->shape->container, NULL, reading->fault->message,
                                  sizeof reading->fault->message);
        }
        return CMR_ERR_TYPE;
    }
    return read_children(reading, entry);
}

cmr_status cmr__items_read(const struct cmr__location *place, const struct cmr__shape *shape,
                           struct cmr__items_fault *ret_fault, struct cmr__items *ret_items)
{
    struct cmr__items items = CMR__ITEMS_INIT;
    struct reading reading = { place, shape, ret_fault, &items };
    items.secret = place->file->document->secret;
    cmr_status status = read_any(&reading);
    if (status == CMR_OK && shape->container == CMR_TYPE_MAP)
        status = sort_by_name(&reading);
    if (status != CMR_OK)
        cmr__items_reset(&items);
    else
        *ret_items = items;
    return status;
}

static bool same_items(const struct cmr__items *one, const struct cmr__items *two,
                       const struct cmr__shape *shape)
{
    if (one->count != two->count)
        return false;
    for (size_t i = 0; i < one->count; i++) {
        const struct cmr__item *item = one->by_name ? one->by_name[i] : &one->all[i];
        const struct cmr__item *other = two->by_name ? two->by_name[i] : &two->all[i];
        if (one->by_name && cmr__item_compare_name(item, other->name, other->name_length) != 0)
            return false;
        if (!cmr__values_equal(&item->value, &other->value, shape->item))
            return false;
    }
    return true;
}

cmr_status cmr__items_equal(const struct cmr__location *one, const struct cmr__location *two,
                            const struct cmr__shape *shape, bool *ret_equal)
{
    struct cmr__items items = CMR__ITEMS_INIT, others = CMR__ITEMS_INIT;
    const cmr__document *document = one->file->document, *other = two->file->document;
    if (shape->item == CMR_TYPE_ANY && cmr__document_entry(document, one->entry)->kind != CMR__SCALAR) {
        *ret_equal = cmr__same_subtree(document, one->entry, other, two->entry);
        return CMR_OK;
    }
    cmr_status status = cmr__items_read(one, shape, NULL, &items);
    if (status == CMR_OK)
        status = cmr__items_read(two, shape, NULL, &others);
    if (status == CMR_OK)
        *ret_equal = same_items(&items, &others, shape);
    cmr__items_reset(&items);
    cmr__items_reset(&others);
    return status;
}
