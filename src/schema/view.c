/* SPDX-License-Identifier: MIT
 *
 * Finding what fields ask for, in both kinds of documents. On the way each entry that is asked for is marked:
 * what is left without a mark is no field's. So unknown keys cost one look at each entry, however many fields
 * there are.
 *
 * In a flat document a value may stand where a map begins (limits and limits.memory are two keys), so there a
 * value is in the way only where nothing is below it. */
#include "schema/view_find.h"

#include <stdlib.h>
#include <string.h>

/* ---- pages */

bool cmr__page_init(struct cmr__page *page, const cmr__part *part, const struct cmr__part_file *file)
{
    const cmr__document *document = file->document;
    *page = (struct cmr__page){ .part = part, .file = file };
    page->marks = calloc(document->block->entry_count, 1);
    return page->marks && (!document->block->flat || cmr__flat_init(&page->flat, document));
}

void cmr__page_reset(struct cmr__page *page)
{
    free(page->marks);
    cmr__flat_reset(&page->flat);
    cmr__buffer_reset(&page->joined);
}

enum cmr__presence cmr__view_meet_other(const struct cmr__view *view, uint32_t entry,
                                        struct cmr__location *ret_place)
{
    unsigned char *mark = &view->page->marks[entry];
    enum cmr__presence presence = *mark == CMR__MARK_DONE ? CMR__TOLD : CMR__OTHER;
    *mark = CMR__MARK_DONE;
    *ret_place = cmr__view_entry_place(view, entry);
    return presence;
}

/* Nothing is written in the file, which in YAML is allowed. */
static bool is_blank(const struct cmr__entry *root)
{
    return root->kind == CMR__SCALAR && cmr__entry_type(root) == CMR__SCALAR_NULL && root->value_length == 0;
}

struct cmr__view cmr__view_of_page(struct cmr__page *page)
{
    return (struct cmr__view){ .page = page, .run = { 0, page->flat.count }, .prefix = "" };
}

/* ---- flat documents */

/* The path's name in a flat document, as far as it is ours to say; false: out of memory. */
static bool join(const struct cmr__view *view, const struct cmr__pattern *path, char behind)
{
    struct cmr__buffer *joined = &view->page->joined;
    joined->size = 0;
    cmr__buffer_append(joined, view->prefix, view->prefix_length);
    cmr__buffer_append(joined, path->flat, path->flat_length);
    if (behind)
        cmr__buffer_append_char(joined, behind);
    return !joined->failed;
}

static enum cmr__presence find_flat(const struct cmr__view *view, const struct cmr__pattern *path,
                                    uint32_t *ret_entry)
{
    const struct cmr__buffer *joined = &view->page->joined;
    if (path->count == 0) {
        *ret_entry = 0;
        return CMR__THERE;
    }
    if (!join(view, path, '\0'))
        return CMR__NO_MEMORY;
    *ret_entry =
        cmr__document_find(cmr__view_document(view), path->segments, path->count, joined->data, joined->size);
    return *ret_entry == CMR__NO_ENTRY ? CMR__ABSENT : CMR__THERE;
}

bool cmr__view_run(const struct cmr__view *view, const struct cmr__pattern *path, char behind,
                   struct cmr__run *ret_run)
{
    const struct cmr__buffer *joined = &view->page->joined;
    if (!join(view, path, behind))
        return false;
    *ret_run = cmr__flat_run(&view->page->flat, view->run, joined->data, joined->size);
    return true;
}

enum cmr__presence cmr__view_meet_value(const struct cmr__view *view, const struct cmr__pattern *path,
                                        struct cmr__location *ret_place)
{
    uint32_t entry;
    enum cmr__presence presence = find_flat(view, path, &entry);
    return presence == CMR__THERE ? cmr__view_meet_other(view, entry, ret_place) : presence;
}

struct cmr__view cmr__view_of_run(const struct cmr__view *view, struct cmr__run run, size_t prefix_length)
{
    struct cmr__view made = { .page = view->page, .run = run, .prefix_length = prefix_length };
    made.prefix = view->page->flat.names[run.first].text;
    return made;
}

/* ---- nested documents */

/* The child of a container; ABSENT also where the file is blank. */
static enum cmr__presence step(const struct cmr__view *view, const struct cmr__segment *segment,
                               uint32_t *entry, struct cmr__location *ret_place)
{
    const struct cmr__entry *parent = cmr__document_entry(cmr__view_document(view), *entry);
    enum cmr__entry_kind wanted = segment->kind == CMR__SEGMENT_ITEM ? CMR__LIST : CMR__MAP;
    unsigned char *mark = &view->page->marks[*entry];
    if (*entry == 0 && is_blank(parent))
        return CMR__ABSENT;
    if (parent->kind != wanted) {
        enum cmr__presence presence = cmr__view_meet_other(view, *entry, ret_place);
        return presence == CMR__TOLD ? presence : wanted == CMR__MAP ? CMR__NO_MAP : CMR__NO_LIST;
    }
    if (*mark == CMR__MARK_NONE)
        *mark = CMR__MARK_THROUGH;
    *entry = cmr__document_find_child(cmr__view_document(view), *entry, segment);
    return *entry == CMR__NO_ENTRY ? CMR__ABSENT : CMR__THERE;
}

