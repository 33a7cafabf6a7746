/* SPDX-License-Identifier: MIT
 *
 * Making a schema ready: its tables, of whatever stride, become tables of ours, in which keys are parsed and
 * defaults and bounds converted, so that filling a record asks no question twice. Nested tables are copied as
 * often as they are used; one that holds itself would never end, and is refused.
 *
 * Keys of one table do not overlap, nor do members: each key of a file is one field's, and each member
 * is written once. */
#include "schema/schema.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/options.h"

/* The tables around one. */
struct chain {
    const struct chain *outer;
    const cmr_field *table;
    size_t depth;
};

struct making {
    struct cmr__field_check check; /* of the field that is looked at */
    size_t stride;
    size_t count;             /* of all fields so far; over the limit nothing more is looked at */
    struct cmr__buffer names; /* of the fields around, each with a dot */
};

/* ---- clean-up */

static void reset_table(struct cmr__table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        reset_table(&table->all[i].fields);
        cmr__field_reset(&table->all[i]);
    }
    free(table->all);
}

void cmr__schema_free(struct cmr__schema *schema)
{
    if (!schema)
        return;
    reset_table(&schema->fields);
    cmr__patterns_reset(&schema->key);
    free(schema);
}

void cmr__schema_free_place(struct cmr__schema **place)
{
    cmr__schema_free(*place);
}

/* ---- what fields of one table must not have in common */

static bool same_name(const struct cmr__name *one, const struct cmr__name *two)
{
    return !one->text == !two->text && one->length == two->length &&
           (!one->text || memcmp(one->text, two->text, one->length) == 0);
}

static bool share_key(const struct cmr__field *one, const struct cmr__field *two)
{
    const struct cmr__pattern *a = one->path, *b = two->path;
    if (!a || !b || !same_name(&a->mount, &b->mount) || !same_name(&a->file, &b->file))
        return false;
    for (size_t i = 0; i < a->count && i < b->count; i++)
        if (a->segments[i].length != b->segments[i].length ||
            memcmp(a->segments[i].text, b->segments[i].text, a->segments[i].length) != 0)
            return false;
    return true;
}

static bool overlap(size_t one, size_t one_size, size_t two, size_t two_size)
{
    return one < two + two_size && two < one + one_size;
}

static bool has_count(const cmr_field *field)
{
    return field->kind == CMR_FIELD_KIND_LIST || field->kind == CMR_FIELD_KIND_STRUCTS;
}

static bool share_member(const cmr_field *one, const cmr_field *two)
{
    size_t size = cmr__field_size(one), other = cmr__field_size(two), count = sizeof(size_t);
    return overlap(one->offset, size, two->offset, other) ||
           (has_count(one) && overlap(one->count_offset, count, two->offset, other)) ||
           (has_count(two) && overlap(one->offset, size, two->count_offset, count)) ||
           (has_count(one) && has_count(two) && overlap(one->count_offset, count, two->count_offset, count));
}

static void name_field(struct making *making, const cmr_field *field)
{
    cmr__buffer_append_text(&making->names, field->key ? field->key : "?");
    cmr__buffer_append_char(&making->names, '\0');
    making->check.failed |= making->names.failed;
    making->check.name = making->names.failed ? "" : making->names.data;
}

static void compare_fields(struct making *making, const struct cmr__table *table, size_t last)
{
    const struct cmr__field *field = &table->all[last];
    for (size_t i = 0; i < last; i++) {
        const struct cmr__field *other = &table->all[i];
        if (share_key(other, field))
            cmr__field_fault(&making->check, "its key is the same as, or within, that of the field %s",
                             other->is.key);
        if (share_member(&other->is, &field->is))
            cmr__field_fault(&making->check, "its member is that of the field %s", other->is.key);
    }
}

/* ---- tables */

static void make_table(struct making *making, const struct chain *chain, size_t struct_size,
                       struct cmr__table *table);

/* True: there is nothing to refuse. */
static bool may_nest(struct making *making, const struct chain *chain)
{
    for (const struct chain *outer = chain->outer; outer; outer = outer->outer)
        if (outer->table == chain->table) {
            cmr__field_fault(&making->check, "its table of fields holds itself");
            return false;
        }
    if (chain->depth > CMR__SCHEMA_DEPTH)
        cmr__field_fault(&making->check, "more than %d structs in each other", CMR__SCHEMA_DEPTH);
    return chain->depth <= CMR__SCHEMA_DEPTH;
}

static void make_nested(struct making *making, const struct chain *around, struct cmr__field *field)
{
    struct chain chain = { around, field->is.fields, around->depth + 1 };
    struct cmr__field_check before = making->check;
    bool nests = field->is.kind == CMR_FIELD_KIND_STRUCT || field->is.kind == CMR_FIELD_KIND_STRUCTS;
    if (!nests || !field->is.fields || !may_nest(making, &chain))
        return;
    making->check.whole_key = false;
    making->check.is_item |= field->is.kind == CMR_FIELD_KIND_STRUCTS;
    making->check.restart |= field->restart && field->is.kind == CMR_FIELD_KIND_STRUCT;
    making->names.data[making->names.size - 1] = '.';
    make_table(making, &chain, field->is.width, &field->fields);
    before.failed = making->check.failed;
    making->check = before;
}

