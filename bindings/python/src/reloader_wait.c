/* SPDX-License-Identifier: MIT
 *
 * The calls that dispatch: without the GIL, which callbacks take. As Python's own calls that wait (PEP 475),
 * they go on when a signal's handler has run, unless that raised. */
#include "reloader.h"

#include <math.h>
#include <time.h>

#include "error.h"
#include "gil.h"
#include "snapshot.h"

typedef cmr_status dispatch_fn(cmr_reloader *reloader, int64_t timeout_ms);

static cmr_status dispatch(cmr_reloader *reloader, int64_t timeout_ms)
{
    (void)timeout_ms;
    return cmr_reloader_dispatch(reloader);
}

static cmr_status call(struct reloader *self, dispatch_fn *what, int64_t timeout_ms)
{
    cmr_reloader *reloader = self->reloader;
    cmr_status status = reloader_enter(self);
    if (status != CMR_OK)
        return status;
    gil_release();
    status = what(reloader, timeout_ms);
    gil_retake();
    reloader_leave(self);
    return self->closed ? CMR_ERR_CLOSED : status;
}

/* What a callback raised for the one who dispatches. */
static bool raise_again(struct reloader *self)
{
    if (!self->raised[0])
        return false;
    PyErr_Restore(self->raised[0], self->raised[1], self->raised[2]);
    self->raised[0] = self->raised[1] = self->raised[2] = NULL;
    return true;
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* None is no limit, as which -1 goes on. A number is seconds; half a millisecond waits one, not none. */
static bool read_timeout(PyObject *timeout, int64_t *ret_ms)
{
    double seconds;
    if (!timeout || timeout == Py_None) {
        *ret_ms = -1;
        return true;
    }
    seconds = PyFloat_AsDouble(timeout);
    if (PyErr_Occurred())
        return false;
    if (!(seconds >= 0)) {
        PyErr_SetString(PyExc_ValueError, "a timeout is None, or not negative");
        return false;
    }
    *ret_ms = seconds > 1e12 ? -1 : (int64_t)ceil(seconds * 1000);
    return true;
}

/* Calls until it was no signal that ended it. False, with an exception: a signal's handler, or a callback,
 * raised. */
static bool call_through(struct reloader *self, dispatch_fn *what, int64_t timeout_ms, cmr_status *ret_status)
{
    int64_t end = timeout_ms < 0 ? 0 : now_ms() + timeout_ms;
    cmr_status status;
    do {
        if (!reloader_use(self))
            return false;
        status = call(self, what, timeout_ms);
        if (raise_again(self) || PyErr_CheckSignals() < 0)
            return false;
        if (timeout_ms >= 0)
            timeout_ms = end > now_ms() ? end - now_ms() : 0;
    } while (status == CMR_ERR_INTERRUPTED);
    *ret_status = status;
    return true;
}

PyObject *reloader_dispatch(PyObject *object, PyObject *nothing)
{
    struct reloader *self = (struct reloader *)object;
    cmr_status status;
    (void)nothing;
    if (!call_through(self, dispatch, 0, &status))
        return NULL;
    return status == CMR_OK ? Py_NewRef(Py_None) : error_raise(self->state, status, NULL);
}

static bool read_arguments(PyObject *arguments, PyObject *keywords, int64_t *ret_ms)
{
    static char *names[] = { (char *)"timeout", NULL };
    PyObject *timeout = NULL;
    return PyArg_ParseTupleAndKeywords(arguments, keywords, "|O", names, &timeout) &&
           read_timeout(timeout, ret_ms);
}

PyObject *reloader_wait(PyObject *object, PyObject *arguments, PyObject *keywords)
{
    struct reloader *self = (struct reloader *)object;
    int64_t timeout_ms;
    cmr_status status;
    if (!read_arguments(arguments, keywords, &timeout_ms) ||
        !call_through(self, cmr_reloader_wait, timeout_ms, &status))
        return NULL;
    if (status != CMR_OK && status != CMR_ERR_TIMEOUT)
        return error_raise(self->state, status, NULL);
    return PyBool_FromLong(status == CMR_OK);
}

/* NOT_FOUND without a key becomes NotMountedError. */
static PyObject *raise_load(struct reloader *self, cmr_status status)
{
    cmr_mount_status mount = CMR_MOUNT_STATUS_INIT;
    if (status == CMR_ERR_REJECTED)
        return error_raise_rejected(self->state, NULL, self->rejected);
    if (self->reloader && cmr_reloader_get_mount_status(self->reloader, NULL, &mount) == CMR_OK)
        return error_raise(self->state, status, mount.message);
    return error_raise(self->state, status, NULL);
}

PyObject *reloader_load(PyObject *object, PyObject *arguments, PyObject *keywords)
{
    struct reloader *self = (struct reloader *)object;
    int64_t timeout_ms;
    cmr_status status;
    if (!read_arguments(arguments, keywords, &timeout_ms) ||
        !call_through(self, cmr_reloader_load, timeout_ms, &status))
        return NULL;
    return status == CMR_OK ? Py_NewRef(Py_None) : raise_load(self, status);
}

/* A dry run calls validators, so it is a call that dispatches. */
PyObject *reloader_try(PyObject *object, PyObject *arguments)
{
    struct reloader *self = (struct reloader *)object;
    PyObject *snapshot, *diagnostics;
    const char *mount;
    cmr_snapshot *candidate;
    cmr_reloader *reloader;
    cmr_report *report = NULL;
    cmr_status status;
    if (!PyArg_ParseTuple(arguments, "Oz", &snapshot, &mount))
        return NULL;
    candidate = snapshot_of(self->state, snapshot);
    reloader = candidate ? reloader_use(self) : NULL;
    if (!reloader)
        return NULL;
    status = reloader_enter(self);
    if (status != CMR_OK)
        return error_raise(self->state, status, NULL);
    gil_release();
    status = cmr_reloader_try(reloader, mount, candidate, &report);
    gil_retake();
    diagnostics = error_diagnostics(self->state, report);
    cmr_report_free(report);
    reloader_leave(self);
    if (diagnostics && !raise_again(self) && status != CMR_OK) {
        if (status == CMR_ERR_REJECTED)
            error_raise_rejected(self->state, NULL, diagnostics);
        else
            error_raise(self->state, status, NULL);
    }
    if (PyErr_Occurred())
        Py_CLEAR(diagnostics);
    return diagnostics;
}
