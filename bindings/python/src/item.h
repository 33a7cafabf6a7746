/* SPDX-License-Identifier: MIT */
#ifndef CMRELOAD_PYTHON_ITEM_H
#define CMRELOAD_PYTHON_ITEM_H

#include "kind.h"

/* The list at a key, or the dict if the type is a map, with all its items of one kind: of ANY, each its own,
 * and what is nested is made too. NULL with the exception that says which item is wrong. */
PyObject *item_container(struct state *state, cmr_snapshot *snapshot, PyObject *key, cmr_type type,
                         const struct kind *item);

/* What a whole file holds, or what is at a key and below: dicts, lists and scalars. */
PyObject *item_tree(struct state *state, cmr_snapshot *snapshot, PyObject *key);

#endif
