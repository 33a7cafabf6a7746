/* SPDX-License-Identifier: MIT
 *
 * Records that are filled: from every format, with defaults, and what stays until a restart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/diagnostic.h"
#include "model/snapshot.h"
#include "schema/record.h"
#include "support/rich_record.h"
#include "support/snapshot_of.h"

#define DEFAULTS                                                                                             \
    "on=0 backlog=128 mask=0 ratio=0.5 title=- timeout=30000000000 cache=1048576 mode=1 level=6 "            \
    "bind=v4:7f000001 allow=v4:0a000000/8 ports=[80 443] names=[] memory=0 share=50 fallback=(- 1) "         \
    "servers= threads=4 user=-"

#define ALL                                                                                                  \
    "on=1 backlog=-1 mask=4294967295 ratio=0.25 title=h\xc3\xa9llo timeout=90000000000 cache=4096 mode=-1 "  \
    "level=8 bind=v6:20010db8000000000000000000000007 allow=v4:c0a80000/16 ports=[1 65535] names=[a|b c] "   \
    "memory=1024 share=12.5 fallback=(/f 1) servers= {one:80 1000000 2000000000(/a 1)(/b -5)} "              \
    "{two:8080} threads=8 user=nobody"

static const char yaml[] = "on: true\n"
                           "backlog: -1\n"
                           "mask: 0xffffffff\n"
                           "ratio: 0.25\n"
                           "title: h\xc3\xa9llo\n"
                           "timeout: 1m30s\n"
                           "cache: 4096\n"
                           "mode: slow\n"
                           "log_level: trace\n"
                           "net: {bind: 2001:db8::7, allow: 192.168.0.0/16}\n"
                           "ports: [1, 65535]\n"
                           "names: [a, b c]\n"
                           "limits: {memory: 1Ki, share: 12.5%, fallback: {path: /f}}\n"
                           "servers:\n"
                           "- name: one\n"
                           "  waits: [1ms, 2s]\n"
                           "  routes: [{path: /a}, {path: /b, weight: -5}]\n"
                           "- {name: two, port: 8080}\n"
                           "threads: 8\n"
                           "user: nobody\n";

static const char json[] =
    "{\"on\": true, \"backlog\": -1, \"mask\": 4294967295, \"ratio\": 0.25, \"title\": \"h\\u00e9llo\",\n"
    "\"timeout\": \"1m30s\", \"cache\": 4096, \"mode\": \"slow\", \"log_level\": \"TRACE\",\n"
    "\"net\": {\"bind\": \"2001:db8::7\", \"allow\": \"192.168.0.0/16\"}, \"ports\": [1, 65535],\n"
    "\"names\": [\"a\", \"b c\"], \"limits\": {\"memory\": \"1Ki\", \"share\": \"12.5%\", \"fallback\": "
    "{\"path\": \"/f\"}},\n"
    "\"servers\": [{\"name\": \"one\", \"waits\": [\"1ms\", \"2s\"],\n"
    "\"routes\": [{\"path\": \"/a\"}, {\"path\": \"/b\", \"weight\": -5}]}, {\"name\": \"two\", \"port\": "
    "8080}],\n"
    "\"threads\": 8, \"user\": \"nobody\"}";

static const char properties[] = "servers[1].name=two\n"
                                 "servers[1].port=8080\n"
                                 "on=yes\n"
                                 "backlog=-1\n"
                                 "mask=0xffffffff\n"
                                 "ratio=0.25\n"
                                 "title=h\\u00e9llo\n"
                                 "timeout=90s\n"
                                 "cache=4Ki\n"
                                 "mode=slow\n"
                                 "log_level=trace\n"
                                 "net.bind=2001:db8::7\n"
                                 "net.allow=192.168.0.0/16\n"
                                 "ports=1, 65535\n"
                                 "names=a, b c\n"
                                 "limits.memory=1Ki\n"
                                 "limits.share=12.5%\n"
                                 "limits.fallback.path=/f\n"
                                 "servers[0].name=one\n"
                                 "servers[0].waits=1ms,2s\n"
                                 "servers[0].routes[1].path=/b\n"
                                 "servers[0].routes[1].weight=-5\n"
                                 "servers[0].routes[0].path=/a\n"
                                 "threads=8\n"
                                 "user=nobody\n";

/* Fills, with nothing to tell, and compares. */
static void fills(const char *file, const char *text, const char *key, const char *wanted)
{
    cmr_snapshot *snapshot = snapshot_of(file, text, NULL);
    cmr_report *report = NULL;
    cmr_record *record = NULL;
    cmr_status status = cmr_record_new(snapshot, key, &rich_schema, &report, &record);
    for (size_t i = 0; i < cmr_report_count(report); i++)
        print_message("%s: %s\n", cmr_report_get(report, i)->key, cmr_report_get(report, i)->message);
    assert_int_equal(status, CMR_OK);
    assert_null(report);
    cmr_snapshot_unref(snapshot); /* which a record does not need */
    assert_string_equal(rich_text(cmr_record_get(record)), wanted);
    cmr_record_free(record);
}

