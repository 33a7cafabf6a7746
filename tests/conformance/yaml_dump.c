/* SPDX-License-Identifier: MIT
 *
 * Reads each input with our YAML reader, under the default limits, and says what was in it: the party that
 * yaml_judge.py puts before PyYAML, and yaml_suite_test.sh before the YAML test suite.
 *
 * Of a document: the number of entries; then each in the order of the document, a container before what it
 * holds: its kind, scalar type, whether it counts as quoted, line, column, name (empty for an item), and the
 * value's text or, of a container, the number of its children. Of a file that is refused: why. */
#include "support/format_text.h"
#include "support/judge_stream.h"

static void write_entry(const cmr__document *document, const struct cmr__entry *entry)
{
    judge_write_number(entry->kind);
    judge_write_number(cmr__entry_type(entry));
    judge_write_number((entry->flags & CMR__ENTRY_QUOTED) != 0);
    judge_write_number(entry->line);
    judge_write_number(cmr__entry_column(entry));
    judge_write_text(cmr__document_at(document, entry->name_offset), entry->name_length);
    if (entry->kind == CMR__SCALAR)
        judge_write_text(cmr__document_at(document, entry->value_offset), entry->value_length);
    else
        judge_write_number(entry->value_length);
}

static void write_document(const cmr__document *document)
{
    judge_write_number(document->block->entry_count);
    for (uint32_t i = 0; i < document->block->entry_count; i++)
        write_entry(document, cmr__document_entry(document, i));
}

int main(void)
{
    return judge_answer_all_with_reasons(&cmr__format_yaml, &default_limits, write_document);
}
