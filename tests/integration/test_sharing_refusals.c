/* SPDX-License-Identifier: MIT
 *
 * A process that comes when all others were killed, and refuses what they have left: it says so once, of the
 * generation that is mounted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/share_member.h"

/* In a process of its own, which is killed then. */
static void publish(struct share_member *member, void (*work)(struct share_member *member))
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        work(member);
        raise(SIGKILL);
    }
    assert_int_equal(child, waitpid(child, &status, 0));
    assert_true(WIFSIGNALED(status));
    assert_int_equal(SIGKILL, WTERMSIG(status));
}

static void load(struct follower *follower)
{
    if (cmr_reloader_load(follower->reloader, 10000) != CMR_OK)
        abort();
}

static void publish_one(struct share_member *member)
{
    share_member_join(member);
    load(member->follower);
}

struct heard {
    unsigned rejections;
    char target[256];
};

static void hear(void *user, const cmr_event *event)
{
    struct heard *heard = user;
    if (event->kind != CMR_EVENT_REJECTED)
        return;
    heard->rejections++;
    snprintf(heard->target, sizeof heard->target, "%s", event->target);
}

static void a_refusal_is_told_once_to_who_takes_over(void **state)
{
    struct share_member *member = *state;
    struct follower *follower = member->follower;
    struct heard heard = { 0, "" };
    fake_kubelet_write(&follower->kubelet, "a.properties", "x=no\n");
    publish(member, publish_one);
    share_member_join(member);
    assert_int_equal(CMR_OK, cmr_observe(follower->reloader, hear, &heard, NULL, NULL));
    follower_wants_integer(follower, "a.properties#x");
    assert_int_equal(CMR_ERR_REJECTED, cmr_reloader_load(follower->reloader, 10000));
    assert_int_equal(CMR_ROLE_PUBLISHER, follower_status(follower).role);
    assert_int_equal(1, heard.rejections);
    assert_string_equal(follower_mount_status(follower).mounted_target, heard.target);
    fake_kubelet_write(&follower->kubelet, "a.properties", "x=2\n");
    assert_int_equal(CMR_OK, cmr_reloader_load(follower->reloader, 10000));
    follower_has(follower, "a.properties#x", "2");
}

static void add_other(struct follower *follower)
{
    cmr_mount_options other = CMR_MOUNT_OPTIONS_INIT;
    other.name = "other";
    assert_int_equal(CMR_OK, cmr_reloader_add_mount(follower->reloader, follower->other.dir, &other));
}

static void join_with_other(struct share_member *member)
{
    follower_open(member->follower, member->follower->kubelet.dir);
    add_other(member->follower);
    assert_int_equal(CMR_OK, cmr_reloader_join(member->follower->reloader, member->share));
}

/* The last thing that happened to the first mount, though what is refused lies in the other. */
static void publish_both(struct share_member *member)
{
    join_with_other(member);
    load(member->follower);
    fake_kubelet_write(&member->follower->kubelet, "a.properties", "x=2\n");
    follower_awaits_generation(member->follower, 2);
}

static void what_was_refused_for_another_mounts_sake_comes_with_that(void **state)
{
    struct share_member *member = *state;
    struct follower *follower = member->follower;
    fake_kubelet_write(&follower->kubelet, "a.properties", "x=1\n");
    fake_kubelet_write(&follower->other, "b.properties", "x=no\n");
    publish(member, publish_both);
    join_with_other(member);
    follower_wants_integer(follower, "other:b.properties#x");
    assert_int_equal(CMR_ERR_REJECTED, cmr_reloader_load(follower->reloader, 10000));
    fake_kubelet_write(&follower->other, "b.properties", "x=3\n");
    for (int i = 0; i < 100 && follower_status(follower).generation == 0; i++)
        (void)cmr_reloader_wait(follower->reloader, 100);
    follower_has(follower, "a.properties#x", "2");
    follower_has(follower, "other:b.properties#x", "3");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_refusal_is_told_once_to_who_takes_over, share_member_set_up,
                                        share_member_tear_down),
        cmocka_unit_test_setup_teardown(what_was_refused_for_another_mounts_sake_comes_with_that,
                                        share_member_set_up, share_member_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
