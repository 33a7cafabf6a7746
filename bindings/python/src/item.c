/* SPDX-License-Identifier: MIT
 *
 * Lists, maps and trees. The library gives the children of one container at a time; what is in a child is
 * asked for by the child's own key, which is made here of the parent's. That is no deeper than keys are
 * (256). */
#include "item.h"

#include <string.h>

#include "error.h"
#include "key.h"
#include "value.h"

/* A child that is a container, by its key, of which a reference is taken over. */
static PyObject *nested(struct state *state, cmr_snapshot *snapshot, PyObject *key, cmr_type type)
{
    static const struct kind any = { .type = CMR_TYPE_ANY };
    PyObject *made = NULL;
    if (key && !Py_EnterRecursiveCall(" in a configuration")) {
        made = item_container(state, snapshot, key, type, &any);
        Py_LeaveRecursiveCall();
    }
    Py_XDECREF(key);
    return made;
}

static bool is_nested(const cmr_value *value)
{
    return (value->type == CMR_TYPE_MAP || value->type == CMR_TYPE_LIST) && value->as.count;
}

static PyObject *raise_items(struct state *state, cmr_snapshot *snapshot, PyObject *key, const char *text,
                             cmr_status status, cmr_type type, const struct kind *item)
{
    char message[1024];
    cmr_explain_items(snapshot, text, type, item->type, item->table, message, sizeof message);
    return error_raise_key(state, status, message, key);
}

static PyObject *fill_list(struct state *state, cmr_snapshot *snapshot, PyObject *key, const char *text,
                           const cmr_list *items, const struct kind *item)
{
    size_t count = cmr_list_count(items);
    PyObject *list = PyList_New((Py_ssize_t)count);
    for (size_t i = 0; list && i < count; i++) {
        const cmr_value *value = cmr_list_get(items, i);
        PyObject *made = is_nested(value) ? nested(state, snapshot, key_of_item(key, text, i), value->type)
                                          : value_new(state, value, item);
        if (!made || PyList_SetItem(list, (Py_ssize_t)i, made) < 0)
            Py_CLEAR(list);
    }
    return list;
}

static PyObject *fill_map(struct state *state, cmr_snapshot *snapshot, PyObject *key, const char *text,
                          const cmr_map *items, const struct kind *item)
{
    size_t count = cmr_map_count(items);
    PyObject *map = PyDict_New();
    for (size_t i = 0; map && i < count; i++) {
        const cmr_value *value = cmr_map_get(items, i);
        const char *name = cmr_map_name(items, i);
        PyObject *made = is_nested(value) ? nested(state, snapshot, key_of_name(key, text, name), value->type)
                                          : value_new(state, value, item);
        if (!made || PyDict_SetItemString(map, name, made) < 0)
            Py_CLEAR(map);
        Py_XDECREF(made);
    }
    return map;
}

PyObject *item_container(struct state *state, cmr_snapshot *snapshot, PyObject *key, cmr_type type,
                         const struct kind *item)
{
    const char *text = key_text(key);
    cmr_list *list = NULL;
    cmr_map *map = NULL;
    PyObject *made;
    cmr_status status;
    if (!text)
        return NULL;
    status = type == CMR_TYPE_MAP ? cmr_map_new(snapshot, text, item->type, item->table, &map)
                                  : cmr_list_new(snapshot, text, item->type, item->table, &list);
    if (status != CMR_OK)
        return raise_items(state, snapshot, key, text, status, type, item);
    made = map ? fill_map(state, snapshot, key, text, map, item)
               : fill_list(state, snapshot, key, text, list, item);
    cmr_map_free(map);
    cmr_list_free(list);
    return made;
}

/* Whether a whole file is such a container; not whether its text could be read as one: log_level is no map.
 */
static bool is_container(const cmr_snapshot *snapshot, const char *key, cmr_type type)
{
    cmr_value value;
    if (cmr_get(snapshot, key, type, NULL, &value) != CMR_OK)
        return false;
    if (value.as.count)
        return value.length == 0;
    return value.length == 2 && !memcmp(value.text, type == CMR_TYPE_MAP ? "{}" : "[]", 2);
}

PyObject *item_tree(struct state *state, cmr_snapshot *snapshot, PyObject *key)
{
    const char *text = key_text(key);
    char message[1024];
    cmr_value value;
    cmr_status status;
    if (!text)
        return NULL;
    status = cmr_get(snapshot, text, CMR_TYPE_ANY, NULL, &value);
    if (status != CMR_OK) {
        cmr_explain(snapshot, text, CMR_TYPE_ANY, NULL, message, sizeof message);
        return error_raise_key(state, status, message, key);
    }
    if (!key_has_path(text) && is_container(snapshot, text, CMR_TYPE_MAP))
        value.type = CMR_TYPE_MAP;
    else if (!key_has_path(text) && is_container(snapshot, text, CMR_TYPE_LIST))
        value.type = CMR_TYPE_LIST;
    if (value.type == CMR_TYPE_MAP || value.type == CMR_TYPE_LIST)
        return nested(state, snapshot, Py_NewRef(key), value.type);
    return value_new(state, &value, NULL);
}
