/* SPDX-License-Identifier: MIT
 *
 * Reads each input as an environment file: the party that env_judge.py puts before kubectl. */
#include "support/format_text.h"
#include "support/judge_stream.h"

int main(void)
{
    return judge_answer_all(&cmr__format_env, &default_limits, judge_write_pairs);
}
