/* SPDX-License-Identifier: MIT
 *
 * A schema as a page of Markdown, for those who write the files: one table, a key a row, those of structs
 * under their struct. Whatever the schema's texts hold, a row stays a row. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "schema/schema.h"

struct page {
    struct cmr__buffer text;
    struct cmr__buffer prefix; /* of the keys in the struct that is written */
};

static void put(struct page *page, const char *text)
{
    cmr__buffer_append_text(&page->text, text);
}

/* A cell must not hold a line break, nor a bar that is not escaped. */
static void put_cell(struct page *page, const char *text)
{
    for (; *text; text++) {
        bool blank = (unsigned char)*text < ' ';
        if (*text == '|')
            cmr__buffer_append_char(&page->text, '\\');
        cmr__buffer_append_char(&page->text, blank ? ' ' : *text);
    }
}

/* As code, behind more backticks than stand in it. */
static void put_code(struct page *page, const char *text)
{
    size_t longest = 0, run = 0;
    for (const char *at = text; *at; at++) {
        run = *at == '`' ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    for (size_t i = 0; i <= longest; i++)
        put(page, "`");
    put(page, longest ? " " : "");
    put_cell(page, *text ? text : "\"\"");
    put(page, longest ? " " : "");
    for (size_t i = 0; i <= longest; i++)
        put(page, "`");
}

/* ---- what a value is */

static const char *name_of(cmr_type type)
{
    if (type == CMR_TYPE_INT64 || type == CMR_TYPE_UINT64)
        return "int";
    if (type == CMR_TYPE_DOUBLE)
        return "number";
    return type == CMR_TYPE_LOG_LEVEL ? "log level" : cmr_type_name(type);
}

static void put_names(struct page *page, const cmr_enum_item *table)
{
    for (const cmr_enum_item *item = table; item->name; item++) {
        put(page, item == table ? "" : item[1].name ? ", " : " or ");
        put_code(page, item->name);
    }
}

/* What only the width of the member says is worth a word where it is narrow. */
static bool is_worth_telling(const struct cmr__field *field, const struct cmr__bound *bound, bool least)
{
    bool implied = bound->text == bound->own;
    return bound->text && (!implied || field->is.width < 4 || (least && field->is.type == CMR_TYPE_UINT64));
}

static void put_bounds(struct page *page, const struct cmr__field *field)
{
    bool least = is_worth_telling(field, &field->minimum, true);
    bool most = is_worth_telling(field, &field->maximum, false);
    if (!least && !most)
        return;
    put(page, least && most ? ", " : least ? ", at least " : ", at most ");
    if (least)
        put_cell(page, field->minimum.text);
    put(page, least && most ? " to " : "");
    if (most)
        put_cell(page, field->maximum.text);
    bool one = strcmp(most ? field->maximum.text : field->minimum.text, "1") == 0;
    put(page, field->is.type != CMR_TYPE_STRING ? "" : one ? " byte" : " bytes");
}

static void put_value(struct page *page, const struct cmr__field *field)
{
    if (field->is.type == CMR_TYPE_ENUM)
        put_names(page, field->is.table);
    else
        put(page, name_of(field->is.type));
    put_bounds(page, field);
}

static void put_counts(struct page *page, const cmr_field *is)
{
    if (is->least && is->most)
        cmr__buffer_printf(&page->text, "; %zu to %zu items", is->least, is->most);
    else if (is->least)
        cmr__buffer_printf(&page->text, "; at least %zu item%s", is->least, is->least == 1 ? "" : "s");
    else if (is->most)
        cmr__buffer_printf(&page->text, "; at most %zu item%s", is->most, is->most == 1 ? "" : "s");
}

static void put_kind(struct page *page, const struct cmr__field *field)
{
    switch (field->is.kind) {
    case CMR_FIELD_KIND_STRUCT:
        put(page, "map");
        break;
    case CMR_FIELD_KIND_STRUCTS:
        put(page, "list of maps");
        break;
    case CMR_FIELD_KIND_LIST:
        put(page, "list of: ");
        put_value(page, field);
        break;
    default:
        put_value(page, field);
    }
    put_counts(page, &field->is);
}

/* ---- the table */

static void put_default(struct page *page, const cmr_field *is)
{
    if (is->required)
        put(page, "*required*");
    else if (is->otherwise)
        put_code(page, is->otherwise);
}

static void put_note(struct page *page, const cmr_field *is)
{
    if (is->text)
        put_cell(page, is->text);
    if (is->restart)
        put(page, is->text ? " *(takes effect at a restart)*" : "*(takes effect at a restart)*");
}

/* "limits.memory", "servers[].name"; a name that needs brackets follows without a dot. */
static char *join_key(const struct page *page, const char *key)
{
    struct cmr__buffer joined = CMR__BUFFER_INIT;
    size_t dot = *key == '[' && page->prefix.size ? 1 : 0;
    cmr__buffer_append(&joined, page->prefix.data, page->prefix.size - dot);
    cmr__buffer_append_text(&joined, key);
    return cmr__buffer_take(&joined);
}

static void put_row(struct page *page, const struct cmr__field *field)
{
    cmr_cleanup(cmr__free_ptr) char *key = join_key(page, field->is.key);
    page->text.failed |= !key;
    put(page, "| ");
    put_code(page, key ? key : "");
    put(page, " | ");
    put_kind(page, field);
    put(page, " | ");
    put_default(page, &field->is);
    put(page, " | ");
    put_note(page, &field->is);
    put(page, " |\n");
}

static void put_rows(struct page *page, const struct cmr__table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct cmr__field *field = &table->all[i];
        size_t size = page->prefix.size;
        bool items = field->is.kind == CMR_FIELD_KIND_STRUCTS;
        put_row(page, field);
        page->prefix.size -= field->is.key[0] == '[' && size ? 1 : 0;
        cmr__buffer_append_text(&page->prefix, field->is.key);
        cmr__buffer_append_text(&page->prefix, items ? "[]." : ".");
        put_rows(page, &field->fields);
        page->prefix.size = size;
    }
}

