/* SPDX-License-Identifier: MIT
 *
 * From a scalar to a value, by the table "Types and values" of the public header. What the format
 * says a scalar is decides first (a YAML string is no int, whatever it looks like); then the whole
 * text must be of the wanted type's grammar. Where the format says nothing, as in properties, the
 * grammar alone decides.
 */
#include "model/convert.h"

#include <math.h>
#include <string.h>

#include "base/utf8.h"

#define FROM(type) (1u << CMR__SCALAR_##type)
#define FROM_NUMBER (FROM(INT) | FROM(FLOAT))
#define FROM_TEXT (FROM(STRING) | FROM(UNTYPED))
#define FROM_WORD (FROM(BOOL) | FROM_NUMBER | FROM_TEXT)

cmr_status cmr__fault_status(enum cmr__fault fault)
{
    if (fault == CMR__FAULT_NONE)
        return CMR_OK;
    return fault < CMR__FAULT_NEGATIVE ? CMR_ERR_TYPE : CMR_ERR_RANGE;
}

bool cmr__is_word(const char *text, size_t length, const char *word)
{
    for (size_t i = 0; i < length; i++) {
        char character = text[i];

        if (character >= 'A' && character <= 'Z')
            character |= 0x20;
        if (word[i] == '\0' || word[i] != character)
            return false;
    }
    return word[length] == '\0';
}

/* The readers of the single types; all have the same shape, for the table below. */
typedef cmr_status read_fn(const struct cmr__scalar *scalar, const cmr_enum_item *table,
                           cmr_value *ret_value);

static cmr_status read_nothing(const struct cmr__scalar *scalar, const cmr_enum_item *table,
                               cmr_value *ret_value)
{
    (void)scalar;
    (void)table;
    (void)ret_value;
    return CMR_OK;
}

static cmr_status read_bool(const struct cmr__scalar *scalar, const cmr_enum_item *table,
                            cmr_value *ret_value)
{
    static const char *const words[] = { "true", "false", "yes", "no", "on", "off", "1", "0" };

    (void)table;
    /* A tag can make a YAML bool of any text. */
    if (scalar->type == CMR__SCALAR_BOOL &&
        cmr__resolve_core_schema(scalar->text, scalar->length) != CMR__SCALAR_BOOL)
        return CMR_ERR_TYPE;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (cmr__is_word(scalar->text, scalar->length, words[i])) {
            ret_value->as.boolean = i % 2 == 0;
            return CMR_OK;
        }
    }
    return CMR_ERR_TYPE;
}

static cmr_status read_int64(const struct cmr__scalar *scalar, const cmr_enum_item *table,
                             cmr_value *ret_value)
{
    (void)table;
    return cmr__parse_int(scalar->text, scalar->length, &ret_value->as.int64);
}

static cmr_status read_uint64(const struct cmr__scalar *scalar, const cmr_enum_item *table,
                              cmr_value *ret_value)
{
    (void)table;
    return cmr__parse_uint(scalar->text, scalar->length, &ret_value->as.uint64);
}

static cmr_status read_double(const struct cmr__scalar *scalar, const cmr_enum_item *table,
                              cmr_value *ret_value)
{
    (void)table;
    return cmr__parse_double(scalar->text, scalar->length, &ret_value->as.number);
}

static cmr_status read_string(const struct cmr__scalar *scalar, const cmr_enum_item *table,
                              cmr_value *ret_value)
{
    (void)table;
    (void)ret_value;
    if (memchr(scalar->text, '\0', scalar->length))
        return CMR_ERR_TYPE;
    return cmr__utf8_valid_prefix(scalar->text, scalar->length) == scalar->length ? CMR_OK : CMR_ERR_TYPE;
}

static cmr_status read_duration(const struct cmr__scalar *scalar, const cmr_enum_item *table,
                                cmr_value *ret_value)
{
    (void)table;
    return cmr__parse_duration(scalar->text, scalar->length, &ret_value->as.duration_ns);
}

