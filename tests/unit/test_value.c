/* SPDX-License-Identifier: MIT
 *
 * Typed reads from files of each format, and what cmr_explain says when they fail. What each type's grammar
 * is stands in test_convert.c and its neighbours. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/snapshot_of.h"

static const cmr_enum_item colors[] = { { "red", 1 }, { "on", 2 }, { "3", 3 }, { NULL, 0 } };

/* A value as text: "int64 8080", or the status. */
static void write_value(const cmr_snapshot *snapshot, const char *key, cmr_type type, char text[128])
{
    cmr_value value = { .type = (cmr_type)99 };
    cmr_status status = cmr_get(snapshot, key, type, colors, &value);
    const char *name = cmr_type_name(value.type);
    if (status != CMR_OK) {
        assert_int_equal(value.type, 99); /* untouched */
        snprintf(text, 128, "%s",
                 status == CMR_ERR_NOT_FOUND          ? "absent"
                 : status == CMR_ERR_TYPE             ? "type"
                 : status == CMR_ERR_RANGE            ? "range"
                 : status == CMR_ERR_INVALID_ARGUMENT ? "invalid"
                                                      : "?");
        return;
    }
    assert_int_equal(value.text[value.length], '\0');
    switch (value.type) {
    case CMR_TYPE_BOOL:
        snprintf(text, 128, "%s %d", name, value.as.boolean);
        break;
    case CMR_TYPE_INT64:
        snprintf(text, 128, "%s %lld", name, (long long)value.as.int64);
        break;
    case CMR_TYPE_UINT64:
        snprintf(text, 128, "%s %llu", name, (unsigned long long)value.as.uint64);
        break;
    case CMR_TYPE_DOUBLE:
        snprintf(text, 128, "%s %g", name, value.as.number);
        break;
    case CMR_TYPE_DURATION:
        snprintf(text, 128, "%s %lld", name, (long long)value.as.duration_ns);
        break;
    case CMR_TYPE_SIZE:
        snprintf(text, 128, "%s %llu", name, (unsigned long long)value.as.size);
        break;
    case CMR_TYPE_ENUM:
        snprintf(text, 128, "%s %d", name, value.as.enumeration);
        break;
    case CMR_TYPE_LOG_LEVEL:
        snprintf(text, 128, "%s %s", name, cmr_log_level_name(value.as.level));
        break;
    case CMR_TYPE_MAP:
    case CMR_TYPE_LIST:
        snprintf(text, 128, "%s %zu [%s]", name, value.as.count, value.text);
        break;
    case CMR_TYPE_PERCENT:
        snprintf(text, 128, "%s %g", name, value.as.number);
        break;
    case CMR_TYPE_IP:
    case CMR_TYPE_IPV4:
    case CMR_TYPE_IPV6:
        snprintf(text, 128, "%s %d:%d", name, value.as.ip.version, value.as.ip.bytes[0]);
        break;
    case CMR_TYPE_CIDR:
        snprintf(text, 128, "%s %d:%d/%d", name, value.as.cidr.ip.version, value.as.cidr.ip.bytes[0],
                 value.as.cidr.prefix);
        break;
    default:
        snprintf(text, 128, "%s [%s]", name, value.text);
    }
}

struct value_case {
    const char *key;
    cmr_type type;
    const char *expected;
};

static void check_values(cmr_snapshot *snapshot, const struct value_case *cases, size_t count)
{
    size_t failures = 0;
    for (size_t i = 0; i < count; i++) {
        char text[128];
        write_value(snapshot, cases[i].key, cases[i].type, text);
        if (strcmp(text, cases[i].expected) != 0) {
            print_error("%s as %s: %s, wanted %s\n", cases[i].key, cmr_type_name(cases[i].type), text,
                        cases[i].expected);
            failures++;
        }
    }
    cmr_snapshot_unref(snapshot);
    assert_int_equal(failures, 0);
}

