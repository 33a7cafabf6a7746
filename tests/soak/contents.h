/* SPDX-License-Identifier: MIT
 *
 * What the files of a generation hold. A generation's number decides which files there are and each of their
 * bytes, so a snapshot can be judged by what it holds alone: a file of another generation, of the other
 * volume, a missing, surplus or torn one shows. */
#ifndef CMRELOAD_TESTS_SOAK_CONTENTS_H
#define CMRELOAD_TESTS_SOAK_CONTENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "cmreload/cmreload.h"
#include "support/fake_kubelet.h"

/* Twelve digits, all of them: so all generations of one shape have the same size. */
#define CONTENTS_FIRST UINT64_C(100000000000)

/* How many shapes there are: numbers that differ by a multiple of it have the same files. */
#define CONTENTS_SHAPES 8

/* Sets the kubelet's payload to generation `number` of that volume. A bad one does not parse. */
void contents_set(struct fake_kubelet *kubelet, const char *volume, uint64_t number, bool bad);

/* Whether that mount's files, and what was read out of them, are one whole good generation of the volume, and
 * which. On false message says what is wrong. A mount that was not loaded yet is generation 0. */
bool contents_check(const cmr_snapshot *snapshot, const char *volume, uint64_t *ret_number, char *message,
                    size_t size);

#endif
