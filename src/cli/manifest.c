/* SPDX-License-Identifier: MIT
 *
 * Finds the ConfigMap in a manifest file: among several documents, of several kinds, and in Lists, as
 * kubectl get prints them. Only the data of the one that is chosen is looked at (manifest_data.c). */
#include "cli/manifest.h"

#include <stdbool.h>
#include <string.h>

#include "cli/key_path.h"
#include "cli/util.h"

struct object {
    const struct document *document;
    long item; /* of a List; -1: the document itself */
    const char *kind;
    const char *name;
    unsigned line; /* in the file */
};

struct objects {
    struct object *items;
    size_t count, capacity;
};

static struct object *add(struct objects *objects, const struct document *document, long item)
{
    if (objects->count == objects->capacity) {
        size_t capacity = objects->capacity ? 2 * objects->capacity : 16;
        struct object *items = realloc(objects->items, capacity * sizeof(*items));
        if (!items)
            return NULL;
        objects->items = items;
        objects->capacity = capacity;
    }
    objects->items[objects->count] = (struct object){ document, item, "", "", 0 };
    return &objects->items[objects->count++];
}

/* Notes kind and name, at the path that is left: kind, or metadata.name. */
static void note(struct object *object, char *path, const cmr_entry *entry)
{
    struct key_segment first, second;

    if (!object->line)
        object->line = entry->value.line + object->document->first_line - 1;
    if (!key_path_next(&path, &first))
        return;
    if (key_segment_is(&first, "kind") && *path == '\0')
        object->kind = entry->value.text;
    else if (key_segment_is(&first, "metadata") && key_path_next(&path, &second) &&
             key_segment_is(&second, "name") && *path == '\0')
        object->name = entry->value.text;
}

/* An entry of object number `first`, the document, or of one of its items, which follow it. */
static bool take_entry(struct objects *objects, size_t first, const cmr_entry *entry)
{
    cli_cleanup(cli_free_ptr) char *key = strdup(entry->key);
    char *path = key ? strchr(key, '#') : NULL, *rest;
    const struct document *document = objects->items[first].document;
    struct key_segment name, item;

    if (!key)
        return false;
    if (!path)
        return true; /* a document that is one scalar */
    rest = ++path;
    if (strncmp(path, "items[", 6) != 0) {
        note(&objects->items[first], path, entry);
        return true;
    }
    key_path_next(&rest, &name);
    key_path_next(&rest, &item);
    if (!item.is_item)
        return true;
    while (objects->count - first <= item.index + 1) {
        if (!add(objects, document, (long)(objects->count - first - 1)))
            return false;
    }
    note(&objects->items[first + 1 + item.index], rest, entry);
    return true;
}

/* Keeps those that are ConfigMaps, of the objects from number first on. The items of a ConfigMapList
 * need not say their kind. */
static void keep_config_maps(struct objects *objects, size_t first)
{
    const char *kind = objects->items[first].kind;
    bool typed_list = strcmp(kind, "ConfigMapList") == 0, list = typed_list || strcmp(kind, "List") == 0;
    size_t kept = first;

    for (size_t i = first; i < objects->count; i++) {
        const struct object *object = &objects->items[i];
        bool config_map = strcmp(object->kind, "ConfigMap") == 0 || (typed_list && object->kind[0] == '\0');
        if (config_map && (object->item >= 0) == list)
            objects->items[kept++] = *object;
    }
    objects->count = kept;
}

static int find_in(struct objects *objects, const struct document *document)
{
    cli_cleanup(cli_free_cursor) cmr_cursor *cursor = NULL;
    size_t first = objects->count;
    const cmr_entry *entry;

    if (!add(objects, document, -1) || cmr_cursor_new(document->snapshot, "**", &cursor) != CMR_OK)
        return cli_fail(CLI_FAILED, "out of memory");
    while ((entry = cmr_cursor_next(cursor))) {
        if (!take_entry(objects, first, entry))
            return cli_fail(CLI_FAILED, "out of memory");
    }
    if (cmr_cursor_failed(cursor))
        return cli_fail(CLI_FAILED, "out of memory");
    keep_config_maps(objects, first);
    return CLI_DONE;
}

/* The one called name, or the only one. */
static int choose(const struct cli_command *command, const char *file, const struct objects *objects,
                  const char *name, const struct object **ret_object)
{
    const struct object *chosen = NULL;

    if (objects->count == 0)
        return cli_fail_at(file, 0, 0, "no object of kind ConfigMap in it");
    if (!name && objects->count > 1)
        return cli_usage(command, "%s holds %zu ConfigMaps, %s and others: say which with --name", file,
                         objects->count, objects->items[0].name);
    for (size_t i = 0; i < objects->count; i++) {
        const struct object *object = &objects->items[i];
        if (name && strcmp(object->name, name) != 0)
            continue;
        if (chosen)
            return cli_fail_at(file, object->line, 0, "a second ConfigMap called %s", name);
        chosen = object;
    }
    if (!chosen)
        return cli_fail_at(file, 0, 0, "no ConfigMap called %s in it", name);
    *ret_object = chosen;
    return CLI_DONE;
}

static int read_documents(const struct cli_command *command, const struct documents *documents,
                          const char *name, struct payload *payload)
{
    struct objects objects = { NULL, 0, 0 };
    const struct object *object = NULL;
    int status = CLI_DONE;

    for (size_t i = 0; i < documents->count && status == CLI_DONE; i++)
        status = find_in(&objects, &documents->items[i]);
    if (status == CLI_DONE)
        status = choose(command, documents->file, &objects, name, &object);
    if (status == CLI_DONE)
        status = manifest_take_data(documents, object->document, object->item, payload);
    free(objects.items);
    return status;
}

int manifest_read(const struct cli_command *command, const char *path, const char *name,
                  struct payload *payload)
{
    struct documents documents;
    int status = documents_read(path, &documents);

    if (status != CLI_DONE)
        return status;
    status = read_documents(command, &documents, name, payload);
    documents_clear(&documents);
    return status;
}
