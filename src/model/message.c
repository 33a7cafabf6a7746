/* SPDX-License-Identifier: MIT
 *
 * Writing a message without allocating. What is shown of a value is short, has no control characters and is
 * UTF-8: a message may go to any log. */
#include "model/message.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

#define SHOWN_MAX 60 /* bytes of a value */

void cmr__message_begin(struct cmr__message *message, char *buffer, size_t size)
{
    *message = (struct cmr__message){ buffer, size };
    buffer[0] = '\0';
}

static void put_bytes(struct cmr__message *message, const char *bytes, size_t length)
{
    if (length >= message->left) {
        message->left = 1; /* full: nothing shorter is to follow what was left out */
        return;
    }
    memcpy(message->at, bytes, length);
    message->at += length;
    message->left -= length;
    *message->at = '\0';
}

static void put_foreign_character(struct cmr__message *message, const char *text, size_t size)
{
    char escape[8];

    if (size == 0) {
        put_bytes(message, "\xef\xbf\xbd", 3);
    } else if (cmr__utf8_is_control(text, size)) {
        snprintf(escape, sizeof(escape), "\\u%04x", (unsigned)(unsigned char)text[size - 1]);
        put_bytes(message, escape, 6);
    } else if (text[0] == '"' || text[0] == '\\') {
        escape[0] = '\\';
        escape[1] = text[0];
        put_bytes(message, escape, 2);
    } else {
        put_bytes(message, text, size);
    }
}

void cmr__message_put_foreign(struct cmr__message *message, const char *text, size_t length)
{
    for (size_t i = 0; i < length && message->left > 1;) {
        size_t size = cmr__utf8_character_size(text + i, length - i);

        if (i >= SHOWN_MAX) {
            put_bytes(message, "\xe2\x80\xa6", 3);
            return;
        }
        put_foreign_character(message, text + i, size);
        i += size ? size : 1;
    }
}

void cmr__message_put(struct cmr__message *message, const char *text)
{
    for (size_t left = strlen(text), size; left > 0; left -= size, text += size) {
        size = cmr__utf8_character_size(text, left);
        put_bytes(message, text, size);
    }
}
