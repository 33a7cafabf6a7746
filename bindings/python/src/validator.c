/* SPDX-License-Identifier: MIT
 *
 * Validators. What a prepare raises is its veto, in the words of cmreload/_errors.py: a Veto's own reasons,
 * else the exception's. What is no Exception (KeyboardInterrupt) judges nothing: the generation is asked
 * about again. */
#include "error.h"
#include "gil.h"
#include "handle.h"

/* The reasons are a tuple (again, ((key, reason), ...)). */
static cmr_status tell_reasons(cmr_veto *veto, PyObject *answer)
{
    PyObject *reasons;
    int again;
    if (!PyArg_ParseTuple(answer, "pO", &again, &reasons))
        return CMR_ERR_REJECTED;
    for (Py_ssize_t i = 0; i < PyTuple_Size(reasons); i++) {
        const char *key, *reason;
        if (PyArg_ParseTuple(PyTuple_GetItem(reasons, i), "zs", &key, &reason))
            cmr_veto_reason(veto, key, "%s", reason);
    }
    return again ? CMR_ERR_AGAIN : CMR_ERR_REJECTED;
}

static cmr_status veto_by_exception(struct reloader *reloader, PyObject *where, cmr_veto *veto)
{
    PyObject *type, *value, *trace, *answer;
    cmr_status status = CMR_ERR_REJECTED;
    if (!PyErr_ExceptionMatches(PyExc_Exception)) {
        reloader_tell_exception(reloader, where);
        return CMR_ERR_AGAIN;
    }
    PyErr_Fetch(&type, &value, &trace);
    PyErr_NormalizeException(&type, &value, &trace);
    answer = PyObject_CallFunctionObjArgs(reloader->state->veto_reasons, value, NULL);
    if (answer)
        status = tell_reasons(veto, answer);
    if (PyErr_Occurred())
        PyErr_WriteUnraisable(where);
    Py_XDECREF(answer);
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(trace);
    return status;
}

static cmr_status on_prepare(void *user, cmr_snapshot *candidate, cmr_veto *veto)
{
    struct handle *self = user;
    struct reloader *reloader;
    cmr_status status = CMR_OK;
    PyObject *result;
    bool entered = gil_enter();
    reloader = self->reloader;
    if (!reloader->closed) {
        Py_INCREF((PyObject *)self);
        result = handle_call(self->callback, reloader_wrap(reloader, candidate));
        if (!result)
            status = veto_by_exception(reloader, self->callback, veto);
        Py_XDECREF(result);
        Py_DECREF((PyObject *)self);
    }
    if (reloader->closed)
        status = CMR_ERR_AGAIN; /* it publishes nothing any more */
    gil_leave(entered);
    return status;
}

static PyObject *wrap(struct handle *self, const void *told)
{
    return reloader_wrap(self->reloader, *(cmr_snapshot *const *)told);
}

static void on_commit(void *user, cmr_snapshot *published)
{
    struct handle *self = user;
    bool entered = gil_enter();
    handle_tell(self, self->commit, wrap, &published);
    gil_leave(entered);
}

static void on_abort(void *user, cmr_snapshot *candidate)
{
    struct handle *self = user;
    bool entered = gil_enter();
    handle_tell(self, self->abort, wrap, &candidate);
    gil_leave(entered);
}

PyObject *reloader_validate(PyObject *object, PyObject *arguments)
{
    struct reloader *self = (struct reloader *)object;
    cmr_validator_options options = CMR_VALIDATOR_OPTIONS_INIT;
    PyObject *prepare, *commit, *abort, *made = NULL;
    struct handle *handle;
    cmr_status status;
    if (!PyArg_ParseTuple(arguments, "sOOO", &options.name, &prepare, &commit, &abort))
        return NULL;
    handle = handle_new(self, prepare);
    if (!handle)
        return NULL;
    handle->commit = commit == Py_None ? NULL : Py_NewRef(commit);
    handle->abort = abort == Py_None ? NULL : Py_NewRef(abort);
    options.prepare = on_prepare;
    options.commit = handle->commit ? on_commit : NULL;
    options.abort = handle->abort ? on_abort : NULL;
    if (reloader_use(self)) {
        status = cmr_validate(self->reloader, &options, handle, &handle->validator);
        made = status == CMR_OK ? handle_register(handle, self) : error_raise(self->state, status, NULL);
    }
    if (!made)
        Py_DECREF((PyObject *)handle);
    return made;
}
