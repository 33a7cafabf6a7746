/* SPDX-License-Identifier: MIT
 *
 * malloc and its kin, replaced for the whole program, shared libraries included, by ones that count and then
 * call glibc's own. The program's own calls are told from those of shared libraries (libyaml, iniparser, libc
 * itself) by where they return to. For programs of one thread. */
#include "bench/heap.h"

#include <errno.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

/* glibc exports these for replacements like this one. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *block);

extern const char __executable_start[], etext[]; /* the linker's */

static struct heap_count count;

void heap_count_begin(void)
{
    count = (struct heap_count){ 0 };
}

struct heap_count heap_count_now(void)
{
    return count;
}

/* What was given out before the count began may be freed within it: then `live` wraps below zero. */
static void add(size_t more, size_t less)
{
    count.live += more - less;
    if ((ptrdiff_t)count.live > (ptrdiff_t)count.peak)
        count.peak = count.live;
}

static void *note(void *block, const void *caller)
{
    count.calls++;
    count.own_calls +=
        (uintptr_t)caller >= (uintptr_t)__executable_start && (uintptr_t)caller < (uintptr_t)etext;
    add(malloc_usable_size(block), 0);
    return block;
}

void *malloc(size_t size)
{
    return note(__libc_malloc(size), __builtin_return_address(0));
}

void *calloc(size_t number, size_t size)
{
    return note(__libc_calloc(number, size), __builtin_return_address(0));
}

void *realloc(void *block, size_t size)
{
    size_t less = malloc_usable_size(block);
    void *moved = __libc_realloc(block, size);
    if (moved || size == 0)
        add(0, less);
    return moved ? note(moved, __builtin_return_address(0)) : NULL;
}

void *memalign(size_t alignment, size_t size)
{
    return note(__libc_memalign(alignment, size), __builtin_return_address(0));
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return note(__libc_memalign(alignment, size), __builtin_return_address(0));
}

int posix_memalign(void **place, size_t alignment, size_t size)
{
    void *block = note(__libc_memalign(alignment, size), __builtin_return_address(0));
    if (!block)
        return ENOMEM;
    *place = block;
    return 0;
}

void free(void *block)
{
    int error = errno;
    add(0, malloc_usable_size(block));
    __libc_free(block);
    errno = error;
}
