#include "session/client.h"

#include "base/mem.h"
#include "base/status.h"
#include "proto/closing.h"
#include "session/options.h"
#include "session/tls_cache.h"

static bool is_local(const struct hws_client *c)
{
    return hwi_commons_is_owner(c->commons);
}

static hws_time present(const struct hws_client *c)
{
    return hws_loop_clock(c->loop, HWS_CLOCK_MONOTONIC);
}

void hwi_client_hold(struct hws_client *c)
{
    atomic_fetch_add_explicit(&c->holders, 1, memory_order_relaxed);
}

static void destroy(struct hws_client *c)
{
    hws_health_free(c->health);
    hws_time_field_free(c->lag_field);
    hwi_channels_free(c->channels);
    hwi_endpoints_release(&c->endpoints);
    hwi_proxies_release(&c->proxies);
    hwi_redirect_reset(&c->redirect);
    hws_cookies_free(c->cookies);
    hwi_keep_release(&c->keep);
    hwi_free(c);
}

void hwi_client_drop(struct hws_client *c)
{
    if (atomic_fetch_sub_explicit(&c->holders, 1, memory_order_acq_rel) == 1)
        destroy(c);
}

static int make_health(struct hws_client *c, struct hws_fault *fault)
{
    if (c->options.lag_reader)
        c->lag_field =
            hws_time_field_call(c->options.lag_reader, c->options.user, fault);
    else if (c->options.lag_field)
        c->lag_field = hws_time_field_new(c->options.lag_field, fault);
    if (!c->lag_field && (c->options.lag_reader || c->options.lag_field))
        return fault ? fault->status : HWS_E_ARGUMENT;
    c->health = hws_health_new(c->lag_field);
    if (!c->health)
        return hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_MEMORY,
                             "cannot make a client: no memory");
    if (c->options.channel_field) {
        c->channels = hwi_channels_new(c->options.channel_field, fault);
        if (!c->channels)
            return fault ? fault->status : HWS_E_ARGUMENT;
    }
    hws_health_measure(c->health, c->options.measure);
    return 0;
}

/* Build one request and throw it away: what is wrong with headers and
 * subprotocols is said now and not at the first attempt. */
static int try_request(struct hws_client *c, struct hws_fault *fault)
{
    struct hws_headers headers = {0};
    struct hws_proto_options options;
    hwi_client_proto_options(c, &headers, &options);
    options.headers = c->options.headers;
    options.header_count = c->options.header_count;
    struct hws_proto *proto = hws_proto_new(&options, 0, fault);
    hws_proto_free(proto);
    return proto ? 0 : HWS_E_ARGUMENT;
}

static int try_tls_of_targets(struct hws_client *c, struct hws_fault *fault)
{
    bool tls = false;
    for (size_t i = 0; i < c->endpoints.count; i++)
        tls = tls || c->endpoints.urls[i].tls;
    if (!tls || c->options.tls_context)
        return 0;
    struct hws_fault why = {.status = HWS_E_MEMORY};
    if (hwi_tls_cache_get(&c->commons->tls_cache, &c->options.tls, &why))
        return 0;
    if (fault)
        *fault = why;
    return (int)why.status;
}

/* A certificate file that cannot be read is told now, and not at every
 * attempt. */
static int try_tls(struct hws_client *c, struct hws_fault *fault)
{
    int status = 0;
    if (c->options.on_link)
        return 0;
    if (hwi_proxies_use_tls(&c->proxies))
        status = hwi_way_try_tls(c->commons, &c->options, fault);
    return status ? status : try_tls_of_targets(c, fault);
}

static int set_up(struct hws_client *c,
                  const struct hws_client_options *options,
                  struct hws_fault *fault)
{
    int status = hwi_options_copy(&c->options, options, &c->keep, fault);
    if (status)
        return status;
    c->cookies = hwi_cookies_hold(options->cookies);
    hwi_backoff_init(&c->backoff, &c->options.retry);
    status = hwi_endpoints_init(&c->endpoints, c->options.urls,
                                c->options.url_count, fault);
    if (status)
        return status;
    status =
        hwi_proxies_init(&c->proxies, &c->options, hwi_environment_get, fault);
    if (status == 0)
        status = make_health(c, fault);
    if (status == 0)
        status = try_request(c, fault);
    return status ? status : try_tls(c, fault);
}

