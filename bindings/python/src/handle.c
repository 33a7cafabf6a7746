/* SPDX-License-Identifier: MIT
 *
 * cmreload.Handle: a subscription, an observer or a validator, which cancel() ends. It stands for its
 * callback, too, so that a function that was registered by a decorator can be called. */
#include "handle.h"

#include "gil.h"

struct handle *handle_new(struct reloader *reloader, PyObject *callback)
{
    PyTypeObject *type = reloader->state->handle_type;
    struct handle *self = (struct handle *)((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
    if (self)
        self->callback = Py_NewRef(callback);
    return self;
}

PyObject *handle_register(struct handle *self, struct reloader *reloader)
{
    self->reloader = reloader;
    LIST_INSERT_HEAD(&reloader->handles, self, entry);
    return Py_NewRef((PyObject *)self);
}

void handle_forget(struct handle *self)
{
    LIST_REMOVE(self, entry);
    self->reloader = NULL;
    Py_DECREF((PyObject *)self);
}

PyObject *handle_call(PyObject *callback, PyObject *argument)
{
    PyObject *result = argument ? PyObject_CallFunctionObjArgs(callback, argument, NULL) : NULL;
    Py_XDECREF(argument);
    return result;
}

void handle_tell(struct handle *self, PyObject *callback,
                 PyObject *(*make)(struct handle *self, const void *told), const void *told)
{
    struct reloader *reloader = self->reloader;
    PyObject *result;
    Py_INCREF((PyObject *)self);
    result = handle_call(callback, make(self, told));
    if (!result)
        reloader_tell_exception(reloader, callback);
    Py_XDECREF(result);
    Py_DECREF((PyObject *)self);
}

/* Waits for a callback that runs in another thread, which needs the GIL for that. */
static void end_in_library(struct handle *self)
{
    gil_release();
    cmr_unsubscribe(self->subscription);
    cmr_unobserve(self->observer);
    cmr_unvalidate(self->validator);
    gil_retake();
}

static PyObject *cancel(PyObject *object, PyObject *nothing)
{
    struct handle *self = (struct handle *)object;
    struct reloader *reloader = self->reloader;
    (void)nothing;
    if (!reloader || self->ended || reloader->closed)
        Py_RETURN_NONE;
    self->ended = true;
    Py_INCREF((PyObject *)reloader);
    reloader->ending++;
    end_in_library(self);
    reloader->ending--;
    if (self->reloader)
        handle_forget(self);
    reloader_settle(reloader);
    Py_DECREF((PyObject *)reloader);
    Py_RETURN_NONE;
}

static PyObject *handle_as_function(PyObject *object, PyObject *arguments, PyObject *keywords)
{
    return PyObject_Call(((struct handle *)object)->callback, arguments, keywords);
}

static PyObject *get_active(PyObject *object, void *closure)
{
    struct handle *self = (struct handle *)object;
    (void)closure;
    return PyBool_FromLong(self->reloader && !self->ended && !self->reloader->closed);
}

static PyObject *get_wrapped(PyObject *object, void *closure)
{
    (void)closure;
    return Py_NewRef(((struct handle *)object)->callback);
}

static int handle_traverse(PyObject *object, visitproc visit, void *arg)
{
    struct handle *self = (struct handle *)object;
    Py_VISIT(Py_TYPE(object));
    Py_VISIT(self->callback);
    Py_VISIT(self->commit);
    Py_VISIT(self->abort);
    Py_VISIT(self->kind.members);
    return 0;
}

/* What is still registered may be called, and keeps what it calls. */
static int handle_clear(PyObject *object)
{
    struct handle *self = (struct handle *)object;
    if (self->reloader)
        return 0;
    Py_CLEAR(self->callback);
    Py_CLEAR(self->commit);
    Py_CLEAR(self->abort);
    kind_reset(&self->kind);
    return 0;
}

static void handle_dealloc(PyObject *object)
{
    PyTypeObject *type = Py_TYPE(object);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    PyObject_GC_UnTrack(object);
    handle_clear(object);
    release(object);
    Py_DECREF(type);
}

static PyMethodDef methods[] = {
    { "cancel", cancel, METH_NOARGS,
      "cancel($self)\n--\n\n"
      "Ends it: when this returns the callback does not run, and will not run again. It waits for one that "
      "runs\n"
      "in another thread, so hold no lock that the callback takes. In the callback itself it does not "
      "wait." },
    { NULL, NULL, 0, NULL },
};

static PyGetSetDef properties[] = {
    { "active", get_active, NULL, "Whether it may still be called back.", NULL },
    { "__wrapped__", get_wrapped, NULL, "The callback.", NULL },
    { NULL, NULL, NULL, NULL, NULL },
};

static PyType_Slot slots[] = {
    { Py_tp_doc,
      (void
           *)"Something that is registered with a reloader, which lives as long as that unless cancelled.\n\n"
             "Calling it calls the function that was registered." },
    { Py_tp_call, handle_as_function },
    { Py_tp_dealloc, handle_dealloc },
    { Py_tp_traverse, handle_traverse },
    { Py_tp_clear, handle_clear },
    { Py_tp_methods, methods },
    { Py_tp_getset, properties },
    { 0, NULL },
};

PyType_Spec handle_spec = {
    .name = "cmreload.Handle",
    .basicsize = sizeof(struct handle),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = slots,
};
