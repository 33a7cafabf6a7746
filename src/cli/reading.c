/* SPDX-License-Identifier: MIT
 *
 * Reading what is at a path for one look. All that is wrong with it is printed, not only the first thing: the
 * library's report holds it all. */
#include "cli/reading.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/util.h"

/* Formats are known to the library alone: it is asked to read nothing by the rule. */
static bool is_format(const cmr_format_rule *rule)
{
    cmr_format_rule rules[] = { *rule, { NULL, NULL } };
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    cmr_snapshot *snapshot = NULL;
    cmr_status status;

    mount.formats = rules;
    status = cmr_snapshot_from_files(NULL, 0, &mount, NULL, &snapshot);
    cmr_snapshot_unref(snapshot);
    return status != CMR_ERR_INVALID_ARGUMENT;
}

static int add_rule(struct cli_reading *reading, const struct cli_line *line)
{
    cmr_format_rule *rules = realloc(reading->rules, (reading->rule_count + 2) * sizeof(*rules));
    char *glob = strdup(optarg), *equals = glob ? strrchr(glob, '=') : NULL;

    if (rules)
        reading->rules = rules;
    if (!rules || !glob) {
        free(glob);
        return cli_fail(CLI_FAILED, "out of memory");
    }
    if (!equals || equals == glob) {
        free(glob);
        return cli_usage(line->command, "--format %s: wanted GLOB=FORMAT", optarg);
    }
    *equals = '\0';
    rules[reading->rule_count++] = (cmr_format_rule){ glob, equals + 1 };
    rules[reading->rule_count] = (cmr_format_rule){ NULL, NULL };
    if (!is_format(&rules[reading->rule_count - 1]))
        return cli_usage(line->command, "--format %s: unknown format, or malformed glob", optarg);
    return CLI_DONE;
}

int cli_reading_option(struct cli_reading *reading, const struct cli_line *line, int option)
{
    if (option == CLI_OPTION_FORMAT)
        return add_rule(reading, line);
    reading->json |= option == CLI_OPTION_JSON;
    reading->secret |= option == CLI_OPTION_SECRET;
    return CLI_DONE;
}

cmr_mount_options cli_reading_mount(const struct cli_reading *reading)
{
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;

    mount.formats = reading->rules;
    mount.secret = reading->secret;
    mount.leaky_formats = true; /* what stays behind in memory ends with this process */
    return mount;
}

void cli_reading_clear(struct cli_reading *reading)
{
    for (size_t i = 0; i < reading->rule_count; i++)
        free((char *)(uintptr_t)reading->rules[i].glob);
    free(reading->rules);
    *reading = (struct cli_reading)CLI_READING_INIT;
}

int cli_print_diagnostic(const cmr_diagnostic *diagnostic)
{
    const char *key = diagnostic->key;

    if (!diagnostic->file[0])
        return cli_fail_at(key[0] ? key : "the whole", 0, 0, "%s", diagnostic->message);
    return cli_fail_at(diagnostic->file, diagnostic->line, diagnostic->column, "%s%s%s", key,
                       key[0] ? ": " : "", diagnostic->message);
}

int cli_print_report(const cmr_report *report, const char *file, unsigned first_line)
{
    for (size_t i = 0; i < cmr_report_count(report); i++) {
        cmr_diagnostic problem = *cmr_report_get(report, i);
        problem.file = file ? file : problem.file;
        problem.line = problem.line ? problem.line + first_line - 1 : 0;
        cli_print_diagnostic(&problem);
    }
    return CLI_FAILED;
}

int cli_load_volume(const char *dir, const cmr_mount_options *mount, cmr_report **ret_report,
                    cmr_snapshot **ret_snapshot)
{
    cmr_status status = cmr_snapshot_read(dir, mount, ret_report, ret_snapshot);

    if (status == CMR_OK)
        return CLI_DONE;
    if (status == CMR_ERR_REJECTED)
        return CLI_NO;
    if (status == CMR_ERR_NOT_FOUND)
        return cli_fail(CLI_FAILED, "%s: nothing there to read: no volume, no file, or an empty directory",
                        dir);
    return cli_fail_status(dir, status);
}

int cli_read_volume(const char *dir, const cmr_mount_options *mount, cmr_snapshot **ret_snapshot)
{
    cli_cleanup(cli_free_report) cmr_report *report = NULL;
    int status = cli_load_volume(dir, mount, &report, ret_snapshot);

    return status == CLI_NO ? cli_print_report(report, NULL, 1) : status;
}

char *cli_join_patterns(const struct cli_line *line, int first)
{
    size_t length = sizeof("**");
    char *joined, *end;

    for (int i = first; i < line->operand_count; i++)
        length += strlen(line->operands[i]) + 1;
    joined = malloc(length);
    if (!joined)
        return NULL;
    strcpy(joined, first < line->operand_count ? "" : "**");
    end = joined;
    for (int i = first; i < line->operand_count; i++)
        end = stpcpy(stpcpy(end, i > first ? " " : ""), line->operands[i]);
    return joined;
}
