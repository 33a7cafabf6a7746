/* SPDX-License-Identifier: MIT
 *
 * malloc and its kin, replaced for the whole program, shared libraries included, by ones that count and then
 * call glibc's own. Bytes are glibc's to count, but it rounds them up by chance; blocks are exact. A
 * sanitizer has replaced them already. */
#include "soak/blocks.h"

#ifdef SOAK_SANITIZED

long blocks_live(void)
{
    return 0;
}

#else

#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdlib.h>

/* glibc exports these for replacements like this one. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *block);

static atomic_long live;

long blocks_live(void)
{
    return live;
}

static void *note(void *block)
{
    if (block)
        live++;
    return block;
}

void *malloc(size_t size)
{
    return note(__libc_malloc(size));
}

void *calloc(size_t number, size_t size)
{
    return note(__libc_calloc(number, size));
}

void *realloc(void *block, size_t size)
{
    if (!block)
        return malloc(size);
    void *moved = __libc_realloc(block, size);
    if (!moved && size == 0) /* it was freed */
        live--;
    return moved;
}

void *memalign(size_t alignment, size_t size)
{
    return note(__libc_memalign(alignment, size));
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return memalign(alignment, size);
}

int posix_memalign(void **place, size_t alignment, size_t size)
{
    void *block = memalign(alignment, size);
    if (!block)
        return ENOMEM;
    *place = block;
    return 0;
}

void free(void *block)
{
    if (block)
        live--;
    __libc_free(block);
}

#endif
