/*
 * A passive observer of one connection: it is told, it counts, it answers. It
 * never calls, waits or changes behaviour, and reads no clock.
 */
#ifndef HAWSER_HEALTH_H
#define HAWSER_HEALTH_H

#include "hawser/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------------
 * A histogram of non-negative 64-bit values (nanoseconds, bytes) in fixed
 * memory: relative error at most 1 %, exact below 64.
 */
struct hws_histogram;

HWS_API struct hws_histogram *hws_histogram_new(void); /* NULL: no memory */
HWS_API void hws_histogram_free(struct hws_histogram *h);
HWS_API void hws_histogram_reset(struct hws_histogram *h);
/* Negative values count as 0, values above 2^46 as 2^46. */
HWS_API void hws_histogram_note(struct hws_histogram *h, int64_t value);
/* The same value `count` times. */
HWS_API void hws_histogram_note_many(struct hws_histogram *h, int64_t value,
                                     uint64_t count);
HWS_API void hws_histogram_add(struct hws_histogram *h,
                               const struct hws_histogram *other);
HWS_API uint64_t hws_histogram_count(const struct hws_histogram *h);
/* The value below which `percent` (0 to 100) of the notes lie; 0 when empty.
 * 0 and 100 give the exact minimum and maximum. */
HWS_API int64_t hws_histogram_percentile(const struct hws_histogram *h,
                                         double percent);
HWS_API double hws_histogram_mean(const struct hws_histogram *h);

/* ------------------------------------------------------------------------
 * Where the event time stands in a message: at a JSON pointer (RFC 6901), or
 * at a regular position of a binary one; and the unit of the number there. Or
 * a function finds it.
 */
enum hws_time_unit {
    HWS_UNIT_S, /* may have a fraction */
    HWS_UNIT_MS,
    HWS_UNIT_US,
    HWS_UNIT_NS,
    HWS_UNIT_ISO, /* "2026-11-23T19:49:00.123456Z" or with an offset */
};

struct hws_time_field;

/*
 * From "/data/T:ms". Units: s ms us ns iso. Without ":unit" it is ms.
 *
 * From "@8:u64be:ns": so many bytes into the message, or "@-8:..." before its
 * end (16,777,216 at most), the type of the number and its unit (not iso).
 * Types: u32 u64 i32 i64 f32 f64, each with be (network order) or le.
 *
 * Fails:  NULL, with `fault` (may be NULL): HWS_E_ARGUMENT names the place.
 */
HWS_API struct hws_time_field *hws_time_field_new(const char *text,
                                                  struct hws_fault *fault);
/* Find the event time of `message`, in ns since 1970-01-01 UTC. False: it has
 * none. Called before the message is told; must not call back into hawser. */
typedef bool hws_time_reader(struct hws_span message, hws_time *at, void *user);
/*
 * The function `read` (not NULL) in place of a text.
 *
 * Fails:  NULL, with `fault` (may be NULL): HWS_E_MEMORY.
 */
HWS_API struct hws_time_field *
hws_time_field_call(hws_time_reader *read, void *user, struct hws_fault *fault);
HWS_API void hws_time_field_free(struct hws_time_field *field);
/*
 * Read the event time out of a message, without allocating. True: *at is in
 * nanoseconds since 1970-01-01 UTC. A number of JSON may also stand in a
 * string.
 */
HWS_API bool hws_time_field_read(const struct hws_time_field *field,
                                 struct hws_span message, hws_time *at);

/* ------------------------------------------------------------------------
 * The health of one connection over all its reconnects.
 */
struct hws_health;

/*
 * The way of a message, in stages. Where the kernel does not tell when bytes
 * came (a Unix socket, another system), NETWORK goes up to our read and QUEUE
 * is not measured; without an event time there is neither NETWORK nor TOTAL.
 */
enum hws_stage {
    HWS_STAGE_NETWORK,    /* from its event time until the kernel had it */
    HWS_STAGE_QUEUE,      /* until we read it */
    HWS_STAGE_PROCESSING, /* until its callback had returned */
    HWS_STAGE_TOTAL,      /* from its event time until then */
    HWS_STAGES,
};
/* A short lower-case name, such as "queue". Never NULL, never freed. */
HWS_API const char *hws_stage_name(enum hws_stage stage);

