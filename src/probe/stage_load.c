/*
 * A steady load at moments of its own: however slow the loop is, the pipes
 * become ready on time, and one that is ready still is passed over.
 */
#include "probe/probe.h"

#define INTERVAL HWS_MS(1)

static void begin(struct hws_probe *p, hws_time now)
{
    struct hwi_plan plan = {.targets = p->targets,
                            .count = p->options.pipes,
                            .at = now,
                            .interval = INTERVAL,
                            .left = UINT64_MAX};
    p->scratch.at = now;
    p->scratch.wakeups = hwi_account_wakeups();
    p->scratch.turns = hwi_probe_turns(p);
    hwi_probe_arm(p, &p->guard, p->stage_until);
    hwi_poker_ask(&p->poker, &plan);
}

static void ready(struct hws_probe *p, size_t slot, hws_time now)
{
    struct hwi_stamp since;
    if (!hwi_poker_take(&p->poker, &p->targets[slot], &since))
        return;
    p->figures.load_calls++;
    hws_histogram_note(p->spreads[HWI_LOAD_DELAY], now - since.at);
}

static void guard(struct hws_probe *p, hws_time now)
{
    struct hws_probe_figures *f = &p->figures;
    int64_t wakeups = hwi_account_wakeups(), turns = hwi_probe_turns(p);
    hwi_poker_ask(&p->poker, &(struct hwi_plan){.left = 0});
    f->load = now - p->scratch.at;
    if (wakeups >= 0)
        f->load_wakeups = wakeups - p->scratch.wakeups;
    if (turns >= 0 && p->scratch.turns >= 0)
        f->load_turns = turns - p->scratch.turns;
    hwi_probe_move(p);
}

const struct hwi_stage hwi_stage_load = {
    .share = 0.16, .gulp = 64, .begin = begin, .ready = ready, .guard = guard};
