/*
 * hawser.metrics(): the health of clients as text for Prometheus.
 */
#include "core.h"

/* What one connection takes, and what they share (hawser/health.h). */
#define TEXT_EACH ((size_t)8192)
#define TEXT_MORE ((size_t)512 << 10)

/* The lines of `clients`, a dict; names live as long as it does. */
static bool fill(PyObject *clients, struct hws_metrics_line *lines,
                 struct hws_snapshot *snapshots)
{
    PyObject *name, *value;
    Py_ssize_t at = 0;
    for (size_t i = 0; PyDict_Next(clients, &at, &name, &value); i++) {
        const struct client_object *client = (struct client_object *)value;
        const char *text =
            PyUnicode_Check(name) ? PyUnicode_AsUTF8(name) : NULL;
        if (!text || !PyObject_TypeCheck(value, hawser_client_type)) {
            if (!PyErr_Occurred())
                PyErr_SetString(PyExc_TypeError,
                                "metrics: a dict of names and Clients, please");
            return false;
        }
        if (!client->client) {
            PyErr_Format(PyExc_RuntimeError, "the client '%s' was freed", text);
            return false;
        }
        if (loop_is_elsewhere(client->loop))
            return false;
        hws_client_snapshot(client->client, &snapshots[i]);
        lines[i].name = text;
        lines[i].url = hws_client_get_url(client->client);
        lines[i].snapshot = &snapshots[i];
    }
    return true;
}

static PyObject *written(enum hws_metrics_form form,
                         const struct hws_metrics_line *lines, size_t count)
{
    size_t size = TEXT_EACH * (count + 1) + TEXT_MORE;
    char *text = PyMem_Malloc(size);
    if (!text)
        return PyErr_NoMemory();
    int length = hws_metrics_write(form, lines, count, text, size);
    PyObject *result = length < 0
                           ? status_raise(length, "cannot write metrics")
                           : PyUnicode_DecodeUTF8(text, length, "replace");
    PyMem_Free(text);
    return result;
}

PyObject *metrics_text(PyObject *module, PyObject *arguments,
                       PyObject *keywords)
{
    static char *names[] = {"clients", "openmetrics", NULL};
    PyObject *clients;
    int is_open = 1;
    (void)module;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "O!|p:metrics", names,
                                     &PyDict_Type, &clients, &is_open))
        return NULL;
    size_t count = (size_t)PyDict_Size(clients);
    struct hws_metrics_line *lines = PyMem_Calloc(count + 1, sizeof(*lines));
    struct hws_snapshot *snapshots =
        PyMem_Calloc(count + 1, sizeof(*snapshots));
    PyObject *result = NULL;
    if (!lines || !snapshots)
        PyErr_NoMemory();
    else if (fill(clients, lines, snapshots))
        result = written(is_open ? HWS_METRICS_OPEN : HWS_METRICS_TEXT, lines,
                         count);
    PyMem_Free(lines);
    PyMem_Free(snapshots);
    return result;
}
