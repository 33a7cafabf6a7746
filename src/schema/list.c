/* SPDX-License-Identifier: MIT
 *
 * Lists of scalars: their elements are gathered from wherever they come, then each is converted, so that all
 * that are bad are told. */
#include "schema/list.h"

#include <stdio.h>
#include <string.h>

#include "model/message.h"
#include "schema/elements.h"
#include "schema/member.h"
#include "schema/value.h"

/* ---- gathering. False: something was told, or out of memory. */

static bool gather_list(const struct cmr__target *target, struct cmr__elements *ret_elements)
{
    struct cmr__filling *filling = target->filling;
    cmr_value value;
    char why[500];
    cmr_status status = cmr__location_value(&target->place, CMR_TYPE_LIST, NULL, &value);
    if (status != CMR_OK) {
        cmr__location_explain(&target->place, CMR_TYPE_LIST, NULL, why, sizeof why);
        cmr__target_tell(target, filling->report, status, why);
        return false;
    }
    cmr__target_check_count(target, value.as.count);
    filling->failed |= cmr__elements_of_list(&target->place, ret_elements) != CMR_OK;
    return !filling->failed;
}

/* An item that is a value has a key that ends there. */
static bool check_keys(const struct cmr__target *target, const struct cmr__view_list *items)
{
    const struct cmr__page *page = target->view->page;
    bool good = true;
    for (size_t i = 0; i < items->count; i++) {
        uint32_t first = page->flat.names[items->items[i].run.first].entry;
        struct cmr__location place = { page->part, page->file, first, false };
        page->marks[first] = CMR__MARK_DONE;
        if (items->items[i].entry != CMR__NO_ENTRY)
            continue;
        cmr__filling_tell(target->filling, target->filling->report, CMR_ERR_TYPE, &place,
                          "is within an item that is to be a value");
        good = false;
    }
    return good;
}

static bool gather_keys(const struct cmr__target *target, const struct cmr__view_list *items,
                        struct cmr__elements *ret_elements)
{
    struct cmr__filling *filling = target->filling;
    cmr__target_check_numbers(target, items);
    cmr__target_check_count(target, items->count);
    if (!check_keys(target, items))
        return false;
    filling->failed |= !cmr__elements_of_keys(items, ret_elements);
    return !filling->failed;
}

static bool gather_default(const struct cmr__target *target, struct cmr__elements *ret_elements)
{
    struct cmr__filling *filling = target->filling;
    cmr__target_tell_missing(target);
    filling->failed |= !cmr__elements_of_text(target->field->is.otherwise, ret_elements);
    return !filling->failed;
}

/* Sets target->place, if the list has an entry of its own. */
static bool gather(struct cmr__target *target, struct cmr__elements *ret_elements)
{
    struct cmr__view_list items = { 0 };
    struct cmr__location place;
    enum cmr__presence presence = cmr__view_find(target->view, target->field->path, &place);
    if (presence == CMR__THERE) {
        target->place = place;
        return gather_list(target, ret_elements);
    }
    if (presence == CMR__ABSENT)
        presence = cmr__view_list(target->view, target->field->path, &items, &place);
    if (presence == CMR__ABSENT)
        return gather_default(target, ret_elements);
    if (presence != CMR__THERE) {
        cmr__filling_tell_other(target->filling, presence, CMR_TYPE_LIST, &place);
        return false;
    }
    bool gathered = gather_keys(target, &items, ret_elements);
    cmr__view_list_reset(&items);
    return gathered;
}

/* ---- converting */

static void tell_element(const struct cmr__target *target, const struct cmr__location *place, bool written,
                         size_t index, cmr_status status, const char *why)
{
    struct cmr__message message;
    char text[600], number[32];
    snprintf(number, sizeof number, "item [%zu]: ", index);
    cmr__message_begin(&message, text, sizeof text);
    cmr__message_put(&message, written ? number : "");
    cmr__message_put(&message, why);
    cmr__filling_tell(target->filling, target->filling->report, status, place, text);
}

static bool read_element(const struct cmr__target *target, const struct cmr__elements *elements, size_t index,
                         cmr_value *ret_value)
{
    const struct cmr__element *element = &elements->all[index];
    const struct cmr__page *page = target->view->page;
    struct cmr__scalar scalar = { CMR__SCALAR_UNTYPED, element->text, element->length };
    struct cmr__location place = { 0 };
    char why[500];
    if (page)
        place = (struct cmr__location){ page->part, page->file, element->entry, false };
    cmr_status status =
        cmr__value_read(target->field, &place, element->text ? &scalar : NULL, ret_value, why, sizeof why);
    if (status != CMR_OK)
        tell_element(target, &place, element->text, index, status, why);
    return status == CMR_OK;
}

/* ---- storing */

static void store(const struct cmr__target *target, const struct cmr__elements *elements)
{
    char *items = cmr__target_take_items(target, elements->count);
    for (size_t i = 0; i < elements->count; i++) {
        char *item = items ? items + i * target->field->is.width : NULL;
        cmr_value value;
        if (read_element(target, elements, i, &value))
            cmr__member_store(target->field, &value, &target->filling->arena, item);
    }
    cmr__target_put_items(target, items, elements->count);
}

/* The items of the record before. */
static const char *items_before(const struct cmr__target *target, size_t *ret_count)
{
    const cmr_field *is = &target->field->is;
    const char *items;
    memcpy(&items, target->before + is->offset, sizeof items);
    memcpy(ret_count, target->before + is->count_offset, sizeof *ret_count);
    return items;
}

static void copy(const struct cmr__target *target, const char *before, size_t count)
{
    size_t width = target->field->is.width;
    char *items = cmr__target_take_items(target, count);
    for (size_t i = 0; i < count; i++)
        cmr__member_copy(target->field, before + i * width, &target->filling->arena,
                         items ? items + i * width : NULL);
    cmr__target_put_items(target, items, count);
}

/* The elements must be good all the same. */
static void keep(const struct cmr__target *target, const struct cmr__elements *elements)
{
    size_t count, width = target->field->is.width;
    const char *before = items_before(target, &count);
    bool same = count == elements->count;
    for (size_t i = 0; i < elements->count; i++) {
        cmr_value value;
        bool good = read_element(target, elements, i, &value);
        same = same && good && cmr__member_holds(target->field, before + i * width, &value);
    }
    if (!same)
        cmr__target_tell_kept(target, NULL);
    copy(target, before, count);
}

void cmr__list_fill(struct cmr__target *target)
{
    struct cmr__elements elements = CMR__ELEMENTS_INIT;
    if (!gather(target, &elements))
        return;
    if (cmr__target_keeps(target))
        keep(target, &elements);
    else
        store(target, &elements);
    cmr__elements_reset(&elements);
}
