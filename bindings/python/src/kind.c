/* SPDX-License-Identifier: MIT
 *
 * Python types and the library's. cmreload/_types.py knows which goes with which, and gives a tuple
 * (type, item, names, members); here the names become a table as the library wants it. */
#include "kind.h"

/* An alias is the same member under another name, and has its number: from one to the other is no change. */
static int number_of(PyObject *members, Py_ssize_t index)
{
    PyObject *member = PyTuple_GetItem(members, index);
    Py_ssize_t first = 0;
    while (PyTuple_GetItem(members, first) != member)
        first++;
    return (int)first;
}

/* The texts are those of the names, which the kind holds. */
static int make_table(struct kind *kind)
{
    Py_ssize_t count = PyTuple_Size(kind->names);
    if (count < 0)
        return -1;
    kind->table = PyMem_Calloc((size_t)count + 1, sizeof *kind->table);
    if (!kind->table) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        kind->table[i].value = number_of(kind->members, i);
        kind->table[i].name = PyUnicode_AsUTF8AndSize(PyTuple_GetItem(kind->names, i), NULL);
        if (!kind->table[i].name)
            return -1;
    }
    return 0;
}

static int read_kind(struct kind *kind, PyObject *tuple)
{
    int type, item;
    PyObject *names, *members;
    if (!PyArg_ParseTuple(tuple, "iiOO", &type, &item, &names, &members))
        return -1;
    kind->type = (cmr_type)type;
    kind->item = (cmr_type)item;
    if (names == Py_None)
        return 0;
    kind->names = Py_NewRef(names);
    kind->members = Py_NewRef(members);
    return make_table(kind);
}

int kind_init(struct kind *kind, struct state *state, PyObject *type)
{
    PyObject *tuple;
    int result;
    *kind = (struct kind){ .type = CMR_TYPE_ANY };
    if (!type || type == Py_None)
        return 0;
    tuple = PyObject_CallFunctionObjArgs(state->kind_of, type, NULL);
    if (!tuple)
        return -1;
    result = read_kind(kind, tuple);
    Py_DECREF(tuple);
    if (result < 0)
        kind_reset(kind);
    return result;
}

void kind_reset(struct kind *kind)
{
    PyMem_Free(kind->table);
    kind->table = NULL;
    Py_CLEAR(kind->names);
    Py_CLEAR(kind->members);
}

struct kind kind_of_items(const struct kind *kind)
{
    struct kind items = *kind;
    items.type = kind->item;
    items.item = CMR_TYPE_ANY;
    return items;
}
