/* SPDX-License-Identifier: MIT
 *
 * Subscriptions to whole lists and maps: what a change of one is, what rejects a generation and where, and
 * that the callback reads the items. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/fake_kubelet.h"
#include "support/journal.h"

struct fixture {
    struct fake_kubelet kubelet;
    struct journal journal;
    cmr_reloader *reloader;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    if (!fixture)
        return -1;
    fake_kubelet_open(&fixture->kubelet);
    *state = fixture;
    if (cmr_open(fixture->kubelet.dir, NULL, &fixture->reloader) != CMR_OK)
        return -1;
    return cmr_observe(fixture->reloader, journal_event, &fixture->journal, NULL, NULL) == CMR_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    cmr_reloader_free(fixture->reloader);
    fake_kubelet_close(&fixture->kubelet);
    free(fixture);
    return 0;
}

static cmr_status subscribe_as(struct fixture *fixture, const char *patterns, cmr_type type, cmr_type item)
{
    cmr_subscription_options options = CMR_SUBSCRIPTION_OPTIONS_INIT;
    options.type = type;
    options.item = item;
    return cmr_subscribe(fixture->reloader, patterns, journal_update, &fixture->journal, &options, NULL);
}

static void load(struct fixture *fixture, const char *name, const char *text)
{
    fake_kubelet_write(&fixture->kubelet, name, text);
    assert_int_equal(CMR_OK, cmr_reloader_load(fixture->reloader, 0));
    journal_take(&fixture->journal);
}

/* Writes the file, dispatches, and says what was told, without "applied N". */
static const char *change(struct fixture *fixture, const char *name, const char *text)
{
    fake_kubelet_write(&fixture->kubelet, name, text);
    assert_int_equal(CMR_OK, cmr_reloader_dispatch(fixture->reloader));
    const char *told = journal_take(&fixture->journal);
    return strncmp(told, "applied", 7) == 0 ? strchr(told, '\n') + 1 : told;
}

static void a_list_is_compared_as_a_whole(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(CMR_OK, subscribe_as(fixture, "a.yaml#l", CMR_TYPE_LIST, CMR_TYPE_DURATION));
    load(fixture, "a.yaml", "l: [10s, 1m]\nx: 1\n");
    assert_string_equal("a.yaml#l=list of 2>list of 3\n",
                        change(fixture, "a.yaml", "l: [10s, 1m, 1h]\nx: 1\n"));
    assert_string_equal("a.yaml#l=list of 3>list of 3\n",
                        change(fixture, "a.yaml", "l: [1m, 10s, 1h]\nx: 1\n"));
    assert_string_equal("",
                        change(fixture, "a.yaml", "l: [60s, 10000ms, 1h]\nx: 1\n")); /* the same durations */
    assert_string_equal("", change(fixture, "a.yaml", "x: 2\nl:\n- 1m # one\n- '10s'\n- 1h\n"));
    assert_string_equal("a.yaml#l=list of 3>[]\n", change(fixture, "a.yaml", "l: []\n"));
    assert_string_equal("-a.yaml#l=[]\n", change(fixture, "a.yaml", "x: 1\n"));
    assert_string_equal("+a.yaml#l=list of 1\n", change(fixture, "a.yaml", "l: [1s]\n"));
}

static void a_map_has_no_order(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(CMR_OK, subscribe_as(fixture, "a.yaml#m", CMR_TYPE_MAP, CMR_TYPE_INT64));
    load(fixture, "a.yaml", "m: {a: 1, b: 2}\n");
    assert_string_equal("", change(fixture, "a.yaml", "m: {b: 2, a: 1}\n"));
    assert_string_equal("", change(fixture, "a.yaml", "m: {b: 0x2, a: 0o1}\n"));
    assert_string_equal("a.yaml#m=map of 2>map of 2\n", change(fixture, "a.yaml", "m: {b: 1, a: 2}\n"));
    assert_string_equal("a.yaml#m=map of 2>map of 2\n", change(fixture, "a.yaml", "m: {b: 1, c: 2}\n"));
    assert_string_equal("a.yaml#m=map of 2>map of 1\n", change(fixture, "a.yaml", "m: {b: 1}\n"));
}

static void texts_are_lists_and_maps_too(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(CMR_OK, subscribe_as(fixture, "p.properties#l hosts", CMR_TYPE_LIST, CMR_TYPE_DURATION));
    assert_int_equal(CMR_OK, subscribe_as(fixture, "p.properties#m", CMR_TYPE_MAP, CMR_TYPE_INT64));
    load(fixture, "p.properties", "l=1s, 2s\nm=a=1, b=2\n");
    assert_string_equal("", change(fixture, "p.properties", "l=1000ms,2s\nm=b=2,a=1\n"));
    assert_string_equal("p.properties#l=1000ms,2s>2s, 1s\n",
                        change(fixture, "p.properties", "l=2s, 1s\nm=b=2,a=1\n"));
    assert_string_equal("p.properties#m=b=2,a=1>b=2\n", change(fixture, "p.properties", "l=2s, 1s\nm=b=2\n"));
    assert_string_equal("+hosts=1h,\n2h\n", change(fixture, "hosts", "1h,\n2h\n"));
    assert_string_equal("", change(fixture, "hosts", "1h, 2h"));
    assert_string_equal("rejected 6 hosts:1:1 [hosts]\n", change(fixture, "hosts", "1h, 2"));
}

