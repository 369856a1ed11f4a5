/*
 * hawser._hawser.Client: a long-lived connection of the library.
 */
#include "core.h"

#include <structmember.h>

PyTypeObject *hawser_client_type;

/* Sending more than this may take long enough to let others run. */
#define LONG_SEND 16384

static struct client_object *as_client(PyObject *self)
{
    return (struct client_object *)self;
}

static bool is_alive(const struct client_object *self)
{
    if (!self->client)
        PyErr_SetString(PyExc_RuntimeError, "the client was freed");
    return self->client != NULL;
}

static PyObject *answer(int status, const char *what)
{
    if (status)
        return status_raise(status, what);
    Py_RETURN_NONE;
}

/* ---- callbacks of the library */

static void on_event(struct hws_client *client, const struct hws_event *event,
                     void *user)
{
    (void)client;
    event_note(user, event);
}

/* ---- life */

/* A keyword that is ours, not the library's: taken out of `keywords`. */
static PyObject *take(PyObject *keywords, const char *name)
{
    PyObject *value = PyDict_GetItemString(keywords, name);
    if (!value)
        return NULL;
    Py_INCREF(value);
    PyDict_DelItemString(keywords, name);
    if (value == Py_None)
        Py_CLEAR(value);
    return value;
}

/* The same for one that is true or false. */
static bool take_bool(PyObject *keywords, const char *name, bool *flag)
{
    PyObject *value = take(keywords, name);
    if (!value)
        return !PyErr_Occurred();
    int truth = PyObject_IsTrue(value);
    Py_DECREF(value);
    *flag = truth > 0;
    return truth >= 0;
}

static bool take_own(struct client_object *self, PyObject *keywords)
{
    self->on_message = take(keywords, "on_message");
    self->on_messages = take(keywords, "on_messages");
    self->on_headers = take(keywords, "on_headers");
    self->on_link = take(keywords, "on_link");
    self->on_random = take(keywords, "on_random");
    if (!take_bool(keywords, "decode", &self->decodes) ||
        !take_bool(keywords, "borrow", &self->borrows) ||
        !take_bool(keywords, "opcodes", &self->has_opcodes))
        return false;
    if (self->borrows && self->decodes)
        PyErr_SetString(PyExc_ValueError,
                        "decode makes str of text, borrow a memoryview: "
                        "choose one");
    return !PyErr_Occurred();
}

static int make(struct client_object *self, PyObject *keywords)
{
    struct hws_client_options options;
    struct hws_fault fault;
    hws_client_options_init(&options);
    PyObject *kept = PyList_New(0);
    if (!kept)
        return -1;
    int status = options_from(&options, keywords, kept);
    options.on_event = on_event;
    options.user = self;
    answers_set(self, &options);
    if (status == 0) {
        self->client = hws_client_new(self->loop->loop, &options, &fault);
        if (!self->client)
            fault_raise(&fault);
    }
    Py_DECREF(kept);
    return self->client ? 0 : -1;
}

static PyObject *client_new(PyTypeObject *type, PyObject *arguments,
                            PyObject *keywords)
{
    PyObject *loop, *handler = Py_None;
    if (!PyArg_ParseTuple(arguments, "O!|O:Client", hawser_loop_type, &loop,
                          &handler))
        return NULL;
    if (!((struct loop_object *)loop)->loop)
        return status_raise(HWS_E_STATE, "the loop is closed");
    PyObject *own = keywords ? PyDict_Copy(keywords) : PyDict_New();
    PyObject *self = own ? type->tp_alloc(type, 0) : NULL;
    if (!self) {
        Py_XDECREF(own);
        return NULL;
    }
    Py_INCREF(loop);
    Py_INCREF(handler);
    as_client(self)->loop = (struct loop_object *)loop;
    as_client(self)->handler = handler;
    if (!take_own(as_client(self), own) || make(as_client(self), own) != 0)
        Py_CLEAR(self);
    Py_DECREF(own);
    return self;
}

static int client_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(as_client(self)->handler);
    Py_VISIT(as_client(self)->on_message);
    Py_VISIT(as_client(self)->on_messages);
    Py_VISIT(as_client(self)->on_headers);
    Py_VISIT(as_client(self)->on_link);
    Py_VISIT(as_client(self)->on_random);
    Py_VISIT(Py_TYPE(self));
    return 0;
}

static void free_client(struct client_object *self)
{
    struct hws_client *client = self->client;
    self->client = NULL;
    if (!client)
        return;
    hws_client_free(client);
    records_forget(&self->loop->records, self);
}

