/*
 * hawser._hawser.Loop: the library's dispatcher, turned by Python.
 */
#include "core.h"

PyTypeObject *hawser_loop_type;

static struct loop_object *as_loop(PyObject *self)
{
    return (struct loop_object *)self;
}

static bool is_open(const struct loop_object *self)
{
    if (!self->loop)
        PyErr_SetString(PyExc_RuntimeError, "the loop is closed");
    return self->loop != NULL;
}

static PyObject *loop_new(PyTypeObject *type, PyObject *arguments,
                          PyObject *keywords)
{
    static char *names[] = {"poller", NULL};
    const char *poller = NULL;
    struct hws_fault fault;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "|z:Loop", names,
                                     &poller))
        return NULL;
    PyObject *self = type->tp_alloc(type, 0);
    if (!self)
        return NULL;
    as_loop(self)->posted = PyList_New(0);
    as_loop(self)->loop = hws_loop_new(poller, &fault);
    if (!as_loop(self)->loop) {
        Py_DECREF(self);
        return fault_raise(&fault);
    }
    return self;
}

/* Clients, watches and timers hold the loop: when it goes, none is left. */
static void loop_close(struct loop_object *self)
{
    struct hws_loop *loop = self->loop;
    self->loop = NULL;
    if (loop)
        hws_loop_free(loop);
    records_release(&self->records);
    Py_CLEAR(self->loan);
}

static void loop_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    loop_close(as_loop(self));
    Py_XDECREF(as_loop(self)->posted);
    type->tp_free(self);
    Py_DECREF(type);
}

/* ---- turning */

static int dispatch(struct loop_object *self)
{
    const struct record *record;
    int status = 0;
    hws_batch_begin(self->loop);
    while (status == 0 && (record = records_take(&self->records)) != NULL) {
        status = record_dispatch(record);
        if (records_empty(&self->records))
            loan_end(self);
    }
    hws_batch_end(self->loop);
    return status;
}

static int turn(struct loop_object *self, hws_time deadline)
{
    int status;
    self->turning = true;
    self->thread = PyThread_get_thread_ident();
    Py_BEGIN_ALLOW_THREADS;
    status = hws_loop_run_once(self->loop, deadline);
    Py_END_ALLOW_THREADS;
    self->turning = false;
    return status;
}

PyDoc_STRVAR(
    turn_doc,
    "turn($self, timeout=None, /)\n--\n\n"
    "Wait until something happens, `timeout` seconds at the longest (None: no\n"
    "limit; 0: do not wait), and call back about all that happened. True when\n"
    "anything did. An exception of a callback is raised here; what it kept\n"
    "from being told is told by the next turn. The interpreter is released\n"
    "while waiting, reading, decrypting and parsing.");

static PyObject *loop_turn(PyObject *object, PyObject *arguments)
{
    struct loop_object *self = as_loop(object);
    PyObject *timeout = Py_None;
    hws_time deadline;
    if (!PyArg_ParseTuple(arguments, "|O:turn", &timeout) || !is_open(self) ||
        !time_from(timeout, &deadline))
        return NULL;
    if (self->turning)
        return status_raise(HWS_E_STATE, "the loop turns on another thread");
    if (!records_empty(&self->records))
        deadline = 0;
    if (deadline != HWS_NEVER)
        deadline += hws_clock_now(HWS_CLOCK_MONOTONIC);
    int status = turn(self, deadline);
    if (status)
        return status_raise(status, "the loop cannot run");
    if (self->records.lost) {
        self->records.lost = false;
        return PyErr_NoMemory();
    }
    bool any = !records_empty(&self->records);
    if (PyErr_CheckSignals() != 0 || dispatch(self) != 0)
        return NULL;
    return PyBool_FromLong(any);
}

/* ---- calls from other threads */

static bool turns_elsewhere(const struct loop_object *self)
{
    return self->turning && self->thread != PyThread_get_thread_ident();
}

bool loop_is_elsewhere(const struct loop_object *self)
{
    if (!turns_elsewhere(self))
        return false;
    PyErr_SetString(PyExc_RuntimeError,
                    "the loop turns on another thread: use its post()");
    return true;
}

static void run_posted(void *context)
{
    struct loop_object *self = context;
    struct record *record = records_add(&self->records, NULL, 0);
    if (!record)
        return;
    record->kind = RECORD_CALL;
    record->target = self;
}

