/* SPDX-License-Identifier: MIT
 *
 * Chance that can be had again: the same numbers from the same seed (splitmix64). */
#ifndef CMRELOAD_TESTS_SOAK_CHANCE_H
#define CMRELOAD_TESTS_SOAK_CHANCE_H

#include <stdint.h>

struct chance {
    uint64_t state; /* the seed, at first */
};

/* A number below `limit`, which is not 0. */
static inline unsigned chance_below(struct chance *chance, unsigned limit)
{
    uint64_t mixed = chance->state += UINT64_C(0x9e3779b97f4a7c15);
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (unsigned)((mixed ^ (mixed >> 31)) % limit);
}

#endif
