/*
 * The probe: measures a dispatcher while it runs, and says in words what is
 * wrong with it. It works on any struct hws_loop, ours or another's, through
 * the contract's two verbs alone: for a while it watches pipes of its own and
 * arms timers of its own, beside the load that is there. A thread of its own
 * makes the pipes ready at moments that the loop cannot know.
 *
 * What tells a fault of the dispatcher from a busy machine and from busy
 * callbacks is what the thread of the loop did between readiness and callback:
 * it slept (the dispatcher's doing), it waited for a processor (the machine's),
 * or it ran (the callbacks'). Where the kernel does not account for threads
 * (anywhere but Linux) the sleep is inferred; see `accounted`.
 */
#ifndef HAWSER_PROBE_H
#define HAWSER_PROBE_H

#include "hawser/health.h"
#include "hawser/loop.h"

#ifdef __cplusplus
extern "C" {
#endif

struct hws_probe;

struct hws_probe_options {
    /* How long to measure: 100 ms to 1 h. Default 2 s. A stage that has too
     * few figures for a verdict by then goes on, to four times its share or
     * half of the whole time at most. */
    hws_time duration;
    /* When a readiness that was not reported counts as lost: 10 ms to 1 min.
     * Default 1 s. A thread that did not sleep through half of it gets 32
     * turns more. */
    hws_time patience;
    /* Pipes to watch, two descriptors each: 1 to 10,000. Default 16. */
    unsigned pipes;
    /* Nothing else is on this loop: then every idle wake-up is its own. */
    bool alone;
    /* How other threads call into this loop, such as hws_loop_post; measured
     * too when it is given. NULL: not. */
    int (*post)(struct hws_loop *loop, void (*call)(void *context),
                void *context);
    /* All is measured, and nothing of the probe's is left on the loop. Called
     * once, on the loop's thread; may free the probe. May be NULL. */
    void (*done)(struct hws_probe *probe, void *user);
    void *user;
};
HWS_API void hws_probe_options_init(struct hws_probe_options *options);

/*
 * Plant the probe in `loop`, on its thread or before it runs. Returns at once;
 * the loop must be run for the probe to go on. While it measures, an armed
 * timer keeps a loop of ours running. `options` NULL: the defaults.
 *
 * Fails:  NULL, with `fault` (may be NULL): HWS_E_ARGUMENT for an option out
 *         of its range, HWS_E_SUPPORT when the loop has a clock that is not
 *         the machine's or cannot hold a descriptor, HWS_E_SYSTEM,
 * HWS_E_MEMORY. Owns:   the caller; free it on the loop's thread, before the
 * loop. Cost:   one thread, and two descriptors for each pipe.
 */
HWS_API struct hws_probe *
hws_loop_probe(struct hws_loop *loop, const struct hws_probe_options *options,
               struct hws_fault *fault);
/* Also in the middle of measuring: then nothing of it is left on the loop.
 * NULL is allowed. */
HWS_API void hws_probe_free(struct hws_probe *probe);

/* A distribution: exact count, minimum and maximum, the rest within 1 %.
 * All 0 while the count is 0. Times in ns. */
struct hws_probe_spread {
    uint64_t count;
    hws_time min, p50, p99, max;
};

/* What was measured. Times in ns; counts that cannot be known are -1. */
struct hws_probe_figures {
    const char *loop; /* ops->name */
    hws_time spent;   /* since the probe was planted */
    bool finished;    /* all stages are through */
    bool alone;       /* as in the options */
    bool accounted;   /* the kernel says what the thread did; else `slept` is
                         the delay beyond what the helper's own wake-ups took,
                         and `waited` and `ran` are 0 */
    hws_time patience;
    unsigned pipes;

    /* Readiness to callback, made by another thread, one at a time. */
    uint64_t awaited; /* readinesses that were made, in all stages */
    uint64_t lost;    /* of these, never reported within the patience */
    uint64_t deaf;    /* lost while unread bytes had been reported before */
    struct hws_probe_spread delay;
    struct hws_probe_spread slept, waited, ran; /* its parts */
    struct hws_probe_spread post;               /* the same by `post` */
    struct hws_probe_spread
        machine; /* how late the helper's own wake-ups were, waiting for a
                    processor left out: what this machine takes to wake */

    /* Calls of ready(), but for those of the stream of units below. */
    uint64_t calls;
    uint64_t empty_calls; /* of these, with nothing there */

    /* A stretch in which nothing of the probe's was ready or due. */
    hws_time quiet;
    hws_time quiet_ran, quiet_waited; /* of the loop's thread; -1 unknown */
    int64_t quiet_wakeups; /* sleeps of the thread that ended: its voluntary
                              context switches, the probe's own left out */
    int64_t quiet_turns;   /* the same as the loop itself tells, by
                              hws_loop_turn_begin(); -1: it does not tell */

    /* Turns with nothing to do but one timer armed for "now". */
    uint64_t turns;
    hws_time turn;                      /* ns for one of them, at the mean */
    struct hws_probe_spread turn_slept; /* how long the thread slept in each */
    uint64_t starved; /* times that such a timer was called over and over while
                         descriptors were ready */

    /* All pipes made ready at once, by the loop's own thread. */
    uint64_t bursts;
    double per_turn; /* ready() calls in a turn, of `pipes` possible */

    /* A reader that takes one unit for each call, with many waiting. */
    uint64_t units;
    double units_per_s;

    /* Timers. */
    struct hws_probe_spread late;       /* callback after its deadline */
    struct hws_probe_spread late_slept; /* of which the thread slept */
    uint64_t early;                     /* timers called before it */
    hws_time early_max;

    /* A thousand readinesses a second, at fixed moments. */
    hws_time load;
    uint64_t load_calls;
    int64_t load_wakeups; /* as quiet_wakeups, of the whole thread */
    int64_t load_turns;
    struct hws_probe_spread load_delay;
};

/* The figures so far, at any time, on the loop's thread. */
HWS_API void hws_probe_read(struct hws_probe *probe,
                            struct hws_probe_figures *figures);
/* Readiness to callback, in ns. Lends: while the probe lives. */
HWS_API const struct hws_histogram *
hws_probe_delays(const struct hws_probe *probe);

/* What can be found, worst first. Several may be true at once. */
enum hws_probe_finding {
    HWS_PROBE_LOSES = 1 << 0,   /* readiness that is never reported */
    HWS_PROBE_STARVES = 1 << 1, /* a timer for "now" shuts out descriptors */
    HWS_PROBE_SPINS = 1 << 2,   /* the thread never sleeps, alone */
    HWS_PROBE_SLEEPS = 1 << 3,  /* it sleeps while something is ready */
    HWS_PROBE_EARLY = 1 << 4,   /* timers before their deadline */
    HWS_PROBE_SINGLE = 1 << 5,  /* one ready descriptor for each wake-up */
    HWS_PROBE_LATE = 1 << 6,    /* sleeps past deadlines */
    HWS_PROBE_EMPTY = 1 << 7,   /* ready() with nothing there */
    HWS_PROBE_WAKES = 1 << 8,   /* wakes though nothing is ready or due */
    /* No faults of the dispatcher: */
    HWS_PROBE_BUSY = 1 << 9,     /* callbacks take the time, or all of it */
    HWS_PROBE_CROWDED = 1 << 10, /* others have the processors */
    HWS_PROBE_UNSURE = 1 << 11,  /* too few figures for a verdict */
};
/* Those that are faults of the dispatcher. */
#define HWS_PROBE_FAULTS ((unsigned)HWS_PROBE_BUSY - 1)

/*
 * What the figures say: findings or'ed together, 0 when all is well. Reads
 * nothing but `figures`, and judges by shape rather than by speed; the rules
 * are in docs/PROBE.md.
 */
HWS_API unsigned hws_probe_judge(const struct hws_probe_figures *figures);
/* The worst one of `findings`, or 0. */
static inline unsigned hws_probe_worst(unsigned findings)
{
    return findings & (~findings + 1);
}
/* "sleeps"; "ok" for 0. Never NULL, never freed. */
HWS_API const char *hws_probe_name(unsigned finding);
/*
 * One finding in words, with the figures that say so: "adds 30 ms per tick:
 * it sleeps between polls (...)". For 0: how well it does. Returns the length
 * without NUL, or HWS_E_TOO_BIG; 256 bytes are enough.
 */
HWS_API int hws_probe_words(const struct hws_probe_figures *figures,
                            unsigned finding, char *text, size_t size);

#ifdef __cplusplus
}
#endif
#endif
