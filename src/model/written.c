/* SPDX-License-Identifier: MIT
 *
 * One pass without allocation, since counting is a typed read. White space is that of ASCII: a text file may
 * have an item on each line, with the comma at its end. */
#include "model/written.h"

#include <stdio.h>
#include <string.h>

#include "model/message.h"

static bool is_blank(char character)
{
    return character == ' ' || character == '\t' || character == '\n' || character == '\r';
}

static void trim(const char **text, size_t *length)
{
    while (*length && is_blank((*text)[0]))
        (*text)++, (*length)--;
    while (*length && is_blank((*text)[*length - 1]))
        (*length)--;
}

void cmr__written_start(struct cmr__written *walk, const char *text, size_t length, bool map)
{
    trim(&text, &length);
    *walk = (struct cmr__written){ .map = map, .at = length ? text : NULL, .end = text + length };
}

static enum cmr__written_fault divide(struct cmr__written_item *item)
{
    const char *equals = memchr(item->text, '=', item->length);
    if (!equals)
        return CMR__WRITTEN_NO_EQUALS;
    item->name = item->text;
    item->name_length = (size_t)(equals - item->text);
    item->text = equals + 1;
    item->length -= item->name_length + 1;
    trim(&item->name, &item->name_length);
    trim(&item->text, &item->length);
    return item->name_length ? CMR__WRITTEN_GOOD : CMR__WRITTEN_NO_NAME;
}

bool cmr__written_next(struct cmr__written *walk, struct cmr__written_item *ret_item)
{
    struct cmr__written_item item = { .name = "", .text = walk->at };
    if (!walk->at || walk->fault)
        return false;
    const char *comma = memchr(walk->at, ',', (size_t)(walk->end - walk->at));
    item.length = (size_t)((comma ? comma : walk->end) - walk->at);
    trim(&item.text, &item.length);
    if (item.length == 0)
        walk->fault = CMR__WRITTEN_EMPTY_ITEM;
    else if (walk->map)
        walk->fault = divide(&item);
    if (walk->fault)
        return false;
    walk->at = comma ? comma + 1 : NULL;
    walk->index++;
    *ret_item = item;
    return true;
}

bool cmr__written_count(const char *text, size_t length, bool map, size_t *ret_count)
{
    struct cmr__written walk;
    struct cmr__written_item item;
    cmr__written_start(&walk, text, length, map);
    while (cmr__written_next(&walk, &item))
        ;
    if (walk.fault)
        return false;
    *ret_count = walk.index;
    return true;
}

void cmr__written_explain(const char *text, size_t length, bool map, char *buffer, size_t size)
{
    static const char *const faults[] = {
        [CMR__WRITTEN_EMPTY_ITEM] = " is empty",
        [CMR__WRITTEN_NO_EQUALS] = " has no =",
        [CMR__WRITTEN_NO_NAME] = " has no name before its =",
    };
    struct cmr__written walk;
    struct cmr__written_item item;
    struct cmr__message message;
    char number[32];
    if (size == 0)
        return;
    cmr__message_begin(&message, buffer, size);
    cmr__written_start(&walk, text, length, map);
    while (cmr__written_next(&walk, &item))
        ;
    if (!walk.fault)
        return;
    snprintf(number, sizeof number, "\", whose item [%zu]", walk.index);
    cmr__message_put(&message, map ? "wanted a map like a=1, b=2, found the string \""
                                   : "wanted a list like a, b, c, found the string \"");
    cmr__message_put_foreign(&message, text, length);
    cmr__message_put(&message, number);
    cmr__message_put(&message, faults[walk.fault]);
}
