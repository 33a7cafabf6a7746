/* SPDX-License-Identifier: MIT
 *
 * Values: from the place where a key leads to what the application asked for, and the public reads over that.
 *
 * Bytes are special: of a text file they are the whole file as it is, while every other type (and a text
 * file's own) leaves out a byte order mark and the last newline; the text format stored the value so. */
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "model/convert.h"
#include "model/snapshot.h"
#include "model/written.h"

static bool is_container(cmr_type type)
{
    return type == CMR_TYPE_MAP || type == CMR_TYPE_LIST;
}

static struct cmr__scalar scalar_of(const cmr__document *document, const struct cmr__entry *entry)
{
    return (struct cmr__scalar){ cmr__entry_type(entry), cmr__document_at(document, entry->value_offset),
                                 entry->value_length };
}

/* A structured file asked for as a whole. */
static struct cmr__scalar raw_scalar(const cmr__document *document)
{
    struct cmr__scalar scalar;
    scalar.text = cmr__document_raw(document, &scalar.length);
    bool text = !memchr(scalar.text, '\0', scalar.length) &&
                cmr__utf8_valid_prefix(scalar.text, scalar.length) == scalar.length;
    scalar.type = text ? CMR__SCALAR_STRING : CMR__SCALAR_BYTES;
    return scalar;
}

static bool is_whole_text(const cmr__document *document, uint32_t entry)
{
    enum cmr__scalar_type type = cmr__entry_type(cmr__document_entry(document, entry));
    return entry == 0 && (type == CMR__SCALAR_UNTYPED || type == CMR__SCALAR_BYTES);
}

static cmr_status container_value(const struct cmr__entry *entry, cmr_type type, cmr_value *value)
{
    cmr_type own = entry->kind == CMR__MAP ? CMR_TYPE_MAP : CMR_TYPE_LIST;
    if (type != CMR_TYPE_ANY && type != own)
        return CMR_ERR_TYPE;
    value->type = own;
    value->as.count = entry->value_length;
    value->text = entry->value_length ? "" : own == CMR_TYPE_MAP ? "{}" : "[]";
    value->length = strlen(value->text);
    return CMR_OK;
}

/* A list or a map that is written in one text. */
static cmr_status written_value(const struct cmr__scalar *scalar, cmr_type type, cmr_value *value)
{
    if (scalar->type != CMR__SCALAR_UNTYPED ||
        !cmr__written_count(scalar->text, scalar->length, type == CMR_TYPE_MAP, &value->as.count))
        return CMR_ERR_TYPE;
    value->type = type;
    return CMR_OK;
}

static cmr_status scalar_value(const struct cmr__scalar *scalar, cmr_type type, const cmr_enum_item *table,
                               cmr_value *value)
{
    value->text = scalar->text;
    value->length = scalar->length;
    if (type == CMR_TYPE_ANY) {
        cmr__convert_natural(scalar, value);
        return CMR_OK;
    }
    if (is_container(type))
        return written_value(scalar, type, value);
    return cmr__convert(scalar, type, table, value);
}

cmr_status cmr__location_value(const struct cmr__location *location, cmr_type type,
                               const cmr_enum_item *table, cmr_value *ret_value)
{
    const cmr__document *document = location->file->document;
    const struct cmr__entry *entry = cmr__document_entry(document, location->entry);
    cmr_value value = { .file = location->file->name,
                        .line = entry->line,
                        .column = cmr__entry_column(entry),
                        .quoted = entry->flags & CMR__ENTRY_QUOTED,
                        .secret = document->secret };
    cmr_status status;
    if (entry->kind != CMR__SCALAR && (!location->whole_file || is_container(type))) {
        status = container_value(entry, type, &value);
    } else {
        struct cmr__scalar scalar = location->whole_file ? raw_scalar(document) : scalar_of(document, entry);
        bool raw =
            type == CMR_TYPE_BYTES && !location->whole_file && is_whole_text(document, location->entry);
        if (raw)
            scalar.text = cmr__document_raw(document, &scalar.length);
        status = scalar_value(&scalar, type, table, &value);
    }
    if (status == CMR_OK)
        *ret_value = value;
    return status;
}

static void explain_written(const struct cmr__scalar *scalar, cmr_type type, char *buffer, size_t size)
{
    if (scalar->type == CMR__SCALAR_UNTYPED)
        cmr__written_explain(scalar->text, scalar->length, type == CMR_TYPE_MAP, buffer, size);
    else
        snprintf(buffer, size, "wanted a %s, found a single value", cmr_type_name(type));
}

