/* SPDX-License-Identifier: MIT
 *
 * Patterns: keys in which * and ** stand for what varies.
 *
 * A set of patterns is parsed once and kept compactly: a subscription may be one of ten thousand. Matching
 * walks an entry's path and the pattern side by side; on a mismatch it goes back to the last ** and lets that
 * take one segment more, which is all the backtracking that ** needs (as * does in a glob). */
#include <stdlib.h>
#include <string.h>

#include "base/glob.h"
#include "model/key.h"

void cmr__pattern_reset(struct cmr__pattern *pattern)
{
    free(pattern->text);
    free(pattern->segments);
    *pattern = (struct cmr__pattern){ 0 };
}

void cmr__patterns_reset(struct cmr__patterns *patterns)
{
    for (size_t i = 0; i < patterns->count; i++)
        cmr__pattern_reset(&patterns->items[i]);
    free(patterns->items);
    *patterns = (struct cmr__patterns){ 0 };
}

/* Moves what the key borrowed or decoded behind the pattern's own text. */
static const char *keep(struct cmr__buffer *texts, const char *text, size_t length)
{
    size_t at = texts->size;
    if (!text)
        return NULL;
    cmr__buffer_append(texts, text, length);
    return texts->data + at;
}

static size_t text_size(const struct cmr__key *key)
{
    size_t size = key->mount.length + key->file.length + key->flat_length + 1;
    for (size_t i = 0; i < key->count; i++)
        size += key->segments[i].length;
    return size;
}

static bool is_any_path(const struct cmr__key *key)
{
    return !key->has_path || (key->count == 1 && key->segments[0].kind == CMR__SEGMENT_DEEP);
}

static bool keep_key(struct cmr__pattern *pattern, const struct cmr__key *key)
{
    struct cmr__buffer texts = CMR__BUFFER_INIT;
    pattern->segments = malloc((key->count + 1) * sizeof *pattern->segments);
    if (!cmr__buffer_reserve(&texts, text_size(key)) || !pattern->segments) {
        cmr__buffer_reset(&texts);
        return false;
    }
    pattern->mount = key->mount;
    pattern->mount.text = keep(&texts, key->mount.text, key->mount.length);
    pattern->file = key->file;
    pattern->file.text = keep(&texts, key->file.text, key->file.length);
    pattern->any_path = is_any_path(key);
    pattern->wild = key->wild || !key->has_path;
    pattern->count = key->count;
    for (size_t i = 0; i < key->count; i++) {
        pattern->segments[i] = key->segments[i];
        pattern->segments[i].text = keep(&texts, key->segments[i].text, key->segments[i].length);
    }
    pattern->flat = keep(&texts, key->flat, key->flat_length);
    pattern->flat_length = key->flat_length;
    if (key->has_path && !key->wild) {
        const struct cmr__segment whole = { CMR__SEGMENT_NAME, 0, pattern->flat, pattern->flat_length };
        pattern->hash = cmr__path_hash(pattern->segments, pattern->count);
        pattern->flat_hash = cmr__path_hash(&whole, 1);
    }
    pattern->text = texts.data;
    return true;
}

cmr_status cmr__pattern_of_key(const char *text, struct cmr__pattern *ret_pattern)
{
    struct cmr__key key;
    struct cmr__pattern pattern = { 0 };
    if (!cmr__key_parse(&key, text, strlen(text), false, NULL))
        return CMR_ERR_INVALID_ARGUMENT;
    if (!keep_key(&pattern, &key)) {
        cmr__pattern_reset(&pattern);
        return CMR_ERR_NO_MEMORY;
    }
    *ret_pattern = pattern;
    return CMR_OK;
}

static cmr_status add_pattern(struct cmr__buffer *items, const char *text, size_t length, size_t *ret_where)
{
    struct cmr__key key;
    if (!cmr__key_parse(&key, text, length, true, ret_where))
        return CMR_ERR_INVALID_ARGUMENT;
    struct cmr__pattern *pattern = cmr__buffer_extend(items, sizeof *pattern);
    if (!pattern)
        return CMR_ERR_NO_MEMORY;
    *pattern = (struct cmr__pattern){ 0 };
    return keep_key(pattern, &key) ? CMR_OK : CMR_ERR_NO_MEMORY;
}

/* Up to the space that ends the pattern, quoted strings passed over. */
static size_t pattern_length(const char *text)
{
    bool quoted = false;
    const char *p = text;
    for (; *p && (quoted || *p != ' '); p++) {
        if (*p == '"')
            quoted = !quoted;
        else if (quoted && *p == '\\' && p[1])
            p++;
    }
    return (size_t)(p - text);
}

cmr_status cmr__patterns_new(const char *text, size_t *ret_where, struct cmr__patterns *ret_patterns)
{
    struct cmr__buffer items = CMR__BUFFER_INIT; /* struct cmr__pattern */
    cmr_status status = CMR_OK;
    size_t where = 0;
    const char *p = text;
    do {
        p += strspn(p, " ");
        size_t length = pattern_length(p);
        where = 0;
        if (length || items.size == 0)
            status = add_pattern(&items, p, length, &where);
        if (status != CMR_OK)
            break;
        p += length;
    } while (*p);
    struct cmr__patterns patterns = { items.size / sizeof(struct cmr__pattern),
                                      (struct cmr__pattern *)(void *)items.data };
    if (status != CMR_OK) {
        cmr__patterns_reset(&patterns);
        if (ret_where)
            *ret_where = (size_t)(p - text) + where;
        return status;
    }
    *ret_patterns = patterns;
    return CMR_OK;
}

