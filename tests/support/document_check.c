/* SPDX-License-Identifier: MIT
 *
 * Goes by the entries alone, not by the index. */
#include "support/document_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

/* Behind a scalar all containers end that the next entry does not stand in. */
static void check_ends(const cmr__document *document, uint32_t scalar)
{
    uint32_t next = scalar + 1, last = next < document->block->entry_count
                                           ? cmr__document_entry(document, next)->parent
                                           : CMR__NO_ENTRY;
    for (uint32_t i = cmr__document_entry(document, scalar)->parent; i != last;
         i = cmr__document_entry(document, i)->parent) {
        assert_int_equal(cmr__document_entry(document, i)->value_offset, next);
        if (i == 0)
            return;
    }
}

static void check_child(const cmr__document *document, uint32_t number, uint32_t position)
{
    const struct cmr__entry *entry = cmr__document_entry(document, number);
    const struct cmr__entry *parent = cmr__document_entry(document, entry->parent);
    assert_in_range(entry->parent, 0, number - 1);
    assert_in_range(cmr__entry_end(entry, number), number + 1, parent->value_offset);
    assert_int_equal((entry->flags & CMR__ENTRY_ITEM) != 0, parent->kind == CMR__LIST);
    if (parent->kind == CMR__LIST)
        assert_int_equal(entry->name_offset, position);
    if (entry->kind == CMR__SCALAR)
        check_ends(document, number);
}

void check_document(const cmr__document *document)
{
    uint32_t count = document->block->entry_count, *children = calloc(count, sizeof *children);
    assert_non_null(children);
    for (uint32_t i = 0; i < count; i++) {
        const struct cmr__entry *entry = cmr__document_entry(document, i);
        assert_int_equal(entry->flags & ~(CMR__ENTRY_ITEM | CMR__ENTRY_QUOTED), 0);
        if (i)
            check_child(document, i, children[entry->parent]++);
    }
    for (uint32_t i = 0; i < count; i++)
        if (cmr__document_entry(document, i)->kind != CMR__SCALAR)
            assert_int_equal(cmr__document_entry(document, i)->value_length, children[i]);
    assert_int_equal(cmr__entry_end(cmr__document_entry(document, 0), 0), count);
    free(children);
}
