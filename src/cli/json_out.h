/* SPDX-License-Identifier: MIT
 *
 * JSON lines on stdout: one object a line, "v" and "event" first. */
#ifndef CMRELOAD_CLI_JSON_OUT_H
#define CMRELOAD_CLI_JSON_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmreload/cmreload.h>

/* The text in quotes, with RFC 8259's escapes. The bytes must be UTF-8. */
void json_put_quoted(const char *text, size_t length);

/* {"v":1,"event":"EVENT" */
void json_begin(const char *event);
/* } and a line break. */
void json_end(void);

/* ,"NAME":... each. Text that is not UTF-8 has U+FFFD where it is not. */
void json_text(const char *name, const char *text);
void json_number(const char *name, uint64_t number);
void json_bool(const char *name, bool value);

/* A value: as text, or in base64 as the whole object's values then are; json_encoding says so behind
 * the last of them. */
void json_value(const char *name, const char *data, size_t length, bool base64);
void json_encoding(bool base64);

/* An array of objects: open once, item_begin (with the item's first member) and item_end for each,
 * close. In between, the calls above add to the item. */
void json_array_open(const char *name);
void json_item_begin(size_t index, const char *name, const char *text);
void json_item_end(void);
void json_array_close(void);

/* A diagnostic as such an item: file, line, column, key, message. */
void json_diagnostic(size_t index, const cmr_diagnostic *diagnostic);

#endif
