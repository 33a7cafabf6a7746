/* SPDX-License-Identifier: MIT
 *
 * What needs no reloader: reading once, and writing a volume as the kubelet does. Both may wait for a disk,
 * so the GIL is let go of; the tuples that the texts belong to are the caller's meanwhile. */
#include "volume.h"

#include "error.h"
#include "gil.h"
#include "option.h"
#include "snapshot.h"

static PyObject *result_of(struct state *state, cmr_status status, cmr_report *report, cmr_snapshot *snapshot,
                           const char *what)
{
    PyObject *diagnostics = error_diagnostics(state, report);
    cmr_report_free(report);
    if (status == CMR_OK) {
        Py_XDECREF(diagnostics);
        return snapshot_new(state, snapshot);
    }
    if (status == CMR_ERR_REJECTED && diagnostics)
        error_raise_rejected(state, NULL, diagnostics);
    else if (status == CMR_ERR_NOT_FOUND)
        error_raise(state, status, what);
    else if (diagnostics)
        error_raise(state, status, NULL);
    Py_XDECREF(diagnostics);
    return NULL;
}

PyObject *volume_read(PyObject *module, PyObject *arguments)
{
    struct state *state = PyModule_GetState(module);
    struct option_mount mount = { 0 };
    const cmr_mount_options *options;
    cmr_report *report = NULL;
    cmr_snapshot *snapshot = NULL;
    const char *path;
    PyObject *tuple, *made = NULL;
    if (!PyArg_ParseTuple(arguments, "yO", &path, &tuple))
        return NULL;
    options = option_mount_read(&mount, tuple);
    if (options) {
        cmr_status status;
        gil_release();
        status = cmr_snapshot_read(path, options, &report, &snapshot);
        gil_retake();
        made = result_of(state, status, report, snapshot, path);
    }
    option_mount_reset(&mount);
    return made;
}

/* Of a tuple of (name, bytes), an array that borrows them. */
static cmr_file *read_files(PyObject *tuple, size_t *ret_count)
{
    Py_ssize_t count = PyTuple_Size(tuple), size;
    cmr_file *files = count < 0 ? NULL : PyMem_Calloc((size_t)count + 1, sizeof *files);
    for (Py_ssize_t i = 0; files && i < count; i++) {
        if (!PyArg_ParseTuple(PyTuple_GetItem(tuple, i), "sy#", &files[i].name, &files[i].data, &size)) {
            PyMem_Free(files);
            return NULL;
        }
        files[i].size = (size_t)size;
    }
    if (!files && !PyErr_Occurred())
        PyErr_NoMemory();
    *ret_count = (size_t)count;
    return files;
}

PyObject *volume_from_files(PyObject *module, PyObject *arguments)
{
    struct state *state = PyModule_GetState(module);
    struct option_mount mount = { 0 };
    const cmr_mount_options *options;
    cmr_report *report = NULL;
    cmr_snapshot *snapshot = NULL;
    PyObject *files_tuple, *tuple, *made = NULL;
    cmr_file *files;
    size_t count;
    if (!PyArg_ParseTuple(arguments, "OO", &files_tuple, &tuple))
        return NULL;
    files = read_files(files_tuple, &count);
    options = files ? option_mount_read(&mount, tuple) : NULL;
    if (options) {
        cmr_status status;
        gil_release();
        status = cmr_snapshot_from_files(files, count, options, &report, &snapshot);
        gil_retake();
        made = result_of(state, status, report, snapshot, NULL);
    }
    option_mount_reset(&mount);
    PyMem_Free(files);
    return made;
}

PyObject *volume_write(PyObject *module, PyObject *arguments)
{
    struct state *state = PyModule_GetState(module);
    cmr_volume_options options = CMR_VOLUME_OPTIONS_INIT;
    cmr_volume_result result = CMR_VOLUME_RESULT_INIT;
    PyObject *tuple;
    const char *path;
    cmr_file *files;
    size_t count;
    int sync, restricted;
    cmr_status status;
    if (!PyArg_ParseTuple(arguments, "yOpp", &path, &tuple, &sync, &restricted))
        return NULL;
    files = read_files(tuple, &count);
    if (!files)
        return NULL;
    options.sync = sync;
    options.restricted = restricted;
    gil_release();
    status = cmr_volume_write(path, files, count, &options, &result);
    gil_retake();
    PyMem_Free(files);
    return status == CMR_OK ? PyBool_FromLong(result.written) : error_raise(state, status, result.message);
}
