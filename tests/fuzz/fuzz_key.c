/* SPDX-License-Identifier: MIT
 *
 * The first line is a key or pattern, the others are names of entries. A key whose path is built as a
 * document is found in it, its canonical text means the same, and as a pattern it matches there. What a
 * pattern matches is compared with a plain recursive reading of the grammar. */
#include <string.h>

#include "base/utf8.h"
#include "fuzz/fuzz.h"
#include "model/key.h"

#define LARGEST_ITEM 4 /* a list is filled up to it */
#define MOST_SEGMENTS 10

static const struct cmr__place nowhere = { 1, 1 };
static const cmr_limits limits = { .file_size = 1 << 20, .files = 16, .depth = 300, .entries = 4000 };

/* ---- keys */

static bool add_child(struct cmr__builder *builder, const struct cmr__segment *segment,
                      const struct cmr__segment *below)
{
    const char *name = segment && segment->kind == CMR__SEGMENT_NAME ? segment->text : segment ? NULL : "";
    for (uint32_t i = 0; segment && segment->kind == CMR__SEGMENT_ITEM && i < segment->item; i++)
        cmr__builder_scalar(builder, CMR__SCALAR_NULL, NULL, 0, "", 0, nowhere, 0);
    size_t length = name && segment ? segment->length : 0;
    if (!below)
        return cmr__builder_scalar(builder, CMR__SCALAR_STRING, name, length, "x", 1, nowhere, 0);
    return cmr__builder_open(builder, below->kind == CMR__SEGMENT_ITEM ? CMR__LIST : CMR__MAP, name, length,
                             nowhere, 0);
}

/* A document that has the key's path, and nothing else but items before it. NULL: the builder cannot. */
static cmr__document *document_of(const struct cmr__key *key)
{
    struct cmr__builder builder;
    struct cmr__document_head *block = NULL;
    cmr_report *report = cmr__report_new();
    bool told = true;
    cmr__builder_init(&builder, "file", "", 0, false, &limits, report);
    for (size_t i = 0; told && i <= key->count; i++)
        told =
            add_child(&builder, i ? &key->segments[i - 1] : NULL, i < key->count ? &key->segments[i] : NULL);
    for (size_t i = 0; told && i < key->count; i++)
        cmr__builder_close(&builder);
    if (told)
        FUZZ_REQUIRE(cmr__builder_finish(&builder, CMR__DUPLICATES_REFUSED, &block) == CMR_OK);
    cmr__builder_reset(&builder);
    cmr_report_free(report);
    return block ? cmr__document_new(block, false, "yaml") : NULL;
}

static uint32_t find(const cmr__document *document, const struct cmr__key *key)
{
    return cmr__document_find(document, key->segments, key->count, key->flat, key->flat_length);
}

static void check_found(const struct cmr__key *key, const char *text, size_t size,
                        const cmr__document *document)
{
    uint32_t last = document->block->entry_count - 1;
    struct cmr__patterns patterns;
    struct cmr__key again;
    FUZZ_REQUIRE(find(document, key) == last);
    char *canonical = fuzz_key_of(document, last);
    if (cmr__key_parse(&again, canonical, strlen(canonical), false, NULL))
        FUZZ_REQUIRE(find(document, &again) == last);
    else
        FUZZ_REQUIRE(strlen(canonical) > CMR__KEY_SCRATCH / 2);
    free(canonical);
    if (memchr(text, '\0', size))
        return;
    FUZZ_REQUIRE(cmr__patterns_new(text, NULL, &patterns) == CMR_OK && patterns.count == 1);
    FUZZ_REQUIRE(cmr__pattern_matches_entry(&patterns.items[0], document, last));
    cmr__patterns_reset(&patterns);
}

static void check_key(const char *text, size_t size)
{
    struct cmr__key key;
    size_t where = 0;
    if (!cmr__key_parse(&key, text, size, false, &where)) {
        FUZZ_REQUIRE(where <= size);
        return;
    }
    FUZZ_REQUIRE(!key.wild && key.count <= CMR__KEY_SEGMENTS);
    if (cmr__utf8_valid_prefix(text, size) != size) /* names that no document has */
        return;
    for (size_t i = 0; i < key.count; i++)
        if (key.segments[i].kind == CMR__SEGMENT_ITEM && key.segments[i].item > LARGEST_ITEM)
            return;
    cmr__document *document = document_of(&key);
    if (document)
        check_found(&key, text, size, document);
    cmr__document_unref(document);
}

