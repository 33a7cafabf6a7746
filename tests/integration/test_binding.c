/* SPDX-License-Identifier: MIT
 *
 * Bindings: what the variables are, and when; which generations their types, bounds and `required` refuse,
 * and what the diagnostics say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "support/follower.h"

static const cmr_enum_item modes[] = { { "fast", 1 }, { "safe", 2 }, { NULL, 0 } };

struct variables {
    CMR_ATOMIC(bool) flag;
    CMR_ATOMIC(int) number;
    CMR_ATOMIC(int64_t) wide;
    CMR_ATOMIC(uint64_t) natural;
    CMR_ATOMIC(double) ratio;
    CMR_ATOMIC(int64_t) timeout;
    CMR_ATOMIC(uint64_t) memory;
    CMR_ATOMIC(int) mode;
    CMR_ATOMIC(int) level;
};

struct fixture {
    struct follower *follower;
    cmr_reloader *reloader;
    struct variables variables;
    char messages[4096]; /* of the diagnostics and the log */
    cmr_binding *binding;
    unsigned destroyed;
    int seen[2]; /* variables.number in prepare and commit */
};

static void keep_messages(void *user, const cmr_event *event)
{
    struct fixture *fixture = user;
    for (size_t i = 0; i < cmr_report_count(event->report); i++) {
        const cmr_diagnostic *one = cmr_report_get(event->report, i);
        size_t length = strlen(fixture->messages);
        snprintf(fixture->messages + length, sizeof fixture->messages - length, "%d %s:%u:%u [%s] %s\n",
                 one->status, one->file, one->line, one->column, one->key, one->message);
    }
}

static void keep_warnings(void *user, cmr_log_level level, const char *message)
{
    struct fixture *fixture = user;
    size_t length = strlen(fixture->messages);
    if (level == CMR_LOG_WARN)
        snprintf(fixture->messages + length, sizeof fixture->messages - length, "%s\n", message);
}

static int set_up(void **state)
{
    cmr_options options = CMR_OPTIONS_INIT;
    if (follower_fixture_set_up(state, sizeof(struct fixture)) != 0)
        return -1;
    struct fixture *fixture = *state;
    options.mount = &fixture->follower->mount;
    options.log = keep_warnings;
    options.log_user = fixture;
    if (cmr_open(fixture->follower->kubelet.dir, &options, &fixture->reloader) != CMR_OK ||
        cmr_observe(fixture->reloader, journal_event, &fixture->follower->journal, NULL, NULL) != CMR_OK ||
        cmr_observe(fixture->reloader, keep_messages, fixture, NULL, NULL) != CMR_OK)
        return -1;
    fixture->follower->reloader = fixture->reloader;
    return 0;
}

static void change(struct fixture *fixture, const char *text, const char *expected)
{
    fake_kubelet_write(&fixture->follower->kubelet, "app.yaml", text);
    fixture->messages[0] = '\0';
    follower_hears(fixture->follower, expected);
}

static cmr_binding_options bounds(const char *minimum, const char *maximum)
{
    cmr_binding_options options = CMR_BINDING_OPTIONS_INIT;
    options.minimum = minimum;
    options.maximum = maximum;
    return options;
}

static cmr_status bind_number(struct fixture *fixture, const char *key, const cmr_binding_options *options)
{
    return cmr_bind_int(fixture->reloader, key, &fixture->variables.number, 7, options, &fixture->binding);
}

/* ---- values */

