/* SPDX-License-Identifier: MIT
 *
 * An idle follower makes no system call but those of the safety check, which the top of src/engine/dispatch.c
 * lists. This program runs itself under strace as
 *
 *     test_idle ROLE DIR INTERVAL_MS CHECKS
 *
 * which follows the volume in DIR, as "alone", or as "publisher" or "consumer" of a share with one other
 * process, until it was looked at CHECKS times (0: for two seconds, in which nothing is to happen), between
 * two marks in the trace. By hand, to see the default interval:
 *
 *     strace -f -o trace test_idle alone /etc/config 60000 2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "cmreload/cmreload.h"
#include "support/fake_kubelet.h"

#define MARK "idle from here to there"

static const char *self;

/* ---- the one that is traced */

/* A write that fails shows in the trace and nowhere else. */
static void mark(void)
{
    if (write(-1, MARK, sizeof MARK - 1) >= 0)
        abort();
}

static bool idle(cmr_reloader *reloader, int64_t interval_ms, unsigned long checks)
{
    cmr_status status = CMR_OK;
    int64_t least = cmr__clock_after_ms(cmr__clock_now(), interval_ms * (int64_t)checks - interval_ms);
    mark();
    for (unsigned long i = 0; i < checks && status == CMR_OK; i++)
        status = cmr_reloader_wait(reloader, -1);
    if (checks == 0)
        status = cmr_reloader_wait(reloader, 2000);
    mark();
    if (checks == 0)
        return status == CMR_ERR_TIMEOUT;
    return status == CMR_OK && cmr__clock_now() >= least;
}

static cmr_reloader *load(const char *dir, int64_t interval_ms, cmr_share *share)
{
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    cmr_options options = CMR_OPTIONS_INIT;
    cmr_reloader *reloader;
    mount.check_interval_ms = interval_ms;
    options.mount = &mount;
    if (cmr_open(dir, &options, &reloader) != CMR_OK ||
        (share && cmr_reloader_join(reloader, share) != CMR_OK) ||
        cmr_reloader_load(reloader, 30000) != CMR_OK)
        abort();
    return reloader;
}

/* The other process of a share, which is ready when this is back; it ends with this one. */
static void start_other(const char *dir, cmr_share *share)
{
    int ready[2];
    char byte;
    if (pipe(ready) != 0)
        abort();
    if (fork() == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        cmr_reloader *reloader = load(dir, -1, share);
        close(ready[0]);
        if (write(ready[1], "r", 1) != 1)
            abort();
        while (cmr_reloader_wait(reloader, -1) == CMR_OK)
            ;
        abort();
    }
    if (read(ready[0], &byte, 1) != 1)
        abort();
}

/* Whoever comes first is the publisher. */
static cmr_reloader *load_as(const char *role, const char *dir, int64_t interval_ms)
{
    cmr_reloader *reloader;
    cmr_share *share;
    if (strcmp(role, "alone") == 0)
        return load(dir, interval_ms, NULL);
    if (cmr_share_new(&share) != CMR_OK)
        abort();
    if (strcmp(role, "consumer") == 0)
        start_other(dir, share);
    reloader = load(dir, interval_ms, share);
    if (strcmp(role, "publisher") == 0) {
        start_other(dir, share); /* it has what is on the shelf */
    }
    return reloader;
}

static int follow(const char *role, const char *dir, const char *interval, const char *checks)
{
    int64_t interval_ms = strtoll(interval, NULL, 10);
    cmr_reloader_status status = CMR_RELOADER_STATUS_INIT;
    cmr_reloader *reloader = load_as(role, dir, interval_ms);
    while (cmr_reloader_wait(reloader, interval_ms > 0 ? interval_ms / 2 : 500) == CMR_OK)
        ; /* until nothing is left to tell */
    bool good =
        cmr_reloader_get_status(reloader, &status) == CMR_OK && strcmp(cmr_role_name(status.role), role) == 0;
    good = idle(reloader, interval_ms, strtoul(checks, NULL, 10)) && good;
    cmr_reloader_free(reloader);
    return good ? 0 : 1;
}

/* ---- the one that traces */

static int run(const char *const *arguments)
{
    pid_t child;
    int status = -1;
    if (posix_spawnp(&child, arguments[0], NULL, NULL, (char *const *)(uintptr_t)arguments, environ) != 0 ||
        waitpid(child, &status, 0) != child)
        return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* The names of the calls between the marks, of the process that has made them, one each line. The clock is
 * read without a call on most machines, and by one on the others. */
static void read_trace(const char *path, char *ret_calls, size_t size)
{
    char line[1024], name[64];
    bool between = false;
    int process = 0, number;
    size_t length = 0;
    FILE *trace = fopen(path, "r");
    assert_non_null(trace);
    while (fgets(line, sizeof line, trace)) {
        int found = sscanf(line, "%d %63[a-z0-9_](", &number, name);
        if (strstr(line, MARK)) {
            between = !between;
            process = number;
        } else if (between && found == 2 && number == process && strcmp(name, "clock_gettime") != 0)
            length += (size_t)snprintf(ret_calls + length, size - length, "%s\n", name);
        assert_true(length < size);
    }
    fclose(trace);
}

static void trace(const char *role, const char *interval, const char *checks, char *ret_calls, size_t size)
{
    struct fake_kubelet kubelet;
    char path[160];
    fake_kubelet_open(&kubelet);
    fake_kubelet_write(&kubelet, "value", "1");
    snprintf(path, sizeof path, "%s/trace", kubelet.root);
    const char *arguments[] = { "strace", "-f", "-o", path, self, role, kubelet.dir, interval, checks, NULL };
    assert_int_equal(0, run(arguments));
    ret_calls[0] = '\0';
    read_trace(path, ret_calls, size);
    fake_kubelet_close(&kubelet);
}

static void makes_the_calls_of_checks(const char *role)
{
    static const char one[] = "poll\nepoll_wait\nread\nnewfstatat\nreadlinkat\nepoll_wait\ntimerfd_settime\n";
    char calls[4096], expected[10 * sizeof one] = "";
    trace(role, "200", "10", calls, sizeof calls);
    for (int i = 0; i < 10; i++)
        strcat(expected, one);
    assert_string_equal(expected, calls);
}

static void makes_none(const char *role)
{
    char calls[4096];
    trace(role, "-1", "0", calls, sizeof calls);
    assert_string_equal("poll\n", calls); /* the application's own wait */
}

static void the_safety_check_makes_just_these_calls(void **state)
{
    (void)state;
    makes_the_calls_of_checks("alone");
}

static void without_it_there_are_none(void **state)
{
    (void)state;
    makes_none("alone");
}

static void who_serves_others_makes_no_more(void **state)
{
    (void)state;
    makes_the_calls_of_checks("publisher");
}

static void who_is_served_makes_none(void **state)
{
    (void)state;
    makes_none("consumer");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_safety_check_makes_just_these_calls),
        cmocka_unit_test(without_it_there_are_none),
        cmocka_unit_test(who_serves_others_makes_no_more),
        cmocka_unit_test(who_is_served_makes_none),
    };
    static const char *const probe[] = { "strace", "-o", "/dev/null", "true", NULL };
    if (argc == 5)
        return follow(argv[1], argv[2], argv[3], argv[4]);
    if (run(probe) != 0) {
        printf("SKIP: no strace, or it may not trace here\n");
        return 77;
    }
    self = argv[0];
    setenv("ASAN_OPTIONS", "detect_leaks=0", 1); /* LeakSanitizer cannot work under strace */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
