/* SPDX-License-Identifier: MIT
 *
 * Cursors: what a pattern matches, in order; and the hash over it.
 *
 * A pattern that begins with plain segments, on a file with a tree, is looked up once and walked from there:
 * iterating a subtree costs that subtree. Everything else is a scan of the matching files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/hash.h"
#include "model/snapshot.h"

struct cmr_cursor {
    cmr_snapshot *snapshot;
    struct cmr__patterns patterns;
    size_t mount, file;
    uint32_t entry, end; /* of the file: the next entry, and where to stop */
    bool in_file;
    struct cmr__buffer key;
    cmr_entry current;
};

cmr_status cmr_cursor_new(cmr_snapshot *snapshot, const char *pattern, cmr_cursor **ret_cursor)
{
    if (!snapshot || !pattern || !ret_cursor)
        return CMR_ERR_INVALID_ARGUMENT;
    cmr_cursor *cursor = calloc(1, sizeof *cursor);
    if (!cursor)
        return CMR_ERR_NO_MEMORY;
    cmr_status status = cmr__patterns_new(pattern, NULL, &cursor->patterns);
    if (status != CMR_OK) {
        free(cursor);
        return status;
    }
    cursor->snapshot = cmr_snapshot_ref(snapshot);
    *ret_cursor = cursor;
    return CMR_OK;
}

void cmr_cursor_free(cmr_cursor *cursor)
{
    if (!cursor)
        return;
    cmr__patterns_reset(&cursor->patterns);
    cmr__buffer_reset(&cursor->key);
    cmr_snapshot_unref(cursor->snapshot);
    free(cursor);
}

static bool any_pattern_wants(const cmr_cursor *cursor, const cmr__part *part, const char *file)
{
    for (size_t i = 0; i < cursor->patterns.count; i++)
        if (cmr__pattern_matches_mount(&cursor->patterns.items[i], part->mount, cursor->mount == 0) &&
            cmr__pattern_matches_file(&cursor->patterns.items[i], file))
            return true;
    return false;
}

/* The run of entries that can match. */
static void set_range(cmr_cursor *cursor, const cmr__document *document)
{
    const struct cmr__pattern *pattern = &cursor->patterns.items[0];
    size_t plain = 0;
    cursor->entry = 0;
    cursor->end = document->block->entry_count;
    while (plain < pattern->count && (pattern->segments[plain].kind == CMR__SEGMENT_NAME ||
                                      pattern->segments[plain].kind == CMR__SEGMENT_ITEM))
        plain++;
    if (cursor->patterns.count != 1 || plain == 0 || document->block->flat)
        return;
    uint32_t top = cmr__document_find(document, pattern->segments, plain, NULL, 0);
    cursor->entry = top == CMR__NO_ENTRY ? cursor->end : top;
    if (top != CMR__NO_ENTRY)
        cursor->end = cmr__entry_end(cmr__document_entry(document, top), top);
}

/* Moves to the next file that can match; false at the end. */
static bool enter_file(cmr_cursor *cursor)
{
    for (; cursor->mount < cursor->snapshot->count; cursor->mount++, cursor->file = 0) {
        const cmr__part *part = cursor->snapshot->parts[cursor->mount];
        for (; cursor->file < part->count; cursor->file++) {
            if (any_pattern_wants(cursor, part, part->files[cursor->file].name)) {
                set_range(cursor, part->files[cursor->file].document);
                cursor->in_file = true;
                return true;
            }
        }
    }
    return false;
}

static bool fill(cmr_cursor *cursor, const cmr__part *part, const struct cmr__part_file *file, uint32_t entry)
{
    struct cmr__location location = { part, file, entry, false };
    if (cmr__location_value(&location, CMR_TYPE_ANY, NULL, &cursor->current.value) != CMR_OK)
        return false;
    cursor->key.size = 0;
    cmr__key_format(&cursor->key, file->name, file->document, entry);
    cmr__buffer_append_char(&cursor->key, '\0');
    cursor->current.mount = part->mount;
    cursor->current.key = cursor->key.data;
    return !cursor->key.failed;
}

