/* SPDX-License-Identifier: MIT
 *
 * A reloader and those who watch it, for cmocka's tests. */
#include "support/follower.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int follower_set_up(void **state)
{
    struct follower *follower = calloc(1, sizeof *follower);
    if (!follower)
        return -1;
    if (access("/dev/shm", W_OK) == 0)
        setenv("TMPDIR", "/dev/shm", 0); /* where a swap takes least time */
    fake_kubelet_open(&follower->kubelet);
    fake_kubelet_open(&follower->other);
    follower->mount = (cmr_mount_options)CMR_MOUNT_OPTIONS_INIT;
    follower->mount.check_interval_ms = -1;
    follower->options = (cmr_options)CMR_OPTIONS_INIT;
    *state = follower;
    return 0;
}

int follower_tear_down(void **state)
{
    struct follower *follower = *state;
    follower_end(follower);
    fake_kubelet_close(&follower->kubelet);
    fake_kubelet_close(&follower->other);
    free(follower);
    return 0;
}

int follower_fixture_set_up(void **state, size_t size)
{
    struct follower **fixture = calloc(1, size);
    void *follower;
    if (!fixture || follower_set_up(&follower) != 0)
        return -1;
    *fixture = follower;
    *state = fixture;
    return 0;
}

int follower_fixture_tear_down(void **state)
{
    struct follower **fixture = *state;
    void *follower = *fixture;
    int status = follower_tear_down(&follower);
    free(fixture);
    return status;
}

void follower_saves(struct follower *follower)
{
    snprintf(follower->state_dir, sizeof follower->state_dir, "%s/state", follower->kubelet.root);
    follower->options.state_dir = follower->state_dir;
}

void follower_open(struct follower *follower, const char *path)
{
    follower->options.mount = &follower->mount;
    assert_int_equal(CMR_OK, cmr_open(path, &follower->options, &follower->reloader));
    assert_int_equal(CMR_OK, cmr_observe(follower->reloader, journal_event, &follower->journal, NULL, NULL));
    assert_int_equal(
        CMR_OK, cmr_subscribe(follower->reloader, "*:**", journal_update, &follower->journal, NULL, NULL));
}

void follower_load(struct follower *follower)
{
    follower_open(follower, follower->kubelet.dir);
    assert_int_equal(CMR_OK, cmr_reloader_load(follower->reloader, 0));
    assert_string_equal("ready 1\n", journal_take(&follower->journal));
}

void follower_end(struct follower *follower)
{
    cmr_reloader_free(follower->reloader);
    follower->reloader = NULL;
    journal_take(&follower->journal);
}

void follower_dispatch(struct follower *follower)
{
    assert_int_equal(CMR_OK, cmr_reloader_dispatch(follower->reloader));
}

void follower_hears(struct follower *follower, const char *expected)
{
    follower_dispatch(follower);
    assert_string_equal(expected, journal_take(&follower->journal));
}

void follower_awaits(struct follower *follower, const char *expected)
{
    if (!journal_wait(&follower->journal, follower->reloader, expected))
        fail_msg("wanted %s, found %s", expected, follower->journal.text);
    assert_string_equal(expected, journal_take(&follower->journal));
}

void follower_awaits_generation(struct follower *follower, uint64_t generation)
{
    while (follower_status(follower).generation < generation)
        (void)cmr_reloader_wait(follower->reloader, 100);
}

static void ignore(void *user, const cmr_update *update)
{
    (void)user;
    (void)update;
}

cmr_subscription *follower_wants_integer(struct follower *follower, const char *key)
{
    cmr_subscription_options options = CMR_SUBSCRIPTION_OPTIONS_INIT;
    cmr_subscription *subscription;
    options.type = CMR_TYPE_INT64;
    assert_int_equal(CMR_OK, cmr_subscribe(follower->reloader, key, ignore, NULL, &options, &subscription));
    return subscription;
}

void follower_has(struct follower *follower, const char *key, const char *text)
{
    cmr_snapshot *snapshot = cmr_reloader_ref_snapshot(follower->reloader);
    assert_string_equal(text, cmr_get_string_or(snapshot, key, "(none)"));
    cmr_snapshot_unref(snapshot);
}

size_t follower_file_count(struct follower *follower)
{
    cmr_snapshot *snapshot = cmr_reloader_ref_snapshot(follower->reloader);
    size_t count = cmr_snapshot_file_count(snapshot, NULL);
    cmr_snapshot_unref(snapshot);
    return count;
}

cmr_mount_status follower_mount_status(struct follower *follower)
{
    cmr_mount_status status = CMR_MOUNT_STATUS_INIT;
    assert_int_equal(CMR_OK, cmr_reloader_get_mount_status(follower->reloader, NULL, &status));
    return status;
}

cmr_reloader_status follower_status(struct follower *follower)
{
    cmr_reloader_status status = CMR_RELOADER_STATUS_INIT;
    assert_int_equal(CMR_OK, cmr_reloader_get_status(follower->reloader, &status));
    return status;
}