static void bind_all(struct fixture *fixture)
{
    struct variables *to = &fixture->variables;
    cmr_reloader *from = fixture->reloader;
    assert_int_equal(CMR_OK, cmr_bind_bool(from, "app.yaml#flag", &to->flag, true, NULL, NULL));
    assert_int_equal(CMR_OK, cmr_bind_int(from, "app.yaml#number", &to->number, -7, NULL, NULL));
    assert_int_equal(CMR_OK, cmr_bind_int64(from, "app.yaml#wide", &to->wide, INT64_MIN, NULL, NULL));
    assert_int_equal(CMR_OK, cmr_bind_uint64(from, "app.yaml#natural", &to->natural, UINT64_MAX, NULL, NULL));
    assert_int_equal(CMR_OK, cmr_bind_double(from, "app.yaml#ratio", &to->ratio, 0.5, NULL, NULL));
    assert_int_equal(CMR_OK, cmr_bind_duration(from, "app.yaml#timeout", &to->timeout, 30, NULL, NULL));
    assert_int_equal(CMR_OK, cmr_bind_size(from, "app.yaml#memory", &to->memory, 4096, NULL, NULL));
    assert_int_equal(CMR_OK, cmr_bind_enum(from, "app.yaml#mode", modes, &to->mode, 9, NULL, NULL));
    assert_int_equal(CMR_OK,
                     cmr_bind_log_level(from, "app.yaml#level", &to->level, CMR_LOG_NOTICE, NULL, NULL));
}

static void assert_defaults(const struct variables *have)
{
    assert_true(have->flag && have->number == -7 && have->wide == INT64_MIN && have->natural == UINT64_MAX);
    assert_true(have->ratio == 0.5 && have->timeout == 30 && have->memory == 4096 && have->mode == 9);
    assert_int_equal(CMR_LOG_NOTICE, have->level);
}

static void variables_follow_their_keys(void **state)
{
    struct fixture *fixture = *state;
    const struct variables *have = &fixture->variables;
    bind_all(fixture);
    assert_defaults(have); /* at once */
    change(fixture,
           "flag: false\nnumber: -2147483648\nwide: 9223372036854775807\nnatural: 18446744073709551615\n"
           "ratio: 1e300\ntimeout: 1m\nmemory: 1Ki\nmode: safe\nlevel: debug\n",
           "ready 1\n");
    assert_true(!have->flag && have->number == INT_MIN && have->wide == INT64_MAX &&
                have->natural == UINT64_MAX);
    assert_true(have->ratio == 1e300 && have->timeout == INT64_C(60000000000) && have->memory == 1024);
    assert_true(have->mode == 2 && have->level == CMR_LOG_DEBUG);
    change(fixture, "flag: true\nnumber: 2147483647\nmode: fast\nlevel: 3\n", "applied 2\n");
    assert_true(have->flag && have->number == INT_MAX && have->mode == 1 && have->level == CMR_LOG_ERROR);
    assert_int_equal(INT64_MIN, have->wide); /* absent again */
    change(fixture, "{}", "applied 3\n");
    assert_defaults(have);
}

static void who_binds_later_has_the_value_at_once(void **state)
{
    struct fixture *fixture = *state;
    change(fixture, "number: 3\n", "ready 1\n");
    assert_int_equal(CMR_OK, bind_number(fixture, "app.yaml#number", NULL));
    assert_int_equal(3, fixture->variables.number);
    assert_int_equal(CMR_OK, bind_number(fixture, "app.yaml#absent", NULL));
    assert_int_equal(7, fixture->variables.number);
}

static cmr_status see_prepare(void *user, cmr_snapshot *candidate, cmr_veto *veto)
{
    struct fixture *fixture = user;
    (void)candidate, (void)veto;
    fixture->seen[0] = fixture->variables.number;
    return CMR_OK;
}

static void see_commit(void *user, cmr_snapshot *published)
{
    struct fixture *fixture = user;
    (void)published;
    fixture->seen[1] = fixture->variables.number;
}

static void variables_are_set_by_the_publication(void **state)
{
    struct fixture *fixture = *state;
    cmr_validator_options options = CMR_VALIDATOR_OPTIONS_INIT;
    options.name = "see";
    options.prepare = see_prepare;
    options.commit = see_commit;
    assert_int_equal(CMR_OK, cmr_validate(fixture->reloader, &options, fixture, NULL));
    assert_int_equal(CMR_OK, bind_number(fixture, "app.yaml#number", NULL));
    change(fixture, "number: 3\n", "ready 1\n");
    assert_true(fixture->seen[0] == 7 && fixture->seen[1] == 3);
    change(fixture, "number: 4\n", "applied 2\n");
    assert_true(fixture->seen[0] == 3 && fixture->seen[1] == 4);
}

