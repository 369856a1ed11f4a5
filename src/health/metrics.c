/*
 * Snapshots as metrics, in the text that Prometheus reads and as OpenMetrics:
 * the same families, but for the name in a counter's TYPE line, units, and the
 * mark at the end.
 */
#include "hawser/health.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct out {
    char *text;
    size_t size, used; /* used may exceed size: then all is lost */
    enum hws_metrics_form form;
    const struct hws_metrics_line *lines;
    size_t line_count;
};

enum kind {
    COUNT,
    COUNT_TIME,
    COUNT_KNOWN, /* signed; -1: unknown */
    SIZE,
    SIZE_KNOWN, /* the same */
    TIME,
    SIGNED_TIME,
    AGE,
    RATE,
    IS_UP,
};

struct family {
    const char *name;
    enum kind kind;
    size_t at; /* of the snapshot's member */
    const char *unit;
    const char *help;
};

#define AT(member) offsetof(struct hws_snapshot, member)

static const struct family families[] = {
    {"hawser_up", IS_UP, AT(up_since), "", "Whether the connection is up."},
    {"hawser_uptime_seconds", AGE, AT(up_since), "seconds",
     "How long it has been up."},
    {"hawser_connections", COUNT, AT(connections), "",
     "Times that it came up."},
    {"hawser_attempts", COUNT, AT(attempts), "", "Attempts to connect."},
    {"hawser_failures", COUNT, AT(failures), "",
     "Attempts and connections that ended in a fault."},
    {"hawser_messages_received", COUNT, AT(messages_in), "",
     "Messages that came."},
    {"hawser_messages_sent", COUNT, AT(messages_out), "",
     "Messages that were queued to be sent."},
    {"hawser_messages_unsent", COUNT, AT(unsent_messages), "",
     "Messages lost between the caller and the network."},
    {"hawser_messages_untimed", COUNT, AT(lag_missing), "",
     "Messages without a readable event time."},
    {"hawser_message_rate", RATE, AT(message_rate), "",
     "Messages in per second, lately."},
    {"hawser_data_age_seconds", AGE, AT(last_message_at), "seconds",
     "Time since the last message."},
    {"hawser_received_bytes", COUNT, AT(bytes_in), "bytes",
     "Bytes that were read, headers included."},
    {"hawser_sent_bytes", COUNT, AT(bytes_out), "bytes",
     "Bytes that were written, headers included."},
    {"hawser_reads", COUNT, AT(reads), "", "Reads that brought bytes."},
    {"hawser_writes", COUNT, AT(writes), "", "Writes that took bytes."},
    {"hawser_pings_received", COUNT, AT(pings_in), "", "Pings that came."},
    {"hawser_pongs_received", COUNT, AT(pongs_in), "", "Pongs that came."},
    {"hawser_pings_sent", COUNT, AT(pings_out), "", "Pings of ours."},
    {"hawser_wakeups", COUNT, AT(wakeups), "",
     "Times that the connection was called."},
    {"hawser_idle_wakeups", COUNT, AT(idle_wakeups), "",
     "Of these, without any progress."},
    {"hawser_round_trip_seconds", TIME, AT(round_trip_last), "seconds",
     "From the last ping to its pong."},
    {"hawser_round_trip_best_seconds", TIME, AT(round_trip_min), "seconds",
     "The shortest of these."},
    {"hawser_receive_queue_bytes", SIZE, AT(receive_queue), "bytes",
     "What the kernel holds for us."},
    {"hawser_tls_pending_bytes", SIZE, AT(tls_pending), "bytes",
     "What TLS took from the kernel and holds for us."},
    {"hawser_decoder_backlog_bytes", SIZE, AT(decoder_backlog), "bytes",
     "What came and was not handed over."},
    {"hawser_send_queue_bytes", SIZE, AT(send_queue), "bytes",
     "What we hold for the kernel."},
    {"hawser_kernel_send_queue_bytes", SIZE_KNOWN, AT(kernel_send_queue),
     "bytes", "What the kernel took and the peer has not acknowledged."},
    {"hawser_path_round_trip_seconds", TIME, AT(path.round_trip), "seconds",
     "Round trip of TCP segments, smoothed."},
    {"hawser_path_round_trip_best_seconds", TIME, AT(path.round_trip_min),
     "seconds", "The shortest of these, lately."},
    {"hawser_path_retransmits", COUNT_KNOWN, AT(path.retransmits), "",
     "TCP segments that were sent again, on this connection."},
    {"hawser_path_unacknowledged_segments", SIZE_KNOWN, AT(path.unacknowledged),
     "segments", "TCP segments that the peer has not taken."},
    {"hawser_path_receive_window_bytes", SIZE_KNOWN, AT(path.receive_window),
     "bytes", "What the peer may send before we read."},
    {"hawser_path_delivery_rate", SIZE_KNOWN, AT(path.delivery_rate), "",
     "Bytes per second that the way took from us, lately."},
    {"hawser_memory_bytes", SIZE, AT(memory), "bytes",
     "What the connection holds itself."},
    {"hawser_callback_seconds", COUNT_TIME, AT(callback_total), "seconds",
     "Time spent in event callbacks."},
    {"hawser_callback_longest_seconds", TIME, AT(callback_max), "seconds",
     "The longest batch of callbacks of one read."},
    {"hawser_clock_offset_seconds", SIGNED_TIME, AT(clock_offset), "seconds",
     "How much later the peer's clock seems than ours."},
};

