#include "line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void on_event(struct hws_client *client, const struct hws_event *event,
                     void *user)
{
    struct line *line = user;
    (void)client;
    if (event->kind == HWS_MESSAGE) {
        if (++line->seen == line->mark)
            line->on_mark(line);
        return;
    }
    switch (event->kind) {
    case HWS_UP:
        line->up = true;
        break;
    case HWS_DOWN:
        fprintf(stderr, "bench: %s\n", event->down.fault->text);
        line->down = true;
        hws_loop_stop(line->loop);
        break;
    case HWS_HIGH_WATER:
        line->full = true;
        break;
    case HWS_LOW_WATER:
        line->full = false;
        break;
    default:
        break;
    }
}

static struct hws_client *new_client(struct line *line)
{
    struct hws_client_options options;
    struct hws_fault fault;
    char url[64];
    hws_client_options_init(&options);
    snprintf(url, sizeof(url), "%s://127.0.0.1:%u/",
             line->scene->tls ? "wss" : "ws", (unsigned)line->scene->port);
    options.url = url;
    options.tls.verify = false;
    options.tls.version_min = 0x0304;
    options.retry.enabled = false;
    options.limits.send_queue_high = 128 * 1024;
    options.limits.send_queue_low = 64 * 1024;
    options.measure = line->scene->measure != MEASURE_NOTHING;
    options.judge = line->scene->measure >= MEASURE_AND_JUDGE;
    if (line->scene->measure == MEASURE_TIMES)
        options.lag_field = "/price:s"; /* as good a number as any */
    options.on_event = on_event;
    options.user = line;
    struct hws_client *client = hws_client_new(line->loop, &options, &fault);
    if (!client)
        fprintf(stderr, "bench: %s\n", fault.text);
    return client;
}

int line_open(struct line *line, const struct scene *scene, struct cost *cost)
{
    line->scene = scene;
    line->cost = cost;
    line->meter.stepped = scene->stepped;
    line->text = malloc(scene->size);
    line->loop = hws_loop_new(NULL, NULL);
    if (!line->loop || !line->text)
        return -1;
    memset(line->text, 'x', scene->size);
    line->client = new_client(line);
    if (!line->client || hws_client_open(line->client) != 0)
        return -1;
    while (!line->up && !line->down)
        line_turn(line, true);
    return line->up ? 0 : -1;
}

void line_free(struct line *line)
{
    hws_client_free(line->client);
    hws_loop_free(line->loop);
    free(line->text);
}

/* Reads, writes and waits; a read or a write that moved nothing is not seen
 * here, but in the stepped run. */
static uint64_t calls_of(const struct line *line)
{
    struct hws_snapshot snapshot;
    struct hws_loop_stats stats;
    hws_client_snapshot(line->client, &snapshot);
    hws_loop_get_stats(line->loop, &stats);
    return snapshot.reads + snapshot.writes + stats.turns;
}

void line_begin(struct line *line)
{
    line->calls = calls_of(line);
    meter_begin(&line->meter);
}

void line_end(struct line *line, uint64_t messages)
{
    meter_end(&line->meter, line->cost);
    line->cost->messages = messages;
    line->cost->calls = calls_of(line) - line->calls;
}

void line_turn(struct line *line, bool wait)
{
    hws_loop_run_once(line->loop, wait ? HWS_NEVER : 0);
}

int line_send(struct line *line)
{
    struct hws_span data = {line->text, line->scene->size};
    int status;
    while ((status = hws_client_send(line->client, HWS_TEXT, data)) ==
           HWS_E_FULL)
        line_turn(line, true);
    return status ? -1 : 0;
}
