/* SPDX-License-Identifier: MIT
 *
 * Options of a mount. What Python programs write, and its defaults, is the matter of cmreload/_options.py;
 * here the library's struct is filled. */
#include "option.h"

/* A tuple of str, as an array of as many texts, and a NULL. */
static const char **read_texts(PyObject *tuple)
{
    Py_ssize_t count = PyTuple_Size(tuple);
    const char **texts = count < 0 ? NULL : PyMem_Calloc((size_t)count + 1, sizeof *texts);
    for (Py_ssize_t i = 0; texts && i < count; i++) {
        texts[i] = PyUnicode_AsUTF8AndSize(PyTuple_GetItem(tuple, i), NULL);
        if (!texts[i]) {
            PyMem_Free(texts);
            return NULL;
        }
    }
    if (!texts && !PyErr_Occurred())
        PyErr_NoMemory();
    return texts;
}

/* A glob, its format, the next glob, and so on. */
static cmr_format_rule *read_rules(PyObject *tuple)
{
    const char **texts = read_texts(tuple);
    Py_ssize_t count = PyTuple_Size(tuple) / 2;
    cmr_format_rule *rules = texts ? PyMem_Calloc((size_t)count + 1, sizeof *rules) : NULL;
    for (Py_ssize_t i = 0; rules && i < count; i++)
        rules[i] = (cmr_format_rule){ texts[2 * i], texts[2 * i + 1] };
    PyMem_Free(texts);
    if (!rules && !PyErr_Occurred())
        PyErr_NoMemory();
    return rules;
}

const cmr_mount_options *option_mount_read(struct option_mount *mount, PyObject *tuple)
{
    PyObject *formats, *ignore;
    int kind, flags[4];
    long long check_ms, settle_ms;
    unsigned long long file_size, generation_size;
    cmr_limits limits = { 0 };
    mount->options = (cmr_mount_options)CMR_MOUNT_OPTIONS_INIT;
    if (!PyArg_ParseTuple(tuple, "zOO(KKIII)LiLpppp", &mount->options.name, &formats, &ignore, &file_size,
                          &generation_size, &limits.files, &limits.depth, &limits.entries, &check_ms, &kind,
                          &settle_ms, &flags[0], &flags[1], &flags[2], &flags[3]))
        return NULL;
    limits.file_size = file_size;
    limits.generation_size = generation_size;
    mount->options.limits = limits;
    mount->options.check_interval_ms = check_ms;
    mount->options.kind = (cmr_mount_kind)kind;
    mount->options.settle_ms = settle_ms;
    mount->options.keep_bad_files = flags[0];
    mount->options.secret = flags[1];
    mount->options.leaky_formats = flags[2];
    mount->options.optional = flags[3];
    if (formats != Py_None) {
        mount->formats = read_rules(formats);
        if (!mount->formats)
            return NULL;
    }
    if (ignore != Py_None) {
        mount->ignore = read_texts(ignore);
        if (!mount->ignore)
            return NULL;
    }
    mount->options.formats = mount->formats;
    mount->options.ignore = mount->ignore;
    return &mount->options;
}

void option_mount_reset(struct option_mount *mount)
{
    PyMem_Free(mount->formats);
    PyMem_Free(mount->ignore);
}
