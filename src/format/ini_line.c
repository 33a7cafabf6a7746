/* SPDX-License-Identifier: MIT
 *
 * The lines of an INI file. The grammar is that of iniparser 4.1 (src/iniparser.c: iniparser_load for the
 * lines, iniparser_line for what is in them), and it stays with iniparser to take a line apart. Here is only
 * what must be known before: where a line begins and ends, whether it is one that iniparser reads, and what
 * it would silently
 *   - leave out: a key that a comment's last backslash makes part of the comment, or that the file ends in;
 *   - cut off: what stands behind a closing quote or a section's first ];
 *   - take for something else: [] for the section before, "[a] ; b = c" for a key.
 * Those are refused. (That an unquoted ; or # begins a comment is not: it is the grammar.) */
#include "format/ini_line.h"

#include <string.h>

#include "base/cleanup.h"

/* As isspace() in the C locale. */
static bool is_blank(char character)
{
    return character == ' ' || (character >= '\t' && character <= '\r');
}

static bool is_comment_sign(char character)
{
    return character == '#' || character == ';';
}

static const char *skip_blanks(const char *at, const char *end)
{
    while (at != end && is_blank(*at))
        at++;
    return at;
}

static const char *trim_end(const char *at, const char *end)
{
    while (end != at && is_blank(end[-1]))
        end--;
    return end;
}

void cmr__ini_lines_init(struct cmr__ini_lines *lines, struct cmr__builder *builder)
{
    cmr__lines_init(&lines->physical, builder);
}

/* ---- diagnostics */

/* Where a character of the line stands in the raw bytes. */
static const char *origin(const struct cmr__ini_lines *lines, const char *at)
{
    return lines->text == lines->joined ? lines->from[at - lines->joined] : at;
}

static struct cmr__place locate(const struct cmr__ini_lines *lines, const char *raw_at)
{
    struct cmr__line line = lines->first;
    const char *end;
    while ((end = memchr(line.text, '\n', (size_t)(raw_at - line.text))) != NULL) {
        line.text = end + 1;
        line.number++;
    }
    return cmr__line_place(&line, raw_at);
}

static void report(struct cmr__ini_lines *lines, const char *raw_at, const char *message)
{
    struct cmr__place place = locate(lines, raw_at);
    cmr__report_add(lines->physical.builder->report, CMR_ERR_SYNTAX, lines->physical.builder->file,
                    place.line, place.column, NULL, "%s", message);
    lines->bad = true;
}

/* Reports the line from `at` on, which it quotes. */
static void report_found(struct cmr__ini_lines *lines, const char *at, const char *message)
{
    cmr_cleanup(cmr__buffer_reset) struct cmr__buffer text = CMR__BUFFER_INIT;
    cmr__buffer_append_text(&text, message);
    cmr__buffer_append_quoted(&text, at, (size_t)(lines->text + lines->length - at), 60);
    cmr__buffer_append_char(&text, '\0');
    if (text.failed)
        cmr__builder_fail(lines->physical.builder, CMR_ERR_NO_MEMORY);
    else
        report(lines, origin(lines, at), text.data);
}

static void report_long(struct cmr__ini_lines *lines)
{
    struct cmr__builder *builder = lines->physical.builder;
    const char *end = lines->first.text + lines->first.length;
    struct cmr__place place = cmr__line_place(&lines->first, skip_blanks(lines->first.text, end));
    cmr__report_add(builder->report, CMR_ERR_LIMIT, builder->file, place.line, place.column, NULL,
                    "a line of %zu bytes%s, at most %d are possible", lines->size,
                    lines->is_continued ? ", continued ones joined" : "", CMR__INI_LINE_MAX);
    lines->bad = true;
}

/* ---- joining */

static void check_bytes(struct cmr__ini_lines *lines, const struct cmr__line *line)
{
    struct cmr__builder *builder = lines->physical.builder;
    const char *nul = memchr(line->text, '\0', line->length);
    if (!cmr__line_check(&lines->physical, line))
        lines->bad = true;
    if (!nul)
        return;
    struct cmr__place place = cmr__line_place(line, nul);
    cmr__report_add(builder->report, CMR_ERR_SYNTAX, builder->file, place.line, place.column, NULL,
                    "a NUL byte");
    lines->bad = true;
}

/* Keeps what a comment that is continued has on its further lines, unless that is a comment too. */
static void watch_comment(struct cmr__ini_lines *lines, const struct cmr__line *line)
{
    const char *begin = skip_blanks(lines->text, lines->text + lines->length);
    const char *end = line->text + line->length;
    const char *more = skip_blanks(line->text, end);
    if (begin != lines->text + lines->length && is_comment_sign(*begin) && !lines->hidden && more != end &&
        !is_comment_sign(*more))
        lines->hidden = more;
}

