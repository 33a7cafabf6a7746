/* SPDX-License-Identifier: MIT
 *
 * The formats that an application brings along, as a mount keeps them. */
#ifndef CMRELOAD_FORMAT_OWN_H
#define CMRELOAD_FORMAT_OWN_H

#include "format/format.h"

/* Checks and copies them (given may be NULL, and ends with NULL) into an array whose end has a NULL name.
 * CMR_ERR_INVALID_ARGUMENT, CMR_ERR_NO_MEMORY. */
cmr_status cmr__own_formats_copy(const cmr_format *const *given, struct cmr__format **ret_own);
void cmr__own_formats_free(struct cmr__format *own);

#endif