const cmr_entry *cmr_cursor_next(cmr_cursor *cursor)
{
    while (cursor->in_file || enter_file(cursor)) {
        const cmr__part *part = cursor->snapshot->parts[cursor->mount];
        const struct cmr__part_file *file = &part->files[cursor->file];
        while (cursor->entry < cursor->end) {
            uint32_t entry = cursor->entry++;
            if (cmr__entry_is_leaf(cmr__document_entry(file->document, entry), entry) &&
                cmr__patterns_match(&cursor->patterns, part->mount, cursor->mount == 0, file->name,
                                    file->document, entry))
                return fill(cursor, part, file, entry) ? &cursor->current : NULL;
        }
        cursor->in_file = false;
        cursor->file++;
    }
    return NULL;
}

bool cmr_cursor_failed(const cmr_cursor *cursor)
{
    return cursor->key.failed;
}

/* ---- the hash over keys */

struct line {
    char *key;
    const char *text;
    size_t length;
};

static int by_key(const void *one, const void *two)
{
    return strcmp(((const struct line *)one)->key, ((const struct line *)two)->key);
}

static cmr_status collect(cmr_cursor *cursor, struct cmr__buffer *lines)
{
    const cmr_entry *entry;
    while ((entry = cmr_cursor_next(cursor))) {
        if (cmr_snapshot_is_secret(cursor->snapshot, entry->mount))
            return CMR_ERR_INVALID_ARGUMENT;
        struct cmr__buffer key = CMR__BUFFER_INIT;
        if (cursor->mount) {
            cmr__key_format_name(&key, entry->mount);
            cmr__buffer_append_char(&key, ':');
        }
        cmr__buffer_append_text(&key, entry->key);
        struct line line = { cmr__buffer_take(&key), entry->value.text, entry->value.length };
        cmr__buffer_append(lines, &line, sizeof line);
        if (!line.key || lines->failed) {
            free(line.key);
            return CMR_ERR_NO_MEMORY;
        }
    }
    return cmr_cursor_failed(cursor) ? CMR_ERR_NO_MEMORY : CMR_OK;
}

static cmr_status hash_lines(struct line *lines, size_t count, char ret_hash[CMR_HASH_SIZE])
{
    struct cmr__content_hash *hash = cmr__content_hash_new(0);
    if (!hash)
        return CMR_ERR_NO_MEMORY;
    qsort(lines, count, sizeof *lines, by_key);
    for (size_t i = 0; i < count; i++) {
        cmr__content_hash_field(hash, lines[i].key, strlen(lines[i].key));
        cmr__content_hash_field(hash, lines[i].text, lines[i].length);
    }
    cmr__content_hash_finish(hash, ret_hash);
    cmr__content_hash_free(hash);
    return CMR_OK;
}

cmr_status cmr_snapshot_hash_keys(const cmr_snapshot *snapshot, const char *pattern,
                                  char ret_hash[CMR_HASH_SIZE])
{
    cmr_cursor *cursor;
    cmr_status status = cmr_cursor_new((cmr_snapshot *)(uintptr_t)snapshot, pattern, &cursor);
    if (status != CMR_OK)
        return status;
    struct cmr__buffer lines = CMR__BUFFER_INIT;
    status = collect(cursor, &lines);
    size_t count = lines.size / sizeof(struct line);
    struct line *all = (struct line *)(void *)lines.data;
    if (status == CMR_OK)
        status = count ? hash_lines(all, count, ret_hash) : hash_lines(&(struct line){ 0 }, 0, ret_hash);
    for (size_t i = 0; i < count; i++)
        free(all[i].key);
    cmr__buffer_reset(&lines);
    cmr_cursor_free(cursor);
    return status;
}
