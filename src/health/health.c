#include "health/health.h"

#include "base/mem.h"

/* Of the messages of one read so many are looked at for their event time one
 * by one, and then one in so many. */
#define SAMPLE_ALL 64
#define SAMPLE_EVERY 8

void hws_health_measure(struct hws_health *health, bool on)
{
    health->measures = on;
    health->unmade = on && !health->stages;
}

struct hws_health *hws_health_new(const struct hws_time_field *field)
{
    struct hws_health *h = hwi_alloc_zero(sizeof(*h));
    if (!h)
        return NULL;
    hwi_rate_init(&h->rate);
    hws_health_measure(h, true);
    h->last_message_at = h->last_byte_at = h->up_since = HWS_NEVER;
    h->round_trip_last = h->round_trip_min = HWS_NEVER;
    h->round_trip_smooth = h->last_pong_at = HWS_NEVER;
    if (field) {
        h->field = field;
        h->lag = hws_histogram_new();
        if (!h->lag)
            goto fail;
    }
    return h;
fail:
    hwi_free(h);
    return NULL;
}

void hws_health_free(struct hws_health *health)
{
    if (!health)
        return;
    hws_histogram_free(health->lag);
    hwi_stages_free(health->stages);
    hwi_free(health->judged);
    hwi_free(health);
}

void hws_health_attempt(struct hws_health *health, hws_time now)
{
    (void)now;
    health->attempts++;
}

/* ---- events ---- */

static void note_lag(struct hws_health *h, int64_t lag, uint32_t weight)
{
    bool first = hws_histogram_count(h->lag) == 0;
    h->lag_last = lag;
    if (first || lag < h->lag_min)
        h->lag_min = lag;
    if (first || lag > h->lag_max)
        h->lag_max = lag;
    hws_histogram_note_many(h->lag, lag, weight);
}

/*
 * Whether a later message will stand for this one. What came by one read in
 * large numbers came at nearly one time, and to parse each one costs more than
 * all else that is done for it.
 */
static bool is_stood_for(struct hws_health *h, hws_time read_at)
{
    if (h->sample_at != read_at) {
        h->sample_at = read_at;
        h->sampled = 0;
    }
    return ++h->sampled > SAMPLE_ALL && h->sampled % SAMPLE_EVERY != 0;
}

/* A message counts once, by its first chunk; only a whole one is searched,
 * since the field of a split one may lie in any chunk. */
static void look_for_lag(struct hws_health *h, const struct hws_event *event,
                         hws_time realtime)
{
    hws_time at = HWS_NEVER, lag;
    bool whole = event->message.first && event->message.last;
    if (whole && is_stood_for(h, event->at)) {
        h->unseen++;
        at = HWI_UNSEEN;
    } else if (whole &&
               hws_time_field_read(h->field, event->message.data, &at) &&
               !__builtin_sub_overflow(realtime, at, &lag)) {
        note_lag(h, lag, 1 + h->unseen);
        h->unseen = 0;
    } else {
        h->lag_missing += event->message.first ? 1 + h->unseen : 0;
        h->unseen = 0;
    }
    if (h->stages && event->message.last)
        hwi_stages_time(h->stages, at);
}

/* Without memory for them nothing is measured, and nothing else happens. */
static void make_stages(struct hws_health *h)
{
    h->unmade = false;
    h->stages = hwi_stages_new(&h->reading, h->field != NULL);
    if (h->stages && h->round_trip_min != HWS_NEVER)
        hwi_stages_correct(h->stages, h->round_trip_min);
}

static void note_message(struct hws_health *h, const struct hws_event *event,
                         hws_time realtime)
{
    if (hwi_rate_due(&h->rate, event->at))
        hwi_rate_fold(&h->rate, h->messages_in, event->at);
    h->messages_in += event->message.last;
    h->last_message_at = event->at;
    if (h->unmade)
        make_stages(h);
    if (h->stages)
        hwi_stages_take(h->stages, event->message.data.size,
                        event->message.last);
    if (h->field)
        look_for_lag(h, event, realtime);
}

static void note_round_trip(struct hws_health *h, hws_time round_trip)
{
    if (round_trip == HWS_NEVER)
        return;
    if (h->round_trip_last == HWS_NEVER)
        h->round_trip_smooth = round_trip;
    else
        h->round_trip_smooth += (round_trip - h->round_trip_smooth) / 8;
    h->round_trip_last = round_trip;
    if (round_trip < h->round_trip_min) {
        h->round_trip_min = round_trip;
        if (h->stages)
            hwi_stages_correct(h->stages, round_trip);
    }
}

/* An end is no failure when it was agreed on, or when the caller cut it. */
static void note_down(struct hws_health *h, const struct hws_event *event)
{
    const struct hws_fault *fault = event->down.fault;
    h->up_since = HWS_NEVER;
    h->unsent_messages += event->down.unsent_messages;
    h->failures += !event->down.clean && fault->status != HWS_E_CANCELLED;
    h->last_fault = *fault;
    h->ended_by = event->down.by;
}

