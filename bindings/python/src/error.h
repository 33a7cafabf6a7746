/* SPDX-License-Identifier: MIT */
#ifndef CMRELOAD_PYTHON_ERROR_H
#define CMRELOAD_PYTHON_ERROR_H

#include "state.h"

/* A str of foreign text, in which what is not UTF-8 is replaced. */
PyObject *error_text(const char *text);

/* A tuple of Diagnostic; empty for NULL. */
PyObject *error_diagnostics(struct state *state, const cmr_report *report);

/* Each sets the exception that goes with the status, and returns NULL. A message, key or diagnostics of NULL
 * are none; errno is kept until here for CMR_ERR_SYSTEM. */
PyObject *error_raise(struct state *state, cmr_status status, const char *message);
PyObject *error_raise_key(struct state *state, cmr_status status, const char *message, PyObject *key);
PyObject *error_raise_rejected(struct state *state, const char *message, PyObject *diagnostics);

#endif
