/* SPDX-License-Identifier: MIT
 *
 * A document is one parsed file: one immutable, position-independent block.
 *
 *     head | raw bytes, NUL | entries | index | text pool
 *
 * Entries stand in the order of the file, a container before its children, so that the subtree of
 * entry e is the run e+1 ... end(e)-1. Entry 0 is the root, and has no name. In a flat document
 * (properties) all others are children of the root and named by their whole key. The index is an
 * open-addressing hash table of entry numbers over the whole path, so a lookup takes one probe at any
 * depth. Names and scalar texts are offsets from the start of the block; scalar texts are followed by
 * a NUL. All integers are in this machine's byte order, which the head names. Counts of references
 * live outside the block, which may therefore be mapped read-only. */
#ifndef CMRELOAD_MODEL_DOCUMENT_H
#define CMRELOAD_MODEL_DOCUMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "cmreload/cmreload.h"

struct cmr__mapping; /* model/mapping.h */

#define CMR__DOCUMENT_MAGIC 0x31446d43u /* "CmD1", seen with the right byte order */
#define CMR__NO_ENTRY UINT32_MAX

enum cmr__entry_kind {
    CMR__MAP = 1,
    CMR__LIST = 2,
    CMR__SCALAR = 3
};

/* What the format says a scalar is. */
enum cmr__scalar_type {
    CMR__SCALAR_NULL = 1,
    CMR__SCALAR_BOOL = 2,
    CMR__SCALAR_INT = 3,
    CMR__SCALAR_FLOAT = 4,
    CMR__SCALAR_STRING = 5,
    CMR__SCALAR_BYTES = 6,
    CMR__SCALAR_UNTYPED = 7, /* properties and text files: whatever it reads as */
};

enum {
    CMR__ENTRY_ITEM = 1,   /* a list's item: name_offset is its position, name_length 0 */
    CMR__ENTRY_QUOTED = 2, /* written in quotes or as a block */
    CMR__ENTRY_MERGED =
        4,               /* came by a YAML merge key: gives way to an explicit sibling; only while building */
    CMR__ENTRY_DEAD = 8, /* to be left out; only while building */
    CMR__ENTRY_MERGE = 16,  /* a YAML merge key's own value; only while building */
    CMR__ENTRY_POOLED = 32, /* name_offset counts from the start of the pool; only while building */
    CMR__ENTRY_COPIED = 64, /* repeats what stands elsewhere in the file; only while building */
};

struct cmr__entry {
    uint32_t parent;      /* the root's is the root itself */
    uint32_t hash;        /* of the whole path: see cmr__path_hash_* */
    uint32_t name_offset; /* from the start of the block */
    uint16_t name_length;
    uint8_t kind; /* enum cmr__entry_kind */
    uint8_t flags;
    uint32_t line;
    uint32_t column_type;  /* column << 4 | enum cmr__scalar_type */
    uint32_t value_offset; /* scalar: its text. Container: the entry after its last descendant */
    uint32_t value_length; /* scalar: without the NUL. Container: how many children */
};

struct cmr__document_head {
    uint32_t magic;
    uint32_t size; /* of the whole block */
    uint32_t raw_offset;
    uint32_t raw_length;
    uint32_t entries_offset;
    uint32_t entry_count; /* the root included: at least 1 */
    uint32_t index_offset;
    uint32_t index_mask; /* slots - 1; a free slot holds CMR__NO_ENTRY */
    uint32_t flat;       /* 1: a flat document */
    uint32_t reserved;
};

/* The counted handle on a block. */
typedef struct cmr__document {
    _Atomic unsigned refs;
    const char *format; /* its name, behind the handle: a snapshot outlives whoever brought a format along */
    const struct cmr__document_head *block;
    struct cmr__mapping
        *mapping; /* in which the block lies, shared with other documents; NULL: it is its own */
    bool secret;  /* the block is in a secret's memory, and what it holds is not to be shown */
} cmr__document;

/* Takes over a block of malloc or, if secret, cmr__secret_alloc, and copies the name. NULL when out of memory
 * (the block is freed then). */
cmr__document *cmr__document_new(struct cmr__document_head *block, bool secret, const char *format);

/* A document whose block lies in the mapping, of which it takes a reference. NULL: out of memory. */
cmr__document *cmr__document_new_mapped(const struct cmr__document_head *block, struct cmr__mapping *mapping,
                                        const char *format);

cmr__document *cmr__document_ref(cmr__document *document);
void cmr__document_unref(cmr__document *document);

/* Whether they are one, or equal in format and every byte: of what other processes hand over, each generation
 * has documents of its own, and most of them did not change. Two NULL are the same. */
bool cmr__document_is_same(const cmr__document *document, const cmr__document *other);

/* The reads below are small and on the path of every lookup, hence inline. */
static inline const struct cmr__entry *cmr__document_entry(const cmr__document *document, uint32_t number)
{
    return (const struct cmr__entry *)(const void *)((const char *)document->block +
                                                     document->block->entries_offset) +
           number;
}

static inline const char *cmr__document_at(const cmr__document *document, uint32_t offset)
{
    return (const char *)document->block + offset;
}

static inline const char *cmr__document_raw(const cmr__document *document, size_t *ret_length)
{
    *ret_length = document->block->raw_length;
    return cmr__document_at(document, document->block->raw_offset);
}

/* The entry after this one's subtree. */
static inline uint32_t cmr__entry_end(const struct cmr__entry *entry, uint32_t number)
{
    return entry->kind == CMR__SCALAR ? number + 1 : entry->value_offset;
}

static inline enum cmr__scalar_type cmr__entry_type(const struct cmr__entry *entry)
{
    return (enum cmr__scalar_type)(entry->column_type & 15);
}

static inline unsigned cmr__entry_column(const struct cmr__entry *entry)
{
    return entry->column_type >> 4;
}

/* Whether users see it: a scalar, or a container without children, the root container excepted. */
static inline bool cmr__entry_is_leaf(const struct cmr__entry *entry, uint32_t number)
{
    return entry->kind == CMR__SCALAR || (entry->value_length == 0 && number != 0);
}

/* The hash of a path, one segment at a time from the root. A flat document's entry is one segment. */
#define CMR__PATH_HASH_ROOT 0x9e3779b9u
uint32_t cmr__path_hash_name(uint32_t parent_hash, const char *name, size_t length);
uint32_t cmr__path_hash_item(uint32_t parent_hash, uint32_t position);

/* The next entry whose path has this hash. *slot starts as the hash itself and is carried from call to
 * call; CMR__NO_ENTRY when there is none left. */
uint32_t cmr__document_probe(const cmr__document *document, uint32_t hash, uint32_t *slot);

/* Whether two entries have the same path. */
bool cmr__entry_same_path(const cmr__document *document, uint32_t entry, const cmr__document *other,
                          uint32_t other_entry);

/* The entry in `other` that has the same path as `entry` of `document`, or CMR__NO_ENTRY. */
uint32_t cmr__document_find_same(const cmr__document *document, uint32_t entry, const cmr__document *other);

#endif
