/* SPDX-License-Identifier: MIT
 *
 * Why a conversion fails, in words: "wanted TYPE, found THIS", then what is wrong with it or how it
 * would be right. It tries the conversion anew and looks closer, so that the conversions themselves
 * stay free of texts.
 *
 * It writes into the caller's buffer only. Characters are written whole or not at all, and what is
 * shown of a value is short, has no control characters and is UTF-8: a message may go to any log.
 */
#include "model/convert.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

#define SHOWN_MAX 60 /* bytes of a value */

struct message {
    char *at;
    size_t left; /* the NUL's byte included */
    const struct cmr__scalar *scalar;
    cmr_type type;
    const cmr_enum_item *table;
};

/* --- Writing ----------------------------------------------------------------------------------- */

static void put_bytes(struct message *message, const char *bytes, size_t length)
{
    if (length >= message->left) {
        message->left = 1; /* full: nothing shorter is to follow what was left out */
        return;
    }
    memcpy(message->at, bytes, length);
    message->at += length;
    message->left -= length;
    *message->at = '\0';
}

/* Text that is not ours: quotes, backslashes and control characters are escaped as in JSON. */
static void put_foreign_character(struct message *message, const char *text, size_t size)
{
    char escape[8];

    if (size == 0) {
        put_bytes(message, "\xef\xbf\xbd", 3);
    } else if (cmr__utf8_is_control(text, size)) {
        snprintf(escape, sizeof(escape), "\\u%04x", (unsigned)(unsigned char)text[size - 1]);
        put_bytes(message, escape, 6);
    } else if (text[0] == '"' || text[0] == '\\') {
        escape[0] = '\\';
        escape[1] = text[0];
        put_bytes(message, escape, 2);
    } else {
        put_bytes(message, text, size);
    }
}

static void put_foreign(struct message *message, const char *text, size_t length)
{
    for (size_t i = 0; i < length && message->left > 1;) {
        size_t size = cmr__utf8_character_size(text + i, length - i);

        if (i >= SHOWN_MAX) {
            put_bytes(message, "\xe2\x80\xa6", 3);
            return;
        }
        put_foreign_character(message, text + i, size);
        i += size ? size : 1;
    }
}

/* Text of ours is well-formed. */
static void put(struct message *message, const char *text)
{
    for (size_t left = strlen(text), size; left > 0; left -= size, text += size) {
        size = cmr__utf8_character_size(text, left);
        put_bytes(message, text, size);
    }
}

static void put_scalar(struct message *message)
{
    put_foreign(message, message->scalar->text, message->scalar->length);
}

/* --- What was found ---------------------------------------------------------------------------- */

static void put_byte_count(struct message *message)
{
    char count[32];

    snprintf(count, sizeof(count), "found %zu ", message->scalar->length);
    put(message, count);
    put(message, message->scalar->length == 1 ? "byte that is no text" : "bytes that are no text");
}

static void put_found(struct message *message)
{
    static const char *const kinds[] = {
        [CMR__SCALAR_BOOL] = "found the bool ",
        [CMR__SCALAR_INT] = "found the int ",
        [CMR__SCALAR_FLOAT] = "found the float ",
    };

    switch (message->scalar->type) {
    case CMR__SCALAR_NULL:
        put(message, "the value is null");
        break;
    case CMR__SCALAR_BOOL:
    case CMR__SCALAR_INT:
    case CMR__SCALAR_FLOAT:
        put(message, kinds[message->scalar->type]);
        put_scalar(message);
        break;
    case CMR__SCALAR_BYTES:
        put_byte_count(message);
        break;
    case CMR__SCALAR_STRING:
    case CMR__SCALAR_UNTYPED:
        put(message, "found the string \"");
        put_scalar(message);
        put(message, "\"");
        break;
    }
}

/* --- What is wrong with it --------------------------------------------------------------------- */

static bool is_negative(const struct cmr__scalar *scalar)
{
    return scalar->length > 0 && scalar->text[0] == '-';
}

static bool is_blank(char character)
{
    return character == ' ' || character == '\t' || character == '\n' || character == '\r';
}

static bool has_blanks_around(const struct cmr__scalar *scalar)
{
    return scalar->length > 0 && (is_blank(scalar->text[0]) || is_blank(scalar->text[scalar->length - 1]));
}

static bool is_quoted(const struct message *message, enum cmr__scalar_type looks_like)
{
    return message->scalar->type == CMR__SCALAR_STRING &&
           cmr__resolve_core_schema(message->scalar->text, message->scalar->length) == looks_like;
}

static void put_bool_reason(struct message *message)
{
    struct cmr__scalar untyped = *message->scalar;
    cmr_value value;

    untyped.type = CMR__SCALAR_UNTYPED;
    if (is_quoted(message, CMR__SCALAR_BOOL))
        put(message, "; remove the quotes");
    else if (cmr__convert(&untyped, CMR_TYPE_BOOL, NULL, &value) == CMR_OK)
        put(message, value.as.boolean ? "; write true" : "; write false");
    else
        put(message, "; write true or false");
}

