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
    if (status == 0)
        status = d->poller->ops->set(d->poller, fd, 0, interest);
    if (status)
        return status;
    watch->fd = fd;
    watch->interest = interest;
    hwi_watches_add(&d->watches, watch, d->stats.turns);
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
    int status = d->poller->ops->set(d->poller, fd, watch->interest, interest);
    if (status == 0)
        watch->interest = interest;
    return status;
}

static int dispatcher_timer(struct hws_loop *loop, struct hws_timer *timer,
                            hws_time deadline)
{
    struct hwi_dispatcher *d = hwi_dispatcher_of(loop);
    if (deadline == HWS_NEVER) {
        hwi_timers_remove(&d->timers, timer);
        return 0;
    }
    /* After the time of the present turn: so it cannot fall due within it. */
    return hwi_timers_set(&d->timers, timer, deadline, d->now + 1);
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
    hwi_watches_release(&d->watches);
    d->poller->ops->free(d->poller);
    hwi_free(d);
}

struct hws_loop *hws_loop_new(const char *poller, struct hws_fault *fault)
{
    const struct hwi_poller_ops *ops = hwi_poller_find(poller);
    if (!ops) {
        hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_SUPPORT,
                      "cannot make a loop on '%s': no such poller", poller);
        return NULL;
    }
    struct hwi_dispatcher *d = hwi_alloc_zero(sizeof(*d));
    if (!d) {
        hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_MEMORY,
                      "cannot make a loop: no memory");
        return NULL;
    }
    d->poller = ops->new (fault);
    if (!d->poller) {
        hwi_free(d);
        return NULL;
    }
    d->loop.ops = &dispatcher_ops;
    d->now = INT64_MIN;
    d->generation = hwi_fork_generation();
    hwi_watches_init(&d->watches);
    hwi_timers_init(&d->timers);
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
