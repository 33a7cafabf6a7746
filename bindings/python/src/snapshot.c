/* SPDX-License-Identifier: MIT
 *
 * cmreload.Snapshot: one whole generation, as an immutable mapping. The object is a reference to the
 * library's snapshot, so it outlives the reloader, and any thread may read it. */
#include "snapshot.h"

#include <stdlib.h>

#include "error.h"
#include "item.h"
#include "key.h"
#include "update.h"
#include "value.h"

PyObject *snapshot_new(struct state *state, cmr_snapshot *snapshot)
{
    allocfunc allocate = (allocfunc)PyType_GetSlot(state->snapshot_type, Py_tp_alloc);
    struct snapshot *self = (struct snapshot *)allocate(state->snapshot_type, 0);
    if (!self) {
        cmr_snapshot_unref(snapshot);
        return NULL;
    }
    self->state = state;
    self->snapshot = snapshot;
    return (PyObject *)self;
}

cmr_snapshot *snapshot_of(struct state *state, PyObject *object)
{
    if (PyObject_TypeCheck(object, state->snapshot_type))
        return ((struct snapshot *)object)->snapshot;
    PyErr_SetString(PyExc_TypeError, "a Snapshot is wanted");
    return NULL;
}

static void snapshot_free(PyObject *object)
{
    struct snapshot *self = (struct snapshot *)object;
    PyTypeObject *type = Py_TYPE(object);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    for (int i = 0; i < SNAPSHOT_TYPES; i++)
        Py_CLEAR(self->read[i]);
    Py_CLEAR(self->keys);
    free(self->first);
    cmr_snapshot_unref(self->snapshot);
    release(object);
    Py_DECREF(type);
}

static PyObject *snapshot_repr(PyObject *object)
{
    struct snapshot *self = (struct snapshot *)object;
    return PyUnicode_FromFormat("<cmreload.Snapshot generation %llu>",
                                (unsigned long long)cmr_snapshot_generation(self->snapshot));
}

/* ---- what a snapshot is ------------------------------------------------------------------------- */

static PyObject *text_of_mount(PyObject *object, PyObject *arguments,
                               const char *(*ask)(const cmr_snapshot *, const char *))
{
    struct snapshot *self = (struct snapshot *)object;
    const char *mount = NULL, *text;
    if (!PyArg_ParseTuple(arguments, "|z", &mount))
        return NULL;
    text = ask(self->snapshot, mount);
    return text ? error_text(text) : error_raise(self->state, CMR_ERR_NOT_FOUND, "there is no such mount");
}

static PyObject *hash_of(PyObject *object, PyObject *arguments)
{
    return text_of_mount(object, arguments, cmr_snapshot_hash);
}

static PyObject *target_of(PyObject *object, PyObject *arguments)
{
    return text_of_mount(object, arguments, cmr_snapshot_target);
}

static PyObject *get_generation(PyObject *object, void *closure)
{
    (void)closure;
    return PyLong_FromUnsignedLongLong(cmr_snapshot_generation(((struct snapshot *)object)->snapshot));
}

static PyObject *get_loaded_at(PyObject *object, void *closure)
{
    (void)closure;
    return PyLong_FromLongLong(cmr_snapshot_loaded_at(((struct snapshot *)object)->snapshot));
}

static PyObject *get_hash(PyObject *object, void *closure)
{
    (void)closure;
    return error_text(cmr_snapshot_hash(((struct snapshot *)object)->snapshot, NULL));
}

static PyObject *files(PyObject *object, PyObject *arguments)
{
    struct snapshot *self = (struct snapshot *)object;
    const char *mount = NULL;
    PyObject *found = NULL;
    cmr_file file;
    if (!PyArg_ParseTuple(arguments, "|z", &mount))
        return NULL;
    if (!cmr_snapshot_target(self->snapshot, mount))
        return error_raise(self->state, CMR_ERR_NOT_FOUND, "there is no such mount");
    found = PyDict_New();
    for (size_t i = 0; found && cmr_snapshot_file(self->snapshot, mount, i, &file) == CMR_OK; i++) {
        PyObject *data = PyBytes_FromStringAndSize(file.data, (Py_ssize_t)file.size);
        if (!data || PyDict_SetItemString(found, file.name, data) < 0)
            Py_CLEAR(found);
        Py_XDECREF(data);
    }
    return found;
}

/* ---- any type ----------------------------------------------------------------------------------- */

static bool is_absent(const struct snapshot *self, const char *text)
{
    cmr_value value;
    return cmr_get(self->snapshot, text, CMR_TYPE_ANY, NULL, &value) == CMR_ERR_NOT_FOUND;
}

