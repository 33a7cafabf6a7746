/* SPDX-License-Identifier: MIT
 *
 * The path of an entry, and its canonical text: the way back from a document to a key.
 *
 * A flat document's key is split as users think of it: at dots, and before a well-formed [n], so that
 * servers[0].name reads alike in properties and in YAML. Text that could be read otherwise is written as a
 * JSON string in brackets. */
#include <string.h>

#include "base/utf8.h"
#include "model/key.h"

/* "name[0][1]": where the trailing items begin, when they are all well-formed. */
static size_t items_begin(const char *text, size_t length)
{
    size_t begin = length;
    while (begin > 2 && text[begin - 1] == ']') {
        size_t p = begin - 1;
        while (p > 0 && text[p - 1] >= '0' && text[p - 1] <= '9')
            p--;
        size_t digits = begin - 1 - p;
        if (p < 1 || text[p - 1] != '[' || digits == 0 || digits > 9 || (digits > 1 && text[p] == '0'))
            return begin;
        begin = p - 1;
    }
    return begin;
}

static bool add_segment(struct cmr__path *path, struct cmr__segment segment)
{
    if (path->count == CMR__KEY_SEGMENTS)
        return false;
    path->segments[path->count++] = segment;
    return true;
}

/* An item follows its name, or begins the path: in "a.[0]" there is none, for a[0] is another key. */
static bool add_flat_segment(struct cmr__path *path, const char *text, size_t length)
{
    size_t name = items_begin(text, length);
    if (name == 0 && path->count)
        name = length;
    if ((name || !length) && !add_segment(path, (struct cmr__segment){ CMR__SEGMENT_NAME, 0, text, name }))
        return false;
    for (size_t p = name; p < length;) {
        uint32_t item = 0;
        for (p++; text[p] != ']'; p++)
            item = item * 10 + (uint32_t)(text[p] - '0');
        p++;
        if (!add_segment(path, (struct cmr__segment){ CMR__SEGMENT_ITEM, item, NULL, 0 }))
            return false;
    }
    return true;
}

/* What has more segments than a key can have is one, dots and all. */
void cmr__path_of_flat(struct cmr__path *path, const char *text, size_t length)
{
    const char *at = text, *end = text + length, *dot;
    path->count = 0;
    do {
        dot = memchr(at, '.', (size_t)(end - at));
        if (!add_flat_segment(path, at, (size_t)((dot ? dot : end) - at))) {
            path->segments[0] = (struct cmr__segment){ CMR__SEGMENT_NAME, 0, text, length };
            path->count = 1;
            return;
        }
        if (dot)
            at = dot + 1;
    } while (dot);
}

void cmr__path_of_entry(struct cmr__path *path, const cmr__document *document, uint32_t number)
{
    const struct cmr__entry *entry = cmr__document_entry(document, number);
    path->count = 0;
    if (document->block->flat && number) {
        cmr__path_of_flat(path, cmr__document_at(document, entry->name_offset), entry->name_length);
        return;
    }
    size_t depth = 0;
    for (uint32_t i = number; i; i = cmr__document_entry(document, i)->parent)
        depth++;
    path->count = depth = depth < CMR__KEY_SEGMENTS ? depth : CMR__KEY_SEGMENTS;
    for (; depth; depth--, number = entry->parent) {
        entry = cmr__document_entry(document, number);
        struct cmr__segment *segment = &path->segments[depth - 1];
        if (entry->flags & CMR__ENTRY_ITEM)
            *segment = (struct cmr__segment){ CMR__SEGMENT_ITEM, entry->name_offset, NULL, 0 };
        else
            *segment =
                (struct cmr__segment){ CMR__SEGMENT_NAME, 0, cmr__document_at(document, entry->name_offset),
                                       entry->name_length };
    }
}

static bool is_bare(const char *text, size_t length, bool dots)
{
    for (size_t i = 0; i < length; i++)
        if (cmr__key_is_special((unsigned char)text[i]) || (text[i] == '.' && !dots) ||
            cmr__utf8_is_control(text + i,
                                 length - i < 2 ? 1 : 2)) /* U+0080 to U+009F; ASCII's are special */
            return false;
    return length > 0 && cmr__utf8_valid_prefix(text, length) == length;
}

static void append_segment(struct cmr__buffer *buffer, const char *text, size_t length, bool dots)
{
    if (is_bare(text, length, dots)) {
        cmr__buffer_append(buffer, text, length);
        return;
    }
    cmr__buffer_append_char(buffer, '[');
    cmr__buffer_append_quoted(buffer, text, length, 0);
    cmr__buffer_append_char(buffer, ']');
}

void cmr__key_format_name(struct cmr__buffer *buffer, const char *name)
{
    append_segment(buffer, name, strlen(name), true);
}

void cmr__path_format(struct cmr__buffer *buffer, const struct cmr__segment *segments, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct cmr__segment *segment = &segments[i];
        bool bare = segment->kind == CMR__SEGMENT_NAME && is_bare(segment->text, segment->length, false);
        if (i > 0 && bare)
            cmr__buffer_append_char(buffer, '.');
        if (segment->kind == CMR__SEGMENT_ITEM)
            cmr__buffer_printf(buffer, "[%u]", segment->item);
        else
            append_segment(buffer, segment->text, segment->length, false);
    }
}

void cmr__key_format(struct cmr__buffer *buffer, const char *file, const cmr__document *document,
                     uint32_t entry)
{
    struct cmr__path path;
    cmr__key_format_name(buffer, file);
    cmr__path_of_entry(&path, document, entry);
    if (path.count)
        cmr__buffer_append_char(buffer, '#');
    cmr__path_format(buffer, path.segments, path.count);
}
