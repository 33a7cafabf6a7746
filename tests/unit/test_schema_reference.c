/* SPDX-License-Identifier: MIT
 *
 * A schema as Markdown and as JSON Schema: the odd cases. docs/schemas.md has whole ones, which a test
 * compares. */
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

struct odd {
    int8_t small;
    uint64_t large;
    double real;
    double share;
    const char *text;
    int mode;
    const double *reals;
    size_t real_count;
    const bool *flags;
    size_t flag_count;
    struct rich_route route;
};

static const cmr_enum_item names[] = { { "a`b", 1 }, { "c|d", 2 }, { "e", 3 }, { NULL, 0 } };

static const cmr_field route_fields[] = {
    CMR_FIELD_STRING(struct rich_route, path, "[\"a b\"]", .required = true),
    CMR_FIELD_END,
};

static const cmr_field fields[] = {
    CMR_FIELD_INT(struct odd, small, "a.b.small", .maximum = "+0100", .text = "one | two\nthree"),
    CMR_FIELD_INT(struct odd, large, "a.large", .minimum = "0x10", .otherwise = "0o17777"),
    CMR_FIELD_DOUBLE(struct odd, real, "[\"x.y\"]", .minimum = "-.5e+3", .maximum = ".inf",
                     .otherwise = "007."),
    CMR_FIELD_PERCENT(struct odd, share, "share", .maximum = "100%"),
    CMR_FIELD_STRING(struct odd, text, "a.b[\"t\\\"\"]", .minimum = "1", .otherwise = "``q``"),
    CMR_FIELD_ENUM(struct odd, mode, "mode", .table = names, .otherwise = "c|d"),
    CMR_FIELD_LIST(struct odd, reals, real_count, "reals", DOUBLE, .otherwise = "1, .nan", .least = 1),
    CMR_FIELD_LIST(struct odd, flags, flag_count, "flags", BOOL, .otherwise = "yes, off", .restart = true),
    CMR_FIELD_STRUCT(struct odd, route, "route", route_fields, .required = true, .restart = true,
                     .text = "Where"),
    CMR_FIELD_END,
};

static const cmr_schema schema = CMR_SCHEMA(struct odd, fields, .unknown = CMR_UNKNOWN_REFUSE);

static char *json_of(const cmr_schema *given, const char *key)
{
    char *text = NULL, *again = NULL;
    assert_int_equal(cmr_schema_json(given, key, &text), CMR_OK);
    assert_int_equal(cmr_schema_json(given, key, &again), CMR_OK);
    assert_string_equal(text, again);
    free(again);
    return text;
}

/* The library reads JSON: it is asked what was written. */
static void has(const cmr_snapshot *json, const char *path, cmr_type type, const char *wanted)
{
    char key[200];
    cmr_value value;
    snprintf(key, sizeof key, "s.json#%s", path);
    if (cmr_get(json, key, type, NULL, &value) != CMR_OK)
        print_message("%s: not there\n", key);
    assert_int_equal(cmr_get(json, key, type, NULL, &value), CMR_OK);
    assert_string_equal(value.text, wanted);
}

static void json_says_what_json_can(void **state)
{
    static const struct {
        const char *path;
        cmr_type type;
        const char *wanted;
    } cases[] = {
        { "[\"$schema\"]", CMR_TYPE_STRING, "https://json-schema.org/draft/2020-12/schema" },
        { "x-cmreload-key", CMR_TYPE_STRING, "m:app.yaml" },
        { "x-cmreload-unknown", CMR_TYPE_STRING, "refuse" },
        { "additionalProperties", CMR_TYPE_BOOL, "false" },
        { "required[0]", CMR_TYPE_STRING, "route" },
        { "properties.a.x-cmreload-path", CMR_TYPE_BOOL, "true" },
        { "properties.a.additionalProperties", CMR_TYPE_BOOL, "false" },
        { "properties.a.properties.b.properties.small.minimum", CMR_TYPE_INT64, "-128" },
        { "properties.a.properties.b.properties.small.maximum", CMR_TYPE_INT64, "100" },
        { "properties.a.properties.b.properties.small.description", CMR_TYPE_STRING, "one | two\nthree" },
        { "properties.a.properties.b.properties[\"t\\\"\"].minLength", CMR_TYPE_INT64, "1" },
        { "properties.a.properties.b.properties[\"t\\\"\"].default", CMR_TYPE_STRING, "``q``" },
        { "properties.a.properties.large.minimum", CMR_TYPE_INT64, "16" },
        { "properties.a.properties.large.maximum", CMR_TYPE_UINT64, "18446744073709551615" },
        { "properties.a.properties.large.default", CMR_TYPE_INT64, "8191" },
        { "properties[\"x.y\"].minimum", CMR_TYPE_DOUBLE, "-0.5e+3" },
        { "properties[\"x.y\"].x-cmreload-maximum", CMR_TYPE_STRING, ".inf" },
        { "properties[\"x.y\"].default", CMR_TYPE_INT64, "7" },
        { "properties.share.x-cmreload-maximum", CMR_TYPE_STRING, "100%" },
        { "properties.mode.enum[1]", CMR_TYPE_STRING, "c|d" },
        { "properties.reals.default[0]", CMR_TYPE_INT64, "1" },
        { "properties.reals.default[1]", CMR_TYPE_STRING, ".nan" },
        { "properties.reals.minItems", CMR_TYPE_INT64, "1" },
        { "properties.flags.default[0]", CMR_TYPE_BOOL, "true" },
        { "properties.flags.default[1]", CMR_TYPE_BOOL, "false" },
        { "properties.flags.x-cmreload-restart", CMR_TYPE_BOOL, "true" },
        { "properties.route.required[0]", CMR_TYPE_STRING, "a b" },
    };
    char *text = json_of(&schema, "m:app.yaml");
    cmr_snapshot *json = snapshot_of("s.json", text, NULL);
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        has(json, cases[i].path, cases[i].type, cases[i].wanted);
    cmr_snapshot_unref(json);
    free(text);
}

