/* SPDX-License-Identifier: MIT
 *
 * Bounds are asked for by bindings and by schemas, and a value outside of them is told in the same words by
 * both. */
#include "model/order.h"

#include <math.h>

#include "model/message.h"

bool cmr__type_has_order(cmr_type type)
{
    switch (type) {
    case CMR_TYPE_INT64:
    case CMR_TYPE_UINT64:
    case CMR_TYPE_DOUBLE:
    case CMR_TYPE_PERCENT:
    case CMR_TYPE_DURATION:
    case CMR_TYPE_SIZE:
    case CMR_TYPE_LOG_LEVEL:
        return true;
    default:
        return false;
    }
}

#define ORDER(member) ((one->as.member > two->as.member) - (one->as.member < two->as.member))

int cmr__value_order(const cmr_value *one, const cmr_value *two, cmr_type type)
{
    switch (type) {
    case CMR_TYPE_UINT64:
        return ORDER(uint64);
    case CMR_TYPE_DOUBLE:
    case CMR_TYPE_PERCENT:
        return ORDER(number);
    case CMR_TYPE_DURATION:
        return ORDER(duration_ns);
    case CMR_TYPE_SIZE:
        return ORDER(size);
    case CMR_TYPE_LOG_LEVEL:
        return ORDER(level);
    default:
        return ORDER(int64);
    }
}

bool cmr__value_is_nan(const cmr_value *value, cmr_type type)
{
    return (type == CMR_TYPE_DOUBLE || type == CMR_TYPE_PERCENT) && isnan(value->as.number);
}

void cmr__order_explain(const char *text, size_t length, bool less, const char *bound, char *buffer,
                        size_t size)
{
    struct cmr__message message;
    cmr__message_begin(&message, buffer, size);
    cmr__message_put_foreign(&message, text, length);
    cmr__message_put(&message, less ? " is less than " : " is more than ");
    cmr__message_put(&message, bound);
}

void cmr__order_explain_nan(const char *text, size_t length, char *buffer, size_t size)
{
    struct cmr__message message;
    cmr__message_begin(&message, buffer, size);
    cmr__message_put(&message, "wanted a number that has bounds, found ");
    cmr__message_put_foreign(&message, text, length);
}
