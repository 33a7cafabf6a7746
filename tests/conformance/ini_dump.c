/* SPDX-License-Identifier: MIT
 *
 * Reads each input as INI: the party that ini_judge.py puts before Python's configparser, and before
 * iniparser itself.
 *
 * Of a document: the number of maps, the root being the first; then of each its name (a text), its line, how
 * many keys it has, and each key's name, value (texts) and line. */
#include "support/format_text.h"
#include "support/judge_stream.h"

static bool is_key_of(const struct cmr__entry *entry, uint32_t map)
{
    return entry->kind == CMR__SCALAR && entry->parent == map;
}

static void write_map(const cmr__document *document, uint32_t number)
{
    const struct cmr__entry *map = cmr__document_entry(document, number);
    uint32_t end = cmr__entry_end(map, number), keys = 0;
    judge_write_name(document, map);
    judge_write_number(map->line);
    for (uint32_t i = number + 1; i < end; i++)
        keys += is_key_of(cmr__document_entry(document, i), number);
    judge_write_number(keys);
    for (uint32_t i = number + 1; i < end; i++) {
        const struct cmr__entry *entry = cmr__document_entry(document, i);
        if (!is_key_of(entry, number))
            continue;
        judge_write_name(document, entry);
        judge_write_value(document, entry);
        judge_write_number(entry->line);
    }
}

static void write_document(const cmr__document *document)
{
    uint32_t count = document->block->entry_count, maps = 0;
    for (uint32_t i = 0; i < count; i++)
        maps += cmr__document_entry(document, i)->kind == CMR__MAP;
    judge_write_number(maps);
    for (uint32_t i = 0; i < count; i++)
        if (cmr__document_entry(document, i)->kind == CMR__MAP)
            write_map(document, i);
}

int main(void)
{
    return judge_answer_all(&cmr__format_ini, &default_limits, write_document);
}