struct hws_client *hws_client_new(struct hws_loop *loop,
                                  const struct hws_client_options *options,
                                  struct hws_fault *fault)
{
    struct hws_commons *commons = hwi_commons_of(loop, fault);
    struct hws_client *c;
    if (!commons)
        return NULL;
    c = hwi_alloc_zero(sizeof(*c));
    if (!c) {
        hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_MEMORY,
                      "cannot make a client: no memory");
        return NULL;
    }
    c->loop = loop;
    c->commons = commons;
    c->state = HWS_CLIENT_IDLE;
    c->up_since = HWS_NEVER;
    c->timer.due = hwi_client_due;
    c->timer.deadline = HWS_NEVER;
    c->data_timer.due = hwi_client_data_due;
    c->data_timer.deadline = HWS_NEVER;
    c->judge_timer.due = hwi_client_judge_due;
    c->judge_timer.deadline = HWS_NEVER;
    atomic_init(&c->holders, 1);
    atomic_init(&c->posted, 0);
    atomic_init(&c->queued, 0);
    atomic_init(&c->looking, false);
    atomic_init(&c->pacing, false);
    atomic_init(&c->halt, false);
    atomic_init(&c->opened, false);
    atomic_init(&c->unopened, false);
    if (set_up(c, options, fault) != 0) {
        destroy(c);
        return NULL;
    }
    c->number = ++commons->clients_made;
    hwi_list_push(&commons->clients, &c->in_loop);
    return c;
}

void hws_client_free(struct hws_client *c)
{
    if (!c || c->freed)
        return;
    if (!is_local(c) && !hwi_commons_is_early(c->commons) &&
        !hwi_commons_forked(c->commons)) {
        hwi_remote_free(c);
        return;
    }
    c->freed = true;
    hwi_list_remove(&c->in_loop);
    if (!hwi_commons_forked(c->commons)) {
        if (c->timer.deadline != HWS_NEVER)
            hws_loop_timer(c->loop, &c->timer, HWS_NEVER);
        hwi_client_stop_looking(c);
    }
    hws_conn_free(c->conn);
    c->conn = NULL;
    hwi_client_drop(c);
}

int hws_client_open(struct hws_client *c)
{
    if (hwi_commons_forked(c->commons))
        return HWS_E_FORK;
    if (c->state != HWS_CLIENT_IDLE && c->state != HWS_CLIENT_STOPPED)
        return HWS_E_STATE;
    hws_time now = present(c);
    int status = hwi_client_wait(c, now);
    if (status)
        return status;
    atomic_store(&c->opened, true);
    c->stop_asked = false;
    c->attempt = 0;
    c->denials = 0;
    hwi_backoff_init(&c->backoff, &c->options.retry);
    hwi_client_enter(c, HWS_CLIENT_WAITING, now);
    return 0;
}

int hws_client_send_part(struct hws_client *c, enum hws_opcode opcode,
                         struct hws_span data, bool last)
{
    if (c->state != HWS_CLIENT_UP)
        return hwi_commons_forked(c->commons) ? HWS_E_FORK : HWS_E_STATE;
    return hws_conn_send(c->conn, opcode, data, last);
}

int hws_client_send(struct hws_client *c, enum hws_opcode opcode,
                    struct hws_span data)
{
    if (!is_local(c))
        return hwi_remote_send(c, opcode, data);
    return hws_client_send_part(c, opcode, data, true);
}

int hws_client_ping(struct hws_client *c, struct hws_span data)
{
    if (!is_local(c))
        return hwi_remote_ping(c, data);
    if (c->state != HWS_CLIENT_UP)
        return HWS_E_STATE;
    return hws_conn_ping(c->conn, data);
}

/* Whether the closing handshake is still possible. */
static bool speaks(const struct hws_client *c)
{
    return c->state == HWS_CLIENT_UP || c->state == HWS_CLIENT_CLOSING;
}

