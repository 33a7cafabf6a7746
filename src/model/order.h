/* SPDX-License-Identifier: MIT
 *
 * The order of values of one type, for bounds: whether there is one, and what lies outside of it in words. */
#ifndef CMRELOAD_MODEL_ORDER_H
#define CMRELOAD_MODEL_ORDER_H

#include "cmreload/cmreload.h"

/* Numbers, durations and sizes are ordered by what they are, levels by syslog's numbers. */
bool cmr__type_has_order(cmr_type type);

/* As memcmp; both are of the type, and it has an order. Not a number is neither before nor behind any: 0. */
int cmr__value_order(const cmr_value *one, const cmr_value *two, cmr_type type);

/* Whether it is a double that is not a number. */
bool cmr__value_is_nan(const cmr_value *value, cmr_type type);

/* Writes what is wrong with a value that is `less` than a bound, or more: "70000 is more than 65535". Both as
 * they are written. */
void cmr__order_explain(const char *text, size_t length, bool less, const char *bound, char *buffer,
                        size_t size);

/* The same of one that is not a number, but has bounds. */
void cmr__order_explain_nan(const char *text, size_t length, char *buffer, size_t size);

#endif
