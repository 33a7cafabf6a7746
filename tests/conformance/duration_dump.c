/* SPDX-License-Identifier: MIT
 *
 * Reads each input as a duration: the party that duration_judge.py puts before Go. */
#include "support/judge_stream.h"

static uint64_t nanoseconds(const cmr_value *value)
{
    return (uint64_t)value->as.duration_ns;
}

int main(void)
{
    return judge_answer_values(CMR_TYPE_DURATION, nanoseconds);
}
