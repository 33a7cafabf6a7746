/* SPDX-License-Identifier: MIT */
#ifndef CMRELOAD_PYTHON_VALUE_H
#define CMRELOAD_PYTHON_VALUE_H

#include "kind.h"

/* The Python object of a value. kind is for the members of an ENUM, and may be NULL. Of a list or map only an
 * empty one is made; for others see item.h. */
PyObject *value_new(struct state *state, const cmr_value *value, const struct kind *kind);

/* Nanoseconds as a timedelta, which counts microseconds: what is finer is cut off, towards minus infinity. */
PyObject *value_timedelta(struct state *state, int64_t ns);

#endif
