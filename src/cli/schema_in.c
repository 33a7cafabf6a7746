/* SPDX-License-Identifier: MIT
 *
 * From JSON Schema to the table of fields that it came from. The program's struct is not known here, so there
 * is another one, in which each member gets a place: what is wanted of it are the diagnostics only.
 *
 * Maps on the way to fields are left out again, and their fields get keys of several names: so a key that is
 * missing, or unknown, is told as the program tells it. */
#include "cli/schema_in.h"

#include <stdlib.h>
#include <string.h>

#include "cli/input.h"
#include "cli/reading.h"
#include "cli/schema_value.h"
#include "cli/util.h"

/* A struct as far as it is laid out. */
struct table {
    cmr_field *fields; /* one more than `count`: the end */
    size_t count;
    size_t size;
};

/* ---- the place of a member */

#define SLOT ((size_t)16) /* all members begin at a multiple */

static size_t place(struct table *table, size_t size)
{
    size_t at = table->size;

    table->size += (size + SLOT - 1) / SLOT * SLOT;
    return at;
}

static cmr_field *add_field(struct table *table, const char *key)
{
    cmr_field *fields = realloc(table->fields, (table->count + 2) * sizeof(*fields));

    if (!fields)
        return NULL;
    table->fields = fields;
    fields[table->count] = (cmr_field){ .key = key };
    fields[table->count + 1] = (cmr_field)CMR_FIELD_END;
    return &fields[table->count++];
}

/* ---- fields */

static int make_table(struct schema_in *in, const struct schema_node *node, const cmr_field **ret_fields,
                      size_t *ret_size);

static int take_scalar(struct schema_in *in, const struct schema_node *node, struct table *table,
                       cmr_field *field)
{
    int status = schema_value_take(in, node, field);

    if (status != CLI_DONE)
        return status;
    field->kind = CMR_FIELD_KIND_SCALAR;
    field->offset = place(table, field->width);
    field->otherwise = schema_node_text(node, SCHEMA_DEFAULT);
    if (field->otherwise && node->values[SCHEMA_DEFAULT].type == CMR_TYPE_LIST)
        return schema_node_fail(node, SCHEMA_DEFAULT, "a list, where a single value is described");
    return CLI_DONE;
}

static int take_default_list(struct schema_in *in, const struct schema_node *node, cmr_field *field)
{
    char *joined;

    if (!schema_node_has(node, SCHEMA_DEFAULT))
        return CLI_DONE;
    if (node->values[SCHEMA_DEFAULT].type != CMR_TYPE_LIST)
        return schema_node_fail(node, SCHEMA_DEFAULT, "a single value, where a list is described");
    joined = schema_value_join(node, SCHEMA_DEFAULT, ", ");
    if (!joined)
        return CLI_FAILED;
    if (!schema_in_own(in, joined))
        return schema_fail_memory();
    field->otherwise = joined;
    return CLI_DONE;
}

static int take_items(struct schema_in *in, const struct schema_node *node, cmr_field *field)
{
    cli_cleanup(cli_free_ptr) char *key = schema_node_child(node, SCHEMA_ITEMS, NULL);
    struct schema_node items = { .key = NULL };
    int status = key ? schema_node_read(node->file, key, false, &items) : CLI_FAILED;

    if (status != CLI_DONE)
        return status;
    if (items.kind == SCHEMA_SCALAR) {
        field->kind = CMR_FIELD_KIND_LIST;
        status = schema_node_has(&items, SCHEMA_DEFAULT)
                     ? schema_node_fail(&items, SCHEMA_DEFAULT, "not a keyword for an item")
                     : schema_value_take(in, &items, field);
    } else if (items.kind == SCHEMA_STRUCT) {
        field->kind = CMR_FIELD_KIND_STRUCTS;
        status = make_table(in, &items, &field->fields, &field->width);
    } else {
        status = schema_node_fail(node, SCHEMA_ITEMS, "neither single values nor maps");
    }
    schema_node_clear(&items);
    return status;
}

static int take_count(const struct schema_node *node, enum schema_keyword keyword, size_t *ret_count)
{
    cmr_value value;

    if (!schema_node_has(node, keyword))
        return CLI_DONE;
    if (cmr_value_parse(node->values[keyword].text, CMR_TYPE_UINT64, NULL, &value) != CMR_OK)
        return schema_node_fail(node, keyword, "no number of items");
    *ret_count = (size_t)value.as.uint64;
    return CLI_DONE;
}

static int take_list(struct schema_in *in, const struct schema_node *node, struct table *table,
                     cmr_field *field)
{
    int status = schema_value_check_type(node, "array");

    if (status == CLI_DONE)
        status = take_items(in, node, field);
    if (status == CLI_DONE)
        status = take_count(node, SCHEMA_MIN_ITEMS, &field->least);
    if (status == CLI_DONE)
        status = take_count(node, SCHEMA_MAX_ITEMS, &field->most);
    if (status == CLI_DONE)
        status = take_default_list(in, node, field);
    field->offset = place(table, sizeof(void *));
    field->count_offset = place(table, sizeof(size_t));
    return status;
}