static void every_format_fills_the_same(void **state)
{
    (void)state;
    fills("app.yaml", yaml, "app.yaml", ALL);
    fills("app.json", json, "app.json", ALL);
    fills("app.properties", properties, "app.properties", ALL);
}

static void what_is_absent_has_its_default(void **state)
{
    (void)state;
    fills("app.yaml", "{}", "app.yaml", DEFAULTS);
    fills("app.yaml", "# nothing\n", "app.yaml", DEFAULTS);
    fills("app.json", "{}", "app.json", DEFAULTS);
    fills("app.properties", "", "app.properties", DEFAULTS);
    fills("app.env", "", "app.env", DEFAULTS);
    fills("app.ini", "", "app.ini", DEFAULTS);
    fills("app.yaml", "{}", "absent.yaml", DEFAULTS);
    fills("app.yaml", "{}", "absent:app.yaml", DEFAULTS);
    fills("app.yaml", "a: 1", "app.yaml#server", DEFAULTS);
    fills("app.properties", "a=1", "app.properties#server", DEFAULTS);
}

/* Members that a section of INI, or a file of flat names without dots, can hold. */
static void simple_maps_come_from_ini_and_env_too(void **state)
{
    static const char *const wanted =
        "on=1 backlog=7 mask=0 ratio=0.5 title=- timeout=10000000 cache=1048576 mode=1 level=6 "
        "bind=v4:0a000001 allow=v4:0a000000/8 ports=[1 2] names=[x|y] memory=2048 share=50 fallback=(- 1) "
        "servers= threads=4 user=-";
    (void)state;
    fills(
        "a.ini",
        "on=1\nbacklog=7\ntimeout=10ms\nports=1,2\nnames=x, y\n[net]\nbind=10.0.0.1\n[limits]\nmemory=2Ki\n",
        "a.ini", wanted);
    fills("a.yaml",
          "{on: true, backlog: 7, timeout: 10ms, ports: [1, 2], names: [x, y], net: {bind: 10.0.0.1}, "
          "limits: {memory: 2Ki}}",
          "a.yaml", wanted);
    fills("a.env",
          "on=1\nbacklog=7\ntimeout=10ms\nports=1,2\nnames=x, y\nnet.bind=10.0.0.1\nlimits.memory=2Ki\n",
          "a.env", wanted);
    fills("a.properties",
          "s.on=1\ns.backlog=7\ns.timeout=10ms\ns.ports[1]=2\ns.ports[0]=1\ns.names=x, y\n"
          "s.net.bind=10.0.0.1\ns.limits.memory=2Ki\non=false\nsx.on=no\n",
          "a.properties#s", wanted);
}

static void has(const char *file, const char *text, const char *key, const char *part)
{
    cmr_snapshot *snapshot = snapshot_of(file, text, NULL);
    cmr_record *record = NULL;
    assert_int_equal(cmr_record_new(snapshot, key, &rich_schema, NULL, &record), CMR_OK);
    const char *found = rich_text(cmr_record_get(record));
    if (!strstr(found, part))
        print_message("%s: %s\nis not in %s\n", key, part, found);
    assert_non_null(strstr(found, part));
    cmr_record_free(record);
    cmr_snapshot_unref(snapshot);
}

