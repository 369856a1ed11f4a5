/*
 * A link over a Python object with a socket's methods: fileno, recv_into (or
 * recv), send, close, and pending where it decrypts. It is open already, and
 * made non-blocking. The interpreter is acquired for each call.
 */
#include "core.h"

struct transport {
    struct hws_link link;
    PyObject *socket;
    int fd;
    bool wants_write; /* TLS must write before it can read on */
};

static struct transport *of(const struct hws_link *link)
{
    return (struct transport *)(uintptr_t)link;
}

static int transport_open(struct hws_link *link, hws_time now)
{
    (void)link, (void)now;
    return 0;
}

static bool is(PyObject *type, const char *name)
{
    return strcmp(((PyTypeObject *)type)->tp_name, name) == 0;
}

/* What the exception of a call means; it is cleared. */
static int status_of_exception(struct transport *t)
{
    PyObject *type, *value, *trace;
    PyErr_Fetch(&type, &value, &trace);
    PyErr_NormalizeException(&type, &value, &trace);
    int status = HWS_E_RESET;
    t->wants_write =
        is(type, "ssl.SSLWantWriteError") || is(type, "SSLWantWriteError");
    if (t->wants_write ||
        PyErr_GivenExceptionMatches(value, PyExc_BlockingIOError) ||
        is(type, "ssl.SSLWantReadError") || is(type, "SSLWantReadError")) {
        status = HWS_E_AGAIN;
    } else if (is(type, "ssl.SSLEOFError") || is(type, "SSLEOFError")) {
        t->link.truncated = true;
        status = HWS_E_EOF;
    } else if (is(type, "ssl.SSLZeroReturnError")) {
        status = HWS_E_EOF;
    } else {
        PyObject *text = PyObject_Str(value);
        const char *words = text ? PyUnicode_AsUTF8(text) : NULL;
        t->link.fault.status = HWS_E_RESET;
        t->link.fault.phase = HWS_PHASE_TCP;
        snprintf(t->link.fault.text, sizeof(t->link.fault.text),
                 "transport failed: %.150s", words ? words : "?");
        Py_XDECREF(text);
        PyErr_Clear();
    }
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(trace);
    return status;
}

static ptrdiff_t moved(struct transport *t, PyObject *result)
{
    Py_ssize_t size = result ? PyLong_AsSsize_t(result) : -1;
    Py_XDECREF(result);
    if (PyErr_Occurred())
        return status_of_exception(t);
    return size;
}

static ptrdiff_t transport_read(struct hws_link *link, uint8_t *bytes,
                                size_t size)
{
    struct transport *t = of(link);
    PyGILState_STATE gil = PyGILState_Ensure();
    PyObject *view =
        PyMemoryView_FromMemory((char *)bytes, (Py_ssize_t)size, PyBUF_WRITE);
    ptrdiff_t got =
        moved(t, view ? PyObject_CallMethod(t->socket, "recv_into", "O", view)
                      : NULL);
    Py_XDECREF(view);
    PyGILState_Release(gil);
    return got == 0 ? HWS_E_EOF : got;
}

static ptrdiff_t transport_write(struct hws_link *link, const uint8_t *bytes,
                                 size_t size)
{
    struct transport *t = of(link);
    if (size == 0)
        return 0;
    PyGILState_STATE gil = PyGILState_Ensure();
    PyObject *copy =
        PyBytes_FromStringAndSize((const char *)bytes, (Py_ssize_t)size);
    ptrdiff_t put = moved(
        t, copy ? PyObject_CallMethod(t->socket, "send", "O", copy) : NULL);
    Py_XDECREF(copy);
    PyGILState_Release(gil);
    return put == 0 ? HWS_E_AGAIN : put;
}

static int transport_shut(struct hws_link *link)
{
    struct transport *t = of(link);
    PyGILState_STATE gil = PyGILState_Ensure();
    PyObject *result = PyObject_CallMethod(t->socket, "shutdown", "i", 1);
    Py_XDECREF(result);
    PyErr_Clear(); /* the end is found by reading */
    PyGILState_Release(gil);
    return 0;
}

static size_t transport_wants(const struct hws_link *link,
                              struct hws_want *wants)
{
    const struct transport *t = of(link);
    wants[0].fd = t->fd;
    wants[0].interest = HWS_READ | (t->wants_write ? HWS_WRITE : 0U);
    return 1;
}

static hws_time transport_deadline(const struct hws_link *link)
{
    (void)link;
    return HWS_NEVER;
}

static void transport_free(struct hws_link *link)
{
    struct transport *t = of(link);
    PyGILState_STATE gil = PyGILState_Ensure();
    PyObject *result = PyObject_CallMethod(t->socket, "close", NULL);
    Py_XDECREF(result);
    PyErr_Clear();
    Py_DECREF(t->socket);
    PyGILState_Release(gil);
    PyMem_RawFree(t);
}

static const struct hws_link_ops ops = {
    .name = "python",
    .open = transport_open,
    .read = transport_read,
    .write = transport_write,
    .shut = transport_shut,
    .wants = transport_wants,
    .deadline = transport_deadline,
    .free = transport_free,
};

struct hws_link *transport_new(PyObject *socket)
{
    int fd = PyObject_AsFileDescriptor(socket);
    if (fd < 0)
        return NULL;
    PyObject *result =
        PyObject_CallMethod(socket, "setblocking", "O", Py_False);
    if (!result)
        return NULL;
    Py_DECREF(result);
    struct transport *t = PyMem_RawCalloc(1, sizeof(*t));
    if (!t) {
        PyErr_NoMemory();
        return NULL;
    }
    Py_INCREF(socket);
    t->link.ops = &ops;
    t->socket = socket;
    t->fd = fd;
    return &t->link;
}
