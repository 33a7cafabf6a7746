/* SPDX-License-Identifier: MIT
 *
 * Checking a field. All that is wrong with it is told, for whoever writes a schema writes it in one go: a key
 * that is no path of names, a member that sticks out of its struct, a default or a bound that is not of the
 * type, and options that do not go together. What the macros make is checked all the same: other languages
 * fill the struct by hand, and a table may be given to the wrong schema. */
#include "schema/field.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "model/convert.h"
#include "model/written.h"
#include "schema/bounds.h"

void cmr__field_fault(const struct cmr__field_check *check, const char *format, ...)
{
    char what[600];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    cmr__report_add(check->report, CMR_ERR_INVALID_ARGUMENT, NULL, 0, 0, NULL, "field %s: %s", check->name,
                    what);
}

/* ---- its key */

#define SOME_FILE "_#" /* a path below the schema's key is parsed as that of some file */

static bool has_names_only(const struct cmr__key *key)
{
    for (size_t i = 0; i < key->count; i++)
        if (key->segments[i].kind != CMR__SEGMENT_NAME)
            return false;
    return true;
}

static bool has_nul(const struct cmr__key *key)
{
    for (size_t i = 0; i < key->count; i++)
        if (memchr(key->segments[i].text, '\0', key->segments[i].length))
            return true;
    return false;
}

static void parse_key(struct cmr__field *field, struct cmr__field_check *check, const char *text)
{
    struct cmr__key key;
    size_t where = 0, before = check->whole_key ? 0 : strlen(SOME_FILE);
    if (!cmr__key_parse(&key, text, strlen(text), false, &where)) {
        cmr__field_fault(check, "malformed key, at its byte %zu", where - before + 1);
        return;
    }
    if (!has_names_only(&key)) {
        cmr__field_fault(check, "its key names an item: make it a list of structs");
        return;
    }
    if (has_nul(&key)) {
        cmr__field_fault(check, "its key holds a NUL character");
        return;
    }
    if (cmr__patterns_new(text, NULL, &field->key) != CMR_OK)
        check->failed = true;
    else
        field->path = field->key.items;
}

static void init_key(struct cmr__field *field, struct cmr__field_check *check)
{
    if (!field->is.key) {
        cmr__field_fault(check, "it has no key");
        return;
    }
    struct cmr__buffer text = CMR__BUFFER_INIT;
    cmr__buffer_append_text(&text, check->whole_key ? "" : SOME_FILE);
    cmr__buffer_append_text(&text, field->is.key);
    cmr__buffer_append_char(&text, '\0');
    if (text.failed)
        check->failed = true;
    else
        parse_key(field, check, text.data);
    cmr__buffer_reset(&text);
}

/* ---- its member */

/* What a value of the type takes in a struct. Of integers, anything. */
static size_t width_of(cmr_type type)
{
    switch (type) {
    case CMR_TYPE_BOOL:
        return sizeof(bool);
    case CMR_TYPE_DOUBLE:
    case CMR_TYPE_PERCENT:
        return sizeof(double);
    case CMR_TYPE_STRING:
        return sizeof(const char *);
    case CMR_TYPE_DURATION:
    case CMR_TYPE_SIZE:
        return sizeof(int64_t);
    case CMR_TYPE_ENUM:
    case CMR_TYPE_LOG_LEVEL:
        return sizeof(int);
    case CMR_TYPE_IP:
        return sizeof(cmr_ip);
    case CMR_TYPE_CIDR:
        return sizeof(cmr_cidr);
    default:
        return 0;
    }
}

static bool is_value(const cmr_field *field)
{
    return field->kind == CMR_FIELD_KIND_SCALAR || field->kind == CMR_FIELD_KIND_LIST;
}

static bool is_list(const cmr_field *field)
{
    return field->kind == CMR_FIELD_KIND_LIST || field->kind == CMR_FIELD_KIND_STRUCTS;
}

size_t cmr__field_size(const cmr_field *field)
{
    return is_list(field) ? sizeof(const void *) : field->width;
}

static bool has_good_width(const cmr_field *field)
{
    size_t width = field->width;
    if (!is_value(field))
        return width > 0;
    if (field->type == CMR_TYPE_INT64 || field->type == CMR_TYPE_UINT64)
        return width == 1 || width == 2 || width == 4 || width == 8;
    return width == width_of(field->type);
}

/* False: what follows from the type cannot be looked at. */
static bool check_type(const struct cmr__field *field, const struct cmr__field_check *check)
{
    const cmr_field *is = &field->is;
    bool integer = is->type == CMR_TYPE_INT64 || is->type == CMR_TYPE_UINT64;
    if (is->kind < CMR_FIELD_KIND_SCALAR || is->kind > CMR_FIELD_KIND_STRUCTS)
        cmr__field_fault(check, "unknown kind %d", (int)is->kind);
    else if (is_value(is) ? !integer && !width_of(is->type) : is->type != CMR_TYPE_ANY)
        cmr__field_fault(check, "no field is of the type %s", cmr_type_name(is->type));
    else if (!has_good_width(is))
        cmr__field_fault(check, "a member of %zu bytes, which is no %s", is->width, cmr_type_name(is->type));
    else if (is->type == CMR_TYPE_ENUM && !is->table)
        cmr__field_fault(check, "an enum without a table");
    else
        return true;
    return false;
}