static void client_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    free_client(as_client(self));
    Py_XDECREF(as_client(self)->handler);
    Py_XDECREF(as_client(self)->on_message);
    Py_XDECREF(as_client(self)->on_messages);
    Py_XDECREF(as_client(self)->on_headers);
    Py_XDECREF(as_client(self)->on_link);
    Py_XDECREF(as_client(self)->on_random);
    Py_XDECREF(as_client(self)->loop);
    type->tp_free(self);
    Py_DECREF(type);
}

PyDoc_STRVAR(open_doc,
             "open($self)\n--\n\nStart, or start again after the final\n"
             "\"down\". The client lives on by itself until then.");

static PyObject *client_open(PyObject *object, PyObject *nothing)
{
    struct client_object *self = as_client(object);
    (void)nothing;
    if (!is_alive(self))
        return NULL;
    int status = hws_client_open(self->client);
    if (status == 0)
        hold(object, &self->is_held);
    return answer(status, "cannot open");
}

PyDoc_STRVAR(free_doc,
             "free($self)\n--\n\nCut the connection without a word. The\n"
             "handler is not called again. Loop's thread only.");

static PyObject *client_free(PyObject *object, PyObject *nothing)
{
    struct client_object *self = as_client(object);
    (void)nothing;
    Py_INCREF(object);
    free_client(self);
    let_go(object, &self->is_held);
    Py_DECREF(object);
    Py_RETURN_NONE;
}

/* ---- calls */

static int send_bytes(struct hws_client *client, enum hws_opcode opcode,
                      struct hws_span data)
{
    int status;
    if (data.size < LONG_SEND)
        return hws_client_send(client, opcode, data);
    Py_BEGIN_ALLOW_THREADS;
    status = hws_client_send(client, opcode, data);
    Py_END_ALLOW_THREADS;
    return status;
}

PyDoc_STRVAR(send_doc,
             "send($self, data, opcode=0, /)\n--\n\n"
             "Send a message: str as text, bytes-like as binary, or as\n"
             "`opcode` says (TEXT or BINARY; 0: by its type). From any\n"
             "thread. Raises Error with the status \"state\" while not up,\n"
             "\"full\" when the queue is, \"too-big\" when the message never\n"
             "fits.");

static PyObject *client_send(PyObject *object, PyObject *arguments)
{
    struct client_object *self = as_client(object);
    PyObject *data;
    Py_buffer view;
    int opcode = 0;
    if (!PyArg_ParseTuple(arguments, "O|i:send", &data, &opcode) ||
        !is_alive(self))
        return NULL;
    if (PyUnicode_Check(data)) {
        Py_ssize_t size;
        const char *bytes = PyUnicode_AsUTF8AndSize(data, &size);
        if (!bytes)
            return NULL;
        return answer(
            send_bytes(self->client,
                       opcode ? (enum hws_opcode)opcode : HWS_TEXT,
                       (struct hws_span){(const uint8_t *)bytes, (size_t)size}),
            "cannot send");
    }
    if (PyObject_GetBuffer(data, &view, PyBUF_SIMPLE) != 0)
        return NULL;
    int status =
        send_bytes(self->client, opcode ? (enum hws_opcode)opcode : HWS_BINARY,
                   (struct hws_span){view.buf, (size_t)view.len});
    PyBuffer_Release(&view);
    return answer(status, "cannot send");
}

static PyObject *client_ping(PyObject *object, PyObject *arguments)
{
    struct client_object *self = as_client(object);
    Py_buffer view = {.buf = NULL};
    if (!PyArg_ParseTuple(arguments, "|s*:ping", &view))
        return NULL;
    PyObject *result = NULL;
    if (is_alive(self))
        result = answer(
            hws_client_ping(self->client,
                            (struct hws_span){view.buf, (size_t)view.len}),
            "cannot ping");
    PyBuffer_Release(&view);
    return result;
}

static PyObject *client_close(PyObject *object, PyObject *arguments)
{
    struct client_object *self = as_client(object);
    unsigned code = HWS_CLOSE_NORMAL;
    const char *reason = "";
    Py_ssize_t size = 0;
    if (!PyArg_ParseTuple(arguments, "|Is#:close", &code, &reason, &size) ||
        !is_alive(self))
        return NULL;
    return answer(hws_client_close(
                      self->client, code,
                      (struct hws_span){(const uint8_t *)reason, (size_t)size}),
                  "cannot close");
}

static PyObject *client_reconnect(PyObject *object, PyObject *nothing)
{
    struct client_object *self = as_client(object);
    (void)nothing;
    if (!is_alive(self))
        return NULL;
    return answer(hws_client_reconnect(self->client), "cannot reconnect");
}

