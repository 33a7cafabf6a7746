/* SPDX-License-Identifier: MIT
 *
 * The scanner under the JSON reader.
 *
 * What is wrong within an escape is told and reading goes on behind it; any other fault ends it, since
 * brackets and quotes would be guesses from there on. Lines end as in the other formats, at a CR alone too.
 * Columns are counted on from the last place that was asked for, so that a file of one line costs what others
 * do. */
#include "format/json_scanner.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/utf8.h"

#define FOUND_LIMIT 20 /* bytes of a word that a message shows */

/* ---- places and faults */

struct cmr__place cmr__json_locate(struct cmr__json_scanner *scanner, const char *at)
{
    scanner->mark_column += (unsigned)cmr__utf8_count_valid(scanner->mark, (size_t)(at - scanner->mark));
    scanner->mark = at;
    return (struct cmr__place){ scanner->line, scanner->mark_column };
}

void cmr__json_report(struct cmr__json_scanner *scanner, const char *at, const char *message)
{
    struct cmr__place place = cmr__json_locate(scanner, at);
    cmr__report_add(scanner->builder->report, CMR_ERR_SYNTAX, scanner->builder->file, place.line,
                    place.column, NULL, "%s", message);
}

static bool is_word(char character)
{
    return (character >= '0' && character <= '9') || (character >= 'a' && character <= 'z') ||
           (character >= 'A' && character <= 'Z') || strchr("+-._", character) != NULL;
}

/* A word, or else a character. */
static size_t measure_found(const char *at, const char *end)
{
    size_t length = 0;
    while (length <= FOUND_LIMIT && at[length] != '\0' && is_word(at[length]))
        length++;
    return length ? length : cmr__utf8_character_size(at, (size_t)(end - at));
}

static const char *hint(const char *at)
{
    if (*at == '#' || (*at == '/' && (at[1] == '/' || at[1] == '*')))
        return ": JSON has no comments";
    return *at == '\'' ? ": JSON's quotes are double" : "";
}

bool cmr__json_refuse(struct cmr__json_scanner *scanner, const char *wanted)
{
    const char *at = scanner->at;
    cmr_cleanup(cmr__buffer_reset) struct cmr__buffer message = CMR__BUFFER_INIT;
    const cmr_report *report = scanner->builder->report;
    if (report->count == CMR__REPORT_MAX ||
        cmr__report_is_secret(report)) { /* it will only be counted, or not be quoted */
        cmr__json_report(scanner, at, wanted);
        return false;
    }
    cmr__buffer_printf(&message, "wanted %s, found ", wanted);
    if (at == scanner->end)
        cmr__buffer_append_text(&message, "the end of the file");
    else
        cmr__buffer_append_quoted(&message, at, measure_found(at, scanner->end), FOUND_LIMIT);
    cmr__buffer_append_text(&message, hint(at));
    cmr__buffer_append_char(&message, '\0');
    if (message.failed)
        cmr__builder_fail(scanner->builder, CMR_ERR_NO_MEMORY);
    else
        cmr__json_report(scanner, at, message.data);
    return false;
}

/* ---- blanks */

/* At a line feed or carriage return; the two together end one line. */
static void pass_line_end(struct cmr__json_scanner *scanner)
{
    scanner->at += scanner->at[0] == '\r' && scanner->at[1] == '\n' ? 2 : 1;
    scanner->line++;
    scanner->mark = scanner->at;
    scanner->mark_column = 1;
}

void cmr__json_pass_blanks(struct cmr__json_scanner *scanner)
{
    for (;;) {
        while (*scanner->at == ' ' || *scanner->at == '\t')
            scanner->at++;
        if (*scanner->at != '\n' && *scanner->at != '\r')
            return;
        pass_line_end(scanner);
    }
}

/* ---- strings */

static int hex_digit(char character)
{
    if (character >= '0' && character <= '9')
        return character - '0';
    character |= 0x20;
    return character >= 'a' && character <= 'f' ? character - 'a' + 10 : -1;
}

/* Reads the digits of a \uXXXX from *at. On failure *at is at what is none. */
static bool read_unit(const char **at, uint32_t *ret_unit)
{
    uint32_t unit = 0;
    for (int i = 0; i < 4; i++, ++*at) {
        int digit = hex_digit(**at);
        if (digit < 0)
            return false;
        unit = unit << 4 | (uint32_t)digit;
    }
    *ret_unit = unit;
    return true;
}

/* Makes a high surrogate and the low one that follows it one code point. */
static bool read_low_surrogate(struct cmr__json_scanner *scanner, uint32_t *unit)
{
    const char *ahead = scanner->at + 2;
    uint32_t low;
    if (*unit >= 0xdc00 || scanner->at[0] != '\\' || scanner->at[1] != 'u' || !read_unit(&ahead, &low) ||
        low >> 10 != 0xdc00 >> 10)
        return false;
    scanner->at = ahead;
    *unit = 0x10000 + ((*unit & 0x3ff) << 10 | (low & 0x3ff));
    return true;
}

static void report_lone_surrogate(struct cmr__json_scanner *scanner, const char *escape, uint32_t unit)
{
    char message[100];
    snprintf(message, sizeof message,
             "\\u%04x is half of a surrogate pair and wants its other half as \\uXXXX beside it",
             (unsigned)unit);
    cmr__json_report(scanner, escape, message);
}

