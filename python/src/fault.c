/*
 * Faults as exceptions: one class, hawser.Error, whose text is the fault's and
 * whose attributes are its parts.
 */
#include "core.h"

PyObject *hawser_error;

static int set(PyObject *error, const char *name, PyObject *value)
{
    int status = value ? PyObject_SetAttrString(error, name, value) : -1;
    Py_XDECREF(value);
    return status;
}

static PyObject *text(const char *bytes)
{
    return PyUnicode_DecodeUTF8(bytes, (Py_ssize_t)strlen(bytes), "replace");
}

PyObject *fault_object(const struct hws_fault *fault)
{
    PyObject *words = text(fault->text);
    if (!words)
        return NULL;
    PyObject *error = PyObject_CallFunctionObjArgs(hawser_error, words, NULL);
    Py_DECREF(words);
    if (!error)
        return NULL;
    if (set(error, "status", text(hws_status_name(fault->status))) != 0 ||
        set(error, "phase", text(hws_phase_name(fault->phase))) != 0 ||
        set(error, "os_error", PyLong_FromLong(fault->os_error)) != 0 ||
        set(error, "tls_error", PyLong_FromUnsignedLong(fault->tls_error)) !=
            0 ||
        set(error, "tls_verify", PyLong_FromLong(fault->tls_verify)) != 0 ||
        set(error, "http_status", PyLong_FromLong(fault->http_status)) != 0 ||
        set(error, "close_code", PyLong_FromLong(fault->close_code)) != 0 ||
        set(error, "peer", text(fault->peer)) != 0)
        Py_CLEAR(error);
    return error;
}

PyObject *fault_raise(const struct hws_fault *fault)
{
    PyObject *error = fault_object(fault);
    if (error)
        PyErr_SetObject(hawser_error, error);
    Py_XDECREF(error);
    return NULL;
}

PyObject *status_raise(int status, const char *what)
{
    struct hws_fault fault = {.status = (enum hws_status)status,
                              .phase = HWS_PHASE_LOCAL};
    snprintf(fault.text, sizeof(fault.text), "%s: %s", what,
             hws_status_name(status));
    return fault_raise(&fault);
}
