/*
 * Findings in words, each with the figures that say so.
 */
#include "probe/judge.h"

#include <stdarg.h>
#include <stdio.h>

/* ---- numbers as people read them: three digits and a unit */

struct text {
    char at[24];
};

static struct text scaled(double value, const char *const units[], int count)
{
    struct text t;
    int i = 0;
    while (i < count - 1 && value >= 999.5) {
        value /= 1000;
        i++;
    }
    /* "1.2 M" and "30 ms", but not "30.0 ms" or "0.400 ms". */
    snprintf(t.at, sizeof(t.at), value < 9.95 ? "%.2g%s" : "%.0f%s", value,
             units[i]);
    return t;
}

static struct text delay(hws_time ns)
{
    static const char *const units[] = {" ns", " us", " ms", " s"};
    double value = (double)ns;
    /* From a tenth of a millisecond on it is told in those: "0.6 ms". */
    if (ns >= HWS_US(100) && ns < HWS_MS(1))
        return scaled(value / 1e6, units + 2, 1);
    return scaled(value, units, 4);
}

static struct text number(double value)
{
    static const char *const units[] = {"", " k", " M", " G"};
    return scaled(value, units, 4);
}

/* ---- sentences */

static int print(char *text, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static int print(char *text, size_t size, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int length = vsnprintf(text, size, format, list);
    va_end(list);
    return length >= 0 && (size_t)length < size ? length : HWS_E_TOO_BIG;
}

/* "33 wake-ups/s while nothing was ready", or "". */
static struct text idle_rate(const struct hws_probe_figures *f)
{
    bool told;
    double rate = hwi_quiet_wakeups(f, &told);
    return rate < 0 ? (struct text){"unknown"} : number(rate);
}

static int say_ok(const struct hws_probe_figures *f, char *text, size_t size)
{
    return print(text, size,
                 "ok: %s from readiness to callback (p99 %s), %s %s "
                 "wake-ups/s",
                 delay(f->delay.p50).at, delay(f->delay.p99).at,
                 idle_rate(f).at, f->alone ? "idle" : "other");
}

static int say_loses(const struct hws_probe_figures *f, char *text, size_t size)
{
    if (f->deaf > 0)
        return print(text, size,
                     "loses wake-ups: bytes that still wait are not reported "
                     "again within %s; readiness is a level, not a change",
                     delay(f->patience).at);
    return print(text, size,
                 "loses wake-ups: %llu of %llu never came within %s",
                 (unsigned long long)f->lost, (unsigned long long)f->awaited,
                 delay(f->patience).at);
}

/* What the loop tells, or what a turn was seen to cost when it does not. */
static int say_spins(const struct hws_probe_figures *f, char *text, size_t size)
{
    bool told;
    double rate = hwi_quiet_wakeups(f, &told);
    if (!told)
        rate = f->turn > 0 ? 1e9 / (double)f->turn : 0;
    return print(text, size,
                 "spins: %s%s wake-ups/s without progress (asleep %.0f %% of "
                 "the time while nothing was ready)",
                 told ? "" : "about ", number(rate).at,
                 100 - 100 * hwi_quiet_awake(f));
}

static int say_sleeps(const struct hws_probe_figures *f, char *text,
                      size_t size)
{
    /* A turn with something due shows the sleep whole; a readiness meets a
     * part of it, and at most all. */
    hws_time tick =
        f->turn_slept.p50 > f->slept.p50 ? f->turn_slept.p50 : f->slept.p99;
    return print(text, size,
                 "adds %s per tick: it sleeps between polls (p50 %s with "
                 "something ready%s; %s wake-ups/s while nothing was)",
                 delay(tick).at, delay(f->slept.p50).at,
                 f->accounted ? "" : ", inferred", idle_rate(f).at);
}

static int say_single(const struct hws_probe_figures *f, char *text,
                      size_t size)
{
    return print(text, size,
                 "hands over one frame per wake-up: %u ready descriptors took "
                 "%.0f turns",
                 f->pipes, (double)f->pipes / f->per_turn);
}

static int say_early(const struct hws_probe_figures *f, char *text, size_t size)
{
    return print(text, size, "timers fire early by %s: %llu of %llu",
                 delay(f->early_max).at, (unsigned long long)f->early,
                 (unsigned long long)f->late.count);
}

static int say_late(const struct hws_probe_figures *f, char *text, size_t size)
{
    const struct hws_probe_spread *s = &f->late_slept;
    if (s->p50 < f->turn_slept.p50)
        s = &f->turn_slept;
    return print(text, size,
                 "timers fire late by %s: the thread slept on (p50; %s at "
                 "most)",
                 delay(s->p50).at, delay(s->max).at);
}

static int say_starves(const struct hws_probe_figures *f, char *text,
                       size_t size)
{
    (void)f;
    return print(text, size,
                 "starves descriptors: a timer armed for now is called over "
                 "and over before ready ones");
}

static int say_empty(const struct hws_probe_figures *f, char *text, size_t size)
{
    return print(text, size,
                 "calls in vain: %llu of %llu calls of ready() found nothing",
                 (unsigned long long)f->empty_calls,
                 (unsigned long long)f->calls);
}

static int say_wakes(const struct hws_probe_figures *f, char *text, size_t size)
{
    return print(text, size, "wakes %s times/s with nothing ready or due",
                 idle_rate(f).at);
}

static int say_busy(const struct hws_probe_figures *f, char *text, size_t size)
{
    if (f->ran.p50 < HWI_TAKES_LEAST)
        return print(text, size,
                     "never rests: its callbacks follow each other, or it "
                     "spins; probe it without its load to tell");
    return print(text, size,
                 "its callbacks take the time: %s (p50) on a processor before "
                 "a ready descriptor is called",
                 delay(f->ran.p50).at);
}

static int say_crowded(const struct hws_probe_figures *f, char *text,
                       size_t size)
{
    return print(text, size,
                 "the machine is crowded: %s (p50) waiting for a processor "
                 "before a ready descriptor is called",
                 delay(f->waited.p50).at);
}

static int say_unsure(const struct hws_probe_figures *f, char *text,
                      size_t size)
{
    return print(text, size,
                 "inconclusive: %s after %s, with %llu delays, %llu timers and "
                 "%llu bursts",
                 f->finished ? "too few figures" : "not finished",
                 delay(f->spent).at, (unsigned long long)f->slept.count,
                 (unsigned long long)f->late.count,
                 (unsigned long long)f->bursts);
}

static const struct {
    unsigned finding;
    const char *name;
    int (*say)(const struct hws_probe_figures *f, char *text, size_t size);
} findings[] = {
    {HWS_PROBE_LOSES, "loses", say_loses},
    {HWS_PROBE_STARVES, "starves", say_starves},
    {HWS_PROBE_SPINS, "spins", say_spins},
    {HWS_PROBE_SLEEPS, "sleeps", say_sleeps},
    {HWS_PROBE_EARLY, "early", say_early},
    {HWS_PROBE_SINGLE, "single", say_single},
    {HWS_PROBE_LATE, "late", say_late},
    {HWS_PROBE_EMPTY, "empty", say_empty},
    {HWS_PROBE_WAKES, "wakes", say_wakes},
    {HWS_PROBE_BUSY, "busy", say_busy},
    {HWS_PROBE_CROWDED, "crowded", say_crowded},
    {HWS_PROBE_UNSURE, "unsure", say_unsure},
    {0, "ok", say_ok},
};

/* The place of the worst one in the table. */
static size_t place_of(unsigned finding)
{
    size_t i = 0;
    while (findings[i].finding && !(finding & findings[i].finding))
        i++;
    return i;
}

const char *hws_probe_name(unsigned finding)
{
    return findings[place_of(finding)].name;
}

int hws_probe_words(const struct hws_probe_figures *f, unsigned finding,
                    char *text, size_t size)
{
    return findings[place_of(finding)].say(f, text, size);
}
