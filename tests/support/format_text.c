/* SPDX-License-Identifier: MIT
 *
 * The way through a format as the pipeline takes it, and its outcome as one text. */
#include "support/format_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/diagnostic.h"
#include "support/document_text.h"

const cmr_limits default_limits = {
    .file_size = 1 << 20, .generation_size = 8 << 20, .files = 4096, .depth = 64, .entries = 200000
};

static char *copy_raw(const char *raw, size_t length)
{
    char *copy = malloc(length + 1);
    assert_non_null(copy);
    if (length)
        memcpy(copy, raw, length);
    copy[length] = '\0';
    return copy;
}

static char *report_text(cmr_report *report)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    cmr__report_finish(report);
    for (size_t i = 0; i < cmr_report_count(report); i++) {
        const cmr_diagnostic *diagnostic = cmr_report_get(report, i);
        const char *status = diagnostic->status == CMR_ERR_SYNTAX             ? "syntax"
                             : diagnostic->status == CMR_ERR_LIMIT            ? "limit"
                             : diagnostic->status == CMR_ERR_INVALID_ARGUMENT ? "misuse"
                                                                              : "?";
        fprintf(out, "! %s %u:%u: %s\n", status, diagnostic->line, diagnostic->column, diagnostic->message);
    }
    fclose(out);
    return text;
}

char *format_text(const struct cmr__format *format, const char *raw, size_t length, const cmr_limits *limits)
{
    char *copy = copy_raw(raw, length);
    cmr_report *report = cmr__report_new();
    cmr__document *document = NULL;
    assert_non_null(report);
    cmr_status status = cmr__format_parse(format, "a.file", copy, length, limits ? limits : &default_limits,
                                          report, &document);
    free(copy); /* before the document is looked at: it must hold all that it needs */
    char *text = status == CMR_OK ? document_text(document) : report_text(report);
    assert_int_equal(status == CMR_OK, cmr__report_is_empty(report));
    assert_int_equal(status == CMR_OK, document != NULL);
    cmr__document_unref(document);
    cmr_report_free(report);
    return text;
}

cmr__document *read_document(const struct cmr__format *format, const char *raw, size_t length)
{
    char *copy = copy_raw(raw, length);
    cmr_report *report = cmr__report_new();
    cmr__document *document = NULL;
    assert_non_null(report);
    assert_int_equal(CMR_OK,
                     cmr__format_parse(format, "a.file", copy, length, &default_limits, report, &document));
    cmr_report_free(report);
    free(copy);
    return document;
}

void check_format_cases(const struct cmr__format *format, const struct format_case *cases, size_t count)
{
    size_t failures = 0;
    for (size_t i = 0; i < count; i++) {
        char *text = format_text(format, cases[i].raw, cases[i].length, NULL);
        if (strcmp(text, cases[i].expected) != 0) {
            print_error("%s: read\n%swanted\n%s", cases[i].name, text, cases[i].expected);
            failures++;
        }
        free(text);
    }
    assert_int_equal(failures, 0);
}
