/* SPDX-License-Identifier: MIT
 *
 * cmreload._cmreload.Reloader: a reloader's life. cmreload/_reloader.py derives the class that programs use.
 *
 * What the library calls back with is a handle, borrowed: the reloader's list holds a reference to each
 * handle until it cannot be called any more. That is when unsubscribing is back, or freeing the reloader is
 * and nobody is inside it; freed in its own callback it goes on for a moment. So no `destroy` is needed,
 * which would run on any thread, with the GIL or without.
 *
 * A cycle of reloader, handle, callback and what that refers to is found by the garbage collector, since a
 * thread inside the library has a reference of its own. */
#include "reloader.h"

#include <sched.h>
#include <unistd.h>

#include "error.h"
#include "gil.h"
#include "handle.h"
#include "snapshot.h"

cmr_reloader *reloader_use(struct reloader *self)
{
    if (self->reloader && !self->closed)
        return self->reloader;
    error_raise(self->state, CMR_ERR_CLOSED, "the reloader is closed");
    return NULL;
}

/* ---- callbacks ---------------------------------------------------------------------------------- */

void reloader_tell_exception(struct reloader *self, PyObject *where)
{
    bool dispatches = self->dispatching && self->dispatcher == PyThread_get_thread_ident();
    if (PyErr_ExceptionMatches(PyExc_Exception) || !dispatches || self->raised[0])
        PyErr_WriteUnraisable(where);
    else
        PyErr_Fetch(&self->raised[0], &self->raised[1], &self->raised[2]);
}

/* ---- who is inside the library ------------------------------------------------------------------ */

/* In a forked child the other threads are not there any more. */
static void notice_fork(struct reloader *self)
{
    if (self->process == getpid())
        return;
    self->process = getpid();
    self->ending = 0;
    if (self->dispatcher != PyThread_get_thread_ident())
        self->dispatching = false;
}

/* The library would say so itself; but then two threads could be on their way into it while a third one frees
 * it. */
cmr_status reloader_enter(struct reloader *self)
{
    notice_fork(self);
    if (self->dispatching)
        return CMR_ERR_BUSY;
    self->dispatching = true;
    self->dispatcher = PyThread_get_thread_ident();
    return CMR_OK;
}

void reloader_leave(struct reloader *self)
{
    self->dispatching = false;
    reloader_settle(self);
}

/* ---- its end ------------------------------------------------------------------------------------ */

static void forget_handles(struct reloader *self)
{
    while (!LIST_EMPTY(&self->handles))
        handle_forget(LIST_FIRST(&self->handles));
}

/* Another thread is in a call that dispatches, and has let go of the GIL; but it need not have come as far as
 * the library, which may not be freed before. Whether it has, a dry run for no mount tells: it is refused
 * while somebody dispatches. */
static void await_dispatcher(struct reloader *self, cmr_reloader *reloader)
{
    cmr_snapshot *snapshot = cmr_reloader_ref_snapshot(reloader);
    bool is_in = false;
    while (!is_in && self->dispatching) {
        gil_release();
        is_in = cmr_reloader_try(reloader, "", snapshot, NULL) == CMR_ERR_BUSY;
        if (!is_in)
            sched_yield();
        gil_retake();
    }
    cmr_snapshot_unref(snapshot);
}

static void free_reloader(struct reloader *self)
{
    cmr_reloader *reloader = self->reloader;
    self->reloader = NULL;
    cmr_reader_free(self->reader);
    self->reader = NULL;
    Py_CLEAR(self->snapshot);
    if (self->dispatching && self->dispatcher != PyThread_get_thread_ident())
        await_dispatcher(self, reloader);
    gil_release();
    cmr_reloader_free(reloader);
    gil_retake();
}

void reloader_settle(struct reloader *self)
{
    notice_fork(self);
    if (!self->closed || self->ending)
        return;
    if (self->reloader)
        free_reloader(self);
    if (!self->dispatching)
        forget_handles(self);
}

static PyObject *close_now(PyObject *object, PyObject *nothing)
{
    struct reloader *self = (struct reloader *)object;
    (void)nothing;
    if (self->reloader && !self->closed) {
        self->closed = true;
        reloader_settle(self);
    }
    Py_RETURN_NONE;
}

/* As files do: one that nobody closed is closed, and that is told to developers. */
static void reloader_finalize(PyObject *object)
{
    struct reloader *self = (struct reloader *)object;
    PyObject *type, *value, *trace;
    if (!self->reloader || self->closed)
        return;
    PyErr_Fetch(&type, &value, &trace);
    if (PyErr_ResourceWarning(object, 1, "unclosed reloader %R", object) < 0)
        PyErr_WriteUnraisable(object);
    Py_XDECREF(close_now(object, NULL));
    PyErr_Restore(type, value, trace);
}