static int take_struct(struct schema_in *in, const struct schema_node *node, struct table *table,
                       cmr_field *field)
{
    int status = make_table(in, node, &field->fields, &field->width);

    field->kind = CMR_FIELD_KIND_STRUCT;
    field->offset = place(table, field->width);
    return status;
}

static int take_field(struct schema_in *in, const struct schema_node *node, struct table *table,
                      const char *key)
{
    cmr_field *field = add_field(table, key);
    int status;

    if (!field)
        return schema_fail_memory();
    field->text = schema_node_text(node, SCHEMA_DESCRIPTION);
    field->restart = schema_node_has(node, SCHEMA_RESTART) && node->values[SCHEMA_RESTART].as.boolean;
    if (node->kind == SCHEMA_SCALAR)
        status = take_scalar(in, node, table, field);
    else if (node->kind == SCHEMA_LIST)
        status = take_list(in, node, table, field);
    else
        status = take_struct(in, node, table, field);
    return status;
}

/* ---- objects */

static int take_properties(struct schema_in *in, const struct schema_node *node, struct table *table,
                           const char *prefix);

/* The key of a property: of the field, as a program has it. NULL: out of memory. */
static char *key_of(struct schema_in *in, const struct schema_node *node, const char *prefix,
                    const char *name)
{
    bool whole = node->kind == SCHEMA_ROOT && in->key[0] == '\0';
    char *key = strdup(whole ? name : prefix);

    if (key && !whole)
        key = schema_key_append(key, name, prefix[0] == '\0');
    return schema_in_own(in, key) ? key : NULL;
}

static int take_property(struct schema_in *in, const struct schema_node *node, struct table *table,
                         const char *prefix, const char *name)
{
    cli_cleanup(cli_free_ptr) char *place_of = schema_node_child(node, SCHEMA_PROPERTIES, name);
    char *key = key_of(in, node, prefix, name);
    struct schema_node property = { .key = NULL };
    int status;

    if (!place_of || !key)
        return schema_fail_memory();
    status = schema_node_read(node->file, place_of, false, &property);
    if (status == CLI_DONE && property.kind == SCHEMA_PATH)
        status = take_properties(in, &property, table, key);
    else if (status == CLI_DONE)
        status = take_field(in, &property, table, key);
    schema_node_clear(&property);
    return status;
}

/* A map on the way has no field, and says itself which of its keys are required. */
static int require(struct schema_in *in, const struct schema_node *node, struct table *table,
                   const char *prefix, const char *name)
{
    cli_cleanup(cli_free_ptr) char *place_of = schema_node_child(node, SCHEMA_PROPERTIES, name);
    char *key = key_of(in, node, prefix, name);
    cmr_value value;

    if (!place_of || !key)
        return schema_fail_memory();
    for (size_t i = 0; i < table->count; i++) {
        if (strcmp(table->fields[i].key, key) == 0)
            table->fields[i].required = true;
    }
    if (cmr_get(node->file->snapshot, place_of, CMR_TYPE_ANY, NULL, &value) == CMR_OK)
        return CLI_DONE;
    return schema_node_fail(node, SCHEMA_REQUIRED, "there is no property \"%s\"", name);
}

static int take_required(struct schema_in *in, const struct schema_node *node, struct table *table,
                         const char *prefix)
{
    cli_cleanup(cli_free_ptr) char *key = schema_node_child(node, SCHEMA_REQUIRED, NULL);
    cmr_list *list = NULL;
    int status = CLI_DONE;

    if (!schema_node_has(node, SCHEMA_REQUIRED))
        return CLI_DONE;
    if (!key || cmr_list_new(node->file->snapshot, key, CMR_TYPE_STRING, NULL, &list) != CMR_OK)
        return schema_node_fail(node, SCHEMA_REQUIRED, "wanted a list of names");
    for (size_t i = 0; status == CLI_DONE && i < cmr_list_count(list); i++)
        status = require(in, node, table, prefix, cmr_list_get(list, i)->text);
    cmr_list_free(list);
    return status;
}

static int check_additional(const struct schema_in *in, const struct schema_node *node)
{
    bool refuse = in->schema.unknown == CMR_UNKNOWN_REFUSE;

    if (!schema_node_has(node, SCHEMA_ADDITIONAL))
        return CLI_DONE;
    if (!node->values[SCHEMA_ADDITIONAL].as.boolean && refuse)
        return CLI_DONE;
    return schema_node_fail(node, SCHEMA_ADDITIONAL, "wanted false, and x-cmreload-unknown \"refuse\"");
}

/* All that is wrong in the properties is told. */
static int take_properties(struct schema_in *in, const struct schema_node *node, struct table *table,
                           const char *prefix)
{
    cli_cleanup(cli_free_ptr) char *key = schema_node_child(node, SCHEMA_PROPERTIES, NULL);
    cmr_map *map = NULL;
    int status = schema_value_check_type(node, "object");

    if (status == CLI_DONE)
        status = check_additional(in, node);
    if (status != CLI_DONE || !key)
        return CLI_FAILED;
    if (cmr_map_new(node->file->snapshot, key, CMR_TYPE_ANY, NULL, &map) != CMR_OK)
        return schema_node_fail(node, SCHEMA_PROPERTIES, "wanted \"properties\", an object");
    for (size_t i = 0; i < cmr_map_count(map); i++) {
        if (take_property(in, node, table, prefix, cmr_map_name(map, i)) != CLI_DONE)
            status = CLI_FAILED;
    }
    cmr_map_free(map);
    return status == CLI_DONE ? take_required(in, node, table, prefix) : status;
}

