/* SPDX-License-Identifier: MIT
 *
 * --type and --enum, and how a value is shown. */
#ifndef CMRELOAD_CLI_TYPING_H
#define CMRELOAD_CLI_TYPING_H

#include "cli/arguments.h"

struct cli_typing {
    cmr_type type;        /* ANY: none was asked for */
    cmr_enum_item *table; /* NULL but for an enum; an item's value is its index */
    char *names;          /* what the table's names point into */
};

#define CLI_TYPING_INIT                                                                                      \
    {                                                                                                        \
        CMR_TYPE_ANY, NULL, NULL                                                                             \
    }

enum {
    CLI_OPTION_TYPE = 1100,
    CLI_OPTION_ENUM,
};

#define CLI_TYPING_OPTIONS                                                                                   \
    { "type", required_argument, NULL, CLI_OPTION_TYPE },                                                    \
    {                                                                                                        \
        "enum", required_argument, NULL, CLI_OPTION_ENUM                                                     \
    }

#define CLI_TYPING_HELP                                                                                      \
    "  --type TYPE            any, bool, int64, uint64, double, string, bytes,\n"                            \
    "                         duration, size, log_level, percent, ip, ipv4, ipv6,\n"                         \
    "                         cidr, or enum with --enum\n"                                                   \
    "  --enum NAME,NAME...    the names of an enum\n"

/* The type of that name, for an option --type whose argument ends with it. CLI_DONE or CLI_USAGE. */
int cli_parse_type(const struct cli_line *line, const char *name, cmr_type *ret_type);

/* Takes one of the options above. */
int cli_typing_option(struct cli_typing *typing, const struct cli_line *line, int option);

/* Whether they fit together, once all are taken. */
int cli_typing_check(const struct cli_typing *typing, const struct cli_line *line);

void cli_typing_clear(struct cli_typing *typing);

/* A value as text. */
struct cli_text {
    const char *data; /* own's, or the value's text */
    size_t length;
    char own[64];
};

/* Without a type as it is written in its file; with one in the type's own form: true, -12, 1.5, 1h30m0s,
 * bytes as a number, a level's name, an address by RFC 5952. Numbers too large or too small for 64 bytes
 * stay as they are written. */
void cli_value_text(const struct cli_typing *typing, const cmr_value *value, struct cli_text *ret_text);

/* The shortest decimal that reads back as the number. */
void cli_double_text(double number, char ret_text[static 32]);

/* The shortest decimal without exponent that reads back as the number, and %; false: it is too long. */
bool cli_percent_text(double percent, char ret_text[static 64]);

/* Go's Duration.String(): "1h30m0s", "1.5s", "300ms". */
void cli_duration_text(int64_t nanoseconds, char ret_text[static 64]);

#endif
