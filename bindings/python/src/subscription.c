/* SPDX-License-Identifier: MIT
 *
 * Subscriptions: what has changed, to a callback. */
#include "error.h"
#include "gil.h"
#include "handle.h"
#include "key.h"
#include "snapshot.h"
#include "update.h"

static PyObject *update_of(struct handle *self, const void *told)
{
    const cmr_update *update = told;
    struct reloader *reloader = self->reloader;
    PyObject *before = reloader_wrap(reloader, cmr_update_before(update));
    PyObject *after = before ? reloader_wrap(reloader, cmr_update_after(update)) : NULL;
    PyObject *made = after ? update_new(reloader->state, update, before, after, &self->kind) : NULL;
    Py_XDECREF(before);
    Py_XDECREF(after);
    return made;
}

static void on_update(void *user, const cmr_update *update)
{
    struct handle *self = user;
    bool entered = gil_enter();
    if (!self->reloader->closed)
        handle_tell(self, self->callback, update_of, update);
    gil_leave(entered);
}

/* What in the current generation does not fit, in words: the first that the patterns match. */
static void explain(struct reloader *self, const char *patterns, const struct kind *kind, char *message,
                    size_t size)
{
    cmr_snapshot *current = cmr_reloader_ref_snapshot(self->reloader);
    struct snapshot *snapshot = (struct snapshot *)snapshot_new(self->state, current);
    const cmr_entry *entry;
    cmr_cursor *cursor;
    if (snapshot && (kind->type == CMR_TYPE_LIST || kind->type == CMR_TYPE_MAP)) {
        cmr_explain_items(current, patterns, kind->type, kind->item, kind->table, message, size);
    } else if (snapshot && cmr_cursor_new(current, patterns, &cursor) == CMR_OK) {
        while (!*message && (entry = cmr_cursor_next(cursor))) {
            PyObject *key = snapshot_key(snapshot_is_first(snapshot, entry->mount), entry->mount, entry->key);
            const char *text = key ? key_text(key) : NULL;
            if (text)
                cmr_explain(current, text, kind->type, kind->table, message, size);
            Py_XDECREF(key);
        }
        cmr_cursor_free(cursor);
    }
    PyErr_Clear(); /* then it is said in fewer words */
    Py_XDECREF((PyObject *)snapshot);
}

static PyObject *fail(struct reloader *self, cmr_status status, const char *patterns, const struct kind *kind)
{
    char message[1024] = "";
    size_t where;
    if (status == CMR_ERR_TYPE || status == CMR_ERR_RANGE)
        explain(self, patterns, kind, message, sizeof message);
    else if (status == CMR_ERR_INVALID_ARGUMENT && cmr_pattern_check(patterns, &where) != CMR_OK)
        PyOS_snprintf(message, sizeof message, "malformed pattern at offset %zu: %.900s", where, patterns);
    else if (status == CMR_ERR_INVALID_ARGUMENT)
        PyOS_snprintf(message, sizeof message, "options that make no sense for %.900s", patterns);
    return error_raise(self->state, status, message);
}

PyObject *reloader_subscribe(PyObject *object, PyObject *arguments)
{
    struct reloader *self = (struct reloader *)object;
    cmr_subscription_options options = CMR_SUBSCRIPTION_OPTIONS_INIT;
    PyObject *callback, *type, *made = NULL;
    const char *patterns;
    long long debounce, max_wait;
    int initial, lenient;
    struct handle *handle;
    if (!PyArg_ParseTuple(arguments, "sOOLLpp", &patterns, &callback, &type, &debounce, &max_wait, &initial,
                          &lenient))
        return NULL;
    handle = handle_new(self, callback);
    if (handle && kind_init(&handle->kind, self->state, type) == 0 && reloader_use(self)) {
        cmr_status status;
        options.type = handle->kind.type;
        options.item = handle->kind.item;
        options.table = handle->kind.table;
        options.debounce_ms = debounce;
        options.max_wait_ms = max_wait;
        options.initial = initial;
        options.lenient = lenient;
        status = cmr_subscribe(self->reloader, patterns, on_update, handle, &options, &handle->subscription);
        made = status == CMR_OK ? handle_register(handle, self) : fail(self, status, patterns, &handle->kind);
    }
    if (!made)
        Py_XDECREF((PyObject *)handle);
    return made;
}
