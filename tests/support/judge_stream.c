/* SPDX-License-Identifier: MIT
 *
 * An input gets memory of just its size, so that a sanitizer sees a read beyond the NUL. */
#include "support/judge_stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/diagnostic.h"

static bool read_number(uint32_t *ret_number)
{
    unsigned char bytes[4];
    if (fread(bytes, sizeof bytes, 1, stdin) != 1)
        return false;
    *ret_number = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
    return true;
}

void judge_write_number(uint32_t number)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        putchar((int)(number >> shift & 0xff));
}

void judge_write_text(const char *text, uint32_t length)
{
    judge_write_number(length);
    fwrite(text, 1, length, stdout);
}

void judge_write_name(const cmr__document *document, const struct cmr__entry *entry)
{
    judge_write_text(cmr__document_at(document, entry->name_offset), entry->name_length);
}

void judge_write_value(const cmr__document *document, const struct cmr__entry *entry)
{
    judge_write_text(cmr__document_at(document, entry->value_offset), entry->value_length);
}

void judge_write_pairs(const cmr__document *document)
{
    judge_write_number(document->block->entry_count - 1);
    for (uint32_t i = 1; i < document->block->entry_count; i++) {
        judge_write_name(document, cmr__document_entry(document, i));
        judge_write_value(document, cmr__document_entry(document, i));
    }
}

static void write_entry(const cmr__document *document, const struct cmr__entry *entry)
{
    judge_write_number(entry->kind);
    judge_write_number(cmr__entry_type(entry));
    judge_write_number((entry->flags & CMR__ENTRY_QUOTED) != 0);
    judge_write_number(entry->line);
    judge_write_number(cmr__entry_column(entry));
    judge_write_name(document, entry);
    if (entry->kind == CMR__SCALAR)
        judge_write_value(document, entry);
    else
        judge_write_number(entry->value_length);
}

void judge_write_entries(const cmr__document *document)
{
    judge_write_number(document->block->entry_count);
    for (uint32_t i = 0; i < document->block->entry_count; i++)
        write_entry(document, cmr__document_entry(document, i));
}

int judge_each_input(bool (*answer)(void *user, const char *raw, size_t length), void *user)
{
    uint32_t length;
    while (read_number(&length)) {
        char *raw = malloc((size_t)length + 1);
        if (!raw || fread(raw, 1, length, stdin) != length)
            return 3;
        raw[length] = '\0';
        bool answered = answer(user, raw, length);
        free(raw);
        if (!answered)
            return 3;
    }
    return fflush(stdout) == 0 ? 0 : 3;
}

struct question {
    const struct cmr__format *format;
    const cmr_limits *limits;
    void (*write)(const cmr__document *document);
    bool reasons;
};

/* Of all that is wrong, what stands first. */
static void write_reason(cmr_report *report)
{
    cmr__report_finish(report);
    const cmr_diagnostic *first = cmr_report_get(report, 0);
    const char *message = first ? first->message : "";
    judge_write_number(first ? first->line : 0);
    judge_write_number(first ? first->column : 0);
    judge_write_text(message, (uint32_t)strlen(message));
}

static bool answer_question(void *user, const char *raw, size_t length)
{
    const struct question *question = user;
    cmr__document *document = NULL;
    cmr_report *report = cmr__report_new();
    if (!report)
        return false;
    cmr_status status =
        cmr__format_parse(question->format, "input", raw, length, question->limits, report, &document);
    if (status == CMR_OK)
        question->write(document);
    else
        judge_write_number((uint32_t)status);
    if (status != CMR_OK && question->reasons)
        write_reason(report);
    cmr__document_unref(document);
    cmr_report_free(report);
    return true;
}

int judge_answer_all(const struct cmr__format *format, const cmr_limits *limits,
                     void (*write)(const cmr__document *document))
{
    struct question question = { format, limits, write, false };
    return judge_each_input(answer_question, &question);
}

int judge_answer_all_with_reasons(const struct cmr__format *format, const cmr_limits *limits,
                                  void (*write)(const cmr__document *document))
{
    struct question question = { format, limits, write, true };
    return judge_each_input(answer_question, &question);
}

struct value_question {
    cmr_type type;
    uint64_t (*bits)(const cmr_value *value);
};

static bool answer_value(void *user, const char *raw, size_t length)
{
    const struct value_question *question = user;
    cmr_value value;
    (void)length;
    cmr_status status = cmr_value_parse(raw, question->type, NULL, &value);
    judge_write_number((uint32_t)status);
    if (status == CMR_OK) {
        judge_write_number((uint32_t)(question->bits(&value) >> 32));
        judge_write_number((uint32_t)question->bits(&value));
    }
    return true;
}

int judge_answer_values(cmr_type type, uint64_t (*bits)(const cmr_value *value))
{
    struct value_question question = { type, bits };
    return judge_each_input(answer_value, &question);
}
