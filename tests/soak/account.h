/* SPDX-License-Identifier: MIT
 *
 * What this process has: descriptors, threads, blocks that malloc gave out, and the bytes of these. */
#ifndef CMRELOAD_TESTS_SOAK_ACCOUNT_H
#define CMRELOAD_TESTS_SOAK_ACCOUNT_H

#include <stdint.h>

enum asset {
    ASSET_DESCRIPTORS,
    ASSET_THREADS,
    ASSET_BLOCKS, /* 0 under a sanitizer */
    ASSET_BYTES,
    ASSETS
};

extern const char *const account_names[ASSETS];

struct account {
    uint64_t of[ASSETS];
};

/* Before anything else: starts the program once more, with a libc that keeps nothing back for the next
 * caller, so that a byte that is counted is one that somebody has. */
void account_prepare(char **arguments);

/* The least of several looks, as other threads may be about to end or to free something. */
struct account account_take(void);

/* For each asset the smaller, or the greater, of the two. */
struct account account_least(const struct account *one, const struct account *two);
struct account account_most(const struct account *one, const struct account *two);

/* How much more bytes one account may have than another by chance: malloc gives out up to 16 bytes more with
 * a block where the rest would be too small to be one. A sanitizer's counts what was asked for; names of
 * generations differ in length. */
uint64_t account_noise(const struct account *account);

#endif
