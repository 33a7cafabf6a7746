/* SPDX-License-Identifier: MIT
 *
 * Writes a document as lines, through a memory stream. A path is found by walking up to the root, so
 * what is shown depends on the entries alone, not on the index that lookups use. */
#include "support/document_text.h"

#include <stdio.h>
#include <string.h>

static void write_text(FILE *out, const char *text, size_t length)
{
    static const char plain[] = "\n\r\t\\", escaped[] = "nrt\\";
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];
        const char *found = byte ? strchr(plain, byte) : NULL;
        if (found)
            fprintf(out, "\\%c", escaped[found - plain]);
        else if (byte < 0x20 || byte == 0x7f)
            fprintf(out, "\\%03o", byte);
        else
            fputc(byte, out);
    }
}

static void write_path(FILE *out, const cmr__document *document, uint32_t number)
{
    const struct cmr__entry *entry = cmr__document_entry(document, number);
    if (number == 0)
        return;
    write_path(out, document, entry->parent);
    if (entry->flags & CMR__ENTRY_ITEM) {
        fprintf(out, "[%u]", entry->name_offset);
        return;
    }
    if (entry->parent != 0)
        fputc('.', out);
    write_text(out, cmr__document_at(document, entry->name_offset), entry->name_length);
}

static void write_type(FILE *out, const struct cmr__entry *entry)
{
    static const char *const names[] = {
        [CMR__SCALAR_NULL] = "null",   [CMR__SCALAR_BOOL] = "bool",     [CMR__SCALAR_INT] = "int",
        [CMR__SCALAR_FLOAT] = "float", [CMR__SCALAR_STRING] = "string", [CMR__SCALAR_BYTES] = "bytes",
    };
    enum cmr__scalar_type type = cmr__entry_type(entry);
    if (type == CMR__SCALAR_UNTYPED)
        return;
    fprintf(out, " (%s%s)", type < sizeof names / sizeof *names && names[type] ? names[type] : "?",
            entry->flags & CMR__ENTRY_QUOTED ? " quoted" : "");
}

static void write_value(FILE *out, const cmr__document *document, const struct cmr__entry *entry)
{
    if (entry->kind != CMR__SCALAR) {
        fputs(entry->kind == CMR__MAP ? "{}" : "[]", out);
        return;
    }
    write_text(out, cmr__document_at(document, entry->value_offset), entry->value_length);
    write_type(out, entry);
}

static void write_entry(FILE *out, const cmr__document *document, uint32_t number)
{
    const struct cmr__entry *entry = cmr__document_entry(document, number);
    if (!cmr__entry_is_leaf(entry, number))
        return;
    write_path(out, document, number);
    fputc('=', out);
    write_value(out, document, entry);
    fprintf(out, " @%u:%u\n", entry->line, cmr__entry_column(entry));
}

char *document_text(const cmr__document *document)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return NULL;
    for (uint32_t i = 0; i < document->block->entry_count; i++)
        write_entry(out, document, i);
    if (fclose(out) != 0)
        return NULL;
    return text;
}