static void reads_yaml(void **state)
{
    static const char yaml[] =
        "n: ~\nb: true\nyes: yes\ni: -8080\nh: 0x1f\nu: 18446744073709551615\n"
        "huge: 99999999999999999999\nf: 1.5\ninf: -.inf\ns: text\nq: \"8080\"\nd: 1h30m\n"
        "z: 10Mi\nc: 'on'\nw: WARN\nm: {a: 1, b: 2}\nl: [1, 2, 3]\nem: {}\nel: []\n"
        "nul: \"a\\0b\"\nempty: ''\nlvl: 3\nzm: 10m\n"
        "pc: 12.5%\nip: 10.0.0.7\nsix: fd00::7\nnet: 10.0.0.0/8\n";
    static const struct value_case cases[] = {
        { "a.yaml#n", CMR_TYPE_ANY, "null [~]" },
        { "a.yaml#n", CMR_TYPE_NULL, "null [~]" },
        { "a.yaml#n", CMR_TYPE_STRING, "type" },
        { "a.yaml#n", CMR_TYPE_BYTES, "type" },
        { "a.yaml#b", CMR_TYPE_ANY, "bool 1" },
        { "a.yaml#b", CMR_TYPE_BOOL, "bool 1" },
        { "a.yaml#b", CMR_TYPE_STRING, "string [true]" },
        { "a.yaml#b", CMR_TYPE_INT64, "type" },
        { "a.yaml#yes", CMR_TYPE_BOOL, "type" },
        { "a.yaml#i", CMR_TYPE_ANY, "int64 -8080" },
        { "a.yaml#i", CMR_TYPE_INT64, "int64 -8080" },
        { "a.yaml#i", CMR_TYPE_UINT64, "range" },
        { "a.yaml#i", CMR_TYPE_DOUBLE, "double -8080" },
        { "a.yaml#i", CMR_TYPE_BYTES, "bytes [-8080]" },
        { "a.yaml#h", CMR_TYPE_ANY, "int64 31" },
        { "a.yaml#h", CMR_TYPE_STRING, "string [0x1f]" },
        { "a.yaml#u", CMR_TYPE_ANY, "uint64 18446744073709551615" },
        { "a.yaml#u", CMR_TYPE_INT64, "range" },
        { "a.yaml#huge", CMR_TYPE_ANY, "double 1e+20" },
        { "a.yaml#huge", CMR_TYPE_UINT64, "range" },
        { "a.yaml#f", CMR_TYPE_ANY, "double 1.5" },
        { "a.yaml#f", CMR_TYPE_INT64, "type" },
        { "a.yaml#inf", CMR_TYPE_ANY, "double -inf" },
        { "a.yaml#s", CMR_TYPE_ANY, "string [text]" },
        { "a.yaml#q", CMR_TYPE_ANY, "string [8080]" },
        { "a.yaml#q", CMR_TYPE_INT64, "type" },
        { "a.yaml#d", CMR_TYPE_DURATION, "duration 5400000000000" },
        { "a.yaml#z", CMR_TYPE_SIZE, "size 10485760" },
        { "a.yaml#zm", CMR_TYPE_SIZE, "type" },
        { "a.yaml#c", CMR_TYPE_ENUM, "enum 2" },
        { "a.yaml#lvl", CMR_TYPE_ENUM, "enum 3" },
        { "a.yaml#s", CMR_TYPE_ENUM, "type" },
        { "a.yaml#w", CMR_TYPE_LOG_LEVEL, "log_level warn" },
        { "a.yaml#lvl", CMR_TYPE_LOG_LEVEL, "log_level error" },
        { "a.yaml#m", CMR_TYPE_ANY, "map 2 []" },
        { "a.yaml#m", CMR_TYPE_MAP, "map 2 []" },
        { "a.yaml#m", CMR_TYPE_LIST, "type" },
        { "a.yaml#m", CMR_TYPE_STRING, "type" },
        { "a.yaml#l", CMR_TYPE_LIST, "list 3 []" },
        { "a.yaml#em", CMR_TYPE_ANY, "map 0 [{}]" },
        { "a.yaml#el", CMR_TYPE_ANY, "list 0 [[]]" },
        { "a.yaml#i", CMR_TYPE_MAP, "type" },
        { "a.yaml#nul", CMR_TYPE_STRING, "type" },
        { "a.yaml#nul", CMR_TYPE_BYTES, "bytes [a]" },
        { "a.yaml#empty", CMR_TYPE_STRING, "string []" },
        { "a.yaml#empty", CMR_TYPE_INT64, "type" },
        { "a.yaml#pc", CMR_TYPE_PERCENT, "percent 12.5" },
        { "a.yaml#pc", CMR_TYPE_ANY, "string [12.5%]" },
        { "a.yaml#f", CMR_TYPE_PERCENT, "type" },
        { "a.yaml#ip", CMR_TYPE_IP, "ip 4:10" },
        { "a.yaml#ip", CMR_TYPE_IPV4, "ipv4 4:10" },
        { "a.yaml#ip", CMR_TYPE_IPV6, "type" },
        { "a.yaml#six", CMR_TYPE_IP, "ip 6:253" },
        { "a.yaml#six", CMR_TYPE_IPV6, "ipv6 6:253" },
        { "a.yaml#net", CMR_TYPE_CIDR, "cidr 4:10/8" },
        { "a.yaml#net", CMR_TYPE_IP, "type" },
        { "a.yaml#absent", CMR_TYPE_ANY, "absent" },
        { "a.yaml#m.c", CMR_TYPE_ANY, "absent" },
        { "b.yaml#m", CMR_TYPE_ANY, "absent" },
        { "x:a.yaml#m", CMR_TYPE_ANY, "absent" },
        { "config:a.yaml#i", CMR_TYPE_INT64, "int64 -8080" },
        { "a.yaml#", CMR_TYPE_ANY, "invalid" },
        { "a.yaml#**", CMR_TYPE_ANY, "invalid" },
    };
    (void)state;
    check_values(snapshot_of("a.yaml", yaml, NULL), cases, sizeof cases / sizeof *cases);
}

