/* SPDX-License-Identifier: MIT
 *
 * x-cmreload-type says what a value is, and "type" must be what the library prints for that; so a file that
 * was changed by hand, and says two things, is refused. Integers are the widest ones here, since the schema
 * says the bounds that their width was. */
#include "cli/schema_value.h"

#include <stdlib.h>
#include <string.h>

#include "cli/util.h"

/* What a type is in JSON Schema, and how wide its member is here. */
static const struct {
    cmr_type type;
    const char *json; /* NULL: it has names */
    size_t width;
    enum schema_keyword minimum, maximum; /* SCHEMA_KEYWORDS: none */
} types[] = {
    { CMR_TYPE_BOOL, "boolean", sizeof(bool), SCHEMA_KEYWORDS, SCHEMA_KEYWORDS },
    { CMR_TYPE_INT64, "integer", sizeof(int64_t), SCHEMA_MINIMUM, SCHEMA_MAXIMUM },
    { CMR_TYPE_UINT64, "integer", sizeof(uint64_t), SCHEMA_MINIMUM, SCHEMA_MAXIMUM },
    { CMR_TYPE_DOUBLE, "number", sizeof(double), SCHEMA_MINIMUM, SCHEMA_MAXIMUM },
    { CMR_TYPE_STRING, "string number boolean", sizeof(const char *), SCHEMA_MIN_LENGTH, SCHEMA_MAX_LENGTH },
    { CMR_TYPE_DURATION, "string number", sizeof(int64_t), SCHEMA_OWN_MINIMUM, SCHEMA_OWN_MAXIMUM },
    { CMR_TYPE_SIZE, "string number", sizeof(uint64_t), SCHEMA_OWN_MINIMUM, SCHEMA_OWN_MAXIMUM },
    { CMR_TYPE_ENUM, NULL, sizeof(int), SCHEMA_KEYWORDS, SCHEMA_KEYWORDS },
    { CMR_TYPE_LOG_LEVEL, "string integer", sizeof(int), SCHEMA_KEYWORDS, SCHEMA_KEYWORDS },
    { CMR_TYPE_PERCENT, "string", sizeof(double), SCHEMA_OWN_MINIMUM, SCHEMA_OWN_MAXIMUM },
    { CMR_TYPE_IP, "string", sizeof(cmr_ip), SCHEMA_KEYWORDS, SCHEMA_KEYWORDS },
    { CMR_TYPE_CIDR, "string", sizeof(cmr_cidr), SCHEMA_KEYWORDS, SCHEMA_KEYWORDS },
};

char *schema_value_join(const struct schema_node *node, enum schema_keyword keyword, const char *between)
{
    cli_cleanup(cli_free_ptr) char *key = schema_node_child(node, keyword, NULL);
    cmr_list *list = NULL;
    char *joined = NULL, *at;
    size_t size = 1;

    if (!key || cmr_list_new(node->file->snapshot, key, CMR_TYPE_STRING, NULL, &list) != CMR_OK) {
        schema_node_fail(node, keyword, "wanted a list of single values");
        return NULL;
    }
    for (size_t i = 0; i < cmr_list_count(list); i++)
        size += cmr_list_get(list, i)->length + strlen(between);
    at = joined = malloc(size);
    for (size_t i = 0; joined && i < cmr_list_count(list); i++)
        at = stpcpy(stpcpy(at, i ? between : ""), cmr_list_get(list, i)->text);
    if (joined)
        *at = '\0';
    else
        schema_fail_memory();
    cmr_list_free(list);
    return joined;
}

int schema_value_check_type(const struct schema_node *node, const char *wanted)
{
    cli_cleanup(cli_free_ptr) char *joined = NULL;
    const char *found = schema_node_text(node, SCHEMA_TYPE);

    if (found && node->values[SCHEMA_TYPE].type == CMR_TYPE_LIST) {
        found = joined = schema_value_join(node, SCHEMA_TYPE, " ");
        if (!joined)
            return CLI_FAILED;
    }
    if (!found == !wanted && (!wanted || strcmp(found, wanted) == 0))
        return CLI_DONE;
    return schema_node_fail(node, SCHEMA_TYPE, "wanted %s here", wanted ? wanted : "no type");
}

