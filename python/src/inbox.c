/*
 * hawser._hawser.Inbox: received messages that wait for a coroutine. An async
 * iterator that gives one without a step of Python's where one is there, and
 * asks its owner for an awaitable where none is.
 */
#include "core.h"

struct inbox_object {
    PyObject_HEAD PyObject **ring; /* of `room`, a power of two, or NULL */
    size_t room, head, count;
    size_t low, high;  /* marks: on_low() at one, after the other */
    bool is_full;      /* the high mark was reached, the low one not yet */
    PyObject *wait;    /* wait(): an awaitable of the next message */
    PyObject *on_high; /* on_high(): is full */
    PyObject *on_low;  /* on_low(): may be filled again */
};

/* What `async for` awaits. Its message goes back if it never was. No message
 * leads to it, so that the collector need not know it. */
struct next_object {
    PyObject_HEAD struct inbox_object *inbox;
    PyObject *message; /* NULL: was given */
};

PyTypeObject *hawser_inbox_type;
static PyTypeObject *next_type;

static PyObject *new_ref(PyObject *object)
{
    Py_INCREF(object);
    return object;
}

static struct inbox_object *as_inbox(PyObject *self)
{
    return (struct inbox_object *)self;
}

static struct next_object *as_next(PyObject *self)
{
    return (struct next_object *)self;
}

/* ---- the ring */

static PyObject **place(const struct inbox_object *self, size_t i)
{
    return &self->ring[(self->head + i) & (self->room - 1)];
}

static int make_room(struct inbox_object *self, size_t more)
{
    size_t room = self->room ? self->room : 64;
    while (room < self->count + more)
        room *= 2;
    if (room == self->room)
        return 0;
    PyObject **ring = PyMem_New(PyObject *, room);
    if (!ring) {
        PyErr_NoMemory();
        return -1;
    }
    for (size_t i = 0; i < self->count; i++)
        ring[i] = *place(self, i);
    PyMem_Free(self->ring);
    self->ring = ring;
    self->room = room;
    self->head = 0;
    return 0;
}

static PyObject *pop(struct inbox_object *self)
{
    PyObject *message = *place(self, 0);
    self->head++;
    self->count--;
    return message;
}

/* Takes the message, which was the first before. There was room for it. */
static void put_back(struct inbox_object *self, PyObject *message)
{
    if (make_room(self, 1) != 0) {
        PyErr_WriteUnraisable((PyObject *)self);
        Py_DECREF(message);
        return;
    }
    self->head--;
    self->count++;
    *place(self, 0) = message;
}

/* After a message went: 0, or -1 with the exception of on_low. */
static int look_at_level(struct inbox_object *self)
{
    if (!self->is_full || self->count > self->low)
        return 0;
    self->is_full = false;
    PyObject *result = PyObject_CallNoArgs(self->on_low);
    Py_XDECREF(result);
    return result ? 0 : -1;
}

/* ---- what is awaited */

static void return_message(struct next_object *self)
{
    PyObject *message = self->message;
    self->message = NULL;
    if (message)
        put_back(self->inbox, message);
}

static void next_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    return_message(as_next(self));
    Py_DECREF(as_next(self)->inbox);
    type->tp_free(self);
    Py_DECREF(type);
}

/* The message; or NULL with an exception, and then it goes back later. */
static PyObject *given(struct next_object *self)
{
    if (!self->message) {
        PyErr_SetString(PyExc_RuntimeError, "was awaited before");
        return NULL;
    }
    if (look_at_level(self->inbox) != 0)
        return NULL;
    PyObject *message = self->message;
    self->message = NULL;
    return message;
}

static PyObject *next_iternext(PyObject *self)
{
    PyObject *message = given(as_next(self));
    PyObject *stop =
        message ? PyObject_CallOneArg(PyExc_StopIteration, message) : NULL;
    if (stop)
        PyErr_SetObject(PyExc_StopIteration, stop);
    Py_XDECREF(stop);
    Py_XDECREF(message);
    return NULL;
}

#if PY_VERSION_HEX >= 0x030a0000
static PySendResult next_send(PyObject *self, PyObject *value,
                              PyObject **result)
{
    (void)value;
    *result = given(as_next(self));
    return *result ? PYGEN_RETURN : PYGEN_ERROR;
}
#endif

static PyType_Slot next_slots[] = {
    {Py_tp_doc, "A message that is there."},
    {Py_tp_dealloc, next_dealloc},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, next_iternext},
    {Py_am_await, PyObject_SelfIter},
#if PY_VERSION_HEX >= 0x030a0000
    {Py_am_send, next_send},
#endif
    {0, NULL},
};

static PyType_Spec next_spec = {
    .name = "hawser._hawser.Next",
    .basicsize = sizeof(struct next_object),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = next_slots,
};

/* ---- the inbox */