static bool fits(size_t offset, size_t size, size_t whole)
{
    return size <= whole && offset <= whole - size;
}

static void check_member(const struct cmr__field *field, const struct cmr__field_check *check)
{
    const cmr_field *is = &field->is;
    if (is->struct_size != check->struct_size)
        cmr__field_fault(check, "a member of a struct of %zu bytes, in a table for one of %zu",
                         is->struct_size, check->struct_size);
    else if (!fits(is->offset, cmr__field_size(is), is->struct_size) ||
             (is_list(is) && !fits(is->count_offset, sizeof(size_t), is->struct_size)))
        cmr__field_fault(check, "its member is not within its struct");
    else if (is_list(is) && is->offset < is->count_offset + sizeof(size_t) &&
             is->count_offset < is->offset + sizeof(void *))
        cmr__field_fault(check, "its count lies within its member");
}

/* ---- its options */

static void check_options(const struct cmr__field *field, const struct cmr__field_check *check)
{
    const cmr_field *is = &field->is;
    bool value = is_value(is), list = is_list(is), holds_structs = is->kind == CMR_FIELD_KIND_STRUCTS;
    if (is->table && (!value || is->type != CMR_TYPE_ENUM))
        cmr__field_fault(check, "a table, and no enum");
    if (!value && (is->otherwise || is->minimum || is->maximum))
        cmr__field_fault(check, "a struct has neither default nor bounds");
    if (is->otherwise && is->required)
        cmr__field_fault(check, "a default of a required key is never used");
    if (!list && (is->least || is->most))
        cmr__field_fault(check, "least and most are of lists");
    if (is->most && is->least > is->most)
        cmr__field_fault(check, "least %zu is more than most %zu", is->least, is->most);
    if (!value && !is->fields)
        cmr__field_fault(check, "a struct without fields");
    if (value && is->fields)
        cmr__field_fault(check, "fields, and no struct");
    if (is->restart && check->is_item)
        cmr__field_fault(check, "restart is not for what is in a list of structs");
    else if (field->restart && holds_structs)
        cmr__field_fault(check, "restart is not for a list of structs");
}

/* ---- its default */

cmr_status cmr__field_convert(const struct cmr__field *field, const char *text, size_t length,
                              cmr_value *ret_value)
{
    struct cmr__scalar scalar = { CMR__SCALAR_UNTYPED, text, length };
    cmr_value value = { .text = text, .length = length, .file = "" };
    cmr_status status = cmr__convert(&scalar, field->is.type, field->is.table, &value);
    if (status == CMR_OK)
        *ret_value = value;
    return status;
}

static bool check_default(const struct cmr__field *field, const struct cmr__field_check *check,
                          const char *text, size_t length, cmr_value *ret_value)
{
    struct cmr__scalar scalar = { CMR__SCALAR_UNTYPED, text, length };
    char why[500];
    if (cmr__field_convert(field, text, length, ret_value) != CMR_OK)
        cmr__convert_explain(&scalar, field->is.type, field->is.table, why, sizeof why);
    else if (cmr__bounds_hold(field, ret_value, why, sizeof why))
        return true;
    cmr__field_fault(check, "its default: %s", why);
    return false;
}

static void check_default_list(const struct cmr__field *field, const struct cmr__field_check *check)
{
    const char *text = field->is.otherwise;
    struct cmr__written walk;
    struct cmr__written_item item;
    cmr_value value;
    size_t count;
    if (!cmr__written_count(text, strlen(text), false, &count)) {
        cmr__field_fault(check, "its default: \"%s\" has an empty item", text);
        return;
    }
    if (count < field->is.least || (field->is.most && count > field->is.most))
        cmr__field_fault(check, "its default has %zu items", count);
    cmr__written_start(&walk, text, strlen(text), false);
    while (cmr__written_next(&walk, &item))
        check_default(field, check, item.text, item.length, &value);
}

static void init_default(struct cmr__field *field, const struct cmr__field_check *check)
{
    const char *text = field->is.otherwise;
    field->otherwise = (cmr_value){ .type = field->is.type, .file = "" };
    if (text && field->is.kind == CMR_FIELD_KIND_LIST)
        check_default_list(field, check);
    else if (text && field->is.kind == CMR_FIELD_KIND_SCALAR)
        check_default(field, check, text, strlen(text), &field->otherwise);
}

/* ---- all of it */

void cmr__field_init(struct cmr__field *field, struct cmr__field_check *check)
{
    field->restart = field->is.restart || check->restart;
    init_key(field, check);
    if (!check_type(field, check))
        return;
    check_member(field, check);
    check_options(field, check);
    if (!is_value(&field->is))
        return;
    cmr__bounds_init(field, check);
    init_default(field, check);
}

void cmr__field_reset(struct cmr__field *field)
{
    cmr__patterns_reset(&field->key);
}
