/*
 * hawser._hawser.Loan: the bytes of a wake-up's messages while memoryviews of
 * them are about. The loop's records lend their memory to one Loan; when all
 * is told and no view was kept it goes back to them, otherwise it stays with
 * the Loan until the last view is gone. So a view is never stale: the views
 * themselves are released after the callback, but what was sliced or exported
 * from one outlives that.
 */
#include "core.h"

struct loan_object {
    PyObject_HEAD uint8_t *bytes; /* owned */
    size_t at, size;              /* what the next view will show */
};

PyTypeObject *hawser_loan_type;

static struct loan_object *as_loan(PyObject *self)
{
    return (struct loan_object *)self;
}

static void loan_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyMem_RawFree(as_loan(self)->bytes);
    type->tp_free(self);
    Py_DECREF(type);
}

static int loan_show(PyObject *self, Py_buffer *view, int flags)
{
    const struct loan_object *loan = as_loan(self);
    return PyBuffer_FillInfo(view, self, loan->bytes + loan->at,
                             (Py_ssize_t)loan->size, 1, flags);
}

/* The loan of the records' present memory. */
static struct loan_object *present_loan(struct loop_object *loop)
{
    struct records *r = &loop->records;
    if (loop->loan && r->lent)
        return as_loan(loop->loan);
    Py_CLEAR(loop->loan); /* the records have moved on to other memory */
    if (!r->bytes && records_keep(r, "", 1) == SIZE_MAX) {
        PyErr_NoMemory();
        return NULL;
    }
    loop->loan = hawser_loan_type->tp_alloc(hawser_loan_type, 0);
    if (!loop->loan)
        return NULL;
    as_loan(loop->loan)->bytes = r->bytes;
    r->lent = true;
    return as_loan(loop->loan);
}

PyObject *loan_view(struct loop_object *loop, size_t at, size_t size)
{
    struct loan_object *loan = present_loan(loop);
    if (!loan)
        return NULL;
    loan->at = at;
    loan->size = size;
    return PyMemoryView_FromObject((PyObject *)loan);
}

void loan_end(struct loop_object *loop)
{
    if (!loop->loan)
        return;
    if (loop->records.lent && Py_REFCNT(loop->loan) == 1) {
        as_loan(loop->loan)->bytes = NULL;
        loop->records.lent = false;
    }
    Py_CLEAR(loop->loan);
}

static PyType_Slot slots[] = {
    {Py_tp_doc, "The memory behind borrowed messages."},
    {Py_tp_dealloc, loan_dealloc},
    {Py_bf_getbuffer, loan_show},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "hawser._hawser.Loan",
    .basicsize = sizeof(struct loan_object),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = slots,
};

PyTypeObject *loan_type_new(PyObject *module)
{
    return (PyTypeObject *)PyType_FromModuleAndSpec(module, &spec, NULL);
}
