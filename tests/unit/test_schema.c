/* SPDX-License-Identifier: MIT
 *
 * Schemas that make sense, and all that can be wrong with one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/rich_record.h"
#include "support/snapshot_of.h"

struct sample {
    int number;
    uint8_t byte;
    double real;
    const char *text;
    int64_t wait;
    bool flag;
    cmr_ip ip;
    const int *numbers;
    size_t count;
    struct rich_route route;
    const struct rich_route *routes;
    size_t route_count;
};

static const cmr_field route_fields[] = {
    CMR_FIELD_STRING(struct rich_route, path, "path"),
    CMR_FIELD_END,
};

/* What is wrong with one field, "" for nothing; a static buffer. */
static const char *wrong_with_key(const cmr_schema *schema, const char *key)
{
    static char text[16000];
    cmr_report *report = NULL;
    cmr_status status = cmr_schema_check(schema, key, &report);
    text[0] = '\0';
    assert_int_equal(status, report ? CMR_ERR_INVALID_ARGUMENT : CMR_OK);
    for (size_t i = 0; i < cmr_report_count(report); i++) {
        const cmr_diagnostic *item = cmr_report_get(report, i);
        sprintf(text + strlen(text), "%s%s", i ? "\n" : "", item->message);
        assert_int_equal(item->status, CMR_ERR_INVALID_ARGUMENT);
        assert_string_equal(item->file, "");
    }
    cmr_report_free(report);
    return text;
}

static const char *wrong(const cmr_field *field)
{
    const cmr_field fields[] = { *field, CMR_FIELD_END };
    const cmr_schema schema = CMR_SCHEMA(struct sample, fields);
    return wrong_with_key(&schema, "app.yaml");
}

static const char *wrong_pair(const cmr_field *one, const cmr_field *two, const char *key)
{
    const cmr_field fields[] = { *one, *two, CMR_FIELD_END };
    const cmr_schema schema = CMR_SCHEMA(struct sample, fields);
    return wrong_with_key(&schema, key);
}

#define FIELD(kind, ...) (&(const cmr_field)CMR_FIELD_##kind(struct sample, __VA_ARGS__))

