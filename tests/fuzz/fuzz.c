/* SPDX-License-Identifier: MIT
 *
 * A parse as the pipeline does it, with what must hold whatever the format and the bytes: a document or
 * diagnostics, never both and never neither, and diagnostics that can be shown. */
#include "fuzz/fuzz.h"

#include <string.h>

#include "base/diagnostic.h"
#include "base/utf8.h"
#include "model/check.h"
#include "model/key.h"
#include "support/document_reads.h"

const cmr_limits fuzz_limits = {
    .file_size = 1 << 20, .generation_size = 8 << 20, .files = 16, .depth = 24, .entries = 400
};

char *fuzz_copy(const void *data, size_t size)
{
    char *copy = malloc(size + 1);
    FUZZ_REQUIRE(copy);
    if (size)
        memcpy(copy, data, size);
    copy[size] = '\0';
    return copy;
}

/* A format of an application's own says its places itself, and may be at fault itself. */
static void check_diagnostic(const struct cmr__format *format, const cmr_diagnostic *diagnostic, size_t size)
{
    const char *message = diagnostic->message;
    FUZZ_REQUIRE(diagnostic->status == CMR_ERR_SYNTAX || diagnostic->status == CMR_ERR_LIMIT ||
                 (format->own && diagnostic->status == CMR_ERR_INVALID_ARGUMENT));
    FUZZ_REQUIRE(format->own || (diagnostic->line <= size + 1 && diagnostic->column <= size + 2));
    FUZZ_REQUIRE(*message && !strchr(message, '\n'));
    FUZZ_REQUIRE(cmr__utf8_valid_prefix(message, strlen(message)) == strlen(message));
}

static void check_report(const struct cmr__format *format, cmr_report *report, cmr_status status, size_t size)
{
    if (format->own && (status == CMR_ERR_NO_MEMORY || status == CMR_ERR_SYSTEM))
        return;
    FUZZ_REQUIRE(status == CMR_OK || status == CMR_ERR_SYNTAX || status == CMR_ERR_LIMIT ||
                 (format->own && status == CMR_ERR_INVALID_ARGUMENT));
    FUZZ_REQUIRE((status == CMR_OK) == cmr__report_is_empty(report));
    for (size_t i = 0; i < cmr_report_count(report); i++)
        check_diagnostic(format, cmr_report_get(report, i), size);
}

cmr__document *fuzz_parse(const struct cmr__format *format, const void *data, size_t size)
{
    char *raw = fuzz_copy(data, size);
    cmr_report *report = cmr__report_new();
    cmr__document *document = NULL;
    FUZZ_REQUIRE(report);
    cmr_status status = cmr__format_parse(format, "file", raw, size, &fuzz_limits, report, &document);
    free(raw); /* a document holds all that it needs */
    check_report(format, report, status, size);
    FUZZ_REQUIRE((status == CMR_OK) == (document != NULL));
    cmr_report_free(report);
    return document;
}

char *fuzz_key_of(const cmr__document *document, uint32_t entry)
{
    struct cmr__buffer key = CMR__BUFFER_INIT;
    cmr__key_format(&key, "file", document, entry);
    return cmr__buffer_take(&key);
}

/* ---- a format */

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

static void check_twice(const struct cmr__format *format, const cmr__document *document, const void *data,
                        size_t size)
{
    cmr__document *again = fuzz_parse(format, data, size);
    FUZZ_REQUIRE(again && again->block->size == document->block->size);
    FUZZ_REQUIRE(memcmp(again->block, document->block, document->block->size) == 0);
    cmr__document_unref(again);
}

void fuzz_format(const struct cmr__format *format, const void *data, size_t size)
{
    const char *reason = "";
    cmr__document *document = fuzz_parse(format, data, size);
    if (!document)
        return;
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
}
