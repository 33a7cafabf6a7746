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

#include "support/share_member.h"

static int set_up(void **state)
{
    if (share_member_set_up_consumer(state) != 0)
        return -1;
    struct share_member *member = *state;
    follower_wants_integer(member->follower, "a.properties#x");
    share_member_await_connection(member);
    return 0;
}

static struct cmr__answer tell(struct share_member *member, const char *text)
{
    return share_member_tell(member, cmr__election_next_number(&member->share->election), text);
}

static cmr_members *list(struct share_member *member)
{
    cmr_members *members = NULL;
    assert_int_equal(CMR_OK, cmr_reloader_list_members(member->follower->reloader, &members));
    return members;
}

static void who_refused_and_publishes_now_has_refused_nothing_later(void **state)
{
    struct share_member *member = *state;
    tell(member, "x=1\n");
    assert_int_equal(2, tell(member, "x=no\n").refused);
    cmr_members *members = list(member);
    assert_int_equal(2, cmr_members_get(members, 0)->refused);
    cmr_members_free(members);
    fake_kubelet_write(&member->follower->kubelet, "a.properties", "x=3\n");
    false_publisher_close(&member->publisher);
    follower_awaits_generation(member->follower, 3);
    members = list(member);
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

struct asking {
    cmr_reloader *reloader;
    atomic_bool stopped;
    unsigned bad; /* lists that contradict themselves */
};

static void *ask(void *argument)
{
    struct asking *asking = argument;
    cmr_reloader *reloader = asking->reloader;
    while (!atomic_load(&asking->stopped)) {
        cmr_members *members = NULL;
        cmr_report *report = NULL;
        char *text = NULL;
        if (cmr_reloader_list_members(reloader, &members) == CMR_OK)
            asking->bad += !is_consistent(cmr_members_get(members, 0));
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
    struct share_member *member = *state;
    struct asking asking = { .reloader = member->follower->reloader };
    pthread_t thread;
    tell(member, "x=1\n");
    assert_int_equal(0, pthread_create(&thread, NULL, ask, &asking));
    for (unsigned i = 2; i < 300; i++) {
        char text[32];
        snprintf(text, sizeof text, i % 3 ? "x=no%u\n" : "x=%u\n", i);
        tell(member, text);
    }
    atomic_store(&asking.stopped, true);
    assert_int_equal(0, pthread_join(thread, NULL));
    assert_int_equal(0, asking.bad);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_refused_and_publishes_now_has_refused_nothing_later, set_up,
                                        share_member_tear_down),
        cmocka_unit_test_setup_teardown(any_thread_may_ask, set_up, share_member_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
