/* SPDX-License-Identifier: MIT
 *
 * Paths are compared as the texts that people write. A key has few misspellings, so what is close ends at
 * four edits, however long the path is. */
#include "model/nearest.h"

#include <string.h>

#include "base/similar.h"

#define COMPARISONS_MAX 4096 /* of names of files, and of paths */
#define EDITS_MAX 4

/* The absent key, from whichever form. */
struct absent {
    const cmr_snapshot *snapshot;
    const struct cmr__name *mount, *file;
    const struct cmr__segment *segments;
    size_t count;
    const char *flat;
    size_t flat_length;
};

static void start(struct cmr__similar *search, const char *text, size_t length)
{
    cmr__similar_start(search, text, length);
    if (search->best > EDITS_MAX + 1)
        search->best = EDITS_MAX + 1;
}

static const struct cmr__part_file *nearest_file(const struct absent *absent, const cmr__part *part)
{
    const struct cmr__part_file *nearest = NULL;
    struct cmr__similar search;
    start(&search, absent->file->text, absent->file->length);
    for (size_t i = 0; i < part->count && i < COMPARISONS_MAX; i++)
        if (cmr__similar_offer(&search, part->files[i].name, strlen(part->files[i].name)))
            nearest = &part->files[i];
    return nearest;
}

/* The entry whose path is nearest, or CMR__NO_ENTRY. `path` is room for an entry's path as text. */
static uint32_t nearest_entry(const struct cmr__buffer *wanted, const cmr__document *document,
                              struct cmr__buffer *path)
{
    uint32_t nearest = CMR__NO_ENTRY, count = document->block->entry_count;
    struct cmr__path segments;
    struct cmr__similar search;
    start(&search, wanted->data, wanted->size);
    for (uint32_t i = 1; i < count && i <= COMPARISONS_MAX; i++) {
        cmr__path_of_entry(&segments, document, i);
        path->size = 0;
        cmr__path_format(path, segments.segments, segments.count);
        if (path->failed)
            return CMR__NO_ENTRY;
        if (cmr__similar_offer(&search, path->data, path->size))
            nearest = i;
    }
    return nearest;
}

static uint32_t find_entry(const struct absent *absent, const cmr__document *document)
{
    struct cmr__buffer wanted = CMR__BUFFER_INIT, path = CMR__BUFFER_INIT;
    uint32_t entry =
        cmr__document_find(document, absent->segments, absent->count, absent->flat, absent->flat_length);
    if (entry != CMR__NO_ENTRY)
        return entry;
    cmr__path_format(&wanted, absent->segments, absent->count);
    if (!wanted.failed)
        entry = nearest_entry(&wanted, document, &path);
    cmr__buffer_reset(&wanted);
    cmr__buffer_reset(&path);
    return entry;
}

static bool append_key(const struct absent *absent, const cmr__part *part, const struct cmr__part_file *file,
                       uint32_t entry, struct cmr__buffer *ret_key)
{
    size_t before = ret_key->size;
    if (absent->mount->text) {
        cmr__key_format_name(ret_key, part->mount);
        cmr__buffer_append_char(ret_key, ':');
    }
    cmr__key_format(ret_key, file->name, file->document, entry);
    if (ret_key->failed)
        ret_key->size = before;
    return !ret_key->failed;
}

static bool find_nearest(const struct absent *absent, struct cmr__buffer *ret_key)
{
    const cmr__part *part = cmr__snapshot_part(absent->snapshot, absent->mount->text, absent->mount->length);
    const struct cmr__part_file *file =
        part ? cmr__part_find(part, absent->file->text, absent->file->length) : NULL;
    if (part && !file)
        file = nearest_file(absent, part);
    if (!file)
        return false;
    uint32_t entry = find_entry(absent, file->document);
    return entry != CMR__NO_ENTRY && append_key(absent, part, file, entry, ret_key);
}

bool cmr__snapshot_nearest_key(const cmr_snapshot *snapshot, const struct cmr__key *absent,
                               struct cmr__buffer *ret_key)
{
    struct absent parts = { snapshot,      &absent->mount, &absent->file,      absent->segments,
                            absent->count, absent->flat,   absent->flat_length };
    return !absent->wild && find_nearest(&parts, ret_key);
}

bool cmr__snapshot_nearest_to_pattern(const cmr_snapshot *snapshot, const struct cmr__pattern *absent,
                                      struct cmr__buffer *ret_key)
{
    struct absent parts = { snapshot,      &absent->mount, &absent->file,      absent->segments,
                            absent->count, absent->flat,   absent->flat_length };
    bool file_alone = absent->any_path && absent->count == 0 && !absent->mount.glob && !absent->file.glob;
    return (!absent->wild || file_alone) && find_nearest(&parts, ret_key);
}

bool cmr__snapshot_nearest_to_text(const cmr_snapshot *snapshot, const char *text,
                                   struct cmr__buffer *ret_key)
{
    struct cmr__key key;
    return cmr__key_parse(&key, text, strlen(text), false, NULL) &&
           cmr__snapshot_nearest_key(snapshot, &key, ret_key);
}
