/* SPDX-License-Identifier: MIT
 *
 * Single values. What was made of a value is immutable, as the snapshot is; so it is kept, by its key, and
 * from then on a read is the lookup of a dict. Values of secret mounts are not kept: each is the caller's
 * alone. Containers are made anew each time, since dicts and lists can be changed. */
#include "snapshot.h"

#include "error.h"
#include "item.h"
#include "key.h"
#include "value.h"

#define KEPT_MOST 4096 /* of a program that makes up ever new keys that are equal */

PyObject *snapshot_raise(struct snapshot *self, PyObject *key, cmr_type type, const cmr_enum_item *table,
                         cmr_status status)
{
    const char *text = key_text(key);
    char message[1024];
    if (!text)
        return NULL;
    cmr_explain(self->snapshot, text, type, table, message, sizeof message);
    return error_raise_key(self->state, status, message, key);
}

static PyObject *kept(struct snapshot *self, PyObject *key, cmr_type type)
{
    return self->read[type] ? PyDict_GetItemWithError(self->read[type], key) : NULL;
}

static int keep(struct snapshot *self, PyObject *key, cmr_type type, PyObject *made)
{
    if (!self->read[type])
        self->read[type] = PyDict_New();
    if (!self->read[type])
        return -1;
    return PyDict_Size(self->read[type]) < KEPT_MOST ? PyDict_SetItem(self->read[type], key, made) : 0;
}

/* An int of YAML may be over INT64_MAX, and is one for Python all the same. */
static cmr_status get(const struct snapshot *self, const char *text, cmr_type type, cmr_value *ret_value)
{
    cmr_status status = cmr_get(self->snapshot, text, type, NULL, ret_value);
    if (status == CMR_ERR_RANGE && type == CMR_TYPE_INT64 &&
        cmr_get(self->snapshot, text, CMR_TYPE_UINT64, NULL, ret_value) == CMR_OK)
        return CMR_OK;
    return status;
}

/* Of a key that is not kept. A default of NULL is none. */
static PyObject *make(struct snapshot *self, PyObject *key, cmr_type type, PyObject *otherwise)
{
    const char *text = key_text(key);
    cmr_value value;
    cmr_status status;
    PyObject *made;
    if (!text)
        return NULL;
    status = get(self, text, type, &value);
    if (status == CMR_ERR_NOT_FOUND && otherwise)
        return Py_NewRef(otherwise);
    if (status != CMR_OK)
        return snapshot_raise(self, key, type, NULL, status);
    if (value.type == CMR_TYPE_MAP || value.type == CMR_TYPE_LIST)
        return item_tree(self->state, self->snapshot, key);
    made = value_new(self->state, &value, NULL);
    if (made && !value.secret && keep(self, key, type, made) < 0)
        Py_CLEAR(made);
    return made;
}

static PyObject *read_value(struct snapshot *self, PyObject *key, cmr_type type, PyObject *otherwise)
{
    PyObject *found = PyUnicode_CheckExact(key) ? kept(self, key, type) : NULL;
    if (found)
        return Py_NewRef(found);
    return PyErr_Occurred() ? NULL : make(self, key, type, otherwise);
}

PyObject *snapshot_subscript(PyObject *object, PyObject *key)
{
    return read_value((struct snapshot *)object, key, CMR_TYPE_ANY, NULL);
}

/* What is no key is not in there, as of any mapping. */
int snapshot_contains(PyObject *object, PyObject *key)
{
    struct snapshot *self = (struct snapshot *)object;
    const char *text;
    cmr_value value;
    if (!PyUnicode_Check(key))
        return 0;
    text = key_text(key);
    if (!text) {
        PyErr_Clear();
        return 0;
    }
    return cmr_get(self->snapshot, text, CMR_TYPE_ANY, NULL, &value) == CMR_OK;
}

/* The arguments (key, default), of which the latter may be given by its name. */
static bool read_arguments(PyObject *const *arguments, Py_ssize_t count, PyObject *names, PyObject **ret_key,
                           PyObject **ret_otherwise)
{
    Py_ssize_t named = names ? PyTuple_Size(names) : 0;
    if (count < 1 || count + named > 2) {
        PyErr_SetString(PyExc_TypeError, "a key is wanted, and perhaps a default");
        return false;
    }
    if (named && PyUnicode_CompareWithASCIIString(PyTuple_GetItem(names, 0), "default")) {
        PyErr_Format(PyExc_TypeError, "unexpected keyword argument '%U'", PyTuple_GetItem(names, 0));
        return false;
    }
    *ret_key = arguments[0];
    if (count + named == 2)
        *ret_otherwise = arguments[1];
    return true;
}

PyObject *snapshot_get(PyObject *self, PyObject *const *arguments, Py_ssize_t count, PyObject *names)
{
    PyObject *key, *otherwise = Py_None;
    if (!read_arguments(arguments, count, names, &key, &otherwise))
        return NULL;
    return read_value((struct snapshot *)self, key, CMR_TYPE_ANY, otherwise);
}

static PyObject *get_typed(PyObject *self, PyObject *const *arguments, Py_ssize_t count, PyObject *names,
                           cmr_type type)
{
    PyObject *key, *otherwise = NULL;
    if (!read_arguments(arguments, count, names, &key, &otherwise))
        return NULL;
    return read_value((struct snapshot *)self, key, type, otherwise);
}

#define GETTER(name, type)                                                                                   \
    PyObject *snapshot_##name(PyObject *self, PyObject *const *arguments, Py_ssize_t count, PyObject *names) \
    {                                                                                                        \
        return get_typed(self, arguments, count, names, type);                                               \
    }

GETTER(get_int, CMR_TYPE_INT64)
GETTER(get_float, CMR_TYPE_DOUBLE)
GETTER(get_bool, CMR_TYPE_BOOL)
GETTER(get_str, CMR_TYPE_STRING)
GETTER(get_bytes, CMR_TYPE_BYTES)
GETTER(get_duration, CMR_TYPE_DURATION)
GETTER(get_size, CMR_TYPE_SIZE)
GETTER(get_percent, CMR_TYPE_PERCENT)
GETTER(get_log_level, CMR_TYPE_LOG_LEVEL)
GETTER(get_ip, CMR_TYPE_IP)
GETTER(get_cidr, CMR_TYPE_CIDR)

PyObject *snapshot_get_duration_ns(PyObject *object, PyObject *const *arguments, Py_ssize_t count,
                                   PyObject *names)
{
    struct snapshot *self = (struct snapshot *)object;
    PyObject *key, *otherwise = NULL;
    const char *text;
    int64_t ns;
    cmr_status status;
    if (!read_arguments(arguments, count, names, &key, &otherwise))
        return NULL;
    text = key_text(key);
    if (!text)
        return NULL;
    status = cmr_get_duration(self->snapshot, text, &ns);
    if (status == CMR_OK)
        return PyLong_FromLongLong(ns);
    if (status == CMR_ERR_NOT_FOUND && otherwise)
        return Py_NewRef(otherwise);
    return snapshot_raise(self, key, CMR_TYPE_DURATION, NULL, status);
}
