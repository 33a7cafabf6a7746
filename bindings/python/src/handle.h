/* SPDX-License-Identifier: MIT */
#ifndef CMRELOAD_PYTHON_HANDLE_H
#define CMRELOAD_PYTHON_HANDLE_H

#include "kind.h"
#include "reloader.h"

/* Something that is registered with a reloader: one of the three. */
struct handle {
    PyObject_HEAD struct reloader *reloader; /* borrowed; NULL: not registered, or not any more */
    LIST_ENTRY(handle) entry;                /* in the reloader's list, which holds a reference */
    cmr_subscription *subscription;
    cmr_observer *observer;
    cmr_validator *validator;
    bool ended;
    PyObject *callback;       /* a validator's: prepare */
    PyObject *commit, *abort; /* a validator's; may be NULL */
    struct kind kind;         /* a subscription's */
};

extern PyType_Spec handle_spec;

/* A handle that is registered nowhere yet. */
struct handle *handle_new(struct reloader *reloader, PyObject *callback);

/* Lists what the library has registered, and returns it. */
PyObject *handle_register(struct handle *self, struct reloader *reloader);

/* Off the list: the library does not know it any more. */
void handle_forget(struct handle *self);

/* For the library, with the GIL taken: callback(argument). A reference to the argument is taken over; it may
 * be NULL, with an exception. The caller holds the handle, which the callback may end. */
PyObject *handle_call(PyObject *callback, PyObject *argument);

/* The same of a callback that cannot refuse: what it raises is told. Its argument is made here of what the
 * library tells, while the handle is held. */
void handle_tell(struct handle *self, PyObject *callback,
                 PyObject *(*make)(struct handle *self, const void *told), const void *told);

#endif
