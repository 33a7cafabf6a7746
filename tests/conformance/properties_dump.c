/* SPDX-License-Identifier: MIT
 *
 * Reads each input with our properties parser and says what was in it: the party that
 * properties_judge.py puts before java.util.Properties.
 *
 * All integers are big-endian and of 32 bits. In: for each input its length and its bytes, to the end
 * of the stream. Out: for each input the number of properties, or a negative cmr_status; then each
 * property's key and value, in the order of the document, as a length and UTF-8. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/diagnostic.h"
#include "format/format.h"

static const cmr_limits limits = {
    .file_size = 1 << 30, .generation_size = 1 << 30, .files = 1, .depth = 64, .entries = 1 << 30
};

static bool read_number(uint32_t *ret_number)
{
    unsigned char bytes[4];
    if (fread(bytes, sizeof bytes, 1, stdin) != 1)
        return false;
    *ret_number = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
    return true;
}

static void write_number(uint32_t number)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        putchar((int)(number >> shift & 0xff));
}

static void write_text(const char *text, uint32_t length)
{
    write_number(length);
    fwrite(text, 1, length, stdout);
}

static void write_document(const cmr__document *document)
{
    write_number(document->block->entry_count - 1);
    for (uint32_t i = 1; i < document->block->entry_count; i++) {
        const struct cmr__entry *entry = cmr__document_entry(document, i);
        write_text(cmr__document_at(document, entry->name_offset), entry->name_length);
        write_text(cmr__document_at(document, entry->value_offset), entry->value_length);
    }
}

static bool dump(const char *raw, size_t length)
{
    cmr__document *document = NULL;
    cmr_report *report = cmr__report_new();
    if (!report)
        return false;
    cmr_status status =
        cmr__format_parse(&cmr__format_properties, "input", raw, length, &limits, report, &document);
    if (status == CMR_OK)
        write_document(document);
    else
        write_number((uint32_t)status);
    cmr__document_unref(document);
    cmr_report_free(report);
    return true;
}

int main(void)
{
    uint32_t length;
    while (read_number(&length)) {
        char *raw = malloc((size_t)length + 1);
        if (!raw || fread(raw, 1, length, stdin) != length)
            return 3;
        raw[length] = '\0';
        if (!dump(raw, length))
            return 3;
        free(raw);
    }
    return fflush(stdout) == 0 ? 0 : 3;
}