/* The lag of one stage, in ns; all 0 while `count` is. */
struct hws_stage_lag {
    uint64_t count; /* messages */
    int64_t last;
    int64_t max;
    int64_t p50, p99;
};

/* What can be known, in one picture. Times in ns, sizes in bytes. */
struct hws_snapshot {
    hws_time at;          /* monotonic, of this picture */
    hws_time up_since;    /* monotonic; HWS_NEVER while down */
    uint64_t connections; /* times that it came up */
    uint64_t attempts;    /* attempts to connect */
    uint64_t failures;    /* attempts and connections that ended in a fault */
    uint64_t messages_in, messages_out;
    uint64_t bytes_in, bytes_out; /* of the byte stream, headers included */
    uint64_t reads, writes;       /* calls that moved bytes */
    uint64_t pings_in, pongs_in, pings_out;
    uint64_t unsent_messages; /* lost between the caller and the network */
    uint64_t wakeups;         /* times the connection was called */
    uint64_t idle_wakeups;    /* of these, without any progress */
    hws_time last_byte_at;    /* monotonic; HWS_NEVER when none came */
    hws_time last_message_at; /* the same for a data message */
    double message_rate;      /* messages in per second, lately */
    hws_time round_trip_last; /* ping to pong; HWS_NEVER when unknown */
    hws_time round_trip_min;
    hws_time round_trip_smooth; /* moving average, weight 1/8 */
    /* Where bytes wait now, inwards ... */
    size_t receive_queue;   /* in the kernel */
    size_t tls_pending;     /* in TLS: hws_link_tls_pending() */
    size_t decoder_backlog; /* in the decoder: hws_proto_backlog() */
    /* ... and outwards. */
    size_t send_queue;                  /* ours */
    int64_t kernel_send_queue;          /* hws_link_send_queue(); -1: unknown */
    struct hws_path path;               /* of the present connection */
    size_t memory;                      /* ours for this connection, now */
    struct hws_compression compression; /* over all connections */
    hws_time callback_total;            /* time spent in event callbacks */
    hws_time callback_max;              /* the longest batch of one read */
    uint64_t lag_count;                 /* messages whose event time was read;
                                           of one read that brings more than
                                           64, one in 8 stands for the others */
    uint64_t lag_missing;               /* messages without a readable one */
    int64_t lag_last, lag_min, lag_max; /* receive time minus event time; may
                                           be negative by clock offset */
    int64_t lag_p50, lag_p99;
    struct hws_stage_lag stages[HWS_STAGES];
    int64_t clock_offset; /* how much later the peer's clock seems than ours,
                             negative: earlier; HWS_NEVER: unknown. Least
                             network lag minus half of the least round trip:
                             data that is never younger looks the same */
    enum hws_verdict verdict;
    const char *verdict_text; /* the figures that say so, or "". Lends: until
                                 the health is judged again */
    const struct hws_fault *last_fault; /* of the last end; never NULL. Lends:
                                           until the health is told more */
};

/* With `field` (may be NULL, stays the caller's) lag is measured. */
HWS_API struct hws_health *hws_health_new(const struct hws_time_field *field);
HWS_API void hws_health_free(struct hws_health *health);

/* An attempt to connect begins. */
HWS_API void hws_health_attempt(struct hws_health *health, hws_time now);
/* An event is about to be delivered. */
HWS_API void hws_health_note(struct hws_health *health,
                             const struct hws_event *event, hws_time realtime);
/* Bytes moved: in or out, by one call each. Zero sizes count nothing. */
HWS_API void hws_health_moved(struct hws_health *health, size_t in, size_t out,
                              hws_time now);
/* A message or a ping of ours was queued. */
HWS_API void hws_health_sent(struct hws_health *health, bool ping);
/* Messages of ours were given up between the caller and the protocol. */
HWS_API void hws_health_unsent(struct hws_health *health, uint64_t count);
/* One read of a connection, and what is known of its bytes. */
struct hws_reading {
    size_t size;          /* bytes */
    hws_time at;          /* monotonic, after the read */
    hws_time realtime;    /* the same moment */
    hws_time arrived;     /* realtime: the newest of them reached the kernel, or
                             earlier; HWS_NEVER: unknown */
    hws_time oldest;      /* realtime: none of them came earlier. What came in
                             between is taken to have come evenly */
    bool after_callbacks; /* the program kept the loop from looking earlier */
};
/* Before the messages of a read are noted. */
HWS_API void hws_health_read(struct hws_health *health,
                             const struct hws_reading *reading);