static void keys_may_be_of_any_mount(void **state)
{
    struct fixture *fixture = *state;
    cmr_mount_options other = CMR_MOUNT_OPTIONS_INIT;
    other.name = "other";
    assert_int_equal(CMR_OK, cmr_reloader_add_mount(fixture->reloader, fixture->follower->other.dir, &other));
    assert_int_equal(CMR_OK, bind_number(fixture, "other:[\"a b\"]", NULL));
    fake_kubelet_write(&fixture->follower->other, "a b", "12\n");
    change(fixture, "number: 3\n", "ready 1\n");
    assert_int_equal(12, fixture->variables.number);
    fake_kubelet_write(&fixture->follower->other, "a b", "13\n");
    follower_hears(fixture->follower, "applied 2\n");
    assert_int_equal(13, fixture->variables.number);
    fake_kubelet_remove(&fixture->follower->other, "a b");
    fake_kubelet_set(&fixture->follower->other, "b", "");
    fake_kubelet_swap(&fixture->follower->other);
    follower_hears(fixture->follower, "applied 3\n");
    assert_int_equal(7, fixture->variables.number);
}

/* ---- what is refused */

static void a_value_out_of_bounds_rejects_the_generation(void **state)
{
    static const struct {
        const char *minimum, *maximum, *text, *message;
    } cases[] = {
        { "1", NULL, "0", "-6 app.yaml:2:1 [app.yaml#number] 0 is less than 1\n" },
        { NULL, "0x10", "17", "-6 app.yaml:2:1 [app.yaml#number] 17 is more than 0x10\n" },
        { "1", "16", "many", "-5 app.yaml:2:1 [app.yaml#number] wanted int64, found the string \"many\"\n" },
        { NULL, NULL, "2147483648",
          "-6 app.yaml:2:1 [app.yaml#number] 2147483648 is more than 2147483647\n" },
        { NULL, NULL, "-2147483649",
          "-6 app.yaml:2:1 [app.yaml#number] -2147483649 is less than -2147483648\n" },
    };
    struct fixture *fixture = *state;
    change(fixture, "number: 3\n", "ready 1\n");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cmr_binding_options options = bounds(cases[i].minimum, cases[i].maximum);
        char text[64];
        assert_int_equal(CMR_OK, bind_number(fixture, "app.yaml#number", &options));
        snprintf(text, sizeof text, "# c\nnumber: %s\n", cases[i].text);
        change(fixture, text, "rejected 1 app.yaml:2:1 [app.yaml#number]\n");
        assert_string_equal(cases[i].message, fixture->messages);
        assert_int_equal(3, fixture->variables.number);
        cmr_unbind(fixture->binding);
    }
}

