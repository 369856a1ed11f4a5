/*
 * Timers with known deadlines, several at a time: early is a bug, and of the
 * time by which they are late the sleep is the dispatcher's.
 */
#include "probe/probe.h"

#define ALARMS_MIN 16
/* No whole number of milliseconds, so that rounding shows. */
#define SPACING HWS_US(1370)

/* How long the thread slept from the deadline on, at least, when its account
 * is known at `since`: all it did from then on is taken to come after it. */
static hws_time slept_at_least(hws_time deadline, const struct hwi_stamp *since,
                               const struct hwi_stamp *until)
{
    hws_time from = since->at > deadline ? since->at : deadline;
    return until->at - from - hwi_probe_awake(since, until);
}

/* The account is known when the timers were armed and after each call. */
static hws_time slept_by_calls(const struct hws_probe *p, hws_time deadline,
                               const struct hwi_stamp *until)
{
    uint64_t i = p->scratch.came;
    while (i > 0 && p->alarm_stamps[i].at > deadline)
        i--;
    return slept_at_least(deadline, &p->alarm_stamps[i], until);
}

/* And the other thread looks at it at each deadline, or soon after. */
static hws_time slept_by_looks(struct hws_probe *p, size_t i,
                               const struct hwi_stamp *until)
{
    struct hwi_stamp look;
    if (!hwi_poker_look(&p->poker, &hwi_probe_looks(p)[i], &look))
        return 0;
    return slept_at_least(p->alarms[i].deadline, &look, until);
}

static hws_time slept_since(struct hws_probe *p, size_t i, hws_time deadline,
                            const struct hwi_stamp *until)
{
    hws_time by_calls = slept_by_calls(p, deadline, until);
    hws_time by_looks = slept_by_looks(p, i, until);
    return by_calls > by_looks ? by_calls : by_looks;
}

static void note(struct hws_probe *p, size_t i, const struct hwi_stamp *until)
{
    struct hws_probe_figures *f = &p->figures;
    hws_time deadline = p->alarms[i].deadline;
    hws_time late = until->at - deadline;
    if (late < 0) {
        f->early++;
        if (-late > f->early_max)
            f->early_max = -late;
    }
    hws_histogram_note(p->spreads[HWI_LATE], late);
    hws_histogram_note(p->spreads[HWI_LATE_SLEPT],
                       f->accounted ? slept_since(p, i, deadline, until)
                                    : late - hwi_probe_machine(p));
}

static void arm_all(struct hws_probe *p, hws_time now)
{
    struct hwi_stamp old;
    struct hwi_plan plan = {.targets = hwi_probe_looks(p),
                            .count = HWI_ALARMS,
                            .at = now + SPACING,
                            .interval = SPACING,
                            .left = HWI_ALARMS};
    p->scratch.came = 0;
    p->alarm_stamps[0] = hwi_probe_since(p);
    hwi_poker_ask(&p->poker, &(struct hwi_plan){.left = 0});
    for (size_t i = 0; i < HWI_ALARMS; i++) {
        hwi_poker_take(&p->poker, &plan.targets[i], &old);
        p->alarms[i].deadline = now + (hws_time)(i + 1) * SPACING;
        hwi_probe_arm(p, &p->alarms[i].timer, p->alarms[i].deadline);
    }
    hwi_poker_ask(&p->poker, &plan);
}

void hwi_alarm_due(struct hws_probe *p, struct hwi_alarm *alarm, hws_time now)
{
    struct hwi_stamp until = hwi_probe_until(p, now);
    note(p, (size_t)(alarm - p->alarms), &until);
    p->alarm_stamps[++p->scratch.came] = hwi_probe_since(p);
    if (p->scratch.came < HWI_ALARMS)
        return;
    uint64_t count = hws_histogram_count(p->spreads[HWI_LATE]);
    if (!hwi_probe_move_when_due(p, now, count >= ALARMS_MIN))
        arm_all(p, now);
}

const struct hwi_stage hwi_stage_alarms = {
    .share = 0.10, .gulp = 64, .begin = arm_all};
