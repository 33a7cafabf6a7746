/* SPDX-License-Identifier: MIT
 *
 * Reads each input with our JSON reader, under the default limits, and says what was in it: the party that
 * json_judge.py puts before Python's json, and json_suite_test.sh before JSONTestSuite. */
#include "support/format_text.h"
#include "support/judge_stream.h"

int main(void)
{
    return judge_answer_all(&cmr__format_json, &default_limits, judge_write_entries);
}
