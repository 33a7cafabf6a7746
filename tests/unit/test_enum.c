/* SPDX-License-Identifier: MIT
 *
 * Enums whose values have several names: they read alike, change alike, and are called by the first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/convert.h"
#include "support/snapshot_of.h"

static const cmr_enum_item policies[] = { { "round_robin", 1 }, { "rr", 1 },       { "random", 2 },
                                          { "roundrobin", 1 },  { "shuffled", 2 }, { NULL, 0 } };

static void every_name_reads_as_its_value(void **state)
{
    cmr_value value;

    (void)state;
    for (const cmr_enum_item *item = policies; item->name; item++) {
        assert_int_equal(cmr_value_parse(item->name, CMR_TYPE_ENUM, policies, &value), CMR_OK);
        assert_int_equal(value.as.enumeration, item->value);
        assert_string_equal(value.text, item->name);
    }
}

static size_t changes(const char *before, const char *after)
{
    cmr_snapshot *one = snapshot_of("policy", before, NULL), *two = snapshot_of("policy", after, NULL);
    cmr_update *update;
    size_t count;

    assert_int_equal(cmr_snapshot_diff(one, two, "policy", CMR_TYPE_ENUM, policies, &update), CMR_OK);
    count = cmr_update_count(update);
    cmr_update_free(update);
    cmr_snapshot_unref(one);
    cmr_snapshot_unref(two);
    return count;
}

static void another_name_of_the_value_is_no_change(void **state)
{
    (void)state;
    assert_int_equal(changes("round_robin", "rr"), 0);
    assert_int_equal(changes("rr", "roundrobin"), 0);
    assert_int_equal(changes("shuffled", "random"), 0);
    assert_int_equal(changes("rr", "random"), 1);
}

static void assert_explained(const char *text, const char *wanted)
{
    struct cmr__scalar scalar = { CMR__SCALAR_UNTYPED, text, strlen(text) };
    char message[256];

    cmr__convert_explain(&scalar, CMR_TYPE_ENUM, policies, message, sizeof(message));
    assert_string_equal(message, wanted);
}

static void messages_call_a_value_by_its_first_name(void **state)
{
    (void)state;
    assert_explained("none", "wanted enum, found the string \"none\"; it is one of round_robin, random");
    assert_explained("round_robbin", "wanted enum, found the string \"round_robbin\"; did you mean "
                                     "\"round_robin\"? It is one of round_robin, random");
    assert_explained("shufled", "wanted enum, found the string \"shufled\"; did you mean "
                                "\"random\"? It is one of round_robin, random");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_name_reads_as_its_value),
        cmocka_unit_test(another_name_of_the_value_is_no_change),
        cmocka_unit_test(messages_call_a_value_by_its_first_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
