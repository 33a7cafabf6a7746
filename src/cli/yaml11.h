/* SPDX-License-Identifier: MIT
 *
 * What Kubernetes takes a plain YAML scalar for. */
#ifndef CMRELOAD_CLI_YAML11_H
#define CMRELOAD_CLI_YAML11_H

#include <stdbool.h>
#include <stddef.h>

/* "null", "a bool", "an int", "a float"; NULL: a string. */
const char *yaml11_kind(const char *text, size_t length);

/* Whether a plain key stays the text that it is: a string, or a number that Kubernetes prints again as
 * it is written (80 and 1.5, not 080 and 1.50). */
bool yaml11_is_stable_key(const char *text, size_t length);

#endif
