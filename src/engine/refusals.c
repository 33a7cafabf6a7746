/* SPDX-License-Identifier: MIT
 *
 * The report keeps the first hundred diagnostics and counts the others, so what is told twice has to be left
 * out before it comes there. Two refusals are one if place and wanted type are the same; of different types
 * each says what was wanted. */
#include "engine/refusals.h"

#include <stdlib.h>
#include <string.h>

struct refusal {
    struct cmr__location place;
    const struct cmr__selection *selection;
    cmr_status status;
};

static struct refusal *at(const struct cmr__refusals *refusals, size_t index)
{
    return (struct refusal *)(void *)refusals->items.data + index;
}

static size_t count(const struct cmr__refusals *refusals)
{
    return refusals->items.size / sizeof(struct refusal);
}

void cmr__refusals_add(struct cmr__refusals *refusals, const struct cmr__selection *selection,
                       const struct cmr__location *place, cmr_status status)
{
    const struct refusal refusal = { *place, selection, status };
    cmr__buffer_append(&refusals->items, &refusal, sizeof refusal);
}

static int order(uintptr_t one, uintptr_t two)
{
    return (one > two) - (one < two);
}

static int by_place(const void *left, const void *right)
{
    const struct refusal *one = left, *two = right;
    int result = order((uintptr_t)one->place.file, (uintptr_t)two->place.file);
    if (!result)
        result = order(one->place.entry, two->place.entry);
    if (!result)
        result = order(one->selection->type, two->selection->type);
    if (!result)
        result = order(one->selection->item, two->selection->item);
    return result ? result : order((uintptr_t)one->selection->table, (uintptr_t)two->selection->table);
}

static void report_one(const struct refusal *refusal, cmr_report *report)
{
    char why[512];
    struct cmr__buffer key = CMR__BUFFER_INIT;
    struct cmr__location place = refusal->place;
    bool explained = cmr__selection_explain(refusal->selection, &place, why, sizeof why);
    const struct cmr__entry *entry = cmr__document_entry(place.file->document, place.entry);
    cmr__key_format(&key, place.file->name, place.file->document, place.entry);
    cmr__buffer_append_char(&key, '\0');
    if (key.failed || !explained)
        report->failed = true;
    else
        cmr__report_add(report, refusal->status, place.file->name, entry->line, cmr__entry_column(entry),
                        key.data, "%s", why);
    cmr__buffer_reset(&key);
}

void cmr__refusals_report(struct cmr__refusals *refusals, cmr_report *report)
{
    report->failed |= refusals->items.failed;
    if (refusals->items.size)
        qsort(refusals->items.data, count(refusals), sizeof(struct refusal), by_place);
    for (size_t i = 0; i < count(refusals); i++)
        if (i == 0 || by_place(at(refusals, i - 1), at(refusals, i)) != 0)
            report_one(at(refusals, i), report);
    cmr__buffer_reset(&refusals->items);
}
