/* SPDX-License-Identifier: MIT
 *
 * The document's checker.
 *
 * Three passes, each of which relies on those before it: the head (where the sections lie), the entries in
 * their order (texts, tree, hashes), the index. The tree is followed with the stack of containers that are
 * open, which a document's depth bounds. Each check is a function that returns what is wrong, or NULL.
 *
 * An index is right when each entry is the first of its path that a probe meets, and no slot is filled
 * besides. Probing costs a few steps an entry in any table that the builder makes; the sum is limited, so
 * that a table full of equal hashes is refused instead of being walked in quadratic time. */
#include "model/check.h"

#include <string.h>

#include "model/document.h"

#define DEEPEST 250  /* cmr_limits.depth at most */
#define FEW_STEPS 64 /* more than block.c allows itself, so that all it makes passes */
#define STEPS_AT_LEAST 4096

/* A container that has begun, and not ended. */
struct level {
    uint32_t number;
    uint32_t end;
    uint32_t children; /* so far */
};

struct check {
    const cmr__document *document;
    const struct cmr__document_head *head;
    size_t size;
    size_t pool; /* where the texts begin */
    uint32_t depth;
    struct level levels[DEEPEST + 1];
};

#define REQUIRE(condition, reason)                                                                           \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            return reason;                                                                                   \
    } while (0)

static const char *check_head(const void *block, size_t size)
{
    const struct cmr__document_head *head = block;
    REQUIRE(block && ((uintptr_t)block & 3) == 0, "not aligned");
    REQUIRE(size >= sizeof *head, "shorter than its head");
    REQUIRE(head->magic == CMR__DOCUMENT_MAGIC, "no document of this machine and version");
    REQUIRE(head->size == size, "of another size than it says");
    REQUIRE(head->flat <= 1 && head->reserved == 0, "flags that are not known");
    return NULL;
}

/* In their order, and none in another; what lies between them is not read. */
static const char *check_sections(struct check *check)
{
    const struct cmr__document_head *head = check->head;
    uint64_t raw_end = (uint64_t)head->raw_offset + head->raw_length;
    uint64_t entries_end = head->entries_offset + (uint64_t)head->entry_count * sizeof(struct cmr__entry);
    uint64_t slots = (uint64_t)head->index_mask + 1;
    uint64_t pool = head->index_offset + slots * sizeof(uint32_t);
    REQUIRE(head->raw_offset >= sizeof *head && raw_end < check->size, "raw bytes out of bounds");
    REQUIRE(((const char *)head)[raw_end] == '\0', "no NUL behind the raw bytes");
    REQUIRE((head->entries_offset & 3) == 0 && head->entries_offset > raw_end, "entries out of place");
    REQUIRE(head->entry_count > 0, "no entries");
    REQUIRE((head->index_offset & 3) == 0 && head->index_offset >= entries_end, "index out of place");
    REQUIRE(pool <= check->size, "index out of bounds");
    REQUIRE((slots & (slots - 1)) == 0, "an index that is no power of two");
    REQUIRE(head->entry_count < slots, "an index without a free slot");
    check->pool = (size_t)pool;
    return NULL;
}

/* Among the raw bytes, or the texts. */
static const char *check_name(const struct check *check, const struct cmr__entry *entry)
{
    uint64_t begin = entry->name_offset, end = begin + entry->name_length;
    bool raw = begin >= check->head->raw_offset &&
               end <= (uint64_t)check->head->raw_offset + check->head->raw_length;
    REQUIRE(raw || (begin >= check->pool && end <= check->size), "a name out of bounds");
    return NULL;
}

static const char *check_scalar(const struct check *check, const struct cmr__entry *entry)
{
    uint64_t end = (uint64_t)entry->value_offset + entry->value_length;
    enum cmr__scalar_type type = cmr__entry_type(entry);
    REQUIRE(type >= CMR__SCALAR_NULL && type <= CMR__SCALAR_UNTYPED, "a type that is not known");
    REQUIRE(entry->value_offset >= check->pool && end < check->size, "a value out of bounds");
    REQUIRE(((const char *)check->head)[end] == '\0', "no NUL behind a value");
    return NULL;
}

static const char *check_container(const struct check *check, const struct cmr__entry *entry, uint32_t number)
{
    uint32_t around = check->depth ? check->levels[check->depth - 1].end : check->head->entry_count;
    REQUIRE((entry->column_type & 15) == 0, "a container with a type");
    REQUIRE(entry->value_offset > number && entry->value_offset <= around, "a container that ends elsewhere");
    REQUIRE(check->depth <= DEEPEST, "too many levels");
    return NULL;
}

/* The entry alone: what needs neither its parent nor its place. */
static const char *check_entry(const struct check *check, const struct cmr__entry *entry, uint32_t number)
{
    REQUIRE((entry->flags & ~(CMR__ENTRY_ITEM | CMR__ENTRY_QUOTED)) == 0, "flags that are not known");
    REQUIRE(entry->kind >= CMR__MAP && entry->kind <= CMR__SCALAR, "a kind that is not known");
    if (!(entry->flags & CMR__ENTRY_ITEM)) {
        const char *wrong = check_name(check, entry);
        REQUIRE(!wrong, wrong);
    }
    return entry->kind == CMR__SCALAR ? check_scalar(check, entry) : check_container(check, entry, number);
}