cmr_status cmr_pattern_check(const char *pattern, size_t *ret_where)
{
    struct cmr__patterns patterns;
    if (!pattern) {
        if (ret_where)
            *ret_where = 0;
        return CMR_ERR_INVALID_ARGUMENT;
    }
    cmr_status status = cmr__patterns_new(pattern, ret_where, &patterns);
    if (status == CMR_OK)
        cmr__patterns_reset(&patterns);
    return status;
}

/* * within a segment or a mount's name. Like a file glob, but slashes are nothing special in it. */
static bool matches_glob(const char *glob, size_t glob_length, const char *text, size_t length)
{
    size_t g = 0, t = 0, star = SIZE_MAX, resume = 0;
    while (t < length) {
        if (g < glob_length && glob[g] == '*') {
            star = g++;
            resume = t;
        } else if (g < glob_length && glob[g] == text[t]) {
            g++;
            t++;
        } else if (star != SIZE_MAX) {
            g = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    while (g < glob_length && glob[g] == '*')
        g++;
    return g == glob_length;
}

static bool is_name(const struct cmr__name *name, const char *text, size_t length)
{
    return name->length == length && memcmp(name->text, text, length) == 0;
}

bool cmr__pattern_matches_mount(const struct cmr__pattern *pattern, const char *mount, bool is_first)
{
    const struct cmr__name *name = &pattern->mount;
    size_t length = strlen(mount);
    if (!name->text)
        return is_first;
    return name->glob ? matches_glob(name->text, name->length, mount, length) : is_name(name, mount, length);
}

bool cmr__pattern_matches_file(const struct cmr__pattern *pattern, const char *file)
{
    const struct cmr__name *name = &pattern->file;
    size_t length = strlen(file);
    return name->glob ? cmr__glob_match_stars(name->text, name->length, file, length)
                      : is_name(name, file, length);
}

static bool matches_segment(const struct cmr__segment *wanted, const struct cmr__segment *segment)
{
    bool item = segment->kind == CMR__SEGMENT_ITEM;
    switch (wanted->kind) {
    case CMR__SEGMENT_NAME:
        return !item && wanted->length == segment->length &&
               memcmp(wanted->text, segment->text, segment->length) == 0;
    case CMR__SEGMENT_ITEM:
        return item && wanted->item == segment->item;
    case CMR__SEGMENT_ANY_ITEM:
        return item;
    case CMR__SEGMENT_GLOB:
        if (item)
            return wanted->length == 1;
        return matches_glob(wanted->text, wanted->length, segment->text, segment->length);
    case CMR__SEGMENT_DEEP:
        break;
    }
    return false;
}

static bool matches_path(const struct cmr__pattern *pattern, const struct cmr__path *path)
{
    size_t p = 0, s = 0, deep = SIZE_MAX, resume = 0;
    while (s < path->count) {
        if (p < pattern->count && pattern->segments[p].kind == CMR__SEGMENT_DEEP) {
            deep = p++;
            resume = s;
        } else if (p < pattern->count && matches_segment(&pattern->segments[p], &path->segments[s])) {
            p++;
            s++;
        } else if (deep != SIZE_MAX) {
            p = deep + 1;
            s = ++resume;
        } else {
            return false;
        }
    }
    while (p < pattern->count && pattern->segments[p].kind == CMR__SEGMENT_DEEP)
        p++;
    return p == pattern->count;
}

/* A plain key means in a flat document what it means to a lookup, however it is spelled: one whole text. */
static bool is_flat_name(const struct cmr__pattern *pattern, const cmr__document *document, uint32_t number)
{
    const struct cmr__entry *entry = cmr__document_entry(document, number);
    return number && entry->name_length == pattern->flat_length &&
           memcmp(cmr__document_at(document, entry->name_offset), pattern->flat, pattern->flat_length) == 0;
}

bool cmr__pattern_matches_entry(const struct cmr__pattern *pattern, const cmr__document *document,
                                uint32_t entry)
{
    if (pattern->any_path)
        return true;
    if (document->block->flat && !pattern->wild)
        return is_flat_name(pattern, document, entry);
    struct cmr__path path;
    cmr__path_of_entry(&path, document, entry);
    return matches_path(pattern, &path);
}

bool cmr__patterns_match(const struct cmr__patterns *patterns, const char *mount, bool is_first,
                         const char *file, const cmr__document *document, uint32_t entry)
{
    for (size_t i = 0; i < patterns->count; i++) {
        const struct cmr__pattern *pattern = &patterns->items[i];
        if (cmr__pattern_matches_mount(pattern, mount, is_first) &&
            cmr__pattern_matches_file(pattern, file) && cmr__pattern_matches_entry(pattern, document, entry))
            return true;
    }
    return false;
}
