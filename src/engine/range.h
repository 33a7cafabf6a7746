/* SPDX-License-Identifier: MIT
 *
 * A range: the bounds of a value, as the application writes them. */
#ifndef CMRELOAD_ENGINE_RANGE_H
#define CMRELOAD_ENGINE_RANGE_H

#include <stdbool.h>

#include "cmreload/cmreload.h"

struct cmr__range {
    cmr_type type;
    struct cmr__range_end {
        char *text; /* as it was given; NULL: there is none */
        cmr_value value;
    } minimum, maximum;
};

#define CMR__RANGE_INIT                                                                                      \
    {                                                                                                        \
        CMR_TYPE_ANY, { NULL, { 0 } },                                                                       \
        {                                                                                                    \
            NULL,                                                                                            \
            {                                                                                                \
                0                                                                                            \
            }                                                                                                \
        }                                                                                                    \
    }

/* Narrows the range, whose type is set, to bounds written as values of the type; NULL: leave that end as it
 * is. CMR_ERR_INVALID_ARGUMENT: no such value, a type without order, or an end that would be widened or pass
 * the other. CMR_ERR_NO_MEMORY. */
cmr_status cmr__range_narrow(struct cmr__range *range, const char *minimum, const char *maximum);
void cmr__range_reset(struct cmr__range *range);

/* Not a number is in no range that has an end. */
bool cmr__range_has(const struct cmr__range *range, const cmr_value *value);

/* Why a value is not in the range: "0 is less than 1". */
void cmr__range_explain(const struct cmr__range *range, const cmr_value *value, char *buffer, size_t size);

#endif
