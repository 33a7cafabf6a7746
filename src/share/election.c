/* SPDX-License-Identifier: MIT
 *
 * A POSIX record lock on a memory file. It belongs to a process, not to the descriptor, and so, unlike flock
 * and OFD locks, is not shared by those who inherit the file; and the kernel gives it up when the process
 * ends, however it does. It is also given up when the process closes any descriptor of that file: so only
 * cmr__election_close does.
 *
 * The counter lies in a page of the same file, which every process maps. It may not shrink (a seal), or a
 * look at it would be a SIGBUS. Who took a number and died before it published leaves a gap. */
#include "share/election.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "share/memory_file.h"

struct cmr__page {
    _Atomic uint64_t newest;
};

#define PAGE_SIZE sizeof(struct cmr__page)

static cmr_status map(int descriptor, struct cmr__page **ret_page)
{
    void *page = mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    if (page == MAP_FAILED)
        return errno == ENOMEM ? CMR_ERR_NO_MEMORY : CMR_ERR_SYSTEM;
    *ret_page = page;
    return CMR_OK;
}

cmr_status cmr__election_open(struct cmr__election *election)
{
    cmr_cleanup(cmr__close_fd) int descriptor = cmr__memory_file_new("cmreload-share");
    if (descriptor < 0 || ftruncate(descriptor, PAGE_SIZE) != 0 ||
        fcntl(descriptor, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
        return CMR_ERR_SYSTEM;
    cmr_status status = map(descriptor, &election->page);
    if (status == CMR_OK)
        election->descriptor = CMR_TAKE_FD(descriptor);
    return status;
}

void cmr__election_close(struct cmr__election *election)
{
    if (election->page)
        munmap(election->page, PAGE_SIZE);
    cmr__close_fd(&election->descriptor);
    *election = (struct cmr__election)CMR__ELECTION_INIT;
}

static bool set_lock(const struct cmr__election *election, short type)
{
    struct flock lock = { .l_type = type, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1 };
    return fcntl(election->descriptor, F_SETLK, &lock) == 0;
}

bool cmr__election_win(const struct cmr__election *election)
{
    return set_lock(election, F_WRLCK);
}

void cmr__election_resign(const struct cmr__election *election)
{
    (void)set_lock(election, F_UNLCK);
}

uint64_t cmr__election_next_number(const struct cmr__election *election)
{
    return atomic_fetch_add(&election->page->newest, 1) + 1;
}
