/* SPDX-License-Identifier: MIT
 *
 * cmreload.Share: made before the fork, it has one process load for all that join it. A reloader that joined
 * holds its share, which so is freed behind it. */
#include "share.h"

#include "error.h"
#include "reloader.h"

struct share {
    PyObject_HEAD cmr_share *share;
};

static PyObject *share_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
    static char *names[] = { NULL };
    struct state *state = state_of_type(type);
    struct share *self;
    cmr_status status;
    if (!state || !PyArg_ParseTupleAndKeywords(arguments, keywords, "", names))
        return NULL;
    self = (struct share *)((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
    if (!self)
        return NULL;
    status = cmr_share_new(&self->share);
    if (status == CMR_OK)
        return (PyObject *)self;
    error_raise(state, status, NULL);
    Py_DECREF((PyObject *)self);
    return NULL;
}

static void share_free(PyObject *object)
{
    PyTypeObject *type = Py_TYPE(object);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    cmr_share_free(((struct share *)object)->share);
    release(object);
    Py_DECREF(type);
}

PyObject *reloader_join(PyObject *object, PyObject *share)
{
    struct reloader *self = (struct reloader *)object;
    cmr_reloader *reloader = reloader_use(self);
    cmr_status status;
    if (!reloader)
        return NULL;
    if (!PyObject_TypeCheck(share, self->state->share_type)) {
        PyErr_SetString(PyExc_TypeError, "a Share is wanted");
        return NULL;
    }
    status = cmr_reloader_join(reloader, ((struct share *)share)->share);
    if (status != CMR_OK)
        return error_raise(self->state, status, NULL);
    self->share = Py_NewRef(share);
    Py_RETURN_NONE;
}

static PyObject *member_new(struct state *state, const cmr_member *member)
{
    PyObject *message = error_text(member->message), *made = NULL;
    if (message)
        made = PyObject_CallFunction(state->member, "LsKKO", (long long)member->pid,
                                     cmr_role_name(member->role), (unsigned long long)member->generation,
                                     (unsigned long long)member->refused, message);
    Py_XDECREF(message);
    return made;
}

PyObject *reloader_members(PyObject *object, PyObject *nothing)
{
    struct reloader *self = (struct reloader *)object;
    cmr_reloader *reloader = reloader_use(self);
    cmr_members *members;
    PyObject *list;
    cmr_status status;
    (void)nothing;
    if (!reloader)
        return NULL;
    status = cmr_reloader_list_members(reloader, &members);
    if (status != CMR_OK)
        return error_raise(self->state, status, NULL);
    list = PyList_New((Py_ssize_t)cmr_members_count(members));
    for (size_t i = 0; list && i < cmr_members_count(members); i++) {
        PyObject *member = member_new(self->state, cmr_members_get(members, i));
        if (!member || PyList_SetItem(list, (Py_ssize_t)i, member) < 0)
            Py_CLEAR(list);
    }
    cmr_members_free(members);
    return list;
}

static PyType_Slot slots[] = {
    { Py_tp_doc,
      (void *)"Made before os.fork(): of the processes whose reloaders join it, one loads for all.\n\n"
              "It parses each generation once, and hands it to the others as memory that nobody can change; "
              "if it dies\n"
              "another takes over. Validators are asked there only. Secret mounts cannot be shared." },
    { Py_tp_new, share_new },
    { Py_tp_dealloc, share_free },
    { 0, NULL },
};

PyType_Spec share_spec = {
    .name = "cmreload.Share",
    .basicsize = sizeof(struct share),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = slots,
};
