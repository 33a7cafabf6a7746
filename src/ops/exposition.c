/* SPDX-License-Identifier: MIT
 *
 * The format, as https://prometheus.io/docs/instrumenting/exposition_formats/ has it. One sample that breaks
 * its rules costs the whole scrape, so labels that the application gives are checked, and values that come
 * from outside, as a mount's name, are made fit. */
#include "ops/exposition.h"

#include <inttypes.h>
#include <string.h>

#include "base/utf8.h"

static bool is_letter(char character)
{
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
           character == '_';
}

static bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

bool cmr__exposition_is_prefix(const char *text)
{
    if (!is_letter(*text) && *text != ':')
        return false;
    while (is_letter(*text) || is_digit(*text) || *text == ':')
        text++;
    return *text == '\0';
}

/* ---- labels that are given */

static size_t scan_name(const char *text)
{
    size_t length = 0;
    while (is_letter(text[length]) || (length && is_digit(text[length])))
        length++;
    return length;
}

/* The quotes and what is between them; 0: it is malformed. */
static size_t scan_value(const char *text)
{
    size_t length = 1;
    if (text[0] != '"')
        return 0;
    for (; text[length] != '"'; length++) {
        if (text[length] == '\\')
            length++;
        if (text[length] == '\0' || text[length] == '\n')
            return 0;
        if (text[length - 1] == '\\' && !strchr("\\\"n", text[length]))
            return 0;
    }
    return length + 1;
}

/* Whether the name stands in the labels before `end`, which are well-formed. */
static bool stands_before(const char *labels, const char *end, const char *name, size_t length)
{
    while (labels < end) {
        size_t other = scan_name(labels);
        if (other == length && memcmp(labels, name, length) == 0)
            return true;
        labels += other + 1;
        labels += scan_value(labels) + 1;
    }
    return false;
}

static bool is_taken(const char *const *taken, const char *name, size_t length)
{
    for (; *taken; taken++)
        if (strlen(*taken) == length && memcmp(*taken, name, length) == 0)
            return true;
    return length >= 2 && name[0] == '_' && name[1] == '_';
}

bool cmr__exposition_is_labels(const char *text, const char *const *taken)
{
    const char *at = text;
    size_t length = strlen(text);
    if (cmr__utf8_valid_prefix(text, length) != length)
        return false;
    for (;;) {
        size_t name = scan_name(at);
        if (!name || at[name] != '=' || is_taken(taken, at, name) || stands_before(text, at, at, name))
            return false;
        size_t value = scan_value(at + name + 1);
        if (!value)
            return false;
        at += name + 1 + value;
        if (*at != ',')
            return *at == '\0';
        at++;
    }
}

/* ---- writing */

static void put_value(struct cmr__buffer *text, const char *value)
{
    size_t length = strlen(value), size;
    cmr__buffer_append_char(text, '"');
    for (size_t at = 0; at < length; at += size ? size : 1) {
        size = cmr__utf8_character_size(value + at, length - at);
        if (size == 0)
            cmr__buffer_append_text(text, "\xef\xbf\xbd");
        else if (value[at] == '\n')
            cmr__buffer_append_text(text, "\\n");
        else if (value[at] == '"' || value[at] == '\\')
            cmr__buffer_printf(text, "\\%c", value[at]);
        else
            cmr__buffer_append(text, value + at, size);
    }
    cmr__buffer_append_char(text, '"');
}

static void put_name(struct cmr__exposition *exposition)
{
    cmr__buffer_append_text(&exposition->text, exposition->prefix);
    cmr__buffer_append_char(&exposition->text, '_');
    cmr__buffer_append_text(&exposition->text, exposition->name);
}

static void put_comment(struct cmr__exposition *exposition, const char *word, const char *comment)
{
    cmr__buffer_append_text(&exposition->text, word);
    put_name(exposition);
    cmr__buffer_append_char(&exposition->text, ' ');
    cmr__buffer_append_text(&exposition->text, comment);
    cmr__buffer_append_char(&exposition->text, '\n');
}

void cmr__exposition_begin(struct cmr__exposition *exposition, const char *name, const char *type,
                           const char *help)
{
    exposition->name = name;
    put_comment(exposition, "# HELP ", help);
    put_comment(exposition, "# TYPE ", type);
}

void cmr__exposition_sample(struct cmr__exposition *exposition, const struct cmr__label *labels, size_t count,
                            uint64_t value)
{
    struct cmr__buffer *text = &exposition->text;
    bool given = exposition->labels[0];
    put_name(exposition);
    if (given || count)
        cmr__buffer_append_char(text, '{');
    cmr__buffer_append_text(text, exposition->labels);
    for (size_t i = 0; i < count; i++) {
        cmr__buffer_append_text(text, given || i ? "," : "");
        cmr__buffer_append_text(text, labels[i].name);
        cmr__buffer_append_char(text, '=');
        put_value(text, labels[i].value);
    }
    if (given || count)
        cmr__buffer_append_char(text, '}');
    cmr__buffer_printf(text, " %" PRIu64 "\n", value);
}
