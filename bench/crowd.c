#include "crowd.h"

#include "child.h"
#include "tick.h"

#include <stdio.h>
#include <stdlib.h>

#define IDLE HWS_S(3)

struct crowd {
    const struct scene *scene;
    struct cost *cost;
    struct hws_loop *loop;
    struct hws_client **clients;
    struct hws_histogram *delays;
    struct meter meter;
    uint64_t up, seen, calls;
    bool is_broken;
};

/* Reads, writes and waits. */
static uint64_t calls_of(const struct crowd *c)
{
    struct hws_snapshot snapshot;
    struct hws_loop_stats stats;
    hws_loop_get_stats(c->loop, &stats);
    uint64_t calls = stats.turns;
    for (uint64_t i = 0; i < c->scene->connections; i++) {
        hws_client_snapshot(c->clients[i], &snapshot);
        calls += snapshot.reads + snapshot.writes;
    }
    return calls;
}

static void begin(struct crowd *c)
{
    hws_histogram_reset(c->delays);
    c->calls = calls_of(c);
    meter_begin(&c->meter);
}

static void end(struct crowd *c)
{
    meter_end(&c->meter, c->cost);
    c->cost->messages = c->scene->messages;
    c->cost->calls = calls_of(c) - c->calls;
    c->cost->p50 = hws_histogram_percentile(c->delays, 50);
    c->cost->p99 = hws_histogram_percentile(c->delays, 99);
    hws_loop_stop(c->loop);
}

static void note_message(struct crowd *c, struct hws_span text)
{
    hws_histogram_note(c->delays,
                       clock_wall() - tick_stamp(text.data, text.size));
    c->seen++;
    if (c->seen == c->scene->warm)
        begin(c);
    if (c->seen == c->scene->warm + c->scene->messages)
        end(c);
}

static void on_event(struct hws_client *client, const struct hws_event *event,
                     void *user)
{
    struct crowd *c = user;
    (void)client;
    if (event->kind == HWS_MESSAGE)
        note_message(c, event->message.data);
    c->up += event->kind == HWS_UP;
    if (event->kind == HWS_DOWN) {
        fprintf(stderr, "bench: %s\n", event->down.fault->text);
        c->is_broken = true;
        hws_loop_stop(c->loop);
    }
}

/* The first one alone: it is the one on which the peer waits for a word. The
 * others in waves, so that the peer's one process keeps up. */
static int open_one(struct crowd *c, uint64_t place)
{
    struct hws_client_options options;
    char url[64];
    snprintf(url, sizeof(url), "%s://127.0.0.1:%u/",
             c->scene->tls ? "wss" : "ws", (unsigned)c->scene->port);
    hws_client_options_init(&options);
    options.url = url;
    options.tls.verify = false;
    options.tls.version_min = 0x0304;
    options.retry.enabled = false;
    options.delays.ping = HWS_S(600); /* nobody would answer */
    options.on_event = on_event;
    options.user = c;
    c->clients[place] = hws_client_new(c->loop, &options, NULL);
    if (!c->clients[place] || hws_client_open(c->clients[place]) != 0)
        return -1;
    uint64_t needed = place < 50 ? place + (place == 0) : place - 49;
    while (c->up < needed && !c->is_broken)
        hws_loop_run_once(c->loop, HWS_NEVER);
    return c->is_broken ? -1 : 0;
}

static int open_all(struct crowd *c)
{
    for (uint64_t i = 0; i < c->scene->connections; i++)
        if (open_one(c, i) != 0)
            return -1;
    while (c->up < c->scene->connections && !c->is_broken)
        hws_loop_run_once(c->loop, HWS_NEVER);
    return c->is_broken ? -1 : 0;
}

static void stay(struct hws_loop *loop, hws_time delay)
{
    hws_time end_at = hws_clock_now(HWS_CLOCK_MONOTONIC) + delay;
    while (hws_clock_now(HWS_CLOCK_MONOTONIC) < end_at)
        hws_loop_run_once(loop, end_at);
}

/* The wake-up that ends the watching is not counted. */
static void watch_idle(struct crowd *c)
{
    struct hws_loop_stats before, after;
    stay(c->loop, HWS_S(1));
    hws_loop_get_stats(c->loop, &before);
    stay(c->loop, IDLE);
    hws_loop_get_stats(c->loop, &after);
    c->cost->idle_wakes =
        (double)(after.turns - before.turns - 1) * 1e9 / (double)IDLE;
}

int crowd_serve(const struct scene *scene, struct cost *cost)
{
    struct crowd c = {.scene = scene, .cost = cost};
    child_allow_descriptors();
    c.meter.stepped = scene->stepped;
    c.loop = hws_loop_new(scene->poller, NULL);
    c.clients = calloc(scene->connections, sizeof(struct hws_client *));
    c.delays = hws_histogram_new();
    if (!c.loop || !c.clients || !c.delays || open_all(&c) != 0)
        return -1;
    if (!scene->stepped)
        watch_idle(&c);
    hws_client_send(c.clients[0], HWS_TEXT, hws_span_text("go"));
    if (scene->warm == 0)
        begin(&c);
    hws_loop_run(c.loop);
    return cost->messages && !c.is_broken ? 0 : -1;
}
