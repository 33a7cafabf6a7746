/* SPDX-License-Identifier: MIT
 *
 * What a format reads, as text: document_text() of the document, or what is wrong with the file, a line each:
 *
 *     ! syntax 3:5: did not find expected key
 */
#ifndef CMRELOAD_TESTS_SUPPORT_FORMAT_TEXT_H
#define CMRELOAD_TESTS_SUPPORT_FORMAT_TEXT_H

#include "format/format.h"

/* The limits' defaults. */
extern const cmr_limits default_limits;

/* The caller's to free. limits may be NULL: the defaults. The format gets a copy of just that size, so that a
 * sanitizer sees a read beyond the NUL. */
char *format_text(const struct cmr__format *format, const char *raw, size_t length, const cmr_limits *limits);

/* The document, which must be readable. */
cmr__document *read_document(const struct cmr__format *format, const char *raw, size_t length);

struct format_case {
    const char *name;
    const char *raw;
    size_t length;
    const char *expected;
};

/* For raw bytes that are a literal, which may hold NUL bytes. */
#define FORMAT_CASE(name, raw, expected)                                                                     \
    {                                                                                                        \
        name, raw, sizeof(raw) - 1, expected                                                                 \
    }

/* Fails, after all of them were read, when one does not read as expected. */
void check_format_cases(const struct cmr__format *format, const struct format_case *cases, size_t count);

#define CHECK_FORMAT_CASES(format, cases) check_format_cases(format, cases, sizeof(cases) / sizeof *(cases))

#endif