static void join(struct cmr__ini_lines *lines, const struct cmr__line *line)
{
    if (lines->text != lines->joined) {
        memcpy(lines->joined, lines->text, lines->length);
        for (size_t i = 0; i < lines->length; i++)
            lines->from[i] = lines->text + i;
        lines->text = lines->joined;
    }
    memcpy(lines->joined + lines->length, line->text, line->length);
    for (size_t i = 0; i < line->length; i++)
        lines->from[lines->length + i] = line->text + i;
}

/* Adds a physical line. True when it is continued. As iniparser does it, trailing blanks go before the
 * backslash is looked for, so behind a line of blanks an earlier backslash may come to light. */
static bool append(struct cmr__ini_lines *lines, const struct cmr__line *line)
{
    bool is_long = lines->size > CMR__INI_LINE_MAX;
    check_bytes(lines, line);
    lines->size += line->length;
    if (is_long || lines->size > CMR__INI_LINE_MAX) { /* all that matters is where it ends */
        const char *end = trim_end(line->text, line->text + line->length);
        return end != line->text && end[-1] == '\\';
    }
    watch_comment(lines, line);
    if (lines->length == 0)
        lines->text = line->text;
    else
        join(lines, line);
    lines->length = (size_t)(trim_end(lines->text, lines->text + lines->length + line->length) - lines->text);
    if (lines->length == 0 || lines->text[lines->length - 1] != '\\')
        return false;
    lines->size = --lines->length;
    return true;
}

/* Reads what iniparser takes for a line. */
static bool read_line(struct cmr__ini_lines *lines, bool *ret_unfinished)
{
    struct cmr__line line;
    if (!cmr__lines_next(&lines->physical, &lines->first))
        return false;
    line = lines->first;
    lines->length = lines->size = 0;
    lines->hidden = NULL;
    lines->bad = lines->is_continued = *ret_unfinished = false;
    lines->text = line.text;
    while (append(lines, &line)) {
        *ret_unfinished = !cmr__lines_next(&lines->physical, &line);
        if (*ret_unfinished)
            break;
        lines->is_continued = true;
    }
    return true;
}

/* ---- what a line is */

static void check_section(struct cmr__ini_lines *lines, const char *begin, const char *end)
{
    const char *close = memchr(begin, ']', (size_t)(end - begin));
    if (!close)
        report_found(lines, begin, "a section's name that no ] ends: ");
    else if (close + 1 != end)
        report_found(lines, skip_blanks(close + 1, end), "nothing may stand behind a section's ], found ");
    else if (skip_blanks(begin + 1, end) == close)
        report(lines, origin(lines, begin), "a section without a name");
}

/* `at` is a value's opening quote. An empty pair is none to iniparser, if more stands behind it. */
static void check_quoted(struct cmr__ini_lines *lines, const char *at, const char *end)
{
    const char *close = memchr(at + 1, *at, (size_t)(end - at - 1));
    if (!close) {
        report_found(lines, at, "a quote that is not closed: ");
    } else if (close != at + 1) {
        const char *behind = skip_blanks(close + 1, end);
        if (behind != end && !is_comment_sign(*behind))
            report_found(lines, behind, "only a comment may stand behind a closing quote, found ");
    }
}

static void check_key(struct cmr__ini_lines *lines, const char *begin, const char *end)
{
    const char *sign = memchr(begin, '=', (size_t)(end - begin));
    if (!sign) {
        report_found(lines, begin, "wanted KEY = VALUE or [SECTION], found ");
    } else if (sign == begin) {
        report(lines, origin(lines, begin), "no key before the =");
    } else {
        const char *value = skip_blanks(sign + 1, end);
        if (value != end && (*value == '"' || *value == '\''))
            check_quoted(lines, value, end);
    }
}

/* Whether the line, which is not empty, is one for iniparser. */
static bool take(struct cmr__ini_lines *lines, const char *begin, const char *end, bool unfinished,
                 struct cmr__ini_line *ret_line)
{
    if (is_comment_sign(*begin)) {
        if (lines->hidden)
            report(lines, lines->hidden, "the comment before ends with a \\, which makes this part of it");
        return false;
    }
    ret_line->is_section = *begin == '[';
    if (unfinished)
        report(lines, origin(lines, begin), "this line ends with a \\, and the file with this line");
    else if (ret_line->is_section)
        check_section(lines, begin, end);
    else
        check_key(lines, begin, end);
    ret_line->text = begin;
    ret_line->length = (size_t)(end - begin);
    ret_line->name = origin(lines, ret_line->is_section ? skip_blanks(begin + 1, end) : begin);
    return !lines->bad;
}

bool cmr__ini_lines_next(struct cmr__ini_lines *lines, struct cmr__ini_line *ret_line)
{
    bool unfinished;
    while (lines->physical.builder->status == CMR_OK && read_line(lines, &unfinished)) {
        const char *end = lines->text + lines->length;
        const char *begin = skip_blanks(lines->text, end);
        if (lines->size > CMR__INI_LINE_MAX)
            report_long(lines);
        else if (begin != end && !lines->bad && take(lines, begin, end, unfinished, ret_line)) {
            ret_line->place = locate(lines, ret_line->name);
            return true;
        }
    }
    return false;
}
