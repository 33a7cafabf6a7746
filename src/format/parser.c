/* SPDX-License-Identifier: MIT
 *
 * The parser that a format of the application's own talks to: a checked shell around the builder.
 *
 * The builder trusts its callers, which are this library's formats; here is whatever an application's author
 * may get wrong. What is wrong with the file is told as CMR_ERR_SYNTAX or _LIMIT, what is wrong with the
 * function as CMR_ERR_INVALID_ARGUMENT. Either refuses the file; a misuse also ends it, since nobody knows
 * what the function believes to have told. The file's root is opened and closed here, so that no function can
 * tell none, two or half of one. */
#include "format/parser.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/presentable.h"
#include "base/utf8.h"
#include "format/places.h"
#include "model/convert.h"

struct cmr_parser {
    struct cmr__builder *builder;
    const char *format; /* its name */
    size_t faults_before;
    struct cmr__place last; /* where the entry stands that was told last */
    struct cmr__places places;
};

static bool is_faultless(const cmr_parser *parser)
{
    const cmr_report *report = parser->builder->report;
    return report->count + report->dropped == parser->faults_before;
}

/* After something was reported: how it goes on. */
static cmr_status settle(cmr_parser *parser)
{
    if (parser->builder->report->failed)
        cmr__builder_fail(parser->builder, CMR_ERR_NO_MEMORY);
    return parser->builder->status;
}

static cmr_status fail(cmr_parser *parser, cmr_status status)
{
    cmr__builder_fail(parser->builder, status);
    return settle(parser);
}

/* The function is wrong, not the file. */
static cmr_status misuse(cmr_parser *parser, const char *what)
{
    cmr__report_add(parser->builder->report, CMR_ERR_INVALID_ARGUMENT, parser->builder->file,
                    parser->last.line, parser->last.column, "", "the format %s has a fault: it tells %s",
                    parser->format, what);
    return fail(parser, CMR_ERR_INVALID_ARGUMENT);
}

static cmr_status refuse_size(cmr_parser *parser)
{
    cmr__report_add(parser->builder->report, CMR_ERR_LIMIT, parser->builder->file, parser->last.line,
                    parser->last.column, "", "more than 4 GiB when parsed");
    return fail(parser, CMR_ERR_LIMIT);
}

static cmr_status refuse_name(cmr_parser *parser, const char *name, size_t length, const char *why)
{
    struct cmr__buffer quoted = CMR__BUFFER_INIT;
    cmr__buffer_append_quoted(&quoted, name, length, 60);
    cmr_cleanup(cmr__free_ptr) char *shown = cmr__buffer_take(&quoted);
    if (!shown)
        return fail(parser, CMR_ERR_NO_MEMORY);
    cmr__report_add(parser->builder->report, CMR_ERR_SYNTAX, parser->builder->file, parser->last.line,
                    parser->last.column, "", "the name %s %s", shown, why);
    return settle(parser);
}

/* ---- entries */

/* Names come from the file as they are, so a bad one is the file's fault. */
static cmr_status check_name(cmr_parser *parser, const char *name, size_t length)
{
    if (memchr(name, '\0', length))
        return refuse_name(parser, name, length, "holds a NUL byte");
    if (cmr__utf8_valid_prefix(name, length) != length)
        return refuse_name(parser, name, length, "is not UTF-8");
    return CMR_OK;
}

static cmr_status check_entry(cmr_parser *parser, const char *name, size_t length, cmr_place place)
{
    if (!parser)
        return CMR_ERR_INVALID_ARGUMENT;
    if (parser->builder->status != CMR_OK)
        return parser->builder->status;
    if (!place.line || !place.column)
        return misuse(parser, "an entry without its line and column");
    parser->last = (struct cmr__place){ place.line, place.column };
    if (parser->builder->pool.size > UINT32_MAX)
        return refuse_size(parser);
    bool in_map = cmr__builder_in_map(parser->builder);
    if (in_map && !name)
        return misuse(parser, "an entry of a map without a name");
    if (!in_map && (name || length))
        return misuse(parser, "an item of a list with a name");
    return in_map ? check_name(parser, name, length) : CMR_OK;
}

static cmr_status begin(cmr_parser *parser, enum cmr__entry_kind kind, const char *name, size_t length,
                        cmr_place place)
{
    cmr_status status = check_entry(parser, name, length, place);
    if (status != CMR_OK)
        return status;
    cmr__builder_open(parser->builder, kind, name, length, parser->last, 0);
    return settle(parser);
}

cmr_status cmr_parser_begin_map(cmr_parser *parser, const char *name, size_t name_length, cmr_place place)
{
    return begin(parser, CMR__MAP, name, name_length, place);
}

cmr_status cmr_parser_begin_list(cmr_parser *parser, const char *name, size_t name_length, cmr_place place)
{
    return begin(parser, CMR__LIST, name, name_length, place);
}

cmr_status cmr_parser_end(cmr_parser *parser)
{
    if (!parser)
        return CMR_ERR_INVALID_ARGUMENT;
    if (parser->builder->status == CMR_OK && parser->builder->depth <= 1) /* the root is not theirs */
        return misuse(parser, "an end without a beginning");
    cmr__builder_close(parser->builder);
    return parser->builder->status;
}

