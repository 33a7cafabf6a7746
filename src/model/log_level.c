/* SPDX-License-Identifier: MIT
 *
 * Log levels: syslog's severities by number (RFC 5424, section 6.2.1), and by the names that syslog and
 * the common logging libraries give them. TRACE is not syslog's and has a name only.
 */
#include "model/convert.h"

static const struct {
    const char *name;
    cmr_log_level level;
} names[] = {
    { "info", CMR_LOG_INFO },   { "debug", CMR_LOG_DEBUG },   { "warn", CMR_LOG_WARN },
    { "error", CMR_LOG_ERROR }, { "trace", CMR_LOG_TRACE },   { "warning", CMR_LOG_WARN },
    { "err", CMR_LOG_ERROR },   { "notice", CMR_LOG_NOTICE }, { "crit", CMR_LOG_CRIT },
    { "fatal", CMR_LOG_CRIT },  { "critical", CMR_LOG_CRIT }, { "alert", CMR_LOG_ALERT },
    { "emerg", CMR_LOG_EMERG }, { "panic", CMR_LOG_EMERG },
};

cmr_status cmr__parse_log_level(const char *text, size_t length, cmr_log_level *ret_level)
{
    if (length == 1 && text[0] >= '0' && text[0] <= '7') {
        *ret_level = (cmr_log_level)(text[0] - '0');
        return CMR_OK;
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (cmr__is_word(text, length, names[i].name)) {
            *ret_level = names[i].level;
            return CMR_OK;
        }
    }
    return CMR_ERR_TYPE;
}

const char *cmr__log_level_spelling(size_t index)
{
    return index < sizeof(names) / sizeof(names[0]) ? names[index].name : NULL;
}
