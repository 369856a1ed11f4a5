/*
 * One readiness after another, each made by the other thread at a moment that
 * the loop cannot know, and each awaited with nothing else going on: a pipe
 * that is written to, or a call that is posted.
 */
#include "probe/probe.h"

#define TRIES_MIN 20
#define TRIES_MAX 500
/* Each one costs a whole patience, and these say enough. */
#define LOST_MAX 3
/* The delay before each: from the least on, spread over the rest, in a row
 * that no period of a loop falls in step with (the golden ratio's). */
#define GAP_LEAST HWS_US(200)
#define GAP_SPREAD HWS_MS(5)

static hws_time gap(uint64_t number)
{
    double place = (double)number * 0.6180339887498949;
    place -= (double)(uint64_t)place;
    return GAP_LEAST + (hws_time)(place * (double)GAP_SPREAD);
}

static void await(struct hws_probe *p, size_t target, hws_time now)
{
    struct hwi_plan plan = {.targets = &p->targets[target],
                            .count = 1,
                            .at = now + gap(p->scratch.tries),
                            .left = 1};
    p->scratch.target = target;
    p->scratch.tries++;
    p->scratch.looks = 0;
    hwi_probe_arm(p, &p->guard, plan.at + p->options.patience);
    hwi_poker_ask(&p->poker, &plan);
}

static bool is_post(const struct hws_probe *p, size_t target)
{
    return target == p->options.pipes;
}

static void go_on(struct hws_probe *p, hws_time now)
{
    uint64_t tries = p->scratch.tries;
    size_t target = p->scratch.target;
    if (p->figures.lost >= LOST_MAX || tries >= TRIES_MAX)
        hwi_probe_move(p);
    else if (!hwi_probe_move_when_due(p, now, tries >= TRIES_MIN))
        await(p, is_post(p, target) ? target : tries % p->options.pipes, now);
}

static void note(struct hws_probe *p, const struct hwi_stamp *since,
                 hws_time now)
{
    struct hwi_stamp until = hwi_probe_until(p, now);
    hws_time delay = now - since->at;
    hws_histogram_note(p->spreads[HWI_DELAY], delay);
    hws_histogram_note(p->spreads[HWI_SLEPT],
                       p->figures.accounted ? hwi_probe_slept(since, &until)
                                            : delay - hwi_probe_machine(p));
    if (p->figures.accounted) {
        hws_histogram_note(p->spreads[HWI_WAITED],
                           until.usage.waited - since->usage.waited);
        hws_histogram_note(p->spreads[HWI_RAN],
                           until.usage.ran - since->usage.ran);
    }
}

static void ready(struct hws_probe *p, size_t target, hws_time now)
{
    struct hwi_stamp since;
    /* What was given up as lost may come after all. */
    if (target != p->scratch.target ||
        !hwi_poker_take(&p->poker, &p->targets[target], &since))
        return;
    p->figures.awaited++;
    if (is_post(p, target))
        hws_histogram_note(p->spreads[HWI_POST], now - since.at);
    else
        note(p, &since, now);
    go_on(p, now);
}

static void guard(struct hws_probe *p, hws_time now)
{
    struct hwi_stamp since;
    size_t target = p->scratch.target;
    /* Before it is made, the other thread waits for a processor. */
    if (!hwi_poker_look(&p->poker, &p->targets[target], &since)) {
        hwi_probe_arm(p, &p->guard, now + p->options.patience);
        hwi_probe_move_when_due(p, now, false);
        return;
    }
    if (!hwi_probe_is_lost(p, &since, now))
        return;
    hwi_poker_take(&p->poker, &p->targets[target], &since);
    if (!is_post(p, target))
        hwi_probe_drain(p, target);
    p->figures.awaited++;
    p->figures.lost++;
    go_on(p, now);
}

static void begin_pipes(struct hws_probe *p, hws_time now)
{
    await(p, 0, now);
}

static void begin_post(struct hws_probe *p, hws_time now)
{
    if (p->options.post)
        await(p, p->options.pipes, now);
    else
        hwi_probe_move(p);
}

const struct hwi_stage hwi_stage_serial = {.share = 0.26,
                                           .gulp = 64,
                                           .begin = begin_pipes,
                                           .ready = ready,
                                           .guard = guard};
const struct hwi_stage hwi_stage_post = {.share = 0.10,
                                         .gulp = 64,
                                         .begin = begin_post,
                                         .ready = ready,
                                         .guard = guard};
