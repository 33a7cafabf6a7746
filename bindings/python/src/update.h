/* SPDX-License-Identifier: MIT */
#ifndef CMRELOAD_PYTHON_UPDATE_H
#define CMRELOAD_PYTHON_UPDATE_H

#include "kind.h"

/* An Update of what the library tells, which needs that no more. before and after are the Snapshots of its
 * two. */
PyObject *update_new(struct state *state, const cmr_update *update, PyObject *before, PyObject *after,
                     const struct kind *kind);

#endif
