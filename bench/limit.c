#include "limit.h"

#include "hawser/health.h"
#include "tls.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static uint8_t bytes[WIRE_READ];

static int join(const struct scene *scene, struct wire *wire)
{
    wire->tls = NULL;
    wire->fd = wire_connect(scene->port);
    if (wire->fd < 0 || (scene->tls && tls_connect(wire) != 0))
        return -1;
    return wire_upgrade_client(wire);
}

/* ---- reading ---- */

/* Calls `read_some` (which returns how many frames ended, or -1, and counts
 * its system calls) until enough messages have come. */
struct reader {
    struct wire wire;
    struct walker walker;
    uint64_t calls;
};

static int read_all(const struct scene *scene, struct reader *reader,
                    int64_t (*read_some)(struct reader *), struct cost *cost)
{
    struct meter meter = {.stepped = scene->stepped};
    uint64_t seen = 0;
    while (seen < scene->warm) {
        int64_t n = read_some(reader);
        if (n < 0)
            return -1;
        seen += (uint64_t)n;
    }
    uint64_t calls = reader->calls;
    meter_begin(&meter);
    uint64_t end = seen + scene->messages;
    uint64_t begin = seen;
    while (seen < end) {
        int64_t n = read_some(reader);
        if (n < 0)
            return -1;
        seen += (uint64_t)n;
    }
    meter_end(&meter, cost);
    cost->messages = seen - begin;
    cost->calls = reader->calls - calls;
    return 0;
}

static int64_t read_plain(struct reader *r)
{
    ssize_t n = recv(r->wire.fd, bytes, sizeof(bytes), 0);
    r->calls++;
    return n > 0 ? (int64_t)walker_step(&r->walker, bytes, (size_t)n) : -1;
}

static uint8_t clear[16384];

static int64_t read_decrypted(struct reader *r)
{
    ssize_t n = recv(r->wire.fd, bytes, sizeof(bytes), 0);
    uint64_t frames = 0;
    int got;
    r->calls++;
    if (n <= 0)
        return -1;
    tls_feed(&r->wire, bytes, (size_t)n);
    while ((got = SSL_read(r->wire.tls, clear, sizeof(clear))) > 0)
        frames += walker_step(&r->walker, clear, (size_t)got);
    return (int64_t)frames;
}

/* Two receives a record: its header, then the rest. */
static int64_t read_ssl(struct reader *r)
{
    int got = SSL_read(r->wire.tls, clear, sizeof(clear));
    r->calls += 2;
    return got > 0 ? (int64_t)walker_step(&r->walker, clear, (size_t)got) : -1;
}

int limit_read(const struct scene *scene, struct cost *cost)
{
    struct reader reader = {.calls = 0};
    if (join(scene, &reader.wire) != 0)
        return -1;
    return read_all(scene, &reader, read_plain, cost);
}

int limit_read_memory(const struct scene *scene, struct cost *cost)
{
    struct reader reader = {.calls = 0};
    if (join(scene, &reader.wire) != 0 || tls_feed_init(&reader.wire) != 0)
        return -1;
    return read_all(scene, &reader, read_decrypted, cost);
}

int limit_read_ssl(const struct scene *scene, struct cost *cost)
{
    struct reader reader = {.calls = 0};
    if (join(scene, &reader.wire) != 0)
        return -1;
    return read_all(scene, &reader, read_ssl, cost);
}

/* ---- writing ---- */

/* `batch` frames a send, until the scene's messages are gone. */
static int write_all(const struct scene *scene, size_t batch, struct cost *cost)
{
    struct meter meter = {.stepped = scene->stepped};
    struct wire wire;
    size_t room = batch * wire_frame_size(scene->size, true);
    uint8_t *frames = malloc(room);
    if (!frames || join(scene, &wire) != 0)
        return -1;
    size_t used = wire_frames(frames, room, scene->size, true);
    for (uint64_t sent = 0; sent < scene->warm; sent += batch) {
        if (wire_write(&wire, frames, used) != 0)
            return -1;
    }
    meter_begin(&meter);
    for (; cost->messages < scene->messages; cost->messages += batch) {
        if (wire_write(&wire, frames, used) != 0)
            return -1;
        cost->calls++;
    }
    meter_end(&meter, cost);
    free(frames);
    return 0;
}

int limit_write(const struct scene *scene, struct cost *cost)
{
    return write_all(scene, WIRE_READ / wire_frame_size(scene->size, true),
                     cost);
}

int limit_write_each(const struct scene *scene, struct cost *cost)
{
    return write_all(scene, 1, cost);
}

/* ---- round trips ---- */

static int ping_pong(struct wire *wire, const uint8_t *frame, size_t request,
                     size_t answer)
{
    if (wire_write(wire, frame, request) != 0)
        return -1;
    for (size_t have = 0; have < answer;) {
        struct pollfd wait = {.fd = wire->fd, .events = POLLIN};
        if (poll(&wait, 1, -1) != 1)
            return -1;
        ssize_t n = recv(wire->fd, bytes, sizeof(bytes), 0);
        if (n <= 0)
            return -1;
        have += (size_t)n;
    }
    return 0;
}

int limit_echo(const struct scene *scene, struct cost *cost)
{
    struct meter meter = {.stepped = scene->stepped};
    struct hws_histogram *trips = hws_histogram_new();
    struct wire wire;
    size_t request = wire_frame_size(scene->size, true);
    size_t answer = wire_frame_size(scene->size, false);
    uint8_t *frame = malloc(request);
    if (!trips || !frame || join(scene, &wire) != 0)
        return -1;
    wire_frames(frame, request, scene->size, true);
    for (uint64_t i = 0; i < scene->warm + scene->messages; i++) {
        if (i == scene->warm)
            meter_begin(&meter);
        int64_t begin = clock_wall();
        if (ping_pong(&wire, frame, request, answer) != 0)
            return -1;
        if (i >= scene->warm)
            hws_histogram_note(trips, clock_wall() - begin);
    }
    meter_end(&meter, cost);
    cost->messages = scene->messages;
    cost->p50 = hws_histogram_percentile(trips, 50);
    cost->p99 = hws_histogram_percentile(trips, 99);
    return 0;
}
