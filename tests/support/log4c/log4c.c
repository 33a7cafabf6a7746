/* SPDX-License-Identifier: MIT
 *
 * A program that logs by log4c to stdout, and whose category follows a key of the volume that it writes
 * itself. Prints what shows; log4c_test.sh compares. C11 and C++17. */
#include <stdio.h>
#include <string.h>

#include <cmreload/log4c.h>

static log4c_category_t *category;

static int write_level(const char *dir, const char *level)
{
    cmr_file file;
    memset(&file, 0, sizeof file);
    file.name = "log_level";
    file.data = level;
    file.size = strlen(level);
    return cmr_volume_write(dir, &file, level[0] ? 1 : 0, NULL, NULL) == CMR_OK;
}

static void log_all(const char *when)
{
    printf("-- %s\n", when);
    fflush(stdout);
    log4c_category_error(category, "error");
    log4c_category_info(category, "info");
    log4c_category_debug(category, "debug");
    log4c_category_log(category, LOG4C_PRIORITY_TRACE, "trace");
    fflush(stdout);
}

int main(int argc, char **argv)
{
    cmr_reloader *reloader;
    cmr_subscription *subscription;
    static const char *const levels[] = { "debug", "trace\n", "error", "loud", "" };
    if (argc != 2 || log4c_init() != 0 || !write_level(argv[1], "info"))
        return 1;
    category = log4c_category_get("app");
    log4c_category_set_appender(category, log4c_appender_get("stdout"));
    log4c_category_set_additivity(category, 0);
    if (cmr_open(argv[1], NULL, &reloader) != CMR_OK)
        return 1;
    if (cmr_log4c_follow(reloader, "log_level", category, CMR_LOG_ERROR, &subscription) != CMR_OK ||
        cmr_log4c_follow(reloader, "[", category, CMR_LOG_ERROR, NULL) != CMR_ERR_INVALID_ARGUMENT ||
        cmr_log4c_follow(reloader, "log_level", NULL, CMR_LOG_ERROR, NULL) != CMR_ERR_INVALID_ARGUMENT)
        return 1;
    log_all("not loaded");
    if (cmr_reloader_load(reloader, 0) != CMR_OK)
        return 1;
    log_all("info");
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        if (!write_level(argv[1], levels[i]) || cmr_reloader_dispatch(reloader) != CMR_OK)
            return 1;
        log_all(levels[i]);
    }
    cmr_unsubscribe(subscription);
    if (!write_level(argv[1], "trace") || cmr_reloader_dispatch(reloader) != CMR_OK)
        return 1;
    log_all("unsubscribed");
    if (!write_level(argv[1], "loud") || cmr_reloader_dispatch(reloader) != CMR_OK ||
        cmr_log4c_follow(reloader, "log_level", category, CMR_LOG_TRACE, NULL) != CMR_ERR_TYPE)
        return 1;
    log_all("refused");
    cmr_reloader_free(reloader);
    log4c_fini();
    return 0;
}