/* Behind the "u" of a \uXXXX. */
static void read_unicode(struct cmr__json_scanner *scanner, struct cmr__buffer *text)
{
    const char *escape = scanner->at - 2;
    uint32_t code_point;
    char bytes[4];
    if (!read_unit(&scanner->at, &code_point))
        cmr__json_refuse(scanner, "four hexadecimal digits after \\u");
    else if (code_point >> 11 == 0xd800 >> 11 && !read_low_surrogate(scanner, &code_point))
        report_lone_surrogate(scanner, escape, code_point);
    else
        cmr__buffer_append(text, bytes, cmr__utf8_encode(code_point, bytes));
}

/* At a backslash. */
static void read_escape(struct cmr__json_scanner *scanner, struct cmr__buffer *text)
{
    static const char from[] = "\"\\/bfnrtu", to[] = "\"\\/\b\f\n\r\t";
    char letter = *++scanner->at;
    const char *known = letter ? strchr(from, letter) : NULL;
    if (!known) {
        cmr__json_refuse(scanner, "one of \" \\ / b f n r t u after a backslash");
        return;
    }
    scanner->at++;
    if (letter == 'u')
        read_unicode(scanner, text);
    else
        cmr__buffer_append_char(text, to[known - from]);
}

/* The first quote, backslash or control character from `at`. Eight bytes at a time, by the well-known test
 * for a byte below n: x - n borrows from bit 7, and ~x keeps out the bytes where that was set before. */
static const char *plain_end(const char *at, const char *end)
{
    const uint64_t each = UINT64_C(0x0101010101010101);
    uint64_t word;
    for (; end - at >= (ptrdiff_t)sizeof word; at += sizeof word) {
        memcpy(&word, at, sizeof word);
        uint64_t quotes = word ^ each * '"', backslashes = word ^ each * '\\';
        if (((word - each * ' ') | (quotes - each) | (backslashes - each)) & ~word & each << 7)
            break;
    }
    while (*at != '"' && *at != '\\' && (unsigned char)*at >= ' ')
        at++;
    return at;
}

/* At what ended a string too early. */
static bool refuse_in_string(struct cmr__json_scanner *scanner)
{
    char character = *scanner->at, message[80] = "the line ends within a string";
    if (scanner->at == scanner->end)
        snprintf(message, sizeof message, "the file ends within a string");
    else if (character != '\n' && character != '\r')
        snprintf(message, sizeof message, "the byte 0x%02x within a string, where it is written \\u%04x",
                 (unsigned)character, (unsigned)character);
    cmr__json_report(scanner, scanner->at, message);
    return false;
}

/* A string from `begin` that has its first backslash, or its fault, at the scanner. */
static bool read_escaped_string(struct cmr__json_scanner *scanner, const char *begin,
                                struct cmr__buffer *text, struct cmr__json_text *ret_text)
{
    text->size = 0;
    for (;;) {
        cmr__buffer_append(text, begin, (size_t)(scanner->at - begin));
        if (*scanner->at != '\\')
            break;
        read_escape(scanner, text);
        begin = scanner->at;
        scanner->at = plain_end(begin, scanner->end);
    }
    if (*scanner->at != '"')
        return refuse_in_string(scanner);
    scanner->at++;
    if (text->failed)
        cmr__builder_fail(scanner->builder, CMR_ERR_NO_MEMORY);
    ret_text->data = text->data ? text->data : "";
    ret_text->length = text->size;
    return !text->failed;
}

bool cmr__json_read_string(struct cmr__json_scanner *scanner, struct cmr__buffer *unescaped,
                           struct cmr__json_text *ret_text)
{
    const char *begin = scanner->at + 1;
    scanner->at = plain_end(begin, scanner->end);
    if (*scanner->at != '"')
        return read_escaped_string(scanner, begin, unescaped, ret_text);
    ret_text->data = begin;
    ret_text->length = (size_t)(scanner->at++ - begin);
    return true;
}

/* ---- the start */

static void refuse_byte(struct cmr__json_scanner *scanner, const char *bad)
{
    char message[40];
    while (scanner->at < bad) {
        if (*scanner->at == '\n' || *scanner->at == '\r')
            pass_line_end(scanner);
        else
            scanner->at++;
    }
    snprintf(message, sizeof message, "the byte 0x%02x is not UTF-8", (unsigned)(unsigned char)*bad);
    cmr__json_report(scanner, bad, message);
}

bool cmr__json_begin(struct cmr__json_scanner *scanner, struct cmr__builder *builder)
{
    const char *begin = builder->raw + cmr__utf8_bom(builder->raw, builder->raw_length);
    const char *end = builder->raw + builder->raw_length;
    size_t length = (size_t)(end - begin), valid = cmr__utf8_valid_prefix(begin, length);
    *scanner = (struct cmr__json_scanner){
        .builder = builder,
        .at = begin,
        .end = end,
        .line = 1,
        .mark = begin,
        .mark_column = 1,
    };
    if (valid != length)
        refuse_byte(scanner, begin + valid);
    return valid == length;
}