static void bounds_of_each_type_hold(void **state)
{
    struct fixture *fixture = *state;
    struct variables *to = &fixture->variables;
    cmr_reloader *from = fixture->reloader;
    const cmr_binding_options natural = bounds("1", "18446744073709551614"), ratio = bounds("0", "1"),
                              timeout = bounds("1s", "1h"), memory = bounds("1Ki", "1Mi"),
                              level = bounds("err", "info"), wide = bounds("-5", "5");
    assert_int_equal(CMR_OK, cmr_bind_uint64(from, "app.yaml#n", &to->natural, 0, &natural, NULL));
    assert_int_equal(CMR_OK, cmr_bind_double(from, "app.yaml#r", &to->ratio, 0, &ratio, NULL));
    assert_int_equal(CMR_OK, cmr_bind_duration(from, "app.yaml#t", &to->timeout, 0, &timeout, NULL));
    assert_int_equal(CMR_OK, cmr_bind_size(from, "app.yaml#m", &to->memory, 0, &memory, NULL));
    assert_int_equal(CMR_OK, cmr_bind_log_level(from, "app.yaml#l", &to->level, 0, &level, NULL));
    assert_int_equal(CMR_OK, cmr_bind_int64(from, "app.yaml#w", &to->wide, 0, &wide, NULL));
    change(fixture, "n: 0\nr: .nan\nt: 999ms\nm: 1023\nl: crit\nw: -6\n",
           "rejected 0 app.yaml:1:1 [app.yaml#n]\nrejected 0 app.yaml:2:1 [app.yaml#r]\n"
           "rejected 0 app.yaml:3:1 [app.yaml#t]\nrejected 0 app.yaml:4:1 [app.yaml#m]\n"
           "rejected 0 app.yaml:5:1 [app.yaml#l]\nrejected 0 app.yaml:6:1 [app.yaml#w]\n");
    assert_non_null(strstr(fixture->messages, "wanted a number that has bounds, found .nan\n"));
    change(fixture, "n: 18446744073709551615\nr: 1.001\nt: 61m\nm: 2Mi\nl: debug\nw: 6\n",
           "rejected 0 app.yaml:1:1 [app.yaml#n]\nrejected 0 app.yaml:2:1 [app.yaml#r]\n"
           "rejected 0 app.yaml:3:1 [app.yaml#t]\nrejected 0 app.yaml:4:1 [app.yaml#m]\n"
           "rejected 0 app.yaml:5:1 [app.yaml#l]\nrejected 0 app.yaml:6:1 [app.yaml#w]\n");
    change(fixture, "n: 1\nr: 1\nt: 1h\nm: 1Mi\nl: error\nw: -5\n", "ready 1\n");
    assert_true(to->natural == 1 && to->ratio == 1 && to->memory == 1048576 && to->wide == -5);
}

static void an_absent_key_may_be_required(void **state)
{
    struct fixture *fixture = *state;
    cmr_binding_options options = CMR_BINDING_OPTIONS_INIT;
    options.required = true;
    options.lenient = true;
    assert_int_equal(CMR_OK, bind_number(fixture, "app.yaml#number", &options));
    assert_int_equal(7, fixture->variables.number);
    change(fixture, "numer: 3\n", "rejected 0 app.yaml:0:0 [app.yaml#number]\n");
    assert_non_null(strstr(fixture->messages, "-4 app.yaml:0:0 [app.yaml#number] is "
                                              "required, and missing; did you mean app.yaml#numer?\n"));
    change(fixture, "number: 3\n", "ready 1\n");
    assert_int_equal(3, fixture->variables.number);
    change(fixture, "x: 3\n", "rejected 1 app.yaml:0:0 [app.yaml#number]\n");
    assert_int_equal(3, fixture->variables.number);
    assert_int_equal(CMR_ERR_NOT_FOUND, bind_number(fixture, "app.yaml#absent", &options));
}

static void a_lenient_one_keeps_its_last_value(void **state)
{
    struct fixture *fixture = *state;
    cmr_binding_options options = bounds("1", "9");
    options.lenient = true;
    assert_int_equal(CMR_OK, bind_number(fixture, "app.yaml#number", &options));
    change(fixture, "number: 3\n", "ready 1\n");
    change(fixture, "number: 10\n", "applied 2\n");
    assert_string_equal("app.yaml:1:1: 10 is more than 9; the variable bound to app.yaml#number "
                        "keeps its last value\n",
                        fixture->messages);
    assert_int_equal(3, fixture->variables.number);
    change(fixture, "number: x\n", "applied 3\n");
    assert_int_equal(3, fixture->variables.number);
    change(fixture, "number: 4\n", "applied 4\n");
    assert_int_equal(4, fixture->variables.number);
    change(fixture, "x: 1\n", "applied 5\n");
    assert_int_equal(7, fixture->variables.number);

    change(fixture, "number: x\n", "applied 6\n");
    assert_int_equal(CMR_OK, bind_number(fixture, "app.yaml#number", &options)); /* its first */
    assert_int_equal(7, fixture->variables.number);
}

