/* SPDX-License-Identifier: MIT
 *
 * Properties files, to the letter of java.util.Properties.load(Reader): the grammar is that method's
 * documentation, and where it leaves a case open, what OpenJDK's LineReader and loadConvert do (an
 * empty line that is continued, a backslash at the end of the file). The input is UTF-8.
 *
 * One pass over the raw bytes. What holds no backslash is handed to the builder where it stands; the
 * rest is decoded into one scratch buffer, which lines share. Escapes are decoded while lines are
 * joined, never before, so that every error has its line and column: a \u and its digits may even
 * stand on several lines. The NUL behind the raw bytes ends every scan; an embedded NUL is a
 * character like any other.
 *
 * Unlike Java: a leading byte order mark is skipped; invalid UTF-8 and half a surrogate pair, which no
 * UTF-8 text can hold, are errors; an error does not end the reading, so that all of them are told. */
#include "format/format.h"

#include "base/cleanup.h"
#include "base/utf8.h"

enum {
    BLANK = 1,
    SEPARATOR = 2,
    TERMINATOR = 4,
    BACKSLASH = 8,
    NUL = 16, /* the end of the file, or embedded */
    COMMENT_END = TERMINATOR | NUL,
    VALUE_END = COMMENT_END | BACKSLASH,
    KEY_END = VALUE_END | BLANK | SEPARATOR,
};

static const unsigned char classes[256] = {
    [' '] = BLANK,       ['\t'] = BLANK,      ['\f'] = BLANK,     ['='] = SEPARATOR, [':'] = SEPARATOR,
    ['\n'] = TERMINATOR, ['\r'] = TERMINATOR, ['\\'] = BACKSLASH, ['\0'] = NUL,
};

struct cursor {
    const char *at;
    const char *end;
    const char *line_start;
    unsigned line;
};

/* A key or value: in the raw bytes, or, when raw is NULL, decoded in the scratch buffer (by offset,
 * for the buffer may move). */
struct piece {
    const char *raw;
    size_t offset;
    size_t length;
};

struct reader {
    struct cmr__builder *builder;
    struct cursor cursor;
    struct cmr__buffer scratch;
    const char *mark; /* what locate() found last: a line full of errors is counted once */
    unsigned mark_column;
};

static bool is(char character, unsigned wanted)
{
    return (classes[(unsigned char)character] & wanted) != 0;
}

/* The first character from `at` that is one of `stops`; stops include NUL, which only ends the file. */
static const char *scan(const char *at, const char *end, unsigned stops)
{
    for (;; at++) {
        while (!is(*at, stops))
            at++;
        if (*at != '\0' || at == end)
            return at;
    }
}

static void skip_blanks(struct cursor *cursor)
{
    while (is(*cursor->at, BLANK))
        cursor->at++;
}

static void pass_terminator(struct cursor *cursor)
{
    cursor->at += cursor->at[0] == '\r' && cursor->at[1] == '\n' ? 2 : 1;
    cursor->line_start = cursor->at;
    cursor->line++;
}

/* Passes a backslash that continues the line, and the next line's leading blanks. A backslash at the
 * end of the file continues it with nothing. */
static bool join(struct cursor *cursor)
{
    if (*cursor->at != '\\')
        return false;
    if (cursor->at + 1 == cursor->end) {
        cursor->at++;
        return true;
    }
    if (!is(cursor->at[1], TERMINATOR))
        return false;
    cursor->at++;
    pass_terminator(cursor);
    skip_blanks(cursor);
    return true;
}

static struct cmr__place locate(struct reader *reader, const struct cursor *where)
{
    const char *from = where->line_start;
    unsigned column = 1;
    if (reader->mark >= from && reader->mark <= where->at) {
        from = reader->mark;
        column = reader->mark_column;
    }
    reader->mark = where->at;
    reader->mark_column = column + (unsigned)cmr__utf8_count(from, (size_t)(where->at - from));
    return (struct cmr__place){ where->line, reader->mark_column };
}

/* What stands behind a \u: four characters, or as many as the line has. */
static size_t measure_found(const char *at, const char *end)
{
    const char *start = at;
    for (int characters = 0; characters < 4 && at != end && !is(*at, TERMINATOR); characters++) {
        do
            at++;
        while (((unsigned char)*at & 0xc0) == 0x80);
    }
    return (size_t)(at - start);
}

