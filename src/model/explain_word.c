/* SPDX-License-Identifier: MIT
 *
 * What is wrong with a word: which one was probably meant, and which there are. Of names of one value the
 * first is shown, also when another one is closer: it is how the value is called. */
#include <string.h>

#include "base/similar.h"
#include "model/explain.h"

static void put(struct cmr__failure *failure, const char *text)
{
    cmr__message_put(&failure->message, text);
}

static void put_suggestion(struct cmr__failure *failure, const char *name)
{
    put(failure, "; did you mean \"");
    cmr__message_put_foreign(&failure->message, name, strlen(name));
    put(failure, "\"?");
}

static struct cmr__similar search_for(const struct cmr__failure *failure)
{
    struct cmr__similar search;

    cmr__similar_start(&search, failure->scalar->text, failure->scalar->length);
    return search;
}

/* "yes" in YAML is no bool, but says which one is meant. */
static bool put_meant_bool(struct cmr__failure *failure)
{
    struct cmr__scalar untyped = *failure->scalar;
    cmr_value value;

    untyped.type = CMR__SCALAR_UNTYPED;
    if (cmr__convert(&untyped, CMR_TYPE_BOOL, NULL, &value) != CMR_OK)
        return false;
    put(failure, value.as.boolean ? "; write true" : "; write false");
    return true;
}

void cmr__explain_bool(struct cmr__failure *failure)
{
    static const char *const words[] = { "true", "false", "yes", "no", "on", "off" };
    struct cmr__similar search = search_for(failure);
    size_t count = failure->scalar->type == CMR__SCALAR_UNTYPED ? 6 : 2;

    if (cmr__is_quoted(failure->scalar, CMR__SCALAR_BOOL)) {
        put(failure, "; remove the quotes");
        return;
    }
    if (put_meant_bool(failure))
        return;
    for (size_t i = 0; i < count; i++)
        cmr__similar_offer(&search, words[i], strlen(words[i]));
    if (search.nearest)
        put_suggestion(failure, search.nearest);
    put(failure, search.nearest ? " Write true or false" : "; write true or false");
}

/* The first of the names that its value has. */
static const cmr_enum_item *first_of_value(const cmr_enum_item *table, int value)
{
    while (table->value != value)
        table++;
    return table;
}

void cmr__explain_enum(struct cmr__failure *failure)
{
    const cmr_enum_item *table = failure->table, *nearest = NULL;
    struct cmr__similar search = search_for(failure);

    if (!table->name) {
        put(failure, "; its table has no names");
        return;
    }
    for (const cmr_enum_item *item = table; item->name; item++)
        if (cmr__similar_offer(&search, item->name, strlen(item->name)))
            nearest = first_of_value(table, item->value);
    if (nearest)
        put_suggestion(failure, nearest->name);
    put(failure, nearest ? " It is one of " : "; it is one of ");
    for (const cmr_enum_item *item = table; item->name; item++) {
        if (first_of_value(table, item->value) != item)
            continue;
        put(failure, item == table ? "" : ", ");
        cmr__message_put_foreign(&failure->message, item->name, strlen(item->name));
    }
}

void cmr__explain_log_level(struct cmr__failure *failure)
{
    struct cmr__similar search = search_for(failure);
    const char *name;

    for (size_t i = 0; (name = cmr__log_level_spelling(i)); i++)
        cmr__similar_offer(&search, name, strlen(name));
    if (search.nearest)
        put_suggestion(failure, search.nearest);
    put(failure, search.nearest ? " It" : "; it");
    put(failure, " is one of trace, debug, info, notice, warn, error, crit, alert, emerg");
}
