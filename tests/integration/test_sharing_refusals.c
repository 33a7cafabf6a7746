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

#include "support/follower.h"

static void nothing(void *user, const cmr_update *update)
{
    (void)user;
    (void)update;
}

/* In a process of its own, which is killed then. */
static void publish(struct follower *follower, cmr_share *share)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        if (cmr_open(follower->kubelet.dir, &follower->options, &follower->reloader) != CMR_OK ||
            cmr_reloader_join(follower->reloader, share) != CMR_OK ||
            cmr_reloader_load(follower->reloader, 10000) != CMR_OK)
            abort();
        raise(SIGKILL);
    }
    assert_int_equal(child, waitpid(child, &status, 0));
    assert_true(WIFSIGNALED(status));
    assert_int_equal(SIGKILL, WTERMSIG(status));
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
    struct follower *follower = *state;
    struct heard heard = { 0, "" };
    cmr_subscription_options options = CMR_SUBSCRIPTION_OPTIONS_INIT;
    cmr_share *share;
    options.type = CMR_TYPE_INT64;
    follower->options.mount = &follower->mount;
    assert_int_equal(CMR_OK, cmr_share_new(&share));
    fake_kubelet_write(&follower->kubelet, "a.properties", "x=no\n");
    publish(follower, share);
    follower_open(follower, follower->kubelet.dir);
    assert_int_equal(CMR_OK, cmr_reloader_join(follower->reloader, share));
    assert_int_equal(CMR_OK, cmr_observe(follower->reloader, hear, &heard, NULL, NULL));
    assert_int_equal(CMR_OK,
                     cmr_subscribe(follower->reloader, "a.properties#x", nothing, NULL, &options, NULL));
    assert_int_equal(CMR_ERR_REJECTED, cmr_reloader_load(follower->reloader, 10000));
    assert_int_equal(CMR_ROLE_PUBLISHER, follower_status(follower).role);
    assert_int_equal(1, heard.rejections);
    assert_string_equal(follower_mount_status(follower).mounted_target, heard.target);
    fake_kubelet_write(&follower->kubelet, "a.properties", "x=2\n");
    assert_int_equal(CMR_OK, cmr_reloader_load(follower->reloader, 10000));
    follower_has(follower, "a.properties#x", "2");
    follower_end(follower);
    cmr_share_free(share);
}

static void add_other(struct follower *follower)
{
    cmr_mount_options other = CMR_MOUNT_OPTIONS_INIT;
    other.name = "other";
    assert_int_equal(CMR_OK, cmr_reloader_add_mount(follower->reloader, follower->other.dir, &other));
}

/* The last thing that happened to the first mount, though what is refused lies in the other. */
static void publish_both(struct follower *follower, cmr_share *share)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        follower_open(follower, follower->kubelet.dir);
        add_other(follower);
        if (cmr_reloader_join(follower->reloader, share) != CMR_OK ||
            cmr_reloader_load(follower->reloader, 10000) != CMR_OK)
            abort();
        fake_kubelet_write(&follower->kubelet, "a.properties", "x=2\n");
        while (follower_status(follower).generation < 2)
            (void)cmr_reloader_wait(follower->reloader, 1000);
        raise(SIGKILL);
    }
    assert_int_equal(child, waitpid(child, &status, 0));
    assert_true(WIFSIGNALED(status));
    assert_int_equal(SIGKILL, WTERMSIG(status));
}

static void what_was_refused_for_another_mounts_sake_comes_with_that(void **state)
{
    struct follower *follower = *state;
    cmr_subscription_options options = CMR_SUBSCRIPTION_OPTIONS_INIT;
    cmr_share *share;
    options.type = CMR_TYPE_INT64;
    assert_int_equal(CMR_OK, cmr_share_new(&share));
    fake_kubelet_write(&follower->kubelet, "a.properties", "x=1\n");
    fake_kubelet_write(&follower->other, "b.properties", "x=no\n");
    publish_both(follower, share);
    follower_open(follower, follower->kubelet.dir);
    add_other(follower);
    assert_int_equal(CMR_OK, cmr_reloader_join(follower->reloader, share));
    assert_int_equal(
        CMR_OK, cmr_subscribe(follower->reloader, "other:b.properties#x", nothing, NULL, &options, NULL));
    assert_int_equal(CMR_ERR_REJECTED, cmr_reloader_load(follower->reloader, 10000));
    fake_kubelet_write(&follower->other, "b.properties", "x=3\n");
    for (int i = 0; i < 100 && follower_status(follower).generation == 0; i++)
        (void)cmr_reloader_wait(follower->reloader, 100);
    follower_has(follower, "a.properties#x", "2");
    follower_has(follower, "other:b.properties#x", "3");
    follower_end(follower);
    cmr_share_free(share);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_refusal_is_told_once_to_who_takes_over, follower_set_up,
                                        follower_tear_down),
        cmocka_unit_test_setup_teardown(what_was_refused_for_another_mounts_sake_comes_with_that,
                                        follower_set_up, follower_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
