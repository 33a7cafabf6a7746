/* SPDX-License-Identifier: MIT
 *
 * What a struct is not filled from, and how that is told: each row of the table of errors, in the formats
 * where it can happen. */
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

static const char *lines_of(const cmr_report *report)
{
    static char text[20000];
    text[0] = '\0';
    for (size_t i = 0; i < cmr_report_count(report); i++) {
        const cmr_diagnostic *item = cmr_report_get(report, i);
        sprintf(text + strlen(text), "%s%s:%u:%u: %s: %s", i ? "\n" : "", item->file, item->line,
                item->column, item->key, item->message);
    }
    return text;
}

static cmr_report *refuse(const char *file, const char *text, const char *key, const cmr_schema *schema)
{
    cmr_snapshot *snapshot = snapshot_of(file, text, NULL);
    cmr_report *report = NULL;
    cmr_record *record = NULL;
    assert_int_equal(cmr_record_new(snapshot, key, schema, &report, &record), CMR_ERR_REJECTED);
    assert_null(record);
    assert_non_null(report);
    cmr_snapshot_unref(snapshot);
    return report;
}

struct refused {
    const char *file;
    const char *text;
    cmr_status status;
    const char *wanted; /* all lines */
};

/* The key is the file's name. */
static void check(const struct refused *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        cmr_report *report = refuse(cases[i].file, cases[i].text, cases[i].file, &rich_schema_strict);
        assert_string_equal(lines_of(report), cases[i].wanted);
        assert_int_equal(cmr_report_get(report, 0)->status, cases[i].status);
        cmr_report_free(report);
    }
}

#define CHECK(cases) check(cases, sizeof(cases) / sizeof(cases)[0])

static void values_of_another_type(void **state)
{
    static const struct refused cases[] = {
        { "a.yaml", "on: 'true'", CMR_ERR_TYPE,
          "a.yaml:1:1: a.yaml#on: wanted bool, found the string \"true\"; remove the quotes" },
        { "a.yaml", "\n\nbacklog: 80a", CMR_ERR_TYPE,
          "a.yaml:3:1: a.yaml#backlog: wanted int64, found the string \"80a\"" },
        { "a.properties", "backlog=80a", CMR_ERR_TYPE,
          "a.properties:1:1: a.properties#backlog: wanted int64, found the string \"80a\"" },
        { "a.ini", "[net]\nbind=1.2.3", CMR_ERR_TYPE,
          "a.ini:2:1: a.ini#net.bind: wanted ip, found the string \"1.2.3\"; an address is like 10.0.0.7 or "
          "2001:db8::7" },
        { "a.yaml", "timeout: 10", CMR_ERR_TYPE,
          "a.yaml:1:1: a.yaml#timeout: wanted duration, found the int 10; its unit is missing: did you mean "
          "10s?" },
        { "a.yaml", "cache: 10m", CMR_ERR_TYPE,
          "a.yaml:1:1: a.yaml#cache: wanted size, found the string \"10m\"; did you mean 10Mi or 10M?" },
        { "a.yaml", "mode: slo", CMR_ERR_TYPE,
          "a.yaml:1:1: a.yaml#mode: wanted enum, found the string \"slo\"; did you mean \"slow\"? It is one "
          "of "
          "slow, fast" },
        { "a.yaml", "title: ~", CMR_ERR_TYPE, "a.yaml:1:1: a.yaml#title: wanted string, the value is null" },
        { "a.yaml", "title: \"a\\0b\"", CMR_ERR_TYPE,
          "a.yaml:1:1: a.yaml#title: wanted string, found the string \"a\\u0000b\", which holds a NUL byte" },
        { "a.yaml", "net: {allow: 10.0.0.0}", CMR_ERR_TYPE,
          "a.yaml:1:7: a.yaml#net.allow: wanted cidr, found the string \"10.0.0.0\", which has no prefix "
          "length; did you mean 10.0.0.0/32?" },
        { "a.yaml", "limits: {share: 50}", CMR_ERR_TYPE,
          "a.yaml:1:10: a.yaml#limits.share: wanted percent, found the int 50; did you mean 50%?" },
    };
    (void)state;
    CHECK(cases);
}

