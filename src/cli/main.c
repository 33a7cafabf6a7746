/* SPDX-License-Identifier: MIT
 *
 * cmreload: the command line tool. It is a program like any other that uses the library, and sees no
 * more of it than <cmreload/cmreload.h>.
 *
 * A closed pipe is quiet: SIGPIPE is ignored, and output that nobody reads any more is no failure, so the
 * command's own status stays. Any other failure to write is told and ends it with 3. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

static const struct cli_command *const commands[] = { &cli_apply, &cli_get,  &cli_dump, &cli_watch,
                                                      &cli_check, &cli_diff, &cli_hash, &cli_doctor };

static const struct cli_command *find(const char *name)
{
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    }
    return NULL;
}

static void print_help(FILE *out)
{
    fputs("cmreload follows mounted Kubernetes ConfigMaps.\n\nusage: cmreload COMMAND ...\n\n", out);
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        fprintf(out, "  %-7s %s\n", commands[i]->name, commands[i]->summary);
    fputs("\n  cmreload help COMMAND\n  cmreload --version\n", out);
}

static int help(int argc, char **argv)
{
    const struct cli_command *command = argc > 2 ? find(argv[2]) : NULL;

    if (argc > 2 && !command)
        return cli_fail(CLI_USAGE, "no command called %s; see: cmreload --help", argv[2]);
    if (command)
        return cli_help(command);
    print_help(stdout);
    return CLI_DONE;
}

static int run(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : NULL;
    const struct cli_command *command;

    if (!name) {
        print_help(stderr);
        return CLI_USAGE;
    }
    if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        return help(argc, argv);
    if (strcmp(name, "--version") == 0) {
        printf("cmreload %s\n", cmr_version());
        return CLI_DONE;
    }
    command = find(name);
    if (!command)
        return cli_fail(CLI_USAGE, "no command called %s; see: cmreload --help", name);
    return command->run(argc - 1, argv + 1);
}

static bool is_pipe_closed(void)
{
    struct pollfd out = { STDOUT_FILENO, 0, 0 };

    return poll(&out, 1, 0) == 1 && (out.revents & (POLLERR | POLLHUP));
}

/* What the command returned, unless its output was lost. */
static int finish(int status)
{
    bool lost = fflush(stdout) != 0, failed = lost || ferror(stdout);

    if (!failed || is_pipe_closed())
        return status;
    return cli_fail(CLI_FAILED, "cannot write to stdout%s%s", lost ? ": " : "", lost ? strerror(errno) : "");
}

/* A descriptor that was closed for us must not be taken by the first file we open. */
static bool fill_descriptors(void)
{
    int opened;

    do
        opened = open("/dev/null", O_RDONLY);
    while (opened >= 0 && opened <= STDERR_FILENO);
    return opened >= 0 && close(opened) == 0;
}

int main(int argc, char **argv)
{
    if (!fill_descriptors())
        return CLI_FAILED;
    signal(SIGPIPE, SIG_IGN);
    return finish(run(argc, argv));
}
