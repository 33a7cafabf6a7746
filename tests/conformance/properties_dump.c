/* SPDX-License-Identifier: MIT
 *
 * Reads each input with our properties parser and says what was in it: the party that
 * properties_judge.py puts before java.util.Properties.
 *
 * Of a document: the number of properties; then each property's key and value, as texts in UTF-8, in the
 * order of the document. */
#include "support/judge_stream.h"

static const cmr_limits limits = {
    .file_size = 1 << 30, .generation_size = 1 << 30, .files = 1, .depth = 64, .entries = 1 << 30
};

static void write_document(const cmr__document *document)
{
    judge_write_number(document->block->entry_count - 1);
    for (uint32_t i = 1; i < document->block->entry_count; i++) {
        const struct cmr__entry *entry = cmr__document_entry(document, i);
        judge_write_text(cmr__document_at(document, entry->name_offset), entry->name_length);
        judge_write_text(cmr__document_at(document, entry->value_offset), entry->value_length);
    }
}

int main(void)
{
    return judge_answer_all(&cmr__format_properties, &limits, write_document);
}
