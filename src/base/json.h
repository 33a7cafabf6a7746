/* SPDX-License-Identifier: MIT
 *
 * Writing JSON: a member a line, indented by two, or all on one line. */
#ifndef CMRELOAD_BASE_JSON_H
#define CMRELOAD_BASE_JSON_H

#include <stdint.h>

#include "base/buffer.h"

struct cmr__json {
    struct cmr__buffer text;
    bool one_line;
    int depth;
    bool filled; /* the container that is open holds something */
};

/* An object or array, as a member of an object (name NULL: of an array, or the whole). `bracket` is the one
 * that opens it; closing tells the same. */
void cmr__json_open(struct cmr__json *json, const char *name, char bracket);
void cmr__json_close(struct cmr__json *json, char bracket);

void cmr__json_text(struct cmr__json *json, const char *name, const char *text, size_t length);
void cmr__json_raw(struct cmr__json *json, const char *name, const char *raw); /* a number, true, false */
void cmr__json_unsigned(struct cmr__json *json, const char *name, uint64_t number);
void cmr__json_signed(struct cmr__json *json, const char *name, int64_t number);
void cmr__json_bool(struct cmr__json *json, const char *name, bool value);

#endif
