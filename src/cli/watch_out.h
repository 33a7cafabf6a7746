/* SPDX-License-Identifier: MIT
 *
 * The lines that cmreload watch prints, for people or as JSON. */
#ifndef CMRELOAD_CLI_WATCH_OUT_H
#define CMRELOAD_CLI_WATCH_OUT_H

#include "cli/typing.h"

struct watch_out {
    bool json;
    const struct cli_typing *typing;
};

/* A delivered batch: a line for each change, and one that closes it. */
void watch_out_update(const struct watch_out *out, const cmr_update *update);

/* READY, REJECTED and STATE; nothing for APPLIED, which only a delivered batch is. */
void watch_out_event(const struct watch_out *out, const cmr_event *event);

#endif
