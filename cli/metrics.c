#include "metrics.h"

#include "command.h"
#include "memory.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifdef HAVE_MICROHTTPD

#include <microhttpd.h>

#define CONNECTIONS_MAX 16
#define IDLE_SECONDS 15

extern const unsigned char page_index[];
extern const size_t page_index_size;

struct metrics {
    struct hws_loop *loop;
    struct hws_listener *listener;
    struct MHD_Daemon *daemon;
    struct hws_watch watch;
    struct hws_timer timer;
    struct metrics_line *lines;
    size_t line_count;
};

bool metrics_available(void)
{
    return true;
}

/* ---- answers */

static enum MHD_Result answer(struct MHD_Connection *connection,
                              unsigned status, const char *type,
                              struct MHD_Response *response)
{
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, "Content-Type", type);
    MHD_add_response_header(response, "Cache-Control", "no-store");
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    MHD_add_response_header(response, "Content-Security-Policy",
                            "default-src 'none'; style-src 'unsafe-inline'; "
                            "script-src 'unsafe-inline'; connect-src 'self'; "
                            "img-src data:");
    enum MHD_Result queued = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return queued;
}

/* Takes the text. */
static enum MHD_Result answer_text(struct MHD_Connection *connection,
                                   unsigned status, const char *type,
                                   char *text)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(
        strlen(text), text, MHD_RESPMEM_MUST_COPY);
    memory_free(text);
    return answer(connection, status, type, response);
}

static enum MHD_Result answer_metrics(struct MHD_Connection *connection,
                                      const struct metrics *m)
{
    const char *accept = MHD_lookup_connection_value(
        connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);
    bool is_open = accept && strstr(accept, "application/openmetrics-text");
    return answer_text(
        connection, MHD_HTTP_OK,
        is_open ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                : "text/plain; version=0.0.4; charset=utf-8",
        metrics_text(m->lines, m->line_count,
                     is_open ? HWS_METRICS_OPEN : HWS_METRICS_TEXT));
}

static enum MHD_Result answer_health(struct MHD_Connection *connection,
                                     const struct metrics *m)
{
    bool is_healthy;
    char *text = metrics_health(m->lines, m->line_count, &is_healthy);
    return answer_text(connection,
                       is_healthy ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE,
                       "application/json", text);
}

static enum MHD_Result answer_page(struct MHD_Connection *connection)
{
    return answer(connection, MHD_HTTP_OK, "text/html; charset=utf-8",
                  MHD_create_response_from_buffer(page_index_size,
                                                  (void *)(uintptr_t)page_index,
                                                  MHD_RESPMEM_PERSISTENT));
}

static enum MHD_Result take_request(void *context,
                                    struct MHD_Connection *connection,
                                    const char *path, const char *method,
                                    const char *version, const char *body,
                                    size_t *body_size, void **request)
{
    const struct metrics *m = context;
    (void)version, (void)body, (void)body_size, (void)request;
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
        return answer_text(connection, MHD_HTTP_METHOD_NOT_ALLOWED,
                           "text/plain", memory_copy("GET and HEAD only\n"));
    if (strcmp(path, "/metrics") == 0)
        return answer_metrics(connection, m);
    if (strcmp(path, "/health") == 0)
        return answer_health(connection, m);
    if (strcmp(path, "/snapshot.json") == 0)
        return answer_text(connection, MHD_HTTP_OK, "application/json",
                           metrics_json(m->lines, m->line_count));
    if (strcmp(path, "/") == 0)
        return answer_page(connection);
    return answer_text(
        connection, MHD_HTTP_NOT_FOUND, "text/plain",
        memory_copy("there are /, /metrics, /health and /snapshot.json\n"));
}

/* ---- on the loop */

static void work(struct metrics *m, hws_time now)
{
    MHD_UNSIGNED_LONG_LONG ms;
    MHD_run(m->daemon);
    bool waits = MHD_get_timeout(m->daemon, &ms) == MHD_YES;
    hws_loop_timer(m->loop, &m->timer,
                   waits ? now + HWS_MS((hws_time)ms) : HWS_NEVER);
}

static void metrics_ready(struct hws_watch *watch, unsigned ready, hws_time now)
{
    (void)ready;
    work((void *)((char *)watch - offsetof(struct metrics, watch)), now);
}

static void metrics_due(struct hws_timer *timer, hws_time now)
{
    work((void *)((char *)timer - offsetof(struct metrics, timer)), now);
}

/* ---- listening */

static void complain(struct hws_fault *fault, enum hws_status status,
                     const char *why)
{
    fault->status = status;
    fault->phase = HWS_PHASE_LOCAL;
    snprintf(fault->text, sizeof(fault->text), "cannot serve metrics: %s", why);
}

/* What the library says of a failure goes nowhere: errno says it. */
static void say_nothing(void *context, const char *format, va_list arguments)
{
    (void)context, (void)format, (void)arguments;
}

/* It closes the descriptor that it is given. */
static struct MHD_Daemon *start(struct metrics *m)
{
    int fd = dup(hws_listener_fd(m->listener));
    return MHD_start_daemon(
        MHD_USE_EPOLL, 0, NULL, NULL, take_request, m,
        MHD_OPTION_EXTERNAL_LOGGER, say_nothing, NULL, MHD_OPTION_LISTEN_SOCKET,
        fd, MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX,
        MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS, MHD_OPTION_END);
}

