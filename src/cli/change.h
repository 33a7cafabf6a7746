/* SPDX-License-Identifier: MIT
 *
 * How a change is shown, for people or as JSON. */
#ifndef CMRELOAD_CLI_CHANGE_H
#define CMRELOAD_CLI_CHANGE_H

#include "cli/typing.h"

/* "added", "modified", "removed". */
const char *change_name(const cmr_change *change);

/* The line "modified KEY: OLD -> NEW", or the like. */
void change_line(const cmr_change *change, const struct cli_typing *typing);

/* The members key, type, old, new (and encoding) of the JSON object that is open. */
void change_members(const cmr_change *change, const struct cli_typing *typing);

#endif
