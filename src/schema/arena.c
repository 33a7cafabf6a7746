/* SPDX-License-Identifier: MIT
 *
 * A record is one block, so that it is freed, and wiped, by one call. How large it is, is known when all has
 * been read once; reading twice is simpler than moving what points at itself. */
#include "schema/arena.h"

#include <stdint.h>
#include <string.h>

static bool grow(struct cmr__arena *arena, size_t count, size_t size, size_t alignment)
{
    size_t padding = -arena->used & (alignment - 1);
    if (arena->failed || (size && count > (PTRDIFF_MAX - arena->used - padding) / size)) {
        arena->failed = true;
        return false;
    }
    arena->used += padding + count * size;
    return true;
}

void *cmr__arena_take(struct cmr__arena *arena, size_t count, size_t size, size_t alignment)
{
    bool grown = grow(arena, count, size, alignment);
    return grown && arena->block ? arena->block + (arena->used - count * size) : NULL;
}

const char *cmr__arena_copy(struct cmr__arena *arena, const char *text, size_t length)
{
    char *copy = text ? cmr__arena_take(arena, length + 1, 1, 1) : NULL;
    if (!copy)
        return NULL;
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}
