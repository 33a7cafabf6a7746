/* SPDX-License-Identifier: MIT
 *
 * glibc counts freed blocks in a thread's cache as given out, and each arena's own head, and keeps what
 * belongs to the stacks of threads that have ended: so there are no caches, and one arena. Blocks that are
 * mapped are counted apart from the others. A sanitizer has a malloc of its own and counts exactly. */
#include "soak/account.h"

#include <dirent.h>
#include <malloc.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "soak/blocks.h"

#define LOOKS 5
#define TUNABLES "glibc.malloc.tcache_count=0:glibc.malloc.arena_max=1:glibc.pthread.stack_cache_size=0"

const char *const account_names[ASSETS] = { "descriptors", "threads", "blocks", "bytes" };

void account_prepare(char **arguments)
{
    if (getenv("GLIBC_TUNABLES"))
        return;
    setenv("GLIBC_TUNABLES", TUNABLES, 1);
    execv("/proc/self/exe", arguments);
}

static uint64_t descriptors(void)
{
    uint64_t count = 0;
    DIR *listing = opendir("/proc/self/fd");
    while (listing && readdir(listing))
        count++;
    if (listing)
        closedir(listing);
    return count > 3 ? count - 3 : 0; /* ".", ".." and the listing's own */
}

static uint64_t threads(void)
{
    struct stat status;
    return stat("/proc/self/task", &status) == 0 ? status.st_nlink - 2 : 0;
}

#ifdef SOAK_SANITIZED

size_t __sanitizer_get_current_allocated_bytes(void); /* gcc comes without its header */

static uint64_t bytes(void)
{
    return __sanitizer_get_current_allocated_bytes();
}

uint64_t account_noise(const struct account *account)
{
    (void)account;
    return 128;
}

#else

static uint64_t bytes(void)
{
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

uint64_t account_noise(const struct account *account)
{
    return 16 * account->of[ASSET_BLOCKS];
}

#endif

static struct account look(void)
{
    return (struct account){ { descriptors(), threads(), (uint64_t)blocks_live(), bytes() } };
}

struct account account_least(const struct account *one, const struct account *two)
{
    struct account least = *one;
    for (int i = 0; i < ASSETS; i++)
        least.of[i] = two->of[i] < one->of[i] ? two->of[i] : one->of[i];
    return least;
}

struct account account_most(const struct account *one, const struct account *two)
{
    struct account most = *one;
    for (int i = 0; i < ASSETS; i++)
        most.of[i] = two->of[i] > one->of[i] ? two->of[i] : one->of[i];
    return most;
}

struct account account_take(void)
{
    const struct timespec pause = { .tv_nsec = 1000000 };
    struct account least = look();
    for (int i = 1; i < LOOKS; i++) {
        nanosleep(&pause, NULL);
        struct account next = look();
        least = account_least(&least, &next);
    }
    return least;
}
