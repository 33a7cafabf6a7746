/* SPDX-License-Identifier: MIT
 *
 * A mirror: the configuration as a subscriber knows it who hears of nothing but changes. A change that does
 * not fit what it has ends the test: a wrong old or new value, a false removal, a lost or doubled change. */
#ifndef CMRELOAD_TESTS_SUPPORT_MIRROR_H
#define CMRELOAD_TESTS_SUPPORT_MIRROR_H

#include "cmreload/cmreload.h"

struct mirror {
    struct {
        char key[64], value[64];
    } items[64];
    size_t count;
};

/* To be subscribed to "**", with initial, with the mirror as user. */
void mirror_update(void *mirror, const cmr_update *update);

/* The snapshot holds what the mirror has, and nothing else. */
void mirror_assert_true(const struct mirror *mirror, cmr_snapshot *snapshot);

#endif
