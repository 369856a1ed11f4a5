/*
 * What happened, first as records (without the interpreter), then as calls of
 * Python. A client's handler is called as handler(kind, payload):
 *
 *     "messages", "part"  as message.c has them
 *     "up"        dict: subprotocol, head, peer, attempt, connection,
 *                 redirects
 *     "redirect"  (HTTP status, URL, count, seconds until it is followed)
 *     "warning"   str: what is wrong and does not end the connection
 *     "ping"      (bytes, None)
 *     "pong"      (bytes, round trip in seconds or None)
 *     "closing"   (by, code, reason)
 *     "down"      dict: fault, by, sent_code, received_code, reason, was_up,
 *                 clean, truncated, final, retry_in, unsent, head, body
 *     "high_water", "low_water"  bytes queued
 */
#include "core.h"

struct event_detail {
    struct hws_event event; /* its spans lie in the records, at these places */
    size_t at[3];
    struct hws_fault fault;
    char peer[64];
};

/* ---- noting */

/* The borrowed bytes of an event, in one order. */
static size_t spans_of(const struct hws_event *e, struct hws_span spans[3])
{
    switch (e->kind) {
    case HWS_UP:
        spans[0] = e->up.subprotocol;
        spans[1] = e->up.head;
        return 2;
    case HWS_REDIRECT: /* with its NUL, for its size is not kept */
        spans[0] = hws_span_text(e->redirect.url);
        spans[0].size++;
        return 1;
    case HWS_WARNING:
        spans[0] = hws_span_text(e->warning.fault->text);
        spans[0].size++;
        return 1;
    case HWS_VERDICT:
        spans[0] = hws_span_text(e->verdict.text);
        spans[0].size++;
        return 1;
    case HWS_STALE:
    case HWS_FRESH:
        spans[0] = e->stale.channel;
        return 1;
    case HWS_PING:
    case HWS_PONG:
        spans[0] = e->control.data;
        return 1;
    case HWS_CLOSING:
        spans[0] = e->closing.reason;
        return 1;
    case HWS_DOWN:
        spans[0] = e->down.reason;
        spans[1] = e->down.head;
        spans[2] = e->down.body;
        return 3;
    default:
        return 0;
    }
}

static struct event_detail *detail_new(struct records *r,
                                       const struct hws_event *e)
{
    struct hws_span spans[3];
    struct event_detail *d = PyMem_RawCalloc(1, sizeof(*d));
    if (!d)
        return NULL;
    d->event = *e;
    size_t count = spans_of(e, spans);
    for (size_t i = 0; i < count; i++)
        d->at[i] = records_keep(r, spans[i].data, spans[i].size);
    if (e->kind == HWS_DOWN)
        d->fault = *e->down.fault;
    if (e->kind == HWS_UP)
        snprintf(d->peer, sizeof(d->peer), "%s", e->up.peer);
    return d;
}

void event_note(struct client_object *client, const struct hws_event *event)
{
    struct records *r = &client->loop->records;
    if (event->kind == HWS_MESSAGE) {
        message_note(client, event);
        return;
    }
    struct event_detail *detail = detail_new(r, event);
    struct record *record = detail ? records_add(r, NULL, 0) : NULL;
    if (!record || r->lost) {
        r->lost = true;
        PyMem_RawFree(detail);
        return;
    }
    record->kind = RECORD_EVENT;
    record->target = client;
    record->detail = detail;
}

/* ---- telling */

static PyObject *bytes_at(const struct records *r, size_t at, size_t size)
{
    return PyBytes_FromStringAndSize((const char *)r->bytes + at,
                                     (Py_ssize_t)size);
}

static PyObject *text_at(const struct records *r, size_t at, size_t size)
{
    return PyUnicode_DecodeUTF8((const char *)r->bytes + at, (Py_ssize_t)size,
                                "replace");
}

static const char *party_name(enum hws_party party)
{
    static const char *const names[] = {"none", "local", "peer", "network"};
    return names[party];
}

static PyObject *up_payload(const struct records *r,
                            const struct event_detail *d)
{
    const struct hws_event *e = &d->event;
    return Py_BuildValue("{s:N,s:N,s:s,s:I,s:I,s:I}", "subprotocol",
                         text_at(r, d->at[0], e->up.subprotocol.size), "head",
                         bytes_at(r, d->at[1], e->up.head.size), "peer",
                         d->peer, "attempt", e->up.attempt, "connection",
                         e->up.connection, "redirects", e->up.redirects);
}

static PyObject *down_payload(const struct records *r,
                              const struct event_detail *d)
{
    const struct hws_event *e = &d->event;
    hws_time retry = e->down.retry_at;
    if (retry != HWS_NEVER)
        retry = retry > e->at ? retry - e->at : 0;
    return Py_BuildValue(
        "{s:N,s:s,s:i,s:i,s:N,s:N,s:N,s:N,s:N,s:N,s:K,s:N,s:N}", "fault",
        fault_object(&d->fault), "by", party_name(e->down.by), "sent_code",
        (int)e->down.sent_code, "received_code", (int)e->down.received_code,
        "reason", text_at(r, d->at[0], e->down.reason.size), "was_up",
        PyBool_FromLong(e->down.was_up), "clean",
        PyBool_FromLong(e->down.clean), "truncated",
        PyBool_FromLong(e->down.truncated), "final",
        PyBool_FromLong(e->down.final), "retry_in", time_to(retry), "unsent",
        (unsigned long long)e->down.unsent_messages, "head",
        bytes_at(r, d->at[1], e->down.head.size), "body",
        bytes_at(r, d->at[2], e->down.body.size));
}