void cmr__location_explain(const struct cmr__location *location, cmr_type type, const cmr_enum_item *table,
                           char *buffer, size_t size)
{
    const cmr__document *document = location->file->document;
    const struct cmr__entry *entry = cmr__document_entry(document, location->entry);
    if (entry->kind != CMR__SCALAR && (!location->whole_file || is_container(type))) {
        snprintf(buffer, size, "wanted %s, found a %s", cmr_type_name(type),
                 entry->kind == CMR__MAP ? "map" : "list");
        return;
    }
    if (document->secret) {
        snprintf(buffer, size, "wanted %s, " CMR__NOT_SHOWN, cmr_type_name(type));
        return;
    }
    struct cmr__scalar scalar = location->whole_file ? raw_scalar(document) : scalar_of(document, entry);
    if (is_container(type))
        explain_written(&scalar, type, buffer, size);
    else
        cmr__convert_explain(&scalar, type, table, buffer, size);
}

cmr_status cmr_get(const cmr_snapshot *snapshot, const char *text, cmr_type type, const cmr_enum_item *table,
                   cmr_value *ret_value)
{
    struct cmr__location location;
    if (!snapshot || !text || !ret_value)
        return CMR_ERR_INVALID_ARGUMENT;
    cmr_status status = cmr__snapshot_locate_text(snapshot, text, &location);
    return status == CMR_OK ? cmr__location_value(&location, type, table, ret_value) : status;
}

/* ---- one read a type */

/* As cmr_get, but of the value only text, length and `as` are set: most reads want no more. */
static cmr_status read(const cmr_snapshot *snapshot, const char *key, cmr_type type,
                       const cmr_enum_item *table, cmr_value *ret_value)
{
    struct cmr__location location;
    if (!snapshot || !key)
        return CMR_ERR_INVALID_ARGUMENT;
    cmr_status status = cmr__snapshot_locate_text(snapshot, key, &location);
    if (status != CMR_OK)
        return status;
    const cmr__document *document = location.file->document;
    const struct cmr__entry *entry = cmr__document_entry(document, location.entry);
    if (entry->kind != CMR__SCALAR)
        return cmr__location_value(&location, type, table, ret_value);
    struct cmr__scalar scalar = scalar_of(document, entry);
    ret_value->text = scalar.text;
    ret_value->length = scalar.length;
    return cmr__convert(&scalar, type, table, ret_value);
}

#define READ(name, c_type, cmr_type_, member)                                                                \
    cmr_status cmr_get_##name(const cmr_snapshot *snapshot, const char *key, c_type *ret_value)              \
    {                                                                                                        \
        cmr_value value;                                                                                     \
        cmr_status status = read(snapshot, key, cmr_type_, NULL, &value);                                    \
        if (status == CMR_OK)                                                                                \
            *ret_value = value.member;                                                                       \
        return status;                                                                                       \
    }

#define READ_OR(name, c_type)                                                                                \
    c_type cmr_get_##name##_or(const cmr_snapshot *snapshot, const char *key, c_type otherwise)              \
    {                                                                                                        \
        (void)cmr_get_##name(snapshot, key, &otherwise);                                                     \
        return otherwise;                                                                                    \
    }

READ(bool, bool, CMR_TYPE_BOOL, as.boolean)
READ_OR(bool, bool)
READ(int64, int64_t, CMR_TYPE_INT64, as.int64)
READ_OR(int64, int64_t)
READ(uint64, uint64_t, CMR_TYPE_UINT64, as.uint64)
READ_OR(uint64, uint64_t)
READ(double, double, CMR_TYPE_DOUBLE, as.number)
READ_OR(double, double)
READ(duration, int64_t, CMR_TYPE_DURATION, as.duration_ns)
READ_OR(duration, int64_t)
READ(size, uint64_t, CMR_TYPE_SIZE, as.size)
READ_OR(size, uint64_t)
READ(log_level, cmr_log_level, CMR_TYPE_LOG_LEVEL, as.level)
READ_OR(log_level, cmr_log_level)
READ(percent, double, CMR_TYPE_PERCENT, as.number)
READ_OR(percent, double)
READ(ip, cmr_ip, CMR_TYPE_IP, as.ip)
READ(cidr, cmr_cidr, CMR_TYPE_CIDR, as.cidr)

typedef const char *text;
READ(string, text, CMR_TYPE_STRING, text)
READ_OR(string, text)

cmr_status cmr_get_bytes(const cmr_snapshot *snapshot, const char *key, const void **ret_data,
                         size_t *ret_size)
{
    cmr_value value;
    cmr_status status = cmr_get(snapshot, key, CMR_TYPE_BYTES, NULL, &value);
    if (status == CMR_OK) {
        *ret_data = value.text;
        *ret_size = value.length;
    }
    return status;
}

cmr_status cmr_get_enum(const cmr_snapshot *snapshot, const char *key, const cmr_enum_item *table,
                        int *ret_value)
{
    cmr_value value;
    cmr_status status = read(snapshot, key, CMR_TYPE_ENUM, table, &value);
    if (status == CMR_OK)
        *ret_value = value.as.enumeration;
    return status;
}

int cmr_get_enum_or(const cmr_snapshot *snapshot, const char *key, const cmr_enum_item *table, int otherwise)
{
    (void)cmr_get_enum(snapshot, key, table, &otherwise);
    return otherwise;
}
