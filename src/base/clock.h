/* SPDX-License-Identifier: MIT
 *
 * Time. Deadlines are nanoseconds on CLOCK_MONOTONIC; CMR__NEVER is after them all. */
#ifndef CMRELOAD_BASE_CLOCK_H
#define CMRELOAD_BASE_CLOCK_H

#include <stdint.h>

#define CMR__NEVER INT64_MAX

int64_t cmr__clock_now(void);       /* CLOCK_MONOTONIC, ns */
int64_t cmr__clock_wall_time(void); /* CLOCK_REALTIME, s */

/* now + ms, without overflow; CMR__NEVER for negative ms. */
int64_t cmr__clock_after_ms(int64_t now, int64_t ms);

#endif
