/* SPDX-License-Identifier: MIT
 *
 * A command's line: its options, one after the other, then its operands. */
#ifndef CMRELOAD_CLI_ARGUMENTS_H
#define CMRELOAD_CLI_ARGUMENTS_H

#include <getopt.h>
#include <stdbool.h>

#include "cli/cli.h"

/* The table ends with this; it brings --help. */
#define CLI_LAST_OPTIONS                                                                                     \
    { "help", no_argument, NULL, 'h' },                                                                      \
    {                                                                                                        \
        NULL, 0, NULL, 0                                                                                     \
    }

struct cli_line {
    const struct cli_command *command;
    int argc;
    char **argv;
    const char *shorts;           /* as getopt's: "f:"; -h is always there */
    const struct option *options; /* as getopt_long's */
    char **operands;              /* once cli_next_option returned false */
    int operand_count;
    bool ended; /* the command is done already, with status */
    int status;
};

/* The next option's code in *ret_option (its argument: optarg); false at the end, or when ended. */
bool cli_next_option(struct cli_line *line, int *ret_option);

/* Ends the line unless the status is CLI_DONE. */
void cli_settle(struct cli_line *line, int status);

/* Go's time.ParseDuration, to whole milliseconds, rounded up. Negative ones are refused. CLI_DONE or
 * CLI_USAGE. */
int cli_parse_duration(const struct cli_line *line, const char *option, int64_t *ret_ms);

/* CLI_DONE when the pattern (or key) is well-formed, else CLI_USAGE. */
int cli_check_pattern(const struct cli_command *command, const char *pattern);
int cli_check_key(const struct cli_command *command, const char *key);

#endif
