/* SPDX-License-Identifier: MIT
 *
 * Doubles are equal when their bits are: nan stays nan, and -0 is no 0. */
#include "model/equal.h"

#include <string.h>

static bool same_text(const cmr_value *one, const cmr_value *two)
{
    return one->length == two->length && memcmp(one->text, two->text, one->length) == 0;
}

static bool is_equal(const cmr_value *one, const cmr_value *two)
{
    if (one->type != two->type)
        return false;
    switch (one->type) {
    case CMR_TYPE_BOOL:
        return one->as.boolean == two->as.boolean;
    case CMR_TYPE_INT64:
        return one->as.int64 == two->as.int64;
    case CMR_TYPE_UINT64:
        return one->as.uint64 == two->as.uint64;
    case CMR_TYPE_DOUBLE:
    case CMR_TYPE_PERCENT:
        return memcmp(&one->as.number, &two->as.number, sizeof one->as.number) == 0;
    case CMR_TYPE_DURATION:
        return one->as.duration_ns == two->as.duration_ns;
    case CMR_TYPE_SIZE:
        return one->as.size == two->as.size;
    case CMR_TYPE_ENUM:
        return one->as.enumeration == two->as.enumeration;
    case CMR_TYPE_LOG_LEVEL:
        return one->as.level == two->as.level;
    case CMR_TYPE_IP:
    case CMR_TYPE_IPV4:
    case CMR_TYPE_IPV6:
        return memcmp(&one->as.ip, &two->as.ip, sizeof one->as.ip) == 0;
    case CMR_TYPE_CIDR:
        return memcmp(&one->as.cidr, &two->as.cidr, sizeof one->as.cidr) == 0;
    default:
        return same_text(one, two);
    }
}

bool cmr__values_equal(const cmr_value *one, const cmr_value *two, cmr_type type)
{
    if (type == CMR_TYPE_ANY)
        return one->type == two->type && same_text(one, two);
    return is_equal(one, two);
}
