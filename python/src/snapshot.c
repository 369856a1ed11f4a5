/*
 * A snapshot of health as a dict: its names are the library's, times in
 * seconds, None where nothing is known.
 */
#include "core.h"

#define AT(member) offsetof(struct hws_snapshot, member)

static const struct {
    const char *name;
    size_t at;
} counts[] = {
    {"connections", AT(connections)},
    {"attempts", AT(attempts)},
    {"failures", AT(failures)},
    {"messages_in", AT(messages_in)},
    {"messages_out", AT(messages_out)},
    {"bytes_in", AT(bytes_in)},
    {"bytes_out", AT(bytes_out)},
    {"reads", AT(reads)},
    {"writes", AT(writes)},
    {"pings_in", AT(pings_in)},
    {"pongs_in", AT(pongs_in)},
    {"pings_out", AT(pings_out)},
    {"unsent_messages", AT(unsent_messages)},
    {"wakeups", AT(wakeups)},
    {"idle_wakeups", AT(idle_wakeups)},
    {"lag_count", AT(lag_count)},
    {"lag_missing", AT(lag_missing)},
};

static const struct {
    const char *name;
    size_t at;
} times[] = {
    {"at", AT(at)},
    {"up_since", AT(up_since)},
    {"last_byte_at", AT(last_byte_at)},
    {"last_message_at", AT(last_message_at)},
    {"round_trip_last", AT(round_trip_last)},
    {"round_trip_min", AT(round_trip_min)},
    {"round_trip_smooth", AT(round_trip_smooth)},
    {"callback_total", AT(callback_total)},
    {"callback_max", AT(callback_max)},
};

/* Known only once a lag was measured. */
static const struct {
    const char *name;
    size_t at;
} lags[] = {
    {"lag_last", AT(lag_last)}, {"lag_min", AT(lag_min)},
    {"lag_max", AT(lag_max)},   {"lag_p50", AT(lag_p50)},
    {"lag_p99", AT(lag_p99)},
};

#define EACH(list, i) \
    for (size_t i = 0; i < sizeof(list) / sizeof((list)[0]); i++)

static int set(PyObject *dict, const char *name, PyObject *value)
{
    int status = value ? PyDict_SetItemString(dict, name, value) : -1;
    Py_XDECREF(value);
    return status;
}

/* {"queue": {"count": 7, "last": 0.001, ...}, ...} */
static PyObject *stage_object(const struct hws_stage_lag *lag)
{
    return Py_BuildValue("{s:K,s:N,s:N,s:N,s:N}", "count",
                         (unsigned long long)lag->count, "last",
                         time_to(lag->count ? lag->last : HWS_NEVER), "p50",
                         time_to(lag->count ? lag->p50 : HWS_NEVER), "p99",
                         time_to(lag->count ? lag->p99 : HWS_NEVER), "max",
                         time_to(lag->count ? lag->max : HWS_NEVER));
}

static PyObject *stages_object(const struct hws_snapshot *s)
{
    PyObject *stages = PyDict_New();
    int status = stages ? 0 : -1;
    for (unsigned i = 0; status == 0 && i < HWS_STAGES; i++)
        status = set(stages, hws_stage_name((enum hws_stage)i),
                     stage_object(&s->stages[i]));
    if (status != 0)
        Py_CLEAR(stages);
    return stages;
}

static int fill_verdict(PyObject *dict, const struct hws_snapshot *s)
{
    int status = set(dict, "stages", stages_object(s));
    status |= set(dict, "clock_offset", time_to(s->clock_offset));
    status |= set(dict, "verdict",
                  PyUnicode_FromString(hws_verdict_name(s->verdict)));
    return status |
           set(dict, "verdict_text", PyUnicode_FromString(s->verdict_text));
}

/* -1 is unknown: None. */
static PyObject *known(int64_t value)
{
    if (value < 0)
        Py_RETURN_NONE;
    return PyLong_FromLongLong(value);
}

static PyObject *path_object(const struct hws_path *p)
{
    return Py_BuildValue(
        "{s:N,s:N,s:N,s:N,s:N,s:N}", "round_trip", time_to(p->round_trip),
        "round_trip_min", time_to(p->round_trip_min), "retransmits",
        known(p->retransmits), "unacknowledged", known(p->unacknowledged),
        "receive_window", known(p->receive_window), "delivery_rate",
        known(p->delivery_rate));
}

static int fill_queues(PyObject *dict, const struct hws_snapshot *s)
{
    int status =
        set(dict, "receive_queue", PyLong_FromSize_t(s->receive_queue));
    status |= set(dict, "tls_pending", PyLong_FromSize_t(s->tls_pending));
    status |=
        set(dict, "decoder_backlog", PyLong_FromSize_t(s->decoder_backlog));
    status |= set(dict, "send_queue", PyLong_FromSize_t(s->send_queue));
    status |= set(dict, "kernel_send_queue", known(s->kernel_send_queue));
    return status | set(dict, "path", path_object(&s->path));
}

static int fill(PyObject *dict, const struct hws_snapshot *s)
{
    const char *base = (const char *)s;
    int status = 0;
    EACH(counts, i)
    status |= set(
        dict, counts[i].name,
        PyLong_FromUnsignedLongLong(*(const uint64_t *)(base + counts[i].at)));
    EACH(times, i)
    status |= set(dict, times[i].name,
                  time_to(*(const hws_time *)(base + times[i].at)));
    EACH(lags, i)
    status |= set(dict, lags[i].name,
                  time_to(s->lag_count ? *(const int64_t *)(base + lags[i].at)
                                       : HWS_NEVER));
    status |= set(dict, "message_rate", PyFloat_FromDouble(s->message_rate));
    status |= fill_queues(dict, s);
    status |= set(dict, "memory", PyLong_FromSize_t(s->memory));
    status |= fill_verdict(dict, s);
    if (s->last_fault->status == HWS_OK)
        return status | PyDict_SetItemString(dict, "last_fault", Py_None);
    return status | set(dict, "last_fault", fault_object(s->last_fault));
}

PyObject *snapshot_object(const struct hws_snapshot *snapshot)
{
    PyObject *dict = PyDict_New();
    if (dict && fill(dict, snapshot) != 0)
        Py_CLEAR(dict);
    return dict;
}
