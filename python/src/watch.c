/*
 * hawser._hawser.Watch: interest in a descriptor.
 */
#include "core.h"

PyTypeObject *hawser_watch_type;

static struct watch_object *as_watch(PyObject *self)
{
    return (struct watch_object *)self;
}

static void on_ready(struct hws_watch *watch, unsigned ready, hws_time now)
{
    struct watch_object *self =
        (struct watch_object *)((char *)watch -
                                offsetof(struct watch_object, watch));
    struct record *record = records_add(&self->loop->records, NULL, 0);
    (void)now;
    if (!record)
        return;
    record->kind = RECORD_READY;
    record->target = self;
    record->number = ready;
}

static PyObject *watch_new(PyTypeObject *type, PyObject *arguments,
                           PyObject *keywords)
{
    PyObject *loop, *callback;
    (void)keywords;
    if (!PyArg_ParseTuple(arguments, "O!O:Watch", hawser_loop_type, &loop,
                          &callback))
        return NULL;
    PyObject *self = type->tp_alloc(type, 0);
    if (!self)
        return NULL;
    Py_INCREF(loop);
    Py_INCREF(callback);
    as_watch(self)->loop = (struct loop_object *)loop;
    as_watch(self)->callback = callback;
    as_watch(self)->watch.ready = on_ready;
    return self;
}

static int watch_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(as_watch(self)->callback);
    Py_VISIT(Py_TYPE(self));
    return 0;
}

static void watch_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_XDECREF(as_watch(self)->callback);
    Py_XDECREF(as_watch(self)->loop);
    type->tp_free(self);
    Py_DECREF(type);
}

PyDoc_STRVAR(set_doc,
             "set($self, fd, interest, /)\n--\n\n"
             "Call back while `fd` is ready for any of READ | WRITE in\n"
             "`interest`; 0 forgets it, which must come before it is closed.");

static PyObject *watch_set(PyObject *object, PyObject *arguments)
{
    struct watch_object *self = as_watch(object);
    int fd;
    unsigned interest;
    if (!PyArg_ParseTuple(arguments, "iI:set", &fd, &interest))
        return NULL;
    if (loop_is_elsewhere(self->loop))
        return NULL;
    if (!self->loop->loop)
        return status_raise(HWS_E_STATE, "the loop is closed");
    if (interest & ~(unsigned)(HWS_READ | HWS_WRITE)) {
        PyErr_SetString(PyExc_ValueError, "interest is READ, WRITE or both");
        return NULL;
    }
    int status = 0;
    if (interest != self->watch.interest || fd != self->watch.fd)
        status = hws_loop_watch(self->loop->loop, &self->watch, fd, interest);
    if (status)
        return status_raise(status, "cannot watch the descriptor");
    if (interest)
        hold(object, &self->is_held);
    else
        let_go(object, &self->is_held);
    if (!interest)
        records_forget(&self->loop->records, self);
    Py_RETURN_NONE;
}

static PyObject *watch_interest(PyObject *object, void *closure)
{
    (void)closure;
    return PyLong_FromUnsignedLong(as_watch(object)->watch.interest);
}

static PyMethodDef methods[] = {
    {"set", watch_set, METH_VARARGS, set_doc},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef members[] = {
    {"interest", watch_interest, NULL, "READ | WRITE, or 0.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "Watch(loop, callback)\n--\n\ncallback(ready) on readiness."},
    {Py_tp_new, watch_new},
    {Py_tp_dealloc, watch_dealloc},
    {Py_tp_traverse, watch_traverse},
    {Py_tp_methods, methods},
    {Py_tp_getset, members},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "hawser._hawser.Watch",
    .basicsize = sizeof(struct watch_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .slots = slots,
};

PyTypeObject *watch_type_new(PyObject *module)
{
    return (PyTypeObject *)PyType_FromModuleAndSpec(module, &spec, NULL);
}
