/* SPDX-License-Identifier: MIT
 *
 * Any bytes are a JSON Schema that the tool takes, or none. One that it takes is a schema of the library's:
 * that prints it, and what is printed is read, and printed, as the same. It fills a struct, or tells why not.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cli/schema_in.h"
#include "fuzz/fuzz.h"

/* The tool tells on stderr what is wrong, which would be all there is to see. */
static int parse_quietly(const char *data, size_t size, struct schema_in *ret_schema)
{
    int own = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    FUZZ_REQUIRE(own >= 0 && null >= 0 && dup2(null, STDERR_FILENO) >= 0);
    int status = schema_in_parse("schema", data, size, ret_schema);
    FUZZ_REQUIRE(dup2(own, STDERR_FILENO) >= 0);
    close(own);
    close(null);
    return status;
}

static void fill(const struct schema_in *in)
{
    static const char text[] = "a: {b: [1, {c: x}], d: 2}\ne: [f]\n";
    cmr_file file = { .name = "a.yaml", .data = text, .size = strlen(text) };
    cmr_snapshot *snapshot = NULL;
    cmr_record *record = NULL;
    cmr_report *report = NULL;
    FUZZ_REQUIRE(cmr_snapshot_from_files(&file, 1, NULL, NULL, &snapshot) == CMR_OK);
    cmr_status status = cmr_record_new(snapshot, in->key, &in->schema, &report, &record);
    FUZZ_REQUIRE(status == CMR_OK || (status == CMR_ERR_REJECTED && cmr_report_count(report)));
    cmr_report_free(report);
    cmr_record_free(record);
    cmr_snapshot_unref(snapshot);
}

static void print_again(const struct schema_in *in)
{
    struct schema_in again = SCHEMA_IN_INIT;
    char *one = NULL, *two = NULL, *page = NULL;
    FUZZ_REQUIRE(cmr_schema_json(&in->schema, in->key, &one) == CMR_OK);
    FUZZ_REQUIRE(schema_in_parse("printed", one, strlen(one), &again) == CLI_DONE);
    FUZZ_REQUIRE(cmr_schema_json(&again.schema, again.key, &two) == CMR_OK);
    FUZZ_REQUIRE(strcmp(one, two) == 0);
    FUZZ_REQUIRE(cmr_schema_markdown(&in->schema, in->key, &page) == CMR_OK);
    free(one);
    free(two);
    free(page);
    schema_in_clear(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct schema_in in = SCHEMA_IN_INIT;
    char *copy = fuzz_copy(data, size);
    if (parse_quietly(copy, size, &in) == CLI_DONE) {
        print_again(&in);
        fill(&in);
    }
    schema_in_clear(&in);
    free(copy);
    return 0;
}
