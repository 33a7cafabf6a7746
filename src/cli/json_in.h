/* SPDX-License-Identifier: MIT
 *
 * JSON as a YAML reader can take it. */
#ifndef CMRELOAD_CLI_JSON_IN_H
#define CMRELOAD_CLI_JSON_IN_H

#include <stddef.h>

/* A copy of a document that begins with a brace, with what YAML reads otherwise than JSON in its strings
 * rewritten. What is no JSON after all is copied as it is. NULL: out of memory. A NUL byte follows. */
char *json_in_convert(const char *text, size_t length, size_t *ret_length);

#endif