PyDoc_STRVAR(post_doc,
             "post($self, callable, /)\n--\n\n"
             "Call `callable()` on the loop's thread, in the order of\n"
             "posting. From any thread; wakes the loop.");

static PyObject *loop_post(PyObject *object, PyObject *callable)
{
    struct loop_object *self = as_loop(object);
    if (!is_open(self))
        return NULL;
    if (PyList_Append(self->posted, callable) != 0)
        return NULL;
    int status = hws_loop_post(self->loop, run_posted, self);
    if (status == 0)
        Py_RETURN_NONE;
    PySequence_DelItem(self->posted, -1);
    return status_raise(status, "cannot post a call");
}

/* ---- inside another loop */

static PyObject *loop_fileno(PyObject *object, PyObject *nothing)
{
    (void)nothing;
    if (!is_open(as_loop(object)))
        return NULL;
    int fd = hws_loop_fd(as_loop(object)->loop);
    if (fd < 0)
        return status_raise(HWS_E_SUPPORT,
                            "this poller has no descriptor to watch");
    return PyLong_FromLong(fd);
}

static PyObject *loop_remaining(PyObject *object, PyObject *nothing)
{
    struct loop_object *self = as_loop(object);
    (void)nothing;
    if (!is_open(self))
        return NULL;
    if (!records_empty(&self->records))
        return PyFloat_FromDouble(0);
    hws_time deadline = hws_loop_deadline(self->loop);
    if (deadline == HWS_NEVER)
        return time_to(HWS_NEVER);
    hws_time delay = deadline - hws_clock_now(HWS_CLOCK_MONOTONIC);
    return time_to(delay > 0 ? delay : 0);
}

/* ---- questions */

static PyObject *loop_stats(PyObject *object, PyObject *nothing)
{
    struct loop_object *self = as_loop(object);
    struct hws_loop_stats stats;
    (void)nothing;
    if (!is_open(self))
        return NULL;
    hws_loop_get_stats(self->loop, &stats);
    return Py_BuildValue(
        "{s:K,s:K,s:K,s:K,s:N}", "turns", (unsigned long long)stats.turns,
        "idle_turns", (unsigned long long)stats.idle_turns, "ready",
        (unsigned long long)stats.ready, "due", (unsigned long long)stats.due,
        "busy", time_to(stats.busy));
}

static PyObject *loop_time(PyObject *object, PyObject *nothing)
{
    (void)object, (void)nothing;
    return time_to(hws_clock_now(HWS_CLOCK_MONOTONIC));
}

static PyObject *loop_elsewhere(PyObject *object, void *closure)
{
    (void)closure;
    return PyBool_FromLong(turns_elsewhere(as_loop(object)));
}

static PyObject *loop_poller(PyObject *object, void *closure)
{
    (void)closure;
    if (!is_open(as_loop(object)))
        return NULL;
    return PyUnicode_FromString(hws_loop_poller(as_loop(object)->loop));
}

static PyMethodDef methods[] = {
    {"turn", loop_turn, METH_VARARGS, turn_doc},
    {"post", loop_post, METH_O, post_doc},
    {"fileno", loop_fileno, METH_NOARGS,
     "A descriptor for another loop to watch: readable while a turn(0) would\n"
     "find something. Only \"epoll\" and \"kqueue\" have one."},
    {"remaining", loop_remaining, METH_NOARGS,
     "Seconds until a turn(0) is needed in any case, or None."},
    {"stats", loop_stats, METH_NOARGS,
     "What the loop has done: turns, idle_turns, ready, due, busy (s)."},
    {"time", loop_time, METH_NOARGS, "The loop's monotonic clock, in s."},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef members[] = {
    {"poller", loop_poller, NULL, "Name of the back end.", NULL},
    {"elsewhere", loop_elsewhere, NULL,
     "Whether it turns just now on another thread: then only post() it.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "Loop(poller=None)\n--\n\nAn event loop of the library."},
    {Py_tp_new, loop_new},
    {Py_tp_dealloc, loop_dealloc},
    {Py_tp_methods, methods},
    {Py_tp_getset, members},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "hawser._hawser.Loop",
    .basicsize = sizeof(struct loop_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = slots,
};

PyTypeObject *loop_type_new(PyObject *module)
{
    return (PyTypeObject *)PyType_FromModuleAndSpec(module, &spec, NULL);
}
