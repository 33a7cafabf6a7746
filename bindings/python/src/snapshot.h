/* SPDX-License-Identifier: MIT */
#ifndef CMRELOAD_PYTHON_SNAPSHOT_H
#define CMRELOAD_PYTHON_SNAPSHOT_H

#include "kind.h"

#define SNAPSHOT_TYPES (CMR_TYPE_CIDR + 1)

struct snapshot {
    PyObject_HEAD struct state *state;
    cmr_snapshot *snapshot;
    PyObject *read[SNAPSHOT_TYPES]; /* for each type a dict: what was read as that, by its key */
    PyObject *keys;                 /* a tuple, once somebody asked */
    char *first;                    /* the first mount's name, if that holds anything */
    bool first_known;
};

extern PyType_Spec snapshot_spec;

/* Takes over the reference. */
PyObject *snapshot_new(struct state *state, cmr_snapshot *snapshot);

/* The library's snapshot in what is a Snapshot; else NULL, with an exception. */
cmr_snapshot *snapshot_of(struct state *state, PyObject *object);

/* ---- snapshot_read.c: single values ---- */

PyObject *snapshot_subscript(PyObject *object, PyObject *key);
int snapshot_contains(PyObject *object, PyObject *key);
PyObject *snapshot_raise(struct snapshot *self, PyObject *key, cmr_type type, const cmr_enum_item *table,
                         cmr_status status);

typedef PyObject *fast_method(PyObject *self, PyObject *const *arguments, Py_ssize_t count, PyObject *names);
fast_method snapshot_get, snapshot_get_int, snapshot_get_float, snapshot_get_bool, snapshot_get_str,
    snapshot_get_bytes, snapshot_get_duration, snapshot_get_duration_ns, snapshot_get_size,
    snapshot_get_percent, snapshot_get_log_level, snapshot_get_ip, snapshot_get_cidr;

/* ---- snapshot_keys.c: the keys ---- */

/* Whether a mount is the one that keys need not name. */
bool snapshot_is_first(struct snapshot *self, const char *mount);

/* The key as this snapshot's user writes it: with the mount before it, unless that is the first. */
PyObject *snapshot_key(bool first, const char *mount, const char *key);

Py_ssize_t snapshot_length(PyObject *object);
PyObject *snapshot_iterate(PyObject *object);
PyObject *snapshot_select(PyObject *object, PyObject *arguments);

#endif
