/*
 * The states of a client: one enum, one table, one door. Reconnecting is a
 * state and a deadline, never recursion and never a sleep. Every end of an
 * attempt or a connection goes through client_down().
 */
#include "base/status.h"
#include "base/usdt.h"
#include "session/client.h"
#include "session/conn.h"
#include "session/policy.h"
#include "session/stack.h"
#include "session/tls_cache.h"

#include <assert.h>

#define BIT(state) (1u << HWS_CLIENT_##state)

/* From a state, where one may go. */
static const unsigned transitions[] = {
    [HWS_CLIENT_IDLE] = BIT(WAITING) | BIT(STOPPED),
    [HWS_CLIENT_WAITING] = BIT(DIALING) | BIT(WAITING) | BIT(STOPPED),
    [HWS_CLIENT_DIALING] = BIT(OPENING) | BIT(WAITING) | BIT(STOPPED),
    [HWS_CLIENT_OPENING] = BIT(UP) | BIT(WAITING) | BIT(STOPPED),
    [HWS_CLIENT_UP] = BIT(CLOSING) | BIT(WAITING) | BIT(STOPPED),
    [HWS_CLIENT_CLOSING] = BIT(WAITING) | BIT(STOPPED),
    [HWS_CLIENT_STOPPED] = BIT(WAITING),
};

const char *hws_client_state_name(enum hws_client_state state)
{
    static const char *const names[] = {
        [HWS_CLIENT_IDLE] = "idle",       [HWS_CLIENT_DIALING] = "dialing",
        [HWS_CLIENT_OPENING] = "opening", [HWS_CLIENT_UP] = "up",
        [HWS_CLIENT_CLOSING] = "closing", [HWS_CLIENT_WAITING] = "waiting",
        [HWS_CLIENT_STOPPED] = "stopped",
    };
    return (unsigned)state <= HWS_CLIENT_STOPPED ? names[state] : "unknown";
}

void hwi_client_stop_looking(struct hws_client *c)
{
    hwi_client_expect_no_data(c);
    hwi_client_judge_stop(c);
}

void hwi_client_enter(struct hws_client *c, enum hws_client_state state,
                      hws_time now)
{
    assert(transitions[c->state] & (1u << state));
    HWI_PROBE3(state, c, c->state, state);
    if (c->state == HWS_CLIENT_UP)
        hwi_client_stop_looking(c);
    c->state = state;
    c->up_since = state == HWS_CLIENT_UP        ? now
                  : state == HWS_CLIENT_CLOSING ? c->up_since
                                                : HWS_NEVER;
}

int hwi_client_wait(struct hws_client *c, hws_time deadline)
{
    return hws_loop_timer(c->loop, &c->timer, deadline);
}

/* A certificate shown to strangers tells them who we are. */
static void stay_nameless(struct hws_client_options *options)
{
    options->tls.certificate = NULL;
    options->tls.private_key = NULL;
}

static struct hws_link *build_link(struct hws_client *c,
                                   struct hws_fault *fault)
{
    const struct hws_client_options *o = &c->options;
    const struct hwi_url *url = hwi_client_url(c);
    if (!o->on_link) {
        struct hws_client_options options = *o;
        if (!hwi_client_is_home(c))
            stay_nameless(&options);
        c->way = (struct hwi_way){
            .commons = c->commons,
            .options = o,
            .proxy = hwi_proxies_find(&c->proxies, url),
            .random = hwi_client_chance(c),
        };
        return hwi_stack_new(&c->way, url, &options, fault);
    }
    struct hws_link *link = o->on_link(c, url->text, o->user);
    if (!link)
        hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_CONNECT,
                      "no transport for '%s'", url->text);
    return link;
}

static struct hws_link *make_link(struct hws_client *c, struct hws_fault *fault)
{
    const struct hws_client_options *o = &c->options;
    struct hws_link *link = build_link(c, fault);
    if (!link || !o->on_wrap)
        return link;
    link = o->on_wrap(c, link, o->user);
    if (!link)
        hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_MEMORY,
                      "the transport was not wrapped");
    return link;
}

/* How long the connection that just ended was up; 0: it never was. */
static hws_time time_up(const struct hws_client *c, hws_time now)
{
    if (c->up_since == HWS_NEVER)
        return 0;
    return now > c->up_since ? now - c->up_since : 1;
}

