/* SPDX-License-Identifier: MIT
 *
 * A document, or two with "\n--\n" in between, of one format (the first byte: y, p, i, e, else JSON; as a
 * capital letter, unknown keys are refused), fills the struct of the rich schema: or all that does not fit is
 * told, never both. The second is filled with the first record before it. The tool's reading of the schema
 * says the same, word by word. */
#include <string.h>

#include "base/diagnostic.h"
#include "cli/schema_in.h"
#include "fuzz/fuzz.h"
#include "schema/record.h"
#include "support/rich_record.h"

#define MARKER "\n--\n"

/* Made once. */
static struct {
    struct cmr__schema *ours;
    struct cmr__schema *of_tool;
} schemas[2][5];

static const char *const files[5] = { "a.json", "a.yaml", "a.properties", "a.ini", "a.env" };

static struct cmr__schema *make(const cmr_schema *given, const char *key)
{
    struct cmr__schema *schema = NULL;
    cmr_report *report = cmr__report_new();
    FUZZ_REQUIRE(report && cmr__schema_new(given, key, report, &schema) == CMR_OK);
    cmr_report_free(report);
    return schema;
}

static void make_all(void)
{
    static const cmr_schema *const given[2] = { &rich_schema, &rich_schema_strict };
    static struct schema_in read[2][5];
    for (size_t i = 0; i < 2 && !schemas[1][4].ours; i++)
        for (size_t k = 0; k < 5; k++) {
            char *json = NULL;
            FUZZ_REQUIRE(cmr_schema_json(given[i], files[k], &json) == CMR_OK);
            FUZZ_REQUIRE(schema_in_parse("schema", json, strlen(json), &read[i][k]) == CLI_DONE);
            free(json);
            schemas[i][k].ours = make(given[i], files[k]);
            schemas[i][k].of_tool = make(&read[i][k].schema, read[i][k].key);
        }
}

static cmr_snapshot *snapshot_of_file(const char *name, const uint8_t *data, size_t size)
{
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    cmr_file file = { .name = name, .data = data, .size = size };
    cmr_snapshot *snapshot = NULL;
    mount.limits = fuzz_limits;
    cmr_snapshot_from_files(&file, 1, &mount, NULL, &snapshot);
    return snapshot;
}

static void check_shape(const cmr_report *report)
{
    for (size_t i = 0; i < cmr_report_count(report); i++) {
        const cmr_diagnostic *item = cmr_report_get(report, i);
        FUZZ_REQUIRE(item->message[0] && !strchr(item->message, '\n'));
        FUZZ_REQUIRE(item->status == CMR_ERR_LIMIT || (item->key[0] && strncmp(item->file, "a.", 2) == 0));
        FUZZ_REQUIRE(item->status == CMR_ERR_LIMIT || (item->line && item->column));
        FUZZ_REQUIRE(item->status == CMR_ERR_LIMIT || cmr_key_check(item->key, NULL) == CMR_OK);
    }
}

static void compare(const cmr_report *one, const cmr_report *two)
{
    FUZZ_REQUIRE(cmr_report_count(one) == cmr_report_count(two));
    for (size_t i = 0; i < cmr_report_count(one); i++) {
        const cmr_diagnostic *item = cmr_report_get(one, i), *other = cmr_report_get(two, i);
        FUZZ_REQUIRE(item->status == other->status && item->line == other->line &&
                     item->column == other->column);
        FUZZ_REQUIRE(strcmp(item->key, other->key) == 0 && strcmp(item->message, other->message) == 0);
    }
}

/* NULL: it does not fit. */
static cmr_record *fill(const struct cmr__schema *schema, const cmr_snapshot *snapshot,
                        const cmr_record *before, cmr_report **ret_report, cmr_report **ret_notices)
{
    cmr_record *record = NULL;
    *ret_report = cmr__report_new();
    *ret_notices = cmr__report_new();
    FUZZ_REQUIRE(*ret_report && *ret_notices);
    cmr_status status = cmr__record_fill(schema, snapshot, before, *ret_report, *ret_notices, &record);
    FUZZ_REQUIRE(status == (record ? CMR_OK : CMR_ERR_REJECTED));
    FUZZ_REQUIRE(!record == (cmr_report_count(*ret_report) > 0));
    cmr__report_finish(*ret_report);
    cmr__report_finish(*ret_notices);
    check_shape(*ret_report);
    check_shape(*ret_notices);
    return record;
}

static cmr_record *fill_both(size_t strict, size_t file, const cmr_snapshot *snapshot,
                             const cmr_record *before)
{
    cmr_report *report, *notices, *other_report, *other_notices;
    cmr_record *record = fill(schemas[strict][file].ours, snapshot, before, &report, &notices);
    cmr_record *other = fill(schemas[strict][file].of_tool, snapshot, NULL, &other_report, &other_notices);
    compare(report, other_report);
    if (!before)
        compare(notices, other_notices);
    cmr_record_free(other);
    cmr_report_free(report);
    cmr_report_free(notices);
    cmr_report_free(other_report);
    cmr_report_free(other_notices);
    return record;
}

/* What takes effect at a restart stays, whatever else comes. */
static void check_kept(const struct rich *before, const struct rich *after)
{
    FUZZ_REQUIRE(before->threads == after->threads && !before->user == !after->user);
    FUZZ_REQUIRE(!before->user || (before->user != after->user && strcmp(before->user, after->user) == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char letters[] = "jypie";
    if (!size)
        return 0;
    make_all();
    const char *letter = strchr(letters, (data[0] | 32) ? data[0] | 32 : ' ');
    size_t file = letter && *letter ? (size_t)(letter - letters) : 0, strict = !(data[0] & 32);
    const uint8_t *first = data + 1, *end = data + size,
                  *marker = memmem(first, size - 1, MARKER, strlen(MARKER));
    cmr_snapshot *one = snapshot_of_file(files[file], first, (size_t)((marker ? marker : end) - first));
    cmr_record *record = one ? fill_both(strict, file, one, NULL) : NULL;
    cmr_snapshot_unref(one);
    if (record && marker) {
        const uint8_t *second = marker + strlen(MARKER);
        cmr_snapshot *two = snapshot_of_file(files[file], second, (size_t)(end - second));
        cmr_record *next = two ? fill_both(strict, file, two, record) : NULL;
        cmr_snapshot_unref(two);
        if (next)
            check_kept(cmr_record_get(record), cmr_record_get(next));
        if (next)
            FUZZ_REQUIRE(rich_text(cmr_record_get(next))[0]);
        cmr_record_free(next);
    }
    if (record)
        FUZZ_REQUIRE(rich_text(cmr_record_get(record))[0]);
    cmr_record_free(record);
    return 0;
}
