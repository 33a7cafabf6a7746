/* SPDX-License-Identifier: MIT
 *
 * cmreload check: whether a program would take these contents, before they are rolled out. They are loaded
 * as the program would load them; then each --type is what a typed subscription is to the library, a
 * condition. As there, a key that is absent breaks none, and contents that cannot be parsed are not asked. */
#include <string.h>

#include "cli/contents.h"
#include "cli/json_out.h"
#include "cli/problems.h"
#include "cli/reading.h"
#include "cli/util.h"

enum {
    OPTION_TYPE = 1700
};

struct condition {
    char *pattern; /* a copy */
    struct cli_typing typing;
};

struct check {
    struct cli_reading reading;
    struct cli_contents contents;
    struct condition *conditions;
    size_t condition_count;
};

static void print(const struct check *check, const struct problems *problems)
{
    if (!check->reading.json) {
        problems_print(problems);
        return;
    }
    json_begin("checked");
    json_bool("ok", problems->count == 0);
    json_array_open("diagnostics");
    for (size_t i = 0; i < problems->count; i++)
        json_diagnostic(i, &problems->items[i].diagnostic);
    json_array_close();
    json_end();
}

static int check_contents(const struct check *check, const char *from)
{
    cli_cleanup(cli_free_report) cmr_report *report = NULL;
    cli_cleanup(cli_unref_snapshot) cmr_snapshot *snapshot = NULL;
    cli_cleanup(problems_clear) struct problems problems = PROBLEMS_INIT;
    cmr_mount_options mount = cli_reading_mount(&check->reading);
    int status = cli_contents_load(&check->contents, &cli_check, from, &mount, &report, &snapshot);

    if (status == CLI_NO)
        status = problems_add_report(&problems, report);
    for (size_t i = 0; snapshot && i < check->condition_count && status == CLI_DONE; i++)
        status = problems_add_values(&problems, snapshot, check->conditions[i].pattern,
                                     &check->conditions[i].typing);
    if (status != CLI_DONE)
        return status;
    print(check, &problems);
    return problems.count ? CLI_NO : CLI_DONE;
}

/* PATTERN=TYPE, split at the last '=', which no type has. */
static int take_condition(struct check *check, const struct cli_line *line)
{
    const char *equals = strrchr(optarg, '=');
    struct condition *conditions, condition = { .typing = CLI_TYPING_INIT };
    int status;

    if (!equals || equals == optarg)
        return cli_usage(line->command, "--type %s: wanted PATTERN=TYPE", optarg);
    status = cli_parse_type(line, equals + 1, &condition.typing.type);
    if (status != CLI_DONE)
        return status;
    if (condition.typing.type == CMR_TYPE_ENUM)
        return cli_usage(line->command, "--type %s: not a type to ask for here", optarg);
    conditions = realloc(check->conditions, (check->condition_count + 1) * sizeof(*conditions));
    if (!conditions)
        return cli_fail(CLI_FAILED, "out of memory");
    check->conditions = conditions;
    condition.pattern = strndup(optarg, (size_t)(equals - optarg));
    if (!condition.pattern)
        return cli_fail(CLI_FAILED, "out of memory");
    conditions[check->condition_count++] = condition;
    return cli_check_pattern(line->command, condition.pattern);
}

static int take(struct check *check, const struct cli_line *line, int option)
{
    switch (option) {
    case OPTION_TYPE:
        return take_condition(check, line);
    case CLI_OPTION_ITEM:
    case CLI_OPTION_NAME:
        return cli_contents_option(&check->contents, option);
    default:
        return cli_reading_option(&check->reading, line, option);
    }
}

static void clear(struct check *check)
{
    for (size_t i = 0; i < check->condition_count; i++)
        free(check->conditions[i].pattern);
    free(check->conditions);
    cli_contents_clear(&check->contents);
    cli_reading_clear(&check->reading);
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {
        { "type", required_argument, NULL, OPTION_TYPE },
        CLI_CONTENTS_OPTIONS,
        CLI_READING_OPTIONS,
        CLI_SECRET_OPTION,
        CLI_LAST_OPTIONS,
    };
    struct cli_line line = {
        .command = &cli_check, .argc = argc, .argv = argv, .shorts = "", .options = options
    };
    struct check check = { .reading = CLI_READING_INIT, .contents = CLI_CONTENTS_INIT };
    int option;

    while (cli_next_option(&line, &option))
        cli_settle(&line, take(&check, &line, option));
    if (!line.ended && line.operand_count != 1)
        cli_settle(&line, cli_usage(&cli_check, "wanted DIR, MANIFEST or -, one"));
    if (!line.ended)
        line.status = check_contents(&check, line.operands[0]);
    clear(&check);
    return line.status;
}

const struct cli_command cli_check = {
    .name = "check",
    .summary = "tell whether a volume or a manifest would be accepted, and if not, why",
    .usage = "DIR|MANIFEST|- [--type PATTERN=TYPE...]\n"
             "                      [--item KEY=PATH...] [--name N]",
    .help = "Reads a volume or directory, or the volume that a manifest of kind ConfigMap\n"
            "makes (- is standard input), as a program would, and prints all that is wrong.\n"
            "For instance\n"
            "  cmreload check configmap.yaml --type 'game.properties#lives=int64' \\\n"
            "    --type 'app.yaml#**.timeout=duration'\n"
            "\n"
            "  --type PATTERN=TYPE    what matches must be of this type: bool, int64, uint64,\n"
            "                         double, string, bytes, duration, size, log_level,\n"
            "                         percent, ip, ipv4, ipv6 or cidr; may be repeated. A key\n"
            "                         that is absent is no error\n" CLI_CONTENTS_HELP CLI_READING_HELP
                CLI_SECRET_HELP "\n"
            "Errors go to stderr, as FILE:LINE:COLUMN: MESSAGE; with --json all is one object\n"
            "on stdout.\n"
            "\n"
            "Exit status: 0 good; 1 it would be rejected; 2 wrong usage; 3 not readable.\n",
    .run = run,
};
