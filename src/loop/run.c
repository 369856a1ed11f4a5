/*
 * Running: wait, ready, due, turn after turn, as long as there is a reason.
 */
#include "base/usdt.h"
#include "loop/dispatcher.h"

/* Its address tells threads apart, also where pthread_t is no number. */
static _Thread_local char self;

/* ---- one turn */

static hws_time delay_until(const struct hwi_dispatcher *d, hws_time deadline,
                            hws_time now)
{
    hws_time first = hwi_timers_first(&d->timers);
    hws_time urgent = hwi_timers_first(&d->urgent_timers);
    hws_time next = first < urgent ? first : urgent;
    if (deadline < next)
        next = deadline;
    if (next == HWS_NEVER)
        return HWS_NEVER;
    return next > now ? next - now : 0;
}

/* Call whoever is meant by `found`, if it is urgent or not as asked for. */
static void call_found(struct hwi_dispatcher *d, struct hwi_ready found,
                       bool urgent)
{
    struct hws_watch *watch =
        hwi_watches_before(&d->watches, found.fd, d->stats.turns);
    unsigned ready = watch ? watch->interest & found.ready : 0;
    if (ready == 0 || watch->urgent != urgent)
        return;
    d->stats.ready++;
    watch->ready(watch, ready, d->now);
}

static void call_due(struct hwi_dispatcher *d, struct hwi_timers *timers,
                     hws_time by)
{
    struct hws_timer *timer;
    while ((timer = hwi_timers_take(timers, by)) != NULL) {
        d->stats.due++;
        timer->due(timer, d->now);
    }
}

/* All that is urgent by now, whatever the poller had found. */
static void call_urgent(struct hwi_dispatcher *d)
{
    size_t count = hwi_urgent_look(&d->urgent);
    for (size_t i = 0; i < count; i++)
        call_found(d, d->urgent.batch[i], true);
    call_due(d, &d->urgent_timers, d->now);
}

/* The urgent ones first. A full batch may have left some of them out. */
static void open_turn(struct hwi_dispatcher *d, size_t count)
{
    if (d->poller->is_partial) {
        call_urgent(d);
        return;
    }
    for (size_t i = 0; i < count; i++)
        call_found(d, d->poller->batch[i], true);
    call_due(d, &d->urgent_timers, d->now);
}

/* Bulk that has been served for a slice lets what is urgent in between. */
static void call_ready(struct hwi_dispatcher *d, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        hws_time now = i > 0 ? hws_clock_now(HWS_CLOCK_MONOTONIC) : d->now;
        if (now - d->now >= HWS_LOOP_SLICE) {
            d->now = now;
            call_urgent(d);
        }
        call_found(d, d->poller->batch[i], false);
    }
}

/* `before` is the time now; 0 or HWS_E_SYSTEM. */
static int turn(struct hwi_dispatcher *d, hws_time deadline, hws_time before)
{
    d->loop.asked_at = before;
    int count =
        d->poller->ops->wait(d->poller, delay_until(d, deadline, before));
    d->now = d->turn_at = hws_clock_now(HWS_CLOCK_MONOTONIC);
    if (count < 0)
        return count;
    d->stats.turns++;
    HWI_PROBE3(turn, &d->loop, count, d->now - before);
    uint64_t calls = d->stats.ready + d->stats.due;
    hws_loop_turn_begin(&d->loop, d->now);
    open_turn(d, (size_t)count);
    call_ready(d, (size_t)count);
    call_due(d, &d->timers, d->turn_at);
    hws_loop_turn_end(&d->loop, d->now);
    if (d->stats.ready + d->stats.due == calls)
        d->stats.idle_turns++;
    return 0;
}

/* After a turn: count the time since its wake-up, and return the time. */
static hws_time settle(struct hwi_dispatcher *d)
{
    hws_time now = hws_clock_now(HWS_CLOCK_MONOTONIC);
    d->stats.busy += now - d->turn_at;
    return now;
}

/* ---- running */

static int enter(struct hwi_dispatcher *d)
{
    if (hwi_dispatcher_is_forked(d))
        return HWS_E_FORK;
    if (d->is_running)
        return HWS_E_STATE;
    d->is_running = true;
    atomic_store(&d->runner, (uintptr_t)&self);
    return 0;
}

static void leave(struct hwi_dispatcher *d)
{
    atomic_store(&d->runner, 0);
    d->is_running = false;
}

static bool has_reason_to_run(struct hwi_dispatcher *d)
{
    return d->watches.foreground > 0 || d->timers.heap.count > 0 ||
           d->urgent_timers.heap.count > 0 || !hwi_mailbox_empty(&d->mailbox);
}

int hws_loop_run(struct hws_loop *loop)
{
    struct hwi_dispatcher *d = hwi_dispatcher_of(loop);
    int status = enter(d);
    if (status)
        return status;
    hws_time now = hws_clock_now(HWS_CLOCK_MONOTONIC);
    while (status == 0 && !atomic_exchange(&d->stop_asked, false) &&
           has_reason_to_run(d)) {
        status = turn(d, HWS_NEVER, now);
        now = settle(d);
        if (hwi_dispatcher_is_forked(d))
            status = HWS_E_FORK;
    }
    leave(d);
    return status;
}

int hws_loop_run_once(struct hws_loop *loop, hws_time deadline)
{
    struct hwi_dispatcher *d = hwi_dispatcher_of(loop);
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
    struct hwi_dispatcher *d = hwi_dispatcher_of(loop);
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
    struct hwi_dispatcher *d = hwi_dispatcher_of(loop);
    return hwi_mailbox_post(&d->mailbox, call_posted, context,
                            hwi_span(&call, sizeof(call)));
}

void hws_loop_get_stats(const struct hws_loop *loop,
                        struct hws_loop_stats *stats)
{
    *stats = hwi_dispatcher_of(loop)->stats;
}
