/* SPDX-License-Identifier: MIT
 *
 * What is wrong with a snapshot-to-be: the diagnostics of a report, and values that do not convert. */
#ifndef CMRELOAD_CLI_PROBLEMS_H
#define CMRELOAD_CLI_PROBLEMS_H

#include "cli/typing.h"

struct problem {
    cmr_diagnostic diagnostic;
    char *text; /* what its key and message point into; NULL: they are a report's */
};

struct problems {
    struct problem *items;
    size_t count;
};

#define PROBLEMS_INIT                                                                                        \
    {                                                                                                        \
        NULL, 0                                                                                              \
    }

/* Adds the diagnostics of a report (NULL: none), which must outlive the problems. CLI_DONE or CLI_FAILED. */
int problems_add_report(struct problems *problems, const cmr_report *report);

/* Adds what matches and does not convert, as a subscription of that type would tell it. The snapshot must
 * outlive the problems. CLI_DONE or CLI_FAILED. */
int problems_add_values(struct problems *problems, cmr_snapshot *snapshot, const char *patterns,
                        const struct cli_typing *typing);

/* Tells, which is no error, that nothing matches, if so. CLI_DONE or CLI_FAILED. */
int problems_add_unmatched(struct problems *problems, cmr_snapshot *snapshot, const char *patterns);

/* All of them, to stderr. */
void problems_print(const struct problems *problems);

/* Frees them; none are left then. For cli_cleanup too. */
void problems_clear(struct problems *problems);

#endif
