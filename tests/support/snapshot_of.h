/* SPDX-License-Identifier: MIT
 *
 * Snapshots for tests, from names and texts in turn: snapshot_of("a.yaml", "a: 1", "level", "info", NULL). */
#ifndef CMRELOAD_TESTS_SUPPORT_SNAPSHOT_OF_H
#define CMRELOAD_TESTS_SUPPORT_SNAPSHOT_OF_H

#include "cmreload/cmreload.h"

/* The test fails when they are no snapshot. */
cmr_snapshot *snapshot_of(const char *name, ...) __attribute__((sentinel));

/* One file of any bytes. */
cmr_snapshot *snapshot_of_bytes(const char *name, const void *data, size_t size);

#endif