static void good_schemas(void **state)
{
    (void)state;
    assert_string_equal(wrong_with_key(&rich_schema, "app.yaml"), "");
    assert_string_equal(wrong_with_key(&rich_schema, "mount:app.yaml#a.b[0]"), "");
    assert_string_equal(
        wrong(FIELD(INT, number, "a.b[\"c.d\"]", .minimum = "-5", .maximum = "0x10", .otherwise = "+3")), "");
    assert_string_equal(wrong(FIELD(STRING, text, "a", .minimum = "0", .maximum = "1Ki", .otherwise = "")),
                        "");
    assert_string_equal(wrong(FIELD(LIST, numbers, count, "a", INT, .otherwise = "", .most = 3)), "");
    assert_string_equal(
        wrong_with_key(&(cmr_schema)CMR_SCHEMA(struct sample, (cmr_field[]){ CMR_FIELD_END }), "a"), "");
    assert_int_equal(cmr_schema_check(&rich_schema, "app.yaml", NULL), CMR_OK);
    assert_int_equal(cmr_schema_check(NULL, "app.yaml", NULL), CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(cmr_schema_check(&rich_schema, NULL, NULL), CMR_ERR_INVALID_ARGUMENT);
}

static void keys(void **state)
{
    cmr_field none = *FIELD(INT, number, NULL);
    (void)state;
    assert_string_equal(wrong(&none), "field ?: it has no key");
    assert_string_equal(wrong(FIELD(INT, number, "")), "field : malformed key, at its byte 1");
    assert_string_equal(wrong(FIELD(INT, number, "a..b")), "field a..b: malformed key, at its byte 3");
    assert_string_equal(wrong(FIELD(INT, number, "a.*")), "field a.*: malformed key, at its byte 3");
    assert_string_equal(wrong(FIELD(INT, number, "a#b")), "field a#b: malformed key, at its byte 2");
    assert_string_equal(wrong(FIELD(INT, number, "[\"a\\u0000\"]")),
                        "field [\"a\\u0000\"]: its key holds a NUL character");
    assert_string_equal(wrong(FIELD(INT, number, "a[0].b")),
                        "field a[0].b: its key names an item: make it a list of structs");
    assert_string_equal(wrong_pair(FIELD(INT, number, "a"), FIELD(INT, byte, "a"), "app.yaml"),
                        "field a: its key is the same as, or within, that of the field a");
    assert_string_equal(wrong_pair(FIELD(INT, number, "a.b"), FIELD(INT, byte, "a"), "app.yaml"),
                        "field a: its key is the same as, or within, that of the field a.b");
    assert_string_equal(wrong_pair(FIELD(INT, number, "a.b"), FIELD(INT, byte, "a.c"), "app.yaml"), "");
    assert_string_equal(wrong_pair(FIELD(INT, number, "app.yaml#a"), FIELD(INT, byte, "level"), ""), "");
    assert_string_equal(wrong_pair(FIELD(INT, number, "app.yaml#a"), FIELD(INT, byte, "m:app.yaml#a"), ""),
                        "");
    assert_string_equal(wrong_pair(FIELD(INT, number, "app.yaml#a"), FIELD(INT, byte, "app.yaml"), ""),
                        "field app.yaml: its key is the same as, or within, that of the field app.yaml#a");
    assert_string_equal(wrong_pair(FIELD(INT, number, "#a"), FIELD(INT, byte, "x"), ""),
                        "field #a: malformed key, at its byte 1");
    assert_string_equal(wrong_with_key(&rich_schema, "a[0"), "the schema's key is malformed");
}

static void defaults_and_bounds(void **state)
{
    (void)state;
    assert_string_equal(wrong(FIELD(INT, number, "a", .otherwise = "x")),
                        "field a: its default: wanted int64, found the string \"x\"");
    assert_string_equal(wrong(FIELD(INT, byte, "a", .otherwise = "256")),
                        "field a: its default: 256 is more than 255");
    assert_string_equal(
        wrong(FIELD(DURATION, wait, "a", .otherwise = "1", .minimum = "1s")),
        "field a: its default: wanted duration, found the string \"1\"; its unit is missing: did "
        "you mean 1s?");
    assert_string_equal(wrong(FIELD(DURATION, wait, "a", .otherwise = "1ms", .minimum = "1s")),
                        "field a: its default: 1ms is less than 1s");
    assert_string_equal(wrong(FIELD(STRING, text, "a", .otherwise = "abc", .maximum = "2")),
                        "field a: its default: \"abc\" has 3 bytes, more than 2");
    assert_string_equal(wrong(FIELD(LIST, numbers, count, "a", INT, .otherwise = "1, x", .minimum = "2")),
                        "field a: its default: 1 is less than 2\n"
                        "field a: its default: wanted int64, found the string \"x\"");
    assert_string_equal(wrong(FIELD(LIST, numbers, count, "a", INT, .otherwise = "1,,2")),
                        "field a: its default: \"1,,2\" has an empty item");
    assert_string_equal(wrong(FIELD(LIST, numbers, count, "a", INT, .otherwise = "1,2", .least = 3)),
                        "field a: its default has 2 items");
    assert_string_equal(wrong(FIELD(LIST, numbers, count, "a", INT, .otherwise = "1,2", .most = 1)),
                        "field a: its default has 2 items");
    assert_string_equal(wrong(FIELD(INT, number, "a", .minimum = "1s")),
                        "field a: minimum \"1s\" is no int64");
    assert_string_equal(wrong(FIELD(STRING, text, "a", .maximum = "-1")),
                        "field a: maximum \"-1\" is no size");
    assert_string_equal(wrong(FIELD(INT, number, "a", .minimum = "2", .maximum = "1")),
                        "field a: minimum 2 is more than maximum 1");
    assert_string_equal(wrong(FIELD(INT, byte, "a", .maximum = "256")),
                        "field a: maximum 256 does not fit a member of 1 bytes");
    assert_string_equal(wrong(FIELD(DOUBLE, real, "a", .maximum = ".nan")),
                        "field a: maximum \".nan\" is no double");
    assert_string_equal(wrong(FIELD(BOOL, flag, "a", .maximum = "true")),
                        "field a: there is no maximum of a bool");
    assert_string_equal(wrong(FIELD(IP, ip, "a", .minimum = "::1")), "field a: there is no minimum of a ip");
}

static void options_that_do_not_go_together(void **state)
{
    (void)state;
    assert_string_equal(wrong(FIELD(INT, number, "a", .otherwise = "1", .required = true)),
                        "field a: a default of a required key is never used");
    assert_string_equal(wrong(FIELD(INT, number, "a", .least = 1)), "field a: least and most are of lists");
    assert_string_equal(wrong(FIELD(LIST, numbers, count, "a", INT, .least = 2, .most = 1)),
                        "field a: least 2 is more than most 1");
    assert_string_equal(wrong(FIELD(ENUM, number, "a")), "field a: an enum without a table");
    assert_string_equal(wrong(FIELD(INT, number, "a", .table = rich_modes)), "field a: a table, and no enum");
    assert_string_equal(wrong(FIELD(INT, number, "a", .fields = route_fields)),
                        "field a: fields, and no struct");
    assert_string_equal(wrong(FIELD(STRUCT, route, "a", NULL)), "field a: a struct without fields");
    assert_string_equal(wrong(FIELD(STRUCT, route, "a", route_fields, .otherwise = "1")),
                        "field a: a struct has neither default nor bounds");
    assert_string_equal(
        wrong(FIELD(STRUCTS, routes, route_count, "a", struct rich_route, route_fields, .restart = true)),
        "field a: restart is not for a list of structs");
}

struct outer {
    struct sample sample;
    const struct sample *samples;
    size_t sample_count;
};

static void restart_is_not_for_lists_of_structs(void **state)
{
    static const cmr_field frozen[] = { CMR_FIELD_INT(struct sample, number, "n", .restart = true),
                                        CMR_FIELD_END };
    static const cmr_field nests[] = { CMR_FIELD_STRUCTS(struct sample, routes, route_count, "routes",
                                                         struct rich_route, route_fields),
                                       CMR_FIELD_END };
    static const cmr_field fields[] = {
        CMR_FIELD_STRUCT(struct outer, sample, "one", nests, .restart = true),
        CMR_FIELD_STRUCTS(struct outer, samples, sample_count, "many", struct sample, frozen),
        CMR_FIELD_END,
    };
    static const cmr_schema schema = CMR_SCHEMA(struct outer, fields);
    (void)state;
    assert_string_equal(wrong_with_key(&schema, "a"),
                        "field one.routes: restart is not for a list of structs\n"
                        "field many.n: restart is not for what is in a list of structs");
}

/* ---- what the macros do not let happen */

static const char *wrong_if(size_t at, size_t value)
{
    cmr_field field = *FIELD(LIST, numbers, count, "a", INT);
    memcpy((char *)&field + at, &value, sizeof value);
    return wrong(&field);
}

static void tables_made_by_hand(void **state)
{
    cmr_field field = *FIELD(INT, number, "a");
    (void)state;
    assert_string_equal(wrong_if(offsetof(cmr_field, width), 3),
                        "field a: a member of 3 bytes, which is no int64");
    assert_string_equal(wrong_if(offsetof(cmr_field, offset), sizeof(struct sample) - 7),
                        "field a: its member is not within its struct");
    assert_string_equal(wrong_if(offsetof(cmr_field, offset), SIZE_MAX - 3),
                        "field a: its member is not within its struct");
    assert_string_equal(wrong_if(offsetof(cmr_field, count_offset), sizeof(struct sample)),
                        "field a: its member is not within its struct");
    assert_string_equal(wrong_if(offsetof(cmr_field, count_offset), offsetof(struct sample, numbers)),
                        "field a: its count lies within its member");
    assert_string_equal(wrong_if(offsetof(cmr_field, count_offset), offsetof(struct sample, numbers) + 7),
                        "field a: its count lies within its member");
    assert_string_equal(wrong_if(offsetof(cmr_field, struct_size), 8),
                        "field a: a member of a struct of 8 bytes, in a table for one of 104");
    field.type = CMR_TYPE_BYTES;
    assert_string_equal(wrong(&field), "field a: no field is of the type bytes");
    field.type = CMR_TYPE_DOUBLE;
    assert_string_equal(wrong(&field), "field a: a member of 4 bytes, which is no double");
    field.kind = (cmr_field_kind)9;
    assert_string_equal(wrong(&field), "field a: unknown kind 9");
    field = *FIELD(STRUCT, route, "a", route_fields);
    field.type = CMR_TYPE_INT64;
    assert_string_equal(wrong(&field), "field a: no field is of the type int64");
    assert_string_equal(wrong_pair(FIELD(INT, number, "a"), FIELD(INT, number, "b"), "app.yaml"),
                        "field b: its member is that of the field a");
    field = *FIELD(LIST, numbers, count, "b", INT);
    field.count_offset = offsetof(struct sample, wait);
    assert_string_equal(wrong_pair(FIELD(DURATION, wait, "a"), &field, "app.yaml"),
                        "field b: its member is that of the field a");
    assert_string_equal(wrong_pair(&field, FIELD(DURATION, wait, "a"), "app.yaml"),
                        "field a: its member is that of the field b");
}

static void heads_made_by_hand(void **state)
{
    static const cmr_field fields[] = { CMR_FIELD_INT(struct sample, number, "a"), CMR_FIELD_END };
    static const cmr_schema good = CMR_SCHEMA(struct sample, fields);
    cmr_schema schema = good;
    struct {
        cmr_schema schema;
        size_t more;
    } newer = { .schema = good, .more = 0 };
    (void)state;
    schema.size = 0;
    assert_string_equal(wrong_with_key(&schema, "a"),
                        "the schema has no size, or sets what this version of the library does not know");
    schema = good;
    schema.field_size = 8;
    assert_string_equal(wrong_with_key(&schema, "a"), "the schema has no field_size");
    schema = good;
    schema.fields = NULL;
    assert_string_equal(wrong_with_key(&schema, "a"), "the schema has no fields");
    schema = good;
    schema.unknown = (cmr_unknown_keys)3;
    assert_string_equal(wrong_with_key(&schema, "a"), "the schema's policy for unknown keys is none");
    newer.schema.size = sizeof newer;
    assert_string_equal(wrong_with_key(&newer.schema, "a"), "");
    newer.more = 1;
    assert_string_equal(wrong_with_key(&newer.schema, "a"),
                        "the schema has no size, or sets what this version of the library does not know");
}

/* ---- tables of another stride */

struct newer_field {
    cmr_field field;
    const char *more;
};

static void a_newer_table_is_taken_unless_it_sets_what_is_new(void **state)
{
    struct newer_field fields[] = {
        { CMR_FIELD_INT(struct sample, number, "a", .otherwise = "7"), NULL },
        { CMR_FIELD_INT(struct sample, byte, "b", .otherwise = "8"), NULL },
        { CMR_FIELD_END, NULL },
    };
    cmr_schema schema = CMR_SCHEMA(struct sample, &fields[0].field);
    cmr_snapshot *snapshot = snapshot_of("a.yaml", "b: 9", NULL);
    cmr_record *record = NULL;
    (void)state;
    schema.field_size = sizeof fields[0];
    assert_int_equal(cmr_record_new(snapshot, "a.yaml", &schema, NULL, &record), CMR_OK);
    assert_int_equal(((const struct sample *)cmr_record_get(record))->number, 7);
    assert_int_equal(((const struct sample *)cmr_record_get(record))->byte, 9);
    cmr_record_free(record);
    fields[1].more = "set";
    assert_string_equal(wrong_with_key(&schema, "a.yaml"),
                        "field b: it sets what this version of the library does not know");
    cmr_snapshot_unref(snapshot);
}

static void an_older_table_sets_nothing_of_what_is_new(void **state)
{
    static const cmr_field fields[] = {
        CMR_FIELD_INT(struct sample, number, "a", .otherwise = "7", .text = "not read"),
        CMR_FIELD_INT(struct sample, byte, "b", .otherwise = "8", .required = true),
        CMR_FIELD_END,
    };
    size_t stride = offsetof(cmr_field, minimum);
    char older[3 * sizeof fields[0]];
    cmr_schema schema = CMR_SCHEMA(struct sample, (const cmr_field *)(const void *)older);
    cmr_snapshot *snapshot = snapshot_of("a.yaml", "b: 9", NULL);
    cmr_record *record = NULL;
    (void)state;
    memset(older, 0xff, sizeof older); /* behind what is read */
    for (size_t i = 0; i < 3; i++)
        memcpy(older + i * stride, &fields[i], stride);
    schema.field_size = stride;
    assert_int_equal(cmr_record_new(snapshot, "a.yaml", &schema, NULL, &record), CMR_OK);
    assert_int_equal(((const struct sample *)cmr_record_get(record))->number, 7);
    assert_int_equal(((const struct sample *)cmr_record_get(record))->byte, 9);
    cmr_record_free(record);
    cmr_snapshot_unref(snapshot);
}

/* ---- nesting */

struct tree {
    const struct tree *children;
    size_t count;
};

extern const cmr_field tree_fields[];
const cmr_field tree_fields[] = {
    CMR_FIELD_STRUCTS(struct tree, children, count, "children", struct tree, tree_fields),
    CMR_FIELD_END,
};

static void a_table_that_holds_itself_is_refused(void **state)
{
    static const cmr_schema schema = CMR_SCHEMA(struct tree, tree_fields);
    (void)state;
    assert_string_equal(wrong_with_key(&schema, "a"), "field children: its table of fields holds itself");
}

/* Each level holds the next one twice: there would be a million fields. */
static void too_many_fields_are_refused(void **state)
{
    static cmr_field levels[21][3];
    typedef char large[1 << 20];
    cmr_schema schema = CMR_SCHEMA(large, levels[0]);
    (void)state;
    for (size_t i = 0; i < 20; i++)
        for (size_t k = 0; k < 2; k++)
            levels[i][k] = (cmr_field){ .kind = CMR_FIELD_KIND_STRUCT,
                                        .key = k ? "b" : "a",
                                        .struct_size = (size_t)1 << (20 - i),
                                        .offset = k << (19 - i),
                                        .width = (size_t)1 << (19 - i),
                                        .fields = levels[i + 1] };
    assert_string_equal(wrong_with_key(&schema, "a"), "more than 10000 fields: is CMR_FIELD_END missing?");
}

static void deep_nesting_is_refused(void **state)
{
    static cmr_field levels[70][2];
    cmr_schema schema = CMR_SCHEMA(char, levels[0]);
    (void)state;
    for (size_t i = 0; i < 69; i++)
        levels[i][0] = (cmr_field){
            .kind = CMR_FIELD_KIND_STRUCT, .key = "a", .struct_size = 1, .width = 1, .fields = levels[i + 1]
        };
    assert_non_null(strstr(wrong_with_key(&schema, "a"), ".a: more than 64 structs in each other"));
    levels[63][0] = (cmr_field){ .kind = CMR_FIELD_KIND_END };
    assert_string_equal(wrong_with_key(&schema, "a"), "");
}

static void a_schema_that_is_wrong_fills_nothing(void **state)
{
    static const cmr_field fields[] = { CMR_FIELD_INT(struct sample, number, "a", .minimum = "x"),
                                        CMR_FIELD_END };
    static const cmr_schema schema = CMR_SCHEMA(struct sample, fields);
    cmr_snapshot *snapshot = snapshot_of("a.yaml", "a: 9", NULL);
    cmr_record *record = NULL;
    cmr_report *report = NULL;
    (void)state;
    assert_int_equal(cmr_record_new(snapshot, "a.yaml", &schema, &report, &record), CMR_ERR_INVALID_ARGUMENT);
    assert_null(record);
    assert_string_equal(cmr_report_get(report, 0)->message, "field a: minimum \"x\" is no int64");
    cmr_report_free(report);
    cmr_snapshot_unref(snapshot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_schemas),
        cmocka_unit_test(keys),
        cmocka_unit_test(defaults_and_bounds),
        cmocka_unit_test(options_that_do_not_go_together),
        cmocka_unit_test(restart_is_not_for_lists_of_structs),
        cmocka_unit_test(tables_made_by_hand),
        cmocka_unit_test(heads_made_by_hand),
        cmocka_unit_test(a_newer_table_is_taken_unless_it_sets_what_is_new),
        cmocka_unit_test(an_older_table_sets_nothing_of_what_is_new),
        cmocka_unit_test(a_table_that_holds_itself_is_refused),
        cmocka_unit_test(too_many_fields_are_refused),
        cmocka_unit_test(deep_nesting_is_refused),
        cmocka_unit_test(a_schema_that_is_wrong_fills_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
