/* SPDX-License-Identifier: MIT
 *
 * The report: what is wrong with a generation, collected over all files. It keeps the first
 * CMR__REPORT_MAX diagnostics and counts the rest. When a diagnostic cannot be stored for want of
 * memory the report says so in `failed`, and whoever asks answers CMR_ERR_NO_MEMORY: a bad file is
 * never mistaken for a good one. */
#ifndef CMRELOAD_BASE_DIAGNOSTIC_H
#define CMRELOAD_BASE_DIAGNOSTIC_H

#include "cmreload/cmreload.h"

#define CMR__REPORT_MAX 100

struct cmr_report {
    cmr_diagnostic *items;
    size_t count;
    size_t capacity;
    size_t dropped; /* over CMR__REPORT_MAX */
    bool failed;    /* out of memory while adding */
    bool secret;    /* what may quote a file's text is not even formatted; set before the first is added */
};

cmr_report *cmr__report_new(void);

/* NULL is no secret's. */
static inline bool cmr__report_is_secret(const cmr_report *report)
{
    return report && report->secret;
}

/* Adds a diagnostic; file and key may be NULL (""). All texts are copied. Does nothing on NULL. */
void cmr__report_add(cmr_report *report, cmr_status status, const char *file, unsigned line, unsigned column,
                     const char *key, const char *format, ...) __attribute__((format(printf, 7, 8)));

/* Adds what the other report holds; that one is not finished. */
void cmr__report_append(cmr_report *report, const cmr_report *other);

/* A copy, all or nothing; NULL: out of memory, now or when the other one was filled, or a copy of NULL. */
cmr_report *cmr__report_copy(const cmr_report *report);

/* Whether anything was added, kept or not. */
bool cmr__report_is_empty(const cmr_report *report);

/* Empties the report, for another try. */
void cmr__report_clear(cmr_report *report);

/* Sorts by file, line, column and, if some were dropped, adds the closing diagnostic. Called once. */
void cmr__report_finish(cmr_report *report);

/* "file:line:column: key: message", without what does not apply, into a malloc'ed text; NULL when out of
 * memory. */
char *cmr__diagnostic_format(const cmr_diagnostic *diagnostic);

void cmr__report_free_place(cmr_report **place); /* for cmr_cleanup */

#endif