/* Whether the next request of this kind could be another one. */
static bool may_renew(const struct hws_client *c)
{
    return c->options.on_headers && hwi_client_is_home(c);
}

/* What the table says, or the user in its place. */
static enum hwi_eagerness consult(struct hws_client *c,
                                  const struct hws_event *e)
{
    enum hwi_eagerness rule = hwi_policy_of(e);
    if (hwi_policy_is_denial(e) && may_renew(c))
        rule = hwi_policy_of_denial(c->denials);
    if (!c->options.on_retry)
        return rule;
    enum hws_verdict_retry say = c->options.on_retry(c, e, c->options.user);
    if (say == HWS_RETRY_NO)
        return HWI_RETRY_NEVER;
    return say == HWS_RETRY_YES && rule == HWI_RETRY_NEVER ? HWI_RETRY_SLOW
                                                           : rule;
}

static enum hwi_eagerness decide(struct hws_client *c,
                                 const struct hws_event *e)
{
    enum hwi_eagerness eagerness = HWI_RETRY_NEVER;
    bool open = !c->stop_asked && !c->redial_asked && c->options.retry.enabled;
    if (open && !hwi_backoff_spent(&c->backoff))
        eagerness = consult(c, e);
    /* close() and reconnect() count, also from inside on_retry. */
    if (c->stop_asked)
        return HWI_RETRY_NEVER;
    return c->redial_asked ? HWI_RETRY_SOON : eagerness;
}

static hws_time pick_delay(struct hws_client *c, const struct hws_event *e,
                           enum hwi_eagerness eagerness)
{
    if (c->redial_asked)
        return 0;
    hws_time realtime = hws_loop_clock(c->loop, HWS_CLOCK_REALTIME);
    return hwi_backoff_delay(
        &c->backoff, eagerness, hwi_policy_retry_after(e, realtime),
        (unsigned)c->endpoints.count, hwi_client_chance(c));
}

/* Plan the next attempt, or rule it out. Without memory for the timer there
 * is nothing that could wake us: that is final, too. */
static void plan(struct hws_client *c, struct hws_event *down,
                 enum hwi_eagerness eagerness, hws_time now)
{
    hws_time deadline = HWS_NEVER;
    if (eagerness != HWI_RETRY_NEVER)
        deadline = now + pick_delay(c, down, eagerness);
    /* NEVER takes back what close() inside on_retry may have armed. */
    if (hwi_client_wait(c, deadline) != 0)
        deadline = HWS_NEVER;
    down->down.final = deadline == HWS_NEVER;
    down->down.retry_at = deadline;
    c->redial_asked = false;
    hwi_client_enter(
        c, down->down.final ? HWS_CLIENT_STOPPED : HWS_CLIENT_WAITING, now);
}

void hwi_client_add_compression(struct hws_compression *sum,
                                const struct hws_conn *conn)
{
    struct hws_compression one = {0};
    if (conn)
        hws_conn_compression(conn, &one);
    sum->in_compressed += one.in_compressed;
    sum->in_inflated += one.in_inflated;
    sum->out_plain += one.out_plain;
    sum->out_compressed += one.out_compressed;
    sum->agreed = one.agreed;
    sum->memory = one.memory;
}

/*
 * The funnel. State is complete before the user hears of it: the old
 * connection is detached, the next attempt is planned or ruled out.
 */
static void client_down(struct hws_client *c, const struct hws_event *e)
{
    struct hws_event event = *e;
    struct hws_conn *old = c->conn;
    hws_time now = hws_loop_clock(c->loop, HWS_CLOCK_MONOTONIC);
    hws_time up = time_up(c, now);

    hws_health_note(c->health, &event, 0);
    c->denials = hwi_policy_is_denial(e) ? c->denials + 1 : 0;
    if (!c->redial_asked)
        hwi_backoff_note(&c->backoff, up);
    enum hwi_eagerness eagerness = decide(c, e);
    if (c->freed)
        return;
    if (!c->redial_asked)
        hwi_endpoints_note(&c->endpoints, up, c->options.return_delay);
    hwi_client_add_compression(&c->compressed, old);
    c->conn = NULL;
    hwi_redirect_reset(&c->redirect);
    plan(c, &event, eagerness, now);
    hwi_client_judge_down(c, now);
    c->options.on_event(c, &event, c->options.user);
    hws_conn_free(old);
}

