/* SPDX-License-Identifier: MIT
 *
 * What the fuzz targets share. A target is a fuzz_*.c file with a LLVMFuzzerTestOneInput, which libFuzzer or
 * replay.c calls; it ends the process when something that must hold does not. */
#ifndef CMRELOAD_TESTS_FUZZ_FUZZ_H
#define CMRELOAD_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "format/format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_REQUIRE(condition)                                                                              \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition);                   \
            abort();                                                                                         \
        }                                                                                                    \
    } while (0)

/* Small, so that inputs reach them, and so that what is quadratic in a target stays quick. */
extern const cmr_limits fuzz_limits;

/* A copy of just that size, with a NUL behind it. The caller's to free. */
char *fuzz_copy(const void *data, size_t size);

/* Parses a copy; the report's shape is checked. NULL when the file is refused. */
cmr__document *fuzz_parse(const struct cmr__format *format, const void *data, size_t size);

/* Any bytes make diagnostics or a document. A document passes the checker, holds the limits, is found by its
 * keys, entry by entry, and is the same block each time. A key as a pattern matches its entry and no other.
 */
void fuzz_format(const struct cmr__format *format, const void *data, size_t size);

/* The canonical key, with a NUL. The caller's to free. */
char *fuzz_key_of(const cmr__document *document, uint32_t entry);

#endif
