/*
 * Whether data still comes: a connection can be alive, answer every ping, and
 * have lost what it is for. No message moves a timer: when the delay is over,
 * health says when the last one came. Time in which nothing was read, before UP
 * or while paused, is not counted.
 */
#include "base/status.h"
#include "session/client.h"
#include "session/conn.h"

#include <stdio.h>

static hws_time present(const struct hws_client *c)
{
    return hws_loop_clock(c->loop, HWS_CLOCK_MONOTONIC);
}

static void give_up(struct hws_client *c, enum hws_phase phase,
                    enum hws_status status, const char *text)
{
    struct hws_fault fault = {0};
    hwi_fault_set(&fault, phase, status, "%s", text);
    hws_conn_fail(c->conn, &fault);
}

/* Come back when the delay is over, for all data or for a channel. The options
 * keep the sum in bounds. */
static void look_later(struct hws_client *c)
{
    hws_time deadline =
        c->stale ? HWS_NEVER : c->data_since + c->options.stale_delay;
    hws_time channel = hwi_client_channels_due(c);
    if (channel < deadline)
        deadline = channel;
    if (hws_loop_timer(c->loop, &c->data_timer, deadline) != 0)
        give_up(c, HWS_PHASE_LOCAL, HWS_E_MEMORY,
                "no memory for the timer that looks after data");
}

void hwi_client_expect_data(struct hws_client *c, hws_time now)
{
    if (c->options.stale_delay == HWS_NEVER)
        return;
    c->data_since = now;
    if (c->channels)
        hwi_channels_restart(c->channels, now);
    look_later(c);
}

void hwi_client_expect_no_data(struct hws_client *c)
{
    c->stale = false;
    if (c->data_timer.deadline != HWS_NEVER)
        hws_loop_timer(c->loop, &c->data_timer, HWS_NEVER);
}

void hwi_client_reads_again(struct hws_client *c)
{
    if (c->data_timer.deadline == HWS_NEVER)
        return;
    c->data_since = present(c);
    if (c->channels)
        hwi_channels_restart(c->channels, c->data_since);
}

static void tell(struct hws_client *c, enum hws_event_kind kind, hws_time now)
{
    struct hws_event event = {.kind = kind, .at = now};
    event.stale.since = c->data_since;
    c->options.on_event(c, &event, c->options.user);
}

void hwi_client_tell_fresh(struct hws_client *c, hws_time now)
{
    c->stale = false;
    tell(c, HWS_FRESH, now);
    c->data_since = now;
    if (!c->freed && c->state == HWS_CLIENT_UP)
        look_later(c);
}

static void become_stale(struct hws_client *c, hws_time now)
{
    char text[64];
    c->stale = true;
    snprintf(text, sizeof(text), "no data for %.1f s, though the peer is alive",
             (double)(now - c->data_since) / 1e9);
    tell(c, HWS_STALE, now);
    /* The callback may have done anything. */
    if (!c->freed && c->stale && c->options.stale_reconnect)
        give_up(c, HWS_PHASE_IDLE, HWS_E_STALE, text);
}

/* Nothing is read: nobody is late. */
static void rest(struct hws_client *c, hws_time now)
{
    c->data_since = now;
    if (c->channels)
        hwi_channels_restart(c->channels, now);
}

static bool is_up(const struct hws_client *c)
{
    return !c->freed && c->state == HWS_CLIENT_UP && c->conn &&
           hws_conn_is_up(c->conn);
}

static void look(struct hws_client *c, hws_time now)
{
    struct hws_snapshot snapshot;
    hws_health_snapshot(c->health, now, &snapshot);
    hws_time last = snapshot.last_message_at;
    if (c->paused)
        rest(c, now);
    else if (last != HWS_NEVER && last > c->data_since)
        c->data_since = last;
    hws_loop_timer(c->loop, &c->data_timer, HWS_NEVER);
    if (!c->stale && now - c->data_since >= c->options.stale_delay)
        become_stale(c, now);
    else if (c->channels)
        hwi_client_look_at_channels(c, now);
    if (is_up(c))
        look_later(c);
}

void hwi_client_data_due(struct hws_timer *timer, hws_time now)
{
    struct hws_client *c = hwi_container(timer, struct hws_client, data_timer);
    struct hws_commons *commons = c->commons;
    hwi_commons_enter(commons);
    commons->now = now;
    hwi_client_hold(c);
    look(c, now);
    hwi_client_drop(c);
    hwi_commons_leave(commons, now);
}