static void one_refusal_is_told_once(void **state)
{
    struct fixture *fixture = *state;
    cmr_subscription_options options = CMR_SUBSCRIPTION_OPTIONS_INIT;
    const cmr_binding_options narrow = bounds("1", "9");
    options.type = CMR_TYPE_INT64;
    assert_int_equal(CMR_OK, cmr_subscribe(fixture->reloader, "app.yaml#number", journal_update,
                                           &fixture->follower->journal, &options, NULL));
    assert_int_equal(CMR_OK, bind_number(fixture, "app.yaml#number", NULL));
    assert_int_equal(CMR_OK, bind_number(fixture, "app.yaml#[\"number\"]", &narrow));
    assert_int_equal(CMR_OK, bind_number(fixture, "config:app.yaml#number", &narrow));
    change(fixture, "number: x\n", "rejected 0 app.yaml:1:1 [app.yaml#number]\n");
    change(fixture, "number: 10\n", "rejected 0 app.yaml:1:1 [app.yaml#number]\n");
}

static void what_is_loaded_must_fit(void **state)
{
    struct fixture *fixture = *state;
    const cmr_binding_options narrow = bounds("1", "2");
    change(fixture, "number: 3\nword: x\n", "ready 1\n");
    fixture->variables.number = 99;
    assert_int_equal(CMR_ERR_RANGE, bind_number(fixture, "app.yaml#number", &narrow));
    assert_int_equal(CMR_ERR_TYPE, bind_number(fixture, "app.yaml#word", NULL));
    assert_int_equal(99, fixture->variables.number);
    assert_null(fixture->binding);
    change(fixture, "number: 9\nword: y\n", "applied 2\n"); /* neither is there */
}

/* ---- beginning and ending */

static void count_destroy(void *user)
{
    ((struct fixture *)user)->destroyed++;
}

static void an_ended_binding_writes_no_more(void **state)
{
    struct fixture *fixture = *state;
    cmr_binding_options options = CMR_BINDING_OPTIONS_INIT;
    options.destroy = count_destroy;
    options.user = fixture;
    assert_int_equal(CMR_OK, bind_number(fixture, "app.yaml#number", &options));
    change(fixture, "number: 3\n", "ready 1\n");
    cmr_unbind(fixture->binding);
    cmr_unbind(NULL);
    assert_int_equal(1, fixture->destroyed);
    change(fixture, "number: x\n", "applied 2\n");
    assert_int_equal(3, fixture->variables.number);
    change(fixture, "number: 4\n", "applied 3\n");
    assert_int_equal(CMR_OK, bind_number(fixture, "app.yaml#number", &options));
    follower_end(fixture->follower);
    assert_int_equal(2, fixture->destroyed);
}

static cmr_status end_in_prepare(void *user, cmr_snapshot *candidate, cmr_veto *veto)
{
    struct fixture *fixture = user;
    (void)candidate, (void)veto;
    cmr_unbind(fixture->binding);
    fixture->binding = NULL;
    fixture->variables.number = 0;
    return CMR_OK;
}

static cmr_status bind_in_prepare(void *user, cmr_snapshot *candidate, cmr_veto *veto)
{
    struct fixture *fixture = user;
    (void)candidate, (void)veto;
    if (!fixture->binding)
        assert_int_equal(CMR_OK, bind_number(fixture, "app.yaml#number", NULL));
    fixture->seen[0] = fixture->variables.number;
    return CMR_OK;
}

static void validate(struct fixture *fixture,
                     cmr_status (*prepare)(void *user, cmr_snapshot *candidate, cmr_veto *veto))
{
    cmr_validator_options options = CMR_VALIDATOR_OPTIONS_INIT;
    options.name = "v";
    options.prepare = prepare;
    assert_int_equal(CMR_OK, cmr_validate(fixture->reloader, &options, fixture, NULL));
}

static void one_may_end_while_a_candidate_is_looked_at(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(CMR_OK, bind_number(fixture, "app.yaml#number", NULL));
    validate(fixture, end_in_prepare);
    change(fixture, "number: 3\n", "ready 1\n");
    assert_int_equal(0, fixture->variables.number);
}

