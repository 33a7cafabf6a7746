/* SPDX-License-Identifier: MIT
 *
 * The library reads the file, as it reads any JSON: it is asked for one object after the other. What it does
 * not print itself is refused by its name: a keyword that is passed over would be a check that is not made.
 */
#include "cli/schema_node.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli/reading.h"
#include "cli/util.h"

#define IN_MEMORY "schema"

#define ON(kind) (1u << SCHEMA_##kind)
#define ON_MAPS (ON(ROOT) | ON(PATH) | ON(STRUCT))
#define ON_PROPERTIES (ON(PATH) | ON(STRUCT) | ON(LIST) | ON(SCALAR))

/* JSON types as bits; a number's text is what counts. */
enum {
    STRING = 1,
    BOOL = 2,
    NUMBER = 4,
    LIST = 8,
    MAP = 16,
    ANY_SCALAR = STRING | BOOL | NUMBER,
};

static const struct {
    const char *name;
    unsigned kinds;
    unsigned types;
} keywords[SCHEMA_KEYWORDS] = {
    [SCHEMA_URI] = { "$schema", ON(ROOT), STRING },
    [SCHEMA_TITLE] = { "title", ON(ROOT), STRING },
    [SCHEMA_DESCRIPTION] = { "description", ON_MAPS | ON_PROPERTIES, STRING },
    [SCHEMA_KEY] = { "x-cmreload-key", ON(ROOT), STRING },
    [SCHEMA_UNKNOWN] = { "x-cmreload-unknown", ON(ROOT), STRING },
    [SCHEMA_TYPE] = { "type", ON_MAPS | ON_PROPERTIES, STRING | LIST },
    [SCHEMA_PROPERTIES] = { "properties", ON_MAPS, MAP },
    [SCHEMA_REQUIRED] = { "required", ON_MAPS, LIST },
    [SCHEMA_ADDITIONAL] = { "additionalProperties", ON_MAPS, BOOL },
    [SCHEMA_IS_PATH] = { "x-cmreload-path", ON(PATH), BOOL },
    [SCHEMA_ITEMS] = { "items", ON(LIST), MAP },
    [SCHEMA_MIN_ITEMS] = { "minItems", ON(LIST), NUMBER },
    [SCHEMA_MAX_ITEMS] = { "maxItems", ON(LIST), NUMBER },
    [SCHEMA_ENUM] = { "enum", ON(SCALAR), LIST },
    [SCHEMA_DEFAULT] = { "default", ON(SCALAR) | ON(LIST), ANY_SCALAR | LIST },
    [SCHEMA_MINIMUM] = { "minimum", ON(SCALAR), NUMBER },
    [SCHEMA_MAXIMUM] = { "maximum", ON(SCALAR), NUMBER },
    [SCHEMA_MIN_LENGTH] = { "minLength", ON(SCALAR), NUMBER },
    [SCHEMA_MAX_LENGTH] = { "maxLength", ON(SCALAR), NUMBER },
    [SCHEMA_OWN_TYPE] = { "x-cmreload-type", ON(SCALAR), STRING },
    [SCHEMA_OWN_MINIMUM] = { "x-cmreload-minimum", ON(SCALAR), STRING },
    [SCHEMA_OWN_MAXIMUM] = { "x-cmreload-maximum", ON(SCALAR), STRING },
    [SCHEMA_RESTART] = { "x-cmreload-restart", ON_PROPERTIES, BOOL },
};

/* ---- the file */

int schema_file_parse(const char *path, const char *data, size_t size, struct schema_file *ret_file)
{
    static const cmr_format_rule rules[] = { { "*", "json" }, { NULL, NULL } };
    cli_cleanup(cli_free_report) cmr_report *report = NULL;
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    cmr_file file = { .name = IN_MEMORY, .data = data, .size = size };
    cmr_status status;

    ret_file->path = path;
    mount.formats = rules;
    mount.limits.file_size = mount.limits.generation_size = SCHEMA_MAX_SIZE;
    mount.limits.depth = 250;
    status = cmr_snapshot_from_files(&file, 1, &mount, &report, &ret_file->snapshot);
    if (status == CMR_ERR_REJECTED)
        return cli_print_report(report, path, 1);
    return status == CMR_OK ? CLI_DONE : cli_fail_status(path, status);
}

void schema_file_clear(struct schema_file *file)
{
    cmr_snapshot_unref(file->snapshot);
    file->snapshot = NULL;
}

/* ---- keys */