static void reads_properties_and_text(void **state)
{
    static const struct value_case cases[] = {
        { "p.properties#b", CMR_TYPE_ANY, "string [Yes]" },
        { "p.properties#b", CMR_TYPE_BOOL, "bool 1" },
        { "p.properties#i", CMR_TYPE_INT64, "int64 7" },
        { "p.properties#i", CMR_TYPE_BOOL, "type" },
        { "p.properties#i", CMR_TYPE_STRING, "string [7]" },
        { "p.properties#i", CMR_TYPE_NULL, "type" },
        { "p.properties#t", CMR_TYPE_INT64, "type" }, /* a blank behind it */
        { "p.properties#d.x", CMR_TYPE_DURATION, "duration 1500000000" },
        { "p.properties#d", CMR_TYPE_ANY, "absent" },
        { "p.properties#e", CMR_TYPE_STRING, "string []" },
        { "level", CMR_TYPE_LOG_LEVEL, "log_level debug" },
        { "level", CMR_TYPE_ANY, "string [debug]" },
        { "level", CMR_TYPE_BYTES, "bytes [debug\n]" },
        { "level", CMR_TYPE_INT64, "type" },
        { "level#x", CMR_TYPE_ANY, "absent" },
        { "port", CMR_TYPE_INT64, "int64 8080" },
        { "port", CMR_TYPE_STRING, "string [8080]" },
        { "port", CMR_TYPE_BYTES, "bytes [8080\r\n]" },
        { "bom", CMR_TYPE_BOOL, "bool 1" },
        { "bom", CMR_TYPE_BYTES, "bytes [\xef\xbb\xbfon]" },
        { "two", CMR_TYPE_STRING, "string [1\n]" },
        { "two", CMR_TYPE_INT64, "type" },
        { "cr", CMR_TYPE_STRING, "string [1\r]" },
        { "empty", CMR_TYPE_ANY, "string []" },
        { "empty", CMR_TYPE_BYTES, "bytes []" },
        { "newline", CMR_TYPE_STRING, "string []" },
        { "newline", CMR_TYPE_BYTES, "bytes [\n]" },
        { "latin", CMR_TYPE_ANY, "bytes [M\xfcller\n]" },
        { "latin", CMR_TYPE_BYTES, "bytes [M\xfcller\n]" },
        { "latin", CMR_TYPE_STRING, "type" },
        { "dir/level", CMR_TYPE_LOG_LEVEL, "log_level info" },
        { "[\"dir/level\"]", CMR_TYPE_LOG_LEVEL, "log_level info" },
        { "dir", CMR_TYPE_ANY, "absent" },
        { "leve", CMR_TYPE_ANY, "absent" },
        { "levels", CMR_TYPE_ANY, "absent" },
    };
    (void)state;
    check_values(snapshot_of("p.properties", "b=Yes\ni=7\nt=7 \nd.x=1.5s\ne=\n", "level", "debug\n", "port",
                             "8080\r\n", "bom", "\xef\xbb\xbfon", "two", "1\n\n", "cr", "1\r", "empty", "",
                             "newline", "\n", "latin", "M\xfcller\n", "dir/level", "info", NULL),
                 cases, sizeof cases / sizeof *cases);
    static const struct value_case nul[] = {
        { "f", CMR_TYPE_ANY, "bytes [a]" },
        { "f", CMR_TYPE_BYTES, "bytes [a]" },
        { "f", CMR_TYPE_STRING, "type" },
    };
    check_values(snapshot_of_bytes("f", "a\0b\n", 4), nul, 3);
    check_values(snapshot_of_bytes("f.yaml", "", 0),
                 (struct value_case[]){ { "f.yaml", CMR_TYPE_ANY, "string []" } }, 1);
}