static void a_key_may_lead_anywhere(void **state)
{
    (void)state;
    has("a.json", "{\"a\": [{}, {\"b.c\": {\"mask\": 5}}]}", "a.json#a[1][\"b.c\"]", "mask=5 ");
    has("a.yaml", "mask: 5", "config:a.yaml", "mask=5 ");
    has("a.properties", "x.y.mask=5\nmask=6", "a.properties#x.y", "mask=5 ");
    has("a.properties", "l[0].mask=4\nl[1].mask=5", "a.properties#l[1]", "mask=5 ");
    has("a.ini", "[x]\nmask=5", "a.ini#x", "mask=5 ");
}

/* In properties items stand in any order, and 10 before 2. */
static void many_items_of_flat_documents_are_in_order(void **state)
{
    char text[4096] = "", wanted[600] = "names=[";
    (void)state;
    for (int i = 119; i >= 0; i--)
        sprintf(text + strlen(text), "names[%d]=%d\n", i, i);
    for (int i = 0; i < 120; i++)
        sprintf(wanted + strlen(wanted), "%s%d", i ? "|" : "", i);
    has("a.properties", text, "a.properties", wanted);
}

static void what_is_no_item_makes_no_list(void **state)
{
    (void)state;
    has("a.properties", "ports[x]=1\nports[=2\nports[01]=3\nports[1=4\nports[0]x=5", "a.properties",
        "ports=[80 443]");
    has("a.properties", "ports[0]=7\nports[x]=1", "a.properties", "ports=[7]");
}

static void limits_of_types_are_within(void **state)
{
    (void)state;
    has("a.yaml", "{backlog: -1, mask: 4294967295, ratio: 1, title: 123456789012, timeout: 10ms}", "a.yaml",
        "backlog=-1 mask=4294967295 ratio=1 title=123456789012 timeout=10000000 ");
    has("a.yaml", "{backlog: 4096, mask: 0, ratio: 0, title: '', ports: [1]}", "a.yaml",
        "backlog=4096 mask=0 ratio=0 title= ");
    has("a.yaml", "{threads: -9223372036854775808, ports: [65535, 1, 2, 3]}", "a.yaml",
        "ports=[65535 1 2 3]");
    has("a.yaml", "{threads: 9223372036854775807}", "a.yaml", "threads=9223372036854775807 ");
    has("a.yaml", "{servers: [{name: a, routes: [{path: 12345678, weight: -128}, {path: '', weight: 127}]}]}",
        "a.yaml", "servers= {a:80(12345678 -128)( 127)}");
}

/* ---- whole keys */

struct small {
    bool on;
    cmr_log_level level;
    uint16_t port;
    const char *whole;
    const int *numbers;
    size_t number_count;
    const struct rich_route *routes;
    size_t route_count;
    struct rich_route route, second;
};

static const cmr_field route_fields[] = {
    CMR_FIELD_STRING(struct rich_route, path, "path", .required = true),
    CMR_FIELD_INT(struct rich_route, weight, "weight"),
    CMR_FIELD_END,
};

static cmr_snapshot *two_mounts(void)
{
    cmr_snapshot *one =
        snapshot_of("log_level", "debug\n", "app.yaml", "server: {port: 8080, on: true}\n", "numbers.json",
                    "[1, -2]", "routes.json", "[{\"path\": \"/\"}]", "more.properties",
                    "route.path=/x\nroute.weight=3\nother=1\n", "route.yaml", "{path: /y}", NULL);
    cmr_snapshot *two = snapshot_of("app.yaml", "server: {port: 443}", "whole.yaml", "a: 1\n", NULL);
    cmr__part *other = cmr__part_new("other", "..1", 2);
    assert_non_null(other);
    for (size_t i = 0; i < 2; i++)
        other->files[i] = (struct cmr__part_file){ strdup(two->parts[0]->files[i].name),
                                                   cmr__document_ref(two->parts[0]->files[i].document) };
    cmr__part *parts[] = { one->parts[0], other };
    cmr_snapshot *both = cmr__snapshot_new(1, parts, 2);
    cmr__part_unref(other);
    cmr_snapshot_unref(one);
    cmr_snapshot_unref(two);
    return both;
}