static bool begin(struct metrics *m, const struct units_address *address,
                  struct hws_fault *fault)
{
    m->listener =
        hws_listener_new(address->host, address->port, CONNECTIONS_MAX, fault);
    if (!m->listener)
        return false;
    m->daemon = start(m);
    if (!m->daemon) {
        complain(fault, HWS_E_SYSTEM, strerror(errno));
        return false;
    }
    int fd = MHD_get_daemon_info(m->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    int status = hws_loop_watch(m->loop, &m->watch, fd, HWS_READ);
    if (status != 0)
        complain(fault, (enum hws_status)status, hws_status_name(status));
    return status == 0;
}

struct metrics *metrics_new(struct hws_loop *loop,
                            const struct units_address *address,
                            struct hws_fault *fault)
{
    struct metrics *m = memory_new(1, sizeof(*m));
    m->loop = loop;
    m->watch.ready = metrics_ready;
    m->watch.background = true;
    m->timer.due = metrics_due;
    m->timer.deadline = HWS_NEVER;
    if (begin(m, address, fault))
        return m;
    metrics_free(m);
    return NULL;
}

void metrics_free(struct metrics *m)
{
    if (!m)
        return;
    if (m->watch.interest)
        hws_loop_watch(m->loop, &m->watch, m->watch.fd, 0);
    hws_loop_timer(m->loop, &m->timer, HWS_NEVER);
    if (m->daemon)
        MHD_stop_daemon(m->daemon);
    hws_listener_free(m->listener);
    memory_free(m->lines);
    memory_free(m);
}

uint16_t metrics_port(const struct metrics *m)
{
    return hws_listener_port(m->listener);
}

void metrics_add_line(struct metrics *m, const struct metrics_line *line)
{
    if (!m)
        return;
    m->lines = memory_resize(m->lines, (m->line_count + 1) * sizeof(*m->lines));
    m->lines[m->line_count++] = *line;
}

void metrics_remove(struct metrics *m, const void *owner)
{
    size_t kept = 0;
    for (size_t i = 0; m && i < m->line_count; i++)
        if (m->lines[i].owner != owner)
            m->lines[kept++] = m->lines[i];
    if (m)
        m->line_count = kept;
}

static size_t count(const struct metrics *m)
{
    return m->line_count;
}

#else

bool metrics_available(void)
{
    return false;
}

struct metrics *metrics_new(struct hws_loop *loop,
                            const struct units_address *address,
                            struct hws_fault *fault)
{
    (void)loop, (void)address;
    fault->status = HWS_E_SUPPORT;
    snprintf(fault->text, sizeof(fault->text),
             "cannot serve metrics: built without libmicrohttpd");
    return NULL;
}

void metrics_free(struct metrics *metrics)
{
    (void)metrics;
}

uint16_t metrics_port(const struct metrics *metrics)
{
    (void)metrics;
    return 0;
}

void metrics_add_line(struct metrics *metrics, const struct metrics_line *line)
{
    (void)metrics, (void)line;
}

void metrics_remove(struct metrics *metrics, const void *owner)
{
    (void)metrics, (void)owner;
}

static size_t count(const struct metrics *metrics)
{
    (void)metrics;
    return 0;
}

#endif

/* ---- as the commands have it */

const struct option_row metrics_rows[] = {
    {"metrics", "ADDR:PORT", OPTION_ADDRESS,
     offsetof(struct metrics_options, address),
     "serve /metrics for Prometheus, /health for liveness checks (503 while a "
     "connection is down or stale) and a page with charts; port 0 takes a "
     "free one"},
    {0},
};

int metrics_begin(struct metrics **metrics,
                  const struct metrics_options *options, const char *command,
                  struct hws_loop *loop, struct output *err)
{
    const struct units_address *address = &options->address;
    struct hws_fault fault = {0};
    *metrics = NULL;
    if (!address->host[0])
        return OPTIONS_GOOD;
    *metrics = metrics_new(loop, address, &fault);
    if (!*metrics) {
        fprintf(stderr, "hawser %s: %s\n", command, fault.text);
        return COMMAND_LOCAL;
    }
    if (err) {
        output_format(err, "-- metrics: http://%s:%u/\n", address->host,
                      (unsigned)metrics_port(*metrics));
        output_flush(err);
    }
    return OPTIONS_GOOD;
}

static const char *client_url(const void *client)
{
    return hws_client_get_url(client);
}

static const char *client_state(const void *client)
{
    return hws_client_state_name(hws_client_get_state(client));
}

static void client_snapshot(const void *client, struct hws_snapshot *snapshot)
{
    hws_client_snapshot(client, snapshot);
}

void metrics_add(struct metrics *metrics, struct hws_client *client,
                 hws_time stale)
{
    struct metrics_line line = {.stale = stale,
                                .owner = client,
                                .url = client_url,
                                .state = client_state,
                                .snapshot = client_snapshot};
    if (!metrics)
        return;
    snprintf(line.name, sizeof(line.name), "%zu", count(metrics) + 1);
    metrics_add_line(metrics, &line);
}
