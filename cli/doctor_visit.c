/* One connection from its first step to its last, and what happens on it. */
#include "doctor.h"

#include <stdio.h>
#include <string.h>

/* The kernel's queue is looked at so often while messages are watched; every
 * tenth time a ping is sent. */
enum { VISIT_TICKS = 10 * DOCTOR_PINGS };

static hws_time present(const struct doctor_visit *visit)
{
    return hws_loop_clock(visit->doctor->loop, HWS_CLOCK_MONOTONIC);
}

static bool is_second(const struct doctor_visit *visit)
{
    return visit == &visit->doctor->second;
}

static void copy_span(char *to, size_t size, struct hws_span from)
{
    snprintf(to, size, "%.*s", (int)from.size, (const char *)from.data);
}

void doctor_visit_end(struct doctor_visit *visit, unsigned code)
{
    struct doctor_facts *facts = visit->facts;
    hws_loop_timer(visit->doctor->loop, &visit->tick, HWS_NEVER);
    if (facts->up != HWS_NEVER && facts->close_asked == HWS_NEVER &&
        !facts->peer_closed) {
        facts->close_asked = present(visit);
        facts->watched = facts->close_asked - facts->up;
    }
    hws_client_close(visit->client, code, (struct hws_span){0});
}

/* ---- while it is up */

static void send_ping(struct doctor_visit *visit)
{
    struct hws_span none = {NULL, 0};
    if (hws_client_ping(visit->client, none) == 0)
        visit->facts->pings++;
}

static void arm(struct doctor_visit *visit)
{
    struct doctor *doctor = visit->doctor;
    hws_time part = doctor->options.for_delay / VISIT_TICKS;
    hws_time next = visit->facts->up + part * (visit->ticks + 1);
    hws_loop_timer(doctor->loop, &visit->tick, next);
}

static void visit_tick(struct hws_timer *timer, hws_time at)
{
    char *place = (char *)timer - offsetof(struct doctor_visit, tick);
    struct doctor_visit *visit = (struct doctor_visit *)(void *)place;
    (void)at;
    doctor_wire_look(visit->facts, hws_client_get_link(visit->client));
    if (++visit->ticks == VISIT_TICKS) {
        doctor_visit_end(visit, HWS_CLOSE_NORMAL);
        return;
    }
    if (visit->ticks % (VISIT_TICKS / DOCTOR_PINGS) == 0)
        send_ping(visit);
    arm(visit);
}

static void note_up(struct doctor_visit *visit, const struct hws_event *event)
{
    struct doctor_facts *facts = visit->facts;
    facts->up = event->at;
    facts->up_realtime =
        hws_loop_clock(visit->doctor->loop, HWS_CLOCK_REALTIME);
    facts->was_up = true;
    copy_span(facts->subprotocol, sizeof facts->subprotocol,
              event->up.subprotocol);
    if (is_second(visit)) {
        doctor_visit_end(visit, HWS_CLOSE_NORMAL);
        return;
    }
    send_ping(visit);
    arm(visit);
}

static void note_message(struct doctor_facts *facts,
                         const struct hws_event *event)
{
    size_t size = event->message.data.size;
    if (facts->close_asked != HWS_NEVER)
        return;
    if (facts->messages == 0)
        facts->first_message = event->at;
    facts->messages++;
    facts->message_bytes += size;
    if (size > facts->message_max)
        facts->message_max = size;
    facts->wire_bytes = facts->wire.bytes_in - facts->control_bytes;
}

static void note_control(struct doctor_facts *facts,
                         const struct hws_event *event)
{
    /* of the frame: two bytes of header, never masked by a server */
    facts->control_bytes += 2 + event->control.data.size;
    if (event->kind == HWS_PONG && event->control.round_trip != HWS_NEVER &&
        facts->pongs < DOCTOR_PINGS)
        facts->round_trips[facts->pongs++] = event->control.round_trip;
}

static void note_redirect(struct doctor_facts *facts,
                          const struct hws_event *event)
{
    if (facts->hop_count == DOCTOR_HOPS_MAX)
        return;
    struct doctor_hop *hop = &facts->hops[facts->hop_count++];
    hop->http_status = event->redirect.http_status;
    snprintf(hop->url, sizeof hop->url, "%s", event->redirect.url);
}

/* ---- its end */

static void note_lag(struct doctor_visit *visit)
{
    struct hws_snapshot snapshot;
    hws_client_snapshot(visit->client, &snapshot);
    visit->facts->lag_count = snapshot.lag_count;
    visit->facts->lag_min = snapshot.lag_min;
}

