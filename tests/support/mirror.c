/* SPDX-License-Identifier: MIT
 *
 * Each change is compared with what the mirror has before, and with the snapshot after. */
#include "support/mirror.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

/* mirror->count when it is not there. */
static size_t find(const struct mirror *mirror, const char *key)
{
    size_t at = 0;
    while (at < mirror->count && strcmp(mirror->items[at].key, key) != 0)
        at++;
    return at;
}

static void take(struct mirror *mirror, const cmr_update *update, const cmr_change *change)
{
    size_t at = find(mirror, change->key);
    cmr_value now;
    cmr_status found = cmr_get(cmr_update_after(update), change->key, CMR_TYPE_ANY, NULL, &now);
    assert_int_equal(change->new_value ? CMR_OK : CMR_ERR_NOT_FOUND, found);
    assert_int_equal(change->kind != CMR_ADDED, at < mirror->count);
    if (change->old_value)
        assert_string_equal(mirror->items[at].value, change->old_value->text);
    if (change->new_value) {
        assert_string_equal(now.text, change->new_value->text);
        snprintf(mirror->items[at].key, sizeof mirror->items[at].key, "%s", change->key);
        snprintf(mirror->items[at].value, sizeof mirror->items[at].value, "%s", now.text);
        mirror->count += change->kind == CMR_ADDED;
    } else {
        mirror->items[at] = mirror->items[--mirror->count];
    }
}

void mirror_update(void *user, const cmr_update *update)
{
    for (size_t i = 0; i < cmr_update_count(update); i++)
        take(user, update, cmr_update_change(update, i));
}

void mirror_assert_true(const struct mirror *mirror, cmr_snapshot *snapshot)
{
    cmr_cursor *cursor;
    const cmr_entry *entry;
    size_t entries = 0;
    assert_int_equal(CMR_OK, cmr_cursor_new(snapshot, "**", &cursor));
    while ((entry = cmr_cursor_next(cursor))) {
        size_t at = find(mirror, entry->key);
        assert_true(at < mirror->count);
        assert_string_equal(entry->value.text, mirror->items[at].value);
        entries++;
    }
    assert_int_equal(entries, mirror->count);
    cmr_cursor_free(cursor);
}
