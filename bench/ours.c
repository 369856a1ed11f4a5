#include "ours.h"

#include "line.h"
#include "wire.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- reading ---- */

static void end_reading(struct line *line)
{
    line_end(line, line->scene->messages);
    hws_loop_stop(line->loop);
}

static void begin_reading(struct line *line)
{
    line->mark += line->scene->messages;
    line->on_mark = end_reading;
    line_begin(line);
}

int ours_read(const struct scene *scene, struct cost *cost)
{
    struct line line = {.on_mark = begin_reading, .mark = scene->warm};
    if (line_open(&line, scene, cost) != 0)
        return -1;
    hws_loop_run(line.loop);
    line_free(&line);
    return cost->messages ? 0 : -1;
}

int ours_read_bare(const struct scene *scene, struct cost *cost)
{
    struct scene bare = *scene;
    bare.measure = MEASURE_NOTHING;
    return ours_read(&bare, cost);
}

int ours_read_judged(const struct scene *scene, struct cost *cost)
{
    struct scene judged = *scene;
    judged.measure = MEASURE_AND_JUDGE;
    return ours_read(&judged, cost);
}

int ours_read_timed(const struct scene *scene, struct cost *cost)
{
    struct scene timed = *scene;
    timed.measure = MEASURE_TIMES;
    return ours_read(&timed, cost);
}

/* ---- sending ---- */

/* As many messages as fit into 64 KiB. */
static uint64_t batch_of(const struct scene *scene)
{
    return WIRE_READ / wire_frame_size(scene->size, true);
}

/* A turn after every batch, as a program has that also listens; a full queue
 * waits for the kernel. */
static int send_batches(struct line *line, uint64_t batches)
{
    uint64_t batch = batch_of(line->scene);
    for (uint64_t sent = 0; sent < batches; sent++) {
        hws_batch_begin(line->loop);
        for (uint64_t i = 0; i < batch; i++) {
            if (line_send(line) != 0)
                return -1;
        }
        hws_batch_end(line->loop);
        line_turn(line, false);
        while (line->full && !line->down)
            line_turn(line, true);
    }
    return line->down ? -1 : 0;
}

int ours_write(const struct scene *scene, struct cost *cost)
{
    struct line line = {0};
    uint64_t batch = batch_of(scene);
    uint64_t batches = (scene->messages + batch - 1) / batch;
    if (line_open(&line, scene, cost) != 0 ||
        send_batches(&line, scene->warm / batch) != 0)
        return -1;
    line_begin(&line);
    if (send_batches(&line, batches) != 0)
        return -1;
    line_end(&line, batches * batch);
    line_free(&line);
    return 0;
}

static int send_each(struct line *line, uint64_t messages)
{
    for (uint64_t sent = 0; sent < messages; sent++) {
        if (line_send(line) != 0)
            return -1;
        if (sent % 1024 == 1023)
            line_turn(line, false);
        while (line->full && !line->down)
            line_turn(line, true);
    }
    return line->down ? -1 : 0;
}

int ours_write_each(const struct scene *scene, struct cost *cost)
{
    struct line line = {0};
    if (line_open(&line, scene, cost) != 0 ||
        send_each(&line, scene->warm) != 0)
        return -1;
    line_begin(&line);
    if (send_each(&line, scene->messages) != 0)
        return -1;
    line_end(&line, scene->messages);
    line_free(&line);
    return 0;
}

/* ---- sending from another thread ---- */

#define PORTION 64 /* messages between two marks */
#define PORTIONS 8 /* that may be on their way */

/* The other thread may run ahead by so much; the marks that it posts behind
 * its messages give it leave to go on, but not while the queue is full. */
struct other {
    struct line line;
    sem_t leave;
    uint64_t portions, done;
    uint64_t left; /* leaves given */
};

static void on_mark(void *context)
{
    struct other *o = context;
    o->done++;
}

static void give_leave(struct other *o)
{
    for (; !o->line.full && o->left < o->done; o->left++)
        sem_post(&o->leave);
}

static void *send_all(void *context)
{
    struct other *o = context;
    struct hws_span data = {o->line.text, o->line.scene->size};
    for (uint64_t i = 0; i < o->portions; i++) {
        sem_wait(&o->leave);
        for (int n = 0; n < PORTION; n++)
            hws_client_send(o->line.client, HWS_TEXT, data);
        hws_loop_post(o->line.loop, on_mark, o);
    }
    return NULL;
}

static int send_from_other(struct other *o, uint64_t messages)
{
    pthread_t thread;
    o->done = o->left = 0;
    o->portions = messages / PORTION;
    if (pthread_create(&thread, NULL, send_all, o) != 0)
        return -1;
    while (o->left < o->portions && !o->line.down) {
        line_turn(&o->line, true);
        give_leave(o);
    }
    return pthread_join(thread, NULL);
}

int ours_write_other(const struct scene *scene, struct cost *cost)
{
    struct other o = {.done = 0};
    struct hws_snapshot snapshot;
    sem_init(&o.leave, 0, PORTIONS);
    if (line_open(&o.line, scene, cost) != 0 ||
        send_from_other(&o, scene->warm) != 0)
        return -1;
    line_begin(&o.line);
    if (send_from_other(&o, scene->messages) != 0)
        return -1;
    line_end(&o.line, o.portions * PORTION);
    hws_client_snapshot(o.line.client, &snapshot);
    line_free(&o.line);
    return snapshot.unsent_messages ? -1 : 0;
}

/* ---- round trips ---- */

static void trip_done(struct line *line)
{
    const struct scene *scene = line->scene;
    int64_t now = clock_wall();
    line->mark++;
    if (line->seen > scene->warm)
        hws_histogram_note(line->trips, now - line->sent_at);
    if (line->seen == scene->warm)
        line_begin(line);
    if (line->seen == scene->warm + scene->messages) {
        line_end(line, scene->messages);
        hws_loop_stop(line->loop);
        return;
    }
    line->sent_at = clock_wall();
    line_send(line);
}

int ours_echo(const struct scene *scene, struct cost *cost)
{
    struct line line = {
        .on_mark = trip_done,
        .mark = 1,
        .trips = hws_histogram_new(),
    };
    if (!line.trips || line_open(&line, scene, cost) != 0)
        return -1;
    line_send(&line);
    hws_loop_run(line.loop);
    cost->p50 = hws_histogram_percentile(line.trips, 50);
    cost->p99 = hws_histogram_percentile(line.trips, 99);
    line_free(&line);
    return cost->messages ? 0 : -1;
}
