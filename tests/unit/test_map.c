/* SPDX-License-Identifier: MIT
 *
 * Maps as applications read them: names in the order of the file, found by name, and what makes one fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/snapshot_of.h"

static cmr_snapshot *example(void)
{
    return snapshot_of(
        "a.yaml",
        "weights: {b: 2, a: 1, 'c d': 3, aa: 4}\nempty: {}\nbad:\n  x: 1\n  y: two\ndeep: {x: {y: 1}}\n"
        "nul: {\"a\\0b\": 1}\nlist: [1]\n",
        "p.properties",
        "weights = b=2, a = 1\nempty=\ntwice=a=1, b=2, a=3\nno=a=1, b\nbad=a=1, b=x\nvalue=a=\n"
        "server.port=80\nserver.host=x\n",
        "c.ini", "[limits]\nsmall = 1\nlarge = 20\n[other]\nx=y\n", "e.env", "B=2\nA=1\n", "t", "x=1,\ny=2\n",
        NULL);
}

/* "b=2 a=1", or the status; every name is found, and no other. */
static const char *read_map(cmr_snapshot *snapshot, const char *key, cmr_type type)
{
    static char out[512];
    char *at = out;
    cmr_map *map = (cmr_map *)&out;
    cmr_status status = cmr_map_new(snapshot, key, type, NULL, &map);
    out[0] = '\0';
    if (status != CMR_OK) {
        assert_ptr_equal(map, &out); /* untouched */
        sprintf(out, "%s", cmr_strerror(status));
        return out;
    }
    for (size_t i = 0; i < cmr_map_count(map); i++) {
        const cmr_value *value = cmr_map_get(map, i);
        assert_int_equal(value->text[value->length], '\0');
        assert_ptr_equal(cmr_map_find(map, cmr_map_name(map, i)), value);
        at += sprintf(at, "%s%s=%s", i ? " " : "", cmr_map_name(map, i), value->text);
    }
    assert_null(cmr_map_get(map, cmr_map_count(map)));
    assert_null(cmr_map_name(map, cmr_map_count(map)));
    assert_null(cmr_map_find(map, ""));
    assert_null(cmr_map_find(map, "aaa"));
    assert_null(cmr_map_find(map, "zzz"));
    cmr_map_free(map);
    return out;
}

static void maps_come_from_every_format(void **state)
{
    static const struct {
        const char *key;
        cmr_type type;
        const char *wanted;
    } cases[] = {
        { "a.yaml#weights", CMR_TYPE_INT64, "b=2 a=1 c d=3 aa=4" },
        { "a.yaml#weights", CMR_TYPE_STRING, "b=2 a=1 c d=3 aa=4" },
        { "a.yaml#empty", CMR_TYPE_INT64, "" },
        { "a.yaml#deep", CMR_TYPE_ANY, "x=" },
        { "p.properties#weights", CMR_TYPE_INT64, "b=2 a=1" },
        { "p.properties#empty", CMR_TYPE_INT64, "" },
        { "p.properties#value", CMR_TYPE_STRING, "a=" },
        { "c.ini#limits", CMR_TYPE_UINT64, "small=1 large=20" },
        { "e.env", CMR_TYPE_INT64, "B=2 A=1" },
        { "t", CMR_TYPE_INT64, "x=1 y=2" },
    };
    cmr_snapshot *snapshot = example();
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(read_map(snapshot, cases[i].key, cases[i].type), cases[i].wanted);
    cmr_snapshot_unref(snapshot);
}

static void a_properties_file_is_a_map_of_whole_keys(void **state)
{
    cmr_snapshot *snapshot = snapshot_of("p.properties", "server.port=80\nserver.host=x\n", NULL);
    (void)state;
    assert_string_equal(read_map(snapshot, "p.properties", CMR_TYPE_STRING), "server.port=80 server.host=x");
    assert_string_equal(read_map(snapshot, "p.properties#server", CMR_TYPE_STRING),
                        cmr_strerror(CMR_ERR_NOT_FOUND));
    cmr_snapshot_unref(snapshot);
}

