/* SPDX-License-Identifier: MIT
 *
 * A status becomes an exception. Which class it is, and what it says, is decided in cmreload/_errors.py. */
#include "error.h"

#include <errno.h>
#include <string.h>

PyObject *error_text(const char *text)
{
    return PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "replace");
}

static PyObject *diagnostic_new(struct state *state, const cmr_diagnostic *diagnostic)
{
    PyObject *file = error_text(diagnostic->file), *key = error_text(diagnostic->key);
    PyObject *message = error_text(diagnostic->message), *made = NULL;
    if (file && key && message)
        made = PyObject_CallFunction(state->diagnostic, "iOIIOO", (int)diagnostic->status, file,
                                     diagnostic->line, diagnostic->column, key, message);
    Py_XDECREF(file);
    Py_XDECREF(key);
    Py_XDECREF(message);
    return made;
}

PyObject *error_diagnostics(struct state *state, const cmr_report *report)
{
    size_t count = cmr_report_count(report);
    PyObject *diagnostics = PyTuple_New((Py_ssize_t)count);
    for (size_t i = 0; diagnostics && i < count; i++) {
        PyObject *diagnostic = diagnostic_new(state, cmr_report_get(report, i));
        if (!diagnostic || PyTuple_SetItem(diagnostics, (Py_ssize_t)i, diagnostic) < 0)
            Py_CLEAR(diagnostics);
    }
    return diagnostics;
}

static PyObject *raise_with(struct state *state, cmr_status status, const char *message, PyObject *key,
                            PyObject *diagnostics)
{
    int number = status == CMR_ERR_SYSTEM ? errno : 0;
    PyObject *text, *error;
    if (status == CMR_ERR_NO_MEMORY)
        return PyErr_NoMemory();
    text = error_text(message && *message ? message : cmr_strerror(status));
    if (!text)
        return NULL;
    error = PyObject_CallFunction(state->make_error, "iOOOi", (int)status, text, key ? key : Py_None,
                                  diagnostics ? diagnostics : Py_None, number);
    Py_DECREF(text);
    if (error) {
        PyErr_SetObject((PyObject *)Py_TYPE(error), error);
        Py_DECREF(error);
    }
    return NULL;
}

PyObject *error_raise(struct state *state, cmr_status status, const char *message)
{
    return raise_with(state, status, message, NULL, NULL);
}

PyObject *error_raise_key(struct state *state, cmr_status status, const char *message, PyObject *key)
{
    return raise_with(state, status, message, key, NULL);
}

PyObject *error_raise_rejected(struct state *state, const char *message, PyObject *diagnostics)
{
    return raise_with(state, CMR_ERR_REJECTED, message, NULL, diagnostics);
}
