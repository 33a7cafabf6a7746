/* SPDX-License-Identifier: MIT
 *
 * Two documents of one format (the first byte: p, y, t, else JSON), with "\n--\n" in between: the diff must
 * say what a comparison of all keys with all keys says. */
#include <string.h>

#include "fuzz/fuzz.h"
#include "model/diff.h"

#define MARKER "\n--\n"

static const char *format_name(uint8_t byte)
{
    return byte == 'p' ? "properties" : byte == 'y' ? "yaml" : byte == 't' ? "text" : "json";
}

/* The leaves of one document, rendered. */
struct leaf {
    char *key;
    uint32_t entry;
};

struct side {
    cmr__document *document;
    cmr_snapshot *snapshot;
    struct leaf *leaves;
    size_t count;
};

static void render(struct side *side)
{
    uint32_t entries = side->document->block->entry_count;
    side->leaves = calloc(entries, sizeof *side->leaves);
    FUZZ_REQUIRE(side->leaves);
    for (uint32_t i = 0; i < entries; i++)
        if (cmr__entry_is_leaf(cmr__document_entry(side->document, i), i))
            side->leaves[side->count++] = (struct leaf){ fuzz_key_of(side->document, i), i };
}

static void open_side(struct side *side, cmr__document *document)
{
    cmr__part *part = cmr__part_new("m", "..1", 1);
    FUZZ_REQUIRE(part);
    part->files[0] = (struct cmr__part_file){ strdup("file"), cmr__document_ref(document) };
    *side = (struct side){ .document = document, .snapshot = cmr__snapshot_new(1, &part, 1) };
    cmr__part_unref(part);
    render(side);
}

static void close_side(struct side *side)
{
    for (size_t i = 0; i < side->count; i++)
        free(side->leaves[i].key);
    free(side->leaves);
    cmr_snapshot_unref(side->snapshot);
}

static const struct leaf *find(const struct side *side, const char *key)
{
    for (size_t i = 0; i < side->count; i++)
        if (strcmp(side->leaves[i].key, key) == 0)
            return &side->leaves[i];
    return NULL;
}

/* The value by what users can see of it; a text file's last newline is among that. */
static bool looks_same(const struct side *one, uint32_t o, const struct side *two, uint32_t t)
{
    struct cmr__part_file *files[] = { one->snapshot->parts[0]->files, two->snapshot->parts[0]->files };
    struct cmr__location here = { NULL, files[0], o, false }, there = { NULL, files[1], t, false };
    cmr_value a, b;
    for (cmr_type type = CMR_TYPE_ANY; type <= CMR_TYPE_BYTES; type += CMR_TYPE_BYTES) {
        cmr_status status = cmr__location_value(&here, type, NULL, &a);
        if (status != cmr__location_value(&there, type, NULL, &b))
            return false;
        if (status == CMR_OK &&
            (a.type != b.type || a.length != b.length || memcmp(a.text, b.text, a.length) != 0))
            return false;
    }
    return true;
}

static bool diff_has(const struct cmr__diff *diff, cmr_change_kind kind, uint32_t old_entry,
                     uint32_t new_entry)
{
    size_t found = 0;
    for (size_t i = 0; i < cmr__diff_count(diff); i++) {
        const struct cmr__difference *item = cmr__diff_at(diff, i);
        found += item->kind == kind && (kind == CMR_ADDED || item->old_entry == old_entry) &&
                 (kind == CMR_REMOVED || item->new_entry == new_entry);
    }
    return found == 1;
}

/* Returns how many differences there are, each of which the diff must have. */
static size_t compare_all(const struct side *old, const struct side *new, const struct cmr__diff *diff)
{
    size_t count = 0;
    for (size_t i = 0; i < new->count; i++) {
        const struct leaf *leaf = &new->leaves[i], *was = find(old, leaf->key);
        if (was && looks_same(old, was->entry, new, leaf->entry))
            continue;
        FUZZ_REQUIRE(diff_has(diff, was ? CMR_MODIFIED : CMR_ADDED, was ? was->entry : 0, leaf->entry));
        count++;
    }
    for (size_t i = 0; i < old->count; i++) {
        if (find(new, old->leaves[i].key))
            continue;
        FUZZ_REQUIRE(diff_has(diff, CMR_REMOVED, old->leaves[i].entry, 0));
        count++;
    }
    return count;
}

static void compare(cmr__document *old, cmr__document *new)
{
    struct side before, after;
    struct cmr__diff diff = CMR__DIFF_INIT;
    open_side(&before, old);
    open_side(&after, new);
    FUZZ_REQUIRE(before.snapshot && after.snapshot);
    FUZZ_REQUIRE(cmr__diff_compute(before.snapshot, after.snapshot, &diff) == CMR_OK);
    FUZZ_REQUIRE(compare_all(&before, &after, &diff) == cmr__diff_count(&diff));
    cmr__diff_reset(&diff);
    close_side(&before);
    close_side(&after);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *marker = size ? memmem(data + 1, size - 1, MARKER, strlen(MARKER)) : NULL;
    if (!marker)
        return 0;
    const struct cmr__format *format = cmr__format_by_name(format_name(data[0]));
    const uint8_t *second = marker + strlen(MARKER);
    cmr__document *old = fuzz_parse(format, data + 1, (size_t)(marker - data - 1));
    cmr__document *new = fuzz_parse(format, second, (size_t)(data + size - second));
    if (old && new) {
        compare(old, new);
        compare(new, old);
    }
    cmr__document_unref(old);
    cmr__document_unref(new);
    return 0;
}
