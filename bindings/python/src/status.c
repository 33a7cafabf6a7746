/* SPDX-License-Identifier: MIT
 *
 * Status, counters and reports, as the named tuples of cmreload/_types.py, and as texts for a page or a
 * scraper. */
#include <stdlib.h>

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
        self->state->status, "KLKKKKKOsKKsL", (unsigned long long)found.generation,
        (long long)found.last_success, (unsigned long long)found.reloads_applied,
        (unsigned long long)found.reloads_rejected, (unsigned long long)found.reloads_failed,
        (unsigned long long)found.read_retries, (unsigned long long)found.subscriptions,
        found.held ? Py_True : Py_False, cmr_boot_source_name(found.booted_from),
        (unsigned long long)found.saves, (unsigned long long)found.saves_failed, cmr_role_name(found.role),
        (long long)found.publisher);
}

/* The reloader, and the mount that the arguments name; NULL: the first one. */
static cmr_reloader *use_for_mount(struct reloader *self, PyObject *arguments, const char **ret_mount)
{
    *ret_mount = NULL;
    return PyArg_ParseTuple(arguments, "|z", ret_mount) ? reloader_use(self) : NULL;
}

static PyObject *raise_for_mount(struct reloader *self, cmr_status status)
{
    return error_raise(self->state, status, status == CMR_ERR_NOT_FOUND ? "there is no such mount" : NULL);
}

PyObject *reloader_mount_status(PyObject *object, PyObject *arguments)
{
    struct reloader *self = (struct reloader *)object;
    cmr_mount_status found = CMR_MOUNT_STATUS_INIT;
    const char *mount;
    cmr_reloader *reloader = use_for_mount(self, arguments, &mount);
    cmr_status status;
    if (!reloader)
        return NULL;
    status = cmr_reloader_get_mount_status(reloader, mount, &found);
    if (status != CMR_OK)
        return raise_for_mount(self, status);
    return PyObject_CallFunction(self->state->mount_status, "sssssskOs", cmr_mount_state_name(found.state),
                                 cmr_mount_reason_name(found.reason), found.message, found.mounted_target,
                                 found.applied_target, cmr_mount_kind_name(found.kind),
                                 (unsigned long)found.kept_files, found.swappable ? Py_True : Py_False,
                                 cmr_boot_source_name(found.applied_from));
}

PyObject *reloader_report(PyObject *object, PyObject *arguments)
{
    struct reloader *self = (struct reloader *)object;
    const char *mount;
    cmr_reloader *reloader = use_for_mount(self, arguments, &mount);
    cmr_report *report = NULL;
    PyObject *diagnostics;
    cmr_status status;
    if (!reloader)
        return NULL;
    status = cmr_reloader_get_report(reloader, mount, &report);
    if (status != CMR_OK)
        return raise_for_mount(self, status);
    diagnostics = error_diagnostics(self->state, report);
    cmr_report_free(report);
    return diagnostics;
}

/* Takes over a text that the library made, unless the status says that there is none. */
static PyObject *text_of(struct reloader *self, cmr_status status, char *text)
{
    PyObject *made;
    if (status != CMR_OK)
        return error_raise(self->state, status, NULL);
    made = error_text(text);
    free(text);
    return made;
}

PyObject *reloader_status_json(PyObject *object, PyObject *nothing)
{
    struct reloader *self = (struct reloader *)object;
    cmr_reloader *reloader = reloader_use(self);
    char *text = NULL;
    cmr_status status;
    (void)nothing;
    if (!reloader)
        return NULL;
    status = cmr_reloader_status_json(reloader, &text);
    return text_of(self, status, text);
}

PyObject *reloader_prometheus(PyObject *object, PyObject *arguments, PyObject *keywords)
{
    static char *names[] = { (char *)"prefix", (char *)"labels", NULL };
    struct reloader *self = (struct reloader *)object;
    const char *prefix = NULL, *labels = NULL;
    cmr_reloader *reloader;
    char *text = NULL;
    cmr_status status;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "|zz", names, &prefix, &labels))
        return NULL;
    reloader = reloader_use(self);
    if (!reloader)
        return NULL;
    status = cmr_reloader_status_prometheus(reloader, prefix, labels, &text);
    return text_of(self, status, text);
}
