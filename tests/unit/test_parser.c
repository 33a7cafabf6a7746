/* SPDX-License-Identifier: MIT
 *
 * Formats of an application's own: what their functions may tell, and what becomes of everything that they
 * must not. Most cases are scripts, see support/parser_script.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/diagnostic.h"
#include "base/utf8.h"
#include "support/document_check.h"
#include "support/format_text.h"
#include "support/parser_script.h"

#define FAULT "! misuse 1:1: the format script has a fault: it tells "

static const struct format_case told[] = {
    FORMAT_CASE("nothing", "", ""),
    FORMAT_CASE("nothing, with lines", "\n\n# \n", ""),
    FORMAT_CASE("a scalar", "=a=b\n", "a=b @1:1\n"),
    FORMAT_CASE("a scalar at a file's end", "=a=b", "a=b @1:1\n"),
    FORMAT_CASE("an empty text, an empty name", "=a=\n==b\n", "a= @1:1\n=b @2:1\n"),
    FORMAT_CASE("a map", "{a\n=b=c\n}\n=d=e\n", "a.b=c @2:1\nd=e @4:1\n"),
    FORMAT_CASE("a list", "[a\n-b\n{-\n=c=d\n}\n[-\n}\n}\n", "a[0]=b @2:1\na[1].c=d @4:1\na[2]=[] @6:1\n"),
    FORMAT_CASE("empty containers", "{a\n}\n[b\n}\n", "a={} @1:1\nb=[] @3:1\n"),
    FORMAT_CASE("copies", "c\n{ab\n=cd=ef\n==\n}\n[x\n-y\n-\n}\n",
                "ab.cd=ef @3:1\nab.= @4:1\nx[0]=y @7:1\nx[1]= @8:1\n"),
    FORMAT_CASE("types", "sa=1\nnb=~\nbc=true\nid=0x1f\nue=7\ndf=1.5\ndg=2\nyh=x\n",
                "a=1 (string quoted) @1:1\nb=~ (null) @2:1\nc=true (bool) @3:1\nd=0x1f (int) @4:1\n"
                "e=7 (int) @5:1\nf=1.5 (float) @6:1\ng=2 (float) @7:1\nh=x (bytes) @8:1\n"),
    FORMAT_CASE("an empty null, a huge int", "na=\nib=99999999999999999999\n",
                "a= (null) @1:1\nb=99999999999999999999 (int) @2:1\n"),
    FORMAT_CASE("bytes", "=a=\xff\nsb=\xc3\n=c=d\0e\nsd=\0\n",
                "a=\xff (bytes) @1:1\nb=\xc3 (bytes quoted) @2:1\nc=d\\000e (bytes) @3:1\n"
                "d=\\000 (bytes quoted) @4:1\n"),
    FORMAT_CASE("places", "@7\n=a=b\n=c=d\n@\n=e=f\n", "a=b @7:7\nc=d @7:7\ne=f @5:1\n"),
    FORMAT_CASE("a byte order mark", "\xef\xbb\xbf\n=a=b\n", "a=b @2:1\n"),
};

static const struct format_case refused[] = {
    FORMAT_CASE("an error", "=a=b\n!bad\n", "! syntax 2:1: bad\n"),
    FORMAT_CASE("errors", "!one\n!two\n=a=b\n!three\n",
                "! syntax 1:1: one\n! syntax 2:1: two\n! syntax 4:1: three\n"),
    FORMAT_CASE("an error without a place", "@0\n!as a whole", "! syntax 0:0: as a whole\n"),
    FORMAT_CASE("an error, and a return at any depth", "{a\n[b\n!bad\nr-7\n", "! syntax 3:1: bad\n"),
    FORMAT_CASE("an error, and CMR_OK at any depth", "{a\n[b\n!bad\n", "! syntax 3:1: bad\n"),
    FORMAT_CASE("what no line may hold", "!a\tb\x7f\xc2\x9b\xff|\xe2\x82\n",
                "! syntax 1:1: a\xef\xbf\xbd"
                "b\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd|\xef\xbf\xbd\xef\xbf\xbd\n"),
    FORMAT_CASE("giving up without a word", "r-7\n",
                "! syntax 0:0: the format script refuses it without a reason: syntax error in a file\n"),
    FORMAT_CASE("giving up with a status that is none", "r42\n",
                "! syntax 0:0: the format script refuses it without a reason: unknown status\n"),
    FORMAT_CASE("duplicates", "{a\n=b=1\n=b=2\n}\n",
                "! syntax 3:1: duplicate key \"b\": it already stands on line 2\n"),
    FORMAT_CASE("duplicate containers", "{a\n}\n[a\n}\n=a=\n",
                "! syntax 3:1: duplicate key \"a\": it already stands on line 1\n"
                "! syntax 5:1: duplicate key \"a\": it already stands on line 1\n"),
    FORMAT_CASE("a name that is not UTF-8", "=a\xff=b\n{\xc3\n}\n=c=d\n",
                "! syntax 1:1: the name \"a\xef\xbf\xbd\" is not UTF-8\n"
                "! syntax 2:1: the name \"\xef\xbf\xbd\" is not UTF-8\n"),
    FORMAT_CASE("a name with a NUL byte", "c\n[a\0b\n}\n",
                "! syntax 2:1: the name \"a\\u0000b\" holds a NUL byte\n"),
};

static const struct format_case misused[] = {
    FORMAT_CASE("an end without a beginning", "}\n=a=b\n", FAULT "an end without a beginning\n"),
    FORMAT_CASE("one end too many", "\n{a\n}\n}\n",
                "! misuse 2:1: the format script has a fault: it tells an end without a beginning\n"),
    FORMAT_CASE("a beginning without an end", "{a\n", FAULT "a beginning without an end\n"),
    FORMAT_CASE("a list without an end", "[a\n[-\n}\n",
                "! misuse 2:1: the format script has a fault: it tells a beginning without an end\n"),
    FORMAT_CASE("a scalar without a name", "-b\n", FAULT "an entry of a map without a name\n"),
    FORMAT_CASE("a map without a name", "{-\n", FAULT "an entry of a map without a name\n"),
    FORMAT_CASE("a list without a name", "[-\n", FAULT "an entry of a map without a name\n"),
    FORMAT_CASE("an item with a name", "[a\n=b=c\n}\n",
                "! misuse 2:1: the format script has a fault: it tells an item of a list with a name\n"),
    FORMAT_CASE("an item with an empty name", "[a\n{\n}\n}\n",
                "! misuse 2:1: the format script has a fault: it tells an item of a list with a name\n"),
    FORMAT_CASE("no place", "@0\n=a=b\n", FAULT "an entry without its line and column\n"),
    FORMAT_CASE("no place for a container", "@0\n{a\n}\n", FAULT "an entry without its line and column\n"),
    FORMAT_CASE("a bool that is none", "ba=yes\n", FAULT "a scalar as bool that is none\n"),
    FORMAT_CASE("an int that is none", "ia=1_000\n", FAULT "a scalar as int64 that is none\n"),
    FORMAT_CASE("an int that is a double", "ua=1.5\n", FAULT "a scalar as uint64 that is none\n"),
    FORMAT_CASE("a double that is none", "da=x\n", FAULT "a scalar as double that is none\n"),
    FORMAT_CASE("a null that is none", "na=nil\n", FAULT "a scalar as null that is none\n"),
    FORMAT_CASE("a type that no scalar has", "ta=1s\n", FAULT "a scalar as duration that is none\n"),
    FORMAT_CASE("an error without a message", "!\n", FAULT "an error without a message\n"),
    FORMAT_CASE("an error, then a misuse", "!bad\n}\n=a=b\n!more\n",
                "! syntax 1:1: bad\n" FAULT "an end without a beginning\n"),
};

static void tells(void **state)
{
    (void)state;
    CHECK_FORMAT_CASES(&script_format, told);
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        cmr__document *document = read_document(&script_format, told[i].raw, told[i].length);
        check_document(document);
        cmr__document_unref(document);
    }
}

static void refuses_a_file(void **state)
{
    (void)state;
    CHECK_FORMAT_CASES(&script_format, refused);
}

static void refuses_a_misuse(void **state)
{
    (void)state;
    CHECK_FORMAT_CASES(&script_format, misused);
}

/* What the parse as a whole returns. */
static cmr_status parse(cmr_parse_fn *function, void *user, const char *raw)
{
    const struct cmr__format format = { .name = "test", .own = function, .user = user };
    cmr_report *report = cmr__report_new();
    cmr__document *document = NULL;
    assert_non_null(report);
    cmr_status status = cmr__format_parse(&format, "f", raw, strlen(raw), &default_limits, report, &document);
    assert_int_equal(status == CMR_OK, document != NULL);
    if (status != CMR_ERR_NO_MEMORY && status != CMR_ERR_SYSTEM)
        assert_int_equal(status == CMR_OK, cmr__report_is_empty(report));
    cmr__document_unref(document);
    cmr_report_free(report);
    return status;
}

