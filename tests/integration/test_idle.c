/* SPDX-License-Identifier: MIT
 *
 * An idle follower makes no system call but those of the safety check, which the top of src/engine/dispatch.c
 * lists. This program runs itself under strace as
 *
 *     test_idle follow DIR INTERVAL_MS CHECKS
 *
 * which follows the volume in DIR until it was looked at CHECKS times (0: for two seconds, in which nothing
 * is to happen), between two marks in the trace. By hand, to see the default interval:
 *
 *     strace -f -o trace test_idle follow /etc/config 60000 2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

static int follow(const char *dir, const char *interval, const char *checks)
{
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    cmr_options options = CMR_OPTIONS_INIT;
    cmr_reloader *reloader;
    mount.check_interval_ms = strtoll(interval, NULL, 10);
    options.mount = &mount;
    if (cmr_open(dir, &options, &reloader) != CMR_OK || cmr_reloader_load(reloader, 0) != CMR_OK)
        return 2;
    bool good = idle(reloader, mount.check_interval_ms, strtoul(checks, NULL, 10));
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

/* The names of the calls between the marks, one each line. The clock is read without a call on most machines,
 * and by one on the others. */
static void read_trace(const char *path, char *ret_calls, size_t size)
{
    char line[1024], name[64];
    bool between = false;
    size_t length = 0;
    FILE *trace = fopen(path, "r");
    assert_non_null(trace);
    while (fgets(line, sizeof line, trace)) {
        if (strstr(line, MARK))
            between = !between;
        else if (between && sscanf(line, "%*d %63[a-z0-9_](", name) == 1 &&
                 strcmp(name, "clock_gettime") != 0)
            length += (size_t)snprintf(ret_calls + length, size - length, "%s\n", name);
        assert_true(length < size);
    }
    fclose(trace);
}

static void trace(const char *interval, const char *checks, char *ret_calls, size_t size)
{
    struct fake_kubelet kubelet;
    char path[160];
    fake_kubelet_open(&kubelet);
    fake_kubelet_write(&kubelet, "value", "1");
    snprintf(path, sizeof path, "%s/trace", kubelet.root);
    const char *arguments[] = { "strace", "-f",        "-o",     path,   self,
                                "follow", kubelet.dir, interval, checks, NULL };
    assert_int_equal(0, run(arguments));
    ret_calls[0] = '\0';
    read_trace(path, ret_calls, size);
    fake_kubelet_close(&kubelet);
}

static void the_safety_check_makes_just_these_calls(void **state)
{
    static const char one[] = "poll\nepoll_wait\nread\nnewfstatat\nreadlinkat\nepoll_wait\ntimerfd_settime\n";
    char calls[4096], expected[10 * sizeof one] = "";
    (void)state;
    trace("200", "10", calls, sizeof calls);
    for (int i = 0; i < 10; i++)
        strcat(expected, one);
    assert_string_equal(expected, calls);
}

static void without_it_there_are_none(void **state)
{
    char calls[4096];
    (void)state;
    trace("-1", "0", calls, sizeof calls);
    assert_string_equal("poll\n", calls); /* the application's own wait */
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_safety_check_makes_just_these_calls),
        cmocka_unit_test(without_it_there_are_none),
    };
    static const char *const probe[] = { "strace", "-o", "/dev/null", "true", NULL };
    if (argc == 5 && strcmp(argv[1], "follow") == 0)
        return follow(argv[2], argv[3], argv[4]);
    if (run(probe) != 0) {
        printf("SKIP: no strace, or it may not trace here\n");
        return 77;
    }
    self = argv[0];
    setenv("ASAN_OPTIONS", "detect_leaks=0", 1); /* LeakSanitizer cannot work under strace */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
