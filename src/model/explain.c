/* SPDX-License-Identifier: MIT
 *
 * Why a conversion fails, in words: "wanted TYPE, found THIS", then what is wrong with it or how it
 * would be right. It tries the conversion anew and looks closer, so that the conversions themselves
 * stay free of texts.
 *
 * It writes into the caller's buffer only. What is wrong with words and with addresses is said in
 * explain_word.c and explain_ip.c.
 */
#include "model/explain.h"

#include <stdio.h>
#include <string.h>

static void put(struct cmr__failure *failure, const char *text)
{
    cmr__message_put(&failure->message, text);
}

static void put_scalar(struct cmr__failure *failure)
{
    cmr__message_put_foreign(&failure->message, failure->scalar->text, failure->scalar->length);
}

/* --- What was found ---------------------------------------------------------------------------- */

static void put_byte_count(struct cmr__failure *failure)
{
    char count[32];

    snprintf(count, sizeof(count), "found %zu ", failure->scalar->length);
    put(failure, count);
    put(failure, failure->scalar->length == 1 ? "byte that is no text" : "bytes that are no text");
}

static void put_found(struct cmr__failure *failure)
{
    static const char *const kinds[] = {
        [CMR__SCALAR_BOOL] = "found the bool ",
        [CMR__SCALAR_INT] = "found the int ",
        [CMR__SCALAR_FLOAT] = "found the float ",
    };

    switch (failure->scalar->type) {
    case CMR__SCALAR_NULL:
        put(failure, "the value is null");
        break;
    case CMR__SCALAR_BOOL:
    case CMR__SCALAR_INT:
    case CMR__SCALAR_FLOAT:
        put(failure, kinds[failure->scalar->type]);
        put_scalar(failure);
        break;
    case CMR__SCALAR_BYTES:
        put_byte_count(failure);
        break;
    case CMR__SCALAR_STRING:
    case CMR__SCALAR_UNTYPED:
        put(failure, "found the string \"");
        put_scalar(failure);
        put(failure, "\"");
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

bool cmr__is_quoted(const struct cmr__scalar *scalar, enum cmr__scalar_type looks_like)
{
    return scalar->type == CMR__SCALAR_STRING &&
           cmr__resolve_core_schema(scalar->text, scalar->length) == looks_like;
}

static void put_number_range(struct cmr__failure *failure)
{
    bool negative = is_negative(failure->scalar);

    if (failure->type == CMR_TYPE_DOUBLE)
        put(failure, ", which is beyond the range of a double");
    else if (failure->type == CMR_TYPE_INT64)
        put(failure, negative ? ", which is less than -9223372036854775808"
                              : ", which is more than 9223372036854775807");
    else
        put(failure, negative ? ", which is negative" : ", which is more than 18446744073709551615");
}

static void put_number_reason(struct cmr__failure *failure, cmr_status status)
{
    bool floats = failure->type == CMR_TYPE_DOUBLE;

    if (status == CMR_ERR_RANGE)
        put_number_range(failure);
    else if (cmr__is_quoted(failure->scalar, CMR__SCALAR_INT) ||
             (floats && cmr__is_quoted(failure->scalar, CMR__SCALAR_FLOAT)))
        put(failure, "; remove the quotes");
}

static bool is_decimal(const struct cmr__scalar *scalar, size_t length)
{
    struct cmr__decimal decimal;

    return cmr__scan_decimal(scalar->text, length, &decimal) == length;
}

static void put_duration_reason(struct cmr__failure *failure)
{
    const struct cmr__scalar *scalar = failure->scalar;
    int64_t nanoseconds;

    switch (cmr__read_duration(scalar->text, scalar->length, &nanoseconds)) {
    case CMR__FAULT_TOO_LARGE:
        put(failure, ", which is beyond 9223372036854775807ns, some 292 years");
        break;
    case CMR__FAULT_NO_UNIT:
        put(failure, "; its unit is missing");
        if (!is_decimal(scalar, scalar->length))
            break;
        put(failure, ": did you mean ");
        put_scalar(failure);
        put(failure, "s?");
        break;
    default:
        put(failure, "; a duration is like 1h30m, 1.5s or 300ms (units: ns us \xc2\xb5s ms s m h)");
    }
}

#define SIZE_LIKENESS "; a size is like 4096, 10Mi or 1.5G (suffixes: k M G T P E, Ki Mi Gi Ti Pi Ei)"

/* Who writes 10m thinks of megabytes; u and n resemble nothing. */
static void put_small_suffix_reason(struct cmr__failure *failure)
{
    const struct cmr__scalar *scalar = failure->scalar;
    char suffix = scalar->text[scalar->length - 1];

    if (suffix != 'm') {
        put(failure,
            suffix == 'u' ? ", which is in millionths of a byte" : ", which is in billionths of a byte");
        put(failure, SIZE_LIKENESS);
        return;
    }
    put(failure, "; did you mean ");
    cmr__message_put_foreign(&failure->message, scalar->text, scalar->length - 1);
    put(failure, "Mi or ");
    cmr__message_put_foreign(&failure->message, scalar->text, scalar->length - 1);
    put(failure, "M?");
}

static void put_size_reason(struct cmr__failure *failure)
{
    uint64_t bytes;

    switch (cmr__read_quantity(failure->scalar->text, failure->scalar->length, &bytes)) {
    case CMR__FAULT_NEGATIVE:
        put(failure, ", which is negative");
        break;
    case CMR__FAULT_FRACTION:
        put(failure, ", which is no whole number of bytes");
        break;
    case CMR__FAULT_TOO_LARGE:
        put(failure, ", which is more than 18446744073709551615 bytes");
        break;
    case CMR__FAULT_SMALL_SUFFIX:
        put_small_suffix_reason(failure);
        break;
    default:
        put(failure, SIZE_LIKENESS);
    }
}

static void put_percent_reason(struct cmr__failure *failure, cmr_status status)
{
    const struct cmr__scalar *scalar = failure->scalar;

    if (status == CMR_ERR_RANGE) {
        put(failure, ", which is beyond the range of a double");
    } else if (scalar->length > 0 && scalar->text[0] != '-' && scalar->text[0] != '+' &&
               is_decimal(scalar, scalar->length)) {
        put(failure, "; did you mean ");
        put_scalar(failure);
        put(failure, "%?");
    } else {
        put(failure, "; a percentage is like 50% or 12.5%, without a sign");
    }
}

static void put_text_reason(struct cmr__failure *failure)
{
    const struct cmr__scalar *scalar = failure->scalar;

    put(failure,
        memchr(scalar->text, '\0', scalar->length) ? ", which holds a NUL byte" : ", which is not UTF-8");
}

static void put_reason(struct cmr__failure *failure, cmr_status status)
{
    switch (failure->type) {
    case CMR_TYPE_BOOL:
        cmr__explain_bool(failure);
        break;
    case CMR_TYPE_INT64:
    case CMR_TYPE_UINT64:
    case CMR_TYPE_DOUBLE:
        put_number_reason(failure, status);
        break;
    case CMR_TYPE_STRING:
        put_text_reason(failure);
        break;
    case CMR_TYPE_DURATION:
        put_duration_reason(failure);
        break;
    case CMR_TYPE_SIZE:
        put_size_reason(failure);
        break;
    case CMR_TYPE_ENUM:
        cmr__explain_enum(failure);
        break;
    case CMR_TYPE_LOG_LEVEL:
        cmr__explain_log_level(failure);
        break;
    case CMR_TYPE_PERCENT:
        put_percent_reason(failure, status);
        break;
    case CMR_TYPE_IP:
    case CMR_TYPE_IPV4:
    case CMR_TYPE_IPV6:
    case CMR_TYPE_CIDR:
        cmr__explain_ip(failure);
        break;
    default: /* the others fail by what was found alone */
        break;
    }
}

static void put_failure(struct cmr__failure *failure, cmr_status status)
{
    enum cmr__scalar_type found = failure->scalar->type;

    put(failure, "wanted ");
    put(failure, cmr_type_name(failure->type));
    put(failure, ", ");
    if (failure->type == CMR_TYPE_ENUM && !failure->table) {
        put(failure, "but no table of its names was given");
        return;
    }
    put_found(failure);
    if (found == CMR__SCALAR_NULL || found == CMR__SCALAR_BYTES)
        return;
    if (failure->type != CMR_TYPE_STRING && status == CMR_ERR_TYPE && has_blanks_around(failure->scalar))
        put(failure, ", which has white space around it");
    else
        put_reason(failure, status);
}

void cmr__convert_explain(const struct cmr__scalar *scalar, cmr_type type, const cmr_enum_item *table,
                          char *buffer, size_t size)
{
    struct cmr__failure failure = { .scalar = scalar, .type = type, .table = table };
    cmr_value value;
    cmr_status status;

    if (size == 0)
        return;
    cmr__message_begin(&failure.message, buffer, size);
    status = cmr__convert(scalar, type, table, &value);
    if (status != CMR_OK)
        put_failure(&failure, status);
}
