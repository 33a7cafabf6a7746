/* SPDX-License-Identifier: MIT
 *
 * Values of the library as Python objects: of the types that the standard library has for them. */
#include "value.h"

PyObject *value_timedelta(struct state *state, int64_t ns)
{
    int64_t us = ns / 1000 - (ns % 1000 < 0);
    return PyObject_CallFunction(state->timedelta, "iLL", 0, (long long)(us / 1000000),
                                 (long long)(us % 1000000));
}

static PyObject *packed(const cmr_ip *ip)
{
    return PyBytes_FromStringAndSize((const char *)ip->bytes, ip->version == 4 ? 4 : 16);
}

static PyObject *address(struct state *state, const cmr_ip *ip)
{
    PyObject *bytes = packed(ip), *made = NULL;
    if (bytes)
        made = PyObject_CallFunctionObjArgs(ip->version == 4 ? state->ipv4_address : state->ipv6_address,
                                            bytes, NULL);
    Py_XDECREF(bytes);
    return made;
}

static PyObject *interface(struct state *state, const cmr_cidr *cidr)
{
    PyObject *bytes = packed(&cidr->ip), *made = NULL;
    if (bytes)
        made = PyObject_CallFunction(cidr->ip.version == 4 ? state->ipv4_interface : state->ipv6_interface,
                                     "((Oi))", bytes, (int)cidr->prefix);
    Py_XDECREF(bytes);
    return made;
}

static PyObject *member(const struct kind *kind, int number)
{
    PyObject *found = kind && kind->members ? PyTuple_GetItem(kind->members, number) : NULL;
    if (!found && !PyErr_Occurred())
        PyErr_SetString(PyExc_SystemError, "an enum value without its members");
    return Py_XNewRef(found);
}

PyObject *value_new(struct state *state, const cmr_value *value, const struct kind *kind)
{
    switch (value->type) {
    case CMR_TYPE_BOOL:
        return PyBool_FromLong(value->as.boolean);
    case CMR_TYPE_INT64:
        return PyLong_FromLongLong(value->as.int64);
    case CMR_TYPE_UINT64:
        return PyLong_FromUnsignedLongLong(value->as.uint64);
    case CMR_TYPE_DOUBLE:
    case CMR_TYPE_PERCENT:
        return PyFloat_FromDouble(value->as.number);
    case CMR_TYPE_STRING:
        return PyUnicode_FromStringAndSize(value->text, (Py_ssize_t)value->length);
    case CMR_TYPE_BYTES:
        return PyBytes_FromStringAndSize(value->text, (Py_ssize_t)value->length);
    case CMR_TYPE_DURATION:
        return value_timedelta(state, value->as.duration_ns);
    case CMR_TYPE_SIZE:
        return PyLong_FromUnsignedLongLong(value->as.size);
    case CMR_TYPE_ENUM:
        return member(kind, value->as.enumeration);
    case CMR_TYPE_LOG_LEVEL:
        return Py_NewRef(state->log_levels[value->as.level]);
    case CMR_TYPE_IP:
    case CMR_TYPE_IPV4:
    case CMR_TYPE_IPV6:
        return address(state, &value->as.ip);
    case CMR_TYPE_CIDR:
        return interface(state, &value->as.cidr);
    case CMR_TYPE_MAP:
        return PyDict_New();
    case CMR_TYPE_LIST:
        return PyList_New(0);
    case CMR_TYPE_NULL:
    case CMR_TYPE_ANY:
        break;
    }
    Py_RETURN_NONE;
}
