/* SPDX-License-Identifier: MIT
 *
 * Reads each input as an environment file: the party that env_judge.py puts before kubectl.
 *
 * Of a document: the number of entries; then each one's key and value, as texts, in the order of the
 * document. */
#include "support/format_text.h"
#include "support/judge_stream.h"

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
    return judge_answer_all(&cmr__format_env, &default_limits, write_document);
}
