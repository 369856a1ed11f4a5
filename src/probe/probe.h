/*
 * The probe's inside, shared by probe.c (its life) and the stages, each of
 * which measures one thing and then asks to move on.
 *
 * Invariant: while a stage is called, the probe lives; it moves on, ends and
 * may be freed only after the stage has returned.
 */
#ifndef HWI_PROBE_H
#define HWI_PROBE_H

#include "hawser/probe.h"
#include "probe/poker.h"

#include <stdatomic.h>

/* One pipe, watched by the loop. */
struct hwi_slot {
    struct hws_watch watch;
    struct hws_probe *probe;
    int ends[2];     /* read, write; -1 while there are none */
    bool is_excused; /* emptied behind the loop's back: it may still report */
};

/* A call that is on its way through `post`; outlives a probe freed meanwhile,
 * and frees itself then. */
struct hwi_letter {
    struct hws_probe *probe; /* NULL: freed. The loop thread's */
    struct hws_loop *loop;
    int (*post)(struct hws_loop *loop, void (*call)(void *), void *context);
    atomic_uint under_way; /* calls */
};

enum hwi_spread {
    HWI_DELAY,
    HWI_SLEPT,
    HWI_WAITED,
    HWI_RAN,
    HWI_TURN_SLEPT,
    HWI_POST,
    HWI_MACHINE, /* the poker's */
    HWI_LATE,
    HWI_LATE_SLEPT,
    HWI_LOAD_DELAY,
    HWI_SPREADS
};

#define HWI_ALARMS 16

struct hwi_alarm {
    struct hws_timer timer;
    struct hws_probe *probe;
    hws_time deadline;
};

struct hwi_stage {
    double share; /* of the duration */
    size_t gulp;  /* bytes to read for each ready() */
    void (*begin)(struct hws_probe *p, hws_time now);
    void (*ready)(struct hws_probe *p, size_t slot, hws_time now);
    void (*guard)(struct hws_probe *p, hws_time now);
    void (*chain)(struct hws_probe *p, hws_time now);
};

/* What a stage keeps while it lasts; zero at its begin. */
struct hwi_scratch {
    struct hwi_stamp since;
    hws_time at;            /* of its begin */
    int64_t wakeups, turns; /* by then */
    size_t target;          /* the one that is awaited */
    uint64_t tries;         /* or calls by the last look at the clock */
    bool is_on;             /* a burst */
    bool is_stuck;          /* it gets no further while a timer is due */
    uint64_t came, seen;    /* calls of it, and by its last turn */
    uint64_t used, unused;  /* turns with a call, and in a row without */
    unsigned looks;         /* of the guard, turn after turn */
};

struct hws_probe {
    struct hws_probe_options options;
    struct hws_loop *loop;
    struct hws_probe_figures figures; /* its counters; the rest when read */
    struct hws_histogram *spreads[HWI_SPREADS];
    struct hwi_slot *slots;     /* options.pipes */
    struct hwi_target *targets; /* one for each slot, one for `post`, and what
                                   hwi_probe_looks() has */
    struct hwi_letter *letter;  /* NULL without `post` */
    struct hwi_account account; /* of the loop's thread */
    struct hwi_poker poker;
    struct hws_timer guard, chain;
    struct hwi_alarm alarms[HWI_ALARMS];
    struct hwi_stamp alarm_stamps[HWI_ALARMS + 1]; /* when armed; each call */
    hws_time begun;
    size_t stage; /* its place, from 1; 0: not begun */
    hws_time stage_until, stage_last;
    bool is_moving; /* the stage is over */
    bool is_broken; /* the loop refused a timer: end now */
    bool is_over;
    struct hwi_scratch scratch;
};

extern const struct hwi_stage hwi_stage_quiet;
extern const struct hwi_stage hwi_stage_turns;
extern const struct hwi_stage hwi_stage_serial;
extern const struct hwi_stage hwi_stage_post;
extern const struct hwi_stage hwi_stage_burst;
extern const struct hwi_stage hwi_stage_stream;
extern const struct hwi_stage hwi_stage_alarms;
extern const struct hwi_stage hwi_stage_load;

/* A timer of the stage of alarms was called. */
void hwi_alarm_due(struct hws_probe *p, struct hwi_alarm *alarm, hws_time now);

/* ---- what plant.c plants, and pulls out */

void hwi_probe_slot_ready(struct hws_watch *watch, unsigned ready,
                          hws_time turn);
void hwi_probe_guard_due(struct hws_timer *timer, hws_time turn);
void hwi_probe_chain_due(struct hws_timer *timer, hws_time turn);
void hwi_probe_alarm_due(struct hws_timer *timer, hws_time turn);
/* A poke of the letter, on the poker's thread. */
void hwi_probe_letter_poke(void *context);
/* Leave nothing on the loop, and no thread. */
void hwi_probe_withdraw(struct hws_probe *p);

/* ---- what the stages ask for */

static inline hws_time hwi_probe_now(void)
{
    return hws_clock_now(HWS_CLOCK_MONOTONIC);
}
/* Targets for HWI_ALARMS looks at the account, at which nothing becomes ready.
 */
static inline struct hwi_target *hwi_probe_looks(struct hws_probe *p)
{
    return p->targets + p->options.pipes + 1;
}
/* The stage is over. */
void hwi_probe_move(struct hws_probe *p);
/* Move on if the time is up; before it has `enough` only much later. */
bool hwi_probe_move_when_due(struct hws_probe *p, hws_time now, bool enough);
/* Arm one of the probe's timers. */
void hwi_probe_arm(struct hws_probe *p, struct hws_timer *timer,
                   hws_time deadline);
/* Write `count` bytes to a slot from this thread. */
void hwi_probe_fill(struct hws_probe *p, size_t slot, size_t count);
/* Empty a slot behind the loop's back. */
void hwi_probe_drain(struct hws_probe *p, size_t slot);
/* This moment, on the loop's thread: to measure from, and to measure to. The
 * clock is read last for the one and first for the other, so that whatever
 * comes between its reading and the account's is never taken for sleep. */
struct hwi_stamp hwi_probe_since(const struct hws_probe *p);
struct hwi_stamp hwi_probe_until(const struct hws_probe *p, hws_time now);
/* How long the loop's thread ran or waited for a processor from one moment to
 * the other, and how long it slept; where that is not known, all of it. */
hws_time hwi_probe_awake(const struct hwi_stamp *since,
                         const struct hwi_stamp *until);
hws_time hwi_probe_slept(const struct hwi_stamp *since,
                         const struct hwi_stamp *until);
/* What this machine takes to wake a thread, at the median. */
hws_time hwi_probe_machine(struct hws_probe *p);
/*
 * Whether a readiness of that time is lost, when the guard looks after it. A
 * thread that slept through half of the patience will never report it. One
 * that ran or waited for a processor gets turn after turn first: false then,
 * and the guard looks again.
 */
bool hwi_probe_is_lost(struct hws_probe *p, const struct hwi_stamp *since,
                       hws_time now);
/* Turns that the loop tells of, until now. */
int64_t hwi_probe_turns(const struct hws_probe *p);

#endif