static cmr_status read_size(const struct cmr__scalar *scalar, const cmr_enum_item *table,
                            cmr_value *ret_value)
{
    (void)table;
    return cmr__parse_quantity(scalar->text, scalar->length, &ret_value->as.size);
}

static cmr_status read_enum(const struct cmr__scalar *scalar, const cmr_enum_item *table,
                            cmr_value *ret_value)
{
    for (; table->name; table++) {
        if (strlen(table->name) == scalar->length && memcmp(table->name, scalar->text, scalar->length) == 0) {
            ret_value->as.enumeration = table->value;
            return CMR_OK;
        }
    }
    return CMR_ERR_TYPE;
}

static cmr_status read_log_level(const struct cmr__scalar *scalar, const cmr_enum_item *table,
                                 cmr_value *ret_value)
{
    (void)table;
    return cmr__parse_log_level(scalar->text, scalar->length, &ret_value->as.level);
}

static cmr_status read_percent(const struct cmr__scalar *scalar, const cmr_enum_item *table,
                               cmr_value *ret_value)
{
    (void)table;
    return cmr__parse_percent(scalar->text, scalar->length, &ret_value->as.number);
}

static cmr_status read_ip(const struct cmr__scalar *scalar, const cmr_enum_item *table, cmr_value *ret_value)
{
    (void)table;
    return cmr__parse_ip(scalar->text, scalar->length, &ret_value->as.ip);
}

static cmr_status read_ip_version(const struct cmr__scalar *scalar, int version, cmr_value *ret_value)
{
    cmr_ip ip;

    if (cmr__parse_ip(scalar->text, scalar->length, &ip) != CMR_OK || ip.version != version)
        return CMR_ERR_TYPE;
    ret_value->as.ip = ip;
    return CMR_OK;
}

static cmr_status read_ipv4(const struct cmr__scalar *scalar, const cmr_enum_item *table,
                            cmr_value *ret_value)
{
    (void)table;
    return read_ip_version(scalar, 4, ret_value);
}

static cmr_status read_ipv6(const struct cmr__scalar *scalar, const cmr_enum_item *table,
                            cmr_value *ret_value)
{
    (void)table;
    return read_ip_version(scalar, 6, ret_value);
}

static cmr_status read_cidr(const struct cmr__scalar *scalar, const cmr_enum_item *table,
                            cmr_value *ret_value)
{
    (void)table;
    return cmr__parse_cidr(scalar->text, scalar->length, &ret_value->as.cidr);
}

/* The scalars that a type may come from, and its reader. Durations and sizes come from numbers too,
 * because 0, 4096 and 1.5e3 are theirs as well; an enum's names may be any words, on and 1.2 among them. */
static const struct {
    unsigned sources;
    read_fn *read;
} types[] = {
    [CMR_TYPE_NULL] = { FROM(NULL), read_nothing },
    [CMR_TYPE_BOOL] = { FROM(BOOL) | FROM(UNTYPED), read_bool },
    [CMR_TYPE_INT64] = { FROM(INT) | FROM(UNTYPED), read_int64 },
    [CMR_TYPE_UINT64] = { FROM(INT) | FROM(UNTYPED), read_uint64 },
    [CMR_TYPE_DOUBLE] = { FROM_NUMBER | FROM(UNTYPED), read_double },
    [CMR_TYPE_STRING] = { FROM_WORD, read_string },
    [CMR_TYPE_BYTES] = { FROM_WORD | FROM(BYTES), read_nothing },
    [CMR_TYPE_DURATION] = { FROM_NUMBER | FROM_TEXT, read_duration },
    [CMR_TYPE_SIZE] = { FROM_NUMBER | FROM_TEXT, read_size },
    [CMR_TYPE_ENUM] = { FROM_WORD, read_enum },
    [CMR_TYPE_LOG_LEVEL] = { FROM_WORD, read_log_level },
    [CMR_TYPE_PERCENT] = { FROM_TEXT, read_percent },
    [CMR_TYPE_IP] = { FROM_TEXT, read_ip },
    [CMR_TYPE_IPV4] = { FROM_TEXT, read_ipv4 },
    [CMR_TYPE_IPV6] = { FROM_TEXT, read_ipv6 },
    [CMR_TYPE_CIDR] = { FROM_TEXT, read_cidr },
};

