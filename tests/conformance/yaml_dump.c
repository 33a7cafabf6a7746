/* SPDX-License-Identifier: MIT
 *
 * Reads each input with our YAML reader, under the default limits, and says what was in it: the party that
 * yaml_judge.py puts before PyYAML, and yaml_suite_test.sh before the YAML test suite. */
#include "support/format_text.h"
#include "support/judge_stream.h"

int main(void)
{
    return judge_answer_all_with_reasons(&cmr__format_yaml, &default_limits, judge_write_entries);
}
