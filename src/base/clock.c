/* SPDX-License-Identifier: MIT
 *
 * Time, in the two kinds that the library needs: a monotonic one for deadlines, and the wall's for
 * telling people when something happened.
 *
 * A date is computed here, since gmtime_r opens the file of the local time zone when it is called first.
 *
 * Deadlines saturate: an application that passes INT64_MAX milliseconds means "never", and gets it.
 */
#include "base/clock.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define NS_PER_S INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)
#define S_PER_DAY INT64_C(86400)
#define DAYS_TO_10000 INT64_C(2932897)

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

static bool is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

void cmr__clock_format(int64_t seconds, char ret_text[CMR__TIME_SIZE])
{
    static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    int64_t days = seconds / S_PER_DAY;
    int day, year, month = 0, second = (int)(seconds % S_PER_DAY);
    char text[80]; /* the compiler reckons with any int */

    ret_text[0] = '\0';
    if (seconds < 0 || days >= DAYS_TO_10000)
        return;
    year = 1970 + (int)(days / 146097) * 400; /* the days of 400 years */
    day = (int)(days % 146097);
    for (; day >= 365 + is_leap(year); year++)
        day -= 365 + is_leap(year);
    for (; day >= lengths[month] + (month == 1 && is_leap(year)); month++)
        day -= lengths[month] + (month == 1 && is_leap(year));
    snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02dZ", year, month + 1, day + 1, second / 3600,
             second / 60 % 60, second % 60);
    memcpy(ret_text, text, CMR__TIME_SIZE);
}
