/* What the demo knows of itself: measured, and as the object of --json. */
#include "demo.h"

#include "cpu.h"
#include "json.h"

#include <math.h>

void demo_measure(const struct demo *demo, struct demo_figures *figures)
{
    struct hws_snapshot health;
    struct hws_loop_stats loop;
    const struct hws_histogram *lag =
        hws_health_lag(hws_client_get_health(demo->client));
    hws_time now = demo->ended
                       ? demo->ended
                       : hws_loop_clock(demo->loop, HWS_CLOCK_MONOTONIC);
    hws_client_snapshot(demo->client, &health);
    hws_loop_get_stats(demo->loop, &loop);
    *figures = (struct demo_figures){
        .at = now - demo->begun,
        .state = hws_client_state_name(hws_client_get_state(demo->client)),
        .url = demo->feed.url,
        .poller = hws_loop_poller(demo->loop),
        .rate_asked = demo->options.rate,
        .sent = atomic_load(&demo->feed.sent),
        .sent_alone = atomic_load(&demo->feed.sent_alone),
        .received = demo->tally.received,
        .lost = demo->tally.lost,
        .disordered = demo->tally.late + demo->tally.duplicates,
        .bytes = health.bytes_in,
        .connections = (unsigned)health.connections,
        .kills = atomic_load(&demo->feed.kills),
        .lag_p50 = health.lag_p50,
        .lag_p99 = health.lag_p99,
        .lag_p999 = hws_histogram_percentile(lag, 99.9),
        .lag_min = health.lag_min,
        .lag_max = health.lag_max,
        .lag_mean = hws_histogram_mean(lag),
        .lag_count = health.lag_count,
        .cpu = cpu_of_process(),
        .cpu_client = cpu_of_thread(),
        .turns = loop.turns,
        .idle_turns = loop.idle_turns,
        .round_trip = health.round_trip_last,
        .last_fault = &demo->last_fault,
    };
}

static void json_lag(struct json *j, const struct demo_figures *f)
{
    json_open(j, "lag_ms");
    json_integer(j, "count", (int64_t)f->lag_count);
    json_ms(j, "min", f->lag_min);
    json_ms(j, "mean", (hws_time)llround(f->lag_mean));
    json_ms(j, "p50", f->lag_p50);
    json_ms(j, "p99", f->lag_p99);
    json_ms(j, "p999", f->lag_p999);
    json_ms(j, "max", f->lag_max);
    json_close(j);
}

void demo_summary_json(struct demo *demo, const struct demo_figures *f)
{
    struct json j = {.out = &demo->out};
    json_open(&j, NULL);
    json_number(&j, "seconds", (double)f->at / 1e9);
    json_number(&j, "rate_asked", f->rate_asked);
    json_integer(&j, "seed", (int64_t)demo->options.seed);
    json_text(&j, "dispatcher", hws_span_text(f->poller));
    json_integer(&j, "sent", (int64_t)f->sent);
    json_integer(&j, "received", (int64_t)f->received);
    json_integer(&j, "lost_between", (int64_t)f->lost);
    json_integer(&j, "sent_while_down", (int64_t)f->sent_alone);
    json_integer(&j, "disordered", (int64_t)f->disordered);
    json_integer(&j, "bytes_in", (int64_t)f->bytes);
    json_integer(&j, "kills", f->kills);
    json_integer(&j, "reconnects", f->connections ? f->connections - 1 : 0);
    json_lag(&j, f);
    json_number(&j, "cpu_seconds", f->cpu);
    json_number(&j, "client_cpu_seconds", f->cpu_client);
    json_integer(&j, "wakeups", (int64_t)f->turns);
    json_integer(&j, "idle_wakeups", (int64_t)f->idle_turns);
    json_text(&j, "last_fault", hws_span_text(f->last_fault->text));
    json_end(&j);
}
