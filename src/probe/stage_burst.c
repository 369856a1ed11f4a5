/*
 * All pipes made ready at once: in how many turns are they called? A timer
 * armed for "now" is called once a turn, and so tells the turns apart. It is
 * also what a careless loop serves for ever while descriptors wait.
 */
#include "probe/probe.h"

#define BURSTS_MIN 5
#define BURSTS_MAX 50
#define GAP HWS_MS(1)
/* Turns without a call, out of all reason. */
#define TURNS_MAX(pipes) (64 + 8 * (uint64_t)(pipes))

static void rest(struct hws_probe *p, hws_time now)
{
    hwi_probe_arm(p, &p->chain, HWS_NEVER);
    p->scratch.is_on = false;
    if (!hwi_probe_move_when_due(p, now, p->figures.bursts >= BURSTS_MIN))
        hwi_probe_arm(p, &p->guard, now + GAP);
}

static void burst(struct hws_probe *p, hws_time now)
{
    p->scratch =
        (struct hwi_scratch){.is_on = true, .since = hwi_probe_since(p)};
    p->figures.awaited += p->options.pipes;
    for (size_t i = 0; i < p->options.pipes; i++)
        hwi_probe_fill(p, i, 1);
    hwi_probe_arm(p, &p->chain, now);
    hwi_probe_arm(p, &p->guard, now + p->options.patience);
}

/* What was seen is enough. */
static void give_up(struct hws_probe *p)
{
    for (size_t i = 0; i < p->options.pipes; i++)
        hwi_probe_drain(p, i);
    hwi_probe_move(p);
}

static void complete(struct hws_probe *p, hws_time now)
{
    struct hws_probe_figures *f = &p->figures;
    if (p->scratch.is_stuck) {
        f->starved++;
        hwi_probe_move(p);
        return;
    }
    double in_turn = (double)p->scratch.came / (double)p->scratch.used;
    /* The mean over all bursts. */
    f->per_turn += (in_turn - f->per_turn) / (double)++f->bursts;
    if (f->bursts >= BURSTS_MAX)
        hwi_probe_move(p);
    else
        rest(p, now);
}

static void ready(struct hws_probe *p, size_t slot, hws_time now)
{
    (void)slot;
    if (!p->scratch.is_on)
        return;
    if (p->scratch.came++ == p->scratch.seen)
        p->scratch.used++;
    if (p->scratch.came == p->options.pipes)
        complete(p, now);
}

/* When turn after turn brings no call it rests: then either the calls come,
 * and it was the timer that kept them away, or they are lost. */
static void chain(struct hws_probe *p, hws_time now)
{
    if (p->scratch.came > p->scratch.seen)
        p->scratch.unused = 0;
    p->scratch.seen = p->scratch.came;
    p->scratch.is_stuck = ++p->scratch.unused > TURNS_MAX(p->options.pipes);
    if (!p->scratch.is_stuck)
        hwi_probe_arm(p, &p->chain, now);
}

static void guard(struct hws_probe *p, hws_time now)
{
    if (!p->scratch.is_on) {
        burst(p, now);
        return;
    }
    if (p->scratch.came > p->scratch.tries) {
        /* However slow, it is getting on. */
        p->scratch.tries = p->scratch.came;
        p->scratch.looks = 0;
        p->scratch.since = hwi_probe_since(p);
        hwi_probe_arm(p, &p->guard, now + p->options.patience);
        return;
    }
    if (!hwi_probe_is_lost(p, &p->scratch.since, now))
        return;
    p->figures.lost += p->options.pipes - p->scratch.came;
    give_up(p);
}

const struct hwi_stage hwi_stage_burst = {.share = 0.08,
                                          .gulp = 64,
                                          .begin = burst,
                                          .ready = ready,
                                          .guard = guard,
                                          .chain = chain};
