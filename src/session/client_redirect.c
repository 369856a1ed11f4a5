/*
 * From one answer to the next handshake of the same attempt. The client waits
 * in between (for the next turn, or for as long as a Retry-After asks), so
 * that a circle of redirects is a chain of turns and no recursion.
 */
#include "base/status.h"
#include "session/client.h"
#include "session/policy.h"

/* All the time in which the peer said to stay away counts for nothing. */
static hws_time wait_for(struct hws_client *c, const struct hws_event *e)
{
    hws_time realtime = hws_loop_clock(c->loop, HWS_CLOCK_REALTIME);
    hws_time delay = hwi_policy_retry_after(e, realtime);
    if (delay == HWS_NEVER)
        return 0;
    if (delay > c->options.retry.after_max)
        delay = c->options.retry.after_max;
    if (c->open_deadline < HWS_NEVER - delay)
        c->open_deadline += delay;
    return delay;
}

static void tell(struct hws_client *c, const struct hws_event *e,
                 hws_time deadline)
{
    struct hws_event event = {.kind = HWS_REDIRECT, .at = e->at};
    event.redirect.http_status = e->down.fault->http_status;
    event.redirect.url = c->redirect.url.text;
    event.redirect.count = c->redirect.hops;
    event.redirect.retry_at = deadline;
    c->options.on_event(c, &event, c->options.user);
}

bool hwi_client_follow(struct hws_client *c, const struct hws_event *e,
                       struct hws_fault *fault)
{
    const struct hws_redirects *rules = &c->options.redirects;
    if (!hwi_redirect_is(e) || rules->max == 0 || c->stop_asked ||
        c->redial_asked)
        return false;
    hws_time now = hws_loop_clock(c->loop, HWS_CLOCK_MONOTONIC);
    if (hwi_redirect_take(&c->redirect, rules, hwi_endpoints_now(&c->endpoints),
                          hwi_client_url(c), e->down.head, fault) != 0)
        return false;
    hws_time deadline = e->at + wait_for(c, e);
    if (hwi_client_wait(c, deadline) != 0) {
        hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_MEMORY,
                      "cannot follow a redirect: no memory");
        return false;
    }
    struct hws_conn *old = c->conn;
    c->conn = NULL;
    hwi_client_enter(c, HWS_CLIENT_WAITING, now);
    tell(c, e, deadline);
    hws_conn_free(old);
    return true;
}
