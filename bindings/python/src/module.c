/* SPDX-License-Identifier: MIT
 *
 * cmreload._cmreload: the part of the package that is C, of Python's limited API, so that one build serves
 * Python 3.11 and all later ones. All state is the module's, none is the process's. */
#include "state.h"

#include "handle.h"
#include "reloader.h"
#include "share.h"
#include "snapshot.h"
#include "volume.h"

static struct PyModuleDef definition;

/* A class that was derived in Python belongs to no module, or to another one. */
struct state *state_of_type(PyTypeObject *type)
{
    for (; type; type = (PyTypeObject *)PyType_GetSlot(type, Py_tp_base)) {
        PyObject *module = PyType_GetModule(type);
        if (module && PyModule_GetDef(module) == &definition)
            return PyModule_GetState(module);
        PyErr_Clear();
    }
    PyErr_SetString(PyExc_TypeError, "no class of cmreload");
    return NULL;
}

static PyObject *version(PyObject *module, PyObject *nothing)
{
    (void)module;
    (void)nothing;
    return PyUnicode_FromString(cmr_version());
}

/* ---- what it uses ------------------------------------------------------------------------------- */

/* An attribute that the state holds; false, with an exception, when it is not there. */
static bool take(PyObject **place, PyObject *module, const char *name)
{
    *place = PyObject_GetAttrString(module, name);
    return *place;
}

static bool take_levels(struct state *state, PyObject *types)
{
    PyObject *levels = PyObject_GetAttrString(types, "LogLevel");
    for (int i = 0; levels && i < LOG_LEVELS; i++) {
        state->log_levels[i] = PyObject_CallFunction(levels, "i", i);
        if (!state->log_levels[i])
            Py_CLEAR(levels);
    }
    Py_XDECREF(levels);
    return levels;
}

static bool take_package(struct state *state)
{
    PyObject *errors = PyImport_ImportModule("cmreload._errors");
    PyObject *types = errors ? PyImport_ImportModule("cmreload._types") : NULL;
    bool taken = types && take(&state->make_error, errors, "make") &&
                 take(&state->veto_reasons, errors, "veto_reasons") &&
                 take(&state->kind_of, types, "kind_of") && take(&state->diagnostic, types, "Diagnostic") &&
                 take(&state->change, types, "Change") && take(&state->update, types, "Update") &&
                 take(&state->event, types, "Event") && take(&state->status, types, "ReloaderStatus") &&
                 take(&state->mount_status, types, "MountStatus") && take(&state->member, types, "Member") &&
                 take_levels(state, types);
    Py_XDECREF(errors);
    Py_XDECREF(types);
    return taken;
}

static bool take_library(struct state *state)
{
    PyObject *datetime = PyImport_ImportModule("datetime");
    PyObject *addresses = datetime ? PyImport_ImportModule("ipaddress") : NULL;
    PyObject *collections = addresses ? PyImport_ImportModule("collections.abc") : NULL;
    bool taken = collections && take(&state->timedelta, datetime, "timedelta") &&
                 take(&state->ipv4_address, addresses, "IPv4Address") &&
                 take(&state->ipv6_address, addresses, "IPv6Address") &&
                 take(&state->ipv4_interface, addresses, "IPv4Interface") &&
                 take(&state->ipv6_interface, addresses, "IPv6Interface") &&
                 take(&state->keys_view, collections, "KeysView") &&
                 take(&state->values_view, collections, "ValuesView") &&
                 take(&state->items_view, collections, "ItemsView");
    Py_XDECREF(datetime);
    Py_XDECREF(addresses);
    Py_XDECREF(collections);
    return taken;
}

/* ---- the module --------------------------------------------------------------------------------- */

static bool add_type(PyObject *module, PyTypeObject **place, PyType_Spec *spec)
{
    *place = (PyTypeObject *)PyType_FromModuleAndSpec(module, spec, NULL);
    return *place && PyModule_AddType(module, *place) == 0;
}

static int execute(PyObject *module)
{
    struct state *state = PyModule_GetState(module);
    bool done = take_package(state) && take_library(state) &&
                add_type(module, &state->snapshot_type, &snapshot_spec) &&
                add_type(module, &state->handle_type, &handle_spec) &&
                add_type(module, &state->share_type, &share_spec) &&
                add_type(module, &state->reloader_type, &reloader_spec);
    return done ? 0 : -1;
}

/* All that the state holds, with an end. */
#define HELD(state)                                                                                          \
    {                                                                                                        \
        (PyObject **)&(state)->snapshot_type, (PyObject **)&(state)->reloader_type,                          \
            (PyObject **)&(state)->handle_type, &(state)->make_error, &(state)->veto_reasons,                \
            &(state)->kind_of, &(state)->diagnostic, &(state)->change, &(state)->update, &(state)->event,    \
            &(state)->status, &(state)->mount_status, (PyObject **)&(state)->share_type, &(state)->member,   \
            &(state)->timedelta, &(state)->ipv4_address, &(state)->ipv6_address, &(state)->ipv4_interface,   \
            &(state)->ipv6_interface, &(state)->keys_view, &(state)->values_view, &(state)->items_view, NULL \
    }

static int traverse(PyObject *module, visitproc visit, void *arg)
{
    struct state *state = PyModule_GetState(module);
    PyObject **held[] = HELD(state);
    for (size_t i = 0; held[i]; i++)
        Py_VISIT(*held[i]);
    for (int i = 0; i < LOG_LEVELS; i++)
        Py_VISIT(state->log_levels[i]);
    return 0;
}

static int clear(PyObject *module)
{
    struct state *state = PyModule_GetState(module);
    PyObject **held[] = HELD(state);
    for (size_t i = 0; held[i]; i++)
        Py_CLEAR(*held[i]);
    for (int i = 0; i < LOG_LEVELS; i++)
        Py_CLEAR(state->log_levels[i]);
    return 0;
}

static void release(void *module)
{
    clear(module);
}

static PyMethodDef functions[] = {
    { "version", version, METH_NOARGS,
      "version()\n--\n\nThe version of libcmreload that the program runs with." },
    { "_read", volume_read, METH_VARARGS, "_read(path, options, /)\n--\n\n" },
    { "_from_files", volume_from_files, METH_VARARGS, "_from_files(files, options, /)\n--\n\n" },
    { "_write_volume", volume_write, METH_VARARGS,
      "_write_volume(path, files, sync, restricted, /)\n--\n\n" },
    { NULL, NULL, 0, NULL },
};

static PyModuleDef_Slot slots[] = {
    { Py_mod_exec, (void *)execute },
    { 0, NULL },
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "cmreload._cmreload",
    .m_doc = "What of the package is C.",
    .m_size = sizeof(struct state),
    .m_methods = functions,
    .m_slots = slots,
    .m_traverse = traverse,
    .m_clear = clear,
    .m_free = release,
};

PyMODINIT_FUNC PyInit__cmreload(void);

PyMODINIT_FUNC PyInit__cmreload(void)
{
    return PyModuleDef_Init(&definition);
}