static void a_required_key_makes_the_way_to_it_required(void **state)
{
    static const cmr_field some[] = {
        CMR_FIELD_STRING(struct odd, text, "a.b.text", .required = true),
        CMR_FIELD_DOUBLE(struct odd, real, "a.c.real"),
        CMR_FIELD_END,
    };
    static const cmr_schema of_some = CMR_SCHEMA(struct odd, some);
    char *text = json_of(&of_some, "a");
    cmr_snapshot *json = snapshot_of("s.json", text, NULL);
    cmr_value value;
    (void)state;
    has(json, "required[0]", CMR_TYPE_STRING, "a");
    has(json, "properties.a.required[0]", CMR_TYPE_STRING, "b");
    has(json, "properties.a.properties.b.required[0]", CMR_TYPE_STRING, "text");
    assert_int_equal(cmr_get(json, "s.json#properties.a.required[1]", CMR_TYPE_ANY, NULL, &value),
                     CMR_ERR_NOT_FOUND);
    assert_int_equal(cmr_get(json, "s.json#properties.a.properties.c.required", CMR_TYPE_ANY, NULL, &value),
                     CMR_ERR_NOT_FOUND);
    assert_int_equal(cmr_get(json, "s.json#additionalProperties", CMR_TYPE_ANY, NULL, &value),
                     CMR_ERR_NOT_FOUND);
    cmr_snapshot_unref(json);
    free(text);
}

static void whole_keys_are_names(void **state)
{
    static const cmr_field some[] = {
        CMR_FIELD_STRING(struct odd, text, "m:app.yaml#a.b", .required = true),
        CMR_FIELD_DOUBLE(struct odd, real, "ratio"),
        CMR_FIELD_END,
    };
    static const cmr_schema of_some = CMR_SCHEMA(struct odd, some);
    char *text = json_of(&of_some, "");
    cmr_snapshot *json = snapshot_of("s.json", text, NULL);
    (void)state;
    has(json, "x-cmreload-key", CMR_TYPE_STRING, "");
    has(json, "required[0]", CMR_TYPE_STRING, "m:app.yaml#a.b");
    has(json, "properties[\"m:app.yaml#a.b\"].type[0]", CMR_TYPE_STRING, "string");
    has(json, "properties.ratio.type", CMR_TYPE_STRING, "number");
    cmr_snapshot_unref(json);
    free(text);
}

static void markdown_keeps_its_rows(void **state)
{
    static const char wanted[] = "# m:app.yaml\n\n"
                                 "Keys in `m:app.yaml`. Other keys are errors.\n\n"
                                 "| key | value | default | |\n"
                                 "|---|---|---|---|\n"
                                 "| `a.b.small` | int, -128 to +0100 |  | one \\| two three |\n"
                                 "| `a.large` | int, at least 0x10 | `0o17777` |  |\n"
                                 "| `[\"x.y\"]` | number, -.5e+3 to .inf | `007.` |  |\n"
                                 "| `share` | percent, at most 100% |  |  |\n"
                                 "| `a.b[\"t\\\"\"]` | string, at least 1 byte | ``` ``q`` ``` |  |\n"
                                 "| `mode` | `` a`b ``, `c\\|d` or `e` | `c\\|d` |  |\n"
                                 "| `reals` | list of: number; at least 1 item | `1, .nan` |  |\n"
                                 "| `flags` | list of: bool | `yes, off` | *(takes effect at a restart)* |\n"
                                 "| `route` | map | *required* | Where *(takes effect at a restart)* |\n"
                                 "| `route[\"a b\"]` | string | *required* |  |\n";
    char *text = NULL;
    (void)state;
    assert_int_equal(cmr_schema_markdown(&schema, "m:app.yaml", &text), CMR_OK);
    assert_string_equal(text, wanted);
    free(text);
}

static void arguments_are_checked(void **state)
{
    char *text = NULL;
    (void)state;
    assert_int_equal(cmr_schema_json(NULL, "a", &text), CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(cmr_schema_json(&schema, NULL, &text), CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(cmr_schema_json(&schema, "[", &text), CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(cmr_schema_json(&schema, "a", NULL), CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(cmr_schema_markdown(NULL, "a", &text), CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(cmr_schema_markdown(&schema, "a", NULL), CMR_ERR_INVALID_ARGUMENT);
    assert_null(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_says_what_json_can),
        cmocka_unit_test(a_required_key_makes_the_way_to_it_required),
        cmocka_unit_test(whole_keys_are_names),
        cmocka_unit_test(markdown_keeps_its_rows),
        cmocka_unit_test(arguments_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
