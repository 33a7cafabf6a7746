/* SPDX-License-Identifier: MIT
 *
 * Room in one block. The first time, without a block, it is only counted what will be taken; the second time
 * the same is taken from a block of that size. */
#ifndef CMRELOAD_SCHEMA_ARENA_H
#define CMRELOAD_SCHEMA_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct cmr__arena {
    char *block; /* NULL: counting */
    size_t used;
    bool failed; /* more than a size_t can count */
};

/* Room for `count` items that are aligned like that (a power of two, at most what malloc gives). NULL while
 * counting. */
void *cmr__arena_take(struct cmr__arena *arena, size_t count, size_t size, size_t alignment);

/* A copy with a NUL behind it; NULL while counting, and of NULL. */
const char *cmr__arena_copy(struct cmr__arena *arena, const char *text, size_t length);

#endif