static void report_malformed(struct reader *reader, const struct cursor *escape)
{
    cmr_cleanup(cmr__buffer_reset) struct cmr__buffer found = CMR__BUFFER_INIT;
    struct cmr__place place = locate(reader, escape);
    size_t length = measure_found(escape->at + 2, escape->end);
    cmr__buffer_append_quoted(&found, escape->at + 2,
                              cmr__report_is_secret(reader->builder->report) ? 0 : length, 0);
    cmr__buffer_append_char(&found, '\0');
    if (found.failed) {
        cmr__builder_fail(reader->builder, CMR_ERR_NO_MEMORY);
        return;
    }
    cmr__report_add(reader->builder->report, CMR_ERR_SYNTAX, reader->builder->file, place.line, place.column,
                    NULL, "\\u wants four hexadecimal digits, found %s",
                    length == 0 ? "the end of the line" : found.data);
}

static void report_lone_surrogate(struct reader *reader, const struct cursor *escape, uint32_t unit)
{
    struct cmr__place place = locate(reader, escape);
    cmr__report_add(reader->builder->report, CMR_ERR_SYNTAX, reader->builder->file, place.line, place.column,
                    NULL, "\\u%04x is half of a surrogate pair and wants its other half as \\uXXXX beside it",
                    (unsigned)unit);
}

static void report_long_key(struct reader *reader, struct cmr__place place, size_t length)
{
    cmr__report_add(reader->builder->report, CMR_ERR_LIMIT, reader->builder->file, place.line, place.column,
                    NULL, "a key of %zu bytes, at most %u are possible", length, (unsigned)UINT16_MAX);
}

static int hex_digit(char character)
{
    if (character >= '0' && character <= '9')
        return character - '0';
    character |= 0x20;
    return character >= 'a' && character <= 'f' ? character - 'a' + 10 : -1;
}

/* Reads a \uXXXX. On failure the cursor stands behind the digits that were good. */
static bool read_unit(struct cursor *cursor, uint32_t *ret_unit)
{
    uint32_t unit = 0;
    cursor->at += 2;
    for (int i = 0; i < 4; i++) {
        int digit;
        while ((digit = hex_digit(*cursor->at)) < 0)
            if (!join(cursor))
                return false;
        unit = unit << 4 | (uint32_t)digit;
        cursor->at++;
    }
    *ret_unit = unit;
    return true;
}

/* Makes a high surrogate and the low one that follows it one code point. */
static bool read_low_surrogate(struct cursor *cursor, uint32_t *unit)
{
    struct cursor ahead = *cursor;
    uint32_t low;
    while (join(&ahead))
        ;
    if (*unit >= 0xdc00 || ahead.at[0] != '\\' || ahead.at[1] != 'u' || !read_unit(&ahead, &low) ||
        low >> 10 != 0xdc00 >> 10)
        return false;
    *cursor = ahead;
    *unit = 0x10000 + ((*unit & 0x3ff) << 10 | (low & 0x3ff));
    return true;
}

static void decode_unicode(struct reader *reader)
{
    struct cursor escape = reader->cursor;
    uint32_t code_point;
    char bytes[4];
    if (!read_unit(&reader->cursor, &code_point))
        report_malformed(reader, &escape);
    else if (code_point >> 11 == 0xd800 >> 11 && !read_low_surrogate(&reader->cursor, &code_point))
        report_lone_surrogate(reader, &escape, code_point);
    else
        cmr__buffer_append(&reader->scratch, bytes, cmr__utf8_encode(code_point, bytes));
}

static char unescape(char character)
{
    switch (character) {
    case 't':
        return '\t';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 'f':
        return '\f';
    default:
        return character;
    }
}

static void decode_escape(struct reader *reader)
{
    char character = reader->cursor.at[1];
    if (character == 'u') {
        decode_unicode(reader);
        return;
    }
    cmr__buffer_append_char(&reader->scratch, unescape(character));
    reader->cursor.at += 2;
}

/* A key or value from `begin` that has its first backslash at the cursor. */
static struct piece decode(struct reader *reader, const char *begin, unsigned stops)
{
    struct cursor *cursor = &reader->cursor;
    struct piece piece = { NULL, reader->scratch.size, 0 };
    cmr__buffer_append(&reader->scratch, begin, (size_t)(cursor->at - begin));
    while (*cursor->at == '\\') {
        if (!join(cursor))
            decode_escape(reader);
        const char *run = cursor->at;
        cursor->at = scan(run, cursor->end, stops);
        if (cursor->at != run)
            cmr__buffer_append(&reader->scratch, run, (size_t)(cursor->at - run));
    }
    piece.length = reader->scratch.size - piece.offset;
    if (piece.length == 0)
        piece.raw = begin; /* the buffer may have no memory yet */
    return piece;
}