static void values_out_of_bounds(void **state)
{
    static const struct refused cases[] = {
        { "a.yaml", "backlog: 4097", CMR_ERR_RANGE, "a.yaml:1:1: a.yaml#backlog: 4097 is more than 4096" },
        { "a.yaml", "backlog: -2", CMR_ERR_RANGE, "a.yaml:1:1: a.yaml#backlog: -2 is less than -1" },
        { "a.yaml", "servers:\n- name: x\n  port: 70000", CMR_ERR_RANGE,
          "a.yaml:3:3: a.yaml#servers[0].port: 70000 is more than 65535" },
        { "a.yaml", "servers:\n- name: x\n  port: 0", CMR_ERR_RANGE,
          "a.yaml:3:3: a.yaml#servers[0].port: 0 is less than 1" },
        { "a.yaml", "mask: 4294967296", CMR_ERR_RANGE,
          "a.yaml:1:1: a.yaml#mask: 4294967296 is more than 4294967295" },
        { "a.yaml", "mask: -1", CMR_ERR_RANGE, "a.yaml:1:1: a.yaml#mask: -1 is less than 0" },
        { "a.yaml", "mask: 99999999999999999999", CMR_ERR_RANGE,
          "a.yaml:1:1: a.yaml#mask: 99999999999999999999 is more than 4294967295" },
        { "a.yaml", "threads: 9223372036854775808", CMR_ERR_RANGE,
          "a.yaml:1:1: a.yaml#threads: 9223372036854775808 is more than 9223372036854775807" },
        { "a.properties", "threads=-9223372036854775809", CMR_ERR_RANGE,
          "a.properties:1:1: a.properties#threads: -9223372036854775809 is less than -9223372036854775808" },
        { "a.yaml", "limits: {fallback: {path: a, weight: 128}}", CMR_ERR_RANGE,
          "a.yaml:1:30: a.yaml#limits.fallback.weight: 128 is more than 127" },
        { "a.yaml", "limits: {fallback: {path: a, weight: -129}}", CMR_ERR_RANGE,
          "a.yaml:1:30: a.yaml#limits.fallback.weight: -129 is less than -128" },
        { "a.yaml", "ratio: 1.5", CMR_ERR_RANGE, "a.yaml:1:1: a.yaml#ratio: 1.5 is more than 1" },
        { "a.yaml", "ratio: -.inf", CMR_ERR_RANGE, "a.yaml:1:1: a.yaml#ratio: -.inf is less than 0" },
        { "a.yaml", "ratio: .nan", CMR_ERR_RANGE,
          "a.yaml:1:1: a.yaml#ratio: wanted a number that has bounds, found .nan" },
        { "a.yaml", "timeout: 9ms", CMR_ERR_RANGE, "a.yaml:1:1: a.yaml#timeout: 9ms is less than 10ms" },
        { "a.yaml", "timeout: 0", CMR_ERR_RANGE, "a.yaml:1:1: a.yaml#timeout: 0 is less than 10ms" },
        { "a.yaml", "limits: {memory: 1Ti}", CMR_ERR_RANGE,
          "a.yaml:1:10: a.yaml#limits.memory: 1Ti is more than 1Gi" },
        { "a.yaml", "limits: {memory: 1}", CMR_ERR_RANGE,
          "a.yaml:1:10: a.yaml#limits.memory: 1 is less than 1Ki" },
        { "a.yaml", "limits: {share: 101%}", CMR_ERR_RANGE,
          "a.yaml:1:10: a.yaml#limits.share: 101% is more than 100%" },
        { "a.yaml", "title: 1234567890123", CMR_ERR_RANGE,
          "a.yaml:1:1: a.yaml#title: \"1234567890123\" has 13 bytes, more than 12" },
        { "a.yaml", "title: \xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", CMR_ERR_RANGE,
          "a.yaml:1:1: a.yaml#title: \"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\" has 14 "
          "bytes, "
          "more than 12" },
        { "a.yaml", "servers: [{name: ''}]", CMR_ERR_RANGE,
          "a.yaml:1:12: a.yaml#servers[0].name: \"\" has 0 bytes, fewer than 1" },
    };
    (void)state;
    CHECK(cases);
}