static PyObject *read_kind(struct snapshot *self, PyObject *key, const char *text, const struct kind *kind)
{
    struct kind items = kind_of_items(kind);
    cmr_value value;
    cmr_status status;
    if (kind->type == CMR_TYPE_ANY)
        return snapshot_subscript((PyObject *)self, key);
    if (kind->type == CMR_TYPE_LIST || kind->type == CMR_TYPE_MAP)
        return item_container(self->state, self->snapshot, key, kind->type, &items);
    status = cmr_get(self->snapshot, text, kind->type, kind->table, &value);
    return status == CMR_OK ? value_new(self->state, &value, kind)
                            : snapshot_raise(self, key, kind->type, kind->table, status);
}

/* What is at a key, unless that is not there and something else is given: a container with items of the type,
 * or, if that is of ANY, a value of the type. */
static PyObject *read_or(struct snapshot *self, PyObject *key, PyObject *otherwise, PyObject *type,
                         cmr_type container)
{
    const char *text = key_text(key);
    struct kind kind;
    PyObject *made;
    if (!text)
        return NULL;
    if (otherwise && is_absent(self, text))
        return Py_NewRef(otherwise);
    if (kind_init(&kind, self->state, type) < 0)
        return NULL;
    made = container == CMR_TYPE_ANY ? read_kind(self, key, text, &kind)
                                     : item_container(self->state, self->snapshot, key, container, &kind);
    kind_reset(&kind);
    return made;
}

static PyObject *get_items(PyObject *object, PyObject *arguments, PyObject *keywords, cmr_type container)
{
    static char *names[] = { (char *)"key", (char *)"item", (char *)"default", NULL };
    PyObject *key, *item = NULL, *otherwise = NULL;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "O|OO", names, &key, &item, &otherwise))
        return NULL;
    return read_or((struct snapshot *)object, key, otherwise, item, container);
}

static PyObject *get_list(PyObject *object, PyObject *arguments, PyObject *keywords)
{
    return get_items(object, arguments, keywords, CMR_TYPE_LIST);
}

static PyObject *get_map(PyObject *object, PyObject *arguments, PyObject *keywords)
{
    return get_items(object, arguments, keywords, CMR_TYPE_MAP);
}

static PyObject *tree(PyObject *object, PyObject *key)
{
    struct snapshot *self = (struct snapshot *)object;
    return item_tree(self->state, self->snapshot, key);
}

static PyObject *read_as(PyObject *object, PyObject *arguments, PyObject *keywords)
{
    static char *names[] = { (char *)"key", (char *)"type", (char *)"default", NULL };
    PyObject *key, *type, *otherwise = NULL;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "OO|O", names, &key, &type, &otherwise))
        return NULL;
    return read_or((struct snapshot *)object, key, otherwise, type, CMR_TYPE_ANY);
}

static PyObject *diff(PyObject *object, PyObject *arguments, PyObject *keywords)
{
    static char *names[] = { (char *)"after", (char *)"patterns", (char *)"type", NULL };
    struct snapshot *self = (struct snapshot *)object;
    PyObject *after, *type = NULL, *made = NULL;
    const char *patterns = "*:**";
    cmr_update *update;
    struct kind kind;
    cmr_status status;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "O|sO", names, &after, &patterns, &type))
        return NULL;
    if (!snapshot_of(self->state, after) || kind_init(&kind, self->state, type) < 0)
        return NULL;
    status = cmr_snapshot_diff(self->snapshot, snapshot_of(self->state, after), patterns, kind.type,
                               kind.table, &update);
    if (status == CMR_OK) {
        made = update_new(self->state, update, object, after, &kind);
        cmr_update_free(update);
    } else {
        error_raise(self->state, status, NULL);
    }
    kind_reset(&kind);
    return made;
}

/* ---- views -------------------------------------------------------------------------------------- */

static PyObject *keys(PyObject *object, PyObject *nothing)
{
    (void)nothing;
    return PyObject_CallFunctionObjArgs(((struct snapshot *)object)->state->keys_view, object, NULL);
}

static PyObject *values(PyObject *object, PyObject *nothing)
{
    (void)nothing;
    return PyObject_CallFunctionObjArgs(((struct snapshot *)object)->state->values_view, object, NULL);
}

static PyObject *items(PyObject *object, PyObject *nothing)
{
    (void)nothing;
    return PyObject_CallFunctionObjArgs(((struct snapshot *)object)->state->items_view, object, NULL);
}

#define GETTER(name, what)                                                                                   \
    {                                                                                                        \
#name, FAST_METHOD(snapshot_##name), METH_FASTCALL | METH_KEYWORDS,                                  \
            #name "($self, key, /, default=...)\n--\n\n" what                                                \
    }

