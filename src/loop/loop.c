/*
 * Our dispatcher as a host loop: made, freed, and asked for the two verbs. It
 * leaves the rest to its parts: the poller waits, the watches and timers find
 * whom to call, the mailbox is a watch like any other.
 */
#include "loop/dispatcher.h"

#include "base/mem.h"
#include "base/status.h"

#include <assert.h>
#include <errno.h>

static const struct hws_loop_ops dispatcher_ops;

struct hwi_dispatcher *hwi_dispatcher_of(const struct hws_loop *loop)
{
    assert(loop->ops == &dispatcher_ops);
    return (struct hwi_dispatcher *)(void *)loop;
}

/* ---- the contract's two verbs */

static void forget(struct hwi_dispatcher *d, struct hws_watch *watch)
{
    if (watch->interest == 0)
        return;
    hwi_watches_remove(&d->watches, watch);
    if (watch->urgent)
        hwi_urgent_set(&d->urgent, watch->fd, 0);
    /* A child shares the kernel's set with its parent: leave it alone. */
    if (!hwi_dispatcher_is_forked(d))
        d->poller->ops->set(d->poller, watch->fd, watch->interest, 0);
    watch->interest = 0;
}

static int enter_watch(struct hwi_dispatcher *d, struct hws_watch *watch,
                       int fd, unsigned interest)
{
    if (fd < 0 || hwi_watches_get(&d->watches, fd))
        return HWS_E_ARGUMENT;
    int status = hwi_watches_reserve(&d->watches, fd);
    if (status == 0 && watch->urgent)
        status = hwi_urgent_reserve(&d->urgent);
    if (status == 0)
        status = d->poller->ops->set(d->poller, fd, 0, interest);
    if (status)
        return status;
    watch->fd = fd;
    watch->interest = interest;
    hwi_watches_add(&d->watches, watch, d->stats.turns);
    if (watch->urgent)
        hwi_urgent_set(&d->urgent, fd, interest);
    return 0;
}

static int change_interest(struct hwi_dispatcher *d, struct hws_watch *watch,
                           unsigned interest)
{
    int status =
        d->poller->ops->set(d->poller, watch->fd, watch->interest, interest);
    if (status)
        return status;
    watch->interest = interest;
    if (watch->urgent)
        hwi_urgent_set(&d->urgent, watch->fd, interest);
    return 0;
}

static int dispatcher_watch(struct hws_loop *loop, struct hws_watch *watch,
                            int fd, unsigned interest)
{
    struct hwi_dispatcher *d = hwi_dispatcher_of(loop);
    if (interest == 0) {
        forget(d, watch);
        return 0;
    }
    if (hwi_dispatcher_is_forked(d))
        return HWS_E_FORK;
    if (watch->interest == 0)
        return enter_watch(d, watch, fd, interest);
    if (watch->fd != fd)
        return HWS_E_ARGUMENT;
    if (watch->interest == interest)
        return 0;
    return change_interest(d, watch, interest);
}

static int dispatcher_timer(struct hws_loop *loop, struct hws_timer *timer,
                            hws_time deadline)
{
    struct hwi_dispatcher *d = hwi_dispatcher_of(loop);
    struct hwi_timers *timers = timer->urgent ? &d->urgent_timers : &d->timers;
    hws_time past = timer->urgent ? d->now : d->turn_at;
    if (deadline == HWS_NEVER) {
        hwi_timers_remove(timers, timer);
        return 0;
    }
    /* After the time by which timers are being judged: not before the next. */
    return hwi_timers_set(timers, timer, deadline, past + 1);
}

static const struct hws_loop_ops dispatcher_ops = {
    .name = "hawser",
    .watch = dispatcher_watch,
    .timer = dispatcher_timer,
};

/* ---- made and freed */

void hws_loop_release(struct hws_loop *loop)
{
    if (loop->commons && loop->commons_free)
        loop->commons_free(loop->commons);
    loop->commons = NULL;
}

static void mail_ready(struct hws_watch *watch, unsigned ready, hws_time now)
{
    (void)ready;
    (void)now;
    struct hwi_dispatcher *d = watch->host;
    hwi_mailbox_run(&d->mailbox);
}

static int open_mailbox(struct hwi_dispatcher *d, struct hws_fault *fault)
{
    if (hwi_mailbox_init(&d->mailbox) != 0)
        return hwi_fault_os(fault, HWS_PHASE_LOCAL, errno,
                            "cannot make the mailbox of a loop");
    d->mail.ready = mail_ready;
    d->mail.background = true;
    d->mail.urgent = true;
    d->mail.host = d;
    int status = dispatcher_watch(&d->loop, &d->mail,
                                  hwi_mailbox_fd(&d->mailbox), HWS_READ);
    if (status == 0)
        return 0;
    hwi_fault_set(fault, HWS_PHASE_LOCAL, status,
                  "cannot watch the mailbox of a loop: %s",
                  hws_status_name(status));
    hwi_mailbox_release(&d->mailbox);
    return status;
}

static void free_parts(struct hwi_dispatcher *d)
{
    hwi_timers_release(&d->timers);
    hwi_timers_release(&d->urgent_timers);
    hwi_urgent_release(&d->urgent);
    hwi_watches_release(&d->watches);
    d->poller->ops->free(d->poller);
    hwi_free(d);
}

struct hws_loop *hws_loop_new(const char *pollers, struct hws_fault *fault)
{
    struct hwi_dispatcher *d = hwi_alloc_zero(sizeof(*d));
    if (!d) {
        hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_MEMORY,
                      "cannot make a loop: no memory");
        return NULL;
    }
    d->poller = hwi_poller_new(pollers, fault);
    if (!d->poller) {
        hwi_free(d);
        return NULL;
    }
    d->loop.ops = &dispatcher_ops;
    d->turn_at = d->now = INT64_MIN;
    d->generation = hwi_fork_generation();
    hwi_watches_init(&d->watches);
    hwi_timers_init(&d->timers);
    hwi_timers_init(&d->urgent_timers);
    hwi_urgent_init(&d->urgent);
    if (open_mailbox(d, fault) != 0) {
        free_parts(d);
        return NULL;
    }
    return &d->loop;
}

void hws_loop_free(struct hws_loop *loop)
{
    if (!loop)
        return;
    struct hwi_dispatcher *d = hwi_dispatcher_of(loop);
    assert(!d->is_running);
    hws_loop_release(loop);
    hwi_mailbox_release(&d->mailbox);
    free_parts(d);
}

const char *hws_loop_poller(const struct hws_loop *loop)
{
    return hwi_dispatcher_of(loop)->poller->ops->name;
}

/* ---- inside another loop */

int hws_loop_fd(const struct hws_loop *loop)
{
    const struct hwi_poller *poller = hwi_dispatcher_of(loop)->poller;
    return poller->ops->fd ? poller->ops->fd(poller) : -1;
}

hws_time hws_loop_deadline(const struct hws_loop *loop)
{
    const struct hwi_dispatcher *d = hwi_dispatcher_of(loop);
    hws_time first = hwi_timers_first(&d->timers);
    hws_time urgent = hwi_timers_first(&d->urgent_timers);
    return urgent < first ? urgent : first;
}
