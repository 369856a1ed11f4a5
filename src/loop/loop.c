/*
 * Our dispatcher: one turn after the other of wait, ready, due. It knows the
 * order of things and leaves the rest to its parts: the poller waits, the
 * watches and timers find whom to call, the mailbox is a watch like any other.
 */
#include "base/mem.h"
#include "base/status.h"
#include "loop/fork.h"
#include "loop/mailbox.h"
#include "loop/poller.h"
#include "loop/timers.h"
#include "loop/watches.h"

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>

struct dispatcher {
    struct hws_loop loop; /* first, so that a loop of ours is one of these */
    struct hwi_poller *poller;
    struct hwi_watches watches;
    struct hwi_timers timers;
    struct hwi_mailbox mailbox;
    struct hws_watch mail; /* on the mailbox */
    hws_time now;          /* of the last wake-up */
    struct hws_loop_stats stats;
    unsigned generation; /* hwi_fork_generation() of its process */
    bool is_running;
    atomic_bool stop_asked;
    atomic_uintptr_t runner; /* the address of the running thread's `self` */
};

/* Its address tells threads apart, also where pthread_t is no number. */
static _Thread_local char self;

static const struct hws_loop_ops dispatcher_ops;

static struct dispatcher *dispatcher_of(const struct hws_loop *loop)
{
    assert(loop->ops == &dispatcher_ops);
    return (struct dispatcher *)(void *)loop;
}

static bool is_forked(const struct dispatcher *d)
{
    return d->generation != hwi_fork_generation();
}

/* ---- the contract's two verbs */

static void forget(struct dispatcher *d, struct hws_watch *watch)
{
    if (watch->interest == 0)
        return;
    hwi_watches_remove(&d->watches, watch);
    /* A child shares the kernel's set with its parent: leave it alone. */
    if (!is_forked(d))
        d->poller->ops->set(d->poller, watch->fd, watch->interest, 0);
    watch->interest = 0;
}

static int enter_watch(struct dispatcher *d, struct hws_watch *watch, int fd,
                       unsigned interest)
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
    struct dispatcher *d = dispatcher_of(loop);
    if (interest == 0) {
        forget(d, watch);
        return 0;
    }
    if (is_forked(d))
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
    struct dispatcher *d = dispatcher_of(loop);
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
    struct dispatcher *d = watch->host;
    hwi_mailbox_run(&d->mailbox);
}

static int open_mailbox(struct dispatcher *d, struct hws_fault *fault)
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

static void free_parts(struct dispatcher *d)
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
    struct dispatcher *d = hwi_alloc_zero(sizeof(*d));
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
    struct dispatcher *d = dispatcher_of(loop);
    assert(!d->is_running);
    hws_loop_release(loop);
    forget(d, &d->mail);
    hwi_mailbox_release(&d->mailbox);
    free_parts(d);
}

const char *hws_loop_poller(const struct hws_loop *loop)
{
    return dispatcher_of(loop)->poller->ops->name;
}

/* ---- one turn */

static hws_time delay_until(const struct dispatcher *d, hws_time deadline,
                            hws_time now)
{
    hws_time first = hwi_timers_first(&d->timers);
    hws_time next = first < deadline ? first : deadline;
    if (next == HWS_NEVER)
        return HWS_NEVER;
    return next > now ? next - now : 0;
}

static void call_ready(struct dispatcher *d, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct hwi_ready found = d->poller->batch[i];
        struct hws_watch *watch =
            hwi_watches_before(&d->watches, found.fd, d->stats.turns);
        unsigned ready = watch ? watch->interest & found.ready : 0;
        if (ready == 0)
            continue;
        d->stats.ready++;
        watch->ready(watch, ready, d->now);
    }
}

static void call_due(struct dispatcher *d)
{
    struct hws_timer *timer;
    while ((timer = hwi_timers_take(&d->timers, d->now)) != NULL) {
        d->stats.due++;
        timer->due(timer, d->now);
    }
}

/* `before` is the time now; 0 or HWS_E_SYSTEM. */
static int turn(struct dispatcher *d, hws_time deadline, hws_time before)
{
    int count =
        d->poller->ops->wait(d->poller, delay_until(d, deadline, before));
    d->now = hws_clock_now(HWS_CLOCK_MONOTONIC);
    if (count < 0)
        return count;
    d->stats.turns++;
    uint64_t calls = d->stats.ready + d->stats.due;
    call_ready(d, (size_t)count);
    call_due(d);
    if (d->stats.ready + d->stats.due == calls)
        d->stats.idle_turns++;
    return 0;
}

/* After a turn: count the time since its wake-up, and return the time. */
static hws_time settle(struct dispatcher *d)
{
    hws_time now = hws_clock_now(HWS_CLOCK_MONOTONIC);
    d->stats.busy += now - d->now;
    return now;
}

/* ---- running */

static int enter(struct dispatcher *d)
{
    if (is_forked(d))
        return HWS_E_FORK;
    if (d->is_running)
        return HWS_E_STATE;
    d->is_running = true;
    atomic_store(&d->runner, (uintptr_t)&self);
    return 0;
}

static void leave(struct dispatcher *d)
{
    atomic_store(&d->runner, 0);
    d->is_running = false;
}

static bool has_reason_to_run(struct dispatcher *d)
{
    return d->watches.foreground > 0 || d->timers.heap.count > 0 ||
           !hwi_mailbox_empty(&d->mailbox);
}

int hws_loop_run(struct hws_loop *loop)
{
    struct dispatcher *d = dispatcher_of(loop);
    int status = enter(d);
    if (status)
        return status;
    hws_time now = hws_clock_now(HWS_CLOCK_MONOTONIC);
    while (status == 0 && !atomic_exchange(&d->stop_asked, false) &&
           has_reason_to_run(d)) {
        status = turn(d, HWS_NEVER, now);
        now = settle(d);
        if (is_forked(d))
            status = HWS_E_FORK;
    }
    leave(d);
    return status;
}

int hws_loop_run_once(struct hws_loop *loop, hws_time deadline)
{
    struct dispatcher *d = dispatcher_of(loop);
    int status = enter(d);
    if (status)
        return status;
    hws_time now = hws_clock_now(HWS_CLOCK_MONOTONIC);
    uint64_t calls = d->stats.ready + d->stats.due;
    /* A wait that a signal handler cut short is taken up again. */
    do {
        status = turn(d, deadline, now);
        now = settle(d);
    } while (status == 0 && now < deadline &&
             d->stats.ready + d->stats.due == calls);
    leave(d);
    return status;
}

void hws_loop_stop(struct hws_loop *loop)
{
    struct dispatcher *d = dispatcher_of(loop);
    atomic_store(&d->stop_asked, true);
    if (atomic_load(&d->runner) != (uintptr_t)&self)
        hwi_mailbox_wake(&d->mailbox);
}

static void call_posted(void *context, struct hws_span bytes)
{
    void (*call)(void *context);
    memcpy(&call, bytes.data, sizeof(call));
    call(context);
}

int hws_loop_post(struct hws_loop *loop, void (*call)(void *context),
                  void *context)
{
    struct dispatcher *d = dispatcher_of(loop);
    return hwi_mailbox_post(&d->mailbox, call_posted, context,
                            hwi_span(&call, sizeof(call)));
}

void hws_loop_get_stats(const struct hws_loop *loop,
                        struct hws_loop_stats *stats)
{
    *stats = dispatcher_of(loop)->stats;
}
