/* SPDX-License-Identifier: MIT
 *
 * Numbers are rewritten as texts: no digit is lost, and no locale is asked. */
#include "schema/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "model/convert.h"

static void begin(struct cmr__json *json, const char *name)
{
    if (json->depth)
        cmr__buffer_append_text(&json->text, json->filled ? ",\n" : "\n");
    for (int i = 0; i < json->depth; i++)
        cmr__buffer_append_text(&json->text, "  ");
    if (name) {
        cmr__buffer_append_quoted(&json->text, name, strlen(name), 0);
        cmr__buffer_append_text(&json->text, ": ");
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
        cmr__buffer_append_char(&json->text, '\n');
    for (int i = 0; json->filled && i < json->depth; i++)
        cmr__buffer_append_text(&json->text, "  ");
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

static void put_decimal(struct cmr__json *json, const struct cmr__decimal *decimal, const char *exponent,
                        size_t exponent_length)
{
    const char *whole = decimal->whole;
    size_t length = decimal->whole_length;
    for (; length > 1 && *whole == '0'; length--)
        whole++;
    cmr__buffer_append_text(&json->text, decimal->negative ? "-" : "");
    cmr__buffer_append(&json->text, length ? whole : "0", length ? length : 1);
    if (decimal->fraction_length)
        cmr__buffer_append_char(&json->text, '.');
    cmr__buffer_append(&json->text, decimal->fraction, decimal->fraction_length);
    cmr__buffer_append(&json->text, exponent, exponent_length);
}

bool cmr__json_number(struct cmr__json *json, const char *name, const char *text, size_t length)
{
    struct cmr__decimal decimal = { 0 };
    char digits[32];
    int64_t power;
    uint64_t whole;
    size_t used = cmr__scan_decimal(text, length, &decimal);
    if (used && used + cmr__scan_exponent(text + used, length - used, &power) == length) {
        begin(json, name);
        put_decimal(json, &decimal, text + used, length - used);
        return true;
    }
    if (cmr__parse_uint(text, length, &whole) != CMR_OK)
        return false;
    snprintf(digits, sizeof digits, "%" PRIu64, whole);
    cmr__json_raw(json, name, digits);
    return true;
}
