/* SPDX-License-Identifier: MIT
 *
 * What a member tells of itself: to any thread, while its dispatcher takes generations over and refuses some;
 * and after it has become the publisher. Worth most under ThreadSanitizer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/false_publisher.h"
#include "support/follower.h"

struct fixture {
    struct follower *follower;
    cmr_share *share;
    struct false_publisher publisher;
    cmr_subscription *typed;
    atomic_bool stopped;
    unsigned bad; /* lists that contradict themselves */
};

static void nothing(void *user, const cmr_update *update)
{
    (void)user;
    (void)update;
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    cmr_subscription_options options = CMR_SUBSCRIPTION_OPTIONS_INIT;
    if (!fixture || follower_set_up((void **)&fixture->follower) != 0)
        return -1;
    options.type = CMR_TYPE_INT64;
    assert_int_equal(CMR_OK, cmr_share_new(&fixture->share));
    false_publisher_open(&fixture->publisher, fixture->share);
    fixture->follower->mount.name = "config";
    follower_open(fixture->follower, fixture->follower->kubelet.dir);
    assert_int_equal(CMR_OK, cmr_reloader_join(fixture->follower->reloader, fixture->share));
    assert_int_equal(CMR_OK, cmr_subscribe(fixture->follower->reloader, "a.properties#x", nothing, NULL,
                                           &options, &fixture->typed));
    while (!false_publisher_accept(&fixture->publisher))
        (void)cmr_reloader_wait(fixture->follower->reloader, 100);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    follower_tear_down((void **)&fixture->follower);
    false_publisher_close(&fixture->publisher);
    cmr_share_free(fixture->share);
    free(fixture);
    return 0;
}

static struct cmr__answer tell(struct fixture *fixture, const char *text)
{
    struct cmr__answer answer;
    uint64_t generation = cmr__election_next_number(&fixture->share->election);
    int block = false_publisher_block(generation, "a.properties", text);
    assert_true(false_publisher_tell(&fixture->publisher, generation, block));
    close(block);
    while (!false_publisher_hears(&fixture->publisher, &answer))
        (void)cmr_reloader_wait(fixture->follower->reloader, 100);
    return answer;
}

static cmr_members *list(struct fixture *fixture)
{
    cmr_members *members = NULL;
    assert_int_equal(CMR_OK, cmr_reloader_list_members(fixture->follower->reloader, &members));
    return members;
}

static void who_refused_and_publishes_now_has_refused_nothing_later(void **state)
{
    struct fixture *fixture = *state;
    tell(fixture, "x=1\n");
    assert_int_equal(2, tell(fixture, "x=no\n").refused);
    cmr_members *members = list(fixture);
    assert_int_equal(2, cmr_members_get(members, 0)->refused);
    cmr_members_free(members);
    fake_kubelet_write(&fixture->follower->kubelet, "a.properties", "x=3\n");
    false_publisher_close(&fixture->publisher);
    while (follower_status(fixture->follower).generation < 3)
        (void)cmr_reloader_wait(fixture->follower->reloader, 100);
    members = list(fixture);
    assert_int_equal(CMR_ROLE_PUBLISHER, cmr_members_get(members, 0)->role);
    assert_int_equal(3, cmr_members_get(members, 0)->generation);
    assert_int_equal(0, cmr_members_get(members, 0)->refused);
    assert_string_equal("", cmr_members_get(members, 0)->message);
    cmr_members_free(members);
}

/* ---- threads */

/* A refused generation's text names its number. */
static bool is_consistent(const cmr_member *member)
{
    char text[32] = "";
    if (member->refused)
        snprintf(text, sizeof text, "\"no%llu\"", (unsigned long long)member->refused);
    return member->refused ? strstr(member->message, text) != NULL : member->message[0] == '\0';
}

static void *ask(void *argument)
{
    struct fixture *fixture = argument;
    cmr_reloader *reloader = fixture->follower->reloader;
    while (!atomic_load(&fixture->stopped)) {
        cmr_members *members = NULL;
        cmr_report *report = NULL;
        char *text = NULL;
        if (cmr_reloader_list_members(reloader, &members) == CMR_OK)
            fixture->bad += !is_consistent(cmr_members_get(members, 0));
        (void)cmr_reloader_get_report(reloader, NULL, &report);
        (void)cmr_reloader_status_json(reloader, &text);
        cmr_members_free(members);
        cmr_report_free(report);
        free(text);
    }
    return NULL;
}

static void any_thread_may_ask(void **state)
{
    struct fixture *fixture = *state;
    pthread_t thread;
    tell(fixture, "x=1\n");
    assert_int_equal(0, pthread_create(&thread, NULL, ask, fixture));
    for (unsigned i = 2; i < 300; i++) {
        char text[32];
        snprintf(text, sizeof text, i % 3 ? "x=no%u\n" : "x=%u\n", i);
        tell(fixture, text);
    }
    atomic_store(&fixture->stopped, true);
    assert_int_equal(0, pthread_join(thread, NULL));
    assert_int_equal(0, fixture->bad);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_refused_and_publishes_now_has_refused_nothing_later, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(any_thread_may_ask, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
