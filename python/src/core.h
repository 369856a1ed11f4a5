/*
 * What the files of the extension share. The extension is thin: it turns the
 * library's loop by hand, with the interpreter released, notes what happens as
 * records, and hands all records of one wake-up to Python under one
 * acquisition of the interpreter. No callback of the library runs Python code,
 * but for those that must answer at once (headers, a Python transport).
 */
#ifndef CORE_H
#define CORE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "hawser/hawser.h"

#include "records.h"

/* A loop and what its last turn brought. */
struct loop_object {
    PyObject_HEAD struct hws_loop *loop; /* NULL once closed */
    struct records records;
    PyObject *posted; /* list: callables that wait, one for each RECORD_CALL */
    PyObject *loan;   /* loan.c: who holds the records' bytes, or NULL */
    bool turning;     /* inside hws_loop_run_once() */
    unsigned long thread; /* that turns it */
};

/* A client. While it is open it holds a reference to itself, so that records
 * can name it; the final DOWN, or free(), gives that back. */
struct client_object {
    PyObject_HEAD struct loop_object *loop;
    struct hws_client *client; /* NULL once freed */
    PyObject *handler;         /* called with (kind, payload); NULL, None */
    PyObject *on_message;      /* called with each message; NULL, None */
    PyObject *on_messages;     /* called with lists of them; NULL, None */
    PyObject *on_headers;      /* callable or NULL */
    PyObject *on_link;         /* callable or NULL */
    PyObject *on_random;       /* callable or NULL */
    bool decodes;              /* text becomes str */
    bool borrows;              /* messages are views of our memory */
    bool has_opcodes;          /* messages come as (opcode, data) */
    bool is_held;
};

/* A descriptor that is watched. Holds itself while its interest is not 0. */
struct watch_object {
    PyObject_HEAD struct hws_watch watch; /* .interest is the loop's */
    struct loop_object *loop;
    PyObject *callback; /* called with the readiness */
    bool is_held;
};

/* A deadline. Holds itself while it is armed. */
struct timer_object {
    PyObject_HEAD struct hws_timer timer;
    struct loop_object *loop;
    PyObject *callback; /* called without arguments */
    unsigned armings;   /* tells a late record from a fresh one */
    bool is_held;
};

extern PyTypeObject *hawser_loop_type;
extern PyTypeObject *hawser_client_type;
extern PyTypeObject *hawser_watch_type;
extern PyTypeObject *hawser_timer_type;
extern PyTypeObject *hawser_loan_type;
extern PyTypeObject *hawser_inbox_type;
extern PyObject *hawser_error; /* the exception class */

PyTypeObject *loop_type_new(PyObject *module);
PyTypeObject *client_type_new(PyObject *module);
PyTypeObject *watch_type_new(PyObject *module);
PyTypeObject *timer_type_new(PyObject *module);
PyTypeObject *loan_type_new(PyObject *module);
PyTypeObject *inbox_type_new(PyObject *module);

/* fault.c: an instance of hawser.Error that says what `fault` says; or NULL. */
PyObject *fault_object(const struct hws_fault *fault);
/* Raise it. Always NULL. */
PyObject *fault_raise(const struct hws_fault *fault);
/* Raise hawser.Error for a bare status; `what` names the call. Always NULL. */
PyObject *status_raise(int status, const char *what);

/* time.c: seconds of Python and nanoseconds of the library. */
bool time_from(PyObject *seconds, hws_time *delay); /* None: HWS_NEVER */
PyObject *time_to(hws_time time);                   /* HWS_NEVER: None */

/* event.c: records as Python sees them. Returns 0, or -1 with an exception. */
int record_dispatch(const struct record *record);
/* Note an event of a client as a record. */
void event_note(struct client_object *client, const struct hws_event *event);
/* Call the client's handler, if it has one; `payload` is taken. */
int handler_call(const struct client_object *client, const char *kind,
                 PyObject *payload);

/* message.c: the same for messages. */
void message_note(struct client_object *client, const struct hws_event *event);
int message_tell(struct client_object *client, const struct record *record);

/* answer.c: have the library ask `client` for what it has callables for. */
void answers_set(struct client_object *client,
                 struct hws_client_options *options);

/* loan.c: a memoryview of the records' bytes; they live until nobody looks at
 * them any more. */
PyObject *loan_view(struct loop_object *loop, size_t at, size_t size);
/* All records were told: the bytes return, unless somebody has kept a view. */
void loan_end(struct loop_object *loop);

/* metrics.c: hawser.metrics(). */
PyObject *metrics_text(PyObject *module, PyObject *arguments,
                       PyObject *keywords);

/* options.c: keywords as options. What they point at lives as long as
 * `keywords` and `kept`, a list of things made on the way. */
int options_from(struct hws_client_options *options, PyObject *keywords,
                 PyObject *kept);

/* transport.c: a link over a Python object with a socket's methods. Takes a
 * reference. NULL with an exception. */
struct hws_link *transport_new(PyObject *socket);

/* snapshot.c */
PyObject *snapshot_object(const struct hws_snapshot *snapshot);

/* loop.c: whether the loop turns just now on another thread, so that nobody
 * here may touch what it watches. Raises. */
bool loop_is_elsewhere(const struct loop_object *loop);

static inline bool is_callback(const PyObject *object)
{
    return object && object != Py_None;
}

/* A new reference to the object, held on its own behalf; and back. */
static inline void hold(PyObject *object, bool *is_held)
{
    if (!*is_held)
        Py_INCREF(object);
    *is_held = true;
}
static inline void let_go(PyObject *object, bool *is_held)
{
    bool was_held = *is_held;
    *is_held = false;
    if (was_held)
        Py_DECREF(object);
}

#endif
