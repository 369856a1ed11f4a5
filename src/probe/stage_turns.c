/*
 * A timer that is armed for "now" whenever it was called: it is called once a
 * turn, and shows what a turn costs, and whether a loop sleeps in one although
 * something is due.
 */
#include "probe/probe.h"

#define TURNS_MAX 1000
#define TURNS_MIN 8

static void begin(struct hws_probe *p, hws_time now)
{
    p->scratch.at = now;
    p->scratch.since = hwi_probe_since(p);
    hwi_probe_arm(p, &p->chain, now);
}

static void chain(struct hws_probe *p, hws_time now)
{
    struct hws_probe_figures *f = &p->figures;
    struct hwi_stamp until = hwi_probe_until(p, now);
    if (f->accounted)
        hws_histogram_note(p->spreads[HWI_TURN_SLEPT],
                           hwi_probe_slept(&p->scratch.since, &until));
    p->scratch.since = hwi_probe_since(p);
    f->turn = (now - p->scratch.at) / (hws_time)++f->turns;
    if (f->turns >= TURNS_MAX)
        hwi_probe_move(p);
    else if (!hwi_probe_move_when_due(p, now, f->turns >= TURNS_MIN))
        hwi_probe_arm(p, &p->chain, now);
}

const struct hwi_stage hwi_stage_turns = {
    .share = 0.02, .gulp = 64, .begin = begin, .chain = chain};