/* An end without a connection: nothing was dialed, or nothing is to be. */
static void down_without_conn(struct hws_client *c,
                              const struct hws_fault *fault, hws_time now)
{
    struct hws_event event = {.kind = HWS_DOWN, .at = now};
    event.down.fault = fault;
    event.down.by = HWS_PARTY_LOCAL;
    event.down.received_code = HWS_CLOSE_ABNORMAL;
    client_down(c, &event);
}

static void send_openings(struct hws_client *c)
{
    for (size_t i = 0; i < c->options.opening_count; i++) {
        const struct hws_opening *o = &c->options.openings[i];
        int status = hws_conn_send(c->conn, o->opcode, o->data, true);
        if (status == 0)
            continue;
        struct hws_fault fault = {0};
        hwi_fault_set(&fault, HWS_PHASE_LOCAL, status,
                      "cannot send opening message %zu: %s", i + 1,
                      hws_status_name(status));
        hws_conn_fail(c->conn, &fault);
        return;
    }
}

/* Cookies count whatever the answer was (RFC 6265 section 5.2). */
static void take_cookies(struct hws_client *c, struct hws_span head)
{
    if (c->cookies && head.size)
        hwi_cookies_take(c->cookies, hwi_client_url(c), head,
                         hws_loop_clock(c->loop, HWS_CLOCK_REALTIME));
}

static void client_up(struct hws_client *c, const struct hws_event *e)
{
    struct hws_event event = *e;
    event.up.attempt = c->attempt;
    event.up.connection = ++c->connections;
    event.up.redirects = c->redirect.hops;
    c->attempt = 0;
    take_cookies(c, e->up.head);
    hwi_client_enter(c, HWS_CLIENT_UP, e->at);
    hwi_client_expect_data(c, e->at);
    hwi_client_judge_up(c, e->at);
    if (c->paused)
        hws_conn_pause(c->conn);
    send_openings(c);
    c->options.on_event(c, &event, c->options.user);
}

static void client_closing(struct hws_client *c, const struct hws_event *e)
{
    if (c->state == HWS_CLIENT_UP)
        hwi_client_enter(c, HWS_CLIENT_CLOSING, e->at);
    c->options.on_event(c, e, c->options.user);
}

/* A handshake that leads to another one is not the end of the attempt. */
static void conn_down(struct hws_client *c, const struct hws_event *e)
{
    struct hws_fault fault = *e->down.fault;
    struct hws_event event = *e;
    event.down.fault = &fault;
    take_cookies(c, e->down.head);
    if (!hwi_client_follow(c, e, &fault))
        client_down(c, &event);
}

/* The user may end it all when told that data comes again. */
static void pass_on(struct hws_client *c, const struct hws_event *e)
{
    struct hws_conn *conn = c->conn;
    if (e->kind == HWS_MESSAGE && c->judge_rests)
        hwi_client_judge_message(c, e->at);
    if (e->kind == HWS_MESSAGE && c->stale)
        hwi_client_tell_fresh(c, e->at);
    if (e->kind == HWS_MESSAGE && c->channels && !c->freed && c->conn == conn)
        hwi_client_channel(c, e);
    if (!c->freed && c->conn == conn)
        c->options.on_event(c, e, c->options.user);
}

static void on_conn_event(struct hws_conn *conn, const struct hws_event *e,
                          void *user)
{
    struct hws_client *c = user;
    (void)conn;
    if (e->kind == HWS_MESSAGE && !c->stale && !c->judge_rests &&
        !c->channels) {
        c->options.on_event(c, e, c->options.user);
        return;
    }
    hwi_client_hold(c);
    if (e->kind == HWS_UP)
        client_up(c, e);
    else if (e->kind == HWS_CLOSING)
        client_closing(c, e);
    else if (e->kind == HWS_DOWN)
        conn_down(c, e);
    else
        pass_on(c, e);
    hwi_client_drop(c);
}

static void on_link_open(struct hws_conn *conn, void *user)
{
    struct hws_client *c = user;
    hwi_client_enter(c, HWS_CLIENT_OPENING,
                     hws_loop_clock(conn->loop, HWS_CLOCK_MONOTONIC));
}

/* Certificate files that changed and cannot be used: what they were before is
 * used on, and that must not go unnoticed. */
