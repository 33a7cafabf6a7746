/* SPDX-License-Identifier: MIT
 *
 * Readers: what they see and when, what their keys remember, and what they keep alive. Many threads at once
 * are in test_reader_race.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "model/snapshot.h"
#include "support/follower.h"

static const cmr_enum_item modes[] = { { "fast", 1 }, { "safe", 2 }, { NULL, 0 } };

struct fixture {
    struct follower *follower;
    cmr_reader *reader;
};

static int set_up(void **state)
{
    if (follower_fixture_set_up(state, sizeof(struct fixture)) != 0)
        return -1;
    struct fixture *fixture = *state;
    fake_kubelet_write(&fixture->follower->kubelet, "app.yaml",
                       "port: 80\nhost: one\non: true\nratio: 0.5\nmode: fast\n");
    follower_open(fixture->follower, fixture->follower->kubelet.dir);
    assert_int_equal(CMR_OK, cmr_reader_new(fixture->follower->reloader, &fixture->reader));
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    cmr_reader_free(fixture->reader);
    return follower_fixture_tear_down(state);
}

static void load(struct fixture *fixture)
{
    assert_int_equal(CMR_OK, cmr_reloader_load(fixture->follower->reloader, 0));
}

static void change(struct fixture *fixture, const char *text)
{
    fake_kubelet_write(&fixture->follower->kubelet, "app.yaml", text);
    follower_dispatch(fixture->follower);
}

static cmr_reader_key *key_of(struct fixture *fixture, const char *key, cmr_type type)
{
    cmr_reader_key *made;
    assert_int_equal(
        CMR_OK, cmr_reader_key_new(fixture->reader, key, type, type == CMR_TYPE_ENUM ? modes : NULL, &made));
    return made;
}

static void a_reader_moves_on_when_asked(void **state)
{
    struct fixture *fixture = *state;
    cmr_snapshot *before = cmr_reader_snapshot(fixture->reader);
    assert_int_equal(0, cmr_snapshot_generation(before));
    load(fixture);
    cmr_snapshot *first = cmr_reader_snapshot(fixture->reader);
    assert_int_equal(1, cmr_snapshot_generation(first));
    assert_ptr_equal(first, cmr_reader_snapshot(fixture->reader));
    change(fixture, "port: 81\n");
    assert_int_equal(80, cmr_get_int64_or(first, "app.yaml#port", 0)); /* borrowed until it asks again */
    assert_int_equal(81, cmr_get_int64_or(cmr_reader_snapshot(fixture->reader), "app.yaml#port", 0));
}

static void a_reader_keeps_one_snapshot_alive(void **state)
{
    struct fixture *fixture = *state;
    load(fixture);
    cmr_snapshot *first = cmr_snapshot_ref(cmr_reader_snapshot(fixture->reader));
    assert_int_equal(3, first->refs); /* the reloader's, the reader's, ours */
    change(fixture, "port: 81\n");
    assert_int_equal(2, first->refs);
    cmr_reader_release(fixture->reader);
    assert_int_equal(1, first->refs);
    cmr_reader_release(fixture->reader);
    cmr_snapshot *second = cmr_reader_snapshot(fixture->reader);
    assert_int_equal(2, second->refs);
    assert_int_equal(2, cmr_snapshot_generation(second));
    cmr_reader_free(fixture->reader);
    fixture->reader = NULL;
    assert_int_equal(1, second->refs);
    cmr_snapshot_unref(first);
}

static void keys_read_what_the_reader_sees(void **state)
{
    struct fixture *fixture = *state;
    load(fixture);
    cmr_reader_key *port = key_of(fixture, "app.yaml#port", CMR_TYPE_INT64);
    cmr_reader_key *host = key_of(fixture, "config:app.yaml#host", CMR_TYPE_STRING);
    cmr_reader_key *on = key_of(fixture, "app.yaml#on", CMR_TYPE_BOOL);
    cmr_reader_key *ratio = key_of(fixture, "app.yaml#ratio", CMR_TYPE_DOUBLE);
    cmr_reader_key *mode = key_of(fixture, "app.yaml#mode", CMR_TYPE_ENUM);
    cmr_reader_key *file = key_of(fixture, "app.yaml", CMR_TYPE_STRING);
    int64_t number = 0;
    double fraction = 0;
    bool flag = false;
    const char *text = NULL;
    const cmr_value *value = NULL;
    for (int round = 0; round < 2; round++) {
        assert_int_equal(CMR_OK, cmr_reader_get_int64(port, &number));
        assert_int_equal(CMR_OK, cmr_reader_get_string(host, &text));
        assert_int_equal(CMR_OK, cmr_reader_get_bool(on, &flag));
        assert_int_equal(CMR_OK, cmr_reader_get_double(ratio, &fraction));
        assert_int_equal(CMR_OK, cmr_reader_get(mode, &value));
        assert_int_equal(80, number);
        assert_string_equal("one", text);
        assert_true(flag && fraction == 0.5);
        assert_int_equal(1, value->as.enumeration);
        assert_int_equal(5, value->line);
    }
    assert_int_equal(CMR_OK, cmr_reader_get_string(file, &text));
    assert_memory_equal("port: 80\n", text, 9);

    change(fixture, "port: 81\nhost: two\n");
    assert_int_equal(CMR_OK, cmr_reader_get_int64(port, &number));
    assert_int_equal(80, number); /* of the snapshot that the reader looked at last */
    cmr_reader_snapshot(fixture->reader);
    assert_int_equal(CMR_OK, cmr_reader_get_int64(port, &number));
    assert_int_equal(CMR_OK, cmr_reader_get_string(host, &text));
    assert_int_equal(81, number);
    assert_string_equal("two", text);
    value = NULL;
    assert_int_equal(CMR_ERR_NOT_FOUND, cmr_reader_get(mode, &value));
    assert_null(value);
}

