/* SPDX-License-Identifier: MIT
 *
 * Opening: a reloader's options, its mounts, and the function that it logs by. */
#include "error.h"
#include "gil.h"
#include "option.h"
#include "reloader.h"

/* The library logs inside of any call, so this thread may hold the GIL or not. */
static void on_log(void *user, cmr_log_level level, const char *message)
{
    struct reloader *self = user;
    bool entered = gil_enter();
    PyObject *text = error_text(message), *result = NULL;
    if (text && level >= 0 && level < LOG_LEVELS)
        result = PyObject_CallFunctionObjArgs(self->log, self->state->log_levels[level], text, NULL);
    Py_XDECREF(text);
    if (!result)
        reloader_tell_exception(self, self->log);
    Py_XDECREF(result);
    gil_leave(entered);
}

static int fail(struct reloader *self, cmr_status status, const char *path)
{
    char message[512];
    PyOS_snprintf(message, sizeof message, "%.400s: %s", path,
                  status == CMR_ERR_SYSTEM ? "it cannot be followed" : cmr_strerror(status));
    error_raise(self->state, status, message);
    return -1;
}

static int open_with(struct reloader *self, const char *path, const cmr_options *options)
{
    cmr_reloader *reloader;
    cmr_status status = cmr_open(path, options, &reloader);
    if (status != CMR_OK)
        return fail(self, status, path);
    status = cmr_reader_new(reloader, &self->reader);
    if (status == CMR_OK)
        status = event_remember_rejected(self, reloader);
    if (status == CMR_OK) {
        self->reloader = reloader;
        return 0;
    }
    cmr_reader_free(self->reader);
    self->reader = NULL;
    cmr_reloader_free(reloader);
    return fail(self, status, path);
}

int reloader_init(PyObject *object, PyObject *arguments, PyObject *keywords)
{
    struct reloader *self = (struct reloader *)object;
    cmr_options options = CMR_OPTIONS_INIT;
    struct option_mount mount = { 0 };
    const char *path;
    PyObject *mount_tuple, *log;
    int background, boot, result = -1;
    if (keywords && PyDict_Size(keywords)) {
        PyErr_SetString(PyExc_TypeError, "cmreload.open() is what takes keywords");
        return -1;
    }
    if (!PyArg_ParseTuple(arguments, "yOOpzi", &path, &mount_tuple, &log, &background, &options.state_dir,
                          &boot))
        return -1;
    if (self->reloader || self->closed) {
        PyErr_SetString(PyExc_RuntimeError, "it is open already");
        return -1;
    }
    if (log != Py_None) {
        self->log = Py_NewRef(log);
        options.log = on_log;
        options.log_user = self;
    }
    options.background = background;
    options.boot = (cmr_boot)boot;
    options.mount = option_mount_read(&mount, mount_tuple);
    if (options.mount)
        result = open_with(self, path, &options);
    option_mount_reset(&mount);
    return result;
}

PyObject *reloader_add_mount(PyObject *object, PyObject *arguments)
{
    struct reloader *self = (struct reloader *)object;
    struct option_mount mount = { 0 };
    const cmr_mount_options *options;
    const char *path;
    PyObject *tuple;
    cmr_reloader *reloader;
    cmr_status status;
    if (!PyArg_ParseTuple(arguments, "yO", &path, &tuple))
        return NULL;
    options = option_mount_read(&mount, tuple);
    reloader = options ? reloader_use(self) : NULL;
    if (reloader) {
        status = cmr_reloader_add_mount(reloader, path, options);
        if (status != CMR_OK)
            fail(self, status, path);
    }
    option_mount_reset(&mount);
    return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
}
