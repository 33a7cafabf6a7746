/* SPDX-License-Identifier: MIT
 *
 * A writer that knows how deep it is and whether a comma is due, and trusts its caller with all else. */
#include "base/json.h"

#include <inttypes.h>
#include <string.h>

static void begin_line(struct cmr__json *json)
{
    if (json->one_line)
        return;
    cmr__buffer_append_char(&json->text, '\n');
    for (int i = 0; i < json->depth; i++)
        cmr__buffer_append_text(&json->text, "  ");
}

static void begin(struct cmr__json *json, const char *name)
{
    if (json->filled && json->depth)
        cmr__buffer_append_char(&json->text, ',');
    if (json->depth)
        begin_line(json);
    if (name) {
        cmr__buffer_append_quoted(&json->text, name, strlen(name), 0);
        cmr__buffer_append_text(&json->text, json->one_line ? ":" : ": ");
    }
    json->filled = true;
}

void cmr__json_open(struct cmr__json *json, const char *name, char bracket)
{
    begin(json, name);
    cmr__buffer_append_char(&json->text, bracket);
    json->depth++;
    json->filled = false;
}

void cmr__json_close(struct cmr__json *json, char bracket)
{
    json->depth--;
    if (json->filled)
        begin_line(json);
    cmr__buffer_append_char(&json->text, bracket == '{' ? '}' : ']');
    json->filled = true;
}

void cmr__json_text(struct cmr__json *json, const char *name, const char *text, size_t length)
{
    begin(json, name);
    cmr__buffer_append_quoted(&json->text, text, length, 0);
}

void cmr__json_raw(struct cmr__json *json, const char *name, const char *raw)
{
    begin(json, name);
    cmr__buffer_append_text(&json->text, raw);
}

void cmr__json_unsigned(struct cmr__json *json, const char *name, uint64_t number)
{
    begin(json, name);
    cmr__buffer_printf(&json->text, "%" PRIu64, number);
}

void cmr__json_signed(struct cmr__json *json, const char *name, int64_t number)
{
    begin(json, name);
    cmr__buffer_printf(&json->text, "%" PRId64, number);
}

void cmr__json_bool(struct cmr__json *json, const char *name, bool value)
{
    cmr__json_raw(json, name, value ? "true" : "false");
}
