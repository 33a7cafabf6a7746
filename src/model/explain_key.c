/* SPDX-License-Identifier: MIT
 *
 * Why a read fails, in words: the place, the key, and what is wrong there. Of a list or map it is the item
 * that is wrong that has place and key, if it has its own. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "model/items.h"
#include "model/nearest.h"

/* A key in question, found or not. */
struct question {
    const char *text;
    struct cmr__key key;
    struct cmr__location location;
};

static size_t tell_absent(const cmr_snapshot *snapshot, const struct question *question, char *buffer,
                          size_t size)
{
    struct cmr__buffer nearest = CMR__BUFFER_INIT;
    const char *text = question->text;
    size_t length;
    if (cmr__snapshot_nearest_key(snapshot, &question->key, &nearest))
        length = (size_t)snprintf(buffer, size, "%s: there is no such key; did you mean %.*s?", text,
                                  (int)nearest.size, nearest.data);
    else
        length = (size_t)snprintf(buffer, size, "%s: there is no such key", text);
    cmr__buffer_reset(&nearest);
    return length;
}

/* False: the key leads nowhere, and *ret_length is what was written about it. */
static bool find(struct question *question, const cmr_snapshot *snapshot, const char *text, char *buffer,
                 size_t size, size_t *ret_length)
{
    size_t where = 0;
    question->text = text;
    if (size)
        buffer[0] = '\0';
    if (!snapshot || !text)
        *ret_length = (size_t)snprintf(buffer, size, "no %s given", text ? "snapshot" : "key");
    else if (!cmr__key_parse(&question->key, text, strlen(text), false, &where))
        *ret_length = (size_t)snprintf(buffer, size, "%s: malformed key, at its byte %zu", text, where + 1);
    else if (cmr__snapshot_locate(snapshot, &question->key, &question->location) != CMR_OK)
        *ret_length = tell_absent(snapshot, question, buffer, size);
    else
        return true;
    return false;
}

static size_t tell(const struct cmr__location *place, const char *key, const char *why, char *buffer,
                   size_t size)
{
    const struct cmr__entry *entry = cmr__document_entry(place->file->document, place->entry);
    return (size_t)snprintf(buffer, size, "%s:%" PRIu32 ":%u: %s: %s", place->file->name, entry->line,
                            cmr__entry_column(entry), key, why);
}

size_t cmr_explain(const cmr_snapshot *snapshot, const char *text, cmr_type type, const cmr_enum_item *table,
                   char *buffer, size_t size)
{
    struct question question;
    cmr_value value;
    char why[512];
    size_t length;
    if (!find(&question, snapshot, text, buffer, size, &length))
        return length;
    if (cmr__location_value(&question.location, type, table, &value) == CMR_OK)
        return 0;
    cmr__location_explain(&question.location, type, table, why, sizeof why);
    return tell(&question.location, text, why, buffer, size);
}

/* The key of an item that is an entry of its own, with the mount if the question had one. */
static size_t tell_item(const struct question *question, const struct cmr__items_fault *fault, char *buffer,
                        size_t size)
{
    struct cmr__location place = question->location;
    struct cmr__buffer key = CMR__BUFFER_INIT;
    if (fault->entry == place.entry)
        return tell(&place, question->text, fault->message, buffer, size);
    place.entry = fault->entry;
    if (question->key.mount.text) {
        cmr__key_format_name(&key, place.part->mount);
        cmr__buffer_append_char(&key, ':');
    }
    cmr__key_format(&key, place.file->name, place.file->document, place.entry);
    cmr__buffer_append_char(&key, '\0');
    size_t length = tell(&place, key.failed ? question->text : key.data, fault->message, buffer, size);
    cmr__buffer_reset(&key);
    return length;
}

size_t cmr_explain_items(const cmr_snapshot *snapshot, const char *text, cmr_type type, cmr_type item,
                         const cmr_enum_item *table, char *buffer, size_t size)
{
    struct cmr__shape shape = { type, item, table };
    struct cmr__items items;
    struct cmr__items_fault fault;
    struct question question;
    size_t length;
    if (!find(&question, snapshot, text, buffer, size, &length))
        return length;
    if (!cmr__shape_is_valid(&shape))
        return (size_t)snprintf(buffer, size, "%s: there are no %ss of %s%s", text, cmr_type_name(type),
                                cmr_type_name(item), item == CMR_TYPE_ENUM ? " without its table" : "");
    cmr_status status = cmr__items_read(&question.location, &shape, &fault, &items);
    if (status == CMR_ERR_NO_MEMORY)
        return (size_t)snprintf(buffer, size, "%s: %s", text, cmr_strerror(status));
    if (status != CMR_OK)
        return tell_item(&question, &fault, buffer, size);
    cmr__items_reset(&items);
    return 0;
}