static int reloader_traverse(PyObject *object, visitproc visit, void *arg)
{
    struct reloader *self = (struct reloader *)object;
    struct handle *handle;
    Py_VISIT(Py_TYPE(object));
    Py_VISIT(self->log);
    Py_VISIT(self->share);
    Py_VISIT(self->rejected);
    for (int i = 0; i < 3; i++)
        Py_VISIT(self->raised[i]);
    LIST_FOREACH(handle, &self->handles, entry)
    Py_VISIT(handle);
    return 0;
}

/* Behind finalize, so that the library does not log any more. */
static int reloader_clear(PyObject *object)
{
    struct reloader *self = (struct reloader *)object;
    Py_CLEAR(self->rejected);
    for (int i = 0; i < 3; i++)
        Py_CLEAR(self->raised[i]);
    if (!self->reloader) {
        forget_handles(self);
        Py_CLEAR(self->log);
        Py_CLEAR(self->share);
    }
    return 0;
}

static void reloader_dealloc(PyObject *object)
{
    struct reloader *self = (struct reloader *)object;
    PyTypeObject *type = Py_TYPE(object);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    PyObject_GC_UnTrack(object);
    Py_XDECREF(close_now(object, NULL));
    reloader_clear(object);
    Py_CLEAR(self->snapshot);
    release(object);
    Py_DECREF(type);
}

/* ---- its beginning ------------------------------------------------------------------------------ */

static PyObject *reloader_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    struct state *state = state_of_type(type);
    struct reloader *self = state ? (struct reloader *)allocate(type, 0) : NULL;
    (void)arguments;
    (void)keywords;
    if (self) {
        self->state = state;
        self->process = getpid();
        LIST_INIT(&self->handles);
    }
    return (PyObject *)self;
}

/* ---- the snapshot ------------------------------------------------------------------------------- */

/* The reader belongs to whoever has the GIL. It counts the snapshot, so that an equal pointer is the same
 * one. */
static PyObject *current(struct reloader *self)
{
    cmr_snapshot *snapshot = cmr_reader_snapshot(self->reader);
    PyObject *made;
    if (self->snapshot && ((struct snapshot *)self->snapshot)->snapshot == snapshot)
        return Py_NewRef(self->snapshot);
    made = snapshot_new(self->state, cmr_snapshot_ref(snapshot));
    if (made) {
        Py_XDECREF(self->snapshot);
        self->snapshot = Py_NewRef(made);
    }
    return made;
}

PyObject *reloader_wrap(struct reloader *self, cmr_snapshot *snapshot)
{
    if (self->reader && cmr_reader_snapshot(self->reader) == snapshot)
        return current(self);
    return snapshot_new(self->state, cmr_snapshot_ref(snapshot));
}

static PyObject *get_snapshot(PyObject *object, void *closure)
{
    struct reloader *self = (struct reloader *)object;
    (void)closure;
    return reloader_use(self) ? current(self) : NULL;
}

/* ---- small calls -------------------------------------------------------------------------------- */

static PyObject *call_simply(PyObject *object, void (*what)(cmr_reloader *))
{
    cmr_reloader *reloader = reloader_use((struct reloader *)object);
    if (!reloader)
        return NULL;
    what(reloader);
    Py_RETURN_NONE;
}

static PyObject *wake(PyObject *object, PyObject *nothing)
{
    (void)nothing;
    return call_simply(object, cmr_reloader_wake);
}

static PyObject *check_now(PyObject *object, PyObject *nothing)
{
    (void)nothing;
    return call_simply(object, cmr_reloader_check_now);
}

static PyObject *hold(PyObject *object, PyObject *nothing)
{
    (void)nothing;
    return call_simply(object, cmr_reloader_hold);
}

static PyObject *release(PyObject *object, PyObject *nothing)
{
    (void)nothing;
    return call_simply(object, cmr_reloader_release);
}

static PyObject *get_fileno(PyObject *object, PyObject *nothing)
{
    cmr_reloader *reloader = reloader_use((struct reloader *)object);
    (void)nothing;
    return reloader ? PyLong_FromLong(cmr_reloader_fd(reloader)) : NULL;
}

/* Threads that were inside the library are not there in the child. */
static PyObject *after_fork(PyObject *object, PyObject *nothing)
{
    struct reloader *self = (struct reloader *)object;
    cmr_reloader *reloader = reloader_use(self);
    cmr_status status;
    (void)nothing;
    if (!reloader)
        return NULL;
    status = cmr_reloader_after_fork(reloader);
    if (status != CMR_OK)
        return error_raise(self->state, status, NULL);
    Py_RETURN_NONE;
}

static PyObject *get_closed(PyObject *object, void *closure)
{
    struct reloader *self = (struct reloader *)object;
    (void)closure;
    return PyBool_FromLong(!self->reloader || self->closed);
}

