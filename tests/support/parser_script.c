/* SPDX-License-Identifier: MIT
 *
 * Scripts of parser calls. */
#include "support/parser_script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct cmr__format script_format = { .name = "script", .own = parser_script };

struct script {
    cmr_parser *parser;
    cmr_status status; /* the first that was not CMR_OK */
    bool placed, copies;
    bool failed;     /* no memory for a copy */
    cmr_place place; /* if placed */
};

/* A part of a line. */
struct piece {
    const char *text; /* or NULL */
    size_t length;
};

static void look(struct script *script, cmr_status status)
{
    if (script->status != CMR_OK && status != script->status) {
        fprintf(stderr, "after %d a call returns %d\n", script->status, status);
        abort();
    }
    script->status = status;
}

/* The same bytes elsewhere, of just their size. */
static struct piece copy(struct script *script, struct piece piece)
{
    if (!script->copies || !piece.text)
        return piece;
    char *text = malloc(piece.length ? piece.length : 1);
    script->failed |= !text;
    if (!text)
        return piece;
    memcpy(text, piece.text, piece.length);
    return (struct piece){ text, piece.length };
}

static void drop(struct piece copied, struct piece piece)
{
    if (copied.text != piece.text)
        free((void *)(uintptr_t)copied.text);
}

static void tell_scalar(struct script *script, cmr_type type, struct piece name, struct piece text,
                        cmr_place place)
{
    struct piece told_name = copy(script, name), told_text = copy(script, text);
    look(script, cmr_parser_scalar(script->parser, told_name.text, told_name.length, type, told_text.text,
                                   told_text.length, place));
    drop(told_name, name);
    drop(told_text, text);
}

static void begin(struct script *script, char kind, struct piece name, cmr_place place)
{
    if (name.length == 1 && *name.text == '-')
        name = (struct piece){ NULL, 0 };
    struct piece told = copy(script, name);
    if (kind == '{')
        look(script, cmr_parser_begin_map(script->parser, told.text, told.length, place));
    else
        look(script, cmr_parser_begin_list(script->parser, told.text, told.length, place));
    drop(told, name);
}

static cmr_type type_of(char letter)
{
    switch (letter) {
    case 's':
        return CMR_TYPE_STRING;
    case 'n':
        return CMR_TYPE_NULL;
    case 'b':
        return CMR_TYPE_BOOL;
    case 'i':
        return CMR_TYPE_INT64;
    case 'u':
        return CMR_TYPE_UINT64;
    case 'd':
        return CMR_TYPE_DOUBLE;
    case 'y':
        return CMR_TYPE_BYTES;
    case 't':
        return CMR_TYPE_DURATION;
    default:
        return CMR_TYPE_ANY;
    }
}

static void tell_named(struct script *script, char letter, struct piece rest, cmr_place place)
{
    const char *sign = rest.length ? memchr(rest.text, '=', rest.length) : NULL;
    if (!sign)
        return;
    struct piece name = { rest.text, (size_t)(sign - rest.text) };
    struct piece text = { sign + 1, rest.length - name.length - 1 };
    tell_scalar(script, type_of(letter), name, text, place);
}

static void set_place(struct script *script, struct piece rest)
{
    char digits[8] = "";
    memcpy(digits, rest.text, rest.length < sizeof digits ? rest.length : sizeof digits - 1);
    unsigned number = (unsigned)strtoul(digits, NULL, 10);
    script->placed = rest.length > 0;
    script->place = (cmr_place){ number, number };
}

static void do_line(struct script *script, char letter, struct piece rest, cmr_place place)
{
    switch (letter) {
    case '{':
    case '[':
        begin(script, letter, rest, place);
        break;
    case '}':
        look(script, cmr_parser_end(script->parser));
        break;
    case '-':
        tell_scalar(script, CMR_TYPE_ANY, (struct piece){ NULL, 0 }, rest, place);
        break;
    case '!':
        look(script, cmr_parser_error(script->parser, place, "%.*s",
                                      rest.length > 9999 ? 9999 : (int)rest.length, rest.text));
        break;
    case '@':
        set_place(script, rest);
        break;
    case 'c':
        script->copies = true;
        break;
    default:
        if (letter && strchr("=snbiudyt", letter))
            tell_named(script, letter, rest, place);
    }
}

cmr_status parser_script(void *user, cmr_parser *parser, const char *data, size_t size)
{
    struct script script = { .parser = parser, .status = CMR_OK };
    (void)user;
    for (const char *line = data, *end = data + size; line < end;) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        struct piece rest = { line + 1, (size_t)((newline ? newline : end) - line) };
        if (rest.length-- == 0) { /* an empty line */
            line++;
            continue;
        }
        if (*line == 'r' && !script.failed)
            return (cmr_status)strtol(rest.text, NULL, 10);
        do_line(&script, *line, rest, script.placed ? script.place : cmr_parser_place(parser, line));
        line = newline ? newline + 1 : end;
    }
    return script.failed ? CMR_ERR_NO_MEMORY : CMR_OK;
}
