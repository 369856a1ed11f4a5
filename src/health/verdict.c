#include "health/verdict.h"

#include "base/mem.h"
#include "health/evidence.h"
#include "health/health.h"

#include <stdio.h>
#include <string.h>

/* The mean lag of a window above which a stage holds the data back. */
#define PROCESSING_LIMIT HWS_MS(50)
#define QUEUE_LIMIT HWS_MS(5)
#define DECRYPTION_LIMIT HWS_MS(1) /* where it takes half of the time */
#define NETWORK_LIMIT HWS_MS(50)   /* more than at best */
/* So many times above it nobody waits for a second window. */
#define GRAVE 4
/* A ping that is not answered for so long says something. */
#define ANSWER_LIMIT HWS_S(1)
#define ANSWER_AGE HWS_MS(700)
/* Silence that the peer is asked about. */
#define SILENCE HWS_MS(500)
/* Silence that is more than a lull, by how the data came before: so many times
 * the gap between messages, and the longest lull of late. */
#define IDLE_MIN HWS_MS(1500)
#define IDLE_MAX HWS_S(60)
#define IDLE_GAPS 8
#define IDLE_LULLS 3

const char *hws_verdict_name(enum hws_verdict verdict)
{
    static const char *const names[] = {
        [HWS_VERDICT_NONE] = "none",
        [HWS_VERDICT_OK] = "ok",
        [HWS_VERDICT_IDLE] = "idle",
        [HWS_VERDICT_NETWORK] = "network",
        [HWS_VERDICT_PEER] = "peer",
        [HWS_VERDICT_APP] = "app",
        [HWS_VERDICT_DISPATCHER] = "dispatcher",
        [HWS_VERDICT_TLS] = "tls",
    };
    return (unsigned)verdict <= HWS_VERDICT_TLS ? names[verdict] : "unknown";
}

/* Whether `lag` is above the limit; half of it holds a verdict. */
static bool is_above(struct hwi_evidence *e, hws_time lag, hws_time limit,
                     enum hws_verdict verdict)
{
    e->is_grave = lag >= limit * GRAVE;
    return lag >= (e->v->verdict == verdict ? limit / 2 : limit);
}

static double ms(hws_time t)
{
    return (double)t / 1e6;
}

static int share(hws_time part, hws_time whole)
{
    int percent = whole > 0 ? (int)(part * 100 / whole) : 0;
    return percent > 100 ? 100 : percent;
}

static bool blame_pause(struct hwi_evidence *e)
{
    if (!e->facts->paused)
        return false;
    e->found = HWS_VERDICT_APP;
    snprintf(e->text, sizeof(e->text), "paused; %zu bytes wait",
             e->facts->receive_queue);
    return true;
}

static void say_wait(struct hwi_evidence *e, hws_time waits)
{
    bool is_tls = e->found == HWS_VERDICT_TLS;
    snprintf(e->text, sizeof(e->text),
             "a message waits %.1f ms for %s %d %% of the time", ms(waits),
             is_tls ? "decryption, which takes"
                    : "this program, whose callbacks take",
             share(is_tls ? e->reading : e->callbacks, e->elapsed));
}

static bool blame_app(struct hwi_evidence *e)
{
    bool is_tls = e->facts->encrypted && e->reading > e->callbacks;
    enum hws_verdict found = is_tls ? HWS_VERDICT_TLS : HWS_VERDICT_APP;
    if (!is_above(e, e->app, PROCESSING_LIMIT, found))
        return false;
    e->found = found;
    say_wait(e, e->app);
    return true;
}

/* A window too small to hold much back: decryption that takes half of the time
 * is why the loop comes late. */
static bool blame_decryption(struct hwi_evidence *e)
{
    if (!e->facts->encrypted || e->reading <= e->callbacks ||
        e->reading < e->elapsed / 2)
        return false;
    hws_time waits = e->dispatcher + e->app;
    if (!is_above(e, waits, DECRYPTION_LIMIT, HWS_VERDICT_TLS))
        return false;
    e->found = HWS_VERDICT_TLS;
    say_wait(e, waits);
    return true;
}

static bool blame_dispatcher(struct hwi_evidence *e)
{
    if (!is_above(e, e->dispatcher, QUEUE_LIMIT, HWS_VERDICT_DISPATCHER))
        return false;
    e->found = HWS_VERDICT_DISPATCHER;
    snprintf(e->text, sizeof(e->text),
             "the loop comes late: a message waits %.1f ms to be read",
             ms(e->dispatcher));
    return true;
}

static hws_time last_pong(const struct hwi_evidence *e)
{
    hws_time at = e->health->last_pong_at;
    return at == HWS_NEVER ? -HWS_NEVER : at;
}

static bool is_asking(const struct hwi_evidence *e)
{
    return e->v->asked_at != HWS_NEVER && last_pong(e) < e->v->asked_at;
}

