/*
 * hawser on libev (4.x, as built by default). Timers fall due behind the
 * descriptors of a turn. ev_run() ends by itself when only background watches
 * are left.
 */
#ifndef HAWSER_ADAPTERS_EV_H
#define HAWSER_ADAPTERS_EV_H

#include <errno.h>
#include <ev.h>
#include <hawser/host.h>
#include <stdlib.h>

struct hws_ev {
    struct hws_host host;
    struct ev_loop *ev;
    ev_timer alarm; /* ends a wait at the first deadline */
    ev_check begin; /* of a turn: before all other watchers */
    ev_check end;   /* behind them */
};

static inline void hws_ev_alarmed(struct ev_loop *ev, ev_timer *alarm, int what)
{
    (void)ev, (void)alarm, (void)what; /* the end of this turn does the work */
}

/* The alarm counts from the loop's time, which may be old: then it goes off
 * early, and the end of that turn sets it again. */
static inline void hws_ev_aim(struct hws_host *host)
{
    struct hws_ev *l = (struct hws_ev *)host;
    hws_time delay = hws_host_delay(host);
    ev_timer_stop(l->ev, &l->alarm);
    if (delay == HWS_NEVER)
        return;
    ev_timer_set(&l->alarm, (ev_tstamp)delay / 1e9, 0.);
    ev_timer_start(l->ev, &l->alarm);
}

static inline void hws_ev_begin(struct ev_loop *ev, ev_check *begin, int what)
{
    struct hws_host *host = (struct hws_host *)begin->data;
    (void)ev, (void)what;
    hws_loop_turn_begin(&host->loop, hws_clock_now(HWS_CLOCK_MONOTONIC));
}

static inline void hws_ev_end(struct ev_loop *ev, ev_check *end, int what)
{
    (void)ev, (void)what;
    hws_host_run((struct hws_host *)end->data);
}

static inline void hws_ev_ready(struct ev_loop *ev, ev_io *io, int what)
{
    if (what & EV_ERROR) /* libev has stopped it */
        ev_io_start(ev, io);
    hws_host_ready((struct hws_watch *)io->data, what & (EV_READ | EV_ERROR),
                   what & (EV_WRITE | EV_ERROR));
}

static inline int hws_ev_set(struct hws_host *host, struct hws_watch *watch,
                             unsigned interest)
{
    struct ev_loop *ev = ((struct hws_ev *)host)->ev;
    ev_io *io = (ev_io *)watch->host;
    int what = (interest & HWS_READ ? EV_READ : 0) |
               (interest & HWS_WRITE ? EV_WRITE : 0);
    if (watch->interest == 0) {
        watch->host = io = (ev_io *)malloc(sizeof(*io));
        if (!io)
            return ENOMEM;
        ev_init(io, hws_ev_ready);
        io->data = watch;
        if (watch->background)
            ev_unref(ev);
    }
    ev_io_stop(ev, io);
    if (interest) {
        ev_io_set(io, watch->fd, what);
        ev_io_start(ev, io);
        return 0;
    }
    if (watch->background)
        ev_ref(ev);
    free(io);
    return 0;
}

/* NULL, with `fault`, when there is no memory. */
static inline struct hws_loop *hws_ev_new(struct ev_loop *ev,
                                          struct hws_fault *fault)
{
    static const struct hws_host_ops ops = {"libev", hws_ev_set, hws_ev_aim};
    struct hws_ev *l = (struct hws_ev *)hws_host_new(sizeof(*l), &ops, fault);
    if (!l)
        return NULL;
    l->ev = ev;
    ev_init(&l->alarm, hws_ev_alarmed);
    ev_init(&l->begin, hws_ev_begin);
    ev_init(&l->end, hws_ev_end);
    ev_set_priority(&l->begin, EV_MAXPRI);
    ev_set_priority(&l->end, EV_MINPRI);
    l->begin.data = l->end.data = l;
    ev_check_start(ev, &l->begin);
    ev_check_start(ev, &l->end);
    ev_unref(ev);
    ev_unref(ev);
    return &l->host.loop;
}

/* After all clients of the loop, before ev_loop_destroy(). */
static inline void hws_ev_free(struct hws_loop *loop)
{
    struct hws_ev *l = (struct hws_ev *)(void *)loop;
    hws_loop_release(loop);
    ev_timer_stop(l->ev, &l->alarm);
    ev_ref(l->ev);
    ev_ref(l->ev);
    ev_check_stop(l->ev, &l->begin);
    ev_check_stop(l->ev, &l->end);
    hws_host_free(&l->host);
}

#endif