/* Whether the text reads as what the function says it is. */
static bool resolve(cmr_type type, const char *text, size_t length, enum cmr__scalar_type *ret_scalar)
{
    static const enum cmr__scalar_type scalars[] = {
        [CMR_TYPE_ANY] = CMR__SCALAR_UNTYPED,   [CMR_TYPE_NULL] = CMR__SCALAR_NULL,
        [CMR_TYPE_BOOL] = CMR__SCALAR_BOOL,     [CMR_TYPE_INT64] = CMR__SCALAR_INT,
        [CMR_TYPE_UINT64] = CMR__SCALAR_INT,    [CMR_TYPE_DOUBLE] = CMR__SCALAR_FLOAT,
        [CMR_TYPE_STRING] = CMR__SCALAR_STRING, [CMR_TYPE_BYTES] = CMR__SCALAR_BYTES,
    };
    if ((unsigned)type >= sizeof scalars / sizeof *scalars)
        return false;
    *ret_scalar = scalars[type];
    if (type == CMR_TYPE_BYTES)
        return true;
    if (type == CMR_TYPE_ANY || type == CMR_TYPE_STRING) {
        if (memchr(text, '\0', length) || cmr__utf8_valid_prefix(text, length) != length)
            *ret_scalar = CMR__SCALAR_BYTES;
        return true;
    }
    enum cmr__scalar_type plain = cmr__resolve_core_schema(text, length);
    return plain == scalars[type] || (plain == CMR__SCALAR_INT && type == CMR_TYPE_DOUBLE);
}

static cmr_status refuse_type(cmr_parser *parser, cmr_type type)
{
    char what[64];
    snprintf(what, sizeof what, "a scalar as %s that is none", cmr_type_name(type));
    return misuse(parser, what);
}

cmr_status cmr_parser_scalar(cmr_parser *parser, const char *name, size_t name_length, cmr_type type,
                             const char *text, size_t length, cmr_place place)
{
    enum cmr__scalar_type scalar = CMR__SCALAR_UNTYPED;
    cmr_status status = check_entry(parser, name, name_length, place);
    if (status != CMR_OK)
        return status;
    if (!text && length)
        return misuse(parser, "a text that is NULL");
    if (length > UINT32_MAX)
        return refuse_size(parser);
    if (!resolve(type, text ? text : "", length, &scalar))
        return refuse_type(parser, type);
    cmr__builder_scalar(parser->builder, scalar, name, name_length, text, length, parser->last,
                        type == CMR_TYPE_STRING ? CMR__ENTRY_QUOTED : 0);
    return settle(parser);
}

/* ---- places and errors */

cmr_place cmr_parser_place(cmr_parser *parser, const char *at)
{
    struct cmr__place place = { 0, 0 };
    if (!parser || (uintptr_t)at < (uintptr_t)parser->places.text ||
        (uintptr_t)at - (uintptr_t)parser->places.text > parser->places.length)
        return (cmr_place){ 0, 0 };
    if (!cmr__places_find(&parser->places, at, &place))
        fail(parser, CMR_ERR_NO_MEMORY);
    return (cmr_place){ place.line, place.column };
}

cmr_status cmr_parser_error(cmr_parser *parser, cmr_place place, const char *format, ...)
{
    cmr_cleanup(cmr__free_ptr) char *message = NULL;
    va_list arguments;
    if (!parser)
        return CMR_ERR_INVALID_ARGUMENT;
    if (parser->builder->status != CMR_OK)
        return parser->builder->status;
    va_start(arguments, format);
    bool said = cmr__presentable(format, arguments, &message);
    va_end(arguments);
    if (!said)
        return misuse(parser, "an error without a message");
    if (!message)
        return fail(parser, CMR_ERR_NO_MEMORY);
    cmr__report_add(parser->builder->report, CMR_ERR_SYNTAX, parser->builder->file, place.line, place.column,
                    "", "%s", message);
    return settle(parser);
}

/* ---- a file */

/* How it went, by what the function returned and by what it had told until then. A function that has found
 * an error may return at once, from any depth. */
static void finish(cmr_parser *parser, cmr_status status)
{
    struct cmr__builder *builder = parser->builder;
    if (builder->status != CMR_OK)
        return;
    if (status == CMR_ERR_NO_MEMORY || status == CMR_ERR_SYSTEM)
        cmr__builder_fail(builder, status);
    else if (!is_faultless(parser))
        return;
    else if (status != CMR_OK)
        cmr__report_add(builder->report, CMR_ERR_SYNTAX, builder->file, 0, 0, "",
                        "the format %s refuses it without a reason: %s", parser->format,
                        cmr_strerror(status));
    else if (builder->depth > 1)
        misuse(parser, "a beginning without an end");
    else
        cmr__builder_close(builder);
}

void cmr__parser_run(const struct cmr__format *format, struct cmr__builder *builder)
{
    const cmr_report *report = builder->report;
    cmr_parser parser = { .builder = builder,
                          .format = format->name,
                          .faults_before = report->count + report->dropped,
                          .last = { 1, 1 },
                          .places = { .text = builder->raw, .length = builder->raw_length } };
    if (cmr__builder_open(builder, CMR__MAP, NULL, 0, parser.last, 0))
        finish(&parser, format->own(format->user, &parser, builder->raw, builder->raw_length));
    cmr__places_reset(&parser.places);
}
