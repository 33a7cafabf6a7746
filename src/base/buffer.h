/* SPDX-License-Identifier: MIT
 *
 * A growable run of bytes. After the first failed growth it stays failed (and its contents as they
 * were), so that a writer checks once, at the end. */
#ifndef CMRELOAD_BASE_BUFFER_H
#define CMRELOAD_BASE_BUFFER_H

#include <stdbool.h>
#include <stdarg.h>
#include <stddef.h>

struct cmr__buffer {
    char *data;
    size_t size;     /* bytes in use */
    size_t capacity; /* bytes allocated */
    bool failed;     /* out of memory since the last reset */
    bool secret;     /* its memory is a secret's: base/secret.h; set before the first byte, and it stays so */
};

#define CMR__BUFFER_INIT                                                                                     \
    {                                                                                                        \
        NULL, 0, 0, false, false                                                                             \
    }

/* Frees the bytes and makes the buffer empty and unfailed. */
void cmr__buffer_reset(struct cmr__buffer *buffer);

/* Room for `more` bytes behind those in use; false when out of memory. */
bool cmr__buffer_reserve(struct cmr__buffer *buffer, size_t more);

/* `size` bytes behind those in use, uninitialised and counted as used; NULL when out of memory.
 * Valid until the next growth. */
void *cmr__buffer_extend(struct cmr__buffer *buffer, size_t size);

void cmr__buffer_append(struct cmr__buffer *buffer, const void *data, size_t size);
void cmr__buffer_append_text(struct cmr__buffer *buffer, const char *text);
void cmr__buffer_append_char(struct cmr__buffer *buffer, char character);
void cmr__buffer_printf(struct cmr__buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void cmr__buffer_vprintf(struct cmr__buffer *buffer, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

/* Appends the text as a JSON string (RFC 8259) with its quotes; each byte that is not
 * UTF-8 becomes U+FFFD. At most `limit` bytes of the text are shown, in whole characters, then "…"
 * before the closing quote stands for the rest (0: no limit). */
void cmr__buffer_append_quoted(struct cmr__buffer *buffer, const char *text, size_t length, size_t limit);

/* The bytes with a NUL behind them (not counted), the caller's to free; the buffer is empty then.
 * NULL when it has failed; the bytes are freed, and it stays failed until reset. */
char *cmr__buffer_take(struct cmr__buffer *buffer);

#endif
