/*
 * hawser._hawser: the library for Python, as thin as it can be. The package
 * above it gives it the shapes that people use.
 */
#include "core.h"

static PyObject *version(PyObject *self, PyObject *nothing)
{
    (void)self, (void)nothing;
    return PyUnicode_FromString(hws_version());
}

static PyObject *pollers(PyObject *self, PyObject *nothing)
{
    PyObject *list = PyList_New(0);
    (void)self, (void)nothing;
    for (const char *const *p = hws_loop_pollers(); list && *p; p++) {
        PyObject *name = PyUnicode_FromString(*p);
        if (!name || PyList_Append(list, name) != 0)
            Py_CLEAR(list);
        Py_XDECREF(name);
    }
    return list;
}

static PyMethodDef methods[] = {
    {"version", version, METH_NOARGS, "Version of the library."},
    {"pollers", pollers, METH_NOARGS, "Back ends of a loop, best first."},
    {"metrics", (PyCFunction)(void (*)(void))metrics_text,
     METH_VARARGS | METH_KEYWORDS,
     "metrics($module, clients, openmetrics=True)\n--\n\n"
     "The health of `clients`, a dict of names and Clients, as a text in\n"
     "OpenMetrics 1.0, or in Prometheus' own format. docs/METRICS.md has the\n"
     "names. Loop's thread only."},
    {NULL, NULL, 0, NULL},
};

/* The module has a reference of its own. (PyModule_AddObjectRef() is of 3.10.)
 */
static int add(PyObject *module, const char *name, void *object)
{
    if (!object)
        return -1;
    Py_INCREF((PyObject *)object);
    if (PyModule_AddObject(module, name, object) == 0)
        return 0;
    Py_DECREF((PyObject *)object);
    return -1;
}

/* Types are made once, whatever becomes of the module: objects of theirs may
 * outlive it. */
static void make_types(PyObject *module)
{
    if (hawser_error)
        return;
    hawser_error = PyErr_NewExceptionWithDoc(
        "hawser.Error",
        "What went wrong, and where: status, phase, os_error, tls_error,\n"
        "tls_verify, http_status, close_code, peer.",
        NULL, NULL);
    hawser_loop_type = loop_type_new(module);
    hawser_client_type = client_type_new(module);
    hawser_watch_type = watch_type_new(module);
    hawser_timer_type = timer_type_new(module);
    hawser_loan_type = loan_type_new(module);
    hawser_inbox_type = inbox_type_new(module);
}

static int fill(PyObject *module)
{
    if (PyInterpreterState_Get() != PyInterpreterState_Main()) {
        PyErr_SetString(PyExc_ImportError,
                        "hawser: not for subinterpreters; import it in the "
                        "main interpreter, or use a process for each");
        return -1;
    }
    make_types(module);
    if (!hawser_loan_type || add(module, "Inbox", hawser_inbox_type) != 0 ||
        add(module, "Error", hawser_error) != 0 ||
        add(module, "Loop", hawser_loop_type) != 0 ||
        add(module, "Client", hawser_client_type) != 0 ||
        add(module, "Watch", hawser_watch_type) != 0 ||
        add(module, "Timer", hawser_timer_type) != 0)
        return -1;
    return PyModule_AddIntConstant(module, "READ", HWS_READ) |
           PyModule_AddIntConstant(module, "WRITE", HWS_WRITE) |
           PyModule_AddIntConstant(module, "TEXT", HWS_TEXT) |
           PyModule_AddIntConstant(module, "BINARY", HWS_BINARY);
}

/* In two phases, so that fill() is asked in each interpreter. */
static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, fill},
#if PY_VERSION_HEX >= 0x030c0000
    {Py_mod_multiple_interpreters, Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED},
#endif
    {0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "hawser._hawser",
    .m_doc = "The hawser library: loop, client, watch, timer.",
    .m_methods = methods,
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit__hawser(void);
PyMODINIT_FUNC PyInit__hawser(void)
{
    return PyModuleDef_Init(&definition);
}
