/* SPDX-License-Identifier: MIT
 *
 * A schema as JSON Schema 2020-12, so that editors and other validators know a file too. Its own keywords say
 * what they can, and never refuse what the program takes (but for lengths: here they are bytes); what they
 * cannot say is in keywords of ours, x-cmreload-..., which others pass over. Together they are the whole
 * schema: the tool reads it back.
 *
 * A key of several names makes objects on the way, marked as such: they are no struct of the program's. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/written.h"
#include "schema/json_number.h"
#include "schema/schema.h"

struct printing {
    struct cmr__json json;
    const struct cmr__schema *schema;
};

static void put_text(struct printing *printing, const char *name, const char *text)
{
    if (text)
        cmr__json_text(&printing->json, name, text, strlen(text));
}

static void put_count(struct printing *printing, const char *name, uint64_t count)
{
    char digits[32];
    snprintf(digits, sizeof digits, "%" PRIu64, count);
    cmr__json_raw(&printing->json, name, digits);
}

/* ---- values */

/* The JSON types that the type is read from. */
static const char *types_of(cmr_type type)
{
    switch (type) {
    case CMR_TYPE_BOOL:
        return "\"boolean\"";
    case CMR_TYPE_INT64:
    case CMR_TYPE_UINT64:
        return "\"integer\"";
    case CMR_TYPE_DOUBLE:
        return "\"number\"";
    case CMR_TYPE_STRING:
        return "[\"string\", \"number\", \"boolean\"]";
    case CMR_TYPE_DURATION:
    case CMR_TYPE_SIZE:
        return "[\"string\", \"number\"]";
    case CMR_TYPE_LOG_LEVEL:
        return "[\"string\", \"integer\"]";
    default:
        return "\"string\"";
    }
}

static bool is_number(cmr_type type)
{
    return type == CMR_TYPE_INT64 || type == CMR_TYPE_UINT64 || type == CMR_TYPE_DOUBLE;
}

static void put_bound(struct printing *printing, const struct cmr__field *field,
                      const struct cmr__bound *bound, bool least)
{
    cmr_type type = field->is.type;
    if (!bound->text)
        return;
    if (type == CMR_TYPE_STRING)
        put_count(printing, least ? "minLength" : "maxLength", bound->value.as.size);
    else if (!is_number(type) || !cmr__json_number(&printing->json, least ? "minimum" : "maximum",
                                                   bound->text, strlen(bound->text)))
        put_text(printing, least ? "x-cmreload-minimum" : "x-cmreload-maximum", bound->text);
}

static void put_names(struct printing *printing, const cmr_enum_item *table)
{
    cmr__json_open(&printing->json, "enum", '[');
    for (; table->name; table++)
        put_text(printing, NULL, table->name);
    cmr__json_close(&printing->json, '[');
}

/* What a value of the field is: of a LIST, an item. */
static void put_value(struct printing *printing, const struct cmr__field *field)
{
    if (field->is.type == CMR_TYPE_ENUM)
        put_names(printing, field->is.table);
    else
        cmr__json_raw(&printing->json, "type", types_of(field->is.type));
    put_bound(printing, field, &field->minimum, true);
    put_bound(printing, field, &field->maximum, false);
    put_text(printing, "x-cmreload-type", cmr_type_name(field->is.type));
}

/* A value that the schema has as a text. */
static void put_converted(struct printing *printing, const struct cmr__field *field, const char *name,
                          const char *text, size_t length)
{
    cmr_value value;
    if (field->is.type == CMR_TYPE_BOOL && cmr__field_convert(field, text, length, &value) == CMR_OK)
        cmr__json_raw(&printing->json, name, value.as.boolean ? "true" : "false");
    else if (!is_number(field->is.type) || !cmr__json_number(&printing->json, name, text, length))
        cmr__json_text(&printing->json, name, text, length);
}

