/* SPDX-License-Identifier: MIT */
#ifndef CMRELOAD_PYTHON_VOLUME_H
#define CMRELOAD_PYTHON_VOLUME_H

#include "state.h"

/* Functions of the module: a path read once, a snapshot of given files, a volume written. */
PyObject *volume_read(PyObject *module, PyObject *arguments);
PyObject *volume_from_files(PyObject *module, PyObject *arguments);
PyObject *volume_write(PyObject *module, PyObject *arguments);

#endif
