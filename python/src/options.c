/*
 * Keywords of Python as options of the library, by one table. Names are the
 * library's; a member of a struct has an underscore for its dot, such as
 * retry_delay_max.
 */
#include "core.h"

enum kind { TEXT, TEXTS, HEADERS, OPENINGS, TIME, SIZE, UNSIGNED, INT, BOOL };

#define AT(member) offsetof(struct hws_client_options, member)

static const struct option {
    const char *name;
    enum kind kind;
    size_t at;
} options_known[] = {
    {"url", TEXT, AT(url)},
    {"urls", TEXTS, AT(urls)},
    {"return_delay", TIME, AT(return_delay)},
    {"headers", HEADERS, AT(headers)},
    {"subprotocols", TEXTS, AT(subprotocols)},
    {"login_user", TEXT, AT(login.user)},
    {"login_password", TEXT, AT(login.password)},
    {"login_bearer", TEXT, AT(login.bearer)},
    {"redirects_max", UNSIGNED, AT(redirects.max)},
    {"redirects_insecure", BOOL, AT(redirects.insecure)},
    {"redirects_trusted", BOOL, AT(redirects.trusted)},
    {"openings", OPENINGS, AT(openings)},
    {"message_size_max", SIZE, AT(limits.message_size_max)},
    {"text_unchecked", BOOL, AT(limits.text_unchecked)},
    {"chunk_size", SIZE, AT(limits.chunk_size)},
    {"head_size_max", SIZE, AT(limits.head_size_max)},
    {"body_size_max", SIZE, AT(limits.body_size_max)},
    {"send_queue_max", SIZE, AT(limits.send_queue_max)},
    {"send_queue_high", SIZE, AT(limits.send_queue_high)},
    {"send_queue_low", SIZE, AT(limits.send_queue_low)},
    {"handshake_delay", TIME, AT(delays.handshake)},
    {"close_delay", TIME, AT(delays.close)},
    {"ping_delay", TIME, AT(delays.ping)},
    {"silent_delay", TIME, AT(delays.silent)},
    {"open_delay", TIME, AT(open_delay)},
    {"stale_delay", TIME, AT(stale_delay)},
    {"stale_reconnect", BOOL, AT(stale_reconnect)},
    {"channel_field", TEXT, AT(channel_field)},
    {"alarm_lag", TIME, AT(alarms.lag)},
    {"alarm_receive_queue", SIZE, AT(alarms.receive_queue)},
    {"alarm_send_queue", SIZE, AT(alarms.send_queue)},
    {"alarm_spin", UNSIGNED, AT(alarms.spin)},
    {"alarm_reconnect", BOOL, AT(alarms.reconnect)},
    {"measure", BOOL, AT(measure)},
    {"judge", BOOL, AT(judge)},
    {"retry", BOOL, AT(retry.enabled)},
    {"retry_delay_min", TIME, AT(retry.delay_min)},
    {"retry_delay_max", TIME, AT(retry.delay_max)},
    {"retry_stable", TIME, AT(retry.stable)},
    {"retry_after_max", TIME, AT(retry.after_max)},
    {"retry_attempts_max", UNSIGNED, AT(retry.attempts_max)},
    {"resolve_delay", TIME, AT(dial.resolve_delay)},
    {"connect_delay", TIME, AT(dial.connect_delay)},
    {"attempt_delay", TIME, AT(dial.attempt_delay)},
    {"nameservers", TEXT, AT(dial.nameservers)},
    {"no_delay", BOOL, AT(dial.tcp.no_delay)},
    {"keep_alive", BOOL, AT(dial.tcp.keep_alive)},
    {"keep_idle", TIME, AT(dial.tcp.keep_idle)},
    {"keep_interval", TIME, AT(dial.tcp.keep_interval)},
    {"keep_count", INT, AT(dial.tcp.keep_count)},
    {"user_timeout", TIME, AT(dial.tcp.user_timeout)},
    {"receive_buffer", INT, AT(dial.tcp.receive_buffer)},
    {"send_buffer", INT, AT(dial.tcp.send_buffer)},
    {"tls_verify", BOOL, AT(tls.verify)},
    {"tls_ca_file", TEXT, AT(tls.ca_file)},
    {"tls_ca_path", TEXT, AT(tls.ca_path)},
    {"tls_certificate", TEXT, AT(tls.certificate)},
    {"tls_private_key", TEXT, AT(tls.private_key)},
    {"tls_version_min", INT, AT(tls.version_min)},
    {"tls_key_log", TEXT, AT(tls.key_log)},
    {"deflate", BOOL, AT(deflate.enabled)},
    {"proxy", TEXT, AT(proxy)},
    {"no_proxy", TEXT, AT(no_proxy)},
    {"proxy_from_environment", BOOL, AT(proxy_from_environment)},
    {"proxy_delay", TIME, AT(proxy_delay)},
    {"lag_field", TEXT, AT(lag_field)},
};

/* Memory that lives as long as `kept`. NULL with an exception. */
static void *keep(PyObject *kept, size_t size)
{
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)size + 1);
    if (!bytes || PyList_Append(kept, bytes) != 0) {
        Py_XDECREF(bytes);
        return NULL;
    }
    Py_DECREF(bytes);
    return PyBytes_AS_STRING(bytes);
}