static int make_table(struct schema_in *in, const struct schema_node *node, const cmr_field **ret_fields,
                      size_t *ret_size)
{
    struct table table = { .fields = calloc(1, sizeof(*table.fields)) };
    int status = table.fields ? take_properties(in, node, &table, "") : schema_fail_memory();

    for (size_t i = 0; i < table.count; i++)
        table.fields[i].struct_size = table.size;
    if (!schema_in_own(in, table.fields))
        return schema_fail_memory();
    *ret_fields = table.fields;
    *ret_size = table.size ? table.size : 1;
    return status;
}

/* ---- all of it */

/* "mount:file#path" without the mount, which may be in brackets and quotes. */
static const char *without_mount(const char *key)
{
    const char *at = key;

    if (strncmp(key, "[\"", 2) == 0) {
        for (at = key + 2; *at && *at != '"'; at++)
            at += *at == '\\' && at[1];
        at += strncmp(at, "\"]", 2) == 0 ? 2 : 0;
    } else {
        at += strcspn(key, ":#[");
    }
    return *at == ':' ? at + 1 : key;
}

static int take_policy(struct schema_in *in, const struct schema_node *root)
{
    static const char *const names[] = { "ignore", "warn", "refuse" };
    const char *name = schema_node_text(root, SCHEMA_UNKNOWN);

    for (size_t i = 0; name && i < sizeof(names) / sizeof(names[0]); i++) {
        in->schema.unknown = (cmr_unknown_keys)i;
        if (strcmp(name, names[i]) == 0)
            return CLI_DONE;
    }
    return schema_node_fail(root, SCHEMA_UNKNOWN, "wanted x-cmreload-unknown: ignore, warn or refuse");
}

static int take_root(struct schema_in *in, const struct schema_node *root)
{
    const char *key = schema_node_text(root, SCHEMA_KEY);
    int status =
        key ? take_policy(in, root) : schema_node_fail(root, SCHEMA_KEY, "x-cmreload-key is missing");

    if (status != CLI_DONE)
        return status;
    if (*key && cmr_key_check(key, NULL) != CMR_OK) /* without its mount, "a:b:c" would be a key */
        return schema_node_fail(root, SCHEMA_KEY, "a malformed key");
    in->key = without_mount(key);
    in->schema.size = sizeof(in->schema);
    in->schema.field_size = sizeof(cmr_field);
    in->schema.name = schema_node_text(root, SCHEMA_TITLE);
    in->schema.text = schema_node_text(root, SCHEMA_DESCRIPTION);
    return make_table(in, root, &in->schema.fields, &in->schema.struct_size);
}

/* What only the library knows: whether keys parse, and defaults are of their type. */
static int check(const struct schema_in *in)
{
    cli_cleanup(cli_free_report) cmr_report *report = NULL;
    cmr_status status = cmr_schema_check(&in->schema, in->key, &report);

    if (status == CMR_OK)
        return CLI_DONE;
    return report ? cli_print_report(report, in->file.path, 1) : cli_fail_status(in->file.path, status);
}

int schema_in_parse(const char *path, const char *data, size_t size, struct schema_in *ret_schema)
{
    struct schema_node root = { .key = NULL };
    int status = schema_file_parse(path, data, size, &ret_schema->file);

    if (status == CLI_DONE)
        status = schema_node_read(&ret_schema->file, NULL, true, &root);
    if (status == CLI_DONE)
        status = take_root(ret_schema, &root);
    schema_node_clear(&root);
    return status == CLI_DONE ? check(ret_schema) : status;
}

int schema_in_read(const char *path, struct schema_in *ret_schema)
{
    cli_cleanup(cli_free_ptr) char *data = NULL;
    size_t size;
    int status = cli_read_input(path, false, SCHEMA_MAX_SIZE, &data, &size);

    return status == CLI_DONE ? schema_in_parse(path, data, size, ret_schema) : status;
}

int schema_fail_memory(void)
{
    return cli_fail(CLI_FAILED, "out of memory");
}

bool schema_in_own(struct schema_in *in, void *made)
{
    void **owned = made ? realloc(in->owned, (in->owned_count + 1) * sizeof(*owned)) : NULL;

    if (!owned) {
        free(made);
        return false;
    }
    in->owned = owned;
    owned[in->owned_count++] = made;
    return true;
}

void schema_in_clear(struct schema_in *schema)
{
    for (size_t i = 0; i < schema->owned_count; i++)
        free(schema->owned[i]);
    free(schema->owned);
    schema_file_clear(&schema->file);
    *schema = (struct schema_in)SCHEMA_IN_INIT;
}