static PyMethodDef methods[] = {
    { "close", close_now, METH_NOARGS,
      "close($self)\n--\n\n"
      "Ends the reloader with all that is registered with it. Snapshots stay readable. In a callback it "
      "takes\n"
      "effect when that returns; from another thread it ends a wait, and waits for a callback that runs." },
    { "_add_mount", reloader_add_mount, METH_VARARGS, "_add_mount($self, path, options, /)\n--\n\n" },
    { "dispatch", reloader_dispatch, METH_NOARGS,
      "dispatch($self)\n--\n\n"
      "Does all there is to do, without waiting: loads a changed generation, publishes it, calls back. For "
      "an\n"
      "event loop, when fileno() is readable." },
    { "wait", FAST_METHOD(reloader_wait), METH_VARARGS | METH_KEYWORDS,
      "wait($self, timeout=None)\n--\n\n"
      "Waits until there is something to do and dispatches. False: the timeout, in seconds, was over first.\n"
      "True does not mean that anything has changed. Signal handlers run meanwhile, as Python's do." },
    { "load", FAST_METHOD(reloader_load), METH_VARARGS | METH_KEYWORDS,
      "load($self, timeout=None)\n--\n\n"
      "Dispatches until the first generation is published. RejectedError: what is there is bad;\n"
      "NotMountedError: nothing is there, within the timeout; LoadTimeoutError; SystemCallError." },
    { "_try", reloader_try, METH_VARARGS, "_try($self, snapshot, mount, /)\n--\n\n" },
    { "wake", wake, METH_NOARGS, "wake($self)\n--\n\nMakes a wait() return, in whatever thread." },
    { "check_now", check_now, METH_NOARGS,
      "check_now($self)\n--\n\nMakes the next dispatch look at every mount, whether an event came or not." },
    { "_hold", hold, METH_NOARGS, "_hold($self)\n--\n\n" },
    { "_release", release, METH_NOARGS, "_release($self)\n--\n\n" },
    { "fileno", get_fileno, METH_NOARGS,
      "fileno($self)\n--\n\n"
      "The descriptor that is readable when there is something to dispatch. Always the same; -1 in a forked\n"
      "child before after_fork()." },
    { "after_fork", after_fork, METH_NOARGS,
      "after_fork($self)\n--\n\n"
      "In a child of os.fork(): makes the reloader the child's own. Before that its calls raise ForkedError\n"
      "there, or do nothing. fileno() is another descriptor with the same number: add it to the child's "
      "loop." },
    { "mount_status", reloader_mount_status, METH_VARARGS,
      "mount_status($self, mount=None, /)\n--\n\nA MountStatus; None is the first mount." },
    { "report", reloader_report, METH_VARARGS,
      "report($self, mount=None, /)\n--\n\n"
      "What is wrong with what is mounted, as a tuple of Diagnostic: of a generation that was rejected. "
      "Empty: it\n"
      "is good, or not known yet." },
    { "status_json", reloader_status_json, METH_NOARGS,
      "status_json($self)\n--\n\n"
      "All that an operator asks, as a JSON object on one line: docs/observability.md has its members." },
    { "prometheus", FAST_METHOD(reloader_prometheus), METH_VARARGS | METH_KEYWORDS,
      "prometheus($self, prefix=None, labels=None)\n--\n\n"
      "The same as metrics in Prometheus' text format; their names begin with the prefix (cmreload), and "
      "the\n"
      "labels, as 'worker=\"1\"', stand in each." },
    { "join", reloader_join, METH_O,
      "join($self, share, /)\n--\n\n"
      "Has one of the processes that join a Share follow the mounts for all. Before the first load. "
      "BusyError." },
    { "members", reloader_members, METH_NOARGS,
      "members($self)\n--\n\n"
      "Who has which generation: in the publisher a list of Member, itself first; elsewhere this process "
      "alone." },
    { "_subscribe", reloader_subscribe, METH_VARARGS,
      "_subscribe($self, patterns, callback, type, debounce, max_wait, initial, lenient, /)\n--\n\n" },
    { "_observe", reloader_observe, METH_O, "_observe($self, callback, /)\n--\n\n" },
    { "_validate", reloader_validate, METH_VARARGS,
      "_validate($self, name, prepare, commit, abort, /)\n--\n\n" },
    { NULL, NULL, 0, NULL },
};

static PyGetSetDef properties[] = {
    { "snapshot", get_snapshot, NULL, "The current Snapshot: the empty one before the first load.", NULL },
    { "status", reloader_get_status, NULL, "A ReloaderStatus: counters and the like.", NULL },
    { "closed", get_closed, NULL, "Whether it is closed.", NULL },
    { NULL, NULL, NULL, NULL, NULL },
};

static PyType_Slot slots[] = {
    { Py_tp_doc, (void *)"What cmreload.Reloader is made of." },
    { Py_tp_new, reloader_new },
    { Py_tp_init, reloader_init },
    { Py_tp_finalize, reloader_finalize },
    { Py_tp_dealloc, reloader_dealloc },
    { Py_tp_traverse, reloader_traverse },
    { Py_tp_clear, reloader_clear },
    { Py_tp_methods, methods },
    { Py_tp_getset, properties },
    { 0, NULL },
};

PyType_Spec reloader_spec = {
    .name = "cmreload._cmreload.Reloader",
    .basicsize = sizeof(struct reloader),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .slots = slots,
};
