/* SPDX-License-Identifier: MIT
 *
 * Reading a file, or standard input, whole. */
#ifndef CMRELOAD_CLI_INPUT_H
#define CMRELOAD_CLI_INPUT_H

#include <stdbool.h>
#include <stddef.h>

/* Reads the file at path to its end; a NUL byte follows, the caller frees. "-" is standard input if
 * dash is set. CLI_DONE, or CLI_FAILED with a message: it cannot be read, or has more than max bytes. */
int cli_read_input(const char *path, bool dash, size_t max, char **ret_data, size_t *ret_size);

#endif
