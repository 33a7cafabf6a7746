/* SPDX-License-Identifier: MIT
 *
 * Pages straight from the kernel, so that locking, advice and wiping concern nothing else. A head before the
 * memory knows its size, so that it is freed like any other. That it cannot be locked is no failure: a
 * program without its secrets helps nobody; whoever wants to know asks. */
#include "base/secret.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define STACK_DEPTH 16384 /* more than any read or parse takes */

struct head {
    _Alignas(max_align_t) size_t size; /* of all pages */
    bool locked;
};

static struct head *head_of(const void *memory)
{
    return (struct head *)(uintptr_t)memory - 1;
}

void *cmr__secret_alloc(size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    if (size > SIZE_MAX / 2)
        return NULL;
    size_t whole = (sizeof(struct head) + size + page - 1) / page * page;
    void *pages = mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED)
        return NULL;
    (void)madvise(pages, whole, MADV_DONTDUMP);
    struct head *head = pages;
    head->locked = mlock(pages, whole) == 0;
    head->size = whole;
    return head + 1;
}

void cmr__secret_free(void *memory)
{
    if (!memory)
        return;
    struct head *head = head_of(memory);
    size_t size = head->size;
    explicit_bzero(head, size);
    munmap(head, size);
    cmr__secret_clear_registers();
}

void cmr__secret_lock_again(void *memory)
{
    struct head *head = head_of(memory);
    head->locked = mlock(head, head->size) == 0;
}

bool cmr__secret_is_locked(const void *memory)
{
    return head_of(memory)->locked;
}

void *cmr__secret_or_malloc(bool secret, size_t size)
{
    return secret ? cmr__secret_alloc(size) : malloc(size);
}

void cmr__secret_or_free(bool secret, void *memory)
{
    if (secret)
        cmr__secret_free(memory);
    else
        free(memory);
}

/* Copies leave their last bytes there, and the dynamic linker and signal frames spill them on the stack. */
#if defined(__x86_64__)
void cmr__secret_clear_registers(void)
{
    if (__builtin_cpu_supports("avx"))
        __asm__ volatile("vzeroall" ::
                             : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9",
                               "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
    if (__builtin_cpu_supports("avx512f"))
        __asm__ volatile(".irp number, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31\n"
                         "vpxorq %zmm\\number, %zmm\\number, %zmm\\number\n"
                         ".endr");
}
#elif defined(__aarch64__)
void cmr__secret_clear_registers(void)
{
    __asm__ volatile(
        ".irp number, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, "
        "30, 31\n"
        "movi v\\number\\().2d, #0\n"
        ".endr" ::
            : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v16", "v17", "v18", "v19", "v20", "v21", "v22",
              "v23", "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31");
}
#else
void cmr__secret_clear_registers(void)
{
}
#endif

__attribute__((noinline)) void cmr__secret_clear_stack(void)
{
    char stack[STACK_DEPTH];
    explicit_bzero(stack, sizeof stack);
    cmr__secret_clear_registers();
}
