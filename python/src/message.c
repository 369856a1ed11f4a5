/*
 * Messages, first as records, then as calls of Python: of on_messages with a
 * list of all that came in a row, of on_message with each, or of the handler
 * as one of
 *
 *     "messages"  the list
 *     "part"      (data, opcode, first, last), with a chunk_size
 *
 * A message is bytes; str for text with decode=True; a memoryview with
 * borrow=True, released after the call; in a pair (opcode, message) with
 * opcodes=True.
 */
#include "core.h"

void message_note(struct client_object *client, const struct hws_event *e)
{
    struct record *record = records_add(
        &client->loop->records, e->message.data.data, e->message.data.size);
    if (!record)
        return;
    record->kind = RECORD_MESSAGE;
    record->target = client;
    record->opcode = e->message.opcode;
    record->first = e->message.first;
    record->last = e->message.last;
}

/* A view of the record's bytes, noted in `views`. */
static PyObject *borrowed(const struct client_object *client,
                          const struct record *record, PyObject *views)
{
    PyObject *view = loan_view(client->loop, record->at, record->size);
    if (view && PyList_Append(views, view) != 0)
        Py_CLEAR(view);
    return view;
}

static PyObject *data_object(const struct client_object *client,
                             const struct record *record, PyObject *views)
{
    const char *bytes = (const char *)client->loop->records.bytes + record->at;
    Py_ssize_t size = (Py_ssize_t)record->size;
    bool is_whole = record->first && record->last;
    if (views)
        return borrowed(client, record, views);
    if (record->opcode == HWS_TEXT && client->decodes && is_whole)
        return PyUnicode_DecodeUTF8(bytes, size, "replace");
    return PyBytes_FromStringAndSize(bytes, size);
}

static PyObject *message_object(const struct client_object *client,
                                const struct record *record, PyObject *views)
{
    PyObject *data = data_object(client, record, views);
    if (!data || !client->has_opcodes)
        return data;
    return Py_BuildValue("(iN)", (int)record->opcode, data);
}

/* The callback is over: its views show nothing any more. One that something
 * else is exported from stays. */
static void release_views(PyObject *views)
{
    static PyObject *release_name;
    PyObject *type, *value, *trace;
    if (!views)
        return;
    PyErr_Fetch(&type, &value, &trace);
    if (!release_name)
        release_name = PyUnicode_InternFromString("release");
    for (Py_ssize_t i = 0; release_name && i < PyList_GET_SIZE(views); i++) {
        PyObject *result =
            PyObject_CallMethodNoArgs(PyList_GET_ITEM(views, i), release_name);
        Py_XDECREF(result);
        if (!result)
            PyErr_Clear();
    }
    Py_DECREF(views);
    PyErr_Restore(type, value, trace);
}

/* This message and those that follow it directly, as one list. */
static PyObject *messages_object(struct client_object *client,
                                 const struct record *record, PyObject *views)
{
    struct records *r = &client->loop->records;
    PyObject *list = PyList_New(0);
    while (list) {
        PyObject *message = message_object(client, record, views);
        if (!message || PyList_Append(list, message) != 0)
            Py_CLEAR(list);
        Py_XDECREF(message);
        const struct record *next = records_peek(r);
        if (!list || !next || next->kind != RECORD_MESSAGE || !next->first ||
            !next->last || next->target != client)
            break;
        record = records_take(r);
    }
    return list;
}

static PyObject *part_object(const struct client_object *client,
                             const struct record *record, PyObject *views)
{
    PyObject *data = data_object(client, record, views);
    if (!data)
        return NULL;
    return Py_BuildValue("(NiNN)", data, (int)record->opcode,
                         PyBool_FromLong(record->first),
                         PyBool_FromLong(record->last));
}

/* Call with one argument, which is taken. */
static int call(PyObject *callback, PyObject *argument)
{
    if (!argument)
        return -1;
    Py_INCREF(callback);
    PyObject *result = PyObject_CallOneArg(callback, argument);
    Py_DECREF(callback);
    Py_DECREF(argument);
    Py_XDECREF(result);
    return result ? 0 : -1;
}

int message_tell(struct client_object *client, const struct record *record)
{
    PyObject *views = client->borrows ? PyList_New(0) : NULL;
    int status;
    if (client->borrows && !views)
        return -1;
    if (!record->first || !record->last)
        status =
            handler_call(client, "part", part_object(client, record, views));
    else if (is_callback(client->on_messages))
        status =
            call(client->on_messages, messages_object(client, record, views));
    else if (is_callback(client->on_message))
        status =
            call(client->on_message, message_object(client, record, views));
    else
        status = handler_call(client, "messages",
                              messages_object(client, record, views));
    release_views(views);
    return status;
}
