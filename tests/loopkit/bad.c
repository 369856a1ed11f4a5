#include "bad.h"

#include <errno.h>
#include <hawser/hawser.h>
#include <stdint.h>
#include <string.h>
#include <sys/select.h>

#define FLAWED(o, name) ((o)->flaw == FLAW_##name)

struct bad {
    struct hws_host host; /* first */
    enum flaw flaw;
    struct hws_watch *watches[FD_SETSIZE];
    unsigned interests[FD_SETSIZE]; /* as far as the next wait knows */
    unsigned reported[FD_SETSIZE];  /* by the last turn */
    unsigned long joined[FD_SETSIZE];
    unsigned long turn;
    int top, foreground;
    bool is_calling;
    struct hws_watch *forgotten; /* the last one */
    struct hws_timer *armed;     /* the last one */
    struct hws_timer *disarmed;  /* the last one that was due */
    int (*timer)(struct hws_loop *loop, struct hws_timer *timer,
                 hws_time deadline);
    int (*watch)(struct hws_loop *loop, struct hws_watch *watch, int fd,
                 unsigned interest);
};

static struct bad *bad_of(struct hws_loop *loop)
{
    return (struct bad *)(void *)loop;
}

/* ---- watches */

static int set(struct hws_host *host, struct hws_watch *watch,
               unsigned interest)
{
    struct bad *o = (struct bad *)host;
    int fd = watch->fd;
    if (fd >= FD_SETSIZE)
        return EPERM;
    if (o->watches[fd] && o->watches[fd] != watch)
        return EEXIST;
    if (watch->interest == 0) {
        o->joined[fd] = o->turn;
        o->reported[fd] = 0;
        o->foreground += !watch->background;
    }
    if (interest == 0) {
        o->foreground -= !watch->background;
        o->forgotten = watch;
    }
    o->watches[fd] = interest ? watch : NULL;
    if (!o->is_calling || !FLAWED(o, LOSES_CHANGES) || interest == 0)
        o->interests[fd] = interest;
    if (fd >= o->top)
        o->top = fd + 1;
    return 0;
}

static int watch_any(struct hws_loop *loop, struct hws_watch *watch, int fd,
                     unsigned interest)
{
    struct bad *o = bad_of(loop);
    if (fd < 0 && interest && FLAWED(o, TAKES_ANY_NUMBER))
        return 0;
    return o->watch(loop, watch, fd, interest);
}

/* ---- timers */

static hws_time spoil(const struct bad *o, hws_time deadline, hws_time now)
{
    if (FLAWED(o, TIMER_FORGETS_PAST) && deadline <= now)
        return HWS_NEVER - 1;
    if (deadline == HWS_NEVER || deadline < HWS_MS(4))
        return deadline;
    if (FLAWED(o, TIMER_EARLY))
        return deadline - HWS_MS(2);
    if (FLAWED(o, TIMER_DISORDER))
        return (deadline / HWS_MS(4) + 1) * HWS_MS(4);
    return deadline;
}

static int set_timer(struct hws_loop *loop, struct hws_timer *timer,
                     hws_time deadline)
{
    struct bad *o = bad_of(loop);
    hws_time now = hws_clock_now(HWS_CLOCK_MONOTONIC);
    if (deadline != HWS_NEVER)
        o->armed = timer;
    else if (timer->deadline <= now)
        o->disarmed = timer;
    int status = o->timer(loop, timer, spoil(o, deadline, now));
    timer->deadline = deadline;
    if (FLAWED(o, TIMER_IN_CALL) && deadline <= now) {
        o->timer(loop, timer, HWS_NEVER);
        timer->due(timer, now);
    }
    return status;
}

static void aim(struct hws_host *host)
{
    (void)host;
}

static void run_timers(struct bad *o)
{
    struct hws_timer *armed = o->armed;
    bool has_fired =
        FLAWED(o, TIMER_TWICE) && armed && armed->deadline == HWS_NEVER;
    o->disarmed = NULL;
    hws_host_run(&o->host);
    for (int i = 0; i < 3 && FLAWED(o, TIMER_AGAIN); i++)
        hws_host_run(&o->host);
    if (FLAWED(o, TIMER_DISARM_LATE) && o->disarmed)
        o->disarmed->due(o->disarmed, hws_clock_now(HWS_CLOCK_MONOTONIC));
    if (has_fired) {
        o->armed = NULL;
        armed->due(armed, hws_clock_now(HWS_CLOCK_MONOTONIC));
    }
}

/* ---- turns */

struct found {
    struct hws_watch *watch; /* of the moment of the wait */
    int fd;
    unsigned ready;
};

