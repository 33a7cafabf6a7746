/* SPDX-License-Identifier: MIT
 *
 * A parse as the pipeline does it, with what must hold whatever the format and the bytes: a document or
 * diagnostics, never both and never neither, and diagnostics that can be shown. */
#include "fuzz/fuzz.h"

#include <string.h>

#include "base/diagnostic.h"
#include "base/utf8.h"
#include "model/key.h"

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

static void check_diagnostic(const cmr_diagnostic *diagnostic, size_t size)
{
    const char *message = diagnostic->message;
    FUZZ_REQUIRE(diagnostic->status == CMR_ERR_SYNTAX || diagnostic->status == CMR_ERR_LIMIT);
    FUZZ_REQUIRE(diagnostic->line <= size + 1 && diagnostic->column <= size + 2);
    FUZZ_REQUIRE(*message && !strchr(message, '\n'));
    FUZZ_REQUIRE(cmr__utf8_valid_prefix(message, strlen(message)) == strlen(message));
}

static void check_report(cmr_report *report, cmr_status status, size_t size)
{
    FUZZ_REQUIRE(status == CMR_OK || status == CMR_ERR_SYNTAX || status == CMR_ERR_LIMIT);
    FUZZ_REQUIRE((status == CMR_OK) == cmr__report_is_empty(report));
    for (size_t i = 0; i < cmr_report_count(report); i++)
        check_diagnostic(cmr_report_get(report, i), size);
}

cmr__document *fuzz_parse(const struct cmr__format *format, const void *data, size_t size)
{
    char *raw = fuzz_copy(data, size);
    cmr_report *report = cmr__report_new();
    cmr__document *document = NULL;
    FUZZ_REQUIRE(report);
    cmr_status status = cmr__format_parse(format, "file", raw, size, &fuzz_limits, report, &document);
    free(raw); /* a document holds all that it needs */
    check_report(report, status, size);
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
