/* SPDX-License-Identifier: MIT
 *
 * Reads each input as a size: the party that quantity_judge.py puts before a reading of Kubernetes' grammar.
 */
#include "support/judge_stream.h"

static uint64_t bytes(const cmr_value *value)
{
    return value->as.size;
}

int main(void)
{
    return judge_answer_values(CMR_TYPE_SIZE, bytes);
}