static void a_released_readers_keys_look_anew(void **state)
{
    struct fixture *fixture = *state;
    load(fixture);
    cmr_reader_key *port = key_of(fixture, "app.yaml#port", CMR_TYPE_INT64);
    int64_t number = 0;
    for (int i = 0; i < 20; i++) { /* addresses come again */
        char text[32];
        assert_int_equal(CMR_OK, cmr_reader_get_int64(port, &number));
        assert_int_equal(i ? 1000 + i - 1 : 80, number);
        cmr_reader_release(fixture->reader);
        snprintf(text, sizeof text, "port: %d\n", 1000 + i);
        change(fixture, text);
    }
}

static void addresses_that_come_again_deceive_no_key(void **state)
{
    struct fixture *fixture = *state;
    load(fixture);
    cmr_reader_key *port = key_of(fixture, "app.yaml#port", CMR_TYPE_INT64);
    int64_t number = 0;
    for (int i = 0; i < 20; i++) {
        char text[32];
        snprintf(text, sizeof text, "port: %d\n", 1000 + i);
        change(fixture, text);
        cmr_reader_snapshot(fixture->reader);
        if (i % 3 == 0)
            continue; /* the key misses this one */
        assert_int_equal(CMR_OK, cmr_reader_get_int64(port, &number));
        assert_int_equal(1000 + i, number);
    }
}

static void what_is_wrong_is_told_as_by_cmr_get(void **state)
{
    struct fixture *fixture = *state;
    cmr_reader_key *host = key_of(fixture, "app.yaml#host", CMR_TYPE_INT64);
    cmr_reader_key *port = key_of(fixture, "app.yaml#port", CMR_TYPE_INT64);
    int64_t number = 7;
    bool flag = true;
    assert_int_equal(CMR_ERR_NOT_FOUND, cmr_reader_get_int64(port, &number)); /* nothing is loaded */
    load(fixture);
    cmr_reader_snapshot(fixture->reader);
    assert_int_equal(CMR_ERR_TYPE, cmr_reader_get_int64(host, &number));
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, cmr_reader_get_bool(port, &flag));
    assert_int_equal(7, number);
    assert_true(flag);
    assert_int_equal(CMR_OK, cmr_reader_get_int64(port, &number));
    assert_int_equal(80, number);
}

static void keys_end_alone_or_with_their_reader(void **state)
{
    struct fixture *fixture = *state;
    cmr_reader_key *key;
    key_of(fixture, "a", CMR_TYPE_ANY);
    key = key_of(fixture, "b", CMR_TYPE_ANY);
    key_of(fixture, "c", CMR_TYPE_ANY);
    cmr_reader_key_free(key);
    cmr_reader_key_free(NULL);
    cmr_reader_free(NULL);
}

static void arguments_are_checked(void **state)
{
    struct fixture *fixture = *state;
    cmr_reader *reader = NULL;
    cmr_reader_key *key = NULL;
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, cmr_reader_new(NULL, &reader));
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, cmr_reader_new(fixture->follower->reloader, NULL));
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, cmr_reader_key_new(NULL, "a", CMR_TYPE_ANY, NULL, &key));
    static const char *const bad[] = { "", "a#", "*", "a b", "a#b..c", "a#[\"b]" };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(CMR_ERR_INVALID_ARGUMENT,
                         cmr_reader_key_new(fixture->reader, bad[i], CMR_TYPE_ANY, NULL, &key));
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT,
                     cmr_reader_key_new(fixture->reader, "a", CMR_TYPE_ENUM, NULL, &key));
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT,
                     cmr_reader_key_new(fixture->reader, "a", (cmr_type)19, NULL, &key));
    assert_null(key);
    assert_null(reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_reader_moves_on_when_asked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_reader_keeps_one_snapshot_alive, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keys_read_what_the_reader_sees, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_released_readers_keys_look_anew, set_up, tear_down),
        cmocka_unit_test_setup_teardown(addresses_that_come_again_deceive_no_key, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_wrong_is_told_as_by_cmr_get, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keys_end_alone_or_with_their_reader, set_up, tear_down),
        cmocka_unit_test_setup_teardown(arguments_are_checked, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
