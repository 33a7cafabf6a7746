/* SPDX-License-Identifier: MIT
 *
 * The little of UTF-8 that the tool needs. */
#ifndef CMRELOAD_CLI_UTF8_H
#define CMRELOAD_CLI_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The character at text (length > 0) and how many bytes it has; 0 if they are not UTF-8. */
size_t utf8_next(const char *text, size_t length, uint32_t *ret_character);

bool utf8_valid(const char *text, size_t length);

/* Writes one to four bytes and returns how many. */
size_t utf8_put(uint32_t character, char ret_bytes[4]);

#endif
