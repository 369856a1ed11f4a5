/*
 * Who holds the data back, while UP: health says it, and is asked again and
 * again as long as there is data or a doubt. An idle client is left alone
 * until its next message.
 */
#include "health/health.h"
#include "session/client.h"
#include "session/conn.h"

static void look_again(struct hws_client *c, hws_time now)
{
    /* Without memory for the timer the next message tries again. */
    c->judge_rests =
        hws_loop_timer(c->loop, &c->judge_timer, now + HWS_JUDGE_DELAY) != 0;
}

static struct hws_judgement judge(struct hws_client *c, hws_time now)
{
    struct hws_facts facts = {
        .path_trip = HWS_NEVER, .retransmits = -1, .unacknowledged = -1};
    if (c->conn)
        hwi_conn_facts(c->conn, &facts);
    return hws_health_judge(c->health, &facts, now);
}

static bool is_asked_for(const struct hws_client *c)
{
    return c->options.judge || hwi_client_has_alarms(c);
}

void hwi_client_judge_up(struct hws_client *c, hws_time now)
{
    if (!is_asked_for(c))
        return;
    hwi_client_reset_alarms(c);
    judge(c, now);
    look_again(c, now);
}

void hwi_client_judge_stop(struct hws_client *c)
{
    c->judge_rests = false;
    if (c->judge_timer.deadline != HWS_NEVER)
        hws_loop_timer(c->loop, &c->judge_timer, HWS_NEVER);
}

void hwi_client_judge_down(struct hws_client *c, hws_time now)
{
    if (is_asked_for(c))
        judge(c, now);
}

void hwi_client_judge_message(struct hws_client *c, hws_time now)
{
    look_again(c, now);
}

static void tell(struct hws_client *c, enum hws_verdict before, hws_time now)
{
    struct hws_event event = {.kind = HWS_VERDICT, .at = now};
    event.verdict.now = hwi_health_verdict(c->health);
    event.verdict.before = before;
    event.verdict.text = c->health->judged->text;
    c->options.on_event(c, &event, c->options.user);
}

static bool is_up(const struct hws_client *c)
{
    return !c->freed && c->state == HWS_CLIENT_UP && c->conn &&
           hws_conn_is_up(c->conn);
}

static void look(struct hws_client *c, hws_time now)
{
    enum hws_verdict before = hwi_health_verdict(c->health);
    struct hws_judgement j = judge(c, now);
    bool is_settled = j.is_settled;
    hws_loop_timer(c->loop, &c->judge_timer, HWS_NEVER);
    if (j.wants_ping && c->options.judge)
        hws_conn_ping(c->conn, hws_span_text(NULL));
    if (j.is_new && c->options.judge)
        tell(c, before, now);
    if (is_up(c) && hwi_client_has_alarms(c) &&
        hwi_client_look_at_alarms(c, j.lag, now))
        is_settled = false;
    if (!is_up(c))
        return;
    if (is_settled)
        c->judge_rests = true;
    else
        look_again(c, now);
}

void hwi_client_judge_due(struct hws_timer *timer, hws_time now)
{
    struct hws_client *c = hwi_container(timer, struct hws_client, judge_timer);
    struct hws_commons *commons = c->commons;
    hwi_commons_enter(commons);
    commons->now = now;
    hwi_client_hold(c);
    look(c, now);
    hwi_client_drop(c);
    hwi_commons_leave(commons, now);
}
