/* SPDX-License-Identifier: MIT
 *
 * A member of a share maps the generation that it has, and none before it, whatever was saved, told or
 * refused of those. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/share_member.h"

static unsigned count_mapped(void)
{
    char line[512];
    unsigned count = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    assert_non_null(maps);
    while (fgets(line, sizeof line, maps))
        count += strstr(line, "/memfd:cmreload (deleted)") != NULL;
    fclose(maps);
    return count;
}

static void change(struct follower *follower, struct fake_kubelet *kubelet, unsigned value)
{
    char text[32];
    uint64_t before = follower_status(follower).generation;
    snprintf(text, sizeof text, "x=%u\n", value);
    fake_kubelet_write(kubelet, "a.properties", text);
    follower_awaits_generation(follower, before + 1);
    (void)journal_take(&follower->journal);
}

static void what_is_saved_keeps_no_old_generation(void **state)
{
    struct share_member *member = *state;
    struct follower *follower = member->follower;
    cmr_mount_options other = CMR_MOUNT_OPTIONS_INIT;
    follower_saves(follower);
    other.name = "other";
    fake_kubelet_write(&follower->kubelet, "a.properties", "x=0\n");
    fake_kubelet_write(&follower->other, "a.properties", "x=0\n");
    follower_open(follower, follower->kubelet.dir);
    assert_int_equal(CMR_OK, cmr_reloader_add_mount(follower->reloader, follower->other.dir, &other));
    assert_int_equal(CMR_OK, cmr_reloader_join(follower->reloader, member->share));
    assert_int_equal(CMR_OK, cmr_reloader_load(follower->reloader, 10000));
    assert_int_equal(2, follower_status(follower).saves);
    for (unsigned i = 1; i <= 5; i++)
        change(follower, &follower->other, i);
    assert_int_equal(7, follower_status(follower).saves);
    assert_int_equal(1, count_mapped());
    follower_end(follower);
    assert_int_equal(0, count_mapped());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_saved_keeps_no_old_generation, share_member_set_up,
                                        share_member_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
