/* SPDX-License-Identifier: MIT
 *
 * Writes to stdout as it goes: the objects are flat and small, so a tree of them would be work for
 * nothing. What opens an object writes its first member, so all others begin with a comma.
 *
 * Values are strings whatever their type: 64-bit integers survive jq that way. Bytes that are not
 * UTF-8 have no form in JSON and go as base64, which the object then says. */
#include "cli/json_out.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/base64.h"
#include "cli/utf8.h"

static void put_escaped(uint32_t character)
{
    static const char named[] = "\b\f\n\r\t\"\\";
    static const char letters[] = "bfnrt\"\\";
    const char *place = character ? strchr(named, (int)character) : NULL;

    if (place)
        printf("\\%c", letters[place - named]);
    else
        printf("\\u%04x", (unsigned)character);
}

void json_put_quoted(const char *text, size_t length)
{
    putchar('"');
    while (length > 0) {
        uint32_t character;
        size_t size = utf8_next(text, length, &character);
        if (size == 0) {
            fputs("\xef\xbf\xbd", stdout);
            size = 1;
        } else if (character < 0x20 || character == '"' || character == '\\' || character == 0x7f) {
            put_escaped(character);
        } else {
            fwrite(text, 1, size, stdout);
        }
        text += size;
        length -= size;
    }
    putchar('"');
}

static void put_name(const char *name)
{
    printf(",\"%s\":", name);
}

void json_begin(const char *event)
{
    printf("{\"v\":1,\"event\":\"%s\"", event);
}

void json_end(void)
{
    fputs("}\n", stdout);
}

void json_text(const char *name, const char *text)
{
    put_name(name);
    json_put_quoted(text, strlen(text));
}

void json_number(const char *name, uint64_t number)
{
    put_name(name);
    printf("%llu", (unsigned long long)number);
}

void json_bool(const char *name, bool value)
{
    put_name(name);
    fputs(value ? "true" : "false", stdout);
}

void json_value(const char *name, const char *data, size_t length, bool base64)
{
    put_name(name);
    if (!base64) {
        json_put_quoted(data, length);
        return;
    }
    putchar('"');
    for (size_t i = 0; i < length; i += 3) {
        char group[BASE64_LENGTH(3) + 1];
        base64_encode(data + i, length - i < 3 ? length - i : 3, group);
        fputs(group, stdout);
    }
    putchar('"');
}

void json_encoding(bool base64)
{
    if (base64)
        json_text("encoding", "base64");
}

void json_array_open(const char *name)
{
    put_name(name);
    putchar('[');
}

void json_item_begin(size_t index, const char *name, const char *text)
{
    printf("%s{\"%s\":", index ? "," : "", name);
    json_put_quoted(text, strlen(text));
}

void json_item_end(void)
{
    putchar('}');
}

void json_array_close(void)
{
    putchar(']');
}

void json_diagnostic(size_t index, const cmr_diagnostic *diagnostic)
{
    json_item_begin(index, "file", diagnostic->file);
    json_number("line", diagnostic->line);
    json_number("column", diagnostic->column);
    json_text("key", diagnostic->key);
    json_text("message", diagnostic->message);
    json_item_end();
}
