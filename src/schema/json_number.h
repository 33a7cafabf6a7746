/* SPDX-License-Identifier: MIT
 *
 * Numbers as JSON has them. */
#ifndef CMRELOAD_SCHEMA_JSON_NUMBER_H
#define CMRELOAD_SCHEMA_JSON_NUMBER_H

#include "base/json.h"

/* The decimal as JSON has it: 0.5 for +.5, and 16 for 0x10. False: there is no such number, as for .inf. */
bool cmr__json_number(struct cmr__json *json, const char *name, const char *text, size_t length);

#endif
