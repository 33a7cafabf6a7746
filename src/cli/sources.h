/* SPDX-License-Identifier: MIT
 *
 * Where the contents of a ConfigMap come from on the command line: kubectl create configmap's flags,
 * and the items of a volume. */
#ifndef CMRELOAD_CLI_SOURCES_H
#define CMRELOAD_CLI_SOURCES_H

#include "cli/cli.h"
#include "cli/payload.h"

/* Arguments of an option that may be repeated; they are borrowed. */
struct cli_list {
    char **items;
    size_t count;
};

int cli_list_add(struct cli_list *list, char *item);

/* Each adds what the arguments of --from-file=[KEY=]PATH or --from-literal=KEY=VALUE name. CLI_DONE,
 * CLI_USAGE or CLI_FAILED, with a message. */
int sources_add_files(const struct cli_command *command, const struct cli_list *arguments,
                      struct payload *payload);
int sources_add_literals(const struct cli_command *command, const struct cli_list *arguments,
                         struct payload *payload);

/* Keeps what the arguments of --item KEY=PATH list, under those paths; everything, if there are none. */
int sources_project(const struct cli_command *command, const struct cli_list *arguments,
                    struct payload *payload);

#endif