static void fields_may_have_whole_keys(void **state)
{
    static const cmr_field fields[] = {
        CMR_FIELD_BOOL(struct small, on, "app.yaml#server.on"),
        CMR_FIELD_LOG_LEVEL(struct small, level, "log_level"),
        CMR_FIELD_INT(struct small, port, "other:app.yaml#server.port"),
        CMR_FIELD_STRING(struct small, whole, "other:whole.yaml"),
        CMR_FIELD_LIST(struct small, numbers, number_count, "numbers.json", INT),
        CMR_FIELD_STRUCTS(struct small, routes, route_count, "routes.json", struct rich_route, route_fields),
        CMR_FIELD_STRUCT(struct small, route, "more.properties#route", route_fields),
        CMR_FIELD_STRUCT(struct small, second, "route.yaml", route_fields),
        CMR_FIELD_END,
    };
    static const cmr_schema schema = CMR_SCHEMA(struct small, fields, .unknown = CMR_UNKNOWN_REFUSE);
    cmr_snapshot *snapshot = two_mounts();
    cmr_report *report = NULL;
    cmr_record *record = NULL;
    (void)state;
    assert_int_equal(cmr_record_new(snapshot, "", &schema, &report, &record), CMR_OK);
    assert_null(report);
    const struct small *small = cmr_record_get(record);
    assert_true(small->on);
    assert_int_equal(small->level, CMR_LOG_DEBUG);
    assert_int_equal(small->port, 443);
    assert_string_equal(small->whole, "a: 1\n");
    assert_int_equal(small->number_count, 2);
    assert_int_equal(small->numbers[1], -2);
    assert_int_equal(small->route_count, 1);
    assert_string_equal(small->routes[0].path, "/");
    assert_string_equal(small->route.path, "/x");
    assert_int_equal(small->route.weight, 3);
    assert_string_equal(small->second.path, "/y");
    cmr_record_free(record);
    cmr_snapshot_unref(snapshot);
}

/* ---- until a restart */

/* A filling with another record before, as text, and what is told: "KEY: MESSAGE" a line. */
struct step {
    const char *text;
    const char *part; /* of the record's text */
    const char *notices;
};

static const char *lines_of(cmr_report *report)
{
    static char text[2000];
    text[0] = '\0';
    cmr__report_finish(report);
    for (size_t i = 0; i < cmr_report_count(report); i++) {
        const cmr_diagnostic *item = cmr_report_get(report, i);
        sprintf(text + strlen(text), "%s:%u:%u: %s: %s\n", item->file, item->line, item->column, item->key,
                item->message);
    }
    return text;
}

static cmr_record *next(const struct cmr__schema *schema, const struct step *step, cmr_record *before)
{
    cmr_snapshot *snapshot = snapshot_of("a.yaml", step->text, NULL);
    cmr_report *report = cmr__report_new(), *notices = cmr__report_new();
    cmr_record *record = NULL;
    assert_int_equal(cmr__record_fill(schema, snapshot, before, report, notices, &record), CMR_OK);
    assert_int_equal(cmr_report_count(report), 0);
    assert_string_equal(lines_of(notices), step->notices);
    cmr_report_free(report);
    cmr_report_free(notices);
    cmr_snapshot_unref(snapshot);
    cmr_record_free(before);
    return record;
}

static struct cmr__schema *made(const cmr_schema *given)
{
    struct cmr__schema *schema = NULL;
    cmr_report *report = cmr__report_new();
    assert_int_equal(cmr__schema_new(given, "a.yaml", report, &schema), CMR_OK);
    cmr_report_free(report);
    return schema;
}

