/* SPDX-License-Identifier: MIT
 *
 * What a subscriber is told, as Python objects. The library's update ends with the callback; these do not. */
#include "update.h"

#include "item.h"
#include "key.h"
#include "snapshot.h"
#include "value.h"

static const char *kind_name(cmr_change_kind kind)
{
    return kind == CMR_ADDED ? "added" : kind == CMR_REMOVED ? "removed" : "modified";
}

/* A list or map is not in the change: it is read from its snapshot. */
static PyObject *value_in(struct state *state, PyObject *snapshot, PyObject *key, const cmr_value *value,
                          const struct kind *kind)
{
    struct kind items = kind_of_items(kind);
    cmr_snapshot *of = snapshot_of(state, snapshot);
    if (!value)
        return Py_NewRef(Py_None);
    if (kind->type == CMR_TYPE_LIST || kind->type == CMR_TYPE_MAP)
        return item_container(state, of, key, kind->type, &items);
    return value_new(state, value, kind);
}

static PyObject *change_new(struct state *state, const cmr_change *change, PyObject *before, PyObject *after,
                            const struct kind *kind)
{
    bool first = snapshot_is_first((struct snapshot *)after, change->mount) ||
                 snapshot_is_first((struct snapshot *)before, change->mount);
    PyObject *key = snapshot_key(first, change->mount, change->key), *made = NULL;
    PyObject *old = key ? value_in(state, before, key, change->old_value, kind) : NULL;
    PyObject *new = old ? value_in(state, after, key, change->new_value, kind) : NULL;
    if (new)
        made = PyObject_CallFunction(state->change, "sOOOs", kind_name(change->kind), key, old, new,
                                     change->mount);
    Py_XDECREF(key);
    Py_XDECREF(old);
    Py_XDECREF(new);
    return made;
}

PyObject *update_new(struct state *state, const cmr_update *update, PyObject *before, PyObject *after,
                     const struct kind *kind)
{
    size_t count = cmr_update_count(update);
    PyObject *changes = PyTuple_New((Py_ssize_t)count), *made;
    for (size_t i = 0; changes && i < count; i++) {
        PyObject *change = change_new(state, cmr_update_change(update, i), before, after, kind);
        if (!change || PyTuple_SetItem(changes, (Py_ssize_t)i, change) < 0)
            Py_CLEAR(changes);
    }
    if (!changes)
        return NULL;
    made = PyObject_CallFunctionObjArgs(state->update, changes, before, after, NULL);
    Py_DECREF(changes);
    return made;
}
