/*
 * The half of a host loop that is the same on every host: the checks of the
 * contract, and the dispatcher's timers behind one alarm. Between calls it
 * holds the time of the last run, at or before which nothing falls due.
 */
#include "hawser/host.h"

#include "base/mem.h"
#include "base/status.h"
#include "loop/timers.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>

struct hws_timers {
    struct hwi_timers queue;
    hws_time ran_at; /* INT64_MIN: never */
    bool is_running;
};

static struct hws_host *host_of(struct hws_loop *loop)
{
    return (struct hws_host *)(void *)loop;
}

/* ---- the contract's two verbs */

static int status_of(int os_error)
{
    switch (os_error) {
    case 0:
        return 0;
    case EPERM:
        return HWS_E_SUPPORT;
    case EEXIST:
        return HWS_E_ARGUMENT;
    case ENOMEM:
        return HWS_E_MEMORY;
    default:
        return HWS_E_SYSTEM;
    }
}

static int host_watch(struct hws_loop *loop, struct hws_watch *watch, int fd,
                      unsigned interest)
{
    struct hws_host *host = host_of(loop);
    bool is_new = watch->interest == 0;
    if (interest != 0 && (fd < 0 || (!is_new && fd != watch->fd)))
        return HWS_E_ARGUMENT;
    if (interest == watch->interest)
        return 0;
    /* Some hosts abort on a closed descriptor, or fail on every turn. */
    if (is_new && fcntl(fd, F_GETFD) < 0)
        return HWS_E_SYSTEM;
    if (is_new)
        watch->fd = fd;
    int status = status_of(host->ops->set(host, watch, interest));
    if (status == 0 || interest == 0)
        watch->interest = interest;
    return interest ? status : 0;
}

static int host_timer(struct hws_loop *loop, struct hws_timer *timer,
                      hws_time deadline)
{
    struct hws_host *host = host_of(loop);
    struct hws_timers *t = host->timers;
    hws_time first = hws_host_first(host);
    int status = 0;
    if (deadline == HWS_NEVER)
        hwi_timers_remove(&t->queue, timer);
    else /* after the last run: so it cannot fall due within it */
        status = hwi_timers_set(&t->queue, timer, deadline, t->ran_at + 1);
    if (!t->is_running && hws_host_first(host) != first)
        host->ops->aim(host);
    return status;
}

/* ---- made and freed */

struct hws_host *hws_host_new(size_t size, const struct hws_host_ops *ops,
                              struct hws_fault *fault)
{
    assert(size >= sizeof(struct hws_host));
    struct hws_host *host = hwi_alloc_zero(size);
    struct hws_timers *timers = hwi_alloc_zero(sizeof(*timers));
    if (!host || !timers) {
        hwi_free(host);
        hwi_free(timers);
        hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_MEMORY,
                      "cannot make a loop on '%s': no memory", ops->name);
        return NULL;
    }
    hwi_timers_init(&timers->queue);
    timers->ran_at = INT64_MIN;
    host->loop_ops = (struct hws_loop_ops){
        .name = ops->name, .watch = host_watch, .timer = host_timer};
    host->loop.ops = &host->loop_ops;
    host->ops = ops;
    host->timers = timers;
    return host;
}

void hws_host_free(struct hws_host *host)
{
    if (!host)
        return;
    hws_loop_release(&host->loop);
    hwi_timers_release(&host->timers->queue);
    hwi_free(host->timers);
    hwi_free(host);
}

/* ---- the alarm */

hws_time hws_host_first(const struct hws_host *host)
{
    return hwi_timers_first(&host->timers->queue);
}

hws_time hws_host_delay(const struct hws_host *host)
{
    hws_time first = hws_host_first(host);
    if (first == HWS_NEVER)
        return HWS_NEVER;
    hws_time now = hws_clock_now(HWS_CLOCK_MONOTONIC);
    return first > now ? first - now : 0;
}

void hws_host_run(struct hws_host *host)
{
    struct hws_timers *t = host->timers;
    struct hws_timer *timer;
    hws_time now = hws_clock_now(HWS_CLOCK_MONOTONIC);
    bool is_nested = t->is_running;
    t->ran_at = now;
    t->is_running = true;
    /* What is sent here is gathered; but only the host can count its turns. */
    host->loop.turn_at = now;
    host->loop.in_turn = true;
    while ((timer = hwi_timers_take(&t->queue, now)) != NULL)
        timer->due(timer, now);
    hws_loop_turn_end(&host->loop, now);
    t->is_running = is_nested;
    host->ops->aim(host);
}
