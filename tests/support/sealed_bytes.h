/* SPDX-License-Identifier: MIT
 *
 * Memory files of any bytes, as another process might hand them over. */
#ifndef CMRELOAD_TESTS_SUPPORT_SEALED_BYTES_H
#define CMRELOAD_TESTS_SUPPORT_SEALED_BYTES_H

#include <stddef.h>

/* A memory file of these bytes with these seals (0: none). Ends the program when there is none to be had. */
int sealed_bytes_make(const void *bytes, size_t size, unsigned seals);

/* With all seals that the library wants. */
int sealed_bytes(const void *bytes, size_t size);

/* What is in a memory file. The caller's to free. */
char *sealed_bytes_read(int descriptor, size_t *ret_size);

#endif
