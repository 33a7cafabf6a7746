/* SPDX-License-Identifier: MIT
 *
 * A thread that reads the current snapshot again and again, as a daemon's workers do, and judges each. */
#ifndef CMRELOAD_TESTS_SOAK_READER_H
#define CMRELOAD_TESTS_SOAK_READER_H

#include "soak/life.h"

/* It runs until the process ends. */
bool reader_start(struct life *life);

#endif