static struct piece read_piece(struct reader *reader, unsigned stops)
{
    const char *begin = reader->cursor.at;
    reader->cursor.at = scan(begin, reader->cursor.end, stops);
    if (*reader->cursor.at == '\\')
        return decode(reader, begin, stops);
    return (struct piece){ begin, 0, (size_t)(reader->cursor.at - begin) };
}

static const char *piece_text(const struct reader *reader, const struct piece *piece)
{
    return piece->raw ? piece->raw : reader->scratch.data + piece->offset;
}

/* Blanks, at most one = or :, and blanks; each of them may be followed by a continuation. */
static void skip_separator(struct cursor *cursor)
{
    bool separated = false;
    do {
        skip_blanks(cursor);
        if (!separated && is(*cursor->at, SEPARATOR)) {
            separated = true;
            cursor->at++;
            skip_blanks(cursor);
        }
    } while (join(cursor));
}

/* Reads the property that begins at the cursor. False: nothing more can be read. */
static bool read_property(struct reader *reader)
{
    struct cursor *cursor = &reader->cursor;
    /* Only blanks, a byte each, can stand before a key. */
    struct cmr__place place = { cursor->line, (unsigned)(cursor->at - cursor->line_start) + 1 };
    reader->scratch.size = 0;
    struct piece key = read_piece(reader, KEY_END);
    skip_separator(cursor);
    struct piece value = read_piece(reader, VALUE_END);
    if (reader->scratch.failed) {
        cmr__builder_fail(reader->builder, CMR_ERR_NO_MEMORY);
        return false;
    }
    if (key.length > UINT16_MAX) {
        report_long_key(reader, place, key.length);
        return true;
    }
    return cmr__builder_scalar(reader->builder, CMR__SCALAR_UNTYPED, piece_text(reader, &key), key.length,
                               piece_text(reader, &value), value.length, place, 0);
}

/* A line that holds nothing but its continuation. LineReader drops it and begins anew, so that the
 * next line may be a comment; but when a one-byte terminator ends the file there, it has a line left,
 * which is empty: a property with neither key nor value. */
static bool is_dropped(const struct cursor *cursor)
{
    return is(cursor->at[1], TERMINATOR) && cursor->at + 2 != cursor->end;
}

/* Moves to where the next property begins; false at the end of the file. */
static bool find_property(struct cursor *cursor)
{
    for (;;) {
        skip_blanks(cursor);
        switch (*cursor->at) {
        case '#':
        case '!':
            cursor->at = scan(cursor->at, cursor->end, COMMENT_END);
            break;
        case '\n':
        case '\r':
            pass_terminator(cursor);
            break;
        case '\\':
            if (!is_dropped(cursor))
                return true;
            cursor->at++;
            pass_terminator(cursor);
            break;
        default:
            return cursor->at != cursor->end;
        }
    }
}

static void check_utf8(struct reader *reader)
{
    const struct cmr__builder *builder = reader->builder;
    struct cursor cursor = reader->cursor;
    const char *bad = builder->raw + cmr__utf8_valid_prefix(builder->raw, builder->raw_length);
    if (bad == cursor.end)
        return;
    for (;;) {
        cursor.at = scan(cursor.at, cursor.end, COMMENT_END);
        if (cursor.at >= bad)
            break;
        pass_terminator(&cursor);
    }
    cursor.at = bad;
    struct cmr__place place = locate(reader, &cursor);
    cmr__report_add(builder->report, CMR_ERR_SYNTAX, builder->file, place.line, place.column, NULL,
                    "the byte 0x%02x is not UTF-8", (unsigned)(unsigned char)*bad);
}

static void parse(struct cmr__builder *builder)
{
    const char *start = builder->raw + cmr__utf8_bom(builder->raw, builder->raw_length);
    struct reader reader = {
        .builder = builder,
        .cursor = { .at = start, .end = builder->raw + builder->raw_length, .line_start = start, .line = 1 },
        .scratch = { .secret = cmr__report_is_secret(builder->report) },
        .mark = start,
        .mark_column = 1,
    };
    check_utf8(&reader);
    cmr__builder_open(builder, CMR__MAP, NULL, 0, (struct cmr__place){ 1, 1 }, 0);
    while (find_property(&reader.cursor) && read_property(&reader))
        ;
    cmr__builder_close(builder);
    cmr__buffer_reset(&reader.scratch);
}

const struct cmr__format cmr__format_properties = {
    .name = "properties",
    .flat = true,
    .duplicates = CMR__DUPLICATES_LAST_WINS,
    .parse = parse,
};
