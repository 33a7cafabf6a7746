/* SPDX-License-Identifier: MIT
 *
 * What the module keeps, and every object of it points at: its types, and what it uses of the Python part of
 * the package. An object's type holds the module, so the state outlives the object. */
#ifndef CMRELOAD_PYTHON_STATE_H
#define CMRELOAD_PYTHON_STATE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdbool.h>
#include <stdint.h>

#include <cmreload/cmreload.h>

#define LOG_LEVELS 9

struct state {
    PyTypeObject *snapshot_type;
    PyTypeObject *reloader_type;
    PyTypeObject *handle_type;
    PyTypeObject *share_type;

    /* of cmreload._errors */
    PyObject *make_error;
    PyObject *veto_reasons;

    /* of cmreload._types */
    PyObject *kind_of;
    PyObject *diagnostic;
    PyObject *change;
    PyObject *update;
    PyObject *event;
    PyObject *status;
    PyObject *mount_status;
    PyObject *member;
    PyObject *log_levels[LOG_LEVELS];

    /* of the standard library */
    PyObject *timedelta;
    PyObject *ipv4_address, *ipv6_address;
    PyObject *ipv4_interface, *ipv6_interface;
    PyObject *keys_view, *values_view, *items_view;
};

/* The state of the module whose type this is, or is derived from. */
struct state *state_of_type(PyTypeObject *type);

/* A method that is called without a tuple for its arguments. */
#define FAST_METHOD(function) (PyCFunction)(void (*)(void))(function)

#endif