static void one_may_begin_while_a_candidate_is_looked_at(void **state)
{
    struct fixture *fixture = *state;
    change(fixture, "number: 2\n", "ready 1\n");
    validate(fixture, bind_in_prepare);
    change(fixture, "number: x\n", "rejected 1 app.yaml:1:1 [app.yaml#number]\n");
    assert_true(fixture->seen[0] == 2 && fixture->variables.number == 2);
    cmr_unbind(fixture->binding);
    fixture->binding = NULL;
    change(fixture, "number: 3\n", "applied 2\n");
    assert_true(fixture->seen[0] == 2 && fixture->variables.number == 3);
}

static void an_absent_key_gets_a_hint(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(CMR_OK, bind_number(fixture, "app.yaml#number", NULL));
    change(fixture, "numbr: 3\n", "ready 1\n");
    assert_string_equal(
        "nothing matches app.yaml#number, which is bound to a variable; did you mean app.yaml#numbr?\n",
        fixture->messages);
    fixture->messages[0] = '\0';
    assert_int_equal(CMR_OK, bind_number(fixture, "app.yml#numbr", NULL));
    assert_string_equal(
        "nothing matches app.yml#numbr, which is bound to a variable; did you mean app.yaml#numbr?\n",
        fixture->messages);
}

static void arguments_are_checked(void **state)
{
    struct fixture *fixture = *state;
    static const char *const keys[] = { NULL, "", "a#*", "a#", "a b" };
    const cmr_binding_options wrong[] = { bounds("x", NULL), bounds(NULL, "1s"),
                                          bounds("2", "1"),  bounds("-2147483649", NULL),
                                          bounds("", NULL),  bounds(NULL, "2147483648"),
                                          { .size = 3 } };
    const cmr_binding_options low = bounds("0", NULL), fast = bounds("fast", NULL);
    const cmr_binding_options nans[] = { bounds(".nan", NULL), bounds(NULL, ".NaN") };
    fixture->variables.number = 99;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        assert_int_equal(CMR_ERR_INVALID_ARGUMENT, bind_number(fixture, keys[i], NULL));
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(CMR_ERR_INVALID_ARGUMENT, bind_number(fixture, "a", &wrong[i]));
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT,
                     cmr_bind_int(NULL, "a", &fixture->variables.number, 0, NULL, NULL));
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, cmr_bind_int(fixture->reloader, "a", NULL, 0, NULL, NULL));
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT,
                     cmr_bind_bool(fixture->reloader, "a", &fixture->variables.flag, 0, &low, NULL));
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT,
                     cmr_bind_enum(fixture->reloader, "a", modes, &fixture->variables.mode, 0, &fast, NULL));
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT,
                     cmr_bind_enum(fixture->reloader, "a", NULL, &fixture->variables.mode, 0, NULL, NULL));
    for (size_t i = 0; i < sizeof nans / sizeof nans[0]; i++) /* which excludes everything */
        assert_int_equal(
            CMR_ERR_INVALID_ARGUMENT,
            cmr_bind_double(fixture->reloader, "a", &fixture->variables.ratio, 0, &nans[i], NULL));
    assert_int_equal(99, fixture->variables.number);
    assert_null(fixture->binding);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, follower_fixture_tear_down)
        TEST(variables_follow_their_keys),
        TEST(who_binds_later_has_the_value_at_once),
        TEST(variables_are_set_by_the_publication),
        TEST(keys_may_be_of_any_mount),
        TEST(a_value_out_of_bounds_rejects_the_generation),
        TEST(bounds_of_each_type_hold),
        TEST(an_absent_key_may_be_required),
        TEST(a_lenient_one_keeps_its_last_value),
        TEST(one_refusal_is_told_once),
        TEST(what_is_loaded_must_fit),
        TEST(an_ended_binding_writes_no_more),
        TEST(one_may_end_while_a_candidate_is_looked_at),
        TEST(one_may_begin_while_a_candidate_is_looked_at),
        TEST(an_absent_key_gets_a_hint),
        TEST(arguments_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
