#define _GNU_SOURCE /* ppoll */

#include "bad_loop.h"

#include "support/test.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <time.h>

static struct bad_loop *self(struct hws_loop *loop)
{
    return (struct bad_loop *)(void *)loop;
}

/* ---- the two verbs */

static int bad_watch(struct hws_loop *loop, struct hws_watch *watch, int fd,
                     unsigned interest)
{
    struct bad_loop *b = self(loop);
    if (watch->interest == 0 && interest) {
        if (b->watch_count == BAD_WATCHES)
            return HWS_E_SUPPORT;
        watch->fd = fd;
        watch->place = b->watch_count++;
        b->watches[watch->place] = watch;
        b->unread[watch->place] = 0;
    } else if (watch->interest && interest == 0) {
        b->watches[watch->place] = b->watches[--b->watch_count];
        b->unread[watch->place] = b->unread[b->watch_count];
        b->watches[watch->place]->place = watch->place;
        b->watches[b->watch_count] = NULL;
    }
    watch->interest = interest;
    return 0;
}

static void forget_timer(struct bad_loop *b, struct hws_timer *timer)
{
    b->timers[timer->place] = b->timers[--b->timer_count];
    b->timers[timer->place]->place = timer->place;
    timer->deadline = HWS_NEVER;
}

static int bad_timer(struct hws_loop *loop, struct hws_timer *timer,
                     hws_time deadline)
{
    struct bad_loop *b = self(loop);
    if (timer->deadline != HWS_NEVER)
        forget_timer(b, timer);
    if (deadline == HWS_NEVER)
        return 0;
    if (b->timer_count == BAD_TIMERS)
        return HWS_E_MEMORY;
    timer->deadline = deadline + b->faults.late - b->faults.early;
    /* As the contract has it: never within this turn. */
    if (timer->deadline <= b->now && !b->faults.timers_first)
        timer->deadline = b->now + 1;
    timer->place = b->timer_count++;
    b->timers[timer->place] = timer;
    return 0;
}

static const struct hws_loop_ops bad_ops = {
    .name = "bad", .watch = bad_watch, .timer = bad_timer};

void bad_loop_init(struct bad_loop *b, const struct bad_faults *faults)
{
    *b = (struct bad_loop){.loop = {.ops = &bad_ops}, .faults = *faults};
}

/* ---- timers */

static struct hws_timer *first_timer(const struct bad_loop *b)
{
    struct hws_timer *first = NULL;
    for (size_t i = 0; i < b->timer_count; i++)
        if (!first || b->timers[i]->deadline < first->deadline)
            first = b->timers[i];
    return first;
}

static void call_timers(struct bad_loop *b)
{
    for (;;) {
        struct hws_timer *timer = first_timer(b);
        if (b->faults.timers_first)
            b->now = hws_clock_now(HWS_CLOCK_MONOTONIC);
        if (!timer || timer->deadline > b->now)
            return;
        forget_timer(b, timer);
        timer->due(timer, b->now);
    }
}

/* ---- waiting */

static hws_time wait_delay(const struct bad_loop *b)
{
    const struct hws_timer *first = first_timer(b);
    hws_time delay = HWS_S(3600);
    if (b->faults.spin || b->faults.sleep)
        return 0;
    if (first)
        delay = first->deadline - hws_clock_now(HWS_CLOCK_MONOTONIC);
    if (b->faults.wake && delay > b->faults.wake)
        delay = b->faults.wake;
    return delay > 0 ? delay : 0;
}

static struct timespec timespec_of(hws_time delay)
{
    return (struct timespec){.tv_sec = (time_t)(delay / HWS_S(1)),
                             .tv_nsec = (long)(delay % HWS_S(1))};
}

static int unread(int fd)
{
    int bytes = 0;
    ioctl(fd, FIONREAD, &bytes);
    return bytes;
}

/* Whether this place is not looked at: it was left, or nothing has changed
 * since its owner left something unread. */
static bool is_mute(const struct bad_loop *b, size_t place)
{
    return b->holding == place + 1 ||
           (b->faults.change && b->unread[place] > 0 &&
            b->unread[place] == unread(b->watches[place]->fd));
}

static short events_of(const struct hws_watch *watch)
{
    return (short)((watch->interest & HWS_READ ? POLLIN : 0) |
                   (watch->interest & HWS_WRITE ? POLLOUT : 0));
}

/* An error is ready for all that is waited for. */
static unsigned ready_of(const struct hws_watch *watch, short events)
{
    unsigned ready = (events & POLLIN ? (unsigned)HWS_READ : 0u) |
                     (events & POLLOUT ? (unsigned)HWS_WRITE : 0u);
    return ready ? ready : watch->interest;
}

/* Fills `polled` for the first `count` watches; how many are ready. */
static int wait(struct bad_loop *b, struct pollfd *polled, size_t count)
{
    if (b->faults.sleep) {
        struct timespec pause = timespec_of(b->faults.sleep);
        clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
    }
    for (size_t i = 0; i < count; i++) {
        polled[i] =
            (struct pollfd){.fd = is_mute(b, i) ? -1 : b->watches[i]->fd,
                            .events = events_of(b->watches[i])};
    }
    struct timespec delay = timespec_of(wait_delay(b));
    return ppoll(polled, count, &delay, NULL);
}

/* ---- one turn */

/* Whether the readiness at this place is one of those that get lost. */
static bool loses(struct bad_loop *b, size_t place)
{
    if (b->faults.lose == 0 || ++b->readinesses % b->faults.lose != 0)
        return false;
    b->holding = place + 1;
    return true;
}

static bool is_watched(const struct bad_loop *b, size_t place,
                       const struct hws_watch *watch)
{
    return place < b->watch_count && b->watches[place] == watch;
}

static void call_watch(struct bad_loop *b, struct hws_watch *watch,
                       unsigned ready)
{
    size_t place = watch->place;
    watch->ready(watch, ready, b->now);
    if (b->faults.empty && is_watched(b, place, watch))
        watch->ready(watch, ready, b->now);
    if (is_watched(b, place, watch))
        b->unread[place] = unread(watch->fd);
}

static void call_watches(struct bad_loop *b, const struct pollfd *polled,
                         size_t count)
{
    struct hws_watch *found[BAD_WATCHES];
    size_t places[BAD_WATCHES], ready = 0;
    /* Timers may have come first and forgotten some. */
    if (count > b->watch_count)
        count = b->watch_count;
    for (size_t i = 0; i < count; i++) {
        if (!polled[i].revents || loses(b, i))
            continue;
        found[ready] = b->watches[i];
        places[ready++] = i;
    }
    if (b->faults.single && ready > 1)
        ready = 1;
    /* All but those that one before them forgot. */
    for (size_t i = 0; i < ready; i++)
        if (is_watched(b, places[i], found[i]))
            call_watch(b, found[i],
                       ready_of(found[i], polled[places[i]].revents));
}

void bad_loop_run(struct bad_loop *b)
{
    struct pollfd polled[BAD_WATCHES];
    while (!b->is_stopped) {
        size_t count = b->watch_count;
        int ready = wait(b, polled, count);
        b->now = hws_clock_now(HWS_CLOCK_MONOTONIC);
        /* What was left is looked at again when something else happens. */
        if (b->holding && ready >= 0 && !b->faults.drop)
            b->holding = 0;
        if (b->faults.timers_first)
            call_timers(b);
        if (ready > 0)
            call_watches(b, polled, count);
        call_timers(b);
    }
}
