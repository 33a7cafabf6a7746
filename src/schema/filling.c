/* SPDX-License-Identifier: MIT
 *
 * The files that a schema reads, each opened once, and how things are told: with the key as the file has it,
 * and the mount before it if the schema's key has one. */
#include "schema/filling.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "model/convert.h"

bool cmr__filling_init(struct cmr__filling *filling, const struct cmr__schema *schema,
                       const cmr_snapshot *snapshot)
{
    *filling = (struct cmr__filling){ .schema = schema, .snapshot = snapshot };
    filling->pages = calloc(schema->path ? 1 : schema->fields.count + 1, sizeof *filling->pages);
    return filling->pages;
}

void cmr__filling_reset(struct cmr__filling *filling)
{
    for (size_t i = 0; i < filling->page_count; i++)
        cmr__page_reset(&filling->pages[i]);
    free(filling->pages);
}

/* NULL: no such file, or out of memory. */
static struct cmr__page *open_page(struct cmr__filling *filling, const struct cmr__pattern *key)
{
    const cmr__part *part = cmr__snapshot_part(filling->snapshot, key->mount.text, key->mount.length);
    const struct cmr__part_file *file = part ? cmr__part_find(part, key->file.text, key->file.length) : NULL;
    for (size_t i = 0; i < filling->page_count; i++)
        if (filling->pages[i].file == file)
            return &filling->pages[i];
    if (!file)
        return NULL;
    struct cmr__page *page = &filling->pages[filling->page_count++];
    filling->failed |= !cmr__page_init(page, part, file);
    return filling->failed ? NULL : page;
}

struct cmr__view cmr__filling_file(struct cmr__filling *filling, const struct cmr__pattern *key)
{
    struct cmr__page *page = open_page(filling, key);
    return page ? cmr__view_of_page(page) : (struct cmr__view){ .absent = true, .file = &key->file };
}

struct cmr__view cmr__filling_map(struct cmr__filling *filling, const struct cmr__pattern *key)
{
    struct cmr__view file = cmr__filling_file(filling, key);
    struct cmr__view map = { .page = file.page, .absent = true, .path = key, .file = &key->file };
    struct cmr__location place;
    enum cmr__presence presence = cmr__view_map(&file, key, &map, &place);
    if (presence != CMR__ABSENT && presence != CMR__THERE)
        cmr__filling_tell_other(filling, presence, CMR_TYPE_MAP, &place);
    return map;
}

/* ---- telling */

static void add(struct cmr__filling *filling, cmr_report *report, const cmr_diagnostic *diagnostic,
                struct cmr__buffer *file, struct cmr__buffer *key)
{
    cmr__buffer_append_char(file, '\0');
    cmr__buffer_append_char(key, '\0');
    if (file->failed || key->failed)
        filling->failed = true;
    else
        cmr__report_add(report, diagnostic->status, file->data, diagnostic->line, diagnostic->column,
                        key->data, "%s", diagnostic->message);
    cmr__buffer_reset(file);
    cmr__buffer_reset(key);
}

void cmr__filling_tell(struct cmr__filling *filling, cmr_report *report, cmr_status status,
                       const struct cmr__location *place, const char *message)
{
    const struct cmr__entry *entry = cmr__document_entry(place->file->document, place->entry);
    cmr_diagnostic diagnostic = {
        .status = status, .line = entry->line, .column = cmr__entry_column(entry), .message = message
    };
    struct cmr__buffer file = CMR__BUFFER_INIT, key = CMR__BUFFER_INIT;
    if (!report)
        return;
    if (place->file->document->secret && (status == CMR_ERR_TYPE || status == CMR_ERR_RANGE))
        diagnostic.message = "is not what the schema wants: a secret, and not shown";
    cmr__buffer_append_text(&file, place->file->name);
    cmr__key_format(&key, place->file->name, place->file->document, place->entry);
    add(filling, report, &diagnostic, &file, &key);
}

static void put_file(const struct cmr__view *view, struct cmr__buffer *file)
{
    while (view->absent && view->around)
        view = view->around;
    if (view->page)
        cmr__buffer_append_text(file, view->page->file->name);
    else
        cmr__buffer_append(file, view->file->text, view->file->length);
}

static void put_key(const struct cmr__view *view, const struct cmr__field *field,
                    const struct cmr__buffer *file, struct cmr__buffer *key)
{
    struct cmr__path path;
    cmr__view_path(view, field->path, &path);
    cmr__key_format_name(key, file->data);
    if (path.count)
        cmr__buffer_append_char(key, '#');
    cmr__path_format(key, path.segments, path.count);
}

void cmr__filling_tell_absent(struct cmr__filling *filling, cmr_report *report, cmr_status status,
                              const struct cmr__view *view, const struct cmr__field *field,
                              const char *message)
{
    struct cmr__place place = cmr__view_place(view);
    const cmr_diagnostic diagnostic = {
        .status = status, .line = place.line, .column = place.column, .message = message
    };
    struct cmr__buffer file = CMR__BUFFER_INIT, key = CMR__BUFFER_INIT;
    if (!report)
        return;
    put_file(view, &file);
    cmr__buffer_append_char(&file, '\0');
    if (!file.failed)
        put_key(view, field, &file, &key);
    add(filling, report, &diagnostic, &file, &key);
}

void cmr__filling_tell_other(struct cmr__filling *filling, enum cmr__presence presence, cmr_type wanted,
                             const struct cmr__location *place)
{
    const cmr__document *document;
    const struct cmr__entry *entry;
    char why[500];
    filling->failed |= presence == CMR__NO_MEMORY;
    if (presence == CMR__TOLD || presence == CMR__NO_MEMORY)
        return;
    if (presence != CMR__OTHER)
        wanted = presence == CMR__NO_MAP ? CMR_TYPE_MAP : CMR_TYPE_LIST;
    document = place->file->document;
    entry = cmr__document_entry(document, place->entry);
    struct cmr__scalar scalar = { cmr__entry_type(entry), cmr__document_at(document, entry->value_offset),
                                  entry->value_length };
    if (entry->kind == CMR__SCALAR)
        cmr__convert_explain(&scalar, wanted, NULL, why, sizeof why);
    else
        cmr__location_explain(place, wanted, NULL, why, sizeof why);
    cmr__filling_tell(filling, filling->report, CMR_ERR_TYPE, place, why);
}
