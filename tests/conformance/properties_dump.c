/* SPDX-License-Identifier: MIT
 *
 * Reads each input with our properties parser and says what was in it: the party that
 * properties_judge.py puts before java.util.Properties. */
#include "support/judge_stream.h"

static const cmr_limits limits = {
    .file_size = 1 << 30, .generation_size = 1 << 30, .files = 1, .depth = 64, .entries = 1 << 30
};

int main(void)
{
    return judge_answer_all(&cmr__format_properties, &limits, judge_write_pairs);
}
