/* SPDX-License-Identifier: MIT
 *
 * Three ways to turn a log level live, by one key of a ConfigMap:
 *
 *     levels DIRECTORY
 *
 * an atomic variable of one's own, which every thread may read at the cost of a load; what syslog() lets
 * through; and the priority of a log4c category, where liblog4c is there (WITH_LOG4C). The program says the
 * same thing each way, ten times a second. A level that is none is refused, and all three stay. */
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <syslog.h>

#include <cmreload/cmreload.h>
#ifdef WITH_LOG4C
#include <cmreload/log4c.h>
#endif

#define KEY "log_level"

static volatile sig_atomic_t stopped;

static void stop(int signal_number)
{
    (void)signal_number;
    stopped = 1;
}

/* ---- a variable */

static _Atomic(int) threshold;

static void say(cmr_log_level level, const char *text)
{
    if ((int)level <= atomic_load_explicit(&threshold, memory_order_relaxed))
        printf("variable: %s: %s\n", cmr_log_level_name(level), text);
}

/* ---- log4c */

#ifdef WITH_LOG4C
static log4c_category_t *category;

static cmr_status follow_log4c(cmr_reloader *reloader)
{
    log4c_init();
    category = log4c_category_get("levels");
    log4c_category_set_appender(category, log4c_appender_get("stdout"));
    return cmr_log4c_follow(reloader, KEY, category, CMR_LOG_INFO, NULL);
}
#else
static cmr_status follow_log4c(cmr_reloader *reloader)
{
    (void)reloader;
    return CMR_OK;
}
#endif

static void work(unsigned turn)
{
    say(CMR_LOG_INFO, "all is well");
    say(CMR_LOG_DEBUG, "a turn begins");
    syslog(LOG_INFO, "syslog: info: all is well, in turn %u", turn);
    syslog(LOG_DEBUG, "syslog: debug: turn %u begins", turn);
#ifdef WITH_LOG4C
    log4c_category_info(category, "log4c: all is well, in turn %u", turn);
    log4c_category_debug(category, "log4c: turn %u begins", turn);
#endif
    fflush(stdout);
}

/* All three need be asked for once; the reloader does the rest. */
static cmr_status follow(cmr_reloader *reloader)
{
    cmr_status status = cmr_bind_log_level(reloader, KEY, &threshold, CMR_LOG_INFO, NULL, NULL);
    if (status == CMR_OK)
        status = cmr_follow_syslog_mask(reloader, KEY, CMR_LOG_INFO, NULL, NULL);
    return status == CMR_OK ? follow_log4c(reloader) : status;
}

int main(int argc, char **argv)
{
    cmr_options options = CMR_OPTIONS_INIT;
    cmr_reloader *reloader;
    if (argc != 2) {
        fprintf(stderr, "usage: levels DIRECTORY\n");
        return 2;
    }
    signal(SIGINT, stop);
    signal(SIGTERM, stop);
    openlog("levels", LOG_PERROR, LOG_USER); /* to stderr, too */
    options.log = cmr_log_stderr;
    cmr_status status = cmr_open(argv[1], &options, &reloader);
    if (status == CMR_OK)
        status = follow(reloader);
    if (status != CMR_OK) {
        fprintf(stderr, "levels: %s: %s\n", argv[1], cmr_strerror(status));
        return 1;
    }
    for (unsigned turn = 1; !stopped; turn++) {
        cmr_reloader_wait(reloader, 100);
        work(turn);
    }
    cmr_reloader_free(reloader);
#ifdef WITH_LOG4C
    log4c_fini();
#endif
    return 0;
}
