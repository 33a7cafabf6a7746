/* SPDX-License-Identifier: MIT
 *
 * One format, FUZZ_FORMAT: any bytes make diagnostics or a document. A document passes the checker, holds the
 * limits, is found by its keys, entry by entry, and is the same block each time. A key as a pattern matches
 * its entry and no other. */
#include <string.h>

#include "fuzz/fuzz.h"
#include "model/check.h"
#include "model/key.h"
#include "support/document_reads.h"

static void check_limits(const cmr__document *document, size_t size)
{
    size_t length;
    cmr__document_raw(document, &length);
    FUZZ_REQUIRE(length == size);
    FUZZ_REQUIRE(document->block->entry_count - 1 <= fuzz_limits.entries);
    for (uint32_t i = 0; i < document->block->entry_count; i++) {
        unsigned depth = 0;
        for (uint32_t at = i; at; at = cmr__document_entry(document, at)->parent)
            depth++;
        FUZZ_REQUIRE(depth <= fuzz_limits.depth + (cmr__document_entry(document, i)->kind == CMR__SCALAR));
    }
}

static void check_pattern(const cmr__document *document, uint32_t entry)
{
    struct cmr__patterns patterns;
    char *key = fuzz_key_of(document, entry);
    cmr_status status = cmr__patterns_new(key, NULL, &patterns);
    FUZZ_REQUIRE(status == CMR_OK || strlen(key) > CMR__KEY_SCRATCH / 2);
    for (uint32_t i = 0; status == CMR_OK && i < document->block->entry_count; i++)
        FUZZ_REQUIRE(cmr__patterns_match(&patterns, "m", true, "file", document, i) == (i == entry));
    if (status == CMR_OK)
        cmr__patterns_reset(&patterns);
    free(key);
}

static void check_twice(const struct cmr__format *format, const cmr__document *document, const uint8_t *data,
                        size_t size)
{
    cmr__document *again = fuzz_parse(format, data, size);
    FUZZ_REQUIRE(again && again->block->size == document->block->size);
    FUZZ_REQUIRE(memcmp(again->block, document->block, document->block->size) == 0);
    cmr__document_unref(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct cmr__format *format = cmr__format_by_name(FUZZ_FORMAT);
    const char *reason = "";
    FUZZ_REQUIRE(format);
    cmr__document *document = fuzz_parse(format, data, size);
    if (!document)
        return 0;
    if (!cmr__document_check(document->block, document->block->size, &reason))
        fprintf(stderr, "refused: %s\n", reason);
    FUZZ_REQUIRE(*reason == '\0');
    FUZZ_REQUIRE(document->block->flat == format->flat);
    check_limits(document, size);
    read_document_whole(document);
    for (uint32_t i = 1; i < document->block->entry_count && i < 32; i++)
        check_pattern(document, i);
    check_twice(format, document, data, size);
    cmr__document_unref(document);
    return 0;
}
