/* SPDX-License-Identifier: MIT
 *
 * A worker that does its work and logs about it, while its log level follows the key log_level of a
 * ConfigMap: turn it to debug while the program runs, and back, with no restart.
 *
 *     loglevel /etc/config
 *
 * The worker is a loop of its own with a timer; the reloader is one more descriptor in its poll(). A level
 * that is no level is refused by the library, and the one before stays. */
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmreload/cmreload.h>

#define TURN_MS 200

static cmr_log_level threshold = CMR_LOG_INFO;
static volatile sig_atomic_t stopped;

static void stop(int signal_number)
{
    (void)signal_number;
    stopped = 1;
}

__attribute__((format(printf, 2, 3))) static void say(cmr_log_level level, const char *format, ...)
{
    va_list arguments;
    if (level > threshold)
        return;
    va_start(arguments, format);
    printf("%-6s ", cmr_log_level_name(level));
    vprintf(format, arguments);
    putchar('\n');
    fflush(stdout);
    va_end(arguments);
}

static void on_level(void *user, const cmr_update *update)
{
    const cmr_change *change = cmr_update_change(update, 0);
    (void)user;
    threshold = change->new_value ? change->new_value->as.level : CMR_LOG_INFO;
    say(CMR_LOG_NOTICE, "the log level is %s now", cmr_log_level_name(threshold));
}

static void work(unsigned turn)
{
    say(CMR_LOG_DEBUG, "turn %u begins", turn);
    say(CMR_LOG_INFO, "turn %u: all is well", turn);
    if (turn % 5 == 0)
        say(CMR_LOG_WARN, "turn %u: the queue is filling up", turn);
}

int main(int argc, char **argv)
{
    cmr_options options = CMR_OPTIONS_INIT;
    cmr_subscription_options level = CMR_SUBSCRIPTION_OPTIONS_INIT;
    cmr_reloader *reloader;
    if (argc != 2) {
        fprintf(stderr, "usage: loglevel DIRECTORY\n");
        return 2;
    }
    signal(SIGINT, stop);
    signal(SIGTERM, stop);
    options.log = cmr_log_stderr;
    level.type = CMR_TYPE_LOG_LEVEL;
    level.initial = true;
    cmr_status status = cmr_open(argv[1], &options, &reloader);
    if (status == CMR_OK)
        status = cmr_subscribe(reloader, "log_level", on_level, NULL, &level, NULL);
    if (status != CMR_OK) {
        fprintf(stderr, "loglevel: %s: %s\n", argv[1], cmr_strerror(status));
        return 1;
    }
    struct pollfd descriptor = { .fd = cmr_reloader_fd(reloader), .events = POLLIN };
    for (unsigned turn = 1; !stopped; turn++) {
        if (poll(&descriptor, 1, TURN_MS) > 0)
            cmr_reloader_dispatch(reloader);
        work(turn);
    }
    cmr_reloader_free(reloader);
    return 0;
}