static void what_is_missing(void **state)
{
    static const struct refused cases[] = {
        { "a.yaml", "servers:\n- port: 1\n-\n  port: 2", CMR_ERR_NOT_FOUND,
          "a.yaml:2:3: a.yaml#servers[0].name: is required, and missing\n"
          "a.yaml:4:3: a.yaml#servers[1].name: is required, and missing" },
        { "a.yaml", "on: true\nlimits:\n  fallback:\n    weight: 1", CMR_ERR_NOT_FOUND,
          "a.yaml:3:3: a.yaml#limits.fallback.path: is required, and missing" },
        { "a.properties", "on=yes\nservers[0].waits=1s\nservers[0].port=1", CMR_ERR_NOT_FOUND,
          "a.properties:2:1: a.properties#servers[0].name: is required, and missing" },
    };
    (void)state;
    CHECK(cases);
}

static void lists(void **state)
{
    static const struct refused cases[] = {
        { "a.yaml", "ports: []", CMR_ERR_RANGE, "a.yaml:1:1: a.yaml#ports: has 0 items, fewer than 1" },
        { "a.properties", "ports=", CMR_ERR_RANGE,
          "a.properties:1:1: a.properties#ports: has 0 items, fewer than 1" },
        { "a.yaml", "ports: [1, 2, 3, 4, x]", CMR_ERR_RANGE,
          "a.yaml:1:1: a.yaml#ports: has 5 items, more than 4\n"
          "a.yaml:1:21: a.yaml#ports[4]: wanted uint64, found the string \"x\"" },
        { "a.properties", "ports=1, 2, 3, 4, 5", CMR_ERR_RANGE,
          "a.properties:1:1: a.properties#ports: has 5 items, more than 4" },
        { "a.properties", "x=1\nports[0]=1\nports[1]=1\nports[2]=1\nports[3]=1\nports[4]=70000",
          CMR_ERR_RANGE,
          "a.properties:1:1: a.properties#ports: has 5 items, more than 4\n"
          "a.properties:1:1: a.properties#x: unknown key\n"
          "a.properties:6:1: a.properties#ports[4]: 70000 is more than 65535" },
        { "a.yaml", "ports: [0, 80a, 70000, ~]", CMR_ERR_RANGE,
          "a.yaml:1:9: a.yaml#ports[0]: 0 is less than 1\n"
          "a.yaml:1:12: a.yaml#ports[1]: wanted uint64, found the string \"80a\"\n"
          "a.yaml:1:17: a.yaml#ports[2]: 70000 is more than 65535\n"
          "a.yaml:1:24: a.yaml#ports[3]: wanted uint64, the value is null" },
        { "a.properties", "ports=0, 80a,70000", CMR_ERR_RANGE,
          "a.properties:1:1: a.properties#ports: item [0]: 0 is less than 1\n"
          "a.properties:1:1: a.properties#ports: item [1]: wanted uint64, found the string \"80a\"\n"
          "a.properties:1:1: a.properties#ports: item [2]: 70000 is more than 65535" },
        { "a.properties", "ports=1,,2", CMR_ERR_TYPE,
          "a.properties:1:1: a.properties#ports: wanted a list like a, b, c, found the string \"1,,2\", "
          "whose "
          "item [1] is empty" },
        { "a.yaml", "ports: 80, 443", CMR_ERR_TYPE,
          "a.yaml:1:1: a.yaml#ports: wanted a list, found a single value" },
        { "a.yaml", "names: {a: b}", CMR_ERR_TYPE, "a.yaml:1:1: a.yaml#names: wanted list, found a map" },
        { "a.yaml", "names: [a, [b], {c: d}]", CMR_ERR_TYPE,
          "a.yaml:1:12: a.yaml#names[1]: wanted string, found a list\n"
          "a.yaml:1:17: a.yaml#names[2]: wanted string, found a map" },
        { "a.properties", "names[0]=a\nnames[2]=b", CMR_ERR_TYPE,
          "a.properties:2:1: a.properties#names[2]: there is no item [1] before it" },
        { "a.properties", "names[0]=a\nnames[1].x=b\nnames[1].y=b", CMR_ERR_TYPE,
          "a.properties:2:1: a.properties#names[1].x: is within an item that is to be a value\n"
          "a.properties:3:1: a.properties#names[1].y: unknown key" },
    };
    (void)state;
    CHECK(cases);
}

