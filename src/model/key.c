/* SPDX-License-Identifier: MIT
 *
 * Reading and writing keys.
 *
 * The grammar is small enough for one pass by hand: a name is a bare run of characters or a JSON string in
 * brackets; a mount is a name before ":", a file a name before "#", a path is names joined by dots and items
 * in brackets. Bare text is borrowed; only JSON strings that hold escapes are decoded, into the key's own
 * scratch, so that parsing allocates nothing. A flat document looks its whole key up as one text: the path as
 * it was written when it holds no quotes, else joined here. */
#include "model/key.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

struct lexer {
    struct cmr__key *key;
    const char *at;
    const char *end;
    bool wildcards;
};

static bool scratch_put(struct cmr__key *key, const char *data, size_t length)
{
    if (length > sizeof key->scratch - key->scratch_used)
        return false;
    memcpy(key->scratch + key->scratch_used, data, length);
    key->scratch_used += length;
    return true;
}

static bool read_hex4(struct lexer *lexer, uint32_t *ret_unit)
{
    uint32_t unit = 0;
    for (int i = 0; i < 4; i++, lexer->at++) {
        if (lexer->at == lexer->end)
            return false;
        char c = *lexer->at;
        if (c >= '0' && c <= '9')
            unit = unit * 16 + (uint32_t)(c - '0');
        else if ((c | 32) >= 'a' && (c | 32) <= 'f')
            unit = unit * 16 + (uint32_t)((c | 32) - 'a' + 10);
        else
            return false;
    }
    *ret_unit = unit;
    return true;
}

/* After "\u": one code point, of two escapes when the first is a high surrogate. */
static bool read_unicode_escape(struct lexer *lexer)
{
    uint32_t code = 0, low = 0;
    if (!read_hex4(lexer, &code))
        return false;
    if (code >= 0xd800 && code < 0xdc00) {
        if (lexer->end - lexer->at < 6 || lexer->at[0] != '\\' || lexer->at[1] != 'u')
            return false;
        lexer->at += 2;
        if (!read_hex4(lexer, &low) || low < 0xdc00 || low > 0xdfff)
            return false;
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    char text[4];
    size_t length = cmr__utf8_encode(code, text);
    return length && scratch_put(lexer->key, text, length);
}

static bool read_escape(struct lexer *lexer)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    if (lexer->at == lexer->end)
        return false;
    char c = *lexer->at++;
    if (c == 'u')
        return read_unicode_escape(lexer);
    const char *place = c ? strchr(from, c) : NULL;
    return place && scratch_put(lexer->key, &to[place - from], 1);
}

/* After the opening quote, up to and with the closing one. Borrows when nothing is escaped. */
static bool read_string(struct lexer *lexer, const char **ret_text, size_t *ret_length)
{
    const char *begin = lexer->at;
    while (lexer->at < lexer->end && *lexer->at != '"' && *lexer->at != '\\' &&
           (unsigned char)*lexer->at >= ' ')
        lexer->at++;
    if (lexer->at < lexer->end && *lexer->at == '"') {
        *ret_text = begin;
        *ret_length = (size_t)(lexer->at++ - begin);
        return true;
    }
    char *decoded = lexer->key->scratch + lexer->key->scratch_used;
    lexer->at = begin;
    while (lexer->at < lexer->end && *lexer->at != '"') {
        if ((unsigned char)*lexer->at < ' ')
            return false;
        const char *character = lexer->at++;
        if (*character == '\\' ? !read_escape(lexer) : !scratch_put(lexer->key, character, 1)) {
            lexer->at = character;
            return false;
        }
    }
    if (lexer->at == lexer->end)
        return false;
    lexer->at++;
    *ret_text = decoded;
    *ret_length = (size_t)(lexer->key->scratch + lexer->key->scratch_used - decoded);
    return true;
}

static bool read_quoted_name(struct lexer *lexer, const char **ret_text, size_t *ret_length)
{
    lexer->at += 2;
    if (!read_string(lexer, ret_text, ret_length) || lexer->at == lexer->end || *lexer->at != ']')
        return false;
    lexer->at++;
    return true;
}

static bool at_quoted_name(const struct lexer *lexer)
{
    return lexer->end - lexer->at >= 2 && lexer->at[0] == '[' && lexer->at[1] == '"';
}

const uint8_t cmr__character_classes[256] = {
    [0 ... ' '] = CMR__CHARACTER_SPECIAL, [0x7f] = CMR__CHARACTER_SPECIAL, ['['] = CMR__CHARACTER_SPECIAL,
    [']'] = CMR__CHARACTER_SPECIAL,       ['#'] = CMR__CHARACTER_SPECIAL,  [':'] = CMR__CHARACTER_SPECIAL,
    ['"'] = CMR__CHARACTER_SPECIAL,       ['\\'] = CMR__CHARACTER_SPECIAL, ['.'] = CMR__CHARACTER_DOT,
    ['*'] = CMR__CHARACTER_STAR,
};