static bool is_bare(const char *name)
{
    static const char bare[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

    return *name && name[strspn(name, bare)] == '\0';
}

static char *put_quoted(char *at, const char *name)
{
    at = stpcpy(at, "[\"");
    for (; *name; name++) {
        if ((unsigned char)*name < ' ')
            at += sprintf(at, "\\u%04x", (unsigned)(unsigned char)*name);
        else
            at += sprintf(at, *name == '"' || *name == '\\' ? "\\%c" : "%c", *name);
    }
    return stpcpy(at, "\"]");
}

char *schema_key_append(char *key, const char *name, bool first)
{
    size_t length = strlen(key);
    char *longer = realloc(key, length + 6 * strlen(name) + 6), *at = longer + length;

    if (!longer) {
        free(key);
        cli_fail(CLI_FAILED, "out of memory");
        return NULL;
    }
    if (is_bare(name))
        stpcpy(stpcpy(at, first ? "" : "."), name);
    else
        put_quoted(at, name);
    return longer;
}

char *schema_node_child(const struct schema_node *node, enum schema_keyword keyword, const char *name)
{
    size_t length = strlen(node->key);
    bool whole = !strchr(node->key, '#');
    char *key = malloc(length + 2);

    if (!key) {
        cli_fail(CLI_FAILED, "out of memory");
        return NULL;
    }
    stpcpy(stpcpy(key, node->key), whole ? "#" : "");
    key = schema_key_append(key, keywords[keyword].name, whole);
    return key && name ? schema_key_append(key, name, false) : key;
}

/* ---- an object */

bool schema_node_has(const struct schema_node *node, enum schema_keyword keyword)
{
    return node->values[keyword].file != NULL;
}

const char *schema_node_text(const struct schema_node *node, enum schema_keyword keyword)
{
    return schema_node_has(node, keyword) ? node->values[keyword].text : NULL;
}

int schema_node_fail(const struct schema_node *node, enum schema_keyword keyword, const char *format, ...)
{
    bool at_keyword = schema_node_has(node, keyword);
    char what[500];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(what, sizeof(what), format, arguments);
    va_end(arguments);
    return cli_fail_at(node->file->path, at_keyword ? node->values[keyword].line : node->line,
                       at_keyword ? node->values[keyword].column : node->column, "%s%s%s",
                       at_keyword ? keywords[keyword].name : "", at_keyword ? ": " : "", what);
}

static unsigned type_bit(cmr_type type)
{
    switch (type) {
    case CMR_TYPE_STRING:
        return STRING;
    case CMR_TYPE_BOOL:
        return BOOL;
    case CMR_TYPE_INT64:
    case CMR_TYPE_UINT64:
    case CMR_TYPE_DOUBLE:
        return NUMBER;
    case CMR_TYPE_LIST:
        return LIST;
    default:
        return type == CMR_TYPE_MAP ? MAP : 0;
    }
}

static int take(struct schema_node *node, const char *name, const cmr_value *value)
{
    for (enum schema_keyword i = 0; i < SCHEMA_KEYWORDS; i++) {
        if (strcmp(keywords[i].name, name) != 0)
            continue;
        node->values[i] = *value;
        if (keywords[i].types & type_bit(value->type))
            return CLI_DONE;
        return schema_node_fail(node, i, "not what is wanted here, found a %s", cmr_type_name(value->type));
    }
    return cli_fail_at(node->file->path, value->line, value->column, "unknown keyword \"%s\"", name);
}

static int take_all(struct schema_node *node, const cmr_map *map)
{
    int status = CLI_DONE;

    for (size_t i = 0; i < cmr_map_count(map); i++) {
        if (take(node, cmr_map_name(map, i), cmr_map_get(map, i)) != CLI_DONE)
            status = CLI_FAILED;
    }
    return status;
}

static enum schema_kind kind_of(const struct schema_node *node, bool is_root)
{
    if (is_root)
        return SCHEMA_ROOT;
    if (schema_node_has(node, SCHEMA_IS_PATH))
        return SCHEMA_PATH;
    if (schema_node_has(node, SCHEMA_PROPERTIES))
        return SCHEMA_STRUCT;
    return schema_node_has(node, SCHEMA_ITEMS) ? SCHEMA_LIST : SCHEMA_SCALAR;
}

static int check_keywords(const struct schema_node *node)
{
    static const char *const names[] = {
        [SCHEMA_ROOT] = "the schema itself", [SCHEMA_PATH] = "a map on the way",
        [SCHEMA_STRUCT] = "a map",           [SCHEMA_LIST] = "a list",
        [SCHEMA_SCALAR] = "a single value",
    };
    int status = CLI_DONE;

    for (enum schema_keyword i = 0; i < SCHEMA_KEYWORDS; i++) {
        if (schema_node_has(node, i) && !(keywords[i].kinds >> node->kind & 1))
            status = schema_node_fail(node, i, "not a keyword for %s", names[node->kind]);
    }
    return status;
}

/* What the object is, and where. */
static int open_node(struct schema_node *node, cmr_map **ret_map)
{
    cmr_value value;
    cmr_status status = cmr_get(node->file->snapshot, node->key, CMR_TYPE_ANY, NULL, &value);

    if (status == CMR_OK) {
        node->line = value.line;
        node->column = value.column;
    }
    status = cmr_map_new(node->file->snapshot, node->key, CMR_TYPE_ANY, NULL, ret_map);
    if (status == CMR_OK)
        return CLI_DONE;
    if (status == CMR_ERR_NO_MEMORY)
        return cli_fail(CLI_FAILED, "out of memory");
    return cli_fail_at(node->file->path, node->line, node->column, "wanted an object");
}

int schema_node_read(const struct schema_file *file, const char *key, bool is_root,
                     struct schema_node *ret_node)
{
    struct schema_node node = { .file = file, .key = strdup(key ? key : IN_MEMORY), .line = 1, .column = 1 };
    cmr_map *map = NULL;
    int status = node.key ? open_node(&node, &map) : cli_fail(CLI_FAILED, "out of memory");

    if (status == CLI_DONE)
        status = take_all(&node, map);
    cmr_map_free(map);
    node.kind = kind_of(&node, is_root);
    if (status == CLI_DONE)
        status = check_keywords(&node);
    if (status == CLI_DONE)
        *ret_node = node;
    else
        schema_node_clear(&node);
    return status;
}

void schema_node_clear(struct schema_node *node)
{
    free(node->key);
    *node = (struct schema_node){ .key = NULL };
}
