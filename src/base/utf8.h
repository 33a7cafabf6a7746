/* SPDX-License-Identifier: MIT
 *
 * UTF-8 as RFC 3629 has it: no surrogates, nothing over U+10FFFF, no overlong forms. */
#ifndef CMRELOAD_BASE_UTF8_H
#define CMRELOAD_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How many bytes the well-formed character at the start takes; 0 when none begins there. */
size_t cmr__utf8_character_size(const char *text, size_t length);

/* How many bytes from the start are well-formed: `length` when all are. */
size_t cmr__utf8_valid_prefix(const char *text, size_t length);

/* How many characters (code points) the bytes hold; a byte that is in no well-formed
 * character counts as one. */
size_t cmr__utf8_count(const char *text, size_t length);

/* The same of bytes that are known to be well-formed; it costs a fraction. */
size_t cmr__utf8_count_valid(const char *text, size_t length);

/* Writes a code point (at most 4 bytes) and returns its length; 0 for a surrogate or beyond U+10FFFF. */
size_t cmr__utf8_encode(uint32_t code_point, char out[4]);

/* Whether the character of that size is a control character: U+0000 to U+001F, U+007F, and U+0080 to U+009F,
 * of which U+009B begins a control sequence on terminals as ESC [ does. */
bool cmr__utf8_is_control(const char *character, size_t size);

/* 3 when the text begins with a byte order mark, else 0. */
size_t cmr__utf8_bom(const char *text, size_t length);

#endif
