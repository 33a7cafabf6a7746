/* SPDX-License-Identifier: MIT
 *
 * The memo answers for the key that was remembered and for no other, whatever stands at its address; and
 * reads that it answers are the reads that it does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/snapshot.h"
#include "support/snapshot_of.h"

#define READERS 4
#define ROUNDS 300

static void remember(struct cmr__memo *memo, const char *key, uint32_t entry)
{
    const struct cmr__location location = { .entry = entry };
    cmr__memo_add(memo, key, strlen(key), &location);
}

static void assert_remembered(const struct cmr__memo *memo, const char *key, uint32_t entry)
{
    const struct cmr__location *location = cmr__memo_find(memo, key);
    assert_non_null(location);
    assert_int_equal(entry, location->entry);
}

static void what_is_remembered_is_found(void **state)
{
    struct cmr__memo *memo = calloc(1, sizeof *memo);
    const char one[] = "a#b", other[] = "a#c";
    (void)state;
    assert_null(cmr__memo_find(memo, one));
    remember(memo, one, 1);
    assert_remembered(memo, one, 1);
    assert_null(cmr__memo_find(memo, other));
    remember(memo, other, 2);
    assert_remembered(memo, one, 1);
    assert_remembered(memo, other, 2);
    free(memo);
}

static void a_text_is_believed_and_no_address(void **state)
{
    struct cmr__memo *memo = calloc(1, sizeof *memo);
    char key[16];
    (void)state;
    for (uint32_t i = 0; i < 10; i++) {
        snprintf(key, sizeof key, "a#b%u", i);
        assert_null(cmr__memo_find(memo, key));
        remember(memo, key, i);
    }
    for (uint32_t i = 0; i < 10; i++) { /* what there was room for */
        snprintf(key, sizeof key, "a#b%u", i);
        if (i < CMR__MEMO_TRIES)
            assert_remembered(memo, key, i);
        else
            assert_null(cmr__memo_find(memo, key));
    }
    strcpy(key, "a#b"); /* a beginning of what is there */
    assert_null(cmr__memo_find(memo, key));
    free(memo);
}

static void lengthy_keys_are_not_remembered(void **state)
{
    struct cmr__memo *memo = calloc(1, sizeof *memo);
    char key[CMR__MEMO_TEXT + 1];
    (void)state;
    memset(key, 'k', sizeof key);
    key[CMR__MEMO_TEXT] = '\0';
    remember(memo, key, 1);
    assert_null(cmr__memo_find(memo, key));
    key[CMR__MEMO_TEXT - 1] = '\0';
    remember(memo, key, 2);
    assert_remembered(memo, key, 2);
    free(memo);
}

/* ---- through reads */

/* Keys of all kinds, malformed ones too, and what a read as INT64 says. */
static const struct {
    const char *key;
    cmr_status status;
    int64_t value;
} reads[] = {
    { "a.yaml#n", CMR_OK, 1 },
    { "a.yaml#deep.n", CMR_OK, 2 },
    { "a.yaml#list[1]", CMR_OK, 4 },
    { "a.yaml#[\"odd key\"]", CMR_OK, 5 },
    { "config:a.yaml#n", CMR_OK, 1 },
    { "a.yaml#deep", CMR_ERR_TYPE, 0 },
    { "a.yaml#word", CMR_ERR_TYPE, 0 },
    { "a.yaml#huge", CMR_ERR_RANGE, 0 },
    { "a.yaml#absent", CMR_ERR_NOT_FOUND, 0 },
    { "absent#n", CMR_ERR_NOT_FOUND, 0 },
    { "other:a.yaml#n", CMR_ERR_NOT_FOUND, 0 },
    { "p.properties#x.y", CMR_OK, 6 },
    { "level", CMR_OK, 7 },
    { "a.yaml", CMR_ERR_TYPE, 0 },
    { "a.yaml#odd key", CMR_ERR_INVALID_ARGUMENT, 0 },
    { "a.yaml#deep..n", CMR_ERR_INVALID_ARGUMENT, 0 },
    { "a.yaml#", CMR_ERR_INVALID_ARGUMENT, 0 },
    { "", CMR_ERR_INVALID_ARGUMENT, 0 },
};

static cmr_snapshot *make_snapshot(void)
{
    return snapshot_of("a.yaml",
                       "n: 1\ndeep: {n: 2}\nlist: [3, 4]\nodd key: 5\nword: x\nhuge: 9223372036854775808\n",
                       "p.properties", "x.y=6\n", "level", "7\n", NULL);
}

static bool read_all(const cmr_snapshot *snapshot, char *buffer, size_t size)
{
    bool right = true;
    for (size_t i = 0; i < sizeof reads / sizeof reads[0]; i++) {
        int64_t value = 0;
        const char *key = reads[i].key;
        if (buffer) {
            snprintf(buffer, size, "%s", key);
            key = buffer;
        }
        right &= cmr_get_int64(snapshot, key, &value) == reads[i].status && value == reads[i].value;
    }
    return right;
}

static void reads_are_the_same_whether_remembered_or_not(void **state)
{
    cmr_snapshot *snapshot = make_snapshot();
    char buffer[64];
    (void)state;
    for (int round = 0; round < 3; round++) {
        assert_true(read_all(snapshot, NULL, 0));
        assert_true(read_all(snapshot, buffer, sizeof buffer)); /* all at one address */
    }
    cmr_snapshot_unref(snapshot);
}

static void *read_on(void *user)
{
    char buffer[64];
    for (int i = 0; i < 3; i++)
        if (!read_all(user, NULL, 0) || !read_all(user, buffer, sizeof buffer))
            return user;
    return NULL;
}

static void many_threads_may_be_first(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        cmr_snapshot *snapshot = make_snapshot();
        pthread_t threads[READERS];
        void *wrong;
        for (int i = 0; i < READERS; i++)
            assert_int_equal(0, pthread_create(&threads[i], NULL, read_on, snapshot));
        for (int i = 0; i < READERS; i++) {
            assert_int_equal(0, pthread_join(threads[i], &wrong));
            assert_null(wrong);
        }
        cmr_snapshot_unref(snapshot);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_remembered_is_found),
        cmocka_unit_test(a_text_is_believed_and_no_address),
        cmocka_unit_test(lengthy_keys_are_not_remembered),
        cmocka_unit_test(reads_are_the_same_whether_remembered_or_not),
        cmocka_unit_test(many_threads_may_be_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
