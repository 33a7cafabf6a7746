/* SPDX-License-Identifier: MIT
 *
 * From a printf format to the application's log function.
 *
 * Messages are formatted on the stack, so that running out of memory can still be logged. They quote
 * file names, which may hold anything but "/" and NUL: to keep the promise of one line of UTF-8,
 * control characters and stray bytes become "?".
 */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

#define MESSAGE_SIZE 1024

/* How much of a text that was cut to `length` is whole characters. */
static size_t whole_characters(const char *text, size_t length)
{
    size_t last = length;

    do {
        last--;
    } while (last > 0 && length - last < 4 && ((unsigned char)text[last] & 0xc0) == 0x80);
    return cmr__utf8_character_size(text + last, length - last) ? length : last;
}

static void replace_unprintable(char *text, size_t length)
{
    for (size_t at = 0; at < length;) {
        size_t size = cmr__utf8_character_size(text + at, length - at);

        if (size == 0 || cmr__utf8_is_control(text + at, size))
            memset(text + at, '?', size ? size : 1);
        at += size ? size : 1;
    }
}

void cmr__log(const struct cmr__log *log, cmr_log_level level, const char *format, ...)
{
    char message[MESSAGE_SIZE];
    int error = errno;
    va_list arguments;
    int length;

    if (!log->function)
        return;
    va_start(arguments, format);
    length = vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    if (length < 0)
        length = snprintf(message, sizeof(message), "a message that cannot be formatted");
    if ((size_t)length >= sizeof(message))
        message[whole_characters(message, sizeof(message) - 1)] = '\0';
    replace_unprintable(message, strlen(message));
    log->function(log->user, level, message);
    errno = error;
}

const char *cmr_log_level_name(cmr_log_level level)
{
    switch (level) {
    case CMR_LOG_EMERG:
        return "emerg";
    case CMR_LOG_ALERT:
        return "alert";
    case CMR_LOG_CRIT:
        return "crit";
    case CMR_LOG_ERROR:
        return "error";
    case CMR_LOG_WARN:
        return "warn";
    case CMR_LOG_NOTICE:
        return "notice";
    case CMR_LOG_INFO:
        return "info";
    case CMR_LOG_DEBUG:
        return "debug";
    case CMR_LOG_TRACE:
        return "trace";
    }
    return "?";
}

void cmr_log_stderr(void *user, cmr_log_level level, const char *message)
{
    (void)user;
    if (level <= CMR_LOG_INFO)
        fprintf(stderr, "cmreload: %s: %s\n", cmr_log_level_name(level), message);
}

void cmr__log_lines(const struct cmr__log *log, cmr_log_level level, struct cmr__buffer *lines)
{
    for (size_t at = 0; at < lines->size && !lines->failed; at += strlen(lines->data + at) + 1)
        cmr__log(log, level, "%s", lines->data + at);
    cmr__buffer_reset(lines);
}