static void reads_whole_files(void **state)
{
    static const struct value_case cases[] = {
        { "a.yaml", CMR_TYPE_ANY, "string [a: 1\n]" },
        { "a.yaml", CMR_TYPE_STRING, "string [a: 1\n]" },
        { "a.yaml", CMR_TYPE_BYTES, "bytes [a: 1\n]" },
        { "a.yaml", CMR_TYPE_MAP, "map 1 []" },
        { "a.yaml", CMR_TYPE_INT64, "type" },
        { "p.properties", CMR_TYPE_ANY, "string [x=1]" },
        { "s.yaml", CMR_TYPE_ANY, "int64 8080" },
        { "s.yaml", CMR_TYPE_STRING, "string [8080]" },
        { "s.yaml", CMR_TYPE_BYTES, "bytes [8080]" },
        { "q.yaml", CMR_TYPE_INT64, "type" },
        { "q.yaml", CMR_TYPE_STRING, "string [8080]" },
        { "l.yaml", CMR_TYPE_STRING, "string [[1]]" },
        { "l.yaml#[0]", CMR_TYPE_INT64, "int64 1" },
        { "n.yaml", CMR_TYPE_ANY, "null [null]" },
        { "e.yaml", CMR_TYPE_ANY, "string [---\n]" },
        { "a.yaml", CMR_TYPE_LIST, "type" },
        { "l.yaml", CMR_TYPE_LIST, "list 1 []" },
        { "p.properties", CMR_TYPE_MAP, "map 1 []" },
        { "s.yaml", CMR_TYPE_LIST, "type" },
        { "q.yaml", CMR_TYPE_MAP, "type" },
    };
    (void)state;
    check_values(snapshot_of("a.yaml", "a: 1\n", "p.properties", "x=1", "s.yaml", "8080 # x\n", "q.yaml",
                             "'8080'", "l.yaml", "[1]", "n.yaml", "null", "e.yaml", "---\n", NULL),
                 cases, sizeof cases / sizeof *cases);
}

