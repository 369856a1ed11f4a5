#include "health/evidence.h"

#include "health/health.h"

#define LULL_DECAY 64 /* windows with data until it is forgotten */

static hws_time mean(int64_t sum, uint64_t count)
{
    return count ? sum / (int64_t)count : 0;
}

static void weigh_stages(struct hwi_evidence *e)
{
    struct hwi_stages *s = e->health->stages;
    if (!s)
        return;
    const struct hwi_stage_sums *sums = &s->sums;
    uint64_t queued = sums->count[HWS_STAGE_QUEUE];
    hws_time queue = mean(sums->lag[HWS_STAGE_QUEUE], queued);
    hws_time behind = mean(sums->behind, queued);
    e->dispatcher = queue - behind;
    e->app = behind + mean(sums->lag[HWS_STAGE_PROCESSING],
                           sums->count[HWS_STAGE_PROCESSING]);
    if (sums->count[HWS_STAGE_TOTAL])
        e->lag = mean(sums->lag[HWS_STAGE_TOTAL], sums->count[HWS_STAGE_TOTAL]);
    else if (sums->count[HWS_STAGE_PROCESSING])
        e->lag = e->dispatcher + e->app;
    if (sums->count[HWS_STAGE_NETWORK])
        e->network =
            mean(sums->lag[HWS_STAGE_NETWORK], sums->count[HWS_STAGE_NETWORK]) -
            (s->network_min - s->offset);
    s->sums = (struct hwi_stage_sums){0};
}

hws_time hwi_evidence_silence(const struct hwi_evidence *e)
{
    hws_time last = e->health->last_message_at;
    hws_time up = e->health->up_since;
    return e->now - (last == HWS_NEVER || last < up ? up : last);
}

static void weigh_silence(struct hwi_evidence *e)
{
    struct hwi_verdict *v = e->v;
    if (e->messages == 0) {
        v->quiet = hwi_evidence_silence(e);
        return;
    }
    v->lull -= v->lull / LULL_DECAY;
    if (v->quiet > v->lull)
        v->lull = v->quiet;
    v->quiet = 0;
}

void hwi_evidence_weigh(struct hwi_evidence *e)
{
    struct hwi_verdict *v = e->v;
    e->messages = e->health->messages_in - v->messages;
    e->callbacks = e->facts->callbacks - v->callbacks;
    e->reading = e->facts->reading - v->reading;
    e->resent = v->retransmits >= 0 && e->facts->retransmits > v->retransmits;
    weigh_stages(e);
    v->since = e->now;
    v->messages += e->messages;
    v->callbacks = e->facts->callbacks;
    v->reading = e->facts->reading;
    v->retransmits = e->facts->retransmits;
    if (e->facts->path_trip < v->path_min)
        v->path_min = e->facts->path_trip;
    weigh_silence(e);
    /* The first of all may have come late in its window. */
    if (e->messages == 0 || v->messages == e->messages)
        return;
    hws_time gap = e->elapsed / (hws_time)e->messages;
    v->gap = v->gap == HWS_NEVER ? gap : v->gap + (gap - v->gap) / 4;
}