static void structs_where_something_else_is(void **state)
{
    static const struct refused cases[] = {
        { "a.yaml", "limits: 5", CMR_ERR_TYPE, "a.yaml:1:1: a.yaml#limits: wanted map, found the int 5" },
        { "a.yaml", "limits:", CMR_ERR_TYPE, "a.yaml:1:1: a.yaml#limits: wanted map, the value is null" },
        { "a.yaml", "limits: [5]", CMR_ERR_TYPE, "a.yaml:1:1: a.yaml#limits: wanted map, found a list" },
        { "a.properties", "limits=5", CMR_ERR_TYPE,
          "a.properties:1:1: a.properties#limits: wanted map, found the string \"5\"" },
        { "a.properties", "limits=5\nlimits.memory=2Ki", CMR_ERR_NOT_FOUND,
          "a.properties:1:1: a.properties#limits: unknown key" },
        { "a.yaml", "title: {a: b}", CMR_ERR_TYPE, "a.yaml:1:1: a.yaml#title: wanted string, found a map" },
        { "a.yaml", "net: x", CMR_ERR_TYPE, "a.yaml:1:1: a.yaml#net: wanted map, found the string \"x\"" },
        { "a.yaml", "servers: {a: {name: b}}", CMR_ERR_TYPE,
          "a.yaml:1:1: a.yaml#servers: wanted list, found a map" },
        { "a.yaml", "servers: x", CMR_ERR_TYPE,
          "a.yaml:1:1: a.yaml#servers: wanted list, found the string \"x\"" },
        { "a.properties", "servers=x", CMR_ERR_TYPE,
          "a.properties:1:1: a.properties#servers: wanted list, found the string \"x\"" },
        { "a.yaml", "servers: [x, {name: a}, [1]]", CMR_ERR_TYPE,
          "a.yaml:1:11: a.yaml#servers[0]: wanted map, found the string \"x\"\n"
          "a.yaml:1:25: a.yaml#servers[2]: wanted map, found a list" },
        { "a.properties", "servers[0]=x\nservers[1].name=a", CMR_ERR_TYPE,
          "a.properties:1:1: a.properties#servers[0]: wanted map, found the string \"x\"" },
        { "a.properties", "servers[0].name=a\nservers[3].name=a", CMR_ERR_TYPE,
          "a.properties:2:1: a.properties#servers[3].name: there is no item [1] before it" },
        { "a.yaml", "servers: [{name: a}, {name: a}, {name: a}, {name: a}, {name: a}]", CMR_ERR_RANGE,
          "a.yaml:1:1: a.yaml#servers: has 5 items, more than 4" },
        { "a.yaml", "[1]", CMR_ERR_TYPE, "a.yaml:1:1: a.yaml: wanted map, found a list" },
        { "a.yaml", "~", CMR_ERR_TYPE, "a.yaml:1:1: a.yaml: wanted map, the value is null" },
        { "text", "x", CMR_ERR_TYPE, "text:1:1: text: wanted map, found the string \"x\"" },
    };
    (void)state;
    CHECK(cases);
}

