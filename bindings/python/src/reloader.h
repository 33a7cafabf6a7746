/* SPDX-License-Identifier: MIT */
#ifndef CMRELOAD_PYTHON_RELOADER_H
#define CMRELOAD_PYTHON_RELOADER_H

#include <sys/queue.h>
#include <sys/types.h>

#include "state.h"

struct handle;
LIST_HEAD(handles, handle);

struct reloader {
    PyObject_HEAD struct state *state;
    cmr_reloader *reloader; /* NULL: not opened yet, or ended */
    cmr_reader *reader;
    PyObject *snapshot; /* the Snapshot of what the reader had last */
    PyObject *log;
    PyObject *share;          /* the Share that it joined: not to be freed before */
    PyObject *rejected;       /* the diagnostics of what was rejected last, until something is applied */
    PyObject *raised[3];      /* an exception of a callback that goes to the one who dispatches */
    struct handles handles;   /* what is registered; a reference each */
    bool dispatching;         /* a thread is inside the library, and may be called back: */
    unsigned long dispatcher; /* this one */
    int ending;               /* threads that end a registration: until then the reloader is not freed */
    pid_t process;            /* that made it */
    bool closed;              /* by close(): nobody gets in any more */
};

extern PyType_Spec reloader_spec;

/* The library's reloader; NULL, with ClosedError, when it is closed. To be asked behind all that may run
 * Python code. */
cmr_reloader *reloader_use(struct reloader *self);

/* The Snapshot of a snapshot of this reloader, which is borrowed: the one that all share, if it is the
 * current. */
PyObject *reloader_wrap(struct reloader *self, cmr_snapshot *snapshot);

/* An exception of a callback is told by sys.unraisablehook. But one that is no Exception (KeyboardInterrupt,
 * SystemExit) is raised by the call that dispatches. */
void reloader_tell_exception(struct reloader *self, PyObject *where);

/* Around a call that dispatches. CMR_ERR_BUSY: another thread is in one, or this is a callback. */
cmr_status reloader_enter(struct reloader *self);
void reloader_leave(struct reloader *self);

/* Frees what close() could not yet free: for those who counted in `ending`, when they are back. */
void reloader_settle(struct reloader *self);

/* ---- reloader_open.c ---- */

int reloader_init(PyObject *self, PyObject *arguments, PyObject *keywords);
PyObject *reloader_add_mount(PyObject *self, PyObject *arguments);

/* ---- reloader_wait.c: the calls that dispatch ---- */

PyObject *reloader_dispatch(PyObject *self, PyObject *nothing);
PyObject *reloader_wait(PyObject *self, PyObject *arguments, PyObject *keywords);
PyObject *reloader_load(PyObject *self, PyObject *arguments, PyObject *keywords);
PyObject *reloader_try(PyObject *self, PyObject *arguments);

/* ---- status.c ---- */

PyObject *reloader_get_status(PyObject *self, void *closure);
PyObject *reloader_mount_status(PyObject *self, PyObject *arguments);
PyObject *reloader_report(PyObject *self, PyObject *arguments);
PyObject *reloader_status_json(PyObject *self, PyObject *nothing);
PyObject *reloader_prometheus(PyObject *self, PyObject *arguments, PyObject *keywords);

/* ---- share.c: one process loads for all ---- */

PyObject *reloader_join(PyObject *self, PyObject *share);
PyObject *reloader_members(PyObject *self, PyObject *nothing);

/* ---- subscription.c, event.c, validator.c: each returns a handle ---- */

PyObject *reloader_subscribe(PyObject *self, PyObject *arguments);
PyObject *reloader_observe(PyObject *self, PyObject *callback);
PyObject *reloader_validate(PyObject *self, PyObject *arguments);

/* Has `rejected` follow what happens, from the opening on. */
cmr_status event_remember_rejected(struct reloader *self, cmr_reloader *reloader);

#endif
