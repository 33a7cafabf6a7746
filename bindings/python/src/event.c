/* SPDX-License-Identifier: MIT
 *
 * Observers: what happens to the reloader as a whole. One is the binding's own: it remembers what was wrong
 * with the last generation that was rejected, for the RejectedError of load(), and lets go of snapshots that
 * are not current any more. */
#include "error.h"
#include "gil.h"
#include "handle.h"

static const char *kind_name(cmr_event_kind kind)
{
    switch (kind) {
    case CMR_EVENT_READY:
        return "ready";
    case CMR_EVENT_APPLIED:
        return "applied";
    case CMR_EVENT_REJECTED:
        return "rejected";
    case CMR_EVENT_STATE:
        return "state";
    case CMR_EVENT_FAILED:
        return "failed";
    case CMR_EVENT_SHARED:
        return "shared";
    }
    return "?";
}

static PyObject *event_new(struct handle *self, const void *told)
{
    struct state *state = self->reloader->state;
    const cmr_event *event = told;
    PyObject *diagnostics = error_diagnostics(state, event->report), *message = error_text(event->message);
    PyObject *made = NULL;
    if (diagnostics && message)
        made = PyObject_CallFunction(state->event, "ssKssOssOs", kind_name(event->kind), event->mount,
                                     (unsigned long long)event->generation, event->target, event->hash,
                                     diagnostics, cmr_mount_state_name(event->state),
                                     cmr_mount_reason_name(event->reason), message,
                                     cmr_boot_source_name(event->booted_from));
    Py_XDECREF(diagnostics);
    Py_XDECREF(message);
    return made;
}

static void on_event(void *user, const cmr_event *event)
{
    struct handle *self = user;
    bool entered = gil_enter();
    if (!self->reloader->closed)
        handle_tell(self, self->callback, event_new, event);
    gil_leave(entered);
}

PyObject *reloader_observe(PyObject *object, PyObject *callback)
{
    struct reloader *self = (struct reloader *)object;
    cmr_reloader *reloader = reloader_use(self);
    struct handle *handle = reloader ? handle_new(self, callback) : NULL;
    cmr_status status;
    if (!handle)
        return NULL;
    status = cmr_observe(reloader, on_event, handle, NULL, &handle->observer);
    if (status == CMR_OK)
        return handle_register(handle, self);
    Py_DECREF((PyObject *)handle);
    return error_raise(self->state, status, NULL);
}

static void remember(void *user, const cmr_event *event)
{
    struct reloader *self = user;
    PyObject *was = NULL;
    bool entered = gil_enter();
    if (event->kind == CMR_EVENT_REJECTED) {
        was = self->rejected;
        self->rejected = error_diagnostics(self->state, event->report);
        if (!self->rejected)
            PyErr_Clear(); /* the error then says less */
    } else if (event->kind == CMR_EVENT_READY || event->kind == CMR_EVENT_APPLIED) {
        was = self->rejected;
        self->rejected = NULL;
        Py_CLEAR(self->snapshot);
        if (self->reader)
            cmr_reader_release(self->reader);
    }
    Py_XDECREF(was);
    gil_leave(entered);
}

cmr_status event_remember_rejected(struct reloader *self, cmr_reloader *reloader)
{
    return cmr_observe(reloader, remember, self, NULL, NULL);
}
