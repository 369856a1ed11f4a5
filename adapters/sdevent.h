/*
 * hawser on sd-event (libsystemd): a hws_loop over a sd_event. One iteration of
 * sd-event calls one source, so that a turn is one call. sd_event_loop() runs
 * until sd_event_exit(); nothing here keeps or ends it.
 */
#ifndef HAWSER_ADAPTERS_SDEVENT_H
#define HAWSER_ADAPTERS_SDEVENT_H

#include <hawser/host.h>
#include <sys/epoll.h>
#include <systemd/sd-event.h>
#include <time.h>

struct hws_sdevent {
    struct hws_host host;
    sd_event *event;
    sd_event_source *alarm;
};

static inline int hws_sdevent_alarmed(sd_event_source *source, uint64_t us,
                                      void *host)
{
    (void)source, (void)us;
    hws_host_run((struct hws_host *)host);
    return 0;
}

/* In microseconds, rounded up; sd-event's time is the same monotonic clock. A
 * time that has passed makes the next turn one that does not wait. */
static inline void hws_sdevent_aim(struct hws_host *host)
{
    sd_event_source *alarm = ((struct hws_sdevent *)host)->alarm;
    hws_time first = hws_host_first(host);
    if (first == HWS_NEVER) {
        sd_event_source_set_enabled(alarm, SD_EVENT_OFF);
        return;
    }
    uint64_t us = first > 0 ? ((uint64_t)first + 999) / 1000 : 0;
    sd_event_source_set_time(alarm, us);
    sd_event_source_set_enabled(alarm, SD_EVENT_ONESHOT);
}

static inline int hws_sdevent_ready(sd_event_source *source, int fd,
                                    uint32_t found, void *watch)
{
    uint32_t wrong = EPOLLERR | EPOLLHUP;
    (void)source, (void)fd;
    hws_host_ready((struct hws_watch *)watch, found & (EPOLLIN | wrong),
                   found & (EPOLLOUT | wrong));
    return 0;
}

static inline int hws_sdevent_set(struct hws_host *host,
                                  struct hws_watch *watch, unsigned interest)
{
    sd_event_source *source = (sd_event_source *)watch->host;
    uint32_t what = (interest & HWS_READ ? (uint32_t)EPOLLIN : 0) |
                    (interest & HWS_WRITE ? (uint32_t)EPOLLOUT : 0);
    int error = 0;
    if (watch->interest == 0) {
        error = sd_event_add_io(((struct hws_sdevent *)host)->event, &source,
                                watch->fd, what, hws_sdevent_ready, watch);
        watch->host = source;
    } else if (interest) {
        error = sd_event_source_set_io_events(source, what);
    } else {
        sd_event_source_disable_unref(source);
    }
    return error < 0 ? -error : 0;
}

/* NULL, with `fault`, when there is no memory or sd-event refuses. */
static inline struct hws_loop *hws_sdevent_new(sd_event *event,
                                               struct hws_fault *fault)
{
    static const struct hws_host_ops ops = {"sd-event", hws_sdevent_set,
                                            hws_sdevent_aim};
    struct hws_host *host =
        hws_host_new(sizeof(struct hws_sdevent), &ops, fault);
    struct hws_sdevent *l = (struct hws_sdevent *)host;
    if (!l)
        return NULL;
    l->event = event;
    int error = sd_event_add_time(event, &l->alarm, CLOCK_MONOTONIC, 0, 1,
                                  hws_sdevent_alarmed, l);
    if (error >= 0) {
        sd_event_source_set_enabled(l->alarm, SD_EVENT_OFF);
        return &host->loop;
    }
    if (fault) {
        fault->status = HWS_E_SYSTEM;
        fault->os_error = -error;
    }
    hws_host_free(host);
    return NULL;
}

/* After all clients of the loop; `event` itself stays the caller's. */
static inline void hws_sdevent_free(struct hws_loop *loop)
{
    struct hws_sdevent *l = (struct hws_sdevent *)(void *)loop;
    hws_loop_release(loop);
    sd_event_source_disable_unref(l->alarm);
    hws_host_free(&l->host);
}

#endif