static void an_item_that_does_not_convert_rejects(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(CMR_OK, subscribe_as(fixture, "a.yaml#l p.properties#l", CMR_TYPE_LIST, CMR_TYPE_INT64));
    assert_int_equal(CMR_OK, subscribe_as(fixture, "a.yaml#m", CMR_TYPE_MAP, CMR_TYPE_INT64));
    load(fixture, "a.yaml", "l: [1]\nm: {a: 1}\n");
    assert_string_equal("rejected 1 a.yaml:3:3 [a.yaml#l[1]]\n",
                        change(fixture, "a.yaml", "l:\n- 1\n- x\n- y\nm: {}\n"));
    assert_string_equal("rejected 1 a.yaml:4:3 [a.yaml#m.b]\n",
                        change(fixture, "a.yaml", "l: []\nm:\n  a: 1\n  b: {}\n"));
    assert_string_equal("rejected 1 a.yaml:1:1 [a.yaml#l]\n", change(fixture, "a.yaml", "l: 1\nm: {}\n"));
    assert_string_equal("rejected 1 a.yaml:1:1 [a.yaml#l]\n",
                        change(fixture, "a.yaml", "l: {a: 1}\nm: {}\n"));
    assert_string_equal("a.yaml#l=list of 1>[]\na.yaml#m=map of 1>{}\n",
                        change(fixture, "a.yaml", "l: []\nm: {}\n"));
    assert_string_equal("rejected 2 p.properties:2:1 [p.properties#l]\n",
                        change(fixture, "p.properties", "k=v\nl=1, x\n"));
    assert_string_equal("rejected 2 p.properties:1:1 [p.properties#l]\n",
                        change(fixture, "p.properties", "l=1,,2\n"));
    assert_string_equal("+p.properties#l=1, 2\n", change(fixture, "p.properties", "l=1, 2\n"));
}

static void keep_messages(void *user, const cmr_event *event)
{
    for (size_t i = 0; event->report && i < cmr_report_count(event->report); i++)
        journal_add(user, cmr_report_get(event->report, i)->message);
}

static void the_message_names_the_item(void **state)
{
    struct fixture *fixture = *state;
    static struct journal messages;
    assert_int_equal(CMR_OK, cmr_observe(fixture->reloader, keep_messages, &messages, NULL, NULL));
    assert_int_equal(CMR_OK, subscribe_as(fixture, "p.properties#l", CMR_TYPE_LIST, CMR_TYPE_INT64));
    load(fixture, "p.properties", "l=1\n");
    change(fixture, "p.properties", "l=1, 80a\n");
    assert_string_equal("item [1]: wanted int64, found the string \"80a\"\n", journal_take(&messages));
}

static void items_of_any_are_compared_in_depth(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(CMR_OK, subscribe_as(fixture, "a.yaml#l", CMR_TYPE_LIST, CMR_TYPE_ANY));
    load(fixture, "a.yaml", "l: [{a: 1, b: [1, 2]}, x]\n");
    assert_string_equal("", change(fixture, "a.yaml", "l: [{b: [1, 2], a: 1}, x]\nk: 1\n"));
    assert_string_equal("a.yaml#l=list of 2>list of 2\n",
                        change(fixture, "a.yaml", "l: [{b: [2, 1], a: 1}, x]\n"));
    assert_string_equal("a.yaml#l=list of 2>list of 2\n",
                        change(fixture, "a.yaml", "l: [{b: [2, 1], c: 1}, x]\n"));
    assert_string_equal("a.yaml#l=list of 2>list of 2\n",
                        change(fixture, "a.yaml", "l: [{b: [2, 1], c: 1, d: 1}, x]\n"));
    assert_string_equal("a.yaml#l=list of 2>list of 2\n",
                        change(fixture, "a.yaml", "l: [{b: [2, 1], c: 1, d: 1}, 'x y']\n"));
}

static void a_whole_file_may_be_a_list_or_map(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(CMR_OK, subscribe_as(fixture, "l.json", CMR_TYPE_LIST, CMR_TYPE_INT64));
    assert_int_equal(CMR_OK, subscribe_as(fixture, "p.properties", CMR_TYPE_MAP, CMR_TYPE_INT64));
    load(fixture, "l.json", "[1, 2]");
    assert_string_equal("l.json=list of 2>list of 1\n", change(fixture, "l.json", "[1]"));
    assert_string_equal("+p.properties=map of 2\n", change(fixture, "p.properties", "a.b=1\nc=2\n"));
    assert_string_equal("", change(fixture, "p.properties", "c=2\n# x\na.b=1\n"));
    assert_string_equal("rejected 4 p.properties:1:1 [p.properties#c]\n",
                        change(fixture, "p.properties", "c=x\n"));
    assert_string_equal("p.properties=map of 2>map of 1\n", change(fixture, "p.properties", "c=2\n"));
    assert_string_equal("rejected 5 l.json:1:1 [l.json]\n", change(fixture, "l.json", "{\"a\": 1}"));
}