/* Closing cannot fail for want of memory: then it ends without a word. */
static void close_in_order(struct hws_client *c, unsigned code,
                           struct hws_span reason)
{
    int status = hws_conn_close(c->conn, code, reason);
    /* HWS_E_STATE: the connection is lost, and its DOWN under way. */
    if (status == 0 || status == HWS_E_STATE)
        return;
    struct hws_fault fault = {0};
    hwi_fault_set(&fault, HWS_PHASE_LOCAL, status,
                  "cannot send a close frame: %s", hws_status_name(status));
    hws_conn_fail(c->conn, &fault);
}

static void give_up(struct hws_client *c)
{
    struct hws_fault fault = {0};
    hwi_fault_set(&fault, HWS_PHASE_LOCAL, HWS_E_CANCELLED,
                  "closed by the caller before the connection was up");
    hws_conn_fail(c->conn, &fault);
}

int hws_client_close(struct hws_client *c, unsigned code,
                     struct hws_span reason)
{
    /* Said here, for another thread is gone when the call is carried out. */
    if (!hwi_closing_may_say(code, reason))
        return HWS_E_ARGUMENT;
    if (!is_local(c))
        return hwi_remote_close(c, code, reason);
    if (hwi_commons_forked(c->commons))
        return HWS_E_FORK;
    if (c->stop_asked || c->state == HWS_CLIENT_STOPPED)
        return 0;
    if (speaks(c)) {
        close_in_order(c, code, reason);
    } else if (c->conn) {
        give_up(c);
    } else if (c->state == HWS_CLIENT_WAITING) {
        hwi_client_wait(c, present(c));
    } else {
        hwi_client_enter(c, HWS_CLIENT_STOPPED, present(c));
        return 0;
    }
    c->stop_asked = true;
    return 0;
}

int hws_client_reconnect(struct hws_client *c)
{
    if (!is_local(c))
        return hwi_remote_reconnect(c);
    if (hwi_commons_forked(c->commons))
        return HWS_E_FORK;
    if (c->stop_asked || c->state == HWS_CLIENT_IDLE ||
        c->state == HWS_CLIENT_STOPPED)
        return HWS_E_STATE;
    c->redial_asked = true;
    if (!c->conn)
        return hwi_client_wait(c, present(c));
    struct hws_fault fault = {0};
    hwi_fault_set(&fault, HWS_PHASE_LOCAL, HWS_E_CANCELLED,
                  "the caller asked for a new connection");
    hws_conn_fail(c->conn, &fault);
    return 0;
}

void hws_client_pause(struct hws_client *c)
{
    if (!is_local(c)) {
        hwi_remote_pause(c, true);
        return;
    }
    c->paused = true;
    if (c->state == HWS_CLIENT_UP)
        hws_conn_pause(c->conn);
}

void hws_client_resume(struct hws_client *c)
{
    if (!is_local(c)) {
        hwi_remote_pause(c, false);
        return;
    }
    c->paused = false;
    hwi_client_reads_again(c);
    if (c->conn)
        hws_conn_resume(c->conn);
}

void hws_client_flush(struct hws_client *c)
{
    if (c->conn)
        hws_conn_flush(c->conn);
}

enum hws_client_state hws_client_get_state(const struct hws_client *c)
{
    return c->state;
}

const char *hws_client_get_url(const struct hws_client *c)
{
    return hwi_client_url(c)->text;
}

void hws_client_get_way(const struct hws_client *c, struct hws_way *way)
{
    hwi_proxies_tell(&c->proxies, hwi_client_url(c), way);
}

void hws_client_snapshot(const struct hws_client *c,
                         struct hws_snapshot *snapshot)
{
    hws_health_snapshot(c->health, present(c), snapshot);
    if (c->conn)
        hws_conn_gauges(c->conn, snapshot);
    snapshot->memory += sizeof(*c);
    snapshot->compression = c->compressed;
    hwi_client_add_compression(&snapshot->compression, c->conn);
}

const struct hws_health *hws_client_get_health(const struct hws_client *c)
{
    return c->health;
}

const struct hws_link *hws_client_get_link(const struct hws_client *c)
{
    return c->conn ? hws_conn_link(c->conn) : NULL;
}
