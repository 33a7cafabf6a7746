/* SPDX-License-Identifier: MIT
 *
 * What the commands share: exit statuses, messages, and the table that main() dispatches by. */
#ifndef CMRELOAD_CLI_CLI_H
#define CMRELOAD_CLI_CLI_H

#include <stdio.h>

#include <cmreload/cmreload.h>

enum cli_status {
    CLI_DONE = 0,
    CLI_NO = 1,     /* the answer is no: key absent, check failed, diff not empty, --timeout before --count */
    CLI_USAGE = 2,  /* wrong usage */
    CLI_FAILED = 3, /* it could not be read, converted or written */
};

struct cli_command {
    const char *name;
    const char *summary; /* one line, for the list */
    const char *usage;   /* what follows the name */
    const char *help;    /* the rest, lines of at most 80 columns */
    int (*run)(int argc, char **argv);
};

extern const struct cli_command cli_apply, cli_get, cli_dump, cli_watch, cli_check, cli_diff, cli_hash,
    cli_doctor;

/* Prints "cmreload: MESSAGE" to stderr and returns the status. */
int cli_fail(enum cli_status status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* As above, for wrong usage of a command: says where its help is, and returns CLI_USAGE. */
int cli_usage(const struct cli_command *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Prints "FILE:LINE:COLUMN: MESSAGE" to stderr; line or column 0 is left out. Returns CLI_FAILED. */
int cli_fail_at(const char *file, unsigned line, unsigned column, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Prints the command's help to stdout. Returns CLI_DONE. */
int cli_help(const struct cli_command *command);

/* CLI_FAILED, with a message for a status of the library that says nothing of the contents. */
int cli_fail_status(const char *what, cmr_status status);

/* For cli_cleanup. */
void cli_unref_snapshot(cmr_snapshot **snapshot);
void cli_free_cursor(cmr_cursor **cursor);
void cli_free_report(cmr_report **report);

#endif
