/* SPDX-License-Identifier: MIT
 *
 * A message that the application writes, for a diagnostic. */
#ifndef CMRELOAD_BASE_PRESENTABLE_H
#define CMRELOAD_BASE_PRESENTABLE_H

#include <stdarg.h>
#include <stdbool.h>

/* Formats one line of UTF-8, whatever the application has put into it: of the text 1,023 bytes are kept, and
 * what is not UTF-8 and control characters become U+FFFD. *ret_text is malloc'ed; NULL when out of memory.
 * False: there is no text. */
bool cmr__presentable(const char *format, va_list arguments, char **ret_text)
    __attribute__((format(printf, 1, 0)));

#endif