/* Whether the peer answered after `since`; else it is asked. */
static bool answers(struct hwi_evidence *e, hws_time since)
{
    if (last_pong(e) > since)
        return true;
    e->wants_ping = !is_asking(e);
    if (e->wants_ping) {
        e->v->asked_at = e->now;
        e->v->was_mute = false;
    }
    return false;
}

/* The peer's machine takes what we send, but the peer does not answer. */
static enum hws_verdict who_is_mute(const struct hwi_evidence *e)
{
    return e->facts->unacknowledged > 0 || e->resent ? HWS_VERDICT_NETWORK
                                                     : HWS_VERDICT_PEER;
}

/* A first round trip, taken when it is late already, has no better one to be
 * held against. */
static hws_time trip_more(const struct hws_health *h)
{
    bool is_first = h->pongs_in <= 1;
    return h->round_trip_last - (is_first ? 0 : h->round_trip_min);
}

static bool is_path_slow(const struct hwi_evidence *e, hws_time more)
{
    const struct hws_health *h = e->health;
    bool ping = h->round_trip_last != HWS_NEVER && !e->v->was_mute &&
                last_pong(e) >= e->v->late_since && trip_more(h) >= more;
    bool tcp = e->facts->path_trip != HWS_NEVER &&
               e->facts->path_trip - e->v->path_min >= more;
    return ping || tcp || e->resent;
}

static void accuse(struct hwi_evidence *e, enum hws_verdict who)
{
    const struct hws_health *h = e->health;
    char trip[48] = "";
    if (h->round_trip_last != HWS_NEVER)
        snprintf(trip, sizeof(trip), "; round trip %.1f ms, at best %.1f",
                 ms(h->round_trip_last), ms(h->round_trip_min));
    e->found = who;
    snprintf(e->text, sizeof(e->text), "data is %.1f ms later than at best%s",
             ms(e->network), trip);
}

static bool is_late(struct hwi_evidence *e)
{
    enum hws_verdict held = e->v->verdict;
    if (held != HWS_VERDICT_PEER)
        held = HWS_VERDICT_NETWORK;
    if (!is_above(e, e->network, NETWORK_LIMIT, held)) {
        e->v->late_since = HWS_NEVER;
        return false;
    }
    if (e->v->late_since == HWS_NEVER)
        e->v->late_since = e->now - e->elapsed;
    return true;
}

/* Late before it reached us: by the network when that is slow by itself, and
 * by the peer when it is not. */
static bool blame_far_side(struct hwi_evidence *e)
{
    if (!is_late(e))
        return false;
    answers(e, e->now - ANSWER_LIMIT);
    if (is_path_slow(e, e->network / 2))
        accuse(e, HWS_VERDICT_NETWORK);
    else if (!is_asking(e))
        accuse(e, HWS_VERDICT_PEER);
    else if (e->now - e->v->asked_at >= ANSWER_LIMIT)
        accuse(e, who_is_mute(e));
    return true;
}

static hws_time idle_delay(const struct hwi_evidence *e)
{
    hws_time gap = e->v->gap, lull = e->v->lull;
    if (lull >= IDLE_MAX / IDLE_LULLS)
        return IDLE_MAX;
    hws_time delay = lull * IDLE_LULLS;
    if (delay < IDLE_MIN)
        delay = IDLE_MIN;
    if (gap == HWS_NEVER || gap <= delay / IDLE_GAPS)
        return delay;
    return gap >= IDLE_MAX / IDLE_GAPS ? IDLE_MAX : gap * IDLE_GAPS;
}

static void accuse_mute(struct hwi_evidence *e, hws_time silent)
{
    e->found = who_is_mute(e);
    e->v->was_mute = true;
    e->is_grave = true;
    snprintf(e->text, sizeof(e->text),
             "no data for %.1f s, and no answer to a ping for %.1f s",
             (double)silent / 1e9, (double)(e->now - e->v->asked_at) / 1e9);
}

/* A pong right behind the last message says nothing of the silence, and an old
 * one nothing of now. */
static bool answers_now(struct hwi_evidence *e, hws_time silent)
{
    hws_time begin = e->now - silent + SILENCE / 2;
    hws_time lately = e->now - ANSWER_AGE;
    return answers(e, begin > lately ? begin : lately);
}

/* No data: nobody's fault while the peer answers. */
static bool blame_silence(struct hwi_evidence *e)
{
    hws_time silent = hwi_evidence_silence(e);
    if (e->messages || silent < SILENCE)
        return false;
    if (!answers_now(e, silent)) {
        if (e->now - e->v->asked_at >= ANSWER_LIMIT)
            accuse_mute(e, silent);
    } else if (silent >= idle_delay(e)) {
        e->found = HWS_VERDICT_IDLE;
        snprintf(e->text, sizeof(e->text),
                 "no data for %.1f s; the peer answers", (double)silent / 1e9);
    }
    return true;
}

/* The round trip of good times, to hold later ones against. */
static void ask_first(struct hwi_evidence *e)
{
    answers(e, -HWS_NEVER);
}