static void put_default_list(struct printing *printing, const struct cmr__field *field)
{
    const char *text = field->is.otherwise;
    struct cmr__written walk;
    struct cmr__written_item item;
    cmr__json_open(&printing->json, "default", '[');
    cmr__written_start(&walk, text, strlen(text), false);
    while (cmr__written_next(&walk, &item))
        put_converted(printing, field, NULL, item.text, item.length);
    cmr__json_close(&printing->json, '[');
}

/* ---- fields */

static void put_table(struct printing *printing, const struct cmr__table *table);

static void put_items(struct printing *printing, const struct cmr__field *field)
{
    cmr__json_raw(&printing->json, "type", "\"array\"");
    cmr__json_open(&printing->json, "items", '{');
    if (field->is.kind == CMR_FIELD_KIND_LIST)
        put_value(printing, field);
    else
        put_table(printing, &field->fields);
    cmr__json_close(&printing->json, '{');
    if (field->is.least)
        put_count(printing, "minItems", field->is.least);
    if (field->is.most)
        put_count(printing, "maxItems", field->is.most);
}

static void put_field(struct printing *printing, const struct cmr__field *field, const char *name)
{
    const cmr_field *is = &field->is;
    cmr__json_open(&printing->json, name, '{');
    put_text(printing, "description", is->text);
    if (is->kind == CMR_FIELD_KIND_SCALAR)
        put_value(printing, field);
    else if (is->kind == CMR_FIELD_KIND_STRUCT)
        put_table(printing, &field->fields);
    else
        put_items(printing, field);
    if (is->otherwise && is->kind == CMR_FIELD_KIND_LIST)
        put_default_list(printing, field);
    else if (is->otherwise)
        put_converted(printing, field, "default", is->otherwise, strlen(is->otherwise));
    if (is->restart)
        cmr__json_raw(&printing->json, "x-cmreload-restart", "true");
    cmr__json_close(&printing->json, '{');
}

/* ---- objects. `depth` segments of the paths of some fields are alike: those that go on as `like` does. */

static bool is_among(const struct cmr__field *field, const struct cmr__field *like, size_t depth)
{
    for (size_t i = 0; i < depth; i++) {
        const struct cmr__segment *one = &field->path->segments[i], *two = &like->path->segments[i];
        if (i >= field->path->count || one->length != two->length ||
            memcmp(one->text, two->text, one->length) != 0)
            return false;
    }
    return true;
}

/* Whether no field before it is among those. */
static bool is_first(const struct cmr__table *table, size_t index, size_t depth)
{
    for (size_t i = 0; i < index; i++)
        if (is_among(&table->all[i], &table->all[index], depth))
            return false;
    return true;
}

static bool is_required(const struct cmr__table *table, const struct cmr__field *like, size_t depth)
{
    for (size_t i = 0; i < table->count; i++)
        if (table->all[i].is.required && is_among(&table->all[i], like, depth))
            return true;
    return false;
}

static char *name_of(const struct cmr__field *field, size_t depth)
{
    const struct cmr__segment *segment = &field->path->segments[depth];
    struct cmr__buffer name = CMR__BUFFER_INIT;
    cmr__buffer_append(&name, segment->text, segment->length);
    return cmr__buffer_take(&name);
}

static void put_object(struct printing *printing, const struct cmr__table *table,
                       const struct cmr__field *like, size_t depth);

/* A property: the field, or an object on the way to it and others. */
static void put_property(struct printing *printing, const struct cmr__table *table,
                         const struct cmr__field *field, size_t depth)
{
    cmr_cleanup(cmr__free_ptr) char *name = name_of(field, depth);
    if (!name) {
        printing->json.text.failed = true;
    } else if (field->path->count == depth + 1) {
        put_field(printing, field, name);
    } else {
        cmr__json_open(&printing->json, name, '{');
        cmr__json_raw(&printing->json, "x-cmreload-path", "true");
        put_object(printing, table, field, depth + 1);
        cmr__json_close(&printing->json, '{');
    }
}