static void unknown_keys(void **state)
{
    static const struct refused cases[] = {
        { "a.yaml", "limts: {memory: 1Ki}", CMR_ERR_NOT_FOUND,
          "a.yaml:1:1: a.yaml#limts: unknown key; did you mean limits?" },
        { "a.yaml", "servers: [{name: a, routes: [{paht: 1, path: a}]}]", CMR_ERR_NOT_FOUND,
          "a.yaml:1:31: a.yaml#servers[0].routes[0].paht: unknown key; did you mean path?" },
        { "a.properties", "servers[0].name=a\nservers[0].nmae=b\nservers[x].name=c\nservers.name=d\nnet=1",
          CMR_ERR_NOT_FOUND,
          "a.properties:2:1: a.properties#servers[0].nmae: unknown key; did you mean name?\n"
          "a.properties:3:1: a.properties#[\"servers[x]\"].name: unknown key\n"
          "a.properties:4:1: a.properties#servers.name: unknown key\n"
          "a.properties:5:1: a.properties#net: unknown key" },
        { "a.properties", "limits.fallback.=5", CMR_ERR_NOT_FOUND,
          "a.properties:1:1: a.properties#limits.fallback.path: is required, and missing\n"
          "a.properties:1:1: a.properties#limits.fallback[\"\"]: unknown key" },
        { "a.properties", "servers=1\nservers[x].name=a", CMR_ERR_TYPE,
          "a.properties:1:1: a.properties#servers: wanted list, found the string \"1\"\n"
          "a.properties:2:1: a.properties#[\"servers[x]\"].name: unknown key" },
        { "a.properties", "limits.=5\nnames[=x", CMR_ERR_NOT_FOUND,
          "a.properties:1:1: a.properties#limits[\"\"]: unknown key\n"
          "a.properties:2:1: a.properties#[\"names[\"]: unknown key" },
        { "a.ini", "[lmits]\nmemory=1Ki\n[net]\nbnd=1", CMR_ERR_NOT_FOUND,
          "a.ini:1:2: a.ini#lmits: unknown key; did you mean limits?\n"
          "a.ini:4:1: a.ini#net.bnd: unknown key; did you mean net.bind?" },
        { "a.yaml", "? 'odd key'\n: 1\na: {b: {c: 1}}", CMR_ERR_NOT_FOUND,
          "a.yaml:1:3: a.yaml#[\"odd key\"]: unknown key\na.yaml:3:1: a.yaml#a: unknown key" },
    };
    (void)state;
    CHECK(cases);
}

/* ---- required at the top, and where nothing is */

struct needy {
    int port;
    struct rich_route route;
    const char *const *names;
    size_t name_count;
    const struct rich_route *routes;
    size_t route_count;
};

static const cmr_field route_fields[] = {
    CMR_FIELD_STRING(struct rich_route, path, "path", .required = true),
    CMR_FIELD_END,
};

static const cmr_field needy_fields[] = {
    CMR_FIELD_INT(struct needy, port, "port", .required = true),
    CMR_FIELD_STRUCT(struct needy, route, "the.route", route_fields, .required = true),
    CMR_FIELD_LIST(struct needy, names, name_count, "names", STRING, .required = true, .least = 1),
    CMR_FIELD_STRUCTS(struct needy, routes, route_count, "routes", struct rich_route, route_fields,
                      .required = true),
    CMR_FIELD_END,
};

