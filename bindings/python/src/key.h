/* SPDX-License-Identifier: MIT */
#ifndef CMRELOAD_PYTHON_KEY_H
#define CMRELOAD_PYTHON_KEY_H

#include "state.h"

/* The text of a str, which lives as long as that does, and is the same pointer each time: by which the
 * library knows a key again. NULL with an exception for what is no str, or holds a NUL. */
const char *key_text(PyObject *key);

/* A name as a key has it: in brackets, unless it is of letters, digits, - and _. */
PyObject *key_quote(const char *name);

/* Whether a key goes on behind its file: a # that is not in a JSON string. */
bool key_has_path(const char *key);

/* The key of a child; text is the key's own. */
PyObject *key_of_name(PyObject *key, const char *text, const char *name);
PyObject *key_of_item(PyObject *key, const char *text, size_t number);

#endif