/* The callbacks of all messages noted so far have returned. */
HWS_API void hws_health_handled(struct hws_health *health, hws_time now);
/* Whether the stages are measured: true, unless it is switched off before the
 * first message. Costs 25 KB from then on, 50 KB with event times. */
HWS_API void hws_health_measure(struct hws_health *health, bool on);

/* Callbacks of one read took `spent`. */
HWS_API void hws_health_called(struct hws_health *health, hws_time spent);
/* The connection was woken; `progress`: something was read, written or due. */
HWS_API void hws_health_woken(struct hws_health *health, bool progress);

/* What the judge cannot know from what it was told. */
struct hws_facts {
    bool up;
    bool paused;          /* the caller wants no messages now */
    bool encrypted;       /* TLS is in the way */
    hws_time callbacks;   /* time spent in callbacks of all connections of the
                             loop, so far; and, of this one, ... */
    hws_time reading;     /* ... in reads, with decryption */
    hws_time path_trip;   /* TCP's smoothed round trip; HWS_NEVER: unknown */
    int retransmits;      /* segments sent again so far; -1: unknown */
    int unacknowledged;   /* segments that its machine has not taken; -1 */
    size_t receive_queue; /* bytes that wait to be read */
};
struct hws_judgement {
    enum hws_verdict verdict;
    bool is_new;     /* it was another one before */
    bool wants_ping; /* a ping now would tell the network from the peer */
    bool is_settled; /* nothing will change before the next message */
    hws_time lag;    /* mean of the messages since the last call: total, or of
                        queue and processing; HWS_NEVER: none was measured */
};
/*
 * Say who holds the data back, from what happened since the last call: at
 * least HWS_JUDGE_DELAY ago, or nothing is said anew. A suspicion needs two
 * calls in a row, a grave one needs one; to leave a verdict, its lag must fall
 * to half of what it takes to come to it.
 *
 * Fails:  never; without memory the verdict stays HWS_VERDICT_NONE.
 */
#define HWS_JUDGE_DELAY HWS_MS(250)
HWS_API struct hws_judgement hws_health_judge(struct hws_health *health,
                                              const struct hws_facts *facts,
                                              hws_time now);

/* Fill everything but the gauges that only the connection knows (queues, path,
 * memory, compression), which become 0 or unknown: see hws_conn_gauges(). */
HWS_API void hws_health_snapshot(const struct hws_health *health, hws_time now,
                                 struct hws_snapshot *snapshot);
/* The lag histogram, or NULL without a field. Lends: while health lives. */
HWS_API const struct hws_histogram *
hws_health_lag(const struct hws_health *health);
/* The histogram of a stage, or NULL before there was anything to measure.
 * Lends: while health lives. */
HWS_API const struct hws_histogram *
hws_health_stage(const struct hws_health *health, enum hws_stage stage);

/*
 * Write `snapshot` as one JSON object, without a line end, into `text`.
 * Returns the length without NUL, or HWS_E_TOO_BIG.
 */
HWS_API int hws_snapshot_json(const struct hws_snapshot *snapshot, char *text,
                              size_t size);

/* One connection for hws_metrics_write(). The texts become labels. */
struct hws_metrics_line {
    const char *name; /* "connection"; tells it from the others */
    const char *url;  /* without userinfo, as hws_client_get_url() has it */
    const struct hws_snapshot *snapshot;
};
enum hws_metrics_form {
    HWS_METRICS_TEXT, /* Prometheus' text format, version 0.0.4 */
    HWS_METRICS_OPEN, /* OpenMetrics 1.0 */
};
/*
 * Write the snapshots of `count` connections as metrics, each family once.
 * Times are in seconds, sizes in bytes; what is unknown is left out.
 * docs/METRICS.md has the names. Asks no locale and allocates nothing.
 *
 * Returns the length without NUL, or HWS_E_TOO_BIG: 8 KiB for each connection
 * and as much again are enough, unless labels are long.
 */
HWS_API int hws_metrics_write(enum hws_metrics_form form,
                              const struct hws_metrics_line *lines,
                              size_t count, char *text, size_t size);

#ifdef __cplusplus
}
#endif
#endif
