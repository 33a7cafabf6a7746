/* SPDX-License-Identifier: MIT
 *
 * Fills the struct of the rich schema, unknown keys refused, from each input as JSON: CMR_OK, or the status,
 * and how much is wrong and what. With --schema it prints that schema as JSON Schema. The party that
 * json_schema_judge.py puts before another implementation of JSON Schema. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/judge_stream.h"
#include "support/rich_record.h"

#define FILE_NAME "a.json"

static bool answer(void *user, const char *raw, size_t length)
{
    cmr_file file = { .name = FILE_NAME, .data = raw, .size = length };
    cmr_snapshot *snapshot = NULL;
    cmr_record *record = NULL;
    cmr_report *report = NULL;
    (void)user;
    cmr_status status = cmr_snapshot_from_files(&file, 1, NULL, NULL, &snapshot);
    if (status == CMR_OK)
        status = cmr_record_new(snapshot, FILE_NAME, &rich_schema_strict, &report, &record);
    judge_write_number((uint32_t)status);
    judge_write_number((uint32_t)cmr_report_count(report));
    for (size_t i = 0; i < cmr_report_count(report); i++) {
        const char *why = cmr_report_get(report, i)->message;
        judge_write_text(why, (uint32_t)strlen(why));
    }
    cmr_report_free(report);
    cmr_record_free(record);
    cmr_snapshot_unref(snapshot);
    return true;
}

int main(int argc, char **argv)
{
    char *json = NULL;
    if (argc != 2 || strcmp(argv[1], "--schema") != 0)
        return judge_each_input(answer, NULL);
    if (cmr_schema_json(&rich_schema_strict, FILE_NAME, &json) != CMR_OK)
        return 1;
    fputs(json, stdout);
    free(json);
    return 0;
}