static int take_names(struct schema_in *in, const struct schema_node *node, cmr_field *field)
{
    cli_cleanup(cli_free_ptr) char *key = schema_node_child(node, SCHEMA_ENUM, NULL);
    cmr_list *list = NULL;
    cmr_enum_item *table;
    size_t count;

    if (!key || cmr_list_new(in->file.snapshot, key, CMR_TYPE_STRING, NULL, &list) != CMR_OK)
        return schema_node_fail(node, SCHEMA_ENUM, "wanted a list of names");
    count = cmr_list_count(list);
    table = calloc(count + 1, sizeof(*table));
    for (size_t i = 0; table && i < count; i++)
        table[i] = (cmr_enum_item){ cmr_list_get(list, i)->text, (int)i };
    cmr_list_free(list);
    if (!schema_in_own(in, table))
        return schema_fail_memory();
    field->table = table;
    return CLI_DONE;
}

static const char *bound_of(const struct schema_node *node, enum schema_keyword usual,
                            enum schema_keyword own_one)
{
    const char *text = usual == SCHEMA_KEYWORDS ? NULL : schema_node_text(node, usual);

    return text ? text : schema_node_text(node, own_one);
}

/* Keywords of a bound that are not the type's. */
static int check_bounds(const struct schema_node *node, size_t type)
{
    static const enum schema_keyword all[] = { SCHEMA_MINIMUM,    SCHEMA_MAXIMUM,     SCHEMA_MIN_LENGTH,
                                               SCHEMA_MAX_LENGTH, SCHEMA_OWN_MINIMUM, SCHEMA_OWN_MAXIMUM };
    bool infinite = types[type].type == CMR_TYPE_DOUBLE; /* has no number in JSON */

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        bool is_own = all[i] == SCHEMA_OWN_MINIMUM || all[i] == SCHEMA_OWN_MAXIMUM;
        if (schema_node_has(node, all[i]) && all[i] != types[type].minimum && all[i] != types[type].maximum &&
            !(infinite && is_own))
            return schema_node_fail(node, all[i], "not a keyword for a %s", cmr_type_name(types[type].type));
    }
    return CLI_DONE;
}

static int find_type(const struct schema_node *node, size_t *ret_type)
{
    const char *name = schema_node_text(node, SCHEMA_OWN_TYPE);
    cmr_type type;

    if (!name)
        return schema_node_fail(node, SCHEMA_OWN_TYPE, "x-cmreload-type is missing");
    if (cmr_type_from_name(name, &type) == CMR_OK) {
        for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
            *ret_type = i;
            if (types[i].type == type)
                return CLI_DONE;
        }
    }
    return schema_node_fail(node, SCHEMA_OWN_TYPE, "no type of a field: %s", name);
}

int schema_value_take(struct schema_in *in, const struct schema_node *node, cmr_field *field)
{
    size_t type;
    int status = find_type(node, &type);

    if (status == CLI_DONE)
        status = schema_value_check_type(node, types[type].json);
    if (status == CLI_DONE)
        status = check_bounds(node, type);
    if (status != CLI_DONE)
        return status;
    field->type = types[type].type;
    field->width = types[type].width;
    field->minimum = bound_of(node, types[type].minimum, SCHEMA_OWN_MINIMUM);
    field->maximum = bound_of(node, types[type].maximum, SCHEMA_OWN_MAXIMUM);
    if (field->type == CMR_TYPE_ENUM)
        return take_names(in, node, field);
    return schema_node_has(node, SCHEMA_ENUM)
               ? schema_node_fail(node, SCHEMA_ENUM, "not a keyword for a %s", cmr_type_name(field->type))
               : CLI_DONE;
}