/* ---- patterns */

static bool glob(const char *pattern, size_t length, const char *text, size_t left)
{
    if (length == 0)
        return left == 0;
    if (*pattern == '*')
        return glob(pattern + 1, length - 1, text, left) ||
               (left && glob(pattern, length, text + 1, left - 1));
    return left && *pattern == *text && glob(pattern + 1, length - 1, text + 1, left - 1);
}

static bool fits(const struct cmr__segment *wanted, const struct cmr__segment *segment)
{
    bool item = segment->kind == CMR__SEGMENT_ITEM;
    if (wanted->kind == CMR__SEGMENT_ITEM)
        return item && wanted->item == segment->item;
    if (wanted->kind == CMR__SEGMENT_ANY_ITEM || item)
        return item && (wanted->kind == CMR__SEGMENT_ANY_ITEM ||
                        (wanted->kind == CMR__SEGMENT_GLOB && wanted->length == 1));
    if (wanted->kind == CMR__SEGMENT_GLOB)
        return glob(wanted->text, wanted->length, segment->text, segment->length);
    return wanted->length == segment->length && memcmp(wanted->text, segment->text, segment->length) == 0;
}

static bool matches(const struct cmr__segment *wanted, size_t count, const struct cmr__segment *segments,
                    size_t left)
{
    if (count == 0)
        return left == 0;
    if (wanted->kind == CMR__SEGMENT_DEEP)
        return matches(wanted + 1, count - 1, segments, left) ||
               (left && matches(wanted, count, segments + 1, left - 1));
    return left && fits(wanted, segments) && matches(wanted + 1, count - 1, segments + 1, left - 1);
}

static void compare_matches(const struct cmr__pattern *pattern, const cmr__document *document)
{
    struct cmr__path path;
    for (uint32_t i = 1; i < document->block->entry_count && i < 20; i++) {
        const struct cmr__entry *entry = cmr__document_entry(document, i);
        cmr__path_of_entry(&path, document, i);
        if (path.count > MOST_SEGMENTS || entry->name_length > 40)
            continue;
        FUZZ_REQUIRE(
            cmr__pattern_matches_entry(pattern, document, i) ==
            (pattern->any_path || matches(pattern->segments, pattern->count, path.segments, path.count)));
    }
}

static bool is_small(const struct cmr__pattern *pattern)
{
    size_t stars = 0;
    for (size_t i = 0; i < pattern->count; i++)
        for (size_t j = 0; pattern->segments[i].text && j < pattern->segments[i].length; j++)
            stars += pattern->segments[i].text[j] == '*';
    return pattern->count <= MOST_SEGMENTS && stars <= 8;
}

/* Plain keys are looked up in a flat document as one text: those are check_key's. */
static void check_patterns(const char *text, const cmr__document *document)
{
    struct cmr__patterns patterns;
    size_t where = 0;
    if (cmr__patterns_new(text, &where, &patterns) != CMR_OK) {
        FUZZ_REQUIRE(where <= strlen(text));
        return;
    }
    for (size_t i = 0; i < patterns.count; i++)
        if (patterns.items[i].wild && is_small(&patterns.items[i]))
            compare_matches(&patterns.items[i], document);
    cmr__patterns_reset(&patterns);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *line = size ? memchr(data, '\n', size) : NULL;
    size_t length = line ? (size_t)(line - data) : size;
    char *text = fuzz_copy(data, length);
    check_key(text, length);
    FUZZ_REQUIRE((cmr_key_check(text, NULL) == CMR_OK) <= (cmr_pattern_check(text, NULL) == CMR_OK));
    cmr__document *document = fuzz_parse(cmr__format_by_name("properties"), data + length, size - length);
    if (document)
        check_patterns(text, document);
    cmr__document_unref(document);
    free(text);
    return 0;
}
