/* SPDX-License-Identifier: MIT
 *
 * Keys and patterns: the grammar of "KEYS AND PATTERNS" in the public header.
 *
 * A key is parsed into storage on the caller's stack, so lookups allocate nothing. A pattern set is what a
 * subscription or a cursor keeps: one or more parsed keys that own their text. */
#ifndef CMRELOAD_MODEL_KEY_H
#define CMRELOAD_MODEL_KEY_H

#include "base/buffer.h"
#include "model/document.h"

#define CMR__KEY_SEGMENTS 256
#define CMR__KEY_SCRATCH 4096

enum cmr__segment_kind {
    CMR__SEGMENT_NAME,     /* exactly this text */
    CMR__SEGMENT_ITEM,     /* list item number `item` */
    CMR__SEGMENT_GLOB,     /* a text with * in it; a lone * also means any item */
    CMR__SEGMENT_ANY_ITEM, /* [*] */
    CMR__SEGMENT_DEEP,     /* **: any number of segments */
};

struct cmr__segment {
    enum cmr__segment_kind kind;
    uint32_t item;
    const char *text;
    size_t length;
};

/* A name that may be a glob: a mount or a file. */
struct cmr__name {
    const char *text; /* NULL: not given */
    size_t length;
    bool glob;
};

struct cmr__key {
    struct cmr__name mount;
    struct cmr__name file;
    bool has_path; /* there was a "#" */
    bool wild;     /* some part is a glob */
    size_t count;
    const char *flat; /* the path as a flat document's one name */
    size_t flat_length;
    struct cmr__segment segments[CMR__KEY_SEGMENTS];
    size_t scratch_used;
    char scratch[CMR__KEY_SCRATCH]; /* decoded JSON strings */
};

/* What a character is in a name that is not quoted. */
enum {
    CMR__CHARACTER_DOT = 1,     /* ends a segment, but no mount or file */
    CMR__CHARACTER_STAR = 2,    /* is for patterns */
    CMR__CHARACTER_SPECIAL = 4, /* is for quoted names; the NUL at a text's end, too */
};
extern const uint8_t cmr__character_classes[256];

/* Whether a name that holds the character must be quoted. Dots are for the caller to judge. */
static inline bool cmr__key_is_special(unsigned char c)
{
    return cmr__character_classes[c] & (CMR__CHARACTER_STAR | CMR__CHARACTER_SPECIAL);
}

/* Parses a key, or (wildcards true) one pattern. The key borrows the text. False: malformed at *ret_where. */
bool cmr__key_parse(struct cmr__key *key, const char *text, size_t length, bool wildcards, size_t *ret_where);

/* The path of an entry, as segments that borrow from the document. Of a flat document the name is split as a
 * pattern sees it: at dots, and before [n]. */
struct cmr__path {
    size_t count;
    struct cmr__segment segments[CMR__KEY_SEGMENTS];
};
void cmr__path_of_entry(struct cmr__path *path, const cmr__document *document, uint32_t entry);

/* The same of a name as a flat document has it, which need not be there. */
void cmr__path_of_flat(struct cmr__path *path, const char *text, size_t length);

/* The entry that a path names in the document, or CMR__NO_ENTRY. No segments: the root. `flat` is the same
 * path as a flat document's one name. */
uint32_t cmr__document_find(const cmr__document *document, const struct cmr__segment *segments, size_t count,
                            const char *flat, size_t flat_length);

/* The child of that entry, or CMR__NO_ENTRY. */
uint32_t cmr__document_find_child(const cmr__document *document, uint32_t parent,
                                  const struct cmr__segment *segment);

/* The hash of a path of names and items, as documents have it. */
uint32_t cmr__path_hash(const struct cmr__segment *segments, size_t count);

/* Appends a mount's or a file's name as a key has it. */
void cmr__key_format_name(struct cmr__buffer *buffer, const char *name);

/* Appends plain segments as a key has them behind its "#". */
void cmr__path_format(struct cmr__buffer *buffer, const struct cmr__segment *segments, size_t count);

/* Appends the canonical key "file#path", without a mount. */
void cmr__key_format(struct cmr__buffer *buffer, const char *file, const cmr__document *document,
                     uint32_t entry);

/* ---- patterns */

struct cmr__pattern {
    char *text; /* what the key borrows from */
    struct cmr__name mount;
    struct cmr__name file;
    bool any_path; /* no "#", or "#**" */
    bool wild;     /* not a plain key */
    size_t count;
    struct cmr__segment *segments;
    const char *flat; /* of a plain key */
    size_t flat_length;
    uint32_t hash, flat_hash; /* of a plain key's path, and of that as one name */
};

struct cmr__patterns {
    size_t count;
    struct cmr__pattern *items;
};

/* Parses one or more patterns separated by spaces. CMR_ERR_INVALID_ARGUMENT with *ret_where (may be NULL),
 * CMR_ERR_NO_MEMORY. */
cmr_status cmr__patterns_new(const char *text, size_t *ret_where, struct cmr__patterns *ret_patterns);
void cmr__patterns_reset(struct cmr__patterns *patterns);

/* As cmr__document_find, of a plain key. */
uint32_t cmr__document_find_kept(const cmr__document *document, const struct cmr__pattern *key);

/* A key that is kept: as a pattern that matches nothing else. CMR_ERR_INVALID_ARGUMENT, CMR_ERR_NO_MEMORY. */
cmr_status cmr__pattern_of_key(const char *key, struct cmr__pattern *ret_pattern);
void cmr__pattern_reset(struct cmr__pattern *pattern);

/* is_first: whether `mount` is the reloader's first, which patterns without a mount mean. */
bool cmr__pattern_matches_mount(const struct cmr__pattern *pattern, const char *mount, bool is_first);
bool cmr__pattern_matches_file(const struct cmr__pattern *pattern, const char *file);
bool cmr__pattern_matches_entry(const struct cmr__pattern *pattern, const cmr__document *document,
                                uint32_t entry);

bool cmr__patterns_match(const struct cmr__patterns *patterns, const char *mount, bool is_first,
                         const char *file, const cmr__document *document, uint32_t entry);

#endif