static void what_takes_effect_at_a_restart_stays(void **state)
{
    static const struct step steps[] = {
        { "{threads: 8, user: me, mask: 1}", "mask=1 ", "" },
        { "{threads: 0x8, user: 'me', mask: 2}", "mask=2 ", "" },
        { "{threads: 16, user: me, mask: 3}", "mask=3 ",
          "a.yaml:1:2: a.yaml#threads: 16 takes effect at a restart\n" },
        { "{mask: 4,\n user: you}", "mask=4 ",
          "a.yaml:1:1: a.yaml#threads: the default takes effect at a restart\n"
          "a.yaml:2:2: a.yaml#user: \"you\" takes effect at a restart\n" },
        { "{mask: 7, threads: 8, user: m}", "mask=7 ",
          "a.yaml:1:23: a.yaml#user: \"m\" takes effect at a restart\n" },
        { "{mask: 8, threads: 8, user: men}", "mask=8 ",
          "a.yaml:1:23: a.yaml#user: \"men\" takes effect at a restart\n" },
        { "{mask: 5, threads: 8}", "mask=5 ",
          "a.yaml:1:1: a.yaml#user: the default takes effect at a restart\n" },
        { "{mask: 6, threads: 8, user: me}", "mask=6 ", "" },
    };
    struct cmr__schema *schema = made(&rich_schema);
    cmr_record *record = NULL;
    (void)state;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        record = next(schema, &steps[i], record);
        const char *text = rich_text(cmr_record_get(record));
        assert_non_null(strstr(text, steps[i].part));
        assert_non_null(strstr(text, " threads=8 user=me"));
    }
    cmr_record_free(record);
    cmr__schema_free(schema);
}

struct frozen_inner {
    double ratio;
    cmr_ip ip;
    const char *const *names;
    size_t name_count;
};

struct frozen {
    struct frozen_inner inner;
    const uint64_t *sizes;
    size_t size_count;
    int live;
};

static const cmr_field inner_fields[] = {
    CMR_FIELD_DOUBLE(struct frozen_inner, ratio, "ratio"),
    CMR_FIELD_IP(struct frozen_inner, ip, "ip"),
    CMR_FIELD_LIST(struct frozen_inner, names, name_count, "names", STRING),
    CMR_FIELD_END,
};

static const cmr_field frozen_fields[] = {
    CMR_FIELD_STRUCT(struct frozen, inner, "inner", inner_fields, .restart = true),
    CMR_FIELD_LIST(struct frozen, sizes, size_count, "sizes", SIZE, .restart = true),
    CMR_FIELD_INT(struct frozen, live, "live"),
    CMR_FIELD_END,
};

static void structs_and_lists_stay_as_well(void **state)
{
    static const cmr_schema frozen_schema = CMR_SCHEMA(struct frozen, frozen_fields);
    static const struct step steps[] = {
        { "{inner: {ratio: 0.5, ip: '::1', names: [a, b]}, sizes: [1Ki, 2], live: 1}", NULL, "" },
        { "{inner: {ratio: 5e-1, ip: '0:0::1', names: [a, b]}, sizes: [1024, '2'], live: 2}", NULL, "" },
        { "inner:\n  ratio: 0.25\n  ip: 127.0.0.1\n  names: [a, c]\nsizes: [1Ki]\nlive: 3", NULL,
          "a.yaml:2:3: a.yaml#inner.ratio: 0.25 takes effect at a restart\n"
          "a.yaml:3:3: a.yaml#inner.ip: 127.0.0.1 takes effect at a restart\n"
          "a.yaml:4:3: a.yaml#inner.names: takes effect at a restart\n"
          "a.yaml:5:1: a.yaml#sizes: takes effect at a restart\n" },
        { "live: 4", NULL,
          "a.yaml:1:1: a.yaml#inner.ratio: the default takes effect at a restart\n"
          "a.yaml:1:1: a.yaml#inner.ip: the default takes effect at a restart\n"
          "a.yaml:1:1: a.yaml#inner.names: takes effect at a restart\n"
          "a.yaml:1:1: a.yaml#sizes: takes effect at a restart\n" },
    };
    struct cmr__schema *schema = made(&frozen_schema);
    cmr_record *record = NULL;
    (void)state;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        record = next(schema, &steps[i], record);
        const struct frozen *frozen = cmr_record_get(record);
        assert_int_equal(frozen->live, i + 1);
        assert_true(frozen->inner.ratio == 0.5);
        assert_int_equal(frozen->inner.ip.version, 6);
        assert_int_equal(frozen->inner.name_count, 2);
        assert_string_equal(frozen->inner.names[1], "b");
        assert_int_equal(frozen->size_count, 2);
        assert_int_equal(frozen->sizes[0], 1024);
    }
    cmr_record_free(record);
    cmr__schema_free(schema);
}

