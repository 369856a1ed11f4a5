/*
 * One thing to wait for: a place in its descriptor's slot, a signal, a timer,
 * or several of them. It is in a slot exactly while `hub` is set.
 */
#include "loop/hub.h"
#include "loop/periods.h"

#define KINDS \
    ((unsigned)HWS_EV_TIMEOUT | (unsigned)HWS_EV_SIGNAL | HWI_EV_DESCRIPTOR)

static struct hws_source *of_timer(struct hws_timer *timer)
{
    return (void *)((char *)timer - offsetof(struct hws_source, timer));
}

static bool has_deadline(const struct hws_source *s)
{
    return s->delay != HWS_NEVER;
}

/* Whether it waits for nothing but its timeout. */
static bool is_timer(const struct hws_source *s)
{
    return !(s->events & (HWI_EV_DESCRIPTOR | (unsigned)HWS_EV_SIGNAL));
}

static hws_time after(hws_time now, hws_time delay)
{
    return delay < HWS_NEVER - 1 - now ? now + delay : HWS_NEVER - 1;
}

/* ---- being told */

/* Its timer is armed, so that moving it cannot fail. */
static void wait_anew(struct hws_source *s, hws_time now)
{
    s->deadline = after(now, s->delay);
    hws_loop_timer(s->hub->loop, &s->timer, s->deadline);
}

/* State is complete before the call: it may free the source and the hub. */
void hwi_source_tell(struct hws_source *source, unsigned what, hws_time now)
{
    if (!(source->events & HWS_EV_PERSIST))
        hws_source_delete(source);
    else if (has_deadline(source))
        wait_anew(source, now);
    source->happened(source, what, now);
}

static hws_time next_deadline(const struct hws_source *s, hws_time now)
{
    if (!is_timer(s) || s->delay <= 0)
        return after(now, s->delay);
    uint64_t missed = hwi_periods_missed(s->deadline, s->delay, now);
    return hwi_periods_next(s->deadline, s->delay, missed);
}

static void due(struct hws_timer *timer, hws_time now)
{
    struct hws_source *s = of_timer(timer);
    bool stays = s->events & HWS_EV_PERSIST;
    if (stays) {
        s->deadline = next_deadline(s, now);
        stays = hws_loop_timer(s->hub->loop, timer, s->deadline) == 0;
    }
    if (!stays)
        hws_source_delete(s);
    s->happened(s, HWS_EV_TIMEOUT, now);
}

static void caught(struct hws_signal *signal, int number, hws_time now)
{
    (void)number;
    struct hws_source *s =
        (void *)((char *)signal - offsetof(struct hws_source, signal));
    hwi_source_tell(s, HWS_EV_SIGNAL, now);
}

/* ---- adding and deleting */

static int check(const struct hws_source *s, hws_time delay)
{
    unsigned kinds = s->events & KINDS;
    bool on_descriptor = kinds & HWI_EV_DESCRIPTOR;
    bool on_signal = kinds & HWS_EV_SIGNAL;
    if (on_descriptor && (on_signal || s->handle < 0))
        return HWS_E_ARGUMENT;
    if (!on_descriptor && !on_signal && delay == HWS_NEVER)
        return HWS_E_ARGUMENT;
    return delay < 0 ? HWS_E_ARGUMENT : 0;
}

static int set_delay(struct hws_hub *hub, struct hws_source *s, hws_time delay)
{
    bool was_armed = s->hub && has_deadline(s);
    hws_time deadline = HWS_NEVER;
    int status = 0;
    if (delay != HWS_NEVER)
        deadline = after(hws_loop_clock(hub->loop, HWS_CLOCK_MONOTONIC), delay);
    if (was_armed || delay != HWS_NEVER)
        status = hws_loop_timer(hub->loop, &s->timer, deadline);
    if (status == 0) {
        s->delay = delay;
        s->deadline = deadline;
    }
    return status;
}

static void disarm(struct hws_hub *hub, struct hws_source *s)
{
    if (has_deadline(s))
        hws_loop_timer(hub->loop, &s->timer, HWS_NEVER);
    s->delay = s->deadline = HWS_NEVER;
}

static int join_descriptor(struct hws_source *s)
{
    struct hwi_slot *slot = s->slot;
    if (slot->watch.interest == 0)
        slot->watch.urgent = s->urgent;
    return hwi_slot_settle(slot);
}

/* Wait for its descriptor or its signal, if it has one. */
static int join(struct hws_hub *hub, struct hws_source *s)
{
    if (s->events & HWI_EV_DESCRIPTOR)
        return join_descriptor(s);
    if (s->events & HWS_EV_SIGNAL)
        return hws_signal_watch(hub->loop, &s->signal, s->handle);
    return 0;
}

static int enter(struct hws_hub *hub, struct hws_source *s, hws_time delay)
{
    int fd = s->events & HWI_EV_DESCRIPTOR ? s->handle : -1;
    struct hwi_slot *slot = hwi_hub_slot(hub, fd);
    if (!slot)
        return HWS_E_MEMORY;
    s->timer = (struct hws_timer){
        .due = due, .urgent = s->urgent, .deadline = HWS_NEVER};
    s->signal = (struct hws_signal){.caught = caught};
    int status = set_delay(hub, s, delay);
    if (status)
        return status;
    hwi_slot_push(slot, s);
    status = join(hub, s);
    if (status) {
        hwi_slot_remove(s);
        disarm(hub, s);
        return status;
    }
    s->hub = hub;
    return 0;
}

int hws_source_add(struct hws_hub *hub, struct hws_source *source,
                   hws_time delay)
{
    int status = check(source, delay);
    if (status)
        return status;
    if (!source->hub)
        return enter(hub, source, delay);
    return source->hub == hub ? set_delay(hub, source, delay) : HWS_E_STATE;
}

void hws_source_delete(struct hws_source *source)
{
    struct hws_hub *hub = source->hub;
    if (!hub)
        return;
    disarm(hub, source);
    hwi_slot_remove(source);
    if (source->events & HWS_EV_SIGNAL)
        hws_signal_forget(&source->signal);
    hwi_slot_settle(source->slot);
    source->hub = NULL;
}

unsigned hws_source_pending(const struct hws_source *source)
{
    if (!source->hub)
        return 0;
    unsigned events = source->events & (KINDS & ~(unsigned)HWS_EV_TIMEOUT);
    return has_deadline(source) ? events | HWS_EV_TIMEOUT : events;
}
