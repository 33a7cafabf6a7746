/* SPDX-License-Identifier: MIT
 *
 * Time. Deadlines are nanoseconds on CLOCK_MONOTONIC; CMR__NEVER is after them all. */
#ifndef CMRELOAD_BASE_CLOCK_H
#define CMRELOAD_BASE_CLOCK_H

#include <stdint.h>

#define CMR__NEVER INT64_MAX

int64_t cmr__clock_now(void);       /* CLOCK_MONOTONIC, ns */
int64_t cmr__clock_wall_time(void); /* CLOCK_REALTIME, s */

/* Seconds since the epoch as RFC 3339 has them, in UTC: "2026-07-14T09:30:00Z"; "" outside of the years 1970
 * to 9999. */
#define CMR__TIME_SIZE 21
void cmr__clock_format(int64_t seconds, char ret_text[CMR__TIME_SIZE]);

/* now + ms, without overflow; CMR__NEVER for negative ms. */
int64_t cmr__clock_after_ms(int64_t now, int64_t ms);

#endif