static uint32_t folded(const struct check *check, const struct cmr__entry *entry)
{
    uint32_t parent = cmr__document_entry(check->document, entry->parent)->hash;
    if (entry->flags & CMR__ENTRY_ITEM)
        return cmr__path_hash_item(parent, entry->name_offset);
    return cmr__path_hash_name(parent, cmr__document_at(check->document, entry->name_offset),
                               entry->name_length);
}

static const char *check_root(const struct check *check, const struct cmr__entry *root)
{
    REQUIRE(root->parent == 0 && root->hash == CMR__PATH_HASH_ROOT, "a root that is none");
    REQUIRE(root->name_length == 0 && !(root->flags & CMR__ENTRY_ITEM), "a root with a name");
    REQUIRE(cmr__entry_end(root, 0) == check->head->entry_count, "entries behind the root's end");
    REQUIRE(!check->head->flat || root->kind == CMR__MAP, "a flat document that is no map");
    return NULL;
}

static const char *check_child(struct check *check, const struct cmr__entry *entry)
{
    struct level *level = &check->levels[check->depth - 1];
    bool in_list = cmr__document_entry(check->document, level->number)->kind == CMR__LIST;
    REQUIRE(entry->parent == level->number, "an entry of another parent");
    REQUIRE(((entry->flags & CMR__ENTRY_ITEM) != 0) == in_list, "an item in a map, or a name in a list");
    REQUIRE(!in_list || (entry->name_offset == level->children && entry->name_length == 0),
            "an item out of its order");
    REQUIRE(!check->head->flat || entry->kind == CMR__SCALAR, "a flat document with a container");
    REQUIRE(entry->hash == folded(check, entry), "a hash that is wrong");
    level->children++;
    return NULL;
}

/* Ends the containers that end before this entry. */
static const char *close_levels(struct check *check, uint32_t number)
{
    while (check->depth && check->levels[check->depth - 1].end == number) {
        const struct level *level = &check->levels[--check->depth];
        REQUIRE(cmr__document_entry(check->document, level->number)->value_length == level->children,
                "a wrong number of children");
    }
    return NULL;
}

static const char *check_entries(struct check *check)
{
    for (uint32_t i = 0; i < check->head->entry_count; i++) {
        const struct cmr__entry *entry = cmr__document_entry(check->document, i);
        const char *wrong = close_levels(check, i);
        if (!wrong)
            wrong = check_entry(check, entry, i);
        if (!wrong)
            wrong = i ? check_child(check, entry) : check_root(check, entry);
        REQUIRE(!wrong, wrong);
        if (entry->kind != CMR__SCALAR)
            check->levels[check->depth++] = (struct level){ i, entry->value_offset, 0 };
    }
    return close_levels(check, check->head->entry_count);
}

/* Of entries with one hash. Those before `entry` have paths of their own, so equal parents are one parent. */
static bool same_path(const struct check *check, const struct cmr__entry *entry, uint32_t other_number)
{
    const struct cmr__entry *other = cmr__document_entry(check->document, other_number);
    if (other->parent != entry->parent || other_number == 0)
        return false;
    if (entry->flags & CMR__ENTRY_ITEM)
        return entry->name_offset == other->name_offset;
    return entry->name_length == other->name_length &&
           memcmp(cmr__document_at(check->document, entry->name_offset),
                  cmr__document_at(check->document, other->name_offset), entry->name_length) == 0;
}

/* Probes as a lookup does. */
static const char *check_reachable(const struct check *check, const uint32_t *index, uint32_t number,
                                   uint64_t *steps)
{
    const struct cmr__entry *entry = cmr__document_entry(check->document, number);
    for (uint32_t slot = entry->hash;; slot++) {
        uint32_t found = index[slot & check->head->index_mask];
        REQUIRE(found != CMR__NO_ENTRY, "an entry that the index does not find");
        REQUIRE((*steps)-- > 0, "an index that is too crowded");
        if (found == number)
            return NULL;
        if (number && cmr__document_entry(check->document, found)->hash == entry->hash)
            REQUIRE(!same_path(check, entry, found), "two entries of one path");
    }
}

/* As many filled slots as entries, and each entry in one of them: so each is there once. */
static const char *check_index(const struct check *check)
{
    uint32_t count = check->head->entry_count, filled = 0;
    const uint32_t *index =
        (const uint32_t *)(const void *)cmr__document_at(check->document, check->head->index_offset);
    for (size_t slot = 0; slot <= check->head->index_mask; slot++) {
        REQUIRE(index[slot] < count || index[slot] == CMR__NO_ENTRY,
                "a number in the index that is no entry's");
        filled += index[slot] != CMR__NO_ENTRY;
    }
    REQUIRE(filled == count, "an entry that the index has not, or twice");
    uint64_t steps = (uint64_t)FEW_STEPS * count + STEPS_AT_LEAST;
    for (uint32_t i = 0; i < count; i++) {
        const char *wrong = check_reachable(check, index, i, &steps);
        REQUIRE(!wrong, wrong);
    }
    return NULL;
}

static const char *check_block(const void *block, size_t size)
{
    const cmr__document document = { .block = block };
    struct check check = { .document = &document, .head = block, .size = size };
    const char *wrong = check_head(block, size);
    if (!wrong)
        wrong = check_sections(&check);
    if (!wrong)
        wrong = check_entries(&check);
    return wrong ? wrong : check_index(&check);
}

bool cmr__document_check(const void *block, size_t size, const char **ret_reason)
{
    const char *wrong = check_block(block, size);
    if (wrong && ret_reason)
        *ret_reason = wrong;
    return !wrong;
}
