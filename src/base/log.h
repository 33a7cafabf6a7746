/* SPDX-License-Identifier: MIT
 *
 * Where a reloader's messages go: the application's function, or nowhere. */
#ifndef CMRELOAD_BASE_LOG_H
#define CMRELOAD_BASE_LOG_H

#include "base/buffer.h"
#include "cmreload/cmreload.h"

struct cmr__log {
    cmr_log_fn *function; /* NULL: silence */
    void *user;
};

/* Formats (cut at 1 KiB) and hands over one message. Keeps errno. */
void cmr__log(const struct cmr__log *log, cmr_log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Hands over the lines that were collected, perhaps under a lock: texts with a NUL each. Resets them; if the
 * buffer failed they are lost. */
void cmr__log_lines(const struct cmr__log *log, cmr_log_level level, struct cmr__buffer *lines);

#endif
