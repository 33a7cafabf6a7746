/* SPDX-License-Identifier: MIT
 *
 * What no field has marked is unknown. Of a container that is, only itself is told; so each entry is looked
 * at once, and what has been told is marked as well, so that the struct around does not tell it again. */
#include "schema/unknown.h"

#include <stdio.h>
#include <string.h>

#include "base/similar.h"
#include "model/message.h"

struct unknown {
    struct cmr__filling *filling;
    const struct cmr__view *view;
    const struct cmr__table *table;
    cmr_report *report;
};

/* The rest of the entry's path below the view, as a field's key has it. */
static void put_path(const struct unknown *unknown, uint32_t entry, struct cmr__buffer *text)
{
    struct cmr__path path, above;
    cmr__view_path(unknown->view, NULL, &above);
    cmr__path_of_entry(&path, unknown->view->page->file->document, entry);
    if (path.count > above.count)
        cmr__path_format(text, path.segments + above.count, path.count - above.count);
}

/* In a flat document a value may have the very key of a struct, which is no help. */
static const struct cmr__field *nearest_field(const struct unknown *unknown, uint32_t entry)
{
    const struct cmr__field *nearest = NULL;
    struct cmr__buffer path = CMR__BUFFER_INIT;
    struct cmr__similar search;
    put_path(unknown, entry, &path);
    cmr__similar_start(&search, path.data ? path.data : "", path.size);
    for (size_t i = 0; i < unknown->table->count && !path.failed; i++) {
        const struct cmr__pattern *key = unknown->table->all[i].path;
        bool same = key->flat_length == path.size && memcmp(key->flat, path.data, path.size) == 0;
        if (!same && cmr__similar_offer(&search, key->flat, key->flat_length))
            nearest = &unknown->table->all[i];
    }
    unknown->filling->failed |= path.failed;
    cmr__buffer_reset(&path);
    return nearest;
}

static void tell(const struct unknown *unknown, uint32_t entry)
{
    struct cmr__page *page = unknown->view->page;
    struct cmr__location place = { page->part, page->file, entry, false };
    struct cmr__message message;
    char text[200];
    page->marks[entry] = CMR__MARK_DONE;
    if (unknown->report->count >= CMR__REPORT_MAX) {
        cmr__filling_tell(unknown->filling, unknown->report, CMR_ERR_NOT_FOUND, &place, "");
        return;
    }
    const struct cmr__field *nearest = nearest_field(unknown, entry);
    cmr__message_begin(&message, text, sizeof text);
    cmr__message_put(&message, "unknown key");
    if (nearest) {
        cmr__message_put(&message, "; did you mean ");
        cmr__message_put_foreign(&message, nearest->path->flat, nearest->path->flat_length);
        cmr__message_put(&message, "?");
    }
    cmr__filling_tell(unknown->filling, unknown->report, CMR_ERR_NOT_FOUND, &place, text);
}

static void look_at_entries(const struct unknown *unknown)
{
    const cmr__document *document = unknown->view->page->file->document;
    const unsigned char *marks = unknown->view->page->marks;
    uint32_t top = unknown->view->entry, at = top + 1;
    uint32_t end = cmr__entry_end(cmr__document_entry(document, top), top);
    while (at < end) {
        enum cmr__mark mark = marks[at];
        if (mark == CMR__MARK_NONE)
            tell(unknown, at);
        at = mark == CMR__MARK_THROUGH ? at + 1 : cmr__entry_end(cmr__document_entry(document, at), at);
    }
}

static void look_at_names(const struct unknown *unknown)
{
    const struct cmr__page *page = unknown->view->page;
    for (size_t i = unknown->view->run.first; i < unknown->view->run.end; i++)
        if (page->marks[page->flat.names[i].entry] == CMR__MARK_NONE)
            tell(unknown, page->flat.names[i].entry);
}

void cmr__unknown_tell(struct cmr__filling *filling, const struct cmr__view *view,
                       const struct cmr__table *table)
{
    bool refuse = filling->schema->is.unknown == CMR_UNKNOWN_REFUSE;
    struct unknown unknown = { filling, view, table, refuse ? filling->report : filling->notices };
    if (filling->schema->is.unknown == CMR_UNKNOWN_IGNORE || !unknown.report)
        return;
    if (view->page->file->document->block->flat)
        look_at_names(&unknown);
    else
        look_at_entries(&unknown);
}