static PyMethodDef methods[] = {
    { "get", FAST_METHOD(snapshot_get), METH_FASTCALL | METH_KEYWORDS,
      "get($self, key, /, default=None)\n--\n\n"
      "What is at a key, as a value of its own type; the default if the key is absent." },
    GETTER(get_int, "An int, without limit below 2**64. With a default, that is returned for an absent key."),
    GETTER(get_float, "A float."),
    GETTER(get_bool,
           "A bool: in YAML and JSON true and false, in other formats yes, no, on, off, 1 and 0 too."),
    GETTER(get_str, "The value's text, of any scalar but null."),
    GETTER(get_bytes, "The value's bytes; of a whole file, the file's."),
    GETTER(get_duration,
           "A datetime.timedelta, of a Go duration such as 1h30m. A timedelta counts microseconds:\n"
           "what is finer is cut off; get_duration_ns has it all."),
    GETTER(get_duration_ns, "A duration in nanoseconds."),
    GETTER(get_size, "A size in bytes, of a Kubernetes quantity such as 10Mi."),
    GETTER(get_percent, "A float, of a percentage: 12.5 for 12.5%."),
    GETTER(get_log_level, "A LogLevel."),
    GETTER(get_ip, "An ipaddress.IPv4Address or IPv6Address."),
    GETTER(get_cidr,
           "An ipaddress.IPv4Interface or IPv6Interface, of 10.0.0.0/8; its .network is the network."),
    { "get_list", FAST_METHOD(get_list), METH_VARARGS | METH_KEYWORDS,
      "get_list($self, key, item=None, default=...)\n--\n\n"
      "A new list. All items are of the type `item`, as read() takes one; without it each has its own type,\n"
      "and what is nested is made of dicts and lists. Also of a text like 'a, b'." },
    { "get_map", FAST_METHOD(get_map), METH_VARARGS | METH_KEYWORDS,
      "get_map($self, key, item=None, default=...)\n--\n\n"
      "A new dict, in the order of the file; the rest as for get_list. Also of a text like 'x=1, y=2'." },
    { "read", FAST_METHOD(read_as), METH_VARARGS | METH_KEYWORDS,
      "read($self, key, type, default=...)\n--\n\n"
      "A value of a type: int, float, bool, str, bytes, datetime.timedelta, LogLevel, a class of enum.Enum,\n"
      "a class of ipaddress, list[...] or dict[str, ...] of these, or the name of one of the library's\n"
      "types: 'size', 'percent', 'duration', 'ip', 'cidr', 'uint64'. NotFoundError, ConversionError." },
    { "tree", tree, METH_O,
      "tree($self, key, /)\n--\n\n"
      "New dicts and lists of all that is at a key and below, each value of its own type. Of a key without\n"
      "'#', what the whole file holds." },
    { "select", snapshot_select, METH_VARARGS,
      "select($self, patterns, /)\n--\n\n"
      "A new dict of what the patterns match: from each key to its value." },
    { "keys", keys, METH_NOARGS, "keys($self)\n--\n\nA view of the keys." },
    { "values", values, METH_NOARGS, "values($self)\n--\n\nA view of the values." },
    { "items", items, METH_NOARGS, "items($self)\n--\n\nA view of (key, value)." },
    { "files", files, METH_VARARGS,
      "files($self, mount=None, /)\n--\n\n"
      "A new dict of a mount's files, from each name to its bytes; None is the first mount." },
    { "hash_of", hash_of, METH_VARARGS,
      "hash_of($self, mount=None, /)\n--\n\nThe content hash of a mount; '' of a secret one." },
    { "target_of", target_of, METH_VARARGS,
      "target_of($self, mount=None, /)\n--\n\nWhat the mount's ..data pointed at." },
    { "diff", FAST_METHOD(diff), METH_VARARGS | METH_KEYWORDS,
      "diff($self, after, patterns='*:**', type=None)\n--\n\n"
      "An Update of what has changed from this snapshot to another one." },
    { NULL, NULL, 0, NULL },
};

static PyGetSetDef properties[] = {
    { "generation", get_generation, NULL,
      "The number of the reloader's publication, from 1; 0 before the first, and of no reloader.", NULL },
    { "loaded_at", get_loaded_at, NULL, "When it was loaded, in seconds since the epoch.", NULL },
    { "hash", get_hash, NULL, "The content hash of the first mount: equal contents have equal ones.", NULL },
    { NULL, NULL, NULL, NULL, NULL },
};

static PyType_Slot slots[] = {
    { Py_tp_doc,
      (void *)"One whole generation of the configuration, as an immutable mapping from keys to values.\n\n"
              "It iterates over the keys of all scalars and empty containers. Keys of containers and of "
              "whole\n"
              "files can be read, too: a container is a new dict or list, a file its text." },
    { Py_tp_dealloc, snapshot_free },
    { Py_tp_repr, snapshot_repr },
    { Py_tp_iter, snapshot_iterate },
    { Py_tp_methods, methods },
    { Py_tp_getset, properties },
    { Py_mp_subscript, snapshot_subscript },
    { Py_mp_length, snapshot_length },
    { Py_sq_contains, snapshot_contains },
    { 0, NULL },
};

PyType_Spec snapshot_spec = {
    .name = "cmreload.Snapshot",
    .basicsize = sizeof(struct snapshot),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = slots,
};
