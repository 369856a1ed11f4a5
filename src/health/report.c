/*
 * A snapshot as one JSON object. The members are called as in struct
 * hws_snapshot, in ns and bytes; what is unknown is null. Nothing here asks
 * the locale, so the decimal point is a point.
 */
#include "hawser/health.h"

#include "base/span.h"

#include <inttypes.h>
#include <stdio.h>

struct out {
    char *text;
    size_t size, used; /* used may exceed size: then all is lost */
    bool begun;        /* the present object has a member already */
};

static void put(struct out *o, const char *text)
{
    size_t length = strlen(text);
    if (o->used < o->size && length < o->size - o->used)
        memcpy(o->text + o->used, text, length + 1);
    o->used += length;
}

static void put_name(struct out *o, const char *name)
{
    put(o, o->begun ? ",\"" : "\"");
    put(o, name);
    put(o, "\":");
    o->begun = true;
}

static void put_count(struct out *o, const char *name, uint64_t value)
{
    char text[24];
    snprintf(text, sizeof(text), "%" PRIu64, value);
    put_name(o, name);
    put(o, text);
}

static void put_signed(struct out *o, const char *name, int64_t value)
{
    char text[24];
    snprintf(text, sizeof(text), "%" PRId64, value);
    put_name(o, name);
    put(o, text);
}

static void put_time(struct out *o, const char *name, hws_time value)
{
    if (value != HWS_NEVER) {
        put_signed(o, name, value);
        return;
    }
    put_name(o, name);
    put(o, "null");
}

/* Three decimals; a rate is neither negative nor above 10^15. */
static void put_rate(struct out *o, const char *name, double value)
{
    char text[40];
    uint64_t milli = (uint64_t)(value * 1000 + 0.5);
    snprintf(text, sizeof(text), "%" PRIu64 ".%03u", milli / 1000,
             (unsigned)(milli % 1000));
    put_name(o, name);
    put(o, text);
}

/* Faults hold no control bytes and whole UTF-8 characters only, unless a
 * caller filled one by hand; those bytes become '?'. */
static void put_text(struct out *o, const char *name, const char *value)
{
    put_name(o, name);
    put(o, "\"");
    for (; *value; value++) {
        char one[3] = {*value, '\0', '\0'};
        if (*value == '"' || *value == '\\') {
            one[0] = '\\';
            one[1] = *value;
        } else if ((uint8_t)*value < 0x20 || *value == 0x7f) {
            one[0] = '?';
        }
        put(o, one);
    }
    put(o, "\"");
}

static void put_fault(struct out *o, const struct hws_fault *fault)
{
    put_name(o, "last_fault");
    if (fault->status == HWS_OK) {
        put(o, "null");
        return;
    }
    put(o, "{");
    o->begun = false;
    put_text(o, "status", hws_status_name((int)fault->status));
    put_text(o, "phase", hws_phase_name(fault->phase));
    put_text(o, "text", fault->text);
    put_text(o, "peer", fault->peer);
    put_signed(o, "os_error", fault->os_error);
    put_count(o, "tls_error", fault->tls_error);
    put_signed(o, "tls_verify", fault->tls_verify);
    put_signed(o, "http_status", fault->http_status);
    put_signed(o, "close_code", fault->close_code);
    put(o, "}");
}

static void put_line(struct out *o, const struct hws_snapshot *s)
{
    put_time(o, "at", s->at);
    put_time(o, "up_since", s->up_since);
    put_count(o, "connections", s->connections);
    put_count(o, "attempts", s->attempts);
    put_count(o, "failures", s->failures);
    put_count(o, "unsent_messages", s->unsent_messages);
    put_fault(o, s->last_fault);
}