static void note_down(struct doctor_facts *facts, const struct hws_event *event)
{
    facts->down = event->at;
    facts->fault = *event->down.fault;
    facts->ended_by = event->down.by;
    facts->clean = event->down.clean;
    facts->truncated = event->down.truncated;
    facts->received_code = event->down.received_code;
    copy_span(facts->reason, sizeof facts->reason, event->down.reason);
    copy_span(facts->body, sizeof facts->body, event->down.body);
    if (facts->up != HWS_NEVER && facts->close_asked == HWS_NEVER)
        facts->watched = facts->down - facts->up;
}

/* What the second visit was made for. */
static void take_second(struct doctor *doctor)
{
    struct doctor_facts *first = doctor->first.facts;
    const struct doctor_facts *second = doctor->second.facts;
    first->again = true;
    first->again_fault = second->fault;
    first->again_tls = second->tls;
    first->again_tls.known =
        second->tls.known && second->wire.opened != HWS_NEVER;
    first->again_open = second->dial.connected == HWS_NEVER
                            ? HWS_NEVER
                            : second->wire.opened - second->dial.connected;
}

static void visit_over(struct doctor_visit *visit)
{
    struct doctor *doctor = visit->doctor;
    hws_loop_timer(doctor->loop, &visit->tick, HWS_NEVER);
    if (is_second(visit)) {
        take_second(doctor);
        doctor->is_over = true;
        return;
    }
    note_lag(visit);
    doctor->is_over = doctor->stopper.stopped || !visit->facts->was_up ||
                      !visit->facts->is_tls;
    if (!doctor->is_over &&
        doctor_visit_begin(&doctor->second, doctor) != OPTIONS_GOOD)
        doctor->is_over = true;
}

static void visit_event(struct hws_client *client,
                        const struct hws_event *event, void *user)
{
    struct doctor_visit *visit = user;
    struct doctor_facts *facts = visit->facts;
    if (event->kind == HWS_MESSAGE) {
        note_message(facts, event);
        return;
    }
    target_note(&visit->doctor->target, visit->doctor->loop, client, 1, event);
    if (event->kind == HWS_UP) {
        note_up(visit, event);
    } else if (event->kind == HWS_PING || event->kind == HWS_PONG) {
        note_control(facts, event);
    } else if (event->kind == HWS_CLOSING) {
        facts->peer_closed = facts->close_asked == HWS_NEVER;
    } else if (event->kind == HWS_REDIRECT) {
        note_redirect(facts, event);
    } else if (event->kind == HWS_DOWN) {
        note_down(facts, event);
        visit_over(visit);
    }
}

/* ---- its begin */

/* Each hop of a chain of redirects begins anew; the last one is told. */
static struct hws_link *visit_wrap(struct hws_client *client,
                                   struct hws_link *link, void *user)
{
    struct doctor_visit *visit = user;
    struct doctor_facts *facts = visit->facts;
    const char *url = hws_client_get_url(client);
    snprintf(facts->url, sizeof facts->url, "%s", url);
    facts->is_tls = strncmp(url, "wss:", 4) == 0;
    facts->is_unix = strncmp(url, "ws+unix:", 8) == 0;
    hws_client_get_way(client, &facts->way);
    doctor_trace_reset(&facts->dial);
    return doctor_wire_new(visit, link);
}

static struct doctor_facts *new_facts(const struct doctor *doctor)
{
    struct doctor_facts *facts = memory_new(1, sizeof *facts);
    facts->up = facts->down = facts->close_asked = HWS_NEVER;
    facts->first_message = HWS_NEVER;
    facts->wire.opened = facts->wire.ended_at = HWS_NEVER;
    facts->has_lag = doctor->options.lag;
    doctor_trace_reset(&facts->dial);
    return facts;
}

int doctor_visit_begin(struct doctor_visit *visit, struct doctor *doctor)
{
    int code = OPTIONS_GOOD;
    struct hws_client_options options = doctor->client;
    visit->doctor = doctor;
    visit->facts = new_facts(doctor);
    visit->tick = (struct hws_timer){.due = visit_tick, .deadline = HWS_NEVER};
    options.on_event = visit_event;
    options.on_wrap = visit_wrap;
    options.dial.on_step = doctor_trace;
    options.dial.user = visit->facts;
    options.user = visit;
    if (is_second(visit))
        options.opening_count = 0;
    visit->client =
        target_client(&doctor->target, doctor->loop, &options, &code);
    if (visit->client)
        hws_client_open(visit->client);
    return code;
}

void doctor_visit_release(struct doctor_visit *visit)
{
    hws_client_free(visit->client);
    memory_free(visit->facts);
}
