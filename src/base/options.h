/* SPDX-License-Identifier: MIT
 *
 * Structs that begin with their size: how old and new programs and libraries meet. */
#ifndef CMRELOAD_BASE_OPTIONS_H
#define CMRELOAD_BASE_OPTIONS_H

#include "cmreload/cmreload.h"

/* Copies the caller's struct (its size first; NULL: all defaults) into ours of `size` bytes, the
 * tail that an older caller lacks zeroed. CMR_ERR_INVALID_ARGUMENT for a size of 0, or too small for
 * the size field itself, and for a tail that we do not know and that is not all zero. */
cmr_status cmr__options_read(const void *given, void *ret_ours, size_t size);

/* The same of a struct whose size stands elsewhere, as an item of a table has it. */
cmr_status cmr__options_read_item(const void *given, size_t given_size, void *ret_ours, size_t size);

/* The way back, for structs that the library fills: as much as the caller's size has room for, and
 * zeroes behind that. The caller's size stays. CMR_ERR_INVALID_ARGUMENT for NULL and for a size of 0. */
cmr_status cmr__options_write(const void *ours, size_t size, void *given);

#endif