struct sum {
    int64_t value;
    size_t count;
};

static void add_up(void *user, const cmr_update *update)
{
    struct sum *sum = user;
    const cmr_change *change = cmr_update_change(update, 0);
    cmr_list *list;
    assert_int_equal(cmr_list_new(cmr_update_after(update), change->key, CMR_TYPE_INT64, NULL, &list),
                     CMR_OK);
    assert_int_equal(change->new_value->type, CMR_TYPE_LIST);
    assert_int_equal(change->new_value->as.count, cmr_list_count(list));
    sum->value = 0;
    sum->count = cmr_list_count(list);
    for (size_t i = 0; i < sum->count; i++)
        sum->value += cmr_list_get(list, i)->as.int64;
    cmr_list_free(list);
}

static void the_callback_reads_the_items(void **state)
{
    struct fixture *fixture = *state;
    cmr_subscription_options options = CMR_SUBSCRIPTION_OPTIONS_INIT;
    struct sum sum = { 0, 0 };
    options.type = CMR_TYPE_LIST;
    options.item = CMR_TYPE_INT64;
    options.initial = true;
    assert_int_equal(CMR_OK, cmr_subscribe(fixture->reloader, "a.yaml#l", add_up, &sum, &options, NULL));
    load(fixture, "a.yaml", "l: [1, 2, 3]\n");
    assert_true(sum.value == 6 && sum.count == 3);
    change(fixture, "a.yaml", "l: [40, 2]\n");
    assert_true(sum.value == 42 && sum.count == 2);
}

static void a_lenient_subscriber_waits_until_all_items_convert(void **state)
{
    struct fixture *fixture = *state;
    cmr_subscription_options options = CMR_SUBSCRIPTION_OPTIONS_INIT;
    options.type = CMR_TYPE_LIST;
    options.item = CMR_TYPE_INT64;
    options.lenient = true;
    assert_int_equal(CMR_OK, cmr_subscribe(fixture->reloader, "a.yaml#l", journal_update, &fixture->journal,
                                           &options, NULL));
    load(fixture, "a.yaml", "l: [1]\n");
    assert_string_equal("", change(fixture, "a.yaml", "l: [1, x]\n"));
    assert_string_equal("a.yaml#l=list of 1>list of 2\n", change(fixture, "a.yaml", "l: [1, 2]\n"));
}

static void what_cannot_be_asked_for_is_refused(void **state)
{
    struct fixture *fixture = *state;
    const cmr_status invalid = CMR_ERR_INVALID_ARGUMENT;
    load(fixture, "a.yaml", "l: [1, x]\n");
    assert_int_equal(invalid, subscribe_as(fixture, "a.yaml#*", CMR_TYPE_LIST, CMR_TYPE_INT64));
    assert_int_equal(invalid, subscribe_as(fixture, "a.yaml#**", CMR_TYPE_LIST, CMR_TYPE_INT64));
    assert_int_equal(invalid, subscribe_as(fixture, "a.yaml#l[*]", CMR_TYPE_LIST, CMR_TYPE_INT64));
    assert_int_equal(invalid, subscribe_as(fixture, "*.yaml#l", CMR_TYPE_LIST, CMR_TYPE_INT64));
    assert_int_equal(invalid, subscribe_as(fixture, "*:a.yaml#l", CMR_TYPE_LIST, CMR_TYPE_INT64));
    assert_int_equal(invalid, subscribe_as(fixture, "a.yaml#l *.txt", CMR_TYPE_MAP, CMR_TYPE_INT64));
    assert_int_equal(invalid, subscribe_as(fixture, "a.yaml#l", CMR_TYPE_LIST, CMR_TYPE_MAP));
    assert_int_equal(invalid, subscribe_as(fixture, "a.yaml#l", CMR_TYPE_LIST, CMR_TYPE_NULL));
    assert_int_equal(invalid, subscribe_as(fixture, "a.yaml#l", CMR_TYPE_LIST, CMR_TYPE_ENUM));
    assert_int_equal(invalid, subscribe_as(fixture, "a.yaml#l", CMR_TYPE_STRING, CMR_TYPE_STRING));
    assert_int_equal(CMR_ERR_TYPE, subscribe_as(fixture, "a.yaml#l", CMR_TYPE_LIST, CMR_TYPE_INT64));
    assert_int_equal(CMR_OK, subscribe_as(fixture, "a.yaml#l", CMR_TYPE_LIST, CMR_TYPE_STRING));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_list_is_compared_as_a_whole, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_map_has_no_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(texts_are_lists_and_maps_too, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_item_that_does_not_convert_rejects, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_message_names_the_item, set_up, tear_down),
        cmocka_unit_test_setup_teardown(items_of_any_are_compared_in_depth, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_whole_file_may_be_a_list_or_map, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_callback_reads_the_items, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_lenient_subscriber_waits_until_all_items_convert, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_cannot_be_asked_for_is_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
