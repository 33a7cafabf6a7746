/* SPDX-License-Identifier: MIT
 *
 * Messages: all that the tool writes to stderr goes through here. What stands in a file is told as
 * compilers tell it, FILE:LINE:COLUMN: MESSAGE, so that editors can jump there. */
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "cli/cli.h"

__attribute__((format(printf, 2, 0))) static void put(const char *prefix, const char *format,
                                                      va_list arguments)
{
    fflush(stdout); /* so that both streams, on one terminal, keep their order */
    fputs(prefix, stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
}

int cli_fail(enum cli_status status, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    put("cmreload: ", format, arguments);
    va_end(arguments);
    return status;
}

int cli_usage(const struct cli_command *command, const char *format, ...)
{
    char prefix[64];
    va_list arguments;

    snprintf(prefix, sizeof(prefix), "cmreload %s: ", command->name);
    va_start(arguments, format);
    put(prefix, format, arguments);
    va_end(arguments);
    fprintf(stderr, "usage: cmreload %s %s\nsee: cmreload help %s\n", command->name, command->usage,
            command->name);
    return CLI_USAGE;
}

int cli_fail_at(const char *file, unsigned line, unsigned column, const char *format, ...)
{
    char place[32] = "";
    va_list arguments;

    if (line && column)
        snprintf(place, sizeof(place), "%u:%u: ", line, column);
    else if (line)
        snprintf(place, sizeof(place), "%u: ", line);
    else
        strcpy(place, " ");
    fflush(stdout);
    fprintf(stderr, "%s:", file);
    va_start(arguments, format);
    put(place, format, arguments);
    va_end(arguments);
    return CLI_FAILED;
}

int cli_help(const struct cli_command *command)
{
    printf("usage: cmreload %s %s\n\n%s", command->name, command->usage, command->help);
    return CLI_DONE;
}

int cli_fail_status(const char *what, cmr_status status)
{
    if (status == CMR_ERR_SYSTEM)
        return cli_fail(CLI_FAILED, "%s: %s", what, strerror(errno));
    return cli_fail(CLI_FAILED, "%s: %s", what, cmr_strerror(status));
}

void cli_unref_snapshot(cmr_snapshot **snapshot)
{
    cmr_snapshot_unref(*snapshot);
}

void cli_free_cursor(cmr_cursor **cursor)
{
    cmr_cursor_free(*cursor);
}

void cli_free_report(cmr_report **report)
{
    cmr_report_free(*report);
}
