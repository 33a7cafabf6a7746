/* SPDX-License-Identifier: MIT
 *
 * Bounds are texts of the value's own grammar ("10s", "1Mi"), so that they read as the file does, and are
 * shown as they were written. */
#include "engine/range.h"

#include <stdlib.h>
#include <string.h>

#include "model/order.h"

static bool is_too_small(const struct cmr__range *range, const cmr_value *value)
{
    return range->minimum.text && cmr__value_order(value, &range->minimum.value, range->type) < 0;
}

static bool is_too_large(const struct cmr__range *range, const cmr_value *value)
{
    return range->maximum.text && cmr__value_order(value, &range->maximum.value, range->type) > 0;
}

bool cmr__range_has(const struct cmr__range *range, const cmr_value *value)
{
    bool bounded = range->minimum.text || range->maximum.text;
    return !is_too_small(range, value) && !is_too_large(range, value) &&
           !(bounded && cmr__value_is_nan(value, range->type));
}

static cmr_status set(struct cmr__range *range, struct cmr__range_end *end, const char *text)
{
    cmr_value value;
    if (!text)
        return CMR_OK;
    if (!cmr__type_has_order(range->type) || cmr_value_parse(text, range->type, NULL, &value) != CMR_OK ||
        cmr__value_is_nan(&value, range->type) || !cmr__range_has(range, &value))
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
    bool less = is_too_small(range, value);
    if (cmr__value_is_nan(value, range->type))
        cmr__order_explain_nan(value->text, value->length, buffer, size);
    else
        cmr__order_explain(value->text, value->length, less, less ? range->minimum.text : range->maximum.text,
                           buffer, size);
}
