/* SPDX-License-Identifier: MIT
 *
 * cmreload diff: what a subscriber would be told if A became B. Values are compared, not bytes: comments and
 * order are no difference, and with a type 10s and 10000ms are none either.
 *
 * With a type both sides must convert, as both generations must that a typed subscription sees. Items and
 * the name concern manifests: a directory, mounted or written by apply, has its items behind it. */
#include <string.h>

#include "cli/change.h"
#include "cli/contents.h"
#include "cli/json_out.h"
#include "cli/problems.h"
#include "cli/reading.h"
#include "cli/util.h"

struct diff {
    struct cli_reading reading;
    struct cli_typing typing;
    struct cli_contents contents;
};

static void free_update(cmr_update **update)
{
    cmr_update_free(*update);
}

/* One side; it must be good. */
static int load(const struct diff *diff, const char *from, const char *patterns, cmr_snapshot **ret_snapshot)
{
    static const struct cli_contents plain = CLI_CONTENTS_INIT;
    cli_cleanup(cli_free_report) cmr_report *report = NULL;
    cli_cleanup(problems_clear) struct problems problems = PROBLEMS_INIT;
    const struct cli_contents *contents = cli_contents_is_dir(from) ? &plain : &diff->contents;
    cmr_mount_options mount = cli_reading_mount(&diff->reading);
    int status = cli_contents_load(contents, &cli_diff, from, &mount, &report, ret_snapshot);

    if (status == CLI_NO)
        status = problems_add_report(&problems, report);
    else if (status == CLI_DONE && diff->typing.type != CMR_TYPE_ANY)
        status = problems_add_values(&problems, *ret_snapshot, patterns, &diff->typing);
    if (status != CLI_DONE || !problems.count)
        return status;
    cli_fail(CLI_FAILED, "%s would be rejected:", from);
    problems_print(&problems);
    return CLI_FAILED;
}

static void print(const struct diff *diff, const cmr_change *change)
{
    if (!diff->reading.json) {
        change_line(change, &diff->typing);
        return;
    }
    json_begin(change_name(change));
    change_members(change, &diff->typing);
    json_end();
}

static int compare(const struct diff *diff, const struct cli_line *line)
{
    cli_cleanup(cli_free_ptr) char *patterns = cli_join_patterns(line, 2);
    cli_cleanup(cli_unref_snapshot) cmr_snapshot *before = NULL;
    cli_cleanup(cli_unref_snapshot) cmr_snapshot *after = NULL;
    cli_cleanup(free_update) cmr_update *update = NULL;
    cmr_status failed;
    int status = patterns ? CLI_DONE : cli_fail(CLI_FAILED, "out of memory");

    if (status == CLI_DONE)
        status = load(diff, line->operands[0], patterns, &before);
    if (status == CLI_DONE)
        status = load(diff, line->operands[1], patterns, &after);
    if (status != CLI_DONE)
        return status;
    failed = cmr_snapshot_diff(before, after, patterns, diff->typing.type, diff->typing.table, &update);
    if (failed != CMR_OK)
        return cli_fail_status("diff", failed);
    for (size_t i = 0; i < cmr_update_count(update); i++)
        print(diff, cmr_update_change(update, i));
    return cmr_update_count(update) ? CLI_NO : CLI_DONE;
}

static int check(const struct diff *diff, const struct cli_line *line)
{
    int status = cli_typing_check(&diff->typing, line);
    char **from = line->operands;

    if (status != CLI_DONE)
        return status;
    if (line->operand_count < 2)
        return cli_usage(line->command, "wanted A and B, each DIR, MANIFEST or -");
    if (strcmp(from[0], "-") == 0 && strcmp(from[1], "-") == 0)
        return cli_usage(line->command, "standard input can be one of the two");
    if ((diff->contents.items.count || diff->contents.name) && cli_contents_is_dir(from[0]) &&
        cli_contents_is_dir(from[1]))
        return cli_usage(line->command, "--item and --name go with a manifest");
    for (int i = 2; i < line->operand_count && status == CLI_DONE; i++)
        status = cli_check_pattern(line->command, from[i]);
    return status;
}

static int take(struct diff *diff, const struct cli_line *line, int option)
{
    switch (option) {
    case CLI_OPTION_ITEM:
    case CLI_OPTION_NAME:
        return cli_contents_option(&diff->contents, option);
    case CLI_OPTION_TYPE:
    case CLI_OPTION_ENUM:
        return cli_typing_option(&diff->typing, line, option);
    default:
        return cli_reading_option(&diff->reading, line, option);
    }
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {
        CLI_CONTENTS_OPTIONS, CLI_TYPING_OPTIONS, CLI_READING_OPTIONS, CLI_SECRET_OPTION, CLI_LAST_OPTIONS,
    };
    struct cli_line line = {
        .command = &cli_diff, .argc = argc, .argv = argv, .shorts = "", .options = options
    };
    struct diff diff = { CLI_READING_INIT, CLI_TYPING_INIT, CLI_CONTENTS_INIT };
    int option;

    while (cli_next_option(&line, &option))
        cli_settle(&line, take(&diff, &line, option));
    if (!line.ended)
        cli_settle(&line, check(&diff, &line));
    if (!line.ended)
        line.status = compare(&diff, &line);
    cli_contents_clear(&diff.contents);
    cli_typing_clear(&diff.typing);
    cli_reading_clear(&diff.reading);
    return line.status;
}

const struct cli_command cli_diff = {
    .name = "diff",
    .summary = "print what would change from one volume or manifest to another",
    .usage = "A B [PATTERN...] [--type TYPE] [--item KEY=PATH...]\n"
             "                     [--name N]",
    .help = "Prints a line for each key that has another value in B than in A, of those that\n"
            "a PATTERN matches (of all, if there is none). A and B are each DIR, a MANIFEST of\n"
            "kind ConfigMap, or - for standard input. For instance\n"
            "  kubectl get configmap game -o yaml | cmreload diff - configmap.yaml\n"
            "  cmreload diff /etc/config configmap.yaml 'app.yaml#**.timeout' --type duration\n"
            "\n" CLI_TYPING_HELP CLI_CONTENTS_HELP CLI_READING_HELP CLI_SECRET_HELP "\n"
            "Lines: added, modified, removed, as watch prints them. Values are compared, not\n"
            "bytes: comments and order are no difference, with --type duration neither are\n"
            "10s and 10000ms. --item and --name concern manifests, not directories.\n"
            "\n"
            "Exit status: 0 no difference; 1 there is one; 2 wrong usage; 3 not readable, or\n"
            "not of the type.\n",
    .run = run,
};
