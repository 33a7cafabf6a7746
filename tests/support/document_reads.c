/* SPDX-License-Identifier: MIT
 *
 * Goes by the library's own functions, as snapshots and cursors do. A key may be beyond what a parsed key can
 * hold, and names that are not UTF-8 have none that leads back to them. */
#include "support/document_reads.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "model/items.h"
#include "model/snapshot.h"

static void demand(bool condition, const char *what, uint32_t entry)
{
    if (condition)
        return;
    fprintf(stderr, "document: entry %u: %s\n", entry, what);
    abort();
}

static bool has_odd_name(const cmr__document *document, uint32_t number)
{
    for (uint32_t i = number; i; i = cmr__document_entry(document, i)->parent) {
        const struct cmr__entry *entry = cmr__document_entry(document, i);
        if (!(entry->flags & CMR__ENTRY_ITEM) &&
            cmr__utf8_valid_prefix(cmr__document_at(document, entry->name_offset), entry->name_length) !=
                entry->name_length)
            return true;
    }
    return false;
}

static void read_key(const cmr__document *document, uint32_t number)
{
    struct cmr__buffer text = CMR__BUFFER_INIT;
    struct cmr__key key;
    cmr__key_format(&text, "file", document, number);
    bool parsed = cmr__key_parse(&key, text.data, text.size, false, NULL);
    demand(parsed || text.size > CMR__KEY_SCRATCH / 2 || has_odd_name(document, number),
           "a key that is not understood", number);
    if (parsed && !has_odd_name(document, number))
        demand(cmr__document_find(document, key.segments, key.count, key.flat, key.flat_length) == number,
               "not found by its key", number);
    cmr__buffer_reset(&text);
}

static void read_values(const cmr__document *document, uint32_t number)
{
    static const cmr_enum_item table[] = { { "on", 1 }, { NULL, 0 } };
    char name[] = "file", why[200];
    struct cmr__part_file file = { name, (cmr__document *)(uintptr_t)document };
    for (int whole = 0; whole < 2; whole++) {
        struct cmr__location location = { NULL, &file, number, whole };
        for (cmr_type type = CMR_TYPE_ANY; type <= CMR_TYPE_CIDR; type++) {
            cmr_value value;
            if (cmr__location_value(&location, type, table, &value) == CMR_OK)
                demand(value.text[value.length] == '\0', "a value without its NUL", number);
            else
                cmr__location_explain(&location, type, table, why, sizeof why);
        }
    }
}

static void read_items(const cmr__document *document, uint32_t number)
{
    char name[] = "file";
    struct cmr__part_file file = { name, (cmr__document *)(uintptr_t)document };
    struct cmr__location location = { NULL, &file, number, false };
    for (int i = 0; i < 4; i++) {
        struct cmr__shape shape = { i % 2 ? CMR_TYPE_LIST : CMR_TYPE_MAP,
                                    i / 2 ? CMR_TYPE_INT64 : CMR_TYPE_ANY, NULL };
        struct cmr__items_fault fault = { CMR__NO_ENTRY, "" };
        struct cmr__items items;
        cmr_value value;
        bool equal = false;
        if (cmr__items_read(&location, &shape, &fault, &items) != CMR_OK) {
            demand(fault.message[0] && fault.entry < document->block->entry_count, "no word of what is wrong",
                   number);
            continue;
        }
        demand(cmr__location_value(&location, shape.container, NULL, &value) == CMR_OK &&
                   value.as.count == items.count,
               "another count of items", number);
        cmr__items_reset(&items);
        demand(cmr__items_equal(&location, &location, &shape, &equal) == CMR_OK && equal,
               "not equal to itself", number);
    }
}

void read_document_whole(const cmr__document *document)
{
    for (uint32_t i = 0; i < document->block->entry_count; i++) {
        struct cmr__path path;
        demand(cmr__document_find_same(document, i, document) == i, "not found by its path", i);
        demand(cmr__entry_end(cmr__document_entry(document, i), i) > i, "an end before its begin", i);
        cmr__path_of_entry(&path, document, i);
        if (path.count < CMR__KEY_SEGMENTS)
            read_key(document, i);
        read_values(document, i);
        read_items(document, i);
    }
}
