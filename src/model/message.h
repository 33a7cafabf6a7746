/* SPDX-License-Identifier: MIT
 *
 * A message that is written into a buffer of the caller's, piece by piece. Characters are written whole or
 * not at all; once a piece did not fit, nothing follows. */
#ifndef CMRELOAD_MODEL_MESSAGE_H
#define CMRELOAD_MODEL_MESSAGE_H

#include <stddef.h>

struct cmr__message {
    char *at;
    size_t left; /* the NUL's byte included */
};

/* Empties the buffer, which has at least one byte. */
void cmr__message_begin(struct cmr__message *message, char *buffer, size_t size);

/* Text of ours, well-formed. */
void cmr__message_put(struct cmr__message *message, const char *text);

/* Text that is not ours: the first 60 bytes of it, as UTF-8, with quotes, backslashes and control characters
 * escaped as in JSON. */
void cmr__message_put_foreign(struct cmr__message *message, const char *text, size_t length);

#endif