static void put(struct out *o, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void put(struct out *o, const char *format, ...)
{
    va_list arguments;
    size_t room = o->used < o->size ? o->size - o->used : 0;
    va_start(arguments, format);
    int length =
        vsnprintf(room ? o->text + o->used : NULL, room, format, arguments);
    va_end(arguments);
    o->used += (size_t)length;
}

/* A label's value: a backslash, a quote and a line break are escaped; what else
 * is no text becomes '?'. */
static void put_label(struct out *o, const char *name, const char *value)
{
    put(o, "%s=\"", name);
    for (; *value; value++) {
        if (*value == '\\' || *value == '"')
            put(o, "\\%c", *value);
        else if (*value == '\n')
            put(o, "\\n");
        else
            put(o, "%c", (uint8_t)*value < 0x20 ? '?' : *value);
    }
    put(o, "\"");
}

static bool is_counter(enum kind kind)
{
    return kind == COUNT || kind == COUNT_TIME || kind == COUNT_KNOWN;
}

static void put_head(struct out *o, const char *name, const char *type,
                     const char *unit, const char *help)
{
    bool is_open = o->form == HWS_METRICS_OPEN;
    bool has_total = strcmp(type, "counter") == 0 && !is_open;
    const char *total = has_total ? "_total" : "";
    put(o, "# TYPE %s%s %s\n", name, total, type);
    if (is_open && unit[0])
        put(o, "# UNIT %s %s\n", name, unit);
    put(o, "# HELP %s%s %s\n", name, total, help);
}

static void put_labels(struct out *o, const struct hws_metrics_line *line)
{
    put_label(o, "connection", line->name);
    put(o, ",");
    put_label(o, "url", line->url);
}

static void put_seconds(struct out *o, int64_t ns)
{
    uint64_t whole = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
    put(o, "%s%" PRIu64 ".%09u\n", ns < 0 ? "-" : "", whole / 1000000000,
        (unsigned)(whole % 1000000000));
}

static void put_rate(struct out *o, double rate)
{
    uint64_t milli = (uint64_t)(rate * 1000 + 0.5);
    put(o, "%" PRIu64 ".%03u\n", milli / 1000, (unsigned)(milli % 1000));
}

static void put_value(struct out *o, const struct family *f,
                      const struct hws_snapshot *s)
{
    const void *at = (const char *)s + f->at;
    switch (f->kind) {
    case COUNT:
        put(o, "%" PRIu64 "\n", *(const uint64_t *)at);
        break;
    case SIZE:
        put(o, "%zu\n", *(const size_t *)at);
        break;
    case COUNT_KNOWN:
    case SIZE_KNOWN:
        put(o, "%" PRId64 "\n", *(const int64_t *)at);
        break;
    case RATE:
        put_rate(o, *(const double *)at);
        break;
    case IS_UP:
        put(o, "%d\n", *(const hws_time *)at != HWS_NEVER);
        break;
    case AGE:
        put_seconds(o, s->at - *(const hws_time *)at);
        break;
    default:
        put_seconds(o, *(const hws_time *)at);
        break;
    }
}

static bool is_known(const struct family *f, const struct hws_snapshot *s)
{
    const void *at = (const char *)s + f->at;
    if (f->kind == COUNT_KNOWN || f->kind == SIZE_KNOWN)
        return *(const int64_t *)at >= 0;
    return f->kind == COUNT || f->kind == SIZE || f->kind == RATE ||
           f->kind == IS_UP || *(const hws_time *)at != HWS_NEVER;
}

static void put_family(struct out *o, const struct family *f)
{
    bool counts = is_counter(f->kind);
    put_head(o, f->name, counts ? "counter" : "gauge", f->unit, f->help);
    for (size_t i = 0; i < o->line_count; i++) {
        const struct hws_metrics_line *line = &o->lines[i];
        if (!is_known(f, line->snapshot))
            continue;
        put(o, "%s%s{", f->name, counts ? "_total" : "");
        put_labels(o, line);
        put(o, "} ");
        put_value(o, f, line->snapshot);
    }
}

/* ---- lag, stage by stage */

static void put_quantile(struct out *o, const struct hws_metrics_line *line,
                         const char *stage, const char *quantile, int64_t ns)
{
    put(o, "hawser_lag_seconds{");
    put_labels(o, line);
    put(o, ",stage=\"%s\",quantile=\"%s\"} ", stage, quantile);
    put_seconds(o, ns);
}

static void put_stage(struct out *o, const struct hws_metrics_line *line,
                      enum hws_stage stage)
{
    const struct hws_stage_lag *lag = &line->snapshot->stages[stage];
    const char *name = hws_stage_name(stage);
    if (lag->count == 0)
        return;
    put_quantile(o, line, name, "0.5", lag->p50);
    put_quantile(o, line, name, "0.99", lag->p99);
    put_quantile(o, line, name, "1", lag->max);
    put(o, "hawser_lag_seconds_count{");
    put_labels(o, line);
    put(o, ",stage=\"%s\"} %" PRIu64 "\n", name, lag->count);
}

static void put_lag(struct out *o)
{
    put_head(o, "hawser_lag_seconds", "summary", "seconds",
             "How late messages are, by the stage of their way.");
    for (size_t i = 0; i < o->line_count; i++)
        for (unsigned stage = 0; stage < HWS_STAGES; stage++)
            put_stage(o, &o->lines[i], (enum hws_stage)stage);
}

static void put_verdict(struct out *o)
{
    put_head(o, "hawser_verdict", "gauge", "",
             "Who holds the data back: 1 for one of them.");
    for (size_t i = 0; i < o->line_count; i++) {
        for (int v = HWS_VERDICT_OK; v <= HWS_VERDICT_TLS; v++) {
            put(o, "hawser_verdict{");
            put_labels(o, &o->lines[i]);
            put(o, ",verdict=\"%s\"} %d\n",
                hws_verdict_name((enum hws_verdict)v),
                (int)o->lines[i].snapshot->verdict == v);
        }
    }
}

int hws_metrics_write(enum hws_metrics_form form,
                      const struct hws_metrics_line *lines, size_t count,
                      char *text, size_t size)
{
    struct out o = {.text = text,
                    .size = size,
                    .form = form,
                    .lines = lines,
                    .line_count = count};
    for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++)
        put_family(&o, &families[i]);
    put_lag(&o);
    put_verdict(&o);
    if (form == HWS_METRICS_OPEN)
        put(&o, "# EOF\n");
    if (o.used < size)
        return (int)o.used;
    if (size)
        text[0] = '\0';
    return HWS_E_TOO_BIG;
}
