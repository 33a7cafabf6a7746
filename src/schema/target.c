/* SPDX-License-Identifier: MIT
 *
 * What fields of all kinds have in common when they are filled. */
#include "schema/target.h"

#include <stdalign.h>
#include <stdio.h>
#include <string.h>

#include "model/message.h"

void cmr__target_tell(const struct cmr__target *target, cmr_report *report, cmr_status status,
                      const char *message)
{
    if (target->place.file)
        cmr__filling_tell(target->filling, report, status, &target->place, message);
    else
        cmr__filling_tell_absent(target->filling, report, status, target->view, target->field, message);
}

void cmr__target_tell_missing(const struct cmr__target *target)
{
    const struct cmr__view *view = target->view;
    bool optional = view->absent && view->around;
    if (target->field->is.required && !optional)
        cmr__target_tell(target, target->filling->report, CMR_ERR_NOT_FOUND,
                         view->page ? "is required, and missing"
                                    : "is required, and missing: there is no such file");
}

bool cmr__target_keeps(const struct cmr__target *target)
{
    return target->field->restart && target->before;
}

void cmr__target_tell_kept(const struct cmr__target *target, const cmr_value *value)
{
    char text[160];
    struct cmr__message message;
    const char *quote = value && value->type == CMR_TYPE_STRING ? "\"" : "";
    cmr__message_begin(&message, text, sizeof text);
    if (value && !target->place.file) {
        cmr__message_put(&message, "the default ");
    } else if (value && !value->secret) {
        cmr__message_put(&message, quote);
        cmr__message_put_foreign(&message, value->text, value->length);
        cmr__message_put(&message, quote);
        cmr__message_put(&message, " ");
    }
    cmr__message_put(&message, "takes effect at a restart");
    cmr__target_tell(target, target->filling->notices, CMR_OK, text);
}

char *cmr__target_member(const struct cmr__target *target)
{
    return target->now ? target->now + target->field->is.offset : NULL;
}

/* ---- of a LIST or STRUCTS */

void cmr__target_check_count(const struct cmr__target *target, size_t count)
{
    const cmr_field *is = &target->field->is;
    bool less = count < is->least, more = is->most && count > is->most;
    char why[100];
    snprintf(why, sizeof why, "has %zu item%s, %s than %zu", count, count == 1 ? "" : "s",
             less ? "fewer" : "more", less ? is->least : is->most);
    if (less || more)
        cmr__target_tell(target, target->filling->report, CMR_ERR_RANGE, why);
}

void cmr__target_check_numbers(const struct cmr__target *target, const struct cmr__view_list *items)
{
    const struct cmr__page *page = target->view->page;
    char why[100];
    size_t i = 0;
    while (i < items->count && items->items[i].number == i)
        i++;
    if (i == items->count)
        return;
    const struct cmr__flat_name *name = &page->flat.names[items->items[i].run.first];
    struct cmr__location place = { page->part, page->file, name->entry, false };
    snprintf(why, sizeof why, "there is no item [%zu] before it", i);
    cmr__filling_tell(target->filling, target->filling->report, CMR_ERR_TYPE, &place, why);
}

char *cmr__target_take_items(const struct cmr__target *target, size_t count)
{
    size_t width = target->field->is.width;
    return count ? cmr__arena_take(&target->filling->arena, count, width, alignof(max_align_t)) : NULL;
}

void cmr__target_put_items(const struct cmr__target *target, const char *items, size_t count)
{
    const void *member = items;
    if (!target->now)
        return;
    memcpy(target->now + target->field->is.offset, &member, sizeof member);
    memcpy(target->now + target->field->is.count_offset, &count, sizeof count);
}
