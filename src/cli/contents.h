/* SPDX-License-Identifier: MIT
 *
 * DIR|MANIFEST|-: the contents of a volume, or those of the volume that a manifest would make. */
#ifndef CMRELOAD_CLI_CONTENTS_H
#define CMRELOAD_CLI_CONTENTS_H

#include "cli/arguments.h"
#include "cli/sources.h"

struct cli_contents {
    struct cli_list items; /* of --item */
    const char *name;      /* of --name, or NULL */
};

#define CLI_CONTENTS_INIT                                                                                    \
    {                                                                                                        \
        { NULL, 0 }, NULL                                                                                    \
    }

enum {
    CLI_OPTION_ITEM = 1600,
    CLI_OPTION_NAME,
};

#define CLI_CONTENTS_OPTIONS                                                                                 \
    { "item", required_argument, NULL, CLI_OPTION_ITEM },                                                    \
    {                                                                                                        \
        "name", required_argument, NULL, CLI_OPTION_NAME                                                     \
    }

#define CLI_CONTENTS_HELP                                                                                    \
    "  --item KEY=PATH        as the volume's items do; may be repeated\n"                                   \
    "  --name NAME            which ConfigMap, if the manifest holds several\n"

/* Takes one of the options above. */
int cli_contents_option(struct cli_contents *contents, int option);

void cli_contents_clear(struct cli_contents *contents);

bool cli_contents_is_dir(const char *from);

/* Makes a snapshot of them. CLI_DONE; CLI_NO with *ret_report, for the caller to free: a program would
 * reject them; else CLI_FAILED or CLI_USAGE, with messages. */
int cli_contents_load(const struct cli_contents *contents, const struct cli_command *command,
                      const char *from, const cmr_mount_options *mount, cmr_report **ret_report,
                      cmr_snapshot **ret_snapshot);

#endif