static PyObject *redirect_payload(const struct records *r,
                                  const struct event_detail *d)
{
    const struct hws_event *e = &d->event;
    hws_time wait = e->redirect.retry_at - e->at;
    return Py_BuildValue("(isIN)", e->redirect.http_status,
                         (const char *)r->bytes + d->at[0], e->redirect.count,
                         time_to(wait > 0 ? wait : 0));
}

/* Which channel, None for all of them, and how long nothing came. */
static PyObject *stale_payload(const struct records *r,
                               const struct event_detail *d)
{
    const struct hws_event *e = &d->event;
    PyObject *silence = time_to(e->at - e->stale.since);
    if (e->stale.channel.size == 0)
        return Py_BuildValue("(ON)", Py_None, silence);
    return Py_BuildValue("(NN)", text_at(r, d->at[0], e->stale.channel.size),
                         silence);
}

static PyObject *verdict_payload(const struct records *r,
                                 const struct event_detail *d)
{
    const struct hws_event *e = &d->event;
    return Py_BuildValue("(sss)", hws_verdict_name(e->verdict.now),
                         hws_verdict_name(e->verdict.before),
                         (const char *)r->bytes + d->at[0]);
}

/* What, whether it is raised, the value and its limit: seconds, bytes, or
 * wake-ups a second. */
static PyObject *alarm_payload(const struct event_detail *d)
{
    const struct hws_event *e = &d->event;
    bool is_time = e->alarm.what == HWS_ALARM_LAG;
    PyObject *value =
        is_time ? time_to(e->alarm.value) : PyLong_FromLongLong(e->alarm.value);
    PyObject *limit =
        is_time ? time_to(e->alarm.limit) : PyLong_FromLongLong(e->alarm.limit);
    return Py_BuildValue("(sNNN)", hws_alarm_name(e->alarm.what),
                         PyBool_FromLong(e->alarm.raised), value, limit);
}

static PyObject *event_payload(const struct records *r,
                               const struct event_detail *d)
{
    const struct hws_event *e = &d->event;
    switch (e->kind) {
    case HWS_UP:
        return up_payload(r, d);
    case HWS_DOWN:
        return down_payload(r, d);
    case HWS_REDIRECT:
        return redirect_payload(r, d);
    case HWS_WARNING:
        return PyUnicode_FromString((const char *)r->bytes + d->at[0]);
    case HWS_VERDICT:
        return verdict_payload(r, d);
    case HWS_ALARM:
        return alarm_payload(d);
    case HWS_STALE:
    case HWS_FRESH:
        return stale_payload(r, d);
    case HWS_PING:
    case HWS_PONG:
        return Py_BuildValue("(NN)",
                             bytes_at(r, d->at[0], e->control.data.size),
                             time_to(e->control.round_trip));
    case HWS_CLOSING:
        return Py_BuildValue("(siN)", party_name(e->closing.by),
                             (int)e->closing.code,
                             text_at(r, d->at[0], e->closing.reason.size));
    default:
        return PyLong_FromSize_t(e->water.queued);
    }
}

int handler_call(const struct client_object *client, const char *kind,
                 PyObject *payload)
{
    PyObject *handler = client->handler;
    if (!payload)
        return -1;
    if (!is_callback(handler)) {
        Py_DECREF(payload);
        return 0;
    }
    Py_INCREF(handler);
    PyObject *result = PyObject_CallFunction(handler, "sN", kind, payload);
    Py_DECREF(handler);
    Py_XDECREF(result);
    return result ? 0 : -1;
}

static int tell_event(struct client_object *client, const struct record *record)
{
    const struct event_detail *d = record->detail;
    PyObject *payload = event_payload(&client->loop->records, d);
    const char *kind = hws_event_name(d->event.kind);
    if (d->event.kind == HWS_HIGH_WATER)
        kind = "high_water";
    else if (d->event.kind == HWS_LOW_WATER)
        kind = "low_water";
    if (d->event.kind == HWS_DOWN && d->event.down.final)
        let_go((PyObject *)client, &client->is_held);
    PyMem_RawFree(record->detail);
    return handler_call(client, kind, payload);
}

static int tell_ready(struct watch_object *watch, unsigned ready)
{
    ready &= watch->watch.interest;
    if (!ready)
        return 0;
    PyObject *result = PyObject_CallFunction(watch->callback, "I", ready);
    Py_XDECREF(result);
    return result ? 0 : -1;
}

static int tell_due(struct timer_object *timer, unsigned arming)
{
    if (timer->armings != arming)
        return 0;
    let_go((PyObject *)timer, &timer->is_held);
    PyObject *result = PyObject_CallNoArgs(timer->callback);
    Py_XDECREF(result);
    return result ? 0 : -1;
}

static int tell_call(struct loop_object *loop)
{
    PyObject *callable = PyList_GetItem(loop->posted, 0);
    if (!callable)
        return -1;
    Py_INCREF(callable);
    PySequence_DelItem(loop->posted, 0);
    PyObject *result = PyObject_CallNoArgs(callable);
    Py_DECREF(callable);
    Py_XDECREF(result);
    return result ? 0 : -1;
}

static int tell(const struct record *record)
{
    switch (record->kind) {
    case RECORD_MESSAGE:
        return message_tell(record->target, record);
    case RECORD_EVENT:
        return tell_event(record->target, record);
    case RECORD_READY:
        return tell_ready(record->target, record->number);
    case RECORD_DUE:
        return tell_due(record->target, record->number);
    case RECORD_CALL:
        return tell_call(record->target);
    default:
        return 0;
    }
}

int record_dispatch(const struct record *record)
{
    struct record copy = *record; /* the list may move while Python runs */
    PyObject *target = copy.kind == RECORD_TAKEN ? NULL : copy.target;
    Py_XINCREF(target);
    int status = tell(&copy);
    Py_XDECREF(target);
    return status;
}