/* The items of any iterable of Python's, kept. */
static PyObject *keep_list(PyObject *kept, PyObject *iterable)
{
    PyObject *list = PySequence_List(iterable);
    if (!list || PyList_Append(kept, list) != 0)
        Py_CLEAR(list);
    Py_XDECREF(list); /* `kept` has it */
    return list;
}

static int set_texts(void *at, size_t *count, PyObject *value, PyObject *kept)
{
    PyObject *list = keep_list(kept, value);
    if (!list)
        return -1;
    size_t size = (size_t)PyList_GET_SIZE(list);
    const char **texts = keep(kept, size * sizeof(*texts));
    for (size_t i = 0; texts && i < size; i++) {
        texts[i] = PyUnicode_AsUTF8(PyList_GET_ITEM(list, (Py_ssize_t)i));
        if (!texts[i])
            return -1;
    }
    *(const char *const **)at = texts;
    *count = size;
    return texts ? 0 : -1;
}

static int set_headers(struct hws_client_options *options, PyObject *value,
                       PyObject *kept)
{
    PyObject *list = keep_list(kept, value);
    if (!list)
        return -1;
    size_t size = (size_t)PyList_GET_SIZE(list);
    struct hws_header *headers = keep(kept, size * sizeof(*headers));
    for (size_t i = 0; headers && i < size; i++) {
        PyObject *pair = PyList_GET_ITEM(list, (Py_ssize_t)i);
        if (!PyArg_Parse(pair, "(ss)", &headers[i].name, &headers[i].value))
            return -1;
    }
    options->headers = headers;
    options->header_count = size;
    return headers ? 0 : -1;
}

static int set_opening(struct hws_opening *opening, PyObject *message)
{
    Py_ssize_t size;
    if (PyUnicode_Check(message)) {
        const char *text = PyUnicode_AsUTF8AndSize(message, &size);
        opening->opcode = HWS_TEXT;
        opening->data =
            (struct hws_span){(const uint8_t *)text, text ? (size_t)size : 0};
        return text ? 0 : -1;
    }
    char *bytes;
    if (PyBytes_AsStringAndSize(message, &bytes, &size) != 0)
        return -1;
    opening->opcode = HWS_BINARY;
    opening->data = (struct hws_span){(const uint8_t *)bytes, (size_t)size};
    return 0;
}

static int set_openings(struct hws_client_options *options, PyObject *value,
                        PyObject *kept)
{
    PyObject *list = keep_list(kept, value);
    if (!list)
        return -1;
    size_t size = (size_t)PyList_GET_SIZE(list);
    struct hws_opening *openings = keep(kept, size * sizeof(*openings));
    for (size_t i = 0; openings && i < size; i++) {
        if (set_opening(&openings[i], PyList_GET_ITEM(list, (Py_ssize_t)i)) !=
            0)
            return -1;
    }
    options->openings = openings;
    options->opening_count = size;
    return openings ? 0 : -1;
}

static int set_number(void *at, enum kind kind, PyObject *value)
{
    unsigned long number = PyLong_AsUnsignedLong(value);
    if (PyErr_Occurred())
        return -1;
    if (kind == SIZE)
        *(size_t *)at = number;
    else if (number > INT_MAX)
        PyErr_SetString(PyExc_OverflowError, "the number is too large");
    else
        *(unsigned *)at = (unsigned)number;
    return PyErr_Occurred() ? -1 : 0;
}

static int set_bool(bool *at, PyObject *value)
{
    int truth = PyObject_IsTrue(value);
    *at = truth > 0;
    return truth < 0 ? -1 : 0;
}

static int set_text(const char **at, PyObject *value)
{
    *at = PyUnicode_AsUTF8(value);
    return *at ? 0 : -1;
}

static int set(struct hws_client_options *options, const struct option *option,
               PyObject *value, PyObject *kept)
{
    void *at = (char *)options + option->at;
    if (value == Py_None && option->kind != TIME)
        return 0;
    switch (option->kind) {
    case TEXT:
        return set_text(at, value);
    case TEXTS:
        return set_texts(at,
                         option->at == AT(urls) ? &options->url_count
                                                : &options->subprotocol_count,
                         value, kept);
    case HEADERS:
        return set_headers(options, value, kept);
    case OPENINGS:
        return set_openings(options, value, kept);
    case TIME:
        return time_from(value, at) ? 0 : -1;
    case BOOL:
        return set_bool(at, value);
    default:
        return set_number(at, option->kind, value);
    }
}

static const struct option *find(const char *name)
{
    for (size_t i = 0; i < sizeof(options_known) / sizeof(options_known[0]);
         i++) {
        if (name && strcmp(options_known[i].name, name) == 0)
            return &options_known[i];
    }
    return NULL;
}

int options_from(struct hws_client_options *options, PyObject *keywords,
                 PyObject *kept)
{
    PyObject *key, *value;
    Py_ssize_t place = 0;
    while (PyDict_Next(keywords, &place, &key, &value)) {
        const struct option *option = find(PyUnicode_AsUTF8(key));
        if (!option) {
            PyErr_Format(PyExc_TypeError, "Client() has no option %R", key);
            return -1;
        }
        if (set(options, option, value, kept) != 0)
            return -1;
    }
    return 0;
}
