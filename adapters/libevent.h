/*
 * hawser on libevent (2.0 and later): on any of its methods that is
 * level-triggered, which all are by default. Give it an event_base of the
 * thread that will run it. To libevent every event keeps its loop running, the
 * background ones of hawser too: end event_base_dispatch() by
 * event_base_loopbreak().
 *
 * By itself libevent reads a clock that advances with the kernel's tick (4 ms
 * at 250 Hz), and its timers are late by up to one: make the event_base with
 * EVENT_BASE_FLAG_PRECISE_TIMER where that matters.
 */
#ifndef HAWSER_ADAPTERS_LIBEVENT_H
#define HAWSER_ADAPTERS_LIBEVENT_H

#include <errno.h>
#include <event2/event.h>
#include <hawser/host.h>
#include <string.h>
#include <sys/select.h>

struct hws_libevent {
    struct hws_host host;
    struct event_base *base;
    struct event *alarm;
};

static inline void hws_libevent_alarmed(evutil_socket_t fd, short what,
                                        void *host)
{
    (void)fd, (void)what;
    hws_host_run((struct hws_host *)host);
}

/* An alarm of no delay goes off in the next turn, after a look at the
 * descriptors; never in this one. */
static inline void hws_libevent_aim(struct hws_host *host)
{
    struct event *alarm = ((struct hws_libevent *)host)->alarm;
    hws_time delay = hws_host_delay(host);
    struct timeval room;
    if (delay == HWS_NEVER) {
        event_del(alarm);
        return;
    }
    hws_time us = delay / 1000 + (delay % 1000 != 0);
    room.tv_sec = (time_t)(us / 1000000);
    room.tv_usec = (suseconds_t)(us % 1000000);
    event_add(alarm, &room);
}

static inline void hws_libevent_ready(evutil_socket_t fd, short what,
                                      void *watch)
{
    (void)fd;
    hws_host_ready((struct hws_watch *)watch, what & EV_READ, what & EV_WRITE);
}

static inline struct event *hws_libevent_event(struct event_base *base,
                                               struct hws_watch *watch,
                                               unsigned interest)
{
    int what = (interest & HWS_READ ? EV_READ : 0) |
               (interest & HWS_WRITE ? EV_WRITE : 0) | EV_PERSIST;
    return event_new(base, watch->fd, (short)what, hws_libevent_ready, watch);
}

/* A change is a new event, added before the old one goes, so that a failure
 * leaves what was there. */
static inline int hws_libevent_set(struct hws_host *host,
                                   struct hws_watch *watch, unsigned interest)
{
    struct event_base *base = ((struct hws_libevent *)host)->base;
    struct event *next = NULL;
    if (interest) {
        if (watch->fd >= FD_SETSIZE &&
            strcmp(event_base_get_method(base), "select") == 0)
            return EPERM; /* FD_SET() would abort, or worse */
        next = hws_libevent_event(base, watch, interest);
        if (!next)
            return ENOMEM;
        errno = 0;
        if (event_add(next, NULL) != 0) {
            int error = errno ? errno : EINVAL;
            event_free(next);
            return error;
        }
    }
    if (watch->interest)
        event_free((struct event *)watch->host);
    watch->host = next;
    return 0;
}

/* NULL, with `fault`, when there is no memory. */
static inline struct hws_loop *hws_libevent_new(struct event_base *base,
                                                struct hws_fault *fault)
{
    static const struct hws_host_ops ops = {"libevent", hws_libevent_set,
                                            hws_libevent_aim};
    struct hws_host *host =
        hws_host_new(sizeof(struct hws_libevent), &ops, fault);
    struct hws_libevent *l = (struct hws_libevent *)host;
    if (!l)
        return NULL;
    l->base = base;
    l->alarm = event_new(base, -1, 0, hws_libevent_alarmed, l);
    if (l->alarm)
        return &host->loop;
    if (fault)
        fault->status = HWS_E_MEMORY;
    hws_host_free(host);
    return NULL;
}

/* After all clients of the loop, before event_base_free(). */
static inline void hws_libevent_free(struct hws_loop *loop)
{
    struct hws_libevent *l = (struct hws_libevent *)(void *)loop;
    hws_loop_release(loop);
    event_free(l->alarm);
    hws_host_free(&l->host);
}

#endif
