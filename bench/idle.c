/* Many connections that say nothing: what each holds, and what they cost. */
#define _GNU_SOURCE

#include "child.h"
#include "hawser/hawser.h"
#include "limit.h"
#include "ours.h"
#include "tls.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#define WATCHED HWS_S(5)

/* ---- memory of ours, counted at the allocator ---- */

static size_t held; /* bytes */

union prefix {
    size_t size;
    max_align_t align;
};

static void *count_resize(void *context, void *old, size_t size)
{
    union prefix *p = old ? (union prefix *)old - 1 : NULL;
    size_t before = p ? p->size : 0;
    (void)context;
    p = realloc(p, sizeof(*p) + size);
    if (!p)
        return NULL;
    held += size - before;
    p->size = size;
    return p + 1;
}

static void *count_alloc(void *context, size_t size)
{
    return count_resize(context, NULL, size);
}

static void count_release(void *context, void *old)
{
    union prefix *p = (union prefix *)old - 1;
    (void)context;
    held -= p->size;
    free(p);
}

static int64_t resident(void)
{
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%*d %ld", &pages) != 1)
        pages = 0;
    if (file)
        fclose(file);
    return (int64_t)pages * sysconf(_SC_PAGESIZE);
}

/* ---- ours ---- */

static uint64_t up_count, down_count;

static void on_event(struct hws_client *client, const struct hws_event *event,
                     void *user)
{
    (void)client;
    (void)user;
    up_count += event->kind == HWS_UP;
    down_count += event->kind == HWS_DOWN;
}

static int open_clients(const struct scene *scene, struct hws_loop *loop,
                        uint64_t count)
{
    struct hws_client_options options;
    char url[64];
    snprintf(url, sizeof(url), "%s://127.0.0.1:%u/", scene->tls ? "wss" : "ws",
             (unsigned)scene->port);
    hws_client_options_init(&options);
    options.url = url;
    options.tls.verify = false;
    options.tls.version_min = 0x0304;
    options.on_event = on_event;
    uint64_t wanted = up_count + count;
    for (uint64_t i = 0; i < count; i++) {
        struct hws_client *client = hws_client_new(loop, &options, NULL);
        if (!client || hws_client_open(client) != 0)
            return -1;
        /* In waves, so that the peer's one process keeps up. */
        while (up_count + 50 < wanted - count + i && !down_count)
            hws_loop_run_once(loop, HWS_NEVER);
    }
    while (up_count < wanted && !down_count)
        hws_loop_run_once(loop, HWS_NEVER);
    return down_count ? -1 : 0;
}

static void stay(struct hws_loop *loop, hws_time delay)
{
    hws_time end = hws_clock_now(HWS_CLOCK_MONOTONIC) + delay;
    while (hws_clock_now(HWS_CLOCK_MONOTONIC) < end)
        hws_loop_run_once(loop, end);
}

int ours_hold(const struct scene *scene, struct cost *cost)
{
    static const struct hws_memory counting = {
        .alloc = count_alloc,
        .resize = count_resize,
        .release = count_release,
    };
    struct meter meter = {.stepped = false};
    struct hws_loop_stats before, after;
    child_allow_descriptors();
    hws_memory_set(&counting);
    struct hws_loop *loop = hws_loop_new(NULL, NULL);
    /* The first one makes what all share. */
    if (!loop || open_clients(scene, loop, 1) != 0)
        return -1;
    size_t held_before = held;
    int64_t resident_before = resident();
    if (open_clients(scene, loop, scene->messages) != 0)
        return -1;
    stay(loop, HWS_S(1));
    hws_loop_get_stats(loop, &before);
    meter_begin(&meter);
    stay(loop, WATCHED);
    meter_end(&meter, cost);
    hws_loop_get_stats(loop, &after);
    cost->calls = after.turns - before.turns;
    cost->messages = scene->messages;
    cost->held = (int64_t)(held - held_before) / (int64_t)scene->messages;
    cost->resident = (resident() - resident_before) / (int64_t)scene->messages;
    return 0;
}

/* ---- the limit ---- */

int limit_hold(const struct scene *scene, struct cost *cost)
{
    struct meter meter = {.stepped = false};
    struct epoll_event event = {.events = EPOLLIN};
    int64_t resident_before = 0;
    int waiter = epoll_create1(0);
    child_allow_descriptors();
    for (uint64_t i = 0; i <= scene->messages; i++) {
        struct wire wire = {.fd = wire_connect(scene->port)};
        if (wire.fd < 0 || (scene->tls && tls_connect(&wire) != 0) ||
            wire_upgrade_client(&wire) != 0 ||
            epoll_ctl(waiter, EPOLL_CTL_ADD, wire.fd, &event) != 0)
            return -1;
        if (i == 0)
            resident_before = resident();
    }
    meter_begin(&meter);
    while (clock_wall() - meter.wall < WATCHED) {
        epoll_wait(waiter, &event, 1, (int)(WATCHED / 1000000));
        cost->calls++;
    }
    meter_end(&meter, cost);
    cost->messages = scene->messages;
    cost->resident = (resident() - resident_before) / (int64_t)scene->messages;
    return 0;
}
