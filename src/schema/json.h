/* SPDX-License-Identifier: MIT
 *
 * Writing JSON, a member a line, indented by two. */
#ifndef CMRELOAD_SCHEMA_JSON_H
#define CMRELOAD_SCHEMA_JSON_H

#include "base/buffer.h"

struct cmr__json {
    struct cmr__buffer text;
    int depth;
    bool filled; /* the container that is open holds something */
};

/* An object or array, as a member of an object (name NULL: of an array, or the whole). `bracket` is the one
 * that opens it; closing tells the same. */
void cmr__json_open(struct cmr__json *json, const char *name, char bracket);
void cmr__json_close(struct cmr__json *json, char bracket);

void cmr__json_text(struct cmr__json *json, const char *name, const char *text, size_t length);
void cmr__json_raw(struct cmr__json *json, const char *name, const char *raw); /* a number, true, false */

/* The decimal as JSON has it: 0.5 for +.5, and 16 for 0x10. False: there is no such number, as for .inf. */
bool cmr__json_number(struct cmr__json *json, const char *name, const char *text, size_t length);

#endif
