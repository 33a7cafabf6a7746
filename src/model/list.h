/* SPDX-License-Identifier: MIT
 *
 * Lists that an application holds, and what maps share with them. */
#ifndef CMRELOAD_MODEL_LIST_H
#define CMRELOAD_MODEL_LIST_H

#include "model/items.h"

/* Finds and reads what the key names, for the public calls. CMR_ERR_INVALID_ARGUMENT, CMR_ERR_NOT_FOUND, and
 * as cmr__items_read. */
cmr_status cmr__items_of_key(const cmr_snapshot *snapshot, const char *key, const struct cmr__shape *shape,
                             struct cmr__items *ret_items);

/* A list of these values, with a NUL behind each text. NULL: out of memory. */
cmr_list *cmr__list_of_items(cmr_snapshot *snapshot, const struct cmr__items *items);

#endif
