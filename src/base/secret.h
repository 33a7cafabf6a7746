/* SPDX-License-Identifier: MIT
 *
 * Memory for secrets: whole pages that are locked (never swapped), left out of core dumps, and wiped when
 * they are freed. */
#ifndef CMRELOAD_BASE_SECRET_H
#define CMRELOAD_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

/* NULL: out of memory. */
void *cmr__secret_alloc(size_t size);
void cmr__secret_free(void *memory); /* NULL: nothing */

/* False: the limit on locked memory (RLIMIT_MEMLOCK) was reached before. */
bool cmr__secret_is_locked(const void *memory);

/* In a forked child, to which the kernel gives no locks. */
void cmr__secret_lock_again(void *memory);

/* malloc and free, or, for a secret, the above. */
void *cmr__secret_or_malloc(bool secret, size_t size);
void cmr__secret_or_free(bool secret, void *memory);

/* Overwrites what functions that have returned left in the vector registers, by which memory is copied, and
 * what they left on this thread's stack. */
void cmr__secret_clear_registers(void);
void cmr__secret_clear_stack(void);

#endif