/* Where a format has no lists and maps, they are written in one text. */
static void counts_what_is_written_in_one_text(void **state)
{
    static const struct value_case cases[] = {
        { "p.properties#l", CMR_TYPE_LIST, "list 3 [a, b ,c]" },
        { "p.properties#l", CMR_TYPE_ANY, "string [a, b ,c]" },
        { "p.properties#l", CMR_TYPE_MAP, "type" },
        { "p.properties#m", CMR_TYPE_MAP, "map 2 [x=1, y=2=3]" },
        { "p.properties#m", CMR_TYPE_LIST, "list 2 [x=1, y=2=3]" },
        { "p.properties#e", CMR_TYPE_LIST, "list 0 []" },
        { "p.properties#e", CMR_TYPE_MAP, "map 0 []" },
        { "p.properties#x", CMR_TYPE_LIST, "type" },
        { "p.properties#x", CMR_TYPE_MAP, "type" },
        { "hosts", CMR_TYPE_LIST, "list 2 [a,\nb]" },
        { "a.ini#s", CMR_TYPE_MAP, "map 1 []" },
        { "a.ini#s", CMR_TYPE_LIST, "type" },
        { "a.ini#s.k", CMR_TYPE_LIST, "list 2 [1,2]" },
        { "a.ini", CMR_TYPE_MAP, "map 1 []" },
        { "a.env#K", CMR_TYPE_LIST, "list 1 [1]" },
        { "a.yaml#s", CMR_TYPE_LIST, "type" },
    };
    (void)state;
    check_values(snapshot_of("p.properties", "l=a, b ,c\nm=x=1, y=2=3\ne=\nx=a,,b\n", "hosts", "a,\nb\n",
                             "a.ini", "[s]\nk=1,2\n", "a.env", "K=1\n", "a.yaml", "s: a, b\n", NULL),
                 cases, sizeof cases / sizeof *cases);
    check_values(snapshot_of_bytes("f", "a\xff", 2), (struct value_case[]){ { "f", CMR_TYPE_LIST, "type" } },
                 1);
}

