/* SPDX-License-Identifier: MIT
 *
 * Printing for the scenarios' runner in C. */
#ifndef CMRELOAD_TESTS_CONFORMANCE_SCENARIO_PRINT_H
#define CMRELOAD_TESTS_CONFORMANCE_SCENARIO_PRINT_H

#include "cmreload/cmreload.h"

/* What values are asked for as. */
struct scenario_type {
    cmr_type type, item;
    cmr_enum_item table[8]; /* its names point into table_text */
    char table_text[128];
};

const char *scenario_status_name(cmr_status status);
void scenario_print_value(const cmr_value *value);

/* The value of that key; a list or map whole, if that is what is asked for. */
void scenario_print_as(cmr_snapshot *snapshot, const char *key, const cmr_value *value,
                       const struct scenario_type *as);

void scenario_print_report(const cmr_report *report);

#endif
