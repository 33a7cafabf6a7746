/* SPDX-License-Identifier: MIT
 *
 * A snapshot's keys. The library tells a mount and a key; here they are one text, as reads want it: without
 * the mount for the first one. Which mount is the first is what the pattern "**" finds. */
#include "snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "key.h"
#include "value.h"

static cmr_cursor *cursor_new(struct snapshot *self, const char *patterns)
{
    cmr_cursor *cursor;
    cmr_status status = cmr_cursor_new(self->snapshot, patterns, &cursor);
    if (status == CMR_OK)
        return cursor;
    error_raise(self->state, status, status == CMR_ERR_INVALID_ARGUMENT ? "malformed pattern" : NULL);
    return NULL;
}

bool snapshot_is_first(struct snapshot *self, const char *mount)
{
    if (!self->first_known) {
        cmr_cursor *cursor;
        if (cmr_cursor_new(self->snapshot, "**", &cursor) != CMR_OK)
            return false;
        const cmr_entry *entry = cmr_cursor_next(cursor);
        self->first = entry ? strdup(entry->mount) : NULL;
        self->first_known = true;
        cmr_cursor_free(cursor);
    }
    return self->first && !strcmp(self->first, mount);
}

PyObject *snapshot_key(bool first, const char *mount, const char *key)
{
    PyObject *quoted, *made;
    if (first)
        return error_text(key);
    quoted = key_quote(mount);
    made = quoted ? PyUnicode_FromFormat("%U:%s", quoted, key) : NULL;
    Py_XDECREF(quoted);
    return made;
}

static PyObject *key_of_entry(struct snapshot *self, const cmr_entry *entry)
{
    return snapshot_key(snapshot_is_first(self, entry->mount), entry->mount, entry->key);
}

static int append_key(struct snapshot *self, PyObject *list, const cmr_entry *entry)
{
    PyObject *key = key_of_entry(self, entry);
    int result = key ? PyList_Append(list, key) : -1;
    Py_XDECREF(key);
    return result;
}

/* A tuple, borrowed. */
static PyObject *keys(struct snapshot *self)
{
    PyObject *list;
    cmr_cursor *cursor;
    const cmr_entry *entry;
    if (self->keys)
        return self->keys;
    cursor = cursor_new(self, "*:**");
    list = cursor ? PyList_New(0) : NULL;
    while (list && (entry = cmr_cursor_next(cursor)))
        if (append_key(self, list, entry) < 0)
            Py_CLEAR(list);
    if (list && cmr_cursor_failed(cursor))
        PyErr_NoMemory();
    else if (list)
        self->keys = PyList_AsTuple(list);
    Py_XDECREF(list);
    cmr_cursor_free(cursor);
    return self->keys;
}

Py_ssize_t snapshot_length(PyObject *object)
{
    PyObject *all = keys((struct snapshot *)object);
    return all ? PyTuple_Size(all) : -1;
}

PyObject *snapshot_iterate(PyObject *object)
{
    PyObject *all = keys((struct snapshot *)object);
    return all ? PyObject_GetIter(all) : NULL;
}

static int put_entry(struct snapshot *self, PyObject *found, const cmr_entry *entry)
{
    PyObject *key = key_of_entry(self, entry);
    PyObject *value = key ? value_new(self->state, &entry->value, NULL) : NULL;
    int result = value ? PyDict_SetItem(found, key, value) : -1;
    Py_XDECREF(key);
    Py_XDECREF(value);
    return result;
}

PyObject *snapshot_select(PyObject *object, PyObject *arguments)
{
    struct snapshot *self = (struct snapshot *)object;
    const char *patterns;
    PyObject *found;
    cmr_cursor *cursor;
    const cmr_entry *entry;
    if (!PyArg_ParseTuple(arguments, "s", &patterns))
        return NULL;
    cursor = cursor_new(self, patterns);
    found = cursor ? PyDict_New() : NULL;
    while (found && (entry = cmr_cursor_next(cursor)))
        if (put_entry(self, found, entry) < 0)
            Py_CLEAR(found);
    if (found && cmr_cursor_failed(cursor)) {
        Py_CLEAR(found);
        PyErr_NoMemory();
    }
    cmr_cursor_free(cursor);
    return found;
}