/* A bare run, in which * is allowed in patterns and a dot in files and mounts. */
static size_t bare_length(const struct lexer *lexer, bool dots, bool *ret_glob)
{
    unsigned ends = CMR__CHARACTER_SPECIAL | (dots ? 0 : CMR__CHARACTER_DOT) |
                    (lexer->wildcards ? 0 : CMR__CHARACTER_STAR);
    const char *p = lexer->at;
    for (; p < lexer->end && !(cmr__character_classes[(unsigned char)*p] & ends); p++)
        *ret_glob |= *p == '*';
    return (size_t)(p - lexer->at);
}

static bool read_name(struct lexer *lexer, struct cmr__name *name)
{
    *name = (struct cmr__name){ 0 };
    if (at_quoted_name(lexer))
        return read_quoted_name(lexer, &name->text, &name->length);
    name->text = lexer->at;
    name->length = bare_length(lexer, true, &name->glob);
    lexer->at += name->length;
    return name->length > 0;
}

static bool read_item(struct lexer *lexer, struct cmr__segment *segment)
{
    lexer->at++;
    if (lexer->wildcards && lexer->end - lexer->at >= 2 && lexer->at[0] == '*' && lexer->at[1] == ']') {
        lexer->at += 2;
        segment->kind = CMR__SEGMENT_ANY_ITEM;
        return true;
    }
    uint64_t item = 0;
    const char *begin = lexer->at;
    for (; lexer->at < lexer->end && *lexer->at >= '0' && *lexer->at <= '9' && lexer->at - begin < 10;
         lexer->at++)
        item = item * 10 + (uint64_t)(*lexer->at - '0');
    if (item >= CMR__NO_ENTRY || (lexer->at - begin > 1 && *begin == '0'))
        lexer->at = begin;
    if (lexer->at == begin || lexer->at == lexer->end || *lexer->at != ']')
        return false;
    lexer->at++;
    segment->kind = CMR__SEGMENT_ITEM;
    segment->item = (uint32_t)item;
    return true;
}

static bool read_bare_segment(struct lexer *lexer, struct cmr__segment *segment)
{
    bool glob = false;
    segment->text = lexer->at;
    segment->length = bare_length(lexer, false, &glob);
    lexer->at += segment->length;
    segment->kind = glob ? CMR__SEGMENT_GLOB : CMR__SEGMENT_NAME;
    if (segment->length == 2 && memcmp(segment->text, "**", 2) == 0)
        segment->kind = CMR__SEGMENT_DEEP;
    return segment->length > 0;
}

static bool read_segment(struct lexer *lexer, struct cmr__segment *segment)
{
    *segment = (struct cmr__segment){ .kind = CMR__SEGMENT_NAME };
    if (at_quoted_name(lexer))
        return read_quoted_name(lexer, &segment->text, &segment->length);
    if (lexer->at < lexer->end && *lexer->at == '[')
        return read_item(lexer, segment);
    return read_bare_segment(lexer, segment);
}

static bool read_path(struct lexer *lexer)
{
    struct cmr__key *key = lexer->key;
    do {
        if (key->count == CMR__KEY_SEGMENTS || !read_segment(lexer, &key->segments[key->count]))
            return false;
        enum cmr__segment_kind kind = key->segments[key->count++].kind;
        key->wild |= kind != CMR__SEGMENT_NAME && kind != CMR__SEGMENT_ITEM;
        if (lexer->at == lexer->end)
            return true;
        bool dot = *lexer->at == '.';
        lexer->at += dot;
        if (dot == (lexer->at < lexer->end && *lexer->at == '['))
            return false; /* neither a dot nor an item, or both */
    } while (lexer->at < lexer->end);
    return false; /* a dot at the end */
}

/* Joins the segments as a flat document writes them: a.b[0].c. */
static bool join_flat(struct cmr__key *key)
{
    char *begin = key->scratch + key->scratch_used;
    for (size_t i = 0; i < key->count; i++) {
        const struct cmr__segment *segment = &key->segments[i];
        char item[16];
        bool fits = true;
        if (segment->kind == CMR__SEGMENT_ITEM)
            fits = scratch_put(key, item, (size_t)snprintf(item, sizeof item, "[%u]", segment->item));
        else
            fits = (i == 0 || scratch_put(key, ".", 1)) && scratch_put(key, segment->text, segment->length);
        if (!fits)
            return false;
    }
    key->flat = begin;
    key->flat_length = (size_t)(key->scratch + key->scratch_used - begin);
    return true;
}

