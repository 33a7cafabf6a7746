/* SPDX-License-Identifier: MIT
 *
 * Counts what malloc and its kin give out, in a program that heap.c is linked into. */
#ifndef CMRELOAD_TESTS_BENCH_HEAP_H
#define CMRELOAD_TESTS_BENCH_HEAP_H

#include <stddef.h>

struct heap_count {
    size_t live;      /* bytes that are not freed, as malloc_usable_size says */
    size_t peak;      /* the most that `live` was */
    size_t calls;     /* of malloc, calloc, realloc and the like */
    size_t own_calls; /* those of them that the program itself made, the static library in it included */
};

/* From here on; what is live now counts as none. */
void heap_count_begin(void);
struct heap_count heap_count_now(void);

#endif