cmr_status cmr__convert(const struct cmr__scalar *scalar, cmr_type type, const cmr_enum_item *table,
                        cmr_value *ret_value)
{
    cmr_status status;

    if ((size_t)type >= sizeof(types) / sizeof(types[0]) || !types[type].read)
        return CMR_ERR_INVALID_ARGUMENT;
    if (type == CMR_TYPE_ENUM && !table)
        return CMR_ERR_INVALID_ARGUMENT;
    if ((types[type].sources >> scalar->type & 1) == 0)
        return CMR_ERR_TYPE;
    status = types[type].read(scalar, table, ret_value);
    if (status == CMR_OK)
        ret_value->type = type;
    return status;
}

/* An int that fits into neither int64 nor uint64 becomes a double, and what no double holds, infinite. */
static void read_number(const struct cmr__scalar *scalar, cmr_value *ret_value)
{
    static const cmr_type order[] = { CMR_TYPE_INT64, CMR_TYPE_UINT64, CMR_TYPE_DOUBLE };
    cmr_status status = CMR_ERR_RANGE;

    for (size_t i = scalar->type == CMR__SCALAR_FLOAT ? 2 : 0; i < 3 && status == CMR_ERR_RANGE; i++)
        status = cmr__convert(scalar, order[i], NULL, ret_value);
    if (status == CMR_ERR_RANGE) {
        ret_value->type = CMR_TYPE_DOUBLE;
        ret_value->as.number = scalar->text[0] == '-' ? -INFINITY : INFINITY;
    }
}

void cmr__convert_natural(const struct cmr__scalar *scalar, cmr_value *ret_value)
{
    memset(&ret_value->as, 0, sizeof(ret_value->as));
    ret_value->type = CMR_TYPE_STRING; /* also for what a format falsely calls a number or bool */
    switch (scalar->type) {
    case CMR__SCALAR_NULL:
        ret_value->type = CMR_TYPE_NULL;
        break;
    case CMR__SCALAR_BOOL:
        (void)cmr__convert(scalar, CMR_TYPE_BOOL, NULL, ret_value);
        break;
    case CMR__SCALAR_INT:
    case CMR__SCALAR_FLOAT:
        read_number(scalar, ret_value);
        break;
    case CMR__SCALAR_BYTES:
        ret_value->type = CMR_TYPE_BYTES;
        break;
    case CMR__SCALAR_STRING:
    case CMR__SCALAR_UNTYPED:
        break;
    }
}

/* A text from outside has no format that has looked at it: what is not UTF-8 is bytes. */
static void parse_natural(struct cmr__scalar *scalar, cmr_value *ret_value)
{
    if (read_string(scalar, NULL, ret_value) != CMR_OK)
        scalar->type = CMR__SCALAR_BYTES;
    cmr__convert_natural(scalar, ret_value);
}

cmr_status cmr_value_parse(const char *text, cmr_type type, const cmr_enum_item *table, cmr_value *ret_value)
{
    cmr_value value = { .text = text, .file = "" };
    struct cmr__scalar scalar = { .type = CMR__SCALAR_UNTYPED, .text = text };
    cmr_status status = CMR_OK;

    if (!text || !ret_value)
        return CMR_ERR_INVALID_ARGUMENT;
    scalar.length = value.length = strlen(text);
    if (type == CMR_TYPE_ANY)
        parse_natural(&scalar, &value);
    else
        status = cmr__convert(&scalar, type, table, &value);
    if (status == CMR_OK)
        *ret_value = value;
    return status;
}