static void what_is_missing_from_the_start(void **state)
{
    static const cmr_schema schema = CMR_SCHEMA(struct needy, needy_fields);
    static const struct {
        const char *file, *text, *key, *where, *more;
    } cases[] = {
        { "a.yaml", "# nothing\n", "a.yaml", "a.yaml:1:1: a.yaml#", "" },
        { "a.yaml", "x: 1", "a.yaml", "a.yaml:1:1: a.yaml#", "" },
        { "a.yaml", "x: 1", "a.yaml#s.t", "a.yaml:1:1: a.yaml#s.t.", "" },
        { "a.yaml", "x: 1\ns: {t: {y: 1}}", "a.yaml#s.t", "a.yaml:2:5: a.yaml#s.t.", "" },
        { "a.properties", "x=1\ns.t.y=1\ns.t.a=2", "a.properties#s.t", "a.properties:2:1: a.properties#s.t.",
          "" },
        { "a.properties", "x=1", "a.properties#s.t", "a.properties:1:1: a.properties#s.t.", "" },
        { "a.yaml", "x: 1", "b.yaml#s", "b.yaml:0:0: b.yaml#s.", ": there is no such file" },
        { "a.yaml", "x: 1", "m:a.yaml", "a.yaml:0:0: a.yaml#", ": there is no such file" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        static const char *const keys[] = { "port", "the.route", "names", "routes" };
        char wanted[1000] = "";
        cmr_report *report = refuse(cases[i].file, cases[i].text, cases[i].key, &schema);
        for (size_t k = 0; k < 4; k++)
            sprintf(wanted + strlen(wanted), "%s%s%s: is required, and missing%s", k ? "\n" : "",
                    cases[i].where, keys[k], cases[i].more);
        assert_string_equal(lines_of(report), wanted);
        cmr_report_free(report);
    }
}

static void what_is_missing_by_its_whole_key(void **state)
{
    static const cmr_field fields[] = {
        CMR_FIELD_INT(struct needy, port, "port", .required = true),
        CMR_FIELD_STRUCT(struct needy, route, "a.yaml#route", route_fields, .required = true),
        CMR_FIELD_LIST(struct needy, names, name_count, "a.yaml#x.y", STRING),
        CMR_FIELD_STRUCTS(struct needy, routes, route_count, "list.json", struct rich_route, route_fields),
        CMR_FIELD_END,
    };
    static const cmr_schema schema = CMR_SCHEMA(struct needy, fields);
    cmr_snapshot *snapshot = snapshot_of("a.yaml", "x: 1", "list.json", "{}", NULL);
    cmr_report *report = NULL;
    cmr_record *record = NULL;
    (void)state;
    assert_int_equal(cmr_record_new(snapshot, "", &schema, &report, &record), CMR_ERR_REJECTED);
    assert_string_equal(lines_of(report), "a.yaml:1:1: a.yaml#route: is required, and missing\n"
                                          "a.yaml:1:1: a.yaml#x: wanted map, found the int 1\n"
                                          "list.json:1:1: list.json: wanted list, found a map\n"
                                          "port:0:0: port: is required, and missing: there is no such file");
    cmr_report_free(report);
    cmr_snapshot_unref(snapshot);
}

/* Told beside what does not fit: the key that is missing may be there, misspelt. */
static void what_is_no_error_is_told_as_well(void **state)
{
    cmr_report *report = refuse("a.yaml", "servers: [{nmae: a}]", "a.yaml", &rich_schema);
    (void)state;
    assert_string_equal(lines_of(report),
                        "a.yaml:1:11: a.yaml#servers[0].name: is required, and missing\n"
                        "a.yaml:1:12: a.yaml#servers[0].nmae: unknown key; did you mean name?");
    cmr_report_free(report);
}

static void a_hundred_faults_are_told_and_the_others_counted(void **state)
{
    char text[4096] = "";
    (void)state;
    for (int i = 0; i < 150; i++)
        sprintf(text + strlen(text), "x%d: %d\n", i, i);
    cmr_report *report = refuse("a.yaml", text, "a.yaml", &rich_schema_strict);
    assert_int_equal(cmr_report_count(report), 101);
    assert_string_equal(cmr_report_get(report, 100)->message, "50 more not shown");
    cmr_report_free(report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_of_another_type),
        cmocka_unit_test(values_out_of_bounds),
        cmocka_unit_test(what_is_missing),
        cmocka_unit_test(lists),
        cmocka_unit_test(structs_where_something_else_is),
        cmocka_unit_test(unknown_keys),
        cmocka_unit_test(what_is_missing_from_the_start),
        cmocka_unit_test(what_is_missing_by_its_whole_key),
        cmocka_unit_test(what_is_no_error_is_told_as_well),
        cmocka_unit_test(a_hundred_faults_are_told_and_the_others_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
