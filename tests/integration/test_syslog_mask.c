/* SPDX-License-Identifier: MIT
 *
 * What syslog() lets through follows a key. Messages are caught where LOG_PERROR puts them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "support/follower.h"

/* Logs once at each severity, and returns the letters of those that show. */
static const char *shown(void)
{
    static char letters[16];
    char text[1024] = "";
    size_t length = 0;
    int pipes[2], kept = dup(STDERR_FILENO);
    assert_true(kept >= 0);
    assert_int_equal(0, pipe2(pipes, O_CLOEXEC));
    assert_int_equal(STDERR_FILENO, dup2(pipes[1], STDERR_FILENO));
    for (int severity = LOG_EMERG; severity <= LOG_DEBUG; severity++)
        syslog(LOG_MAKEPRI(LOG_USER, severity), "@%c", "MACEWNID"[severity]);
    assert_int_equal(STDERR_FILENO, dup2(kept, STDERR_FILENO));
    close(kept);
    close(pipes[1]);
    assert_true(read(pipes[0], text, sizeof text - 1) >= 0);
    close(pipes[0]);
    for (const char *at = strchr(text, '@'); at; at = strchr(at + 1, '@'))
        letters[length++] = at[1];
    letters[length] = '\0';
    return letters;
}

static void write_level(struct follower *follower, const char *level)
{
    fake_kubelet_write(&follower->kubelet, "log_level", level);
}

static void the_mask_follows_the_key(void **state)
{
    struct follower *follower = *state;
    cmr_binding *binding;
    write_level(follower, "info");
    follower_open(follower, follower->kubelet.dir);
    assert_string_equal("MACEWNID", shown());
    assert_int_equal(CMR_OK,
                     cmr_follow_syslog_mask(follower->reloader, "log_level", CMR_LOG_WARN, NULL, &binding));
    assert_string_equal("MACEW", shown()); /* nothing is loaded yet */
    assert_int_equal(CMR_OK, cmr_reloader_load(follower->reloader, 0));
    assert_string_equal("MACEWNI", shown());
    write_level(follower, "debug");
    assert_string_equal("MACEWNI", shown());
    follower_dispatch(follower);
    assert_string_equal("MACEWNID", shown());
    write_level(follower, "emerg");
    follower_dispatch(follower);
    assert_string_equal("M", shown());
    write_level(follower, "trace");
    follower_dispatch(follower);
    assert_string_equal("MACEWNID", shown());
    write_level(follower, "error");
    follower_dispatch(follower);
    assert_string_equal("MACE", shown());
    write_level(follower, "loud");
    follower_dispatch(follower);
    assert_int_equal(1, follower_status(follower).reloads_rejected);
    assert_string_equal("MACE", shown());
    fake_kubelet_remove(&follower->kubelet, "log_level");
    fake_kubelet_swap(&follower->kubelet);
    follower_dispatch(follower);
    assert_string_equal("MACEW", shown());
    cmr_unbind(binding);
    write_level(follower, "debug");
    follower_dispatch(follower);
    assert_string_equal("MACEW", shown());
}

static void what_does_not_fit_leaves_the_mask(void **state)
{
    struct follower *follower = *state;
    cmr_binding_options options = CMR_BINDING_OPTIONS_INIT;
    write_level(follower, "debug");
    follower_load(follower);
    setlogmask(LOG_UPTO(LOG_NOTICE));
    options.maximum = "info"; /* debug is a higher number */
    assert_int_equal(CMR_ERR_RANGE,
                     cmr_follow_syslog_mask(follower->reloader, "log_level", CMR_LOG_WARN, &options, NULL));
    assert_string_equal("MACEWN", shown());
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT,
                     cmr_follow_syslog_mask(follower->reloader, NULL, CMR_LOG_WARN, NULL, NULL));
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT,
                     cmr_follow_syslog_mask(NULL, "log_level", CMR_LOG_WARN, NULL, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_mask_follows_the_key, follower_set_up, follower_tear_down),
        cmocka_unit_test_setup_teardown(what_does_not_fit_leaves_the_mask, follower_set_up,
                                        follower_tear_down),
    };
    openlog("test", LOG_PERROR, LOG_USER);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
