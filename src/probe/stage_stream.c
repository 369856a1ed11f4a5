/*
 * Many units wait in one pipe, and the reader takes one for each call: what a
 * reader of one frame at a time gets out of this loop. A loop that reports a
 * change rather than a level goes deaf here.
 */
#include "probe/probe.h"

#define UNITS 64
#define UNITS_MIN 8
#define UNITS_MAX 4096

static void refill(struct hws_probe *p)
{
    hwi_probe_fill(p, 0, UNITS);
    p->scratch.came = 0;
}

static void begin(struct hws_probe *p, hws_time now)
{
    p->scratch.at = now;
    p->scratch.since = hwi_probe_since(p);
    refill(p);
    hwi_probe_arm(p, &p->guard, now + p->options.patience);
}

static void finish(struct hws_probe *p, hws_time now)
{
    struct hws_probe_figures *f = &p->figures;
    hws_time spent = now - p->scratch.at;
    f->units = p->scratch.tries;
    f->units_per_s = spent > 0 ? (double)f->units * 1e9 / (double)spent : 0;
    hwi_probe_drain(p, 0);
    hwi_probe_move(p);
}

static void ready(struct hws_probe *p, size_t slot, hws_time now)
{
    if (slot != 0)
        return;
    uint64_t units = ++p->scratch.tries;
    if (units >= UNITS_MAX || (units >= UNITS_MIN && now >= p->stage_until))
        finish(p, now);
    else if (++p->scratch.came == UNITS)
        refill(p);
}

static void guard(struct hws_probe *p, hws_time now)
{
    if (p->scratch.tries > p->scratch.seen) {
        p->scratch.seen = p->scratch.tries;
        p->scratch.looks = 0;
        p->scratch.since = hwi_probe_since(p);
        hwi_probe_arm(p, &p->guard, now + p->options.patience);
        return;
    }
    if (!hwi_probe_is_lost(p, &p->scratch.since, now))
        return;
    p->figures.awaited++;
    p->figures.lost++;
    p->figures.deaf += p->scratch.tries > 0;
    finish(p, now);
}

const struct hwi_stage hwi_stage_stream = {
    .share = 0.06, .gulp = 1, .begin = begin, .ready = ready, .guard = guard};
