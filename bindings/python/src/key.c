/* SPDX-License-Identifier: MIT
 *
 * Keys as text: taken from Python, and made of a parent's key and a name. */
#include "key.h"

#include <string.h>

const char *key_text(PyObject *key)
{
    Py_ssize_t size;
    const char *text;
    if (!PyUnicode_Check(key)) {
        PyErr_SetString(PyExc_TypeError, "a key is a str");
        return NULL;
    }
    text = PyUnicode_AsUTF8AndSize(key, &size);
    if (text && strlen(text) != (size_t)size) {
        PyErr_SetString(PyExc_ValueError, "embedded null character");
        return NULL;
    }
    return text;
}

static bool is_plain(const char *name)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    return *name && !name[strspn(name, plain)];
}

/* As a JSON string. Control characters are the only ones that need more than a backslash. */
static PyObject *quoted_text(const char *name)
{
    PyObject *text = PyUnicode_FromString(name), *json = NULL, *dumps = NULL;
    PyObject *module = text ? PyImport_ImportModule("json") : NULL;
    if (module)
        dumps = PyObject_GetAttrString(module, "dumps");
    if (dumps)
        json = PyObject_CallFunctionObjArgs(dumps, text, NULL);
    Py_XDECREF(text);
    Py_XDECREF(module);
    Py_XDECREF(dumps);
    return json;
}

PyObject *key_quote(const char *name)
{
    PyObject *json, *made;
    if (is_plain(name))
        return PyUnicode_FromString(name);
    json = quoted_text(name);
    made = json ? PyUnicode_FromFormat("[%U]", json) : NULL;
    Py_XDECREF(json);
    return made;
}

bool key_has_path(const char *key)
{
    bool quoted = false;
    for (; *key; key++) {
        if (*key == '"')
            quoted = !quoted;
        else if (*key == '\\' && key[1])
            key++;
        else if (*key == '#' && !quoted)
            return true;
    }
    return false;
}

PyObject *key_of_name(PyObject *key, const char *text, const char *name)
{
    PyObject *quoted = key_quote(name), *made = NULL;
    if (quoted)
        made = PyUnicode_FromFormat("%U%s%U", key, key_has_path(text) ? (is_plain(name) ? "." : "") : "#",
                                    quoted);
    Py_XDECREF(quoted);
    return made;
}

PyObject *key_of_item(PyObject *key, const char *text, size_t number)
{
    return PyUnicode_FromFormat("%U%s[%zu]", key, key_has_path(text) ? "" : "#", number);
}
