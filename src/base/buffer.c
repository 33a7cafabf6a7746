/* SPDX-License-Identifier: MIT
 *
 * A growable run of bytes, for text and for files alike.
 *
 * Failure is sticky: growth that fails, and a printf that cannot format, set `failed`, after which
 * every call does nothing. Writers append away and look once, when they take the result; a text
 * with a hole in it can therefore never be taken for a whole one.
 */
#include "base/buffer.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "base/utf8.h"

#define SMALLEST_CAPACITY 64

void cmr__buffer_reset(struct cmr__buffer *buffer)
{
    cmr__secret_or_free(buffer->secret, buffer->data);
    *buffer = (struct cmr__buffer){ .secret = buffer->secret };
}

static size_t next_capacity(const struct cmr__buffer *buffer, size_t needed)
{
    size_t doubled = buffer->capacity * 2;
    size_t wanted = needed > doubled ? needed : doubled;

    return wanted > SMALLEST_CAPACITY ? wanted : SMALLEST_CAPACITY;
}

/* realloc, but of a secret nothing stays where it was. */
static char *move(struct cmr__buffer *buffer, size_t capacity)
{
    char *data;

    if (!buffer->secret)
        return realloc(buffer->data, capacity);
    data = cmr__secret_alloc(capacity);
    if (!data)
        return NULL;
    if (buffer->size)
        memcpy(data, buffer->data, buffer->size);
    cmr__secret_free(buffer->data);
    return data;
}

static bool grow(struct cmr__buffer *buffer, size_t needed)
{
    size_t capacity = next_capacity(buffer, needed);
    char *data = move(buffer, capacity);

    if (!data) {
        buffer->failed = true;
        return false;
    }
    buffer->data = data;
    buffer->capacity = capacity;
    return true;
}

bool cmr__buffer_reserve(struct cmr__buffer *buffer, size_t more)
{
    if (buffer->failed)
        return false;
    /* Half of PTRDIFF_MAX, so that doubling cannot wrap either. */
    if (more > PTRDIFF_MAX / 2 - buffer->size) {
        buffer->failed = true;
        return false;
    }
    /* Even for no bytes there is a place to point at: extend's NULL means out of memory only. */
    if (buffer->data && more <= buffer->capacity - buffer->size)
        return true;
    return grow(buffer, buffer->size + more);
}

void *cmr__buffer_extend(struct cmr__buffer *buffer, size_t size)
{
    char *place;

    if (!cmr__buffer_reserve(buffer, size))
        return NULL;
    place = buffer->data + buffer->size;
    buffer->size += size;
    return place;
}

void cmr__buffer_append(struct cmr__buffer *buffer, const void *data, size_t size)
{
    void *place;

    if (size == 0)
        return;
    place = cmr__buffer_extend(buffer, size);
    if (place)
        memcpy(place, data, size);
}

void cmr__buffer_append_text(struct cmr__buffer *buffer, const char *text)
{
    cmr__buffer_append(buffer, text, strlen(text));
}

void cmr__buffer_append_char(struct cmr__buffer *buffer, char character)
{
    cmr__buffer_append(buffer, &character, 1);
}

void cmr__buffer_printf(struct cmr__buffer *buffer, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    cmr__buffer_vprintf(buffer, format, arguments);
    va_end(arguments);
}

void cmr__buffer_vprintf(struct cmr__buffer *buffer, const char *format, va_list arguments)
{
    va_list again;
    int length;

    va_copy(again, arguments);
    length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (length < 0) {
        buffer->failed = true;
        return;
    }
    /* vsnprintf insists on its NUL, which is not part of the contents. */
    if (!cmr__buffer_reserve(buffer, (size_t)length + 1))
        return;
    vsnprintf(buffer->data + buffer->size, (size_t)length + 1, format, arguments);
    buffer->size += (size_t)length;
}

/* The letter of RFC 8259's two-character escape, or 0. */
static char short_escape(unsigned char byte)
{
    switch (byte) {
    case '"':
    case '\\':
        return (char)byte;
    case '\b':
        return 'b';
    case '\f':
        return 'f';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    default:
        return 0;
    }
}

static void append_escaped_byte(struct cmr__buffer *buffer, unsigned char byte)
{
    char letter = short_escape(byte);

    if (letter) {
        cmr__buffer_append_char(buffer, '\\');
        cmr__buffer_append_char(buffer, letter);
    } else if (byte < 0x20 || byte == 0x7f) {
        cmr__buffer_printf(buffer, "\\u%04x", byte);
    } else {
        cmr__buffer_append_char(buffer, (char)byte);
    }
}

static void append_quoted_character(struct cmr__buffer *buffer, const unsigned char *character, size_t size)
{
    if (size == 0)
        cmr__buffer_append_text(buffer, "\xef\xbf\xbd");
    else if (size == 1)
        append_escaped_byte(buffer, character[0]);
    else if (cmr__utf8_is_control((const char *)character, size)) /* which JSON would let pass */
        cmr__buffer_printf(buffer, "\\u%04x", character[1]);
    else
        cmr__buffer_append(buffer, character, size);
}

void cmr__buffer_append_quoted(struct cmr__buffer *buffer, const char *text, size_t length, size_t limit)
{
    size_t at = 0;

    cmr__buffer_append_char(buffer, '"');
    while (at < length) {
        size_t size = cmr__utf8_character_size(text + at, length - at);
        size_t step = size ? size : 1;

        if (limit && at + step > limit) {
            cmr__buffer_append_text(buffer, "…");
            break;
        }
        append_quoted_character(buffer, (const unsigned char *)text + at, size);
        at += step;
    }
    cmr__buffer_append_char(buffer, '"');
}

char *cmr__buffer_take(struct cmr__buffer *buffer)
{
    char *taken;
    bool failed;

    cmr__buffer_append_char(buffer, '\0');
    failed = buffer->failed;
    taken = failed ? NULL : buffer->data;
    if (!failed)
        buffer->data = NULL;
    cmr__buffer_reset(buffer);
    buffer->failed = failed;
    return taken;
}