static void make_field(struct making *making, const struct chain *chain, struct cmr__table *table,
                       const void *given)
{
    struct cmr__field *field = &table->all[table->count++];
    size_t names = making->names.size;
    *field = (struct cmr__field){ 0 };
    bool known = cmr__options_read_item(given, making->stride, &field->is, sizeof field->is) == CMR_OK;
    if (!known)
        memcpy(&field->is, given, sizeof field->is);
    name_field(making, &field->is);
    if (!known)
        cmr__field_fault(&making->check, "it sets what this version of the library does not know");
    if (making->check.failed)
        return;
    cmr__field_init(field, &making->check);
    compare_fields(making, table, table->count - 1);
    make_nested(making, chain, field);
    making->names.size = names;
}

static bool is_end(const char *given)
{
    cmr_field_kind kind;
    memcpy(&kind, given, sizeof kind);
    return kind == CMR_FIELD_KIND_END;
}

static void make_table(struct making *making, const struct chain *chain, size_t struct_size,
                       struct cmr__table *table)
{
    const char *given = (const char *)chain->table;
    size_t count = 0;
    while (!is_end(given + count * making->stride) && making->count + count <= CMR__SCHEMA_FIELDS)
        count++;
    making->count += count;
    if (making->count > CMR__SCHEMA_FIELDS) {
        cmr__report_add(making->check.report, CMR_ERR_INVALID_ARGUMENT, NULL, 0, 0, NULL,
                        "more than %d fields: is CMR_FIELD_END missing?", CMR__SCHEMA_FIELDS);
        return;
    }
    table->all = calloc(count + 1, sizeof *table->all);
    making->check.failed |= !table->all;
    making->check.struct_size = struct_size;
    for (size_t i = 0; i < count && !making->check.failed && making->count <= CMR__SCHEMA_FIELDS; i++)
        make_field(making, chain, table, given + i * making->stride);
}

/* ---- all of it */

static void fault(cmr_report *report, const char *what)
{
    cmr__report_add(report, CMR_ERR_INVALID_ARGUMENT, NULL, 0, 0, NULL, "%s", what);
}

static cmr_status make_key(struct cmr__schema *schema, const char *text, cmr_report *report)
{
    if (!*text)
        return CMR_OK;
    if (cmr_key_check(text, NULL) != CMR_OK) {
        fault(report, "the schema's key is malformed");
        return CMR_ERR_INVALID_ARGUMENT;
    }
    cmr_status status = cmr__patterns_new(text, NULL, &schema->key);
    if (status == CMR_OK)
        schema->path = schema->key.items;
    return status;
}

static cmr_status check_head(struct cmr__schema *schema, const cmr_schema *given, cmr_report *report)
{
    if (cmr__options_read(given, &schema->is, sizeof schema->is) != CMR_OK)
        fault(report, "the schema has no size, or sets what this version of the library does not know");
    else if (schema->is.field_size < offsetof(cmr_field, table))
        fault(report, "the schema has no field_size");
    else if (!schema->is.fields)
        fault(report, "the schema has no fields");
    else if (schema->is.unknown < CMR_UNKNOWN_IGNORE || schema->is.unknown > CMR_UNKNOWN_REFUSE)
        fault(report, "the schema's policy for unknown keys is none");
    else
        return CMR_OK;
    return CMR_ERR_INVALID_ARGUMENT;
}

static cmr_status make(struct cmr__schema *schema, cmr_report *report)
{
    struct making making = { .check = { .report = report, .whole_key = !schema->path },
                             .stride = schema->is.field_size };
    struct chain chain = { NULL, schema->is.fields, 0 };
    make_table(&making, &chain, schema->is.struct_size, &schema->fields);
    cmr__buffer_reset(&making.names);
    if (making.check.failed)
        return CMR_ERR_NO_MEMORY;
    return cmr__report_is_empty(report) ? CMR_OK : CMR_ERR_INVALID_ARGUMENT;
}

cmr_status cmr__schema_new(const cmr_schema *given, const char *key, cmr_report *report,
                           struct cmr__schema **ret_schema)
{
    if (!given || !key)
        return CMR_ERR_INVALID_ARGUMENT;
    cmr_cleanup(cmr__schema_free_place) struct cmr__schema *schema = calloc(1, sizeof *schema);
    if (!schema)
        return CMR_ERR_NO_MEMORY;
    cmr_status status = check_head(schema, given, report);
    if (status == CMR_OK)
        status = make_key(schema, key, report);
    if (status == CMR_OK)
        status = make(schema, report);
    if (report->failed)
        status = CMR_ERR_NO_MEMORY;
    if (status == CMR_OK)
        *ret_schema = CMR_TAKE(schema);
    return status;
}

void cmr__schema_hand_over(cmr_report **report, cmr_report **ret_report)
{
    if (!ret_report || cmr__report_is_empty(*report))
        return;
    cmr__report_finish(*report);
    *ret_report = CMR_TAKE(*report);
}

cmr_status cmr_schema_check(const cmr_schema *given, const char *key, cmr_report **ret_report)
{
    cmr_cleanup(cmr__schema_free_place) struct cmr__schema *schema = NULL;
    cmr_cleanup(cmr__report_free_place) cmr_report *report = cmr__report_new();
    if (ret_report)
        *ret_report = NULL;
    cmr_status status = report ? cmr__schema_new(given, key, report, &schema) : CMR_ERR_NO_MEMORY;
    if (status == CMR_ERR_INVALID_ARGUMENT)
        cmr__schema_hand_over(&report, ret_report);
    return status;
}
