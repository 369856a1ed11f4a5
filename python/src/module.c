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
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "hawser._hawser",
    .m_doc = "The hawser library: loop, client, watch, timer.",
    .m_size = -1,
    .m_methods = methods,
};

static int add(PyObject *module, const char *name, void *object)
{
    return object ? PyModule_AddObjectRef(module, name, object) : -1;
}

static int fill(PyObject *module)
{
    hawser_error = PyErr_NewExceptionWithDoc(
        "hawser.Error",
        "What went wrong, and where: status, phase, os_error, tls_error,\n"
        "tls_verify, http_status, close_code, peer.",
        NULL, NULL);
    hawser_loop_type = loop_type_new(module);
    hawser_client_type = client_type_new(module);
    hawser_watch_type = watch_type_new(module);
    hawser_timer_type = timer_type_new(module);
    if (add(module, "Error", hawser_error) != 0 ||
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

PyMODINIT_FUNC PyInit__hawser(void);
PyMODINIT_FUNC PyInit__hawser(void)
{
    PyObject *module = PyModule_Create(&definition);
    if (module && fill(module) != 0)
        Py_CLEAR(module);
    return module;
}