static void put_number_range(struct message *message)
{
    bool negative = is_negative(message->scalar);

    if (message->type == CMR_TYPE_DOUBLE)
        put(message, ", which is beyond the range of a double");
    else if (message->type == CMR_TYPE_INT64)
        put(message, negative ? ", which is less than -9223372036854775808"
                              : ", which is more than 9223372036854775807");
    else
        put(message, negative ? ", which is negative" : ", which is more than 18446744073709551615");
}

static void put_number_reason(struct message *message, cmr_status status)
{
    bool floats = message->type == CMR_TYPE_DOUBLE;

    if (status == CMR_ERR_RANGE)
        put_number_range(message);
    else if (is_quoted(message, CMR__SCALAR_INT) || (floats && is_quoted(message, CMR__SCALAR_FLOAT)))
        put(message, "; remove the quotes");
}

static bool is_decimal(const struct cmr__scalar *scalar, size_t length)
{
    struct cmr__decimal decimal;

    return cmr__scan_decimal(scalar->text, length, &decimal) == length;
}

static void put_duration_reason(struct message *message)
{
    const struct cmr__scalar *scalar = message->scalar;
    int64_t nanoseconds;

    switch (cmr__read_duration(scalar->text, scalar->length, &nanoseconds)) {
    case CMR__FAULT_TOO_LARGE:
        put(message, ", which is beyond 9223372036854775807ns, some 292 years");
        break;
    case CMR__FAULT_NO_UNIT:
        put(message, "; its unit is missing");
        if (!is_decimal(scalar, scalar->length))
            break;
        put(message, ": did you mean ");
        put_scalar(message);
        put(message, "s?");
        break;
    default:
        put(message, "; a duration is like 1h30m, 1.5s or 300ms (units: ns us \xc2\xb5s ms s m h)");
    }
}

static void put_small_suffix_reason(struct message *message)
{
    const struct cmr__scalar *scalar = message->scalar;

    put(message, "; did you mean ");
    put_foreign(message, scalar->text, scalar->length - 1);
    put(message, "Mi or ");
    put_foreign(message, scalar->text, scalar->length - 1);
    put(message, "M?");
}

static void put_size_reason(struct message *message)
{
    uint64_t bytes;

    switch (cmr__read_quantity(message->scalar->text, message->scalar->length, &bytes)) {
    case CMR__FAULT_NEGATIVE:
        put(message, ", which is negative");
        break;
    case CMR__FAULT_FRACTION:
        put(message, ", which is no whole number of bytes");
        break;
    case CMR__FAULT_TOO_LARGE:
        put(message, ", which is more than 18446744073709551615 bytes");
        break;
    case CMR__FAULT_SMALL_SUFFIX:
        put_small_suffix_reason(message);
        break;
    default:
        put(message, "; a size is like 4096, 10Mi or 1.5G (suffixes: k M G T P E, Ki Mi Gi Ti Pi Ei)");
    }
}

static void put_names(struct message *message)
{
    const cmr_enum_item *item = message->table;

    put(message, item->name ? "; it is one of" : "; its table has no names");
    for (; item->name; item++) {
        put(message, item == message->table ? " " : ", ");
        put_foreign(message, item->name, strlen(item->name));
    }
}

static void put_text_reason(struct message *message)
{
    const struct cmr__scalar *scalar = message->scalar;

    put(message,
        memchr(scalar->text, '\0', scalar->length) ? ", which holds a NUL byte" : ", which is not UTF-8");
}

static void put_reason(struct message *message, cmr_status status)
{
    switch (message->type) {
    case CMR_TYPE_BOOL:
        put_bool_reason(message);
        break;
    case CMR_TYPE_INT64:
    case CMR_TYPE_UINT64:
    case CMR_TYPE_DOUBLE:
        put_number_reason(message, status);
        break;
    case CMR_TYPE_STRING:
        put_text_reason(message);
        break;
    case CMR_TYPE_DURATION:
        put_duration_reason(message);
        break;
    case CMR_TYPE_SIZE:
        put_size_reason(message);
        break;
    case CMR_TYPE_ENUM:
        put_names(message);
        break;
    case CMR_TYPE_LOG_LEVEL:
        put(message, "; it is one of trace, debug, info, notice, warn, error, crit, alert, emerg");
        break;
    default: /* the others fail by what was found alone */
        break;
    }
}

static void put_failure(struct message *message, cmr_status status)
{
    enum cmr__scalar_type found = message->scalar->type;

    put(message, "wanted ");
    put(message, cmr_type_name(message->type));
    put(message, ", ");
    if (message->type == CMR_TYPE_ENUM && !message->table) {
        put(message, "but no table of its names was given");
        return;
    }
    put_found(message);
    if (found == CMR__SCALAR_NULL || found == CMR__SCALAR_BYTES)
        return;
    if (message->type != CMR_TYPE_STRING && status == CMR_ERR_TYPE && has_blanks_around(message->scalar))
        put(message, ", which has white space around it");
    else
        put_reason(message, status);
}

void cmr__convert_explain(const struct cmr__scalar *scalar, cmr_type type, const cmr_enum_item *table,
                          char *buffer, size_t size)
{
    struct message message = { .at = buffer, .left = size, .scalar = scalar, .type = type, .table = table };
    cmr_value value;
    cmr_status status;

    if (size == 0)
        return;
    buffer[0] = '\0';
    status = cmr__convert(scalar, type, table, &value);
    if (status != CMR_OK)
        put_failure(&message, status);
}
