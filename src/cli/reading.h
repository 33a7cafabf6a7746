/* SPDX-License-Identifier: MIT
 *
 * What all reading commands share: --format, --json, and reading a volume once. */
#ifndef CMRELOAD_CLI_READING_H
#define CMRELOAD_CLI_READING_H

#include "cli/arguments.h"

struct cli_reading {
    cmr_format_rule *rules; /* each glob is a copy of its option's argument, the format its end */
    size_t rule_count;
    bool json;
    bool secret; /* no value is shown */
};

#define CLI_READING_INIT                                                                                     \
    {                                                                                                        \
        NULL, 0, false, false                                                                                \
    }

enum {
    CLI_OPTION_FORMAT = 1000,
    CLI_OPTION_JSON,
    CLI_OPTION_SECRET,
};

#define CLI_READING_OPTIONS                                                                                  \
    { "format", required_argument, NULL, CLI_OPTION_FORMAT },                                                \
    {                                                                                                        \
        "json", no_argument, NULL, CLI_OPTION_JSON                                                           \
    }

#define CLI_READING_HELP                                                                                     \
    "  --format GLOB=FORMAT   how to read files that match: properties, yaml, json, ini,\n"                  \
    "                         env, text or bytes; may be repeated, the first match counts\n"                 \
    "  --json                 print one JSON object a line\n"

/* Of the commands that show many values. */
#define CLI_SECRET_OPTION                                                                                    \
    {                                                                                                        \
        "secret", no_argument, NULL, CLI_OPTION_SECRET                                                       \
    }

#define CLI_SECRET_HELP "  --secret               show no values: that they are there, and changed, only\n"

/* Takes one of the options above. */
int cli_reading_option(struct cli_reading *reading, const struct cli_line *line, int option);

/* Mount options with the rules; they borrow from reading. */
cmr_mount_options cli_reading_mount(const struct cli_reading *reading);

void cli_reading_clear(struct cli_reading *reading);

/* Reads the volume, directory or file at dir; what is wrong with it goes to stderr. CLI_DONE or CLI_FAILED.
 */
int cli_read_volume(const char *dir, const cmr_mount_options *mount, cmr_snapshot **ret_snapshot);

/* The same, but what is wrong is only returned: CLI_NO with *ret_report, for the caller to free. */
int cli_load_volume(const char *dir, const cmr_mount_options *mount, cmr_report **ret_report,
                    cmr_snapshot **ret_snapshot);

/* Prints it to stderr, with its key if it has one. Returns CLI_FAILED. */
int cli_print_diagnostic(const cmr_diagnostic *diagnostic);

/* Prints a report to stderr. A NULL file: each diagnostic's own. first_line is that of the text which
 * the report speaks of, in the file. Returns CLI_FAILED. */
int cli_print_report(const cmr_report *report, const char *file, unsigned first_line);

/* The operands from number `first` on as one pattern, "**" if there are none; the caller's to free, NULL
 * when out of memory. */
char *cli_join_patterns(const struct cli_line *line, int first);

#endif
