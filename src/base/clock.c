/* SPDX-License-Identifier: MIT
 *
 * Time, in the two kinds that the library needs: a monotonic one for deadlines, and the wall's for
 * telling people when something happened.
 *
 * Deadlines saturate: an application that passes INT64_MAX milliseconds means "never", and gets it.
 */
#include "base/clock.h"

#include <time.h>

#define NS_PER_S INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)

/* clock_gettime fails on unknown clocks only; every Linux has these two. */
int64_t cmr__clock_now(void)
{
    struct timespec now = { 0 };

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

int64_t cmr__clock_wall_time(void)
{
    struct timespec now = { 0 };

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec;
}

int64_t cmr__clock_after_ms(int64_t now, int64_t ms)
{
    int64_t wait, deadline;

    if (ms < 0 || __builtin_mul_overflow(ms, NS_PER_MS, &wait) ||
        __builtin_add_overflow(now, wait, &deadline))
        return CMR__NEVER;
    return deadline;
}