static void what_is_no_map_of_the_type_fails(void **state)
{
    static const struct {
        const char *key;
        cmr_type type;
        const char *explanation;
    } cases[] = {
        { "a.yaml#bad", CMR_TYPE_INT64, "a.yaml:5:3: a.yaml#bad.y: wanted int64, found the string \"two\"" },
        { "a.yaml#deep", CMR_TYPE_STRING, "a.yaml:6:8: a.yaml#deep.x: wanted string, found a map" },
        { "a.yaml#nul", CMR_TYPE_INT64, "a.yaml:7:1: a.yaml#nul: a name in this map holds a NUL byte" },
        { "a.yaml#list", CMR_TYPE_INT64, "a.yaml:8:1: a.yaml#list: wanted map, found a list" },
        { "p.properties#twice", CMR_TYPE_INT64,
          "p.properties:3:1: p.properties#twice: the name \"a\" stands twice in this map" },
        { "p.properties#no", CMR_TYPE_INT64,
          "p.properties:4:1: p.properties#no: wanted a map like a=1, b=2, found the string \"a=1, b\", whose "
          "item "
          "[1] has no =" },
        { "p.properties#bad", CMR_TYPE_INT64,
          "p.properties:5:1: p.properties#bad: item \"b\": wanted int64, found the string \"x\"" },
        { "c.ini", CMR_TYPE_STRING, "c.ini:1:2: c.ini#limits: wanted string, found a map" },
    };
    cmr_snapshot *snapshot = example();
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char why[300];
        assert_string_equal(read_map(snapshot, cases[i].key, cases[i].type), cmr_strerror(CMR_ERR_TYPE));
        cmr_explain_items(snapshot, cases[i].key, CMR_TYPE_MAP, cases[i].type, NULL, why, sizeof why);
        assert_string_equal(why, cases[i].explanation);
    }
    cmr_snapshot_unref(snapshot);
}

static void a_name_is_found_among_many(void **state)
{
    static char text[20000];
    char *at = text;
    cmr_map *map;
    (void)state;
    for (int i = 0; i < 1000; i++)
        at += sprintf(at, "%sname%d=%d", i ? ", " : "", i * 7 % 1000, i);
    cmr_snapshot *snapshot = snapshot_of("t", text, NULL);
    assert_int_equal(cmr_map_new(snapshot, "t", CMR_TYPE_INT64, NULL, &map), CMR_OK);
    assert_int_equal(cmr_map_count(map), 1000);
    for (int i = 0; i < 1000; i++) {
        char name[16];
        sprintf(name, "name%d", i * 7 % 1000);
        assert_string_equal(cmr_map_name(map, (size_t)i), name);
        assert_int_equal(cmr_map_find(map, name)->as.int64, i);
    }
    cmr_map_free(map);
    cmr_map_free(NULL);
    cmr_snapshot_unref(snapshot);
}

static void arguments_that_make_no_sense_are_refused(void **state)
{
    cmr_snapshot *snapshot = example();
    cmr_map *map = NULL;
    (void)state;
    assert_int_equal(cmr_map_new(NULL, "t", CMR_TYPE_ANY, NULL, &map), CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(cmr_map_new(snapshot, NULL, CMR_TYPE_ANY, NULL, &map), CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(cmr_map_new(snapshot, "t", CMR_TYPE_ANY, NULL, NULL), CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(cmr_map_new(snapshot, "t", CMR_TYPE_MAP, NULL, &map), CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(cmr_map_new(snapshot, "t", CMR_TYPE_ENUM, NULL, &map), CMR_ERR_INVALID_ARGUMENT);
    assert_int_equal(cmr_map_new(snapshot, "absent", CMR_TYPE_ANY, NULL, &map), CMR_ERR_NOT_FOUND);
    assert_null(map);
    cmr_snapshot_unref(snapshot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(maps_come_from_every_format),
        cmocka_unit_test(a_properties_file_is_a_map_of_whole_keys),
        cmocka_unit_test(what_is_no_map_of_the_type_fails),
        cmocka_unit_test(a_name_is_found_among_many),
        cmocka_unit_test(arguments_that_make_no_sense_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
