/*
 * A snapshot as one JSON object. The members are called as in struct
 * hws_snapshot, in ns and bytes; what is unknown is null. Nothing here asks
 * the locale, so the decimal point is a point.
 */
#include "hawser/health.h"

#include "json_write.h"

static void put_fault(struct hwi_json *o, const struct hws_fault *fault)
{
    if (fault->status == HWS_OK) {
        hwi_json_name(o, "last_fault");
        hwi_json_put(o, "null");
        return;
    }
    hwi_json_open(o, "last_fault");
    hwi_json_text(o, "status", hws_status_name((int)fault->status));
    hwi_json_text(o, "phase", hws_phase_name(fault->phase));
    hwi_json_text(o, "text", fault->text);
    hwi_json_text(o, "peer", fault->peer);
    hwi_json_signed(o, "os_error", fault->os_error);
    hwi_json_count(o, "tls_error", fault->tls_error);
    hwi_json_signed(o, "tls_verify", fault->tls_verify);
    hwi_json_signed(o, "http_status", fault->http_status);
    hwi_json_signed(o, "close_code", fault->close_code);
    hwi_json_close(o);
}

static void put_line(struct hwi_json *o, const struct hws_snapshot *s)
{
    hwi_json_time(o, "at", s->at);
    hwi_json_time(o, "up_since", s->up_since);
    hwi_json_count(o, "connections", s->connections);
    hwi_json_count(o, "attempts", s->attempts);
    hwi_json_count(o, "failures", s->failures);
    hwi_json_count(o, "unsent_messages", s->unsent_messages);
    put_fault(o, s->last_fault);
}

static void put_traffic(struct hwi_json *o, const struct hws_snapshot *s)
{
    hwi_json_count(o, "messages_in", s->messages_in);
    hwi_json_count(o, "messages_out", s->messages_out);
    hwi_json_count(o, "bytes_in", s->bytes_in);
    hwi_json_count(o, "bytes_out", s->bytes_out);
    hwi_json_count(o, "reads", s->reads);
    hwi_json_count(o, "writes", s->writes);
    hwi_json_count(o, "pings_in", s->pings_in);
    hwi_json_count(o, "pongs_in", s->pongs_in);
    hwi_json_count(o, "pings_out", s->pings_out);
    hwi_json_time(o, "last_byte_at", s->last_byte_at);
    hwi_json_time(o, "last_message_at", s->last_message_at);
    hwi_json_rate(o, "message_rate", s->message_rate);
}

static void put_compression(struct hwi_json *o, const struct hws_compression *c)
{
    hwi_json_open(o, "compression");
    hwi_json_bool(o, "agreed", c->agreed);
    hwi_json_count(o, "memory", c->memory);
    hwi_json_count(o, "in_compressed", c->in_compressed);
    hwi_json_count(o, "in_inflated", c->in_inflated);
    hwi_json_count(o, "out_plain", c->out_plain);
    hwi_json_count(o, "out_compressed", c->out_compressed);
    hwi_json_close(o);
}

/* -1 is unknown. */
static void put_known(struct hwi_json *o, const char *name, int64_t value)
{
    hwi_json_time(o, name, value < 0 ? HWS_NEVER : value);
}

static void put_path(struct hwi_json *o, const struct hws_path *p)
{
    hwi_json_open(o, "path");
    hwi_json_time(o, "round_trip", p->round_trip);
    hwi_json_time(o, "round_trip_min", p->round_trip_min);
    put_known(o, "retransmits", p->retransmits);
    put_known(o, "unacknowledged", p->unacknowledged);
    put_known(o, "receive_window", p->receive_window);
    put_known(o, "delivery_rate", p->delivery_rate);
    hwi_json_close(o);
}

static void put_load(struct hwi_json *o, const struct hws_snapshot *s)
{
    hwi_json_count(o, "wakeups", s->wakeups);
    hwi_json_count(o, "idle_wakeups", s->idle_wakeups);
    hwi_json_count(o, "receive_queue", s->receive_queue);
    hwi_json_count(o, "tls_pending", s->tls_pending);
    hwi_json_count(o, "decoder_backlog", s->decoder_backlog);
    hwi_json_count(o, "send_queue", s->send_queue);
    put_known(o, "kernel_send_queue", s->kernel_send_queue);
    put_path(o, &s->path);
    hwi_json_count(o, "memory", s->memory);
    put_compression(o, &s->compression);
    hwi_json_signed(o, "callback_total", s->callback_total);
    hwi_json_signed(o, "callback_max", s->callback_max);
}

static void put_lag(struct hwi_json *o, const char *name,
                    const struct hws_snapshot *s, int64_t lag)
{
    hwi_json_time(o, name, s->lag_count ? lag : HWS_NEVER);
}

static void put_delays(struct hwi_json *o, const struct hws_snapshot *s)
{
    hwi_json_time(o, "round_trip_last", s->round_trip_last);
    hwi_json_time(o, "round_trip_min", s->round_trip_min);
    hwi_json_time(o, "round_trip_smooth", s->round_trip_smooth);
    hwi_json_count(o, "lag_count", s->lag_count);
    hwi_json_count(o, "lag_missing", s->lag_missing);
    put_lag(o, "lag_last", s, s->lag_last);
    put_lag(o, "lag_min", s, s->lag_min);
    put_lag(o, "lag_max", s, s->lag_max);
    put_lag(o, "lag_p50", s, s->lag_p50);
    put_lag(o, "lag_p99", s, s->lag_p99);
}

static void put_stage(struct hwi_json *o, enum hws_stage stage,
                      const struct hws_stage_lag *lag)
{
    hwi_json_open(o, hws_stage_name(stage));
    hwi_json_count(o, "count", lag->count);
    hwi_json_time(o, "last", lag->count ? lag->last : HWS_NEVER);
    hwi_json_time(o, "p50", lag->count ? lag->p50 : HWS_NEVER);
    hwi_json_time(o, "p99", lag->count ? lag->p99 : HWS_NEVER);
    hwi_json_time(o, "max", lag->count ? lag->max : HWS_NEVER);
    hwi_json_close(o);
}

static void put_stages(struct hwi_json *o, const struct hws_snapshot *s)
{
    hwi_json_time(o, "clock_offset", s->clock_offset);
    hwi_json_open(o, "stages");
    for (unsigned i = 0; i < HWS_STAGES; i++)
        put_stage(o, (enum hws_stage)i, &s->stages[i]);
    hwi_json_close(o);
}

int hws_snapshot_json(const struct hws_snapshot *snapshot, char *text,
                      size_t size)
{
    struct hwi_json o = {.text = text, .size = size};
    hwi_json_put(&o, "{");
    put_line(&o, snapshot);
    put_traffic(&o, snapshot);
    put_load(&o, snapshot);
    put_delays(&o, snapshot);
    put_stages(&o, snapshot);
    hwi_json_text(&o, "verdict", hws_verdict_name(snapshot->verdict));
    hwi_json_text(&o, "verdict_text",
                  snapshot->verdict_text ? snapshot->verdict_text : "");
    hwi_json_close(&o);
    if (size && o.used >= size)
        text[0] = '\0';
    return hwi_json_length(&o);
}
