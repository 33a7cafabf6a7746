/* SPDX-License-Identifier: MIT */
#ifndef CMRELOAD_PYTHON_KIND_H
#define CMRELOAD_PYTHON_KIND_H

#include "state.h"

/* What a Python type asks the library for: int is INT64, list[timedelta] a LIST of DURATION, and a class of
 * enum.Enum an ENUM, whose values are the numbers of its members. */
struct kind {
    cmr_type type;
    cmr_type item;        /* of a LIST or MAP */
    cmr_enum_item *table; /* of an ENUM, as type or item; its names are those of `names` */
    PyObject *names;      /* a tuple of str, or NULL */
    PyObject *members;    /* a tuple, or NULL */
};

/* NULL and None are ANY. On failure -1, with an exception; a kind that was zeroed may always be reset. */
int kind_init(struct kind *kind, struct state *state, PyObject *type);
void kind_reset(struct kind *kind);

/* The kind of the items of a list or map of this kind: it borrows what this one has. */
struct kind kind_of_items(const struct kind *kind);

#endif
