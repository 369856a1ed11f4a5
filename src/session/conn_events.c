/*
 * From the protocol to the user: every event of a connection passes here, and
 * state is complete before it does.
 */
#include "base/status.h"
#include "base/usdt.h"
#include "health/health.h"
#include "session/conn.h"

#include <stdio.h>

void hwi_conn_drop_link(struct hws_conn *c)
{
    hwi_conn_dial_free(c);
    if (c->watch.interest)
        hws_loop_watch(c->loop, &c->watch, c->watch.fd, 0);
    hws_link_free(c->link);
    c->link = NULL;
    c->arrival = NULL;
    c->lost = true;
}

static void tell(struct hws_conn *c, const struct hws_event *e,
                 hws_time realtime)
{
    HWI_PROBE2(event, c, e->kind);
    if (c->health && (e->kind != HWS_DOWN || c->notes_down))
        hws_health_note(c->health, e, realtime);
    c->on_event(c, e, c->user);
}

/* Who freed the connection may have freed the health. */
static void tell_message(struct hws_conn *c, const struct hws_event *e,
                         hws_time realtime)
{
    tell(c, e, realtime);
    if (!c->freed && c->health && hwi_health_wants_a_look(c->health))
        hws_health_handled(c->health,
                           hws_loop_clock(c->loop, HWS_CLOCK_MONOTONIC));
}

static void tell_up(struct hws_conn *c, struct hws_event *e)
{
    c->open_deadline = HWS_NEVER;
    c->up = true;
    e->up.peer = hws_link_peer(c->link);
    tell(c, e, 0);
}

/* The protocol knows no addresses: the fault gets the peer's here. */
static void tell_down(struct hws_conn *c, struct hws_event *e)
{
    struct hws_fault fault = *e->down.fault;
    if (!fault.peer[0] && c->link)
        snprintf(fault.peer, sizeof(fault.peer), "%s", hws_link_peer(c->link));
    e->down.fault = &fault;
    c->stage = HWI_CONN_ENDED;
    hwi_commons_part(c->commons, &c->line);
    hwi_conn_drop_link(c);
    tell(c, e, 0);
}

static void hand_over(struct hws_conn *c, struct hws_event *e,
                      hws_time realtime)
{
    if (e->kind == HWS_MESSAGE)
        tell_message(c, e, realtime);
    else if (e->kind == HWS_UP)
        tell_up(c, e);
    else if (e->kind == HWS_DOWN)
        tell_down(c, e);
    else
        tell(c, e, 0);
}

/* Whoever paused reading still hears of its own queue: many pause at
 * HIGH_WATER and wait for LOW_WATER to go on. */
static bool next_event(struct hws_conn *c, struct hws_event *event)
{
    return hwi_conn_holds(c) ? hws_proto_next_held(c->proto, event)
                             : hws_proto_next(c->proto, event);
}

void hwi_conn_deliver(struct hws_conn *c)
{
    struct hws_event event;
    hws_time realtime = 0;
    if (c->health && hws_health_lag(c->health))
        realtime = hws_loop_clock(c->loop, HWS_CLOCK_REALTIME);
    while (!c->freed && next_event(c, &event)) {
        c->progress = true;
        hand_over(c, &event, realtime);
    }
    if (!c->freed && hwi_conn_holds(c) && hws_proto_park(c->proto) != 0) {
        struct hws_fault fault = {0};
        hwi_fault_set(&fault, HWS_PHASE_LOCAL, HWS_E_MEMORY,
                      "cannot keep received bytes while paused: no memory");
        hws_conn_fail(c, &fault);
    }
}

void hwi_conn_lost(struct hws_conn *c, const struct hws_fault *fault,
                   hws_time now)
{
    if (c->lost)
        return;
    c->lost = true;
    hws_proto_lost(c->proto, fault, c->link && c->link->truncated, now);
}