static void warn(struct hws_client *c, hws_time now)
{
    struct hws_fault fault = {0};
    struct hws_event event = {.kind = HWS_WARNING, .at = now};
    struct hwi_tls_entry *cache = c->commons->tls_cache;
    if (!hwi_tls_cache_warning(cache, &c->options.tls, &fault) &&
        !hwi_tls_cache_warning(cache, &c->options.proxy_tls, &fault))
        return;
    event.warning.fault = &fault;
    c->options.on_event(c, &event, c->options.user);
}

/* The callbacks of the options may have closed or freed the client. */
static bool is_wanted(const struct hws_client *c)
{
    return !c->freed && !c->stop_asked;
}

/* The redirects of one attempt share its time; the least that is left ends it
 * on the next turn. */
static hws_time time_left(const struct hws_client *c)
{
    hws_time now = hws_loop_clock(c->loop, HWS_CLOCK_MONOTONIC);
    if (c->open_deadline == HWS_NEVER)
        return HWS_NEVER;
    return c->open_deadline > now ? c->open_deadline - now : 1;
}

static struct hws_conn *dial(struct hws_client *c,
                             const struct hws_headers *headers,
                             struct hws_fault *fault)
{
    struct hws_conn_options options;
    struct hws_link *link = make_link(c, fault);
    if (!link)
        return NULL;
    if (!is_wanted(c)) {
        hws_link_free(link);
        return NULL;
    }
    hws_conn_options_init(&options);
    hwi_client_proto_options(c, headers, &options.proto);
    options.open_delay = time_left(c);
    options.health = c->health;
    options.on_event = on_conn_event;
    options.user = c;
    struct hws_conn *conn = hws_conn_new(c->loop, link, &options, fault);
    if (!conn)
        return NULL;
    conn->on_open = on_link_open;
    conn->notes_down = false; /* client_down() does, for it knows the end */
    return conn;
}

static void stop_waiting(struct hws_client *c, hws_time now)
{
    struct hws_fault fault = {0};
    hwi_fault_set(&fault, HWS_PHASE_LOCAL, HWS_E_CANCELLED,
                  "closed by the caller while not connected");
    down_without_conn(c, &fault, now);
}

/* After a redirect the attempt goes on, unless reconnect() was called: then it
 * starts over where it began. */
static void begin_attempt(struct hws_client *c, hws_time now)
{
    bool on_the_way = c->redirect.hops > 0;
    if (on_the_way && !c->redial_asked)
        return;
    hwi_redirect_reset(&c->redirect);
    c->open_deadline = c->options.open_delay >= HWS_NEVER - now
                           ? HWS_NEVER
                           : now + c->options.open_delay;
    if (on_the_way)
        return;
    c->attempt++;
    hws_health_attempt(c->health, now);
}

static void attempt(struct hws_client *c, hws_time now)
{
    struct hws_headers headers = {0};
    struct hws_fault fault = {0};

    begin_attempt(c, now);
    int status = hwi_client_collect_headers(c, &headers);
    if (status)
        hwi_fault_set(&fault, HWS_PHASE_LOCAL, status,
                      "cannot build the headers of the request: %s",
                      hws_status_name(status));
    else if (is_wanted(c))
        c->conn = dial(c, &headers, &fault);
    hwi_headers_release(&headers);
    if (c->freed)
        return;
    /* Calls from inside those callbacks found a client that waits. */
    hws_loop_timer(c->loop, &c->timer, HWS_NEVER);
    c->redial_asked = false;
    if (c->conn) {
        hwi_client_enter(c, HWS_CLIENT_DIALING, now);
        warn(c, now);
    } else if (c->stop_asked) {
        stop_waiting(c, now);
    } else {
        down_without_conn(c, &fault, now);
    }
}

void hwi_client_due(struct hws_timer *timer, hws_time now)
{
    struct hws_client *c = hwi_container(timer, struct hws_client, timer);
    struct hws_commons *commons = c->commons;
    hwi_commons_enter(commons);
    commons->now = now;
    hwi_client_hold(c);
    if (atomic_exchange(&c->unopened, false))
        c->stop_asked = true;
    if (c->stop_asked)
        stop_waiting(c, now);
    else
        attempt(c, now);
    hwi_client_drop(c);
    hwi_commons_leave(commons, now);
}
