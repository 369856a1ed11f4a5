#include "support/world.h"

#include <assert.h>
#include <poll.h>
#include <string.h>

static struct world *of(struct hws_loop *loop)
{
    return (struct world *)(void *)loop;
}

static void remove_watch(struct world *w, const struct hws_watch *watch)
{
    for (size_t i = 0; i < w->watch_count; i++) {
        if (w->watches[i] != watch)
            continue;
        w->watches[i] = w->watches[--w->watch_count];
        return;
    }
}

static int world_watch(struct hws_loop *loop, struct hws_watch *watch, int fd,
                       unsigned interest)
{
    struct world *w = of(loop);
    if (interest && w->watch_failures) {
        w->watch_failures--;
        return HWS_E_SYSTEM;
    }
    if (interest && !watch->interest) {
        assert(w->watch_count < WORLD_WATCHES_MAX);
        w->watches[w->watch_count++] = watch;
    } else if (!interest && watch->interest) {
        remove_watch(w, watch);
    }
    watch->fd = fd;
    watch->interest = interest;
    return 0;
}

static void remove_timer(struct world *w, const struct hws_timer *timer)
{
    for (size_t i = 0; i < w->timer_count; i++) {
        if (w->timers[i] != timer)
            continue;
        memmove(&w->timers[i], &w->timers[i + 1],
                (--w->timer_count - i) * sizeof(w->timers[0]));
        return;
    }
}

static int world_timer(struct hws_loop *loop, struct hws_timer *timer,
                       hws_time deadline)
{
    struct world *w = of(loop);
    bool may_fail = timer->deadline == HWS_NEVER && deadline != HWS_NEVER;
    if (may_fail && w->timer_failures) {
        w->timer_failures--;
        return HWS_E_MEMORY;
    }
    if (timer->deadline != HWS_NEVER)
        remove_timer(w, timer);
    timer->deadline = deadline;
    if (deadline == HWS_NEVER)
        return 0;
    assert(w->timer_count < WORLD_TIMERS_MAX);
    w->timers[w->timer_count++] = timer;
    return 0;
}

static hws_time world_clock(struct hws_loop *loop, enum hws_clock clock)
{
    struct world *w = of(loop);
    if (clock == HWS_CLOCK_REALTIME)
        return w->now + w->realtime_ahead;
    return clock == HWS_CLOCK_BOOTTIME ? w->now + w->asleep : w->now;
}

static const struct hws_loop_ops world_ops = {
    .name = "virtual",
    .watch = world_watch,
    .timer = world_timer,
    .clock = world_clock,
};

void world_init(struct world *w, uint64_t seed)
{
    *w = (struct world){.loop = {.ops = &world_ops}};
    w->now = HWS_S(1000);
    w->realtime_ahead = HWS_S(1700000000);
    hwi_seeded_init(&w->seeded, seed);
}

void world_release(struct world *w)
{
    hws_loop_release(&w->loop);
    assert(w->timer_count == 0);
    assert(w->watch_count == 0);
}

struct hws_random world_random(struct world *w)
{
    return hwi_seeded_random(&w->seeded);
}

/* What is no number of a pair is a descriptor of the system. */
static unsigned readiness(const struct hws_watch *watch)
{
    const struct hws_link *end = hws_pair_of(watch->fd);
    if (end)
        return hws_pair_ready(end) & watch->interest;
    struct pollfd p = {.fd = watch->fd};
    if (watch->interest & HWS_READ)
        p.events |= POLLIN;
    if (watch->interest & HWS_WRITE)
        p.events |= POLLOUT;
    if (poll(&p, 1, 0) != 1)
        return 0;
    if (p.revents & (POLLERR | POLLHUP | POLLNVAL))
        return watch->interest;
    unsigned ready = p.revents & POLLIN ? HWS_READ : 0;
    return p.revents & POLLOUT ? ready | HWS_WRITE : ready;
}

static bool still_watched(const struct world *w, const struct hws_watch *watch)
{
    for (size_t i = 0; i < w->watch_count; i++) {
        if (w->watches[i] == watch)
            return true;
    }
    return false;
}

static bool call_ready(struct world *w)
{
    struct hws_watch *batch[WORLD_WATCHES_MAX];
    size_t count = w->watch_count;
    bool called = false;
    memcpy(batch, w->watches, count * sizeof(batch[0]));
    for (size_t i = 0; i < count; i++) {
        if (!still_watched(w, batch[i]))
            continue;
        unsigned ready = readiness(batch[i]);
        if (!ready)
            continue;
        called = true;
        batch[i]->ready(batch[i], ready, w->now);
    }
    return called;
}

/* The armed timer with the earliest deadline; among equals the one that was
 * armed first. */
static struct hws_timer *first_timer(const struct world *w)
{
    struct hws_timer *first = NULL;
    for (size_t i = 0; i < w->timer_count; i++) {
        if (!first || w->timers[i]->deadline < first->deadline)
            first = w->timers[i];
    }
    return first;
}

/* A timer that is armed again for now waits for the next turn. */
static bool call_due(struct world *w)
{
    bool called = false;
    size_t left = w->timer_count;
    while (left-- > 0) {
        struct hws_timer *timer = first_timer(w);
        if (!timer || timer->deadline > w->now)
            break;
        remove_timer(w, timer);
        timer->deadline = HWS_NEVER;
        timer->due(timer, w->now);
        called = true;
    }
    return called;
}

bool world_turn(struct world *w)
{
    bool ready = call_ready(w);
    bool due = call_due(w);
    if (ready || due)
        w->turns++;
    return ready || due;
}

/* More turns than that at one moment are a spin. */
#define TURNS_MAX 1000000

void world_settle(struct world *w)
{
    unsigned turns = 0;
    while (world_turn(w))
        assert(++turns < TURNS_MAX);
}

hws_time world_deadline(const struct world *w)
{
    const struct hws_timer *timer = first_timer(w);
    return timer ? timer->deadline : HWS_NEVER;
}

void world_pass(struct world *w, hws_time delay)
{
    hws_time end = w->now + delay;
    for (;;) {
        world_settle(w);
        hws_time next = world_deadline(w);
        if (next > end)
            break;
        w->now = next > w->now ? next : w->now;
    }
    w->now = end;
    world_settle(w);
}

bool world_until(struct world *w, const bool *flag, hws_time limit)
{
    hws_time end = w->now + limit;
    unsigned turns = 0;
    while (!*flag) {
        if (world_turn(w)) {
            assert(++turns < TURNS_MAX);
            continue;
        }
        hws_time next = world_deadline(w);
        if (next > end)
            break;
        turns = 0;
        w->now = next > w->now ? next : w->now;
    }
    return *flag;
}
