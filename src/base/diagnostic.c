/* SPDX-License-Identifier: MIT
 *
 * The report of what is wrong with a generation.
 *
 * A diagnostic's three texts lie in one allocation, file, key and message in this order, so that
 * `file` is also the block to free. The list is short by construction (CMR__REPORT_MAX), which is why
 * it is sorted by insertion: stable, and without memory that could be lacking.
 *
 * Running out of memory loses diagnostics and sets `failed`; a report that failed is not empty.
 */
#include "base/diagnostic.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/cleanup.h"

#define FIRST_CAPACITY 8

cmr_report *cmr__report_new(void)
{
    return calloc(1, sizeof(cmr_report));
}

static char *copy_texts(const cmr_diagnostic *diagnostic)
{
    struct cmr__buffer texts = CMR__BUFFER_INIT;

    cmr__buffer_append(&texts, diagnostic->file, strlen(diagnostic->file) + 1);
    cmr__buffer_append(&texts, diagnostic->key, strlen(diagnostic->key) + 1);
    cmr__buffer_append_text(&texts, diagnostic->message);
    return cmr__buffer_take(&texts);
}

static bool make_room(cmr_report *report)
{
    size_t capacity = report->capacity ? report->capacity * 2 : FIRST_CAPACITY;
    cmr_diagnostic *items;

    if (report->count < report->capacity)
        return true;
    items = realloc(report->items, capacity * sizeof(*items));
    if (!items)
        return false;
    report->items = items;
    report->capacity = capacity;
    return true;
}

static void keep(cmr_report *report, const cmr_diagnostic *given)
{
    cmr_diagnostic kept = *given;
    char *texts = make_room(report) ? copy_texts(given) : NULL;

    if (!texts) {
        report->failed = true;
        return;
    }
    kept.file = texts;
    kept.key = kept.file + strlen(kept.file) + 1;
    kept.message = kept.key + strlen(kept.key) + 1;
    report->items[report->count++] = kept;
}

__attribute__((format(printf, 1, 0))) static char *format_message(const char *format, va_list arguments)
{
    struct cmr__buffer message = CMR__BUFFER_INIT;

    cmr__buffer_vprintf(&message, format, arguments);
    return cmr__buffer_take(&message);
}

/* Grammars, and functions that read formats of the application's own, quote what they meet. All others have
 * the file's text by their own arrangement or not at all. */
static bool may_quote(cmr_status status)
{
    return status == CMR_ERR_SYNTAX || status == CMR_ERR_INVALID_ARGUMENT;
}

void cmr__report_add(cmr_report *report, cmr_status status, const char *file, unsigned line, unsigned column,
                     const char *key, const char *format, ...)
{
    cmr_cleanup(cmr__free_ptr) char *message = NULL;
    va_list arguments;

    if (!report)
        return;
    if (report->count >= CMR__REPORT_MAX) {
        report->dropped++;
        return;
    }
    va_start(arguments, format);
    message = report->secret && may_quote(status)
                  ? strdup("does not follow the format here; a secret's text is not shown")
                  : format_message(format, arguments);
    va_end(arguments);
    if (!message) {
        report->failed = true;
        return;
    }
    keep(report, &(cmr_diagnostic){ .status = status,
                                    .file = file ? file : "",
                                    .line = line,
                                    .column = column,
                                    .key = key ? key : "",
                                    .message = message });
}

bool cmr__report_is_empty(const cmr_report *report)
{
    return report->count == 0 && report->dropped == 0 && !report->failed;
}

static bool comes_before(const cmr_diagnostic *one, const cmr_diagnostic *other)
{
    int order = strcmp(one->file, other->file);

    if (order != 0)
        return order < 0;
    if (one->line != other->line)
        return one->line < other->line;
    return one->column < other->column;
}

static void sort(cmr_diagnostic *items, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        cmr_diagnostic moving = items[i];
        size_t at = i;

        for (; at > 0 && comes_before(&moving, &items[at - 1]); at--)
            items[at] = items[at - 1];
        items[at] = moving;
    }
}

void cmr__report_finish(cmr_report *report)
{
    char message[64];

    sort(report->items, report->count);
    if (report->dropped == 0)
        return;
    snprintf(message, sizeof(message), "%zu more not shown", report->dropped);
    keep(report, &(cmr_diagnostic){ .status = CMR_ERR_LIMIT, .file = "", .key = "", .message = message });
}

char *cmr__diagnostic_format(const cmr_diagnostic *diagnostic)
{
    struct cmr__buffer text = CMR__BUFFER_INIT;

    if (diagnostic->file[0]) {
        cmr__buffer_append_text(&text, diagnostic->file);
        if (diagnostic->line)
            cmr__buffer_printf(&text, ":%u", diagnostic->line);
        if (diagnostic->line && diagnostic->column)
            cmr__buffer_printf(&text, ":%u", diagnostic->column);
        cmr__buffer_append_text(&text, ": ");
    }
    if (diagnostic->key[0])
        cmr__buffer_printf(&text, "%s: ", diagnostic->key);
    cmr__buffer_append_text(&text, diagnostic->message);
    return cmr__buffer_take(&text);
}

void cmr__report_free_place(cmr_report **place)
{
    cmr_report_free(*place);
}

size_t cmr_report_count(const cmr_report *report)
{
    return report ? report->count : 0;
}

const cmr_diagnostic *cmr_report_get(const cmr_report *report, size_t index)
{
    return index < cmr_report_count(report) ? &report->items[index] : NULL;
}

void cmr__report_append(cmr_report *report, const cmr_report *other)
{
    for (size_t i = 0; i < other->count; i++) {
        const cmr_diagnostic *item = &other->items[i];
        cmr__report_add(report, item->status, item->file, item->line, item->column, item->key, "%s",
                        item->message);
    }
    report->dropped += other->dropped;
    report->failed |= other->failed;
}

/* It may be finished, and one longer than those that are added to. */
cmr_report *cmr__report_copy(const cmr_report *report)
{
    cmr_cleanup(cmr__report_free_place) cmr_report *copy = report ? cmr__report_new() : NULL;
    if (!copy)
        return NULL;
    *copy = (cmr_report){ .dropped = report->dropped, .failed = report->failed, .secret = report->secret };
    for (size_t i = 0; i < report->count && !copy->failed; i++)
        keep(copy, &report->items[i]);
    return copy->failed ? NULL : CMR_TAKE(copy);
}

void cmr__report_clear(cmr_report *report)
{
    for (size_t i = 0; i < report->count; i++)
        free((char *)report->items[i].file);
    free(report->items);
    *report = (cmr_report){ .secret = report->secret };
}

void cmr_report_free(cmr_report *report)
{
    if (!report)
        return;
    cmr__report_clear(report);
    free(report);
}