static bool read_key(struct lexer *lexer)
{
    struct cmr__key *key = lexer->key;
    if (!read_name(lexer, &key->file))
        return false;
    if (lexer->at < lexer->end && *lexer->at == ':') {
        lexer->at++;
        key->mount = key->file;
        if (!read_name(lexer, &key->file))
            return false;
    }
    key->wild = key->mount.glob || key->file.glob;
    if (lexer->at == lexer->end)
        return true;
    if (*lexer->at != '#')
        return false;
    key->has_path = true;
    key->flat = ++lexer->at;
    key->flat_length = (size_t)(lexer->end - lexer->at);
    if (!read_path(lexer))
        return false;
    return key->wild || !memchr(key->flat, '"', key->flat_length) || join_flat(key);
}

bool cmr__key_parse(struct cmr__key *key, const char *text, size_t length, bool wildcards, size_t *ret_where)
{
    struct lexer lexer = { key, text, text + length, wildcards };
    key->mount = (struct cmr__name){ 0 };
    key->has_path = key->wild = false;
    key->count = key->scratch_used = key->flat_length = 0;
    key->flat = NULL;
    if (read_key(&lexer))
        return true;
    if (ret_where)
        *ret_where = (size_t)(lexer.at - text);
    return false;
}

cmr_status cmr_key_check(const char *text, size_t *ret_where)
{
    struct cmr__key key;
    size_t where = 0;
    if (text && cmr__key_parse(&key, text, strlen(text), false, &where))
        return CMR_OK;
    if (ret_where)
        *ret_where = where;
    return CMR_ERR_INVALID_ARGUMENT;
}

/* ---- lookup */

static bool names_segment(const cmr__document *document, const struct cmr__entry *entry,
                          const struct cmr__segment *segment)
{
    if (entry->flags & CMR__ENTRY_ITEM)
        return segment->kind == CMR__SEGMENT_ITEM && segment->item == entry->name_offset;
    return segment->kind == CMR__SEGMENT_NAME && segment->length == entry->name_length &&
           memcmp(segment->text, cmr__document_at(document, entry->name_offset), segment->length) == 0;
}

static bool names_path(const cmr__document *document, uint32_t number, const struct cmr__segment *segments,
                       size_t count)
{
    while (count && number) {
        const struct cmr__entry *entry = cmr__document_entry(document, number);
        if (!names_segment(document, entry, &segments[--count]))
            return false;
        number = entry->parent;
    }
    return count == 0 && number == 0;
}

static uint32_t hash_segment(uint32_t parent, const struct cmr__segment *segment)
{
    return segment->kind == CMR__SEGMENT_ITEM ? cmr__path_hash_item(parent, segment->item)
                                              : cmr__path_hash_name(parent, segment->text, segment->length);
}

uint32_t cmr__path_hash(const struct cmr__segment *segments, size_t count)
{
    uint32_t hash = CMR__PATH_HASH_ROOT;
    for (size_t i = 0; i < count; i++)
        hash = hash_segment(hash, &segments[i]);
    return hash;
}

static uint32_t find_path(const cmr__document *document, const struct cmr__segment *segments, size_t count,
                          uint32_t hash)
{
    uint32_t slot = hash, found;
    do
        found = cmr__document_probe(document, hash, &slot);
    while (found != CMR__NO_ENTRY && !names_path(document, found, segments, count));
    return found;
}

uint32_t cmr__document_find_child(const cmr__document *document, uint32_t parent,
                                  const struct cmr__segment *segment)
{
    uint32_t hash = hash_segment(cmr__document_entry(document, parent)->hash, segment), slot = hash, found;
    do
        found = cmr__document_probe(document, hash, &slot);
    while (found != CMR__NO_ENTRY &&
           (cmr__document_entry(document, found)->parent != parent || found == 0 ||
            !names_segment(document, cmr__document_entry(document, found), segment)));
    return found;
}

uint32_t cmr__document_find(const cmr__document *document, const struct cmr__segment *segments, size_t count,
                            const char *flat, size_t flat_length)
{
    const struct cmr__segment whole = { CMR__SEGMENT_NAME, 0, flat, flat_length };
    if (count == 0)
        return 0;
    if (!document->block->flat)
        return find_path(document, segments, count, cmr__path_hash(segments, count));
    return find_path(document, &whole, 1, cmr__path_hash(&whole, 1));
}

uint32_t cmr__document_find_kept(const cmr__document *document, const struct cmr__pattern *key)
{
    const struct cmr__segment whole = { CMR__SEGMENT_NAME, 0, key->flat, key->flat_length };
    if (key->count == 0)
        return 0;
    if (!document->block->flat)
        return find_path(document, key->segments, key->count, key->hash);
    return find_path(document, &whole, 1, key->flat_hash);
}
