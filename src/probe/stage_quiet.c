/*
 * Nothing of the probe's is ready or due for a while: what the loop's thread
 * does in that time, it does for others, or for nothing.
 */
#include "probe/probe.h"

static void begin(struct hws_probe *p, hws_time now)
{
    (void)now;
    hwi_probe_arm(p, &p->guard, p->stage_until);
    p->scratch.tries = 1;
    p->scratch.wakeups = hwi_account_wakeups();
    p->scratch.turns = hwi_probe_turns(p);
    p->scratch.since = hwi_probe_since(p);
}

/* The sleeps that the guard ended are the probe's own. */
static int64_t without_own(const struct hws_probe *p, int64_t before,
                           int64_t after)
{
    int64_t own = (int64_t)p->scratch.tries;
    if (before < 0 || after < 0)
        return -1;
    return after - before > own ? after - before - own : 0;
}

static void finish(struct hws_probe *p, const struct hwi_stamp *until)
{
    struct hws_probe_figures *f = &p->figures;
    const struct hwi_stamp *since = &p->scratch.since;
    f->quiet = until->at - since->at;
    if (f->accounted) {
        f->quiet_ran = until->usage.ran - since->usage.ran;
        f->quiet_waited = until->usage.waited - since->usage.waited;
    }
    f->quiet_wakeups =
        without_own(p, p->scratch.wakeups, hwi_account_wakeups());
    f->quiet_turns = without_own(p, p->scratch.turns, hwi_probe_turns(p));
    hwi_probe_move(p);
}

/* The time in which the thread waited for a processor does not count: it could
 * neither sleep in it nor be woken. */
static void guard(struct hws_probe *p, hws_time now)
{
    struct hwi_stamp until = hwi_probe_until(p, now);
    hws_time waited = until.usage.waited - p->scratch.since.usage.waited;
    hws_time deadline = p->stage_until + waited;
    if (deadline > p->stage_last)
        deadline = p->stage_last;
    if (now >= deadline) {
        finish(p, &until);
        return;
    }
    p->scratch.tries++;
    hwi_probe_arm(p, &p->guard, deadline);
}

const struct hwi_stage hwi_stage_quiet = {
    .share = 0.22, .gulp = 64, .begin = begin, .guard = guard};
