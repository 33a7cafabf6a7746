/* SPDX-License-Identifier: MIT
 *
 * Bounds are texts of the value's own grammar ("10s", "1Mi"), so that they read as the file does, and are
 * shown as they were written. */
#include "engine/range.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/message.h"

static bool has_order(cmr_type type)
{
    switch (type) {
    case CMR_TYPE_INT64:
    case CMR_TYPE_UINT64:
    case CMR_TYPE_DOUBLE:
    case CMR_TYPE_DURATION:
    case CMR_TYPE_SIZE:
    case CMR_TYPE_LOG_LEVEL:
        return true;
    default:
        return false;
    }
}

static bool is_at_most(const cmr_value *one, const cmr_value *two, cmr_type type)
{
    switch (type) {
    case CMR_TYPE_UINT64:
        return one->as.uint64 <= two->as.uint64;
    case CMR_TYPE_DOUBLE:
        return one->as.number <= two->as.number;
    case CMR_TYPE_DURATION:
        return one->as.duration_ns <= two->as.duration_ns;
    case CMR_TYPE_SIZE:
        return one->as.size <= two->as.size;
    case CMR_TYPE_LOG_LEVEL:
        return one->as.level <= two->as.level;
    default:
        return one->as.int64 <= two->as.int64;
    }
}

static bool is_too_small(const struct cmr__range *range, const cmr_value *value)
{
    return range->minimum.text && !is_at_most(&range->minimum.value, value, range->type);
}

static bool is_too_large(const struct cmr__range *range, const cmr_value *value)
{
    return range->maximum.text && !is_at_most(value, &range->maximum.value, range->type);
}

bool cmr__range_has(const struct cmr__range *range, const cmr_value *value)
{
    return !is_too_small(range, value) && !is_too_large(range, value);
}

static cmr_status set(struct cmr__range *range, struct cmr__range_end *end, const char *text)
{
    cmr_value value;
    if (!text)
        return CMR_OK;
    if (!has_order(range->type) || cmr_value_parse(text, range->type, NULL, &value) != CMR_OK ||
        !cmr__range_has(range, &value))
        return CMR_ERR_INVALID_ARGUMENT;
    char *copy = strdup(text);
    if (!copy)
        return CMR_ERR_NO_MEMORY;
    free(end->text);
    *end = (struct cmr__range_end){ copy, value };
    return CMR_OK;
}

cmr_status cmr__range_narrow(struct cmr__range *range, const char *minimum, const char *maximum)
{
    cmr_status status = set(range, &range->minimum, minimum);
    return status == CMR_OK ? set(range, &range->maximum, maximum) : status;
}

void cmr__range_reset(struct cmr__range *range)
{
    free(range->minimum.text);
    free(range->maximum.text);
    *range = (struct cmr__range)CMR__RANGE_INIT;
}

void cmr__range_explain(const struct cmr__range *range, const cmr_value *value, char *buffer, size_t size)
{
    bool small = is_too_small(range, value);
    bool number = range->type != CMR_TYPE_DOUBLE || !isnan(value->as.number);
    struct cmr__message message;
    cmr__message_begin(&message, buffer, size);
    if (!number)
        cmr__message_put(&message, "wanted a number that has bounds, found ");
    cmr__message_put_foreign(&message, value->text, value->length);
    if (!number)
        return;
    cmr__message_put(&message, small ? " is less than " : " is more than ");
    cmr__message_put(&message, small ? range->minimum.text : range->maximum.text);
}
