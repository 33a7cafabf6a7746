/* SPDX-License-Identifier: MIT
 *
 * The clock is the kernel's and an offset. The kernel's timer is really set, to the same moment on its own
 * clock, so what becomes readable and when is the kernel's business. The system calls are made directly,
 * since the functions are wrapped. */
#include "support/planned_clock.h"

#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NS_PER_S INT64_C(1000000000)

static atomic_llong offset; /* read by all threads */
static int64_t deadline = INT64_MAX;
static int timer_of_deadline = -1;

static int64_t ns_of(const struct timespec *time)
{
    return time->tv_sec * NS_PER_S + time->tv_nsec;
}

static struct timespec time_of(int64_t ns)
{
    return (struct timespec){ .tv_sec = ns / NS_PER_S, .tv_nsec = ns % NS_PER_S };
}

int planned_clock_gettime(clockid_t clock, struct timespec *ret_time)
{
    int result = (int)syscall(SYS_clock_gettime, clock, ret_time);
    if (clock == CLOCK_MONOTONIC)
        *ret_time = time_of(ns_of(ret_time) + offset);
    return result;
}

static int set_kernels(int timer, int flags, int64_t ns)
{
    struct itimerspec setting = { .it_value = time_of(ns) };
    return (int)syscall(SYS_timerfd_settime, timer, flags, &setting, NULL);
}

int planned_clock_settime(int timer, int flags, const struct itimerspec *setting)
{
    int64_t ns = ns_of(&setting->it_value), kernels = ns - offset;
    int result = set_kernels(timer, flags, ns == 0 ? 0 : kernels > 0 ? kernels : 1);
    if (result == 0) {
        timer_of_deadline = timer;
        deadline = ns ? ns : INT64_MAX;
    }
    return result;
}

int64_t planned_clock_left_ns(void)
{
    struct timespec now;
    if (deadline == INT64_MAX || planned_clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        return INT64_MAX;
    return deadline - ns_of(&now);
}

bool planned_clock_advance(void)
{
    int64_t left = planned_clock_left_ns();
    if (left == INT64_MAX)
        return false;
    if (left > 0)
        offset += left;
    deadline = INT64_MAX; /* it fires once */
    return set_kernels(timer_of_deadline, TFD_TIMER_ABSTIME, 1) == 0;
}

void planned_clock_forget(void)
{
    deadline = INT64_MAX;
    timer_of_deadline = -1;
}
