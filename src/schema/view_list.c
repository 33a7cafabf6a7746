/* SPDX-License-Identifier: MIT
 *
 * Lists whose items have keys of their own. In a flat document their numbers are in the names, which stand in
 * any order, and [10] before [2]: all names of one item are neighbours, so one look at each is enough, and
 * the items are sorted by number then. */
#include <stdlib.h>

#include "schema/view_find.h"

void cmr__view_list_reset(struct cmr__view_list *list)
{
    free(list->items);
    *list = (struct cmr__view_list){ 0 };
}

static enum cmr__presence list_children(const struct cmr__view *view, uint32_t number,
                                        struct cmr__view_list *ret_list)
{
    const cmr__document *document = cmr__view_document(view);
    const struct cmr__entry *list = cmr__document_entry(document, number);
    uint32_t end = cmr__entry_end(list, number), at = number + 1;
    struct cmr__view_item *items = calloc((size_t)list->value_length + 1, sizeof *items);
    if (!items)
        return CMR__NO_MEMORY;
    *ret_list = (struct cmr__view_list){ items, 0 };
    for (; at < end; at = cmr__entry_end(cmr__document_entry(document, at), at)) {
        items[ret_list->count] = (struct cmr__view_item){ .number = (uint32_t)ret_list->count, .entry = at };
        ret_list->count++;
    }
    return CMR__THERE;
}

/* "[12]" and then nothing, "." or "[" behind the first `skip` bytes. Returns up to where it goes, 0: it is
 * none. */
static size_t read_number(const struct cmr__flat_name *name, size_t skip, uint32_t *ret_number)
{
    size_t at = skip + 1;
    uint32_t number = 0;
    for (; at < name->length && name->text[at] >= '0' && name->text[at] <= '9' && at - skip < 10; at++)
        number = number * 10 + (uint32_t)(name->text[at] - '0');
    bool whole = at < name->length && name->text[at] == ']' && at > skip + 1 &&
                 (name->text[skip + 1] != '0' || at == skip + 2);
    if (!whole || (at + 1 < name->length && name->text[at + 1] != '.' && name->text[at + 1] != '['))
        return 0;
    *ret_number = number;
    return at + 1;
}

static int by_number(const void *left, const void *right)
{
    const struct cmr__view_item *one = left, *two = right;
    return (one->number > two->number) - (one->number < two->number);
}

/* Names of one item are neighbours. */
static void add_name(const struct cmr__flat *flat, size_t at, size_t skip, struct cmr__view_list *list)
{
    const struct cmr__flat_name *name = &flat->names[at];
    struct cmr__view_item *last = list->count ? &list->items[list->count - 1] : NULL;
    uint32_t number;
    size_t length = read_number(name, skip, &number);
    if (!length)
        return;
    if (!last || last->number != number) {
        last = &list->items[list->count++];
        *last = (struct cmr__view_item){ number, CMR__NO_ENTRY, { at, at }, length };
    }
    last->run.end = at + 1;
    if (name->length == length)
        last->entry = name->entry;
}

/* Names such as servers[x] are below it, and no items: then there is no list. */
static enum cmr__presence list_run(const struct cmr__view *view, const struct cmr__pattern *path,
                                   struct cmr__view_list *ret_list, struct cmr__location *ret_place)
{
    struct cmr__run run;
    if (!cmr__view_run(view, path, '[', &run))
        return CMR__NO_MEMORY;
    struct cmr__view_list list = { calloc(run.end - run.first + 1, sizeof *list.items), 0 };
    if (!list.items)
        return CMR__NO_MEMORY;
    for (size_t i = run.first; i < run.end; i++)
        add_name(&view->page->flat, i, view->page->joined.size - 1, &list);
    if (list.count == 0) {
        cmr__view_list_reset(&list);
        return cmr__view_meet_value(view, path, ret_place);
    }
    qsort(list.items, list.count, sizeof *list.items, by_number);
    *ret_list = list;
    *ret_place = (struct cmr__location){ 0 };
    return CMR__THERE;
}

enum cmr__presence cmr__view_list(const struct cmr__view *view, const struct cmr__pattern *path,
                                  struct cmr__view_list *ret_list, struct cmr__location *ret_place)
{
    uint32_t entry;
    if (view->absent)
        return CMR__ABSENT;
    if (cmr__view_is_flat(view))
        return list_run(view, path, ret_list, ret_place);
    enum cmr__presence presence = cmr__view_container(view, path, CMR__LIST, &entry, ret_place);
    if (presence != CMR__THERE)
        return presence;
    *ret_place = cmr__view_entry_place(view, entry);
    return list_children(view, entry, ret_list);
}

static enum cmr__presence item_run(const struct cmr__view *view, const struct cmr__view_item *item,
                                   struct cmr__view *ret_view, struct cmr__location *ret_place)
{
    const struct cmr__flat *flat = &view->page->flat;
    struct cmr__buffer *joined = &view->page->joined;
    joined->size = 0;
    cmr__buffer_append(joined, flat->names[item->run.first].text, item->name_length);
    cmr__buffer_append_char(joined, '.');
    if (joined->failed)
        return CMR__NO_MEMORY;
    struct cmr__run run = cmr__flat_run(flat, item->run, joined->data, joined->size);
    if (run.first == run.end)
        return cmr__view_meet_other(view, flat->names[item->run.first].entry, ret_place);
    *ret_view = cmr__view_of_run(view, run, joined->size);
    return CMR__THERE;
}

enum cmr__presence cmr__view_item_map(const struct cmr__view *view, const struct cmr__view_item *item,
                                      struct cmr__view *ret_view, struct cmr__location *ret_place)
{
    if (cmr__view_is_flat(view))
        return item_run(view, item, ret_view, ret_place);
    if (cmr__document_entry(cmr__view_document(view), item->entry)->kind != CMR__MAP)
        return cmr__view_meet_other(view, item->entry, ret_place);
    *ret_view = (struct cmr__view){ .page = view->page, .entry = item->entry };
    return CMR__THERE;
}
