/*
 * From figures to findings: pure, so that every rule is tested on figures
 * that never were measured.
 */
#include "probe/judge.h"

/* Sleeping is asked of the thread in a tenth of an idle stretch. */
#define AWAKE_MOST 0.9
/* What is called in vain is a fault when it is more than one call in 20. */
#define EMPTY_SHARE 20
/* Idle wake-ups a second that are no accident any more, and at least so many
 * of them in all. */
#define WAKES_MOST 20.0
#define WAKES_LEAST 5

static double per_second(int64_t count, hws_time stretch)
{
    return stretch > 0 ? (double)count * 1e9 / (double)stretch : 0;
}

double hwi_quiet_wakeups(const struct hws_probe_figures *f, bool *told)
{
    *told = f->quiet_turns >= 0 && f->quiet_turns >= f->quiet_wakeups;
    int64_t count = *told ? f->quiet_turns : f->quiet_wakeups;
    return count < 0 || f->quiet <= 0 ? -1 : per_second(count, f->quiet);
}

double hwi_quiet_awake(const struct hws_probe_figures *f)
{
    if (f->quiet_ran < 0 || f->quiet_waited < 0 || f->quiet <= 0)
        return -1;
    double awake = (double)(f->quiet_ran + f->quiet_waited) / (double)f->quiet;
    return awake < 1 ? awake : 1;
}

static bool wakes(const struct hws_probe_figures *f)
{
    bool told;
    double rate = hwi_quiet_wakeups(f, &told);
    int64_t count = told ? f->quiet_turns : f->quiet_wakeups;
    return f->alone && rate > WAKES_MOST && count > WAKES_LEAST;
}

/* Twice what the machine itself sleeps too long is no accident. */
static hws_time sleep_bound(const struct hws_probe_figures *f)
{
    hws_time bound = 2 * f->machine.p50;
    if (f->accounted && bound > HWI_SLEPT_EXCUSED)
        bound = HWI_SLEPT_EXCUSED;
    return bound > HWI_SLEPT_LEAST ? bound : HWI_SLEPT_LEAST;
}

/* On a crowded machine a thread may wait for a processor much longer than it
 * sleeps, and few readinesses meet a sleep; but each turn shows it. That alone
 * may also be a host whose timers are late: such a one lets no readiness wait
 * through a good part of a turn's sleep, and does not wake for nothing. */
static bool sleeps(const struct hws_probe_figures *f)
{
    hws_time bound = sleep_bound(f);
    bool habit = f->slept.count >= HWI_SAMPLES_LEAST && f->slept.p50 > bound;
    bool turns_sleep = f->turn_slept.count >= HWI_SAMPLES_LEAST / 2 &&
                       f->turn_slept.p50 > bound;
    bool meets = f->slept.p99 > bound && f->slept.p99 > f->turn_slept.p50 / 4;
    return habit || (turns_sleep && (meets || wakes(f)));
}

/* Timers of any deadline, or the one for "now" that each turn has. A loop that
 * sleeps between polls is late by that alone. */
static bool is_late(const struct hws_probe_figures *f)
{
    if (sleeps(f)) {
        hws_time slept =
            f->slept.max > f->turn_slept.max ? f->slept.max : f->turn_slept.max;
        return f->late_slept.p50 > HWI_LATE_LEAST + slept;
    }
    return (f->late_slept.count >= HWI_SAMPLES_LEAST &&
            f->late_slept.p50 > HWI_LATE_LEAST) ||
           (f->turn_slept.count >= HWI_SAMPLES_LEAST / 2 &&
            f->turn_slept.p50 > HWI_LATE_LEAST);
}

static bool is_single(const struct hws_probe_figures *f)
{
    return f->bursts > 0 && f->pipes >= 4 && f->per_turn < 2;
}

static bool is_empty(const struct hws_probe_figures *f)
{
    return f->empty_calls > WAKES_LEAST &&
           f->empty_calls * EMPTY_SHARE > f->calls;
}

static bool never_sleeps(const struct hws_probe_figures *f)
{
    return hwi_quiet_awake(f) >= AWAKE_MOST;
}

/* Beside other load, what keeps the thread awake may be that: no more is
 * claimed than that it does not rest. And on a crowded machine a thread that
 * sleeps in each turn may have little sleep in all. */
static bool spins(const struct hws_probe_figures *f)
{
    return f->alone && never_sleeps(f) && !sleeps(f);
}

static bool is_busy(const struct hws_probe_figures *f)
{
    bool takes = f->ran.p50 > HWI_TAKES_LEAST && f->ran.p50 >= f->waited.p50;
    return takes || (!f->alone && never_sleeps(f));
}

static bool is_crowded(const struct hws_probe_figures *f)
{
    return f->waited.p50 > HWI_TAKES_LEAST && f->waited.p50 > f->ran.p50;
}

/* A thread that waits for a processor most of the time shows little. */
static bool is_unsure(const struct hws_probe_figures *f)
{
    return !f->finished || 2 * f->quiet_waited > f->quiet ||
           f->slept.count < HWI_SAMPLES_LEAST ||
           f->late.count < HWI_SAMPLES_LEAST || f->bursts == 0 || f->turns == 0;
}

unsigned hws_probe_judge(const struct hws_probe_figures *f)
{
    unsigned found = 0;
    if (f->lost > 0)
        found |= HWS_PROBE_LOSES;
    if (f->starved > 0)
        found |= HWS_PROBE_STARVES;
    if (spins(f))
        found |= HWS_PROBE_SPINS;
    if (sleeps(f))
        found |= HWS_PROBE_SLEEPS;
    if (f->early > 0)
        found |= HWS_PROBE_EARLY;
    if (is_single(f))
        found |= HWS_PROBE_SINGLE;
    if (is_late(f))
        found |= HWS_PROBE_LATE;
    if (is_empty(f))
        found |= HWS_PROBE_EMPTY;
    /* Those two wake for nothing as well, and worse. */
    if (wakes(f) && !(found & (HWS_PROBE_SPINS | HWS_PROBE_SLEEPS)))
        found |= HWS_PROBE_WAKES;
    if (is_busy(f))
        found |= HWS_PROBE_BUSY;
    if (is_crowded(f))
        found |= HWS_PROBE_CROWDED;
    if (is_unsure(f) && !(found & HWS_PROBE_FAULTS))
        found |= HWS_PROBE_UNSURE;
    return found;
}
