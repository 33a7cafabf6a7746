/* SPDX-License-Identifier: MIT
 *
 * An integer has always both bounds: what its schema does not say, its member's width does. So there is one
 * message for a port that is 70000, be it that the member is a uint16_t or that the schema says so; and one
 * for an integer that is too large for any member. */
#include "schema/bounds.h"

#include <inttypes.h>
#include <stdio.h>

#include "model/convert.h"
#include "model/message.h"
#include "model/order.h"

static bool is_integer(cmr_type type)
{
    return type == CMR_TYPE_INT64 || type == CMR_TYPE_UINT64;
}

/* Of a string its bytes are bounded. Levels of logging are none of JSON Schema's numbers. */
static bool has_bounds(cmr_type type)
{
    return cmr__type_has_order(type) && type != CMR_TYPE_LOG_LEVEL;
}

/* As memcmp. */
static int compare(const cmr_value *value, const cmr_value *bound)
{
    const cmr_value length = { .as.size = value->length };
    return value->type == CMR_TYPE_STRING ? cmr__value_order(&length, bound, CMR_TYPE_SIZE)
                                          : cmr__value_order(value, bound, value->type);
}

/* ---- making them */

static void set_to_width(struct cmr__field *field)
{
    unsigned bits = (unsigned)field->is.width * 8;
    struct cmr__bound *minimum = &field->minimum, *maximum = &field->maximum;
    minimum->value.type = maximum->value.type = field->is.type;
    if (field->is.type == CMR_TYPE_UINT64) {
        maximum->value.as.uint64 = UINT64_MAX >> (64 - bits);
        snprintf(minimum->own, sizeof minimum->own, "0");
        snprintf(maximum->own, sizeof maximum->own, "%" PRIu64, maximum->value.as.uint64);
    } else {
        maximum->value.as.int64 = INT64_MAX >> (64 - bits);
        minimum->value.as.int64 = -maximum->value.as.int64 - 1;
        snprintf(minimum->own, sizeof minimum->own, "%" PRId64, minimum->value.as.int64);
        snprintf(maximum->own, sizeof maximum->own, "%" PRId64, maximum->value.as.int64);
    }
    minimum->text = minimum->own;
    maximum->text = maximum->own;
}

static void set(struct cmr__field *field, const struct cmr__field_check *check, struct cmr__bound *bound,
                const char *name, const char *text)
{
    cmr_type type = field->is.type == CMR_TYPE_STRING ? CMR_TYPE_SIZE : field->is.type;
    cmr_value value;
    if (!has_bounds(type)) {
        cmr__field_fault(check, "there is no %s of a %s", name, cmr_type_name(type));
        return;
    }
    if (cmr_value_parse(text, type, NULL, &value) != CMR_OK || cmr__value_is_nan(&value, type)) {
        cmr__field_fault(check, "%s \"%s\" is no %s", name, text, cmr_type_name(type));
        return;
    }
    if (is_integer(type) &&
        (compare(&value, &field->minimum.value) < 0 || compare(&value, &field->maximum.value) > 0)) {
        cmr__field_fault(check, "%s %s does not fit a member of %zu bytes", name, text, field->is.width);
        return;
    }
    bound->value = value;
    bound->text = text;
}

void cmr__bounds_init(struct cmr__field *field, const struct cmr__field_check *check)
{
    struct cmr__bound minimum = { .text = NULL }, maximum = { .text = NULL };
    if (is_integer(field->is.type))
        set_to_width(field);
    if (field->is.minimum)
        set(field, check, &minimum, "minimum", field->is.minimum);
    if (field->is.maximum)
        set(field, check, &maximum, "maximum", field->is.maximum);
    if (minimum.text && maximum.text && compare(&minimum.value, &maximum.value) > 0)
        cmr__field_fault(check, "minimum %s is more than maximum %s", minimum.text, maximum.text);
    if (minimum.text)
        field->minimum = minimum;
    if (maximum.text)
        field->maximum = maximum;
}

/* ---- judging by them */

static void explain_length(const cmr_value *value, bool less, const char *bound, char *why, size_t size)
{
    struct cmr__message message;
    char count[64];
    snprintf(count, sizeof count, "\" has %zu byte%s, %s than ", value->length, value->length == 1 ? "" : "s",
             less ? "fewer" : "more");
    cmr__message_begin(&message, why, size);
    cmr__message_put(&message, "\"");
    cmr__message_put_foreign(&message, value->text, value->length);
    cmr__message_put(&message, count);
    cmr__message_put(&message, bound);
}

bool cmr__bounds_hold(const struct cmr__field *field, const cmr_value *value, char *ret_why, size_t size)
{
    const struct cmr__bound *minimum = &field->minimum, *maximum = &field->maximum;
    bool less = minimum->text && compare(value, &minimum->value) < 0;
    bool more = maximum->text && compare(value, &maximum->value) > 0;
    if (cmr__value_is_nan(value, value->type) && (minimum->text || maximum->text)) {
        cmr__order_explain_nan(value->text, value->length, ret_why, size);
        return false;
    }
    if (!less && !more)
        return true;
    if (value->type == CMR_TYPE_STRING)
        explain_length(value, less, less ? minimum->text : maximum->text, ret_why, size);
    else
        cmr__order_explain(value->text, value->length, less, less ? minimum->text : maximum->text, ret_why,
                           size);
    return false;
}

void cmr__bounds_explain(const struct cmr__field *field, const char *text, size_t length, char *ret_why,
                         size_t size)
{
    bool less = length && text[0] == '-';
    cmr__order_explain(text, length, less, less ? field->minimum.text : field->maximum.text, ret_why, size);
}
