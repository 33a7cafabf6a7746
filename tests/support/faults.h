/* SPDX-License-Identifier: MIT
 *
 * Faults of system calls. In a run one call fails: the n-th that is made while faults are armed, with one of
 * the errors that such a call can give. A test goes over all calls and all their errors so:
 *
 *     struct faults_plan plan = FAULTS_NONE;
 *     do
 *         run(&plan);
 *     while (faults_next(&plan));
 *
 * where run calls faults_begin. The test wraps the calls, and asks faults_meet in each wrapper. Calls may be
 * made by several threads. */
#ifndef CMRELOAD_TESTS_SUPPORT_FAULTS_H
#define CMRELOAD_TESTS_SUPPORT_FAULTS_H

#include <stdbool.h>

struct faults_plan {
    unsigned long call; /* the how manieth fails; 0: none */
    unsigned error;     /* the how manieth of the errors that it can give */
    bool lasting;       /* all later calls of that name fail likewise, until faults_end */
};

#define FAULTS_NONE                                                                                          \
    {                                                                                                        \
        0, 0, false                                                                                          \
    }

/* Before anything else, and before a fork: what children inject is counted, too. */
void faults_open(void);

void faults_begin(const struct faults_plan *plan); /* disarmed */
void faults_arm(void);
void faults_disarm(void);
void faults_end(void); /* from here on no call fails */

/* A part of the run begins: a lasting fault begins with the first call of its name in a part. */
void faults_mark(void);

enum {
    FAULTS_SHORT = -1, /* a read gives less than was asked for, and than there is */
    FAULTS_EMPTY = -2, /* a read gives nothing, as at the end of a file */
};

/* Whether the call that is about to be made fails: 0, or errno, which is set too, or one of the above. Ends
 * the program when the name is in no row of the table in faults.c. */
int faults_meet(const char *call);

/* What has failed in this run: 0, "none" if nothing has. */
int faults_error(void);
const char *faults_call(void);

/* The next run's plan; false: the last one met no fault, so there are no more calls. */
bool faults_next(struct faults_plan *plan);

/* How many faults there were, by call, in one line. */
void faults_print(void);

#endif
