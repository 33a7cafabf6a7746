/* SPDX-License-Identifier: MIT
 *
 * cmreload and log4c: the priority of a log4c category follows a key, while the program runs.
 *
 *     cmr_log4c_follow(reloader, "log_level", log4c_category_get("app"), CMR_LOG_INFO, NULL);
 *
 * For programs that link liblog4c themselves; libcmreload does not. All that is here is static inline. */
#ifndef CMRELOAD_LOG4C_H
#define CMRELOAD_LOG4C_H

#include <stdlib.h>
#include <string.h>

#include <log4c.h>

#include <cmreload/cmreload.h>

/* log4c's priorities are syslog's severities times 100, with TRACE below them. */
static inline int cmr_log4c_priority(cmr_log_level level)
{
    switch (level) {
    case CMR_LOG_EMERG:
        return LOG4C_PRIORITY_FATAL;
    case CMR_LOG_ALERT:
        return LOG4C_PRIORITY_ALERT;
    case CMR_LOG_CRIT:
        return LOG4C_PRIORITY_CRIT;
    case CMR_LOG_ERROR:
        return LOG4C_PRIORITY_ERROR;
    case CMR_LOG_WARN:
        return LOG4C_PRIORITY_WARN;
    case CMR_LOG_NOTICE:
        return LOG4C_PRIORITY_NOTICE;
    case CMR_LOG_INFO:
        return LOG4C_PRIORITY_INFO;
    case CMR_LOG_DEBUG:
        return LOG4C_PRIORITY_DEBUG;
    case CMR_LOG_TRACE:
        return LOG4C_PRIORITY_TRACE;
    }
    return LOG4C_PRIORITY_NOTSET;
}

struct cmr_log4c_ {
    log4c_category_t *category;
    cmr_log_level otherwise;
};

static inline void cmr_log4c_update_(void *user, const cmr_update *update)
{
    const struct cmr_log4c_ *follows = (const struct cmr_log4c_ *)user;
    const cmr_change *change = cmr_update_change(update, 0);
    cmr_log_level level = change->new_value ? change->new_value->as.level : follows->otherwise;
    log4c_category_set_priority(follows->category, cmr_log4c_priority(level));
}

/* Returns the priority that it had. */
static inline int cmr_log4c_set_(cmr_reloader *reloader, const char *key, log4c_category_t *category,
                                 cmr_log_level otherwise)
{
    cmr_snapshot *snapshot = cmr_reloader_ref_snapshot(reloader);
    cmr_log_level level = cmr_get_log_level_or(snapshot, key, otherwise);
    cmr_snapshot_unref(snapshot);
    return log4c_category_set_priority(category, cmr_log4c_priority(level));
}

/* Sets the category's priority to the key's level, or to `otherwise` as long as the key is absent or
 * nothing is loaded; and then from each dispatch that brings another level. The level is a condition: a
 * generation whose value is none is rejected, as for a typed subscription, which this is:
 * cmr_unsubscribe ends it, and leaves the priority as it is. ret_subscription may be NULL. Call it on
 * the thread that dispatches, or before there is one. The category must live as long (not end by
 * log4c_fini).
 *
 * log4c reads the priority in every thread without a lock, as it does of any program that sets one while
 * it runs. Categories below this one that have a priority of their own keep it.
 * CMR_ERR_INVALID_ARGUMENT, CMR_ERR_NO_MEMORY; CMR_ERR_TYPE when what is loaded already is no level:
 * then the priority is as it was. */
static inline cmr_status cmr_log4c_follow(cmr_reloader *reloader, const char *key, log4c_category_t *category,
                                          cmr_log_level otherwise, cmr_subscription **ret_subscription)
{
    cmr_subscription_options options; /* set by hand: C++ compilers warn of the macro */
    struct cmr_log4c_ *follows;
    cmr_status status;
    int before;
    if (!reloader || !key || !category || cmr_key_check(key, NULL) != CMR_OK)
        return CMR_ERR_INVALID_ARGUMENT;
    follows = (struct cmr_log4c_ *)malloc(sizeof *follows);
    if (!follows)
        return CMR_ERR_NO_MEMORY;
    follows->category = category;
    follows->otherwise = otherwise;
    memset(&options, 0, sizeof options);
    options.size = sizeof options;
    options.type = CMR_TYPE_LOG_LEVEL;
    options.initial = true; /* so what is published between the two calls below is not missed */
    options.destroy = free;
    before = cmr_log4c_set_(reloader, key, category, otherwise);
    status = cmr_subscribe(reloader, key, cmr_log4c_update_, follows, &options, ret_subscription);
    if (status != CMR_OK) {
        log4c_category_set_priority(category, before);
        free(follows);
    }
    return status;
}

#endif /* CMRELOAD_LOG4C_H */
