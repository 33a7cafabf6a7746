/* SPDX-License-Identifier: MIT
 *
 * A record is made in two walks over its schema: the first counts the block and judges the file, the second
 * fills the block. All memory of records comes from one function and goes by one. */
#include "schema/record.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/secret.h"
#include "schema/fill.h"

struct cmr_record {
    _Atomic unsigned refs;
    size_t size;                      /* of the whole block */
    bool secret;                      /* it may hold parts of one */
    alignas(max_align_t) char data[]; /* the struct, and what it points at */
};

static cmr_record *allocate(size_t size, bool secret)
{
    cmr_record *record = cmr__secret_or_malloc(secret, size);
    if (!record)
        return NULL;
    memset(record, 0, size);
    atomic_init(&record->refs, 1);
    record->size = size;
    record->secret = secret;
    return record;
}

static void release(cmr_record *record)
{
    cmr__secret_or_free(record->secret, record);
}

/* Whether some of what the schema looks into is a secret. With the key "" that may be any mount. */
static bool is_secret(const struct cmr__schema *schema, const cmr_snapshot *snapshot)
{
    bool secret = false;
    if (schema->path) {
        const cmr__part *part =
            cmr__snapshot_part(snapshot, schema->path->mount.text, schema->path->mount.length);
        return part && part->secret;
    }
    for (size_t i = 0; i < snapshot->count; i++)
        secret |= snapshot->parts[i]->secret;
    return secret;
}

cmr_record *cmr__record_ref(cmr_record *record)
{
    atomic_fetch_add_explicit(&record->refs, 1, memory_order_relaxed);
    return record;
}

void cmr_record_free(cmr_record *record)
{
    if (record && atomic_fetch_sub_explicit(&record->refs, 1, memory_order_acq_rel) == 1)
        release(record);
}

const void *cmr_record_get(const cmr_record *record)
{
    return record->data;
}

/* One walk. The block begins with the record itself, then the struct. */
static void walk(struct cmr__filling *filling, cmr_record *record, const cmr_record *previous)
{
    size_t size = filling->schema->is.struct_size;
    filling->arena = (struct cmr__arena){ .block = (char *)record };
    cmr__arena_take(&filling->arena, 1, offsetof(cmr_record, data), 1);
    char *now = cmr__arena_take(&filling->arena, 1, size, alignof(max_align_t));
    cmr__fill(filling, now, previous ? previous->data : NULL);
}

static cmr_status judge(const struct cmr__filling *filling)
{
    if (filling->failed || filling->arena.failed || filling->report->failed || filling->notices->failed)
        return CMR_ERR_NO_MEMORY;
    return cmr__report_is_empty(filling->report) ? CMR_OK : CMR_ERR_REJECTED;
}

static cmr_status fill(struct cmr__filling *filling, const cmr_record *previous, cmr_record **ret_record)
{
    walk(filling, NULL, previous);
    cmr_status status = judge(filling);
    if (status != CMR_OK)
        return status;
    cmr_record *record = allocate(filling->arena.used, is_secret(filling->schema, filling->snapshot));
    if (!record)
        return CMR_ERR_NO_MEMORY;
    filling->report = filling->notices = NULL;
    walk(filling, record, previous);
    if (record->secret)
        cmr__secret_clear_registers();
    if (filling->failed) {
        cmr_record_free(record);
        return CMR_ERR_NO_MEMORY;
    }
    *ret_record = record;
    return CMR_OK;
}

cmr_status cmr__record_fill(const struct cmr__schema *schema, const cmr_snapshot *snapshot,
                            const cmr_record *previous, cmr_report *report, cmr_report *notices,
                            cmr_record **ret_record)
{
    struct cmr__filling filling;
    cmr_status status = CMR_ERR_NO_MEMORY;
    if (cmr__filling_init(&filling, schema, snapshot)) {
        filling.report = report;
        filling.notices = notices;
        status = fill(&filling, previous, ret_record);
    }
    cmr__filling_reset(&filling);
    return status;
}

cmr_status cmr_record_new(const cmr_snapshot *snapshot, const char *key, const cmr_schema *given,
                          cmr_report **ret_report, cmr_record **ret_record)
{
    cmr_cleanup(cmr__schema_free_place) struct cmr__schema *schema = NULL;
    cmr_cleanup(cmr__report_free_place) cmr_report *report = cmr__report_new(), *notices = cmr__report_new();
    cmr_record *record = NULL;
    if (ret_report)
        *ret_report = NULL;
    if (!snapshot || !ret_record)
        return CMR_ERR_INVALID_ARGUMENT;
    cmr_status status = report && notices ? cmr__schema_new(given, key, report, &schema) : CMR_ERR_NO_MEMORY;
    if (status == CMR_OK)
        status = cmr__record_fill(schema, snapshot, NULL, report, notices, &record);
    if (status == CMR_OK)
        *ret_record = record;
    if (status == CMR_ERR_REJECTED)
        cmr__report_append(report, notices); /* a key that is unknown may be the one that is missing */
    if (status == CMR_ERR_REJECTED && report->failed)
        status = CMR_ERR_NO_MEMORY;
    if (status != CMR_ERR_NO_MEMORY)
        cmr__schema_hand_over(status == CMR_OK ? &notices : &report, ret_report);
    return status;
}
