/* SPDX-License-Identifier: MIT
 *
 * getopt_long with the tool's own messages. A command loops
 *
 *     while (cli_next_option(&line, &option))
 *         cli_settle(&line, take_option(..., option));
 *     if (line.ended)
 *         return line.status;
 *
 * so that the first thing wrong ends the loop, and --help does too. */
#include "cli/arguments.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static int complain(const struct cli_line *line, int option)
{
    const char *given = line->argv[optind - 1];

    if (option == ':')
        return cli_usage(line->command, "%s needs a value", given);
    /* A flag that was given a value; its code is no character, but for --help's. */
    if (optopt >= 256 || optopt == 'h')
        return cli_usage(line->command, "%s: takes no value", given);
    if (optopt)
        return cli_usage(line->command, "unknown option -%c", optopt);
    return cli_usage(line->command, "unknown option %s", given);
}

bool cli_next_option(struct cli_line *line, int *ret_option)
{
    char shorts[16];
    int option;

    if (line->ended)
        return false;
    opterr = 0;
    snprintf(shorts, sizeof(shorts), ":h%s", line->shorts);
    option = getopt_long(line->argc, line->argv, shorts, line->options, NULL);
    if (option == -1) {
        line->operands = line->argv + optind;
        line->operand_count = line->argc - optind;
        return false;
    }
    if (option == 'h' || option == '?' || option == ':') {
        line->ended = true;
        line->status = option == 'h' ? cli_help(line->command) : complain(line, option);
        return false;
    }
    *ret_option = option;
    return true;
}

void cli_settle(struct cli_line *line, int status)
{
    if (status != CLI_DONE) {
        line->ended = true;
        line->status = status;
    }
}

int cli_parse_duration(const struct cli_line *line, const char *option, int64_t *ret_ms)
{
    cmr_value value;

    if (cmr_value_parse(optarg, CMR_TYPE_DURATION, NULL, &value) != CMR_OK)
        return cli_usage(line->command, "%s %s: not a duration, as 500ms, 20s or 1h30m", option, optarg);
    if (value.as.duration_ns < 0)
        return cli_usage(line->command, "%s %s: negative", option, optarg);
    *ret_ms = value.as.duration_ns / 1000000 + (value.as.duration_ns % 1000000 != 0);
    return CLI_DONE;
}

int cli_check_pattern(const struct cli_command *command, const char *pattern)
{
    size_t where = 0;

    if (cmr_pattern_check(pattern, &where) == CMR_OK)
        return CLI_DONE;
    return cli_usage(command, "%s: malformed pattern, at character %zu", pattern, where + 1);
}

int cli_check_key(const struct cli_command *command, const char *key)
{
    size_t where = 0;

    if (cmr_key_check(key, &where) == CMR_OK)
        return CLI_DONE;
    return cli_usage(command, "%s: malformed key, at character %zu", key, where + 1);
}