static void reads_by_the_single_calls(void **state)
{
    cmr_snapshot *snapshot =
        snapshot_of("p.properties", "b=on\ni=-1\nu=1\nf=.5\ns=x\nd=1ms\nz=1Ki\nc=red\nl=info\n", NULL);
    bool boolean = false;
    int64_t int64 = 0, duration = 0;
    uint64_t uint64 = 0, size = 0;
    double number = 0;
    const char *string = NULL;
    const void *data = NULL;
    size_t length = 0;
    int color = 0;
    cmr_log_level level = CMR_LOG_EMERG;
    (void)state;
    assert_int_equal(cmr_get_bool(snapshot, "p.properties#b", &boolean), CMR_OK);
    assert_int_equal(cmr_get_int64(snapshot, "p.properties#i", &int64), CMR_OK);
    assert_int_equal(cmr_get_uint64(snapshot, "p.properties#u", &uint64), CMR_OK);
    assert_int_equal(cmr_get_double(snapshot, "p.properties#f", &number), CMR_OK);
    assert_int_equal(cmr_get_string(snapshot, "p.properties#s", &string), CMR_OK);
    assert_int_equal(cmr_get_bytes(snapshot, "p.properties#s", &data, &length), CMR_OK);
    assert_int_equal(cmr_get_duration(snapshot, "p.properties#d", &duration), CMR_OK);
    assert_int_equal(cmr_get_size(snapshot, "p.properties#z", &size), CMR_OK);
    assert_int_equal(cmr_get_enum(snapshot, "p.properties#c", colors, &color), CMR_OK);
    assert_int_equal(cmr_get_log_level(snapshot, "p.properties#l", &level), CMR_OK);
    assert_true(boolean && int64 == -1 && uint64 == 1 && number == .5 && strcmp(string, "x") == 0 &&
                data == string && length == 1 && duration == 1000000 && size == 1024 && color == 1 &&
                level == CMR_LOG_INFO);
    /* What fails leaves everything as it was. */
    assert_int_equal(cmr_get_bool(snapshot, "p.properties#s", &boolean), CMR_ERR_TYPE);
    assert_int_equal(cmr_get_int64(snapshot, "p.properties#s", &int64), CMR_ERR_TYPE);
    assert_int_equal(cmr_get_uint64(snapshot, "p.properties#i", &uint64), CMR_ERR_RANGE);
    assert_int_equal(cmr_get_double(snapshot, "p.properties#x", &number), CMR_ERR_NOT_FOUND);
    assert_int_equal(cmr_get_string(snapshot, "p.properties#", &string), CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(cmr_get_bytes(snapshot, "x", &data, &length), CMR_ERR_NOT_FOUND);
    assert_int_equal(cmr_get_duration(snapshot, "p.properties#s", &duration), CMR_ERR_TYPE);
    assert_int_equal(cmr_get_size(snapshot, "p.properties#i", &size), CMR_ERR_RANGE);
    assert_int_equal(cmr_get_enum(snapshot, "p.properties#s", colors, &color), CMR_ERR_TYPE);
    assert_int_equal(cmr_get_enum(snapshot, "p.properties#c", NULL, &color), CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(cmr_get_log_level(snapshot, "p.properties#s", &level), CMR_ERR_TYPE);
    assert_true(boolean && int64 == -1 && uint64 == 1 && number == .5 && strcmp(string, "x") == 0 &&
                data == string && length == 1 && duration == 1000000 && size == 1024 && color == 1 &&
                level == CMR_LOG_INFO);
    cmr_snapshot_unref(snapshot);
}

static void reads_percentages_and_addresses(void **state)
{
    cmr_snapshot *snapshot = snapshot_of("p.properties", "a=80%\nb=10.0.0.7\nc=fd00::1/64\nd=x\n", NULL);
    double percent = 0;
    cmr_ip ip = { 0 };
    cmr_cidr cidr = { 0 };
    (void)state;
    assert_int_equal(cmr_get_percent(snapshot, "p.properties#a", &percent), CMR_OK);
    assert_int_equal(cmr_get_ip(snapshot, "p.properties#b", &ip), CMR_OK);
    assert_int_equal(cmr_get_cidr(snapshot, "p.properties#c", &cidr), CMR_OK);
    assert_true(percent == 80 && ip.version == 4 && ip.bytes[0] == 10 && ip.bytes[3] == 7 &&
                cidr.ip.version == 6 && cidr.ip.bytes[0] == 0xfd && cidr.ip.bytes[15] == 1 &&
                cidr.prefix == 64);
    assert_int_equal(cmr_get_percent(snapshot, "p.properties#d", &percent), CMR_ERR_TYPE);
    assert_int_equal(cmr_get_ip(snapshot, "p.properties#c", &ip), CMR_ERR_TYPE);
    assert_int_equal(cmr_get_cidr(snapshot, "p.properties#e", &cidr), CMR_ERR_NOT_FOUND);
    assert_true(percent == 80 && ip.bytes[0] == 10 && cidr.prefix == 64);
    assert_true(cmr_get_percent_or(snapshot, "p.properties#a", 5) == 80);
    assert_true(cmr_get_percent_or(snapshot, "p.properties#d", 5) == 5);
    cmr_snapshot_unref(snapshot);
}

static void falls_back_on_defaults(void **state)
{
    cmr_snapshot *snapshot =
        snapshot_of("p.properties", "b=on\ni=-1\nu=1\nf=.5\ns=x\nd=1ms\nz=1Ki\nc=red\nl=info\n", NULL);
    (void)state;
    assert_true(cmr_get_bool_or(snapshot, "p.properties#b", false));
    assert_true(cmr_get_bool_or(snapshot, "p.properties#s", true));
    assert_int_equal(cmr_get_int64_or(snapshot, "p.properties#i", 5), -1);
    assert_int_equal(cmr_get_int64_or(snapshot, "p.properties#absent", 5), 5);
    assert_int_equal(cmr_get_uint64_or(snapshot, "p.properties#u", 5), 1);
    assert_int_equal(cmr_get_uint64_or(snapshot, "p.properties#i", 5), 5);
    assert_true(cmr_get_double_or(snapshot, "p.properties#f", 2) == .5);
    assert_true(cmr_get_double_or(snapshot, "[", 2) == 2);
    assert_string_equal(cmr_get_string_or(snapshot, "p.properties#s", "y"), "x");
    assert_string_equal(cmr_get_string_or(snapshot, "q", "y"), "y");
    assert_null(cmr_get_string_or(snapshot, "q", NULL));
    assert_int_equal(cmr_get_duration_or(snapshot, "p.properties#d", 5), 1000000);
    assert_int_equal(cmr_get_duration_or(snapshot, "p.properties#u", 5), 5);
    assert_int_equal(cmr_get_size_or(snapshot, "p.properties#z", 5), 1024);
    assert_int_equal(cmr_get_size_or(NULL, "p.properties#z", 5), 5);
    assert_int_equal(cmr_get_enum_or(snapshot, "p.properties#c", colors, 5), 1);
    assert_int_equal(cmr_get_enum_or(snapshot, "p.properties#s", colors, 5), 5);
    assert_int_equal(cmr_get_log_level_or(snapshot, "p.properties#l", CMR_LOG_CRIT), CMR_LOG_INFO);
    assert_int_equal(cmr_get_log_level_or(snapshot, NULL, CMR_LOG_CRIT), CMR_LOG_CRIT);
    cmr_snapshot_unref(snapshot);
}

static void tells_where_values_stand(void **state)
{
    cmr_snapshot *snapshot =
        snapshot_of("dir/a.yaml", "a: 1\nl:\n  - x: 'q'\n  - y\nm: {}\n", "p.properties", "\n  k = v", NULL);
    static const struct {
        const char *key, *file;
        unsigned line, column;
        bool quoted;
    } cases[] = {
        { "dir/a.yaml#a", "dir/a.yaml", 1, 1, false },     { "dir/a.yaml#l[0].x", "dir/a.yaml", 3, 5, true },
        { "dir/a.yaml#l[0]", "dir/a.yaml", 3, 5, false },  { "dir/a.yaml#l[1]", "dir/a.yaml", 4, 5, false },
        { "dir/a.yaml#m", "dir/a.yaml", 5, 1, false },     { "dir/a.yaml", "dir/a.yaml", 1, 1, false },
        { "p.properties#k", "p.properties", 2, 3, false },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cmr_value value;
        assert_int_equal(cmr_get(snapshot, cases[i].key, CMR_TYPE_ANY, NULL, &value), CMR_OK);
        assert_string_equal(value.file, cases[i].file);
        assert_int_equal(value.line, cases[i].line);
        assert_int_equal(value.column, cases[i].column);
        assert_int_equal(value.quoted, cases[i].quoted);
    }
    cmr_snapshot_unref(snapshot);
}

static void explains_failures(void **state)
{
    cmr_snapshot *snapshot =
        snapshot_of("app.yaml", "server:\n  port: 80a\n  on: yes\n  tls: {}\n  n:\n", "level", "loud\n",
                    "p.properties", "a=1\nsize=10m\n", "raw", "\xff\xfe", NULL);
    static const struct {
        const char *key;
        cmr_type type;
        const char *expected;
    } cases[] = {
        { "app.yaml#server.port", CMR_TYPE_INT64,
          "app.yaml:2:3: app.yaml#server.port: wanted int64, found the string \"80a\"" },
        { "app.yaml#server.port", CMR_TYPE_STRING, "" },
        { "app.yaml#server.on", CMR_TYPE_BOOL,
          "app.yaml:3:3: app.yaml#server.on: wanted bool, found the string \"yes\"; write true" },
        { "app.yaml#server.tls", CMR_TYPE_INT64,
          "app.yaml:4:3: app.yaml#server.tls: wanted int64, found a map" },
        { "app.yaml#server", CMR_TYPE_LIST, "app.yaml:1:1: app.yaml#server: wanted list, found a map" },
        { "app.yaml#server.port", CMR_TYPE_LIST,
          "app.yaml:2:3: app.yaml#server.port: wanted a list, found a single value" },
        { "app.yaml#server.n", CMR_TYPE_STRING,
          "app.yaml:5:3: app.yaml#server.n: wanted string, the value is null" },
        { "app.yaml#server.n", CMR_TYPE_MAP,
          "app.yaml:5:3: app.yaml#server.n: wanted a map, found a single value" },
        { "config:app.yaml#server[\"port\"]", CMR_TYPE_UINT64,
          "app.yaml:2:3: config:app.yaml#server[\"port\"]: wanted uint64, found the string \"80a\"" },
        { "level", CMR_TYPE_LOG_LEVEL,
          "level:1:1: level: wanted log_level, found the string \"loud\"; it is one of trace, debug, info, "
          "notice, warn, error, crit, alert, emerg" },
        { "p.properties#size", CMR_TYPE_SIZE,
          "p.properties:2:1: p.properties#size: wanted size, found the string \"10m\"; did you mean 10Mi or "
          "10M?" },
        { "p.properties#a", CMR_TYPE_ENUM,
          "p.properties:1:1: p.properties#a: wanted enum, found the string \"1\"; it is one of red, on, 3" },
        { "raw", CMR_TYPE_STRING, "raw:1:1: raw: wanted string, found 2 bytes that are no text" },
        { "p.properties", CMR_TYPE_BOOL,
          "p.properties:1:1: p.properties: wanted bool, found the string \"a=1\\u000asize=10m\\u000a\", "
          "which has white space around it" },
        { "p.properties", CMR_TYPE_LIST, "p.properties:1:1: p.properties: wanted list, found a map" },
        { "p.properties#a", CMR_TYPE_MAP,
          "p.properties:1:1: p.properties#a: wanted a map like a=1, b=2, found the string \"1\", whose item "
          "[0] "
          "has no =" },
        { "app.yaml#absent", CMR_TYPE_ANY, "app.yaml#absent: there is no such key" },
        { "app.yaml#sevrer.port", CMR_TYPE_ANY,
          "app.yaml#sevrer.port: there is no such key; did you mean app.yaml#server.port?" },
        { "config:app.yml#server.port", CMR_TYPE_ANY,
          "config:app.yml#server.port: there is no such key; did you mean config:app.yaml#server.port?" },
        { "other", CMR_TYPE_ANY, "other: there is no such key" },
        { "app.yaml#a..b", CMR_TYPE_ANY, "app.yaml#a..b: malformed key, at its byte 12" },
    };
    size_t failures = 0;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[300] = "untouched", little[10] = "untouched";
        size_t length = cmr_explain(snapshot, cases[i].key, cases[i].type, colors, text, sizeof text);
        if (strcmp(text, cases[i].expected) != 0 || length != strlen(cases[i].expected)) {
            print_error("%s as %s: %s\nwanted %s\n", cases[i].key, cmr_type_name(cases[i].type), text,
                        cases[i].expected);
            failures++;
        }
        assert_int_equal(cmr_explain(snapshot, cases[i].key, cases[i].type, colors, little, 5), length);
        assert_memory_equal(little, text, length < 4 ? length : 4);
        assert_int_equal(strlen(little), length < 4 ? length : 4);
        assert_int_equal(cmr_explain(snapshot, cases[i].key, cases[i].type, colors, NULL, 0), length);
    }
    assert_true(cmr_explain(NULL, "a", CMR_TYPE_ANY, NULL, NULL, 0) > 0);
    assert_true(cmr_explain(snapshot, NULL, CMR_TYPE_ANY, NULL, NULL, 0) > 0);
    assert_true(cmr_explain(snapshot, "level", CMR_TYPE_ENUM, NULL, NULL, 0) > 0);
    cmr_snapshot_unref(snapshot);
    assert_int_equal(failures, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_yaml),
        cmocka_unit_test(reads_properties_and_text),
        cmocka_unit_test(reads_whole_files),
        cmocka_unit_test(counts_what_is_written_in_one_text),
        cmocka_unit_test(reads_by_the_single_calls),
        cmocka_unit_test(reads_percentages_and_addresses),
        cmocka_unit_test(falls_back_on_defaults),
        cmocka_unit_test(tells_where_values_stand),
        cmocka_unit_test(explains_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
