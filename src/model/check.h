/* SPDX-License-Identifier: MIT
 *
 * Checks a position-independent block that another process made, before anything in it is believed. */
#ifndef CMRELOAD_MODEL_CHECK_H
#define CMRELOAD_MODEL_CHECK_H

#include <stdbool.h>
#include <stddef.h>

/* Whether every read of model/document.h, model/key.h and model/convert.h stays within these bytes, finds
 * each entry under its path, and ends soon. Reads nothing outside of [block, block + size), allocates
 * nothing, and takes time in proportion to the size and the names. False with *ret_reason (may be NULL) a
 * static text.
 *
 * The bytes must not change any more, neither while they are checked nor later (a sealed memfd). */
bool cmr__document_check(const void *block, size_t size, const char **ret_reason);

#endif
