/* SPDX-License-Identifier: MIT
 *
 * Following without inotify. The limit on inotify instances is a user namespace's, so the test makes one of
 * its own and lowers the limit to none: nothing else on this machine notices. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "cmreload/cmreload.h"
#include "support/fake_kubelet.h"
#include "support/journal.h"

static bool set_limit(const char *value)
{
    int file = open("/proc/sys/user/max_inotify_instances", O_WRONLY | O_CLOEXEC);
    bool good = file >= 0 && write(file, value, strlen(value)) > 0;
    if (file >= 0)
        close(file);
    return good;
}

static bool forbid_inotify(void)
{
    if (unshare(CLONE_NEWUSER) != 0 || !set_limit("0"))
        return false;
    int probe = inotify_init1(IN_CLOEXEC);
    if (probe >= 0)
        close(probe);
    return probe < 0;
}

static void a_mount_is_polled_until_it_can_be_watched(void **state)
{
    static struct journal journal;
    struct fake_kubelet kubelet;
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    cmr_options options = CMR_OPTIONS_INIT;
    cmr_mount_status status = CMR_MOUNT_STATUS_INIT;
    cmr_reloader *reloader;
    (void)state;
    mount.check_interval_ms = 20;
    options.mount = &mount;
    fake_kubelet_open(&kubelet);
    fake_kubelet_write(&kubelet, "value", "1");
    assert_int_equal(CMR_OK, cmr_open(kubelet.dir, &options, &reloader));
    cmr_observe(reloader, journal_event, &journal, NULL, NULL);
    cmr_subscribe(reloader, "value", journal_update, &journal, NULL, NULL);
    assert_int_equal(CMR_OK, cmr_reloader_load(reloader, 0));
    assert_string_equal("state config polling\nready 1\n", journal_take(&journal));
    assert_int_equal(CMR_OK, cmr_reloader_get_mount_status(reloader, NULL, &status));
    assert_int_equal(CMR_REASON_INOTIFY_INSTANCES, status.reason);
    assert_non_null(strstr(status.message, "max_user_instances"));

    fake_kubelet_write(&kubelet, "value", "2");
    assert_true(journal_wait(&journal, reloader, "value=1>2\n"));
    fake_kubelet_remove_volume(&kubelet);
    assert_true(journal_wait(&journal, reloader, "state config dead\n"));
    journal_take(&journal);
    fake_kubelet_write(&kubelet, "value", "3");
    assert_true(journal_wait(&journal, reloader, "value=2>3\n"));
    assert_string_equal("state config polling\napplied 3\nvalue=2>3\n", journal_take(&journal));

    assert_true(set_limit("10"));
    assert_true(journal_wait(&journal, reloader, "state config ready\n"));
    fake_kubelet_write(&kubelet, "value", "4");
    assert_true(journal_wait(&journal, reloader, "value=3>4\n"));
    cmr_reloader_free(reloader);
    fake_kubelet_close(&kubelet);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(a_mount_is_polled_until_it_can_be_watched) };
    if (!forbid_inotify()) {
        printf("SKIP: no user namespace in which inotify can be forbidden\n");
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