static void put_required_name(struct printing *printing, const char *name, size_t length, bool *any)
{
    if (!*any)
        cmr__json_open(&printing->json, "required", '[');
    *any = true;
    cmr__json_text(&printing->json, NULL, name, length);
}

static void put_required(struct printing *printing, const struct cmr__table *table,
                         const struct cmr__field *like, size_t depth)
{
    bool any = false;
    for (size_t i = 0; i < table->count; i++) {
        const struct cmr__field *field = &table->all[i];
        if (is_among(field, like, depth) && is_first(table, i, depth + 1) &&
            is_required(table, field, depth + 1))
            put_required_name(printing, field->path->segments[depth].text,
                              field->path->segments[depth].length, &any);
    }
    if (any)
        cmr__json_close(&printing->json, '[');
}

static void put_object(struct printing *printing, const struct cmr__table *table,
                       const struct cmr__field *like, size_t depth)
{
    cmr__json_raw(&printing->json, "type", "\"object\"");
    cmr__json_open(&printing->json, "properties", '{');
    for (size_t i = 0; i < table->count; i++)
        if (is_among(&table->all[i], like, depth) && is_first(table, i, depth + 1))
            put_property(printing, table, &table->all[i], depth);
    cmr__json_close(&printing->json, '{');
    put_required(printing, table, like, depth);
    if (printing->schema->is.unknown == CMR_UNKNOWN_REFUSE)
        cmr__json_raw(&printing->json, "additionalProperties", "false");
}

static void put_table(struct printing *printing, const struct cmr__table *table)
{
    put_object(printing, table, NULL, 0);
}

/* Each property is a whole key. */
static void put_whole_keys(struct printing *printing)
{
    const struct cmr__table *table = &printing->schema->fields;
    cmr__json_raw(&printing->json, "type", "\"object\"");
    cmr__json_open(&printing->json, "properties", '{');
    for (size_t i = 0; i < table->count; i++)
        put_field(printing, &table->all[i], table->all[i].is.key);
    cmr__json_close(&printing->json, '{');
    bool any = false;
    for (size_t i = 0; i < table->count; i++)
        if (table->all[i].is.required)
            put_required_name(printing, table->all[i].is.key, strlen(table->all[i].is.key), &any);
    if (any)
        cmr__json_close(&printing->json, '[');
}

/* ---- all of it */

static void put_schema(struct printing *printing, const char *key)
{
    static const char *const policies[] = { "ignore", "warn", "refuse" };
    const cmr_schema *is = &printing->schema->is;
    cmr__json_open(&printing->json, NULL, '{');
    put_text(printing, "$schema", "https://json-schema.org/draft/2020-12/schema");
    put_text(printing, "title", is->name);
    put_text(printing, "description", is->text);
    put_text(printing, "x-cmreload-key", key);
    put_text(printing, "x-cmreload-unknown", policies[is->unknown]);
    if (printing->schema->path)
        put_table(printing, &printing->schema->fields);
    else
        put_whole_keys(printing);
    cmr__json_close(&printing->json, '{');
    cmr__buffer_append_char(&printing->json.text, '\n');
}

cmr_status cmr_schema_json(const cmr_schema *given, const char *key, char **ret_text)
{
    cmr_cleanup(cmr__schema_free_place) struct cmr__schema *schema = NULL;
    cmr_cleanup(cmr__report_free_place) cmr_report *report = cmr__report_new();
    struct printing printing = { .json = { .text = CMR__BUFFER_INIT } };
    if (!ret_text)
        return CMR_ERR_INVALID_ARGUMENT;
    cmr_status status = report ? cmr__schema_new(given, key, report, &schema) : CMR_ERR_NO_MEMORY;
    if (status != CMR_OK)
        return status;
    printing.schema = schema;
    put_schema(&printing, key);
    char *text = cmr__buffer_take(&printing.json.text);
    if (!text)
        return CMR_ERR_NO_MEMORY;
    *ret_text = text;
    return CMR_OK;
}