/* ---- unknown keys */

static void unknown_keys_are_told_and_no_error(void **state)
{
    cmr_snapshot *snapshot = snapshot_of("a.yaml",
                                         "threds: 1\nlimits: {memory: 1Ki, sare: 1%}\nzzz: [1, {a: 2}]\n"
                                         "servers: [{name: a, prot: 1}]\nnet: {bnid: x}\n",
                                         NULL);
    cmr_report *report = NULL;
    cmr_record *record = NULL;
    (void)state;
    assert_int_equal(cmr_record_new(snapshot, "a.yaml", &rich_schema, &report, &record), CMR_OK);
    assert_int_equal(cmr_report_get(report, 0)->status, CMR_ERR_NOT_FOUND);
    assert_string_equal(lines_of(report),
                        "a.yaml:1:1: a.yaml#threds: unknown key; did you mean threads?\n"
                        "a.yaml:2:23: a.yaml#limits.sare: unknown key; did you mean share?\n"
                        "a.yaml:3:1: a.yaml#zzz: unknown key\n"
                        "a.yaml:4:21: a.yaml#servers[0].prot: unknown key; did you mean port?\n"
                        "a.yaml:5:7: a.yaml#net.bnid: unknown key; did you mean net.bind?\n");
    cmr_report_free(report);
    cmr_record_free(record);
    record = NULL;
    assert_int_equal(cmr_record_new(snapshot, "a.yaml", &rich_schema_strict, NULL, &record),
                     CMR_ERR_REJECTED);
    assert_null(record);
    cmr_snapshot_unref(snapshot);
}

static void arguments_are_checked(void **state)
{
    cmr_snapshot *snapshot = snapshot_of("a.yaml", "{}", NULL);
    cmr_record *record = NULL;
    cmr_report *report = NULL;
    (void)state;
    assert_int_equal(cmr_record_new(NULL, "a.yaml", &rich_schema, &report, &record),
                     CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(cmr_record_new(snapshot, NULL, &rich_schema, &report, &record),
                     CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(cmr_record_new(snapshot, "a.yaml", NULL, &report, &record), CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(cmr_record_new(snapshot, "a.yaml", &rich_schema, &report, NULL),
                     CMR_ERR_INVALID_ARGUMENT);
    assert_null(report);
    assert_int_equal(cmr_record_new(snapshot, "a[", &rich_schema, &report, &record),
                     CMR_ERR_INVALID_ARGUMENT);
    assert_string_equal(cmr_report_get(report, 0)->message, "the schema's key is malformed");
    cmr_report_free(report);
    cmr_record_free(NULL);
    cmr_snapshot_unref(snapshot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_fills_the_same),
        cmocka_unit_test(what_is_absent_has_its_default),
        cmocka_unit_test(simple_maps_come_from_ini_and_env_too),
        cmocka_unit_test(a_key_may_lead_anywhere),
        cmocka_unit_test(many_items_of_flat_documents_are_in_order),
        cmocka_unit_test(what_is_no_item_makes_no_list),
        cmocka_unit_test(limits_of_types_are_within),
        cmocka_unit_test(fields_may_have_whole_keys),
        cmocka_unit_test(what_takes_effect_at_a_restart_stays),
        cmocka_unit_test(structs_and_lists_stay_as_well),
        cmocka_unit_test(unknown_keys_are_told_and_no_error),
        cmocka_unit_test(arguments_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