static void passes_statuses_on(void **state)
{
    (void)state;
    assert_int_equal(parse(parser_script, NULL, "=a=b\n"), CMR_OK);
    assert_int_equal(parse(parser_script, NULL, "!bad\n"), CMR_ERR_SYNTAX);
    assert_int_equal(parse(parser_script, NULL, "r-4\n"), CMR_ERR_SYNTAX);
    assert_int_equal(parse(parser_script, NULL, "r1\n"), CMR_ERR_SYNTAX);
    assert_int_equal(parse(parser_script, NULL, "=a=b\n=a=b\n"), CMR_ERR_SYNTAX);
    assert_int_equal(parse(parser_script, NULL, "}\n"), CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(parse(parser_script, NULL, "}\nr-2\n"), CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(parse(parser_script, NULL, "!bad\nr-2\n"), CMR_ERR_NO_MEMORY);
    assert_int_equal(parse(parser_script, NULL, "{a\nr-2\n"), CMR_ERR_NO_MEMORY);
    errno = EMFILE;
    assert_int_equal(parse(parser_script, NULL, "{a\nr-3\n"), CMR_ERR_SYSTEM);
    assert_int_equal(errno, EMFILE);
}

static void obeys_limits(void **state)
{
    static const cmr_limits limits = { .depth = 2, .entries = 3 };
    (void)state;
    char *text = format_text(&script_format, "{a\n{b\n=c=\n}\n}\n", 14, &limits);
    assert_string_equal(text, "a.b.c= @3:1\n");
    free(text);
    text = format_text(&script_format, "{a\n{b\n[c\n}\n}\n}\n", 15, &limits);
    assert_string_equal(text, "! limit 3:1: more than 2 levels of nesting\n");
    free(text);
    text = format_text(&script_format, "=a=\n=b=\n=c=\n=d=\n!e\n", 19, &limits);
    assert_string_equal(text, "! limit 4:1: more than 3 entries in one file, aliases expanded\n");
    free(text);
}

static cmr_status tell_long_names(void *user, cmr_parser *parser, const char *data, size_t size)
{
    char *name = malloc(65536);
    cmr_place place = { 1, 1 };
    (void)data;
    (void)size;
    assert_non_null(name);
    memset(name, 'n', 65536);
    assert_int_equal(cmr_parser_scalar(parser, name, 65535, CMR_TYPE_ANY, "", 0, place), CMR_OK);
    cmr_status status = cmr_parser_begin_map(parser, name, *(size_t *)user, place);
    free(name);
    return status == CMR_OK ? cmr_parser_end(parser) : status;
}

static void names_have_a_longest(void **state)
{
    size_t length = 65534;
    (void)state;
    assert_int_equal(parse(tell_long_names, &length, ""), CMR_OK);
    length = 65535;
    assert_int_equal(parse(tell_long_names, &length, ""), CMR_ERR_SYNTAX); /* twice */
    length = 65536;
    assert_int_equal(parse(tell_long_names, &length, ""), CMR_ERR_LIMIT);
}

/* What no script can do. */
static cmr_status tell_null(void *user, cmr_parser *parser, const char *data, size_t size)
{
    const cmr_place place = { 1, 1 };
    cmr_status (*error)(cmr_parser *, cmr_place, const char *, ...) = cmr_parser_error; /* unchecked */
    const char *nothing = NULL;
    assert_int_equal(size, 0);
    assert_int_equal(*data, '\0');
    assert_int_equal(cmr_parser_scalar(parser, "a", 1, CMR_TYPE_ANY, nothing, 0, place), CMR_OK);
    switch (*(int *)user) {
    case 0:
        return cmr_parser_scalar(parser, "b", 1, CMR_TYPE_ANY, nothing, 1, place);
    case 1:
        return error(parser, place, nothing);
    case 2:
        return cmr_parser_scalar(parser, nothing, 3, CMR_TYPE_ANY, "", 0, place);
    case 3:
        return cmr_parser_scalar(parser, "b", 1, (cmr_type)-1, "", 0, place);
    case 4:
        return cmr_parser_scalar(parser, "b", 1, (cmr_type)99, "", 0, place);
    case 5:
        return cmr_parser_scalar(parser, "b", 1, CMR_TYPE_MAP, "", 0, place);
    case 6:
        return cmr_parser_scalar(parser, "b", 1, CMR_TYPE_ANY, "", 0, cmr_parser_place(parser, nothing));
    case 7:
        return cmr_parser_scalar(parser, "b", 1, CMR_TYPE_ANY, "", 0, (cmr_place){ 1, 0 });
    default:
        return cmr_parser_scalar(parser, "b", 1, CMR_TYPE_ANY, "", 0, (cmr_place){ 0, 1 });
    }
}

static void nothing_is_no_crash(void **state)
{
    const cmr_place place = { 1, 1 };
    (void)state;
    for (int i = 0; i < 9; i++)
        assert_int_equal(parse(tell_null, &i, ""), CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(cmr_parser_begin_map(NULL, "a", 1, place), CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(cmr_parser_begin_list(NULL, "a", 1, place), CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(cmr_parser_end(NULL), CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(cmr_parser_scalar(NULL, "a", 1, CMR_TYPE_ANY, "", 0, place), CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(cmr_parser_error(NULL, place, "a"), CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(cmr_parser_place(NULL, "a").line, 0);
}

/* Nothing of a text that is too long is read. */
static cmr_status tell_huge_text(void *user, cmr_parser *parser, const char *data, size_t size)
{
    (void)user;
    (void)size;
    return cmr_parser_scalar(parser, "a", 1, CMR_TYPE_STRING, data, (size_t)UINT32_MAX + 1,
                             (cmr_place){ 1, 1 });
}

static void texts_have_a_longest(void **state)
{
    (void)state;
    assert_int_equal(parse(tell_huge_text, NULL, "x"), CMR_ERR_LIMIT);
}

static void messages_have_a_longest(void **state)
{
    char raw[2100] = "!";
    (void)state;
    memset(raw + 1, 'm', 1023);
    char *text = format_text(&script_format, raw, 1024, NULL);
    assert_int_equal(strlen(text), strlen("! syntax 1:1: \n") + 1023);
    free(text);
    for (size_t i = 0; i < 1000; i++)
        memcpy(raw + 1 + 2 * i, "\u00e9", 2);
    text = format_text(&script_format, raw, 2001, NULL);
    assert_int_equal(strlen(text), strlen("! syntax 1:1: …\n") + 1022);
    assert_int_equal(cmr__utf8_valid_prefix(text, strlen(text)), strlen(text));
    free(text);
}

/* ---- places */

/* The plain way: from the start, each time. */
static cmr_place count_place(const char *data, size_t size, size_t wanted)
{
    cmr_place place = { 1, 1 };
    for (size_t at = cmr__utf8_bom(data, size), step; at < wanted; at += step) {
        step = cmr__utf8_character_size(data + at, size - at);
        step = step ? step : 1;
        place =
            data[at] == '\n' ? (cmr_place){ place.line + 1, 1 } : (cmr_place){ place.line, place.column + 1 };
    }
    return place;
}

static void check_place(cmr_parser *parser, const char *data, size_t size, size_t offset)
{
    cmr_place place = cmr_parser_place(parser, data + offset), expected = count_place(data, size, offset);
    assert_int_equal(place.line, expected.line);
    assert_int_equal(place.column, expected.column);
}

static cmr_status ask_places(void *user, cmr_parser *parser, const char *data, size_t size)
{
    (void)user;
    for (size_t i = 0; i <= size; i++)
        check_place(parser, data, size, i);
    for (size_t i = size; i--;)
        check_place(parser, data, size, i);
    assert_int_equal(cmr_parser_place(parser, NULL).line, 0);
    assert_int_equal(cmr_parser_place(parser, data + size + 1).line, 0);
    assert_int_equal(cmr_parser_place(parser, (const char *)((uintptr_t)data - 1)).column, 0);
    return CMR_OK;
}

static void places_are_right_in_any_order(void **state)
{
    static const char *const pieces[] = { "a",    "\n",       "\u00e9",  "\U0001f600",
                                          "\xff", "\xe2\x82", "bcdefgh", "\r\n" };
    uint32_t seed = 5;
    (void)state;
    assert_int_equal(parse(ask_places, NULL, ""), CMR_OK);
    assert_int_equal(parse(ask_places, NULL, "\xef\xbb\xbf"), CMR_OK);
    for (size_t length = 240; length < 270; length++) { /* each end, and each character across a boundary */
        char text[300] = "";
        memset(text, 'a', length);
        memcpy(text + length, "\U0001f600", 4);
        assert_int_equal(parse(ask_places, NULL, text), CMR_OK);
        text[length] = '\0';
        assert_int_equal(parse(ask_places, NULL, text), CMR_OK);
    }
    for (int round = 0; round < 60; round++) {
        char text[1400] = "";
        size_t length = 0, wanted = 250 + (size_t)round * 17;
        if (round % 2)
            length = strlen(strcpy(text, "\xef\xbb\xbf"));
        while (length < wanted) {
            seed = seed * 1664525 + 1013904223;
            const char *piece = pieces[(seed >> 24) % (round % 3 ? 8 : 4)];
            length += strlen(strcpy(text + length, piece));
        }
        assert_int_equal(parse(ask_places, NULL, text), CMR_OK);
    }
}

/* ---- being given */

static cmr_status try_formats(const cmr_format *one, const cmr_format *two, const char *rule)
{
    const cmr_format *formats[] = { one, two, NULL };
    const cmr_format_rule rules[] = { { "*.x", rule }, { NULL, NULL } };
    const cmr_file file = { "a.x", "=a=b\n", 5, NULL };
    cmr_mount_options options = CMR_MOUNT_OPTIONS_INIT;
    cmr_snapshot *snapshot = NULL;
    options.own_formats = formats;
    options.formats = rule ? rules : NULL;
    cmr_status status = cmr_snapshot_from_files(&file, 1, &options, NULL, &snapshot);
    cmr_snapshot_unref(snapshot);
    return status;
}

static cmr_format format_of(const char *name)
{
    cmr_format format = CMR_FORMAT_INIT;
    format.name = name;
    format.parse = parser_script;
    return format;
}

static void checks_what_it_is_given(void **state)
{
    static const char *const bad[] = { "",
                                       "text",
                                       "bytes",
                                       "yaml",
                                       "json",
                                       "ini",
                                       "properties",
                                       "env",
                                       "a b",
                                       "a\n",
                                       "\u00e9",
                                       "a.b",
                                       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa5" };
    cmr_format one = format_of("one"), two = format_of("two");
    (void)state;
    assert_int_equal(try_formats(&one, &two, "two"), CMR_OK);
    assert_int_equal(try_formats(&one, &two, NULL), CMR_OK);
    assert_int_equal(try_formats(NULL, NULL, NULL), CMR_OK);
    assert_int_equal(try_formats(&one, &two, "three"), CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(try_formats(NULL, NULL, "one"), CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(try_formats(&one, &one, "one"), CMR_ERR_INVALID_ARGUMENT);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        two.name = bad[i];
        assert_int_equal(try_formats(&one, &two, "one"), CMR_ERR_INVALID_ARGUMENT);
    }
    two = format_of("Z-9_z");
    assert_int_equal(try_formats(&one, &two, "Z-9_z"), CMR_OK);
    two = format_of(NULL);
    assert_int_equal(try_formats(&one, &two, "one"), CMR_ERR_INVALID_ARGUMENT);
    two = format_of("two");
    two.parse = NULL;
    assert_int_equal(try_formats(&one, &two, "one"), CMR_ERR_INVALID_ARGUMENT);
    two = format_of("two");
    two.size = 0;
    assert_int_equal(try_formats(&one, &two, "one"), CMR_ERR_INVALID_ARGUMENT);
    two.size = offsetof(cmr_format, user); /* an older program's */
    assert_int_equal(try_formats(&one, &two, "two"), CMR_OK);
}

/* As in the header. */
static cmr_status parse_hosts(void *user, cmr_parser *parser, const char *data, size_t size)
{
    const char *end = data + size;
    (void)user;
    for (size_t length; data < end; data += length + 1) { // NAME ADDRESS
        size_t name = strcspn(data, " \n");
        length = strcspn(data, "\n");
        if (name == length)
            cmr_parser_error(parser, cmr_parser_place(parser, data + name), "no address");
        else
            cmr_parser_scalar(parser, data, name, CMR_TYPE_ANY, data + name + 1, length - name - 1,
                              cmr_parser_place(parser, data));
    }
    return CMR_OK;
}

static cmr_snapshot *make_hosts(const char *text, cmr_report **ret_report)
{
    char *name = strdup("hosts");
    const cmr_file file = { "my.hosts", text, strlen(text), NULL };
    cmr_format hosts = CMR_FORMAT_INIT;
    const cmr_format *own[] = { &hosts, NULL };
    const cmr_format_rule rules[] = { { "*.hosts", "hosts" }, { NULL, NULL } };
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    cmr_snapshot *snapshot = NULL;
    hosts.name = name;
    hosts.parse = parse_hosts;
    mount.own_formats = own;
    mount.formats = rules;
    cmr_status status = cmr_snapshot_from_files(&file, 1, &mount, ret_report, &snapshot);
    assert_int_equal(status, snapshot ? CMR_OK : CMR_ERR_REJECTED);
    free(name);
    return snapshot;
}

static void a_snapshot_outlives_what_was_given(void **state)
{
    cmr_report *report;
    cmr_file file;
    cmr_value value;
    (void)state;
    cmr_snapshot *snapshot = make_hosts("db 10.0.0.1\nport 5432\n", &report);
    assert_null(report);
    assert_string_equal(cmr_get_string_or(snapshot, "my.hosts#db", ""), "10.0.0.1");
    assert_int_equal(cmr_get(snapshot, "my.hosts#port", CMR_TYPE_INT64, NULL, &value), CMR_OK);
    assert_int_equal(value.as.int64, 5432);
    assert_int_equal(value.line, 2);
    assert_false(value.quoted);
    assert_int_equal(cmr_get(snapshot, "my.hosts#port", CMR_TYPE_ANY, NULL, &value), CMR_OK);
    assert_int_equal(value.type, CMR_TYPE_STRING);
    assert_int_equal(cmr_snapshot_file(snapshot, NULL, 0, &file), CMR_OK);
    assert_string_equal(file.format, "hosts");
    cmr_snapshot_unref(snapshot);
    assert_null(make_hosts("db 10.0.0.1\ncache", &report));
    assert_int_equal(cmr_report_count(report), 1);
    assert_int_equal(cmr_report_get(report, 0)->line, 2);
    assert_int_equal(cmr_report_get(report, 0)->column, 6);
    assert_string_equal(cmr_report_get(report, 0)->message, "no address");
    cmr_report_free(report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells),
        cmocka_unit_test(refuses_a_file),
        cmocka_unit_test(refuses_a_misuse),
        cmocka_unit_test(passes_statuses_on),
        cmocka_unit_test(obeys_limits),
        cmocka_unit_test(names_have_a_longest),
        cmocka_unit_test(nothing_is_no_crash),
        cmocka_unit_test(texts_have_a_longest),
        cmocka_unit_test(messages_have_a_longest),
        cmocka_unit_test(places_are_right_in_any_order),
        cmocka_unit_test(checks_what_it_is_given),
        cmocka_unit_test(a_snapshot_outlives_what_was_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
