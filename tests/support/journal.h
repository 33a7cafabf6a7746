/* SPDX-License-Identifier: MIT
 *
 * A journal: what a reloader told its application, as text, for tests to compare.
 *
 *     ready 1                              applied 2              state config dead
 *     rejected 1 bad.yaml:2:3 [bad.yaml#port]                     a line for each diagnostic
 *     kept 2 bad.yaml:2:3 []                                      the same, of files that were kept
 *     +file#key=new      -file#key=old     file#key=old>new       a line for each change
 *     destroyed
 */
#ifndef CMRELOAD_TESTS_SUPPORT_JOURNAL_H
#define CMRELOAD_TESTS_SUPPORT_JOURNAL_H

#include "cmreload/cmreload.h"

struct journal {
    char text[16384]; /* what does not fit ends the test program */
    char taken[16384];
    unsigned calls; /* of journal_update */
};

/* To be registered, with the journal as user. */
void journal_event(void *journal, const cmr_event *event);
void journal_update(void *journal, const cmr_update *update);
void journal_destroy(void *journal);

void journal_add(struct journal *journal, const char *line);

/* What was written since the last take; valid until the next one. */
const char *journal_take(struct journal *journal);

/* Waits and dispatches until the journal has the text. False: not within half a minute (or the environment's
 * CMRELOAD_PATIENCE_MS), or the reloader is closed. */
bool journal_wait(struct journal *journal, cmr_reloader *reloader, const char *text);

#endif