static void find(struct hwi_evidence *e)
{
    ask_first(e);
    if (blame_pause(e) || blame_app(e) || blame_decryption(e) ||
        blame_dispatcher(e) || blame_far_side(e) || blame_silence(e))
        return;
    e->is_grave = false;
    if (e->messages)
        e->found = HWS_VERDICT_OK;
}

/* A verdict that nothing has spoken for so long is over, even if what speaks
 * against it does not agree. */
#define AGAINST_MAX 4

static bool is_convincing(const struct hwi_evidence *e)
{
    const struct hwi_verdict *v = e->v;
    return v->agreed >= 2 || v->against >= AGAINST_MAX || e->is_grave ||
           v->verdict == HWS_VERDICT_NONE;
}

/* True: it changed. */
static bool decide(const struct hwi_evidence *e)
{
    struct hwi_verdict *v = e->v;
    bool is_new = e->found != v->verdict;
    if (e->found == HWS_VERDICT_NONE)
        return false;
    if (is_new) {
        v->agreed = e->found == v->candidate ? v->agreed + 1 : 1;
        v->candidate = e->found;
        v->against++;
        is_new = is_convincing(e);
    } else {
        v->agreed = v->against = 0;
    }
    if (is_new) {
        v->verdict = e->found;
        v->agreed = v->against = 0;
    }
    if (e->found == v->verdict)
        memcpy(v->text, e->text, sizeof(v->text));
    return is_new;
}

static struct hwi_verdict *verdict_new(const struct hws_health *h,
                                       const struct hws_facts *facts,
                                       hws_time now)
{
    struct hwi_verdict *v = hwi_alloc_zero(sizeof(*v));
    if (!v)
        return NULL;
    v->since = now;
    v->messages = h->messages_in;
    v->callbacks = facts->callbacks;
    v->reading = facts->reading;
    v->retransmits = facts->retransmits;
    v->gap = v->path_min = v->asked_at = v->late_since = HWS_NEVER;
    return v;
}

/* A connection that is down is judged by why it is. */
static enum hws_verdict judge_down(const struct hws_health *h)
{
    switch (h->last_fault.phase) {
    case HWS_PHASE_DNS:
    case HWS_PHASE_TCP:
    case HWS_PHASE_PROXY:
    case HWS_PHASE_IDLE:
        return HWS_VERDICT_NETWORK;
    case HWS_PHASE_TLS:
        return HWS_VERDICT_TLS;
    case HWS_PHASE_HTTP:
    case HWS_PHASE_FRAME:
        return HWS_VERDICT_PEER;
    case HWS_PHASE_CLOSE:
        return h->ended_by == HWS_PARTY_LOCAL ? HWS_VERDICT_APP
                                              : HWS_VERDICT_PEER;
    case HWS_PHASE_LOCAL:
        return HWS_VERDICT_APP;
    default:
        return HWS_VERDICT_NONE;
    }
}

static struct hws_judgement
say_down(struct hws_health *h, const struct hws_facts *facts, hws_time now)
{
    struct hwi_verdict *v = h->judged;
    enum hws_verdict verdict = judge_down(h);
    struct hws_judgement j = {.verdict = verdict,
                              .is_new = verdict != v->verdict,
                              .is_settled = true,
                              .lag = HWS_NEVER};
    v->text[0] = '\0';
    if (verdict != HWS_VERDICT_NONE)
        snprintf(v->text, sizeof(v->text), "down: %.120s", h->last_fault.text);
    v->verdict = verdict;
    v->since = now;
    v->agreed = v->against = 0;
    v->retransmits = facts->retransmits;
    v->path_min = v->asked_at = v->late_since = HWS_NEVER;
    return j;
}

static struct hws_judgement
judge_window(struct hws_health *h, const struct hws_facts *facts, hws_time now)
{
    struct hwi_verdict *v = h->judged;
    struct hwi_evidence e = {
        .health = h,
        .v = v,
        .facts = facts,
        .now = now,
        .elapsed = now - v->since,
        .lag = HWS_NEVER,
    };
    hwi_evidence_weigh(&e);
    find(&e);
    bool is_new = decide(&e);
    bool is_idle = e.messages == 0 && e.found == HWS_VERDICT_IDLE;
    return (struct hws_judgement){
        .verdict = v->verdict,
        .is_new = is_new,
        .wants_ping = e.wants_ping,
        .is_settled = is_idle && v->verdict == HWS_VERDICT_IDLE,
        .lag = e.lag,
    };
}

struct hws_judgement hws_health_judge(struct hws_health *health,
                                      const struct hws_facts *facts,
                                      hws_time now)
{
    if (!health->judged)
        health->judged = verdict_new(health, facts, now);
    if (!health->judged)
        return (struct hws_judgement){.is_settled = true, .lag = HWS_NEVER};
    if (!facts->up)
        return say_down(health, facts, now);
    if (now - health->judged->since < HWS_JUDGE_DELAY)
        return (struct hws_judgement){.verdict = health->judged->verdict,
                                      .lag = HWS_NEVER};
    return judge_window(health, facts, now);
}
