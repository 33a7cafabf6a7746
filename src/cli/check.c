/* SPDX-License-Identifier: MIT
 *
 * cmreload check: whether a program would take these contents, before they are rolled out. They are loaded
 * as the program would load them; then each --type is what a typed subscription is to the library, a
 * condition. As there, a key that is absent breaks none, and contents that cannot be parsed are not asked. A
 * --schema is what a schema is to the program that printed it. */
#include <string.h>

#include "cli/contents.h"
#include "cli/json_out.h"
#include "cli/problems.h"
#include "cli/reading.h"
#include "cli/schema_in.h"
#include "cli/util.h"

enum {
    OPTION_TYPE = 1700,
    OPTION_SCHEMA,
    OPTION_STRICT,
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
    const char *schema; /* its file, or NULL */
    bool strict;        /* what is told and is no error is one */
};

static void print(const struct check *check, const struct problems *problems, bool good)
{
    if (!check->reading.json) {
        problems_print(problems);
        return;
    }
    json_begin("checked");
    json_bool("ok", good);
    json_array_open("diagnostics");
    for (size_t i = 0; i < problems->count; i++)
        json_diagnostic(i, &problems->items[i].diagnostic);
    json_array_close();
    json_end();
}

/* CLI_DONE with *ret_report, or NULL: what is told and no error; CLI_NO with it: the struct cannot be filled.
 */
static int fill(const struct schema_in *schema, const cmr_snapshot *snapshot, cmr_report **ret_report)
{
    cmr_record *record = NULL;
    cmr_status status = cmr_record_new(snapshot, schema->key, &schema->schema, ret_report, &record);

    cmr_record_free(record);
    if (status == CMR_OK)
        return CLI_DONE;
    return status == CMR_ERR_REJECTED ? CLI_NO : cli_fail_status(schema->file.path, status);
}

/* What asks for something that is not there, a misspelt key or file perhaps, would find all well for ever. A
 * schema that is not filled (NULL) has told of it already. */
static int notice_unmatched(const struct check *check, const struct schema_in *schema, cmr_snapshot *snapshot,
                            struct problems *problems)
{
    int status = CLI_DONE;

    for (size_t i = 0; i < check->condition_count && status == CLI_DONE; i++)
        status = problems_add_unmatched(problems, snapshot, check->conditions[i].pattern);
    if (status == CLI_DONE && schema && schema->key[0]) {
        cli_cleanup(cli_free_ptr) char *file = strndup(schema->key, strcspn(schema->key, "#"));
        status =
            file ? problems_add_unmatched(problems, snapshot, file) : cli_fail(CLI_FAILED, "out of memory");
    }
    return status;
}

/* What is wrong by --type, then by --schema. The snapshot and *ret_report must outlive the problems. */
static int judge(const struct check *check, const struct schema_in *schema, cmr_snapshot *snapshot,
                 struct problems *problems, cmr_report **ret_report)
{
    int status = CLI_DONE, filled = CLI_DONE;

    for (size_t i = 0; i < check->condition_count && status == CLI_DONE; i++)
        status = problems_add_values(problems, snapshot, check->conditions[i].pattern,
                                     &check->conditions[i].typing);
    if (status == CLI_DONE && problems->count)
        status = CLI_NO;
    if (check->schema)
        filled = fill(schema, snapshot, ret_report);
    if (filled > CLI_NO || problems_add_report(problems, *ret_report) != CLI_DONE ||
        notice_unmatched(check, check->schema && filled == CLI_DONE ? schema : NULL, snapshot, problems) !=
            CLI_DONE)
        return CLI_FAILED;
    if (check->strict && problems->count)
        return status > CLI_NO ? status : CLI_NO;
    return filled > status ? filled : status;
}

static int check_contents(const struct check *check, const char *from)
{
    cli_cleanup(schema_in_clear) struct schema_in schema = SCHEMA_IN_INIT;
    cli_cleanup(cli_free_report) cmr_report *report = NULL, *filling = NULL;
    cli_cleanup(cli_unref_snapshot) cmr_snapshot *snapshot = NULL;
    cli_cleanup(problems_clear) struct problems problems = PROBLEMS_INIT;
    cmr_mount_options mount = cli_reading_mount(&check->reading);
    int status = check->schema ? schema_in_read(check->schema, &schema) : CLI_DONE;

    if (status == CLI_DONE)
        status = cli_contents_load(&check->contents, &cli_check, from, &mount, &report, &snapshot);
    if (status == CLI_DONE)
        status = judge(check, &schema, snapshot, &problems, &filling);
    else if (status == CLI_NO && problems_add_report(&problems, report) != CLI_DONE)
        return CLI_FAILED;
    if (status == CLI_DONE || status == CLI_NO)
        print(check, &problems, status == CLI_DONE);
    return status;
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
    case OPTION_SCHEMA:
        check->schema = optarg;
        return CLI_DONE;
    case OPTION_STRICT:
        check->strict = true;
        return CLI_DONE;
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
        { "schema", required_argument, NULL, OPTION_SCHEMA },
        { "strict", no_argument, NULL, OPTION_STRICT },
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
    .usage = "DIR|MANIFEST|- [--schema FILE] [--type PATTERN=TYPE...] [--strict]\n"
             "                      [--item KEY=PATH...] [--name N]",
    .help =
        "Reads a volume or directory, or the volume that a manifest of kind ConfigMap\n"
        "makes (- is standard input), as a program would, and prints what is wrong: in\n"
        "all files the syntax first; types and the schema when all can be parsed.\n"
        "For instance\n"
        "  cmreload check configmap.yaml --type 'game.properties#lives=int64' \\\n"
        "    --type 'app.yaml#**.timeout=duration'\n"
        "  cmreload check configmap.yaml --schema server.schema.json\n"
        "\n"
        "  --schema FILE          it must fit this schema, which the program printed as\n"
        "                         JSON Schema (cmr_schema_json); other JSON Schemas are\n"
        "                         refused, by the keywords that are not the library's\n"
        "  --type PATTERN=TYPE    what matches must be of this type: bool, int64, uint64,\n"
        "                         double, string, bytes, duration, size, log_level,\n"
        "                         percent, ip, ipv4, ipv6 or cidr; may be repeated. A key\n"
        "                         that is absent is no error\n"
        "  --strict               what is told and is no error is one, too: a PATTERN that\n"
        "                         matches nothing, a schema whose file is not there, keys\n"
        "                         that a schema warns of\n" CLI_CONTENTS_HELP CLI_READING_HELP CLI_SECRET_HELP
        "\n"
        "Errors go to stderr, as FILE:LINE:COLUMN: MESSAGE; with --json all is one object\n"
        "on stdout. FILE is a file of the volume, and LINE counts in it, not in a manifest.\n"
        "\n"
        "Exit status: 0 good; 1 it would be rejected; 2 wrong usage; 3 not readable.\n",
    .run = run,
};
