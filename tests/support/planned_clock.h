/* SPDX-License-Identifier: MIT
 *
 * A monotonic clock that goes on at once to what the library has planned, so that a test waits for nothing
 * and sees whether anything is planned at all. A test that uses it wraps clock_gettime and timerfd_settime,
 * and hands both on to the first two functions. There is one timer at a time. */
#ifndef CMRELOAD_TESTS_SUPPORT_PLANNED_CLOCK_H
#define CMRELOAD_TESTS_SUPPORT_PLANNED_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/timerfd.h>
#include <time.h>

int planned_clock_gettime(clockid_t clock, struct timespec *ret_time);
int planned_clock_settime(int timer, int flags, const struct itimerspec *setting);

/* Moves the clock to the time that the timer is set to, and the timer fires. False: it is not set. */
bool planned_clock_advance(void);

/* How long from now on until the timer fires; INT64_MAX: it is not set. */
int64_t planned_clock_left_ns(void);

/* The timer is gone: before another one is made. */
void planned_clock_forget(void);

#endif