static void put_traffic(struct out *o, const struct hws_snapshot *s)
{
    put_count(o, "messages_in", s->messages_in);
    put_count(o, "messages_out", s->messages_out);
    put_count(o, "bytes_in", s->bytes_in);
    put_count(o, "bytes_out", s->bytes_out);
    put_count(o, "reads", s->reads);
    put_count(o, "writes", s->writes);
    put_count(o, "pings_in", s->pings_in);
    put_count(o, "pongs_in", s->pongs_in);
    put_count(o, "pings_out", s->pings_out);
    put_time(o, "last_byte_at", s->last_byte_at);
    put_time(o, "last_message_at", s->last_message_at);
    put_rate(o, "message_rate", s->message_rate);
}

static void put_compression(struct out *o, const struct hws_compression *c)
{
    put_name(o, "compression");
    put(o, c->agreed ? "{\"agreed\":true" : "{\"agreed\":false");
    put_count(o, "memory", c->memory);
    put_count(o, "in_compressed", c->in_compressed);
    put_count(o, "in_inflated", c->in_inflated);
    put_count(o, "out_plain", c->out_plain);
    put_count(o, "out_compressed", c->out_compressed);
    put(o, "}");
}

static void put_load(struct out *o, const struct hws_snapshot *s)
{
    put_count(o, "wakeups", s->wakeups);
    put_count(o, "idle_wakeups", s->idle_wakeups);
    put_count(o, "receive_queue", s->receive_queue);
    put_count(o, "send_queue", s->send_queue);
    put_count(o, "memory", s->memory);
    put_compression(o, &s->compression);
    put_signed(o, "callback_total", s->callback_total);
    put_signed(o, "callback_max", s->callback_max);
}

static void put_lag(struct out *o, const char *name,
                    const struct hws_snapshot *s, int64_t lag)
{
    put_time(o, name, s->lag_count ? lag : HWS_NEVER);
}

static void put_delays(struct out *o, const struct hws_snapshot *s)
{
    put_time(o, "round_trip_last", s->round_trip_last);
    put_time(o, "round_trip_min", s->round_trip_min);
    put_time(o, "round_trip_smooth", s->round_trip_smooth);
    put_count(o, "lag_count", s->lag_count);
    put_count(o, "lag_missing", s->lag_missing);
    put_lag(o, "lag_last", s, s->lag_last);
    put_lag(o, "lag_min", s, s->lag_min);
    put_lag(o, "lag_max", s, s->lag_max);
    put_lag(o, "lag_p50", s, s->lag_p50);
    put_lag(o, "lag_p99", s, s->lag_p99);
}

static void put_stage(struct out *o, enum hws_stage stage,
                      const struct hws_stage_lag *lag)
{
    put_name(o, hws_stage_name(stage));
    put(o, "{");
    o->begun = false;
    put_count(o, "count", lag->count);
    put_time(o, "last", lag->count ? lag->last : HWS_NEVER);
    put_time(o, "p50", lag->count ? lag->p50 : HWS_NEVER);
    put_time(o, "p99", lag->count ? lag->p99 : HWS_NEVER);
    put_time(o, "max", lag->count ? lag->max : HWS_NEVER);
    put(o, "}");
}

static void put_stages(struct out *o, const struct hws_snapshot *s)
{
    put_time(o, "clock_offset", s->clock_offset);
    put_name(o, "stages");
    put(o, "{");
    o->begun = false;
    for (unsigned i = 0; i < HWS_STAGES; i++)
        put_stage(o, (enum hws_stage)i, &s->stages[i]);
    put(o, "}");
    o->begun = true;
}

int hws_snapshot_json(const struct hws_snapshot *snapshot, char *text,
                      size_t size)
{
    struct out o = {.text = text, .size = size};
    put(&o, "{");
    put_line(&o, snapshot);
    put_traffic(&o, snapshot);
    put_load(&o, snapshot);
    put_delays(&o, snapshot);
    put_stages(&o, snapshot);
    put_text(&o, "verdict", hws_verdict_name(snapshot->verdict));
    put_text(&o, "verdict_text",
             snapshot->verdict_text ? snapshot->verdict_text : "");
    put(&o, "}");
    if (o.used < size)
        return (int)o.used;
    if (size)
        text[0] = '\0';
    return HWS_E_TOO_BIG;
}
