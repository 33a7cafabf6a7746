/* SPDX-License-Identifier: MIT
 *
 * JSON, strictly by RFC 8259, straight into the builder.
 *
 * One pass without recursion: the builder's list of open containers is the stack. Numbers keep their text, so
 * 1.10 stays 1.10 for who reads a string; strings without escapes are handed on where they stand. The NUL
 * behind the raw bytes ends every scan.
 *
 * Where the RFC leaves a choice: a byte order mark is skipped; half a surrogate pair, which no UTF-8 text can
 * hold, is refused, and so are equal keys in one object, by the builder. */
#include <string.h>

#include "format/format.h"
#include "format/json_scanner.h"

struct reader {
    struct cmr__json_scanner scanner;
    struct cmr__builder *builder;
    struct cmr__buffer key_unescaped, value_unescaped;
};

/* What an entry is called, and where it stands: in a map where its key does, else where its value does. */
struct name {
    struct cmr__json_text text;
    struct cmr__place place;
};

/* ---- scalars */

static bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

static bool skip_digits(struct cmr__json_scanner *scanner)
{
    if (!is_digit(*scanner->at))
        return cmr__json_refuse(scanner, "a digit");
    while (is_digit(*scanner->at))
        scanner->at++;
    return true;
}

/* [ "-" ] digits, without leading zeros */
static bool skip_int(struct cmr__json_scanner *scanner)
{
    scanner->at += *scanner->at == '-';
    const char *begin = scanner->at;
    if (!skip_digits(scanner))
        return false;
    if (*begin != '0' || scanner->at == begin + 1)
        return true;
    cmr__json_report(scanner, begin, "a number with a leading zero");
    return false;
}

/* int [ "." digits ] [ ( "e" | "E" ) [ "+" | "-" ] digits ] */
static bool read_number(struct cmr__json_scanner *scanner, enum cmr__scalar_type *ret_type)
{
    enum cmr__scalar_type type = CMR__SCALAR_INT;
    if (!skip_int(scanner))
        return false;
    if (*scanner->at == '.') {
        type = CMR__SCALAR_FLOAT;
        scanner->at++;
        if (!skip_digits(scanner))
            return false;
    }
    if (*scanner->at == 'e' || *scanner->at == 'E') {
        type = CMR__SCALAR_FLOAT;
        scanner->at++;
        scanner->at += *scanner->at == '+' || *scanner->at == '-';
        if (!skip_digits(scanner))
            return false;
    }
    *ret_type = type;
    return true;
}

static bool read_word(struct cmr__json_scanner *scanner, enum cmr__scalar_type *ret_type)
{
    const char *word = *scanner->at == 'n' ? "null" : *scanner->at == 't' ? "true" : "false";
    if (strncmp(scanner->at, word, strlen(word)) != 0)
        return cmr__json_refuse(scanner, "a value");
    scanner->at += strlen(word);
    *ret_type = *word == 'n' ? CMR__SCALAR_NULL : CMR__SCALAR_BOOL;
    return true;
}

static bool add_literal(struct reader *reader, const struct name *name)
{
    const char *begin = reader->scanner.at;
    enum cmr__scalar_type type = CMR__SCALAR_NULL;
    bool number = *begin == '-' || is_digit(*begin);
    if (!(number ? read_number(&reader->scanner, &type) : read_word(&reader->scanner, &type)))
        return false;
    return cmr__builder_scalar(reader->builder, type, name->text.data, name->text.length, begin,
                               (size_t)(reader->scanner.at - begin), name->place, 0);
}

static bool add_string(struct reader *reader, const struct name *name)
{
    struct cmr__json_text value;
    return cmr__json_read_string(&reader->scanner, &reader->value_unescaped, &value) &&
           cmr__builder_scalar(reader->builder, CMR__SCALAR_STRING, name->text.data, name->text.length,
                               value.data, value.length, name->place, CMR__ENTRY_QUOTED);
}

/* ---- structure */

static bool open_container(struct reader *reader, const struct name *name)
{
    enum cmr__entry_kind kind = *reader->scanner.at++ == '{' ? CMR__MAP : CMR__LIST;
    return cmr__builder_open(reader->builder, kind, name->text.data, name->text.length, name->place, 0);
}

/* A scalar, or the beginning of a container. */
static bool add_value(struct reader *reader, const struct name *name)
{
    switch (*reader->scanner.at) {
    case '"':
        return add_string(reader, name);
    case '{':
    case '[':
        return open_container(reader, name);
    default:
        return add_literal(reader, name);
    }
}

static bool read_key(struct reader *reader, struct cmr__json_text *ret_key)
{
    struct cmr__json_scanner *scanner = &reader->scanner;
    if (*scanner->at != '"')
        return cmr__json_refuse(scanner, "a key in quotes");
    if (!cmr__json_read_string(scanner, &reader->key_unescaped, ret_key))
        return false;
    cmr__json_skip_blanks(scanner);
    if (*scanner->at != ':')
        return cmr__json_refuse(scanner, ": after a key");
    scanner->at++;
    cmr__json_skip_blanks(scanner);
    return true;
}

static bool read_entry(struct reader *reader)
{
    struct name name = { .place = cmr__json_locate(&reader->scanner, reader->scanner.at) };
    if (cmr__builder_in_map(reader->builder) && !read_key(reader, &name.text))
        return false;
    return add_value(reader, &name);
}

/* Behind a value: passes the comma before another one, or closes what ends here. */
static bool end_value(struct reader *reader)
{
    struct cmr__json_scanner *scanner = &reader->scanner;
    while (reader->builder->depth) {
        bool map = cmr__builder_in_map(reader->builder);
        cmr__json_skip_blanks(scanner);
        if (*scanner->at == ',') {
            scanner->at++;
            return true;
        }
        if (*scanner->at != (map ? '}' : ']'))
            return cmr__json_refuse(scanner, map ? ", or } after a value" : ", or ] after a value");
        scanner->at++;
        cmr__builder_close(reader->builder);
    }
    return true;
}

/* Whether an entry in the container that was opened just now comes next. */
static bool is_filled(struct reader *reader)
{
    cmr__json_skip_blanks(&reader->scanner);
    return *reader->scanner.at != (cmr__builder_in_map(reader->builder) ? '}' : ']');
}

static bool read_entries(struct reader *reader)
{
    do {
        uint32_t depth = reader->builder->depth;
        cmr__json_skip_blanks(&reader->scanner);
        if (!read_entry(reader))
            return false;
        bool opened = reader->builder->depth > depth;
        if (!(opened && is_filled(reader)) && !end_value(reader))
            return false;
    } while (reader->builder->depth);
    return true;
}

static void parse(struct cmr__builder *builder)
{
    struct reader reader = {
        .builder = builder,
        .key_unescaped = { .secret = cmr__report_is_secret(builder->report) },
        .value_unescaped = { .secret = cmr__report_is_secret(builder->report) },
    };
    if (cmr__json_begin(&reader.scanner, builder) && read_entries(&reader)) {
        cmr__json_skip_blanks(&reader.scanner);
        if (reader.scanner.at != reader.scanner.end)
            cmr__json_refuse(&reader.scanner, "the end of the file");
    }
    cmr__buffer_reset(&reader.key_unescaped);
    cmr__buffer_reset(&reader.value_unescaped);
}

const struct cmr__format cmr__format_json = {
    .name = "json",
    .flat = false,
    .duplicates = CMR__DUPLICATES_REFUSED,
    .parse = parse,
};
