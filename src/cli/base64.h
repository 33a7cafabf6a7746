/* SPDX-License-Identifier: MIT
 *
 * Base64 (RFC 4648, section 4), as binaryData of a manifest and the tool's JSON have it. */
#ifndef CMRELOAD_CLI_BASE64_H
#define CMRELOAD_CLI_BASE64_H

#include <stdbool.h>
#include <stddef.h>

/* The text of `size` bytes has this length; a NUL follows it. */
#define BASE64_LENGTH(size) (((size) + 2) / 3 * 4)

void base64_encode(const void *data, size_t size, char *ret_text);

/* Writes at most length / 4 * 3 bytes. False, with ret_where set to the byte that is wrong, for what
 * is not base64. ret_data may be the text itself. */
bool base64_decode(const char *text, size_t length, void *ret_data, size_t *ret_size, size_t *ret_where);

#endif
