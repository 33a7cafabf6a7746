/* SPDX-License-Identifier: MIT
 *
 * Status and counters, as the named tuples of cmreload/_types.py. */
#include "error.h"
#include "reloader.h"

PyObject *reloader_get_status(PyObject *object, void *closure)
{
    struct reloader *self = (struct reloader *)object;
    cmr_reloader *reloader = reloader_use(self);
    cmr_reloader_status found = CMR_RELOADER_STATUS_INIT;
    cmr_status status;
    (void)closure;
    if (!reloader)
        return NULL;
    status = cmr_reloader_get_status(reloader, &found);
    if (status != CMR_OK)
        return error_raise(self->state, status, NULL);
    return PyObject_CallFunction(
        self->state->status, "KLKKKKKOsKK", (unsigned long long)found.generation,
        (long long)found.last_success, (unsigned long long)found.reloads_applied,
        (unsigned long long)found.reloads_rejected, (unsigned long long)found.reloads_failed,
        (unsigned long long)found.read_retries, (unsigned long long)found.subscriptions,
        found.held ? Py_True : Py_False, cmr_boot_source_name(found.booted_from),
        (unsigned long long)found.saves, (unsigned long long)found.saves_failed);
}

PyObject *reloader_mount_status(PyObject *object, PyObject *arguments)
{
    struct reloader *self = (struct reloader *)object;
    cmr_mount_status found = CMR_MOUNT_STATUS_INIT;
    const char *mount = NULL;
    cmr_reloader *reloader;
    cmr_status status;
    if (!PyArg_ParseTuple(arguments, "|z", &mount))
        return NULL;
    reloader = reloader_use(self);
    if (!reloader)
        return NULL;
    status = cmr_reloader_get_mount_status(reloader, mount, &found);
    if (status != CMR_OK)
        return error_raise(self->state, status,
                           status == CMR_ERR_NOT_FOUND ? "there is no such mount" : NULL);
    return PyObject_CallFunction(self->state->mount_status, "sssssskOs", cmr_mount_state_name(found.state),
                                 cmr_mount_reason_name(found.reason), found.message, found.mounted_target,
                                 found.applied_target, cmr_mount_kind_name(found.kind),
                                 (unsigned long)found.kept_files, found.swappable ? Py_True : Py_False,
                                 cmr_boot_source_name(found.applied_from));
}