static PyObject *inbox_new(PyTypeObject *type, PyObject *arguments,
                           PyObject *keywords)
{
    static char *names[] = {"wait", "on_high", "on_low", "high", NULL};
    PyObject *wait, *on_high, *on_low;
    Py_ssize_t high;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "OOOn:Inbox", names,
                                     &wait, &on_high, &on_low, &high))
        return NULL;
    if (high < 1) {
        PyErr_SetString(PyExc_ValueError, "queue_max must be 1 or more");
        return NULL;
    }
    PyObject *self = type->tp_alloc(type, 0);
    if (!self)
        return NULL;
    as_inbox(self)->wait = new_ref(wait);
    as_inbox(self)->on_high = new_ref(on_high);
    as_inbox(self)->on_low = new_ref(on_low);
    as_inbox(self)->high = (size_t)high;
    as_inbox(self)->low = (size_t)high / 2;
    return self;
}

static int inbox_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(as_inbox(self)->wait);
    Py_VISIT(as_inbox(self)->on_high);
    Py_VISIT(as_inbox(self)->on_low);
    for (size_t i = 0; i < as_inbox(self)->count; i++)
        Py_VISIT(*place(as_inbox(self), i));
    Py_VISIT(Py_TYPE(self));
    return 0;
}

static int inbox_clear(PyObject *self)
{
    Py_CLEAR(as_inbox(self)->wait);
    Py_CLEAR(as_inbox(self)->on_high);
    Py_CLEAR(as_inbox(self)->on_low);
    while (as_inbox(self)->count)
        Py_DECREF(pop(as_inbox(self)));
    return 0;
}

static void inbox_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    inbox_clear(self);
    PyMem_Free(as_inbox(self)->ring);
    type->tp_free(self);
    Py_DECREF(type);
}

static Py_ssize_t inbox_length(PyObject *self)
{
    return (Py_ssize_t)as_inbox(self)->count;
}

static PyObject *inbox_anext(PyObject *object)
{
    struct inbox_object *self = as_inbox(object);
    if (self->count == 0)
        return PyObject_CallNoArgs(self->wait);
    PyObject *next = next_type->tp_alloc(next_type, 0);
    if (!next)
        return NULL;
    as_next(next)->inbox = as_inbox(new_ref(object));
    as_next(next)->message = pop(self);
    return next;
}

PyDoc_STRVAR(take_doc,
             "take($self)\n--\n\n"
             "The next message; raises IndexError when empty.");

static PyObject *inbox_take(PyObject *object, PyObject *nothing)
{
    struct inbox_object *self = as_inbox(object);
    (void)nothing;
    if (self->count == 0) {
        PyErr_SetString(PyExc_IndexError, "the inbox is empty");
        return NULL;
    }
    PyObject *message = pop(self);
    if (look_at_level(self) == 0)
        return message;
    put_back(self, message);
    return NULL;
}

PyDoc_STRVAR(extend_doc,
             "extend($self, messages, /)\n--\n\n"
             "Add the messages of a list.");

static PyObject *inbox_extend(PyObject *object, PyObject *messages)
{
    struct inbox_object *self = as_inbox(object);
    if (!PyList_Check(messages)) {
        PyErr_SetString(PyExc_TypeError, "a list of messages, please");
        return NULL;
    }
    Py_ssize_t more = PyList_GET_SIZE(messages);
    if (make_room(self, (size_t)more) != 0)
        return NULL;
    for (Py_ssize_t i = 0; i < more; i++) {
        *place(self, self->count) = new_ref(PyList_GET_ITEM(messages, i));
        self->count++;
    }
    if (self->is_full || self->count < self->high)
        Py_RETURN_NONE;
    self->is_full = true;
    return PyObject_CallNoArgs(self->on_high);
}

static PyMethodDef methods[] = {
    {"take", inbox_take, METH_NOARGS, take_doc},
    {"extend", inbox_extend, METH_O, extend_doc},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc,
     "Inbox(wait, on_high, on_low, high)\n--\n\n"
     "Messages that wait for a coroutine. wait() gives an awaitable of one\n"
     "when none is there; on_high() is called at `high` messages, on_low()\n"
     "after that at half as many."},
    {Py_tp_new, inbox_new},
    {Py_tp_dealloc, inbox_dealloc},
    {Py_tp_traverse, inbox_traverse},
    {Py_tp_clear, inbox_clear},
    {Py_tp_methods, methods},
    {Py_sq_length, inbox_length},
    {Py_am_aiter, PyObject_SelfIter},
    {Py_am_anext, inbox_anext},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "hawser._hawser.Inbox",
    .basicsize = sizeof(struct inbox_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .slots = slots,
};

PyTypeObject *inbox_type_new(PyObject *module)
{
    next_type =
        (PyTypeObject *)PyType_FromModuleAndSpec(module, &next_spec, NULL);
    if (!next_type)
        return NULL;
    return (PyTypeObject *)PyType_FromModuleAndSpec(module, &spec, NULL);
}