static void call(struct bad *o, const struct found *f)
{
    struct hws_watch *watch = o->watches[f->fd];
    hws_time now = hws_clock_now(HWS_CLOCK_MONOTONIC);
    unsigned ready = f->ready;
    if (FLAWED(o, CALLS_FORGOTTEN)) {
        f->watch->ready(f->watch, ready, now);
        return;
    }
    if (!watch ||
        (o->joined[f->fd] == o->turn && !FLAWED(o, STALE_AFTER_REUSE)))
        return;
    if (FLAWED(o, EDGE_TRIGGERED))
        ready &= ~o->reported[f->fd];
    o->reported[f->fd] = f->ready;
    if (FLAWED(o, IGNORES_INTEREST))
        ready = HWS_READ | HWS_WRITE;
    else
        ready &= watch->interest;
    if (ready)
        watch->ready(watch, ready, now);
}

static bool is_heard(const struct bad *o, int fd)
{
    const struct hws_watch *watch = o->watches[fd];
    return watch && !(FLAWED(o, DEAF_TO_OTHERS) && watch->background);
}

static int wait_for(struct bad *o, bool wait, fd_set sets[2])
{
    hws_time delay = wait && !FLAWED(o, SPINS) ? hws_host_delay(&o->host) : 0;
    hws_time us = delay / 1000 + (delay % 1000 != 0);
    struct timeval room = {(time_t)(us / 1000000), (suseconds_t)(us % 1000000)};
    FD_ZERO(&sets[0]);
    FD_ZERO(&sets[1]);
    for (int fd = 0; fd < o->top; fd++) {
        if (is_heard(o, fd) && o->interests[fd] & HWS_READ)
            FD_SET(fd, &sets[0]);
        if (is_heard(o, fd) && o->interests[fd] & HWS_WRITE)
            FD_SET(fd, &sets[1]);
    }
    return select(o->top, &sets[0], &sets[1], NULL,
                  delay == HWS_NEVER ? NULL : &room);
}

static void call_found(struct bad *o, fd_set sets[2])
{
    static _Thread_local struct found batch[FD_SETSIZE];
    size_t count = 0;
    for (int fd = 0; fd < o->top; fd++) {
        unsigned ready = (FD_ISSET(fd, &sets[0]) ? 1u : 0u) |
                         (FD_ISSET(fd, &sets[1]) ? 2u : 0u);
        if (FLAWED(o, QUIET_ERRORS) && ready == 3)
            ready = HWS_READ;
        if (ready && o->watches[fd])
            batch[count++] = (struct found){o->watches[fd], fd, ready};
        else
            o->reported[fd] = 0;
        if (o->watches[fd])
            o->interests[fd] = o->watches[fd]->interest;
    }
    if (FLAWED(o, STARVES) && count > 1)
        count = 1;
    o->is_calling = true;
    for (size_t i = 0; i < count; i++)
        call(o, &batch[i]);
}

static void turn(struct hws_loop *loop, bool wait, void *flaw)
{
    struct bad *o = bad_of(loop);
    fd_set sets[2];
    (void)flaw;
    if (wait_for(o, wait, sets) < 0) {
        FD_ZERO(&sets[0]);
        FD_ZERO(&sets[1]);
    }
    o->turn++;
    hws_loop_turn_begin(loop, hws_clock_now(HWS_CLOCK_MONOTONIC));
    call_found(o, sets);
    run_timers(o);
    o->is_calling = false;
    if (FLAWED(o, TURN_UNTOLD_END))
        hws_loop_turn_begin(loop, hws_clock_now(HWS_CLOCK_MONOTONIC));
    if (FLAWED(o, TOUCHES_FORGOTTEN) && o->forgotten)
        o->forgotten->host = o;
    o->forgotten = NULL;
}

static void run(struct hws_loop *loop, void *flaw)
{
    while (bad_of(loop)->foreground > 0 ||
           hws_host_first((struct hws_host *)(void *)loop) != HWS_NEVER)
        turn(loop, true, flaw);
}

/* ---- made and freed */

static const struct hws_host_ops ops = {"bad", set, aim};
static enum flaw flaws[FLAW_COUNT];

static struct hws_loop *open_loop(void *flaw)
{
    struct hws_host *host = hws_host_new(sizeof(struct bad), &ops, NULL);
    struct bad *o = (struct bad *)host;
    o->flaw = *(enum flaw *)flaw;
    o->timer = host->loop_ops.timer;
    o->watch = host->loop_ops.watch;
    host->loop_ops.timer = set_timer;
    host->loop_ops.watch = watch_any;
    return &host->loop;
}

static void close_loop(struct hws_loop *loop, void *flaw)
{
    (void)flaw;
    hws_host_free((struct hws_host *)(void *)loop);
}

struct hws_loopkit_host bad_host(enum flaw flaw)
{
    flaws[flaw] = flaw;
    return (struct hws_loopkit_host){.name = "bad",
                                     .open = open_loop,
                                     .close = close_loop,
                                     .turn = turn,
                                     .run = run,
                                     .user = &flaws[flaw]};
}