/* Walks down to the path's entry. */
static enum cmr__presence descend(const struct cmr__view *view, const struct cmr__pattern *path,
                                  uint32_t *ret_entry, struct cmr__location *ret_place)
{
    enum cmr__presence presence = CMR__THERE;
    uint32_t entry = view->entry;
    for (size_t i = 0; i < path->count && presence == CMR__THERE; i++)
        presence = step(view, &path->segments[i], &entry, ret_place);
    *ret_entry = entry;
    return presence;
}

/* ---- what is asked for */

static enum cmr__presence find_entry(const struct cmr__view *view, const struct cmr__pattern *path,
                                     uint32_t *ret_entry, struct cmr__location *ret_place)
{
    if (view->absent)
        return CMR__ABSENT;
    return cmr__view_is_flat(view) ? find_flat(view, path, ret_entry)
                                   : descend(view, path, ret_entry, ret_place);
}

enum cmr__presence cmr__view_find(const struct cmr__view *view, const struct cmr__pattern *path,
                                  struct cmr__location *ret_place)
{
    uint32_t entry;
    enum cmr__presence presence = find_entry(view, path, &entry, ret_place);
    if (presence != CMR__THERE)
        return presence;
    view->page->marks[entry] = CMR__MARK_DONE;
    *ret_place = cmr__view_entry_place(view, entry);
    ret_place->whole_file =
        path->count == 0 && cmr__document_entry(cmr__view_document(view), entry)->kind != CMR__SCALAR;
    return CMR__THERE;
}

enum cmr__presence cmr__view_container(const struct cmr__view *view, const struct cmr__pattern *path,
                                       enum cmr__entry_kind kind, uint32_t *ret_entry,
                                       struct cmr__location *ret_place)
{
    enum cmr__presence presence = descend(view, path, ret_entry, ret_place);
    if (presence != CMR__THERE)
        return presence;
    if (cmr__document_entry(cmr__view_document(view), *ret_entry)->kind != kind)
        return cmr__view_meet_other(view, *ret_entry, ret_place);
    view->page->marks[*ret_entry] = CMR__MARK_DONE;
    return CMR__THERE;
}

/* In a flat document all of the file is a map. */
static enum cmr__presence find_root(const struct cmr__view *view, struct cmr__view *ret_view,
                                    struct cmr__location *ret_place)
{
    const struct cmr__entry *root = cmr__document_entry(cmr__view_document(view), 0);
    if (root->kind != CMR__MAP && !is_blank(root))
        return cmr__view_meet_other(view, 0, ret_place);
    *ret_view = *view;
    return CMR__THERE;
}

static enum cmr__presence map_run(const struct cmr__view *view, const struct cmr__pattern *path,
                                  struct cmr__view *ret_view, struct cmr__location *ret_place)
{
    struct cmr__run run;
    if (!cmr__view_run(view, path, '.', &run))
        return CMR__NO_MEMORY;
    if (run.first == run.end)
        return cmr__view_meet_value(view, path, ret_place);
    *ret_view = cmr__view_of_run(view, run, view->page->joined.size);
    return CMR__THERE;
}

static enum cmr__presence map_entry(const struct cmr__view *view, const struct cmr__pattern *path,
                                    struct cmr__view *ret_view, struct cmr__location *ret_place)
{
    uint32_t entry;
    enum cmr__presence presence = cmr__view_container(view, path, CMR__MAP, &entry, ret_place);
    if (presence == CMR__THERE)
        *ret_view = (struct cmr__view){ .page = view->page, .entry = entry };
    return presence;
}

enum cmr__presence cmr__view_map(const struct cmr__view *view, const struct cmr__pattern *path,
                                 struct cmr__view *ret_view, struct cmr__location *ret_place)
{
    if (view->absent)
        return CMR__ABSENT;
    if (path->count == 0)
        return find_root(view, ret_view, ret_place);
    return cmr__view_is_flat(view) ? map_run(view, path, ret_view, ret_place)
                                   : map_entry(view, path, ret_view, ret_place);
}

/* ---- where it is */

static void add_segments(struct cmr__path *path, const struct cmr__pattern *more)
{
    for (size_t i = 0; more && i < more->count && path->count < CMR__KEY_SEGMENTS; i++)
        path->segments[path->count++] = more->segments[i];
}

void cmr__view_path(const struct cmr__view *view, const struct cmr__pattern *path, struct cmr__path *ret_path)
{
    ret_path->count = 0;
    if (view->absent && view->around)
        cmr__view_path(view->around, view->path, ret_path);
    else if (view->absent)
        add_segments(ret_path, view->path);
    else if (!cmr__view_is_flat(view))
        cmr__path_of_entry(ret_path, cmr__view_document(view), view->entry);
    else if (view->prefix_length)
        cmr__path_of_flat(ret_path, view->prefix, view->prefix_length - 1);
    add_segments(ret_path, path);
}

/* The first in the file of what is in a flat document's map. */
static uint32_t first_entry(const struct cmr__view *view)
{
    uint32_t first = CMR__NO_ENTRY;
    for (size_t i = view->run.first; i < view->run.end; i++)
        if (view->page->flat.names[i].entry < first)
            first = view->page->flat.names[i].entry;
    return first;
}

struct cmr__place cmr__view_place(const struct cmr__view *view)
{
    while (view->absent && view->around)
        view = view->around;
    if (!view->page)
        return (struct cmr__place){ 0, 0 };
    uint32_t entry = view->absent ? 0 : view->prefix_length ? first_entry(view) : view->entry;
    const struct cmr__entry *place = cmr__document_entry(cmr__view_document(view), entry);
    return entry ? (struct cmr__place){ place->line, cmr__entry_column(place) } : (struct cmr__place){ 1, 1 };
}
