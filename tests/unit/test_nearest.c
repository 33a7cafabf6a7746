/* SPDX-License-Identifier: MIT
 *
 * Absent keys and what was probably meant by them: asked by key, by pattern and by text alike. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/nearest.h"
#include "support/snapshot_of.h"

static const char *nearest(const cmr_snapshot *snapshot, const char *text)
{
    static char found[512];
    struct cmr__buffer by_text = CMR__BUFFER_INIT, by_pattern = CMR__BUFFER_INIT;
    struct cmr__patterns patterns;
    cmr__buffer_append_char(&by_text, '>'); /* it is appended to */
    assert_int_equal(cmr__patterns_new(text, NULL, &patterns), CMR_OK);
    bool is = cmr__snapshot_nearest_to_text(snapshot, text, &by_text);
    assert_int_equal(cmr__snapshot_nearest_to_pattern(snapshot, &patterns.items[0], &by_pattern), is);
    assert_int_equal(by_text.size, by_pattern.size + 1);
    assert_int_equal(by_pattern.size > 0, is);
    if (is)
        assert_memory_equal(by_text.data + 1, by_pattern.data, by_pattern.size);
    snprintf(found, sizeof found, "%.*s", is ? (int)by_pattern.size : 4, is ? by_pattern.data : "none");
    cmr__patterns_reset(&patterns);
    cmr__buffer_reset(&by_text);
    cmr__buffer_reset(&by_pattern);
    return found;
}

static void misspelt_keys_have_a_neighbour(void **state)
{
    static const struct {
        const char *absent, *wanted;
    } cases[] = {
        { "app.yaml#sevrer.port", "app.yaml#server.port" },
        { "app.yaml#server.prot", "app.yaml#server.port" },
        { "app.yaml#Server.Port", "app.yaml#server.port" },
        { "app.yaml#server.hosts[2]", "app.yaml#server.hosts[0]" },
        { "app.yaml#server.host", "app.yaml#server.hosts" },
        { "app.yaml#sevrer", "app.yaml#server" }, /* a list or map may be meant */
        { "app.yaml#annotation[\"a.b/c\"]", "app.yaml#annotations[\"a.b/c\"]" },
        { "app.yml#server.port", "app.yaml#server.port" },
        { "app.yml#server.prot", "app.yaml#server.port" },
        { "app.yml", "app.yaml" },
        { "log_levle", "log_level" },
        { "p.properties#enemies.chaet", "p.properties#enemies.cheat" },
        { "p.properties#enemy.cheat", "p.properties#enemies.cheat" },
        { "config:app.yaml#server.prt", "config:app.yaml#server.port" },
        { "app.yaml#a_quite_long_name_of_a_section.and_a_long_one_of_a_setting_in_ti.x",
          "app.yaml#a_quite_long_name_of_a_section.and_a_long_one_of_a_setting_in_it.x" },
        { "app.yaml#client", "none" },
        { "app.yaml#x", "none" },
        { "app.yml#client", "none" },
        { "other", "none" },
        { "other#server.port", "none" },
        { "log_level#x", "none" },
        { "confg:app.yaml#server.prt", "none" },
    };
    cmr_snapshot *snapshot =
        snapshot_of("app.yaml",
                    "server:\n  port: 1\n  hosts: [a, b]\nannotations: {a.b/c: 1}\n"
                    "a_quite_long_name_of_a_section: {and_a_long_one_of_a_setting_in_it: {x: 1}}\n",
                    "log_level", "info", "p.properties", "enemies.cheat=true\nlives=3\n", NULL);
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(nearest(snapshot, cases[i].absent), cases[i].wanted);
    cmr_snapshot_unref(snapshot);
}

static void patterns_and_malformed_keys_have_none(void **state)
{
    cmr_snapshot *snapshot = snapshot_of("app.yaml", "server: 1\n", NULL);
    static const char *const texts[] = { "app.yaml#serve*", "app.yaml#**", "*.yml", "*:app.yml",
                                         "app.yaml#serve[*]" };
    struct cmr__buffer key = CMR__BUFFER_INIT;
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct cmr__patterns patterns;
        assert_int_equal(cmr__patterns_new(texts[i], NULL, &patterns), CMR_OK);
        assert_false(cmr__snapshot_nearest_to_pattern(snapshot, &patterns.items[0], &key));
        assert_false(cmr__snapshot_nearest_to_text(snapshot, texts[i], &key));
        cmr__patterns_reset(&patterns);
    }
    assert_false(cmr__snapshot_nearest_to_text(snapshot, "app.yaml#", &key));
    assert_int_equal(key.size, 0);
    cmr__buffer_reset(&key);
    cmr_snapshot_unref(snapshot);
}

/* A file of which only the beginning is looked at. */
static void the_work_is_bounded(void **state)
{
    enum {
        LINES = 6000
    };
    char *text = malloc(LINES * 32), *at = text;
    (void)state;
    assert_non_null(text);
    at += sprintf(at, "early_one=1\n");
    for (int i = 0; i < LINES; i++)
        at += sprintf(at, "%d=1\n", i);
    sprintf(at, "later_one=1\n");
    cmr_snapshot *snapshot = snapshot_of("p.properties", text, NULL);
    assert_string_equal(nearest(snapshot, "p.properties#early_oen"), "p.properties#early_one");
    assert_string_equal(nearest(snapshot, "p.properties#later_oen"), "none");
    cmr_snapshot_unref(snapshot);
    free(text);
}

static void an_empty_snapshot_has_none(void **state)
{
    struct cmr__buffer key = CMR__BUFFER_INIT;
    cmr_snapshot *snapshot = cmr__snapshot_new(0, NULL, 0);
    (void)state;
    assert_false(cmr__snapshot_nearest_to_text(snapshot, "a#b", &key));
    cmr_snapshot_unref(snapshot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(misspelt_keys_have_a_neighbour),
        cmocka_unit_test(patterns_and_malformed_keys_have_none),
        cmocka_unit_test(the_work_is_bounded),
        cmocka_unit_test(an_empty_snapshot_has_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