static PyObject *client_pause(PyObject *object, PyObject *nothing)
{
    struct client_object *self = as_client(object);
    (void)nothing;
    if (!is_alive(self))
        return NULL;
    hws_client_pause(self->client);
    Py_RETURN_NONE;
}

static PyObject *client_resume(PyObject *object, PyObject *nothing)
{
    struct client_object *self = as_client(object);
    (void)nothing;
    if (!is_alive(self))
        return NULL;
    hws_client_resume(self->client);
    Py_RETURN_NONE;
}

/* ---- questions */

static PyObject *client_snapshot(PyObject *object, PyObject *nothing)
{
    struct client_object *self = as_client(object);
    struct hws_snapshot snapshot;
    (void)nothing;
    if (!is_alive(self) || loop_is_elsewhere(self->loop))
        return NULL;
    hws_client_snapshot(self->client, &snapshot);
    return snapshot_object(&snapshot);
}

static PyObject *client_state(PyObject *object, void *closure)
{
    struct client_object *self = as_client(object);
    (void)closure;
    if (!self->client)
        return PyUnicode_FromString("stopped");
    return PyUnicode_FromString(
        hws_client_state_name(hws_client_get_state(self->client)));
}

static PyObject *client_url(PyObject *object, void *closure)
{
    struct client_object *self = as_client(object);
    (void)closure;
    if (!is_alive(self))
        return NULL;
    return PyUnicode_FromString(hws_client_get_url(self->client));
}

static PyObject *client_tls(PyObject *object, void *closure)
{
    struct client_object *self = as_client(object);
    (void)closure;
    const struct hws_link *link =
        self->client ? hws_client_get_link(self->client) : NULL;
    return PyUnicode_FromString(link ? hws_link_tls_text(link) : "");
}

static PyMethodDef methods[] = {
    {"open", client_open, METH_NOARGS, open_doc},
    {"free", client_free, METH_NOARGS, free_doc},
    {"send", client_send, METH_VARARGS, send_doc},
    {"ping", client_ping, METH_VARARGS,
     "ping($self, data=b'', /)\n--\n\nSend a ping of 125 bytes at most."},
    {"close", client_close, METH_VARARGS,
     "close($self, code=1000, reason='', /)\n--\n\n"
     "Close for good; a final \"down\" follows. From any thread."},
    {"reconnect", client_reconnect, METH_NOARGS, "Cut, and dial at once."},
    {"pause", client_pause, METH_NOARGS, "Stop reading messages."},
    {"resume", client_resume, METH_NOARGS, "Read messages again."},
    {"snapshot", client_snapshot, METH_NOARGS,
     "Health as a dict: seconds, bytes, counts; None for what is unknown."},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef properties[] = {
    {"state", client_state, NULL, "idle, dialing, ..., stopped.", NULL},
    {"url", client_url, NULL, "The endpoint in use, or the next.", NULL},
    {"tls", client_tls, NULL, "TLS version and cipher, or ''.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMemberDef members[] = {
    {"handler", T_OBJECT, offsetof(struct client_object, handler), 0,
     "Called as handler(kind, payload), or None."},
    {"on_message", T_OBJECT, offsetof(struct client_object, on_message), 0,
     "Called with each message in place of the handler, or None."},
    {"on_messages", T_OBJECT, offsetof(struct client_object, on_messages), 0,
     "Called with a list of all that came in a row, in place of both, or\n"
     "None."},
    {NULL, 0, 0, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc,
     "Client(loop, handler=None, *, url, on_message=None,\n"
     "       on_messages=None, decode=False, borrow=False, opcodes=False,\n"
     "       **options)\n--\n\n"
     "A connection that is taken up again. handler(kind, payload) is told\n"
     "everything; messages go to on_messages(list) or on_message(message)\n"
     "instead, where one is set. A message is bytes; with decode=True a text\n"
     "is a str; with borrow=True it is a memoryview of the library's memory,\n"
     "released after the call; with opcodes=True it comes in a pair\n"
     "(opcode, message). Further options have the library's names\n"
     "(hws_client_options), times in seconds."},
    {Py_tp_new, client_new},
    {Py_tp_dealloc, client_dealloc},
    {Py_tp_traverse, client_traverse},
    {Py_tp_methods, methods},
    {Py_tp_getset, properties},
    {Py_tp_members, members},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "hawser._hawser.Client",
    .basicsize = sizeof(struct client_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .slots = slots,
};

PyTypeObject *client_type_new(PyObject *module)
{
    return (PyTypeObject *)PyType_FromModuleAndSpec(module, &spec, NULL);
}
