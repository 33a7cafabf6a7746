/* SPDX-License-Identifier: MIT
 *
 * The kernel gives a child zeroes in place of a page that is marked MADV_WIPEONFORK (madvise(2), Linux 4.14),
 * so a look at it costs one load. Where that is not to be had, as in some sandboxes, the process's number
 * tells, at the cost of a system call. A child that shares its parent's memory (vfork) is no child here: it
 * can only exec or exit. */
#include "base/fork_guard.h"

#include <sys/mman.h>
#include <unistd.h>

static size_t page_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

void cmr__fork_guard_adopt(struct cmr__fork_guard *guard)
{
    guard->owner = getpid();
    if (guard->page)
        guard->page[0] = 1;
}

cmr_status cmr__fork_guard_set(struct cmr__fork_guard *guard)
{
    void *page = mmap(NULL, page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return CMR_ERR_NO_MEMORY;
    guard->page = page;
    if (madvise(page, page_size(), MADV_WIPEONFORK) != 0)
        cmr__fork_guard_reset(guard);
    cmr__fork_guard_adopt(guard);
    return CMR_OK;
}

void cmr__fork_guard_reset(struct cmr__fork_guard *guard)
{
    if (guard->page)
        munmap((void *)(uintptr_t)guard->page, page_size());
    guard->page = NULL;
}

bool cmr__fork_guard_is_child(const struct cmr__fork_guard *guard)
{
    return guard->page ? guard->page[0] == 0 : guard->owner != getpid();
}