void hwi_health_note_other(struct hws_health *health,
                           const struct hws_event *event, hws_time realtime)
{
    switch (event->kind) {
    case HWS_MESSAGE:
        note_message(health, event, realtime);
        break;
    case HWS_UP:
        health->connections++;
        health->up_since = event->at;
        break;
    case HWS_PING:
        health->pings_in++;
        break;
    case HWS_PONG:
        health->pongs_in++;
        health->last_pong_at = event->at;
        note_round_trip(health, event->control.round_trip);
        break;
    case HWS_DOWN:
        note_down(health, event);
        break;
    default:
        break;
    }
}

void hws_health_note(struct hws_health *health, const struct hws_event *event,
                     hws_time realtime)
{
    hwi_health_note(health, event, realtime);
}

/* ---- the rest ---- */

void hws_health_moved(struct hws_health *health, size_t in, size_t out,
                      hws_time now)
{
    if (in) {
        health->reads++;
        health->bytes_in += in;
        health->last_byte_at = now;
    }
    if (out) {
        health->writes++;
        health->bytes_out += out;
    }
}

void hws_health_sent(struct hws_health *health, bool ping)
{
    if (ping)
        health->pings_out++;
    else
        health->messages_out++;
}

void hws_health_unsent(struct hws_health *health, uint64_t count)
{
    health->unsent_messages += count;
}

void hws_health_read(struct hws_health *health,
                     const struct hws_reading *reading)
{
    health->reading = *reading;
    if (health->stages)
        hwi_stages_begin(health->stages);
}

/* No later message stands for these: the one before them does. */
static void settle_unseen(struct hws_health *h)
{
    if (h->unseen == 0)
        return;
    if (hws_histogram_count(h->lag) > 0)
        note_lag(h, h->lag_last, h->unseen);
    else
        h->lag_missing += h->unseen;
    h->unseen = 0;
}

void hws_health_handled(struct hws_health *health, hws_time now)
{
    settle_unseen(health);
    if (health->stages)
        hwi_stages_handled(health->stages, now);
}

void hws_health_called(struct hws_health *health, hws_time spent)
{
    health->callback_total += spent;
    if (spent > health->callback_max)
        health->callback_max = spent;
}

void hws_health_woken(struct hws_health *health, bool progress)
{
    health->wakeups++;
    health->idle_wakeups += !progress;
}

static void show_lag(const struct hws_health *h, struct hws_snapshot *snapshot)
{
    if (!h->lag)
        return;
    snapshot->lag_count = hws_histogram_count(h->lag);
    snapshot->lag_missing = h->lag_missing;
    snapshot->lag_last = h->lag_last;
    snapshot->lag_min = h->lag_min;
    snapshot->lag_max = h->lag_max;
    snapshot->lag_p50 = hws_histogram_percentile(h->lag, 50);
    snapshot->lag_p99 = hws_histogram_percentile(h->lag, 99);
}

static void show_stages(const struct hws_health *h,
                        struct hws_snapshot *snapshot)
{
    snapshot->verdict_text = "";
    if (h->judged) {
        snapshot->verdict = h->judged->verdict;
        snapshot->verdict_text = h->judged->text;
    }
    snapshot->clock_offset = HWS_NEVER;
    if (!h->stages)
        return;
    for (unsigned i = 0; i < HWS_STAGES; i++)
        hwi_stages_show(h->stages, (enum hws_stage)i, &snapshot->stages[i]);
    snapshot->clock_offset = hwi_stages_clock_offset(h->stages);
}

void hws_health_snapshot(const struct hws_health *health, hws_time now,
                         struct hws_snapshot *snapshot)
{
    const struct hws_health *h = health;
    *snapshot = (struct hws_snapshot){
        .at = now,
        .up_since = h->up_since,
        .connections = h->connections,
        .attempts = h->attempts,
        .failures = h->failures,
        .messages_in = h->messages_in,
        .messages_out = h->messages_out,
        .bytes_in = h->bytes_in,
        .bytes_out = h->bytes_out,
        .reads = h->reads,
        .writes = h->writes,
        .pings_in = h->pings_in,
        .pongs_in = h->pongs_in,
        .pings_out = h->pings_out,
        .unsent_messages = h->unsent_messages,
        .wakeups = h->wakeups,
        .idle_wakeups = h->idle_wakeups,
        .last_byte_at = h->last_byte_at,
        .last_message_at = h->last_message_at,
        .message_rate = hwi_rate_per_second(&h->rate, h->messages_in, now),
        .kernel_send_queue = -1,
        .path = HWS_PATH_UNKNOWN,
        .round_trip_last = h->round_trip_last,
        .round_trip_min = h->round_trip_min,
        .round_trip_smooth = h->round_trip_smooth,
        .callback_total = h->callback_total,
        .callback_max = h->callback_max,
        .last_fault = &h->last_fault,
    };
    show_lag(h, snapshot);
    show_stages(h, snapshot);
}

const struct hws_histogram *hws_health_lag(const struct hws_health *health)
{
    return health->lag;
}

const struct hws_histogram *hws_health_stage(const struct hws_health *health,
                                             enum hws_stage stage)
{
    if (!health->stages || (unsigned)stage >= HWS_STAGES)
        return NULL;
    return health->stages->of[stage];
}