/* ---- all of it */

static void put_page(struct page *page, const struct cmr__schema *schema, const char *key)
{
    static const char *const policies[] = { "Other keys are passed over.",
                                            "Other keys are passed over, and told in the log.",
                                            "Other keys are errors." };
    put(page, "# ");
    put_cell(page, schema->is.name ? schema->is.name : schema->path ? key : "Configuration");
    put(page, "\n\n");
    if (schema->is.text)
        cmr__buffer_printf(&page->text, "%s\n\n", schema->is.text);
    if (schema->path) {
        put(page, "Keys in ");
        put_code(page, key);
        put(page, ". ");
    }
    put(page, policies[schema->is.unknown]);
    put(page, "\n\n| key | value | default | |\n|---|---|---|---|\n");
    put_rows(page, &schema->fields);
}

cmr_status cmr_schema_markdown(const cmr_schema *given, const char *key, char **ret_text)
{
    cmr_cleanup(cmr__schema_free_place) struct cmr__schema *schema = NULL;
    cmr_cleanup(cmr__report_free_place) cmr_report *report = cmr__report_new();
    struct page page = { CMR__BUFFER_INIT, CMR__BUFFER_INIT };
    if (!ret_text)
        return CMR_ERR_INVALID_ARGUMENT;
    cmr_status status = report ? cmr__schema_new(given, key, report, &schema) : CMR_ERR_NO_MEMORY;
    if (status != CMR_OK)
        return status;
    put_page(&page, schema, key);
    page.text.failed |= page.prefix.failed;
    cmr__buffer_reset(&page.prefix);
    char *text = cmr__buffer_take(&page.text);
    if (!text)
        return CMR_ERR_NO_MEMORY;
    *ret_text = text;
    return CMR_OK;
}
