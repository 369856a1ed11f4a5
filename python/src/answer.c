/*
 * What the library asks a client's owner in the middle of its work, so that
 * Python must answer at once: headers, a transport, random bytes. An exception
 * has nobody to go to: it is printed, and the library is told that there is no
 * answer.
 */
#include "core.h"

#include <unistd.h>

/* One header for each pair of an iterable. */
static int add_headers(struct hws_headers *headers, PyObject *pairs)
{
    PyObject *list = PySequence_Fast(pairs, "headers must be (name, value)s");
    int status = list ? 0 : HWS_E_ARGUMENT;
    for (Py_ssize_t i = 0; status == 0 && i < PySequence_Fast_GET_SIZE(list);
         i++) {
        const char *name, *value;
        PyObject *pair = PySequence_Fast_GET_ITEM(list, i);
        status =
            PyTuple_Check(pair) && PyArg_ParseTuple(pair, "ss", &name, &value)
                ? hws_headers_add(headers, name, value)
                : HWS_E_ARGUMENT;
    }
    Py_XDECREF(list);
    return status;
}

static int on_headers(struct hws_client *client, struct hws_headers *headers,
                      unsigned attempt, void *user)
{
    struct client_object *self = user;
    PyGILState_STATE gil = PyGILState_Ensure();
    (void)client;
    PyObject *pairs = PyObject_CallFunction(self->on_headers, "I", attempt);
    int status = pairs ? add_headers(headers, pairs) : HWS_E_CANCELLED;
    Py_XDECREF(pairs);
    if (PyErr_Occurred())
        PyErr_WriteUnraisable(self->on_headers);
    PyGILState_Release(gil);
    return status;
}

static struct hws_link *on_link(struct hws_client *client, const char *url,
                                void *user)
{
    struct client_object *self = user;
    PyGILState_STATE gil = PyGILState_Ensure();
    (void)client;
    PyObject *socket = PyObject_CallFunction(self->on_link, "s", url);
    struct hws_link *link = socket ? transport_new(socket) : NULL;
    Py_XDECREF(socket);
    if (PyErr_Occurred())
        PyErr_WriteUnraisable(self->on_link);
    PyGILState_Release(gil);
    return link;
}

static void system_random(void *bytes, size_t size)
{
    for (size_t at = 0; at < size; at += 256) {
        size_t left = size - at;
        if (getentropy((char *)bytes + at, left < 256 ? left : 256) != 0)
            Py_FatalError("the system has no random bytes");
    }
}

/* Bytes as the callable has them; the system's where it fails. */
static void on_random(void *context, void *bytes, size_t size)
{
    struct client_object *self = context;
    PyGILState_STATE gil = PyGILState_Ensure();
    Py_buffer view;
    PyObject *got =
        PyObject_CallFunction(self->on_random, "n", (Py_ssize_t)size);
    if (got && PyObject_GetBuffer(got, &view, PyBUF_SIMPLE) == 0) {
        if ((size_t)view.len == size)
            memcpy(bytes, view.buf, size);
        else
            PyErr_Format(PyExc_ValueError, "%zu bytes were asked for, not %zd",
                         size, view.len);
        PyBuffer_Release(&view);
    }
    Py_XDECREF(got);
    if (PyErr_Occurred()) {
        PyErr_WriteUnraisable(self->on_random);
        system_random(bytes, size);
    }
    PyGILState_Release(gil);
}

void answers_set(struct client_object *self, struct hws_client_options *options)
{
    if (self->on_headers)
        options->on_headers = on_headers;
    if (self->on_link)
        options->on_link = on_link;
    if (self->on_random)
        options->random = (struct hws_random){on_random, self};
}
