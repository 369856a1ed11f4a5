/*
 * hawser._hawser.Timer: one deadline.
 */
#include "core.h"

PyTypeObject *hawser_timer_type;

static struct timer_object *as_timer(PyObject *self)
{
    return (struct timer_object *)self;
}

static void on_due(struct hws_timer *timer, hws_time now)
{
    struct timer_object *self =
        (struct timer_object *)((char *)timer -
                                offsetof(struct timer_object, timer));
    struct record *record = records_add(&self->loop->records, NULL, 0);
    (void)now;
    if (!record)
        return;
    record->kind = RECORD_DUE;
    record->target = self;
    record->number = self->armings;
}

static PyObject *timer_new(PyTypeObject *type, PyObject *arguments,
                           PyObject *keywords)
{
    PyObject *loop, *callback;
    (void)keywords;
    if (!PyArg_ParseTuple(arguments, "O!O:Timer", hawser_loop_type, &loop,
                          &callback))
        return NULL;
    PyObject *self = type->tp_alloc(type, 0);
    if (!self)
        return NULL;
    Py_INCREF(loop);
    Py_INCREF(callback);
    as_timer(self)->loop = (struct loop_object *)loop;
    as_timer(self)->callback = callback;
    as_timer(self)->timer.due = on_due;
    as_timer(self)->timer.deadline = HWS_NEVER;
    return self;
}

static int timer_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(as_timer(self)->callback);
    Py_VISIT(Py_TYPE(self));
    return 0;
}

static void timer_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_XDECREF(as_timer(self)->callback);
    Py_XDECREF(as_timer(self)->loop);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *arm(struct timer_object *self, hws_time deadline)
{
    if (loop_is_elsewhere(self->loop))
        return NULL;
    if (!self->loop->loop)
        return status_raise(HWS_E_STATE, "the loop is closed");
    int status = hws_loop_timer(self->loop->loop, &self->timer, deadline);
    if (status)
        return status_raise(status, "cannot arm the timer");
    self->armings++;
    if (deadline == HWS_NEVER) {
        records_forget(&self->loop->records, self);
        let_go((PyObject *)self, &self->is_held);
    } else {
        hold((PyObject *)self, &self->is_held);
    }
    Py_RETURN_NONE;
}

PyDoc_STRVAR(after_doc,
             "after($self, delay, /)\n--\n\n"
             "Call back once, `delay` seconds from now; an earlier\n"
             "arming is forgotten. None disarms.");

static PyObject *timer_after(PyObject *object, PyObject *delay)
{
    hws_time deadline;
    if (!time_from(delay, &deadline))
        return NULL;
    if (deadline != HWS_NEVER)
        deadline += hws_clock_now(HWS_CLOCK_MONOTONIC);
    return arm(as_timer(object), deadline);
}

static PyObject *timer_cancel(PyObject *object, PyObject *nothing)
{
    (void)nothing;
    return arm(as_timer(object), HWS_NEVER);
}

static PyObject *timer_armed(PyObject *object, void *closure)
{
    (void)closure;
    return PyBool_FromLong(as_timer(object)->is_held);
}

static PyMethodDef methods[] = {
    {"after", timer_after, METH_O, after_doc},
    {"cancel", timer_cancel, METH_NOARGS, "Disarm."},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef members[] = {
    {"armed", timer_armed, NULL, "Whether it waits to be called.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "Timer(loop, callback)\n--\n\ncallback() when due."},
    {Py_tp_new, timer_new},
    {Py_tp_dealloc, timer_dealloc},
    {Py_tp_traverse, timer_traverse},
    {Py_tp_methods, methods},
    {Py_tp_getset, members},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "hawser._hawser.Timer",
    .basicsize = sizeof(struct timer_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .slots = slots,
};

PyTypeObject *timer_type_new(PyObject *module)
{
    return (PyTypeObject *)PyType_FromModuleAndSpec(module, &spec, NULL);
}
