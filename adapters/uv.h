/*
 * hawser on libuv (1.x). Each watch is an uv_poll_t on the heap, for libuv
 * closes later than hawser forgets. Timers fall due in the check phase, behind
 * the descriptors of a turn. libuv makes watched descriptors non-blocking, and
 * waits in whole ms, rounded up. Background watches keep no uv_run() going.
 */
#ifndef HAWSER_ADAPTERS_UV_H
#define HAWSER_ADAPTERS_UV_H

#include <hawser/host.h>
#include <stdlib.h>
#include <uv.h>

struct hws_uv {
    struct hws_host host;
    uv_loop_t *uv;
    uv_timer_t alarm; /* ends a wait at the first deadline */
    uv_prepare_t prepare;
    uv_check_t check;
    int open; /* of these three */
};

static inline void hws_uv_alarmed(uv_timer_t *alarm)
{
    (void)alarm; /* the check phase does the work */
}

/* The alarm repeats, so that it keeps uv_run() going until that phase. It is
 * counted from the loop's time, which may be old. */
static inline void hws_uv_aim(struct hws_host *host)
{
    struct hws_uv *l = (struct hws_uv *)host;
    hws_time delay = hws_host_delay(host);
    uint64_t ms = (uv_hrtime() + (uint64_t)delay + 999999) / 1000000;
    ms = delay ? ms - uv_now(l->uv) : 0;
    if (delay == HWS_NEVER)
        uv_timer_stop(&l->alarm);
    else
        uv_timer_start(&l->alarm, hws_uv_alarmed, ms, 1);
}

static inline void hws_uv_begin(uv_prepare_t *prepare)
{
    struct hws_host *host = (struct hws_host *)prepare->data;
    hws_uv_aim(host);
    hws_loop_turn_begin(&host->loop, hws_clock_now(HWS_CLOCK_MONOTONIC));
}

static inline void hws_uv_end(uv_check_t *check)
{
    hws_host_run((struct hws_host *)check->data);
}

/* HWS_READ is UV_READABLE, HWS_WRITE is UV_WRITABLE. */
static inline void hws_uv_ready(uv_poll_t *poll, int error, int events)
{
    struct hws_watch *watch = (struct hws_watch *)poll->data;
    if (error) /* libuv has stopped it */
        uv_poll_start(poll, (int)watch->interest, hws_uv_ready);
    hws_host_ready(watch, error || events & UV_READABLE,
                   error || events & UV_WRITABLE);
}

static inline void hws_uv_poll_closed(uv_handle_t *poll)
{
    free(poll);
}

static inline int hws_uv_set(struct hws_host *host, struct hws_watch *watch,
                             unsigned interest)
{
    uv_poll_t *poll = (uv_poll_t *)watch->host;
    if (watch->interest == 0) {
        poll = (uv_poll_t *)malloc(sizeof(*poll));
        int error = UV_ENOMEM;
        if (poll)
            error = uv_poll_init(((struct hws_uv *)host)->uv, poll, watch->fd);
        if (error) {
            free(poll);
            return -error;
        }
        watch->host = poll;
        poll->data = watch;
        if (watch->background)
            uv_unref((uv_handle_t *)poll);
    }
    if (interest)
        return -uv_poll_start(poll, (int)interest, hws_uv_ready);
    uv_close((uv_handle_t *)poll, hws_uv_poll_closed);
    return 0;
}

static inline struct hws_loop *hws_uv_new(uv_loop_t *uv, struct hws_fault *f)
{
    static const struct hws_host_ops ops = {"libuv", hws_uv_set, hws_uv_aim};
    struct hws_uv *l = (struct hws_uv *)hws_host_new(sizeof(*l), &ops, f);
    if (!l)
        return NULL;
    l->uv = uv;
    l->open = 3;
    uv_timer_init(uv, &l->alarm);
    uv_prepare_init(uv, &l->prepare);
    uv_check_init(uv, &l->check);
    l->alarm.data = l->prepare.data = l->check.data = l;
    uv_prepare_start(&l->prepare, hws_uv_begin);
    uv_check_start(&l->check, hws_uv_end);
    uv_unref((uv_handle_t *)&l->prepare);
    uv_unref((uv_handle_t *)&l->check);
    return &l->host.loop;
}

static inline void hws_uv_closed(uv_handle_t *handle)
{
    struct hws_uv *l = (struct hws_uv *)handle->data;
    if (--l->open == 0)
        hws_host_free(&l->host);
}

/* Its memory goes when `uv` has run once more and closed the handles. */
static inline void hws_uv_free(struct hws_loop *loop)
{
    struct hws_uv *l = (struct hws_uv *)(void *)loop;
    hws_loop_release(loop);
    uv_close((uv_handle_t *)&l->alarm, hws_uv_closed);
    uv_close((uv_handle_t *)&l->prepare, hws_uv_closed);
    uv_close((uv_handle_t *)&l->check, hws_uv_closed);
}

#endif
