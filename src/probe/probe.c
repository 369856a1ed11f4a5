/*
 * The probe at work: called by the loop, it hands on to the present stage, and
 * from stage to stage. plant.c makes and frees it.
 */
#include "probe/probe.h"

#include "base/mem.h"

#include <errno.h>
#include <unistd.h>

/* How much longer a stage may take that has too few figures. */
#define PATIENT 4
/* Turns in which a readiness must be reported, whatever else there is. */
#define LOOKS_MAX 32
/* Between them: not "now", which a careless loop serves without a poll. */
#define LOOK_DELAY HWS_MS(1)

/* Load comes last: stragglers of it disturb nobody. */
static const struct hwi_stage *const stages[] = {
    &hwi_stage_quiet, &hwi_stage_turns,  &hwi_stage_serial, &hwi_stage_post,
    &hwi_stage_burst, &hwi_stage_stream, &hwi_stage_alarms, &hwi_stage_load,
};
#define STAGES (sizeof(stages) / sizeof(*stages))

static const struct hwi_stage *stage_of(const struct hws_probe *p)
{
    return stages[p->stage - 1];
}

/* ---- what the stages ask for */

void hwi_probe_move(struct hws_probe *p)
{
    p->is_moving = true;
}

bool hwi_probe_move_when_due(struct hws_probe *p, hws_time now, bool enough)
{
    if (now < (enough ? p->stage_until : p->stage_last))
        return false;
    hwi_probe_move(p);
    return true;
}

void hwi_probe_arm(struct hws_probe *p, struct hws_timer *timer,
                   hws_time deadline)
{
    if (hws_loop_timer(p->loop, timer, deadline) != 0)
        p->is_broken = true;
}

void hwi_probe_fill(struct hws_probe *p, size_t slot, size_t count)
{
    static const char units[64];
    p->slots[slot].is_excused = false;
    while (write(p->slots[slot].ends[1], units, count) < 0 && errno == EINTR)
        continue;
}

static ssize_t take(const struct hwi_slot *s, size_t size)
{
    char bytes[64];
    ssize_t taken;
    do
        taken = read(s->ends[0], bytes, size);
    while (taken < 0 && errno == EINTR);
    return taken;
}

void hwi_probe_drain(struct hws_probe *p, size_t slot)
{
    while (take(&p->slots[slot], 64) > 0)
        p->slots[slot].is_excused = true;
}

struct hwi_stamp hwi_probe_since(const struct hws_probe *p)
{
    struct hwi_usage usage = hwi_account_read(&p->account);
    return (struct hwi_stamp){hwi_probe_now(), usage};
}

struct hwi_stamp hwi_probe_until(const struct hws_probe *p, hws_time now)
{
    return (struct hwi_stamp){now, hwi_account_read(&p->account)};
}

hws_time hwi_probe_awake(const struct hwi_stamp *since,
                         const struct hwi_stamp *until)
{
    return (until->usage.ran - since->usage.ran) +
           (until->usage.waited - since->usage.waited);
}

hws_time hwi_probe_slept(const struct hwi_stamp *since,
                         const struct hwi_stamp *until)
{
    return until->at - since->at - hwi_probe_awake(since, until);
}

hws_time hwi_probe_machine(struct hws_probe *p)
{
    pthread_mutex_lock(&p->poker.lock);
    hws_time p50 = hws_histogram_percentile(p->spreads[HWI_MACHINE], 50);
    pthread_mutex_unlock(&p->poker.lock);
    return p50;
}

bool hwi_probe_is_lost(struct hws_probe *p, const struct hwi_stamp *since,
                       hws_time now)
{
    struct hwi_stamp until = hwi_probe_until(p, now);
    if (hwi_probe_slept(since, &until) >= p->options.patience / 2 ||
        p->scratch.looks >= LOOKS_MAX)
        return true;
    p->scratch.looks++;
    hwi_probe_arm(p, &p->guard, now + LOOK_DELAY);
    return false;
}

int64_t hwi_probe_turns(const struct hws_probe *p)
{
    return p->loop->turns ? (int64_t)p->loop->turns : -1;
}

/* ---- from stage to stage */

static void enter(struct hws_probe *p, hws_time now)
{
    hws_time share;
    p->stage++;
    p->is_moving = false;
    p->scratch = (struct hwi_scratch){0};
    hws_loop_timer(p->loop, &p->guard, HWS_NEVER);
    hws_loop_timer(p->loop, &p->chain, HWS_NEVER);
    share = (hws_time)(stage_of(p)->share * (double)p->options.duration);
    p->stage_until = now + share;
    /* Short ones need no less time on a slow loop. */
    p->stage_last = now + PATIENT * share;
    if (p->stage_last < now + p->options.duration / 2)
        p->stage_last = now + p->options.duration / 2;
    stage_of(p)->begin(p, now);
}

void hwi_probe_withdraw(struct hws_probe *p)
{
    hws_loop_timer(p->loop, &p->guard, HWS_NEVER);
    hws_loop_timer(p->loop, &p->chain, HWS_NEVER);
    for (size_t i = 0; i < HWI_ALARMS; i++)
        hws_loop_timer(p->loop, &p->alarms[i].timer, HWS_NEVER);
    for (size_t i = 0; i < p->options.pipes; i++)
        if (p->slots[i].watch.interest)
            hws_loop_watch(p->loop, &p->slots[i].watch, p->slots[i].ends[0], 0);
    hwi_poker_release(&p->poker);
    hwi_account_shut(&p->account);
    p->is_over = true;
}

static void end(struct hws_probe *p, hws_time now)
{
    hwi_probe_withdraw(p);
    p->figures.spent = now - p->begun;
    p->figures.finished = !p->is_broken;
    if (p->options.done)
        p->options.done(p, p->options.user);
}

/* After every callback: what the stage asked for. May free the probe. */
static void settle(struct hws_probe *p)
{
    while (p->is_moving && p->stage < STAGES && !p->is_broken)
        enter(p, hwi_probe_now());
    if (p->is_moving || p->is_broken)
        end(p, hwi_probe_now());
}

/* ---- called by the loop */

void hwi_probe_slot_ready(struct hws_watch *watch, unsigned ready,
                          hws_time turn)
{
    hws_time now = hwi_probe_now();
    struct hwi_slot *s =
        (void *)((char *)watch - offsetof(struct hwi_slot, watch));
    struct hws_probe *p = s->probe;
    size_t gulp = p->stage ? stage_of(p)->gulp : 64;
    (void)ready;
    (void)turn;
    /* One byte a call says nothing about calls in vain. */
    p->figures.calls += gulp > 1;
    if (take(s, gulp) <= 0) {
        p->figures.empty_calls += !s->is_excused;
        s->is_excused = false;
        return;
    }
    if (p->stage && stage_of(p)->ready)
        stage_of(p)->ready(p, (size_t)(s - p->slots), now);
    settle(p);
}

void hwi_probe_guard_due(struct hws_timer *timer, hws_time turn)
{
    struct hws_probe *p =
        (void *)((char *)timer - offsetof(struct hws_probe, guard));
    (void)turn;
    if (p->stage == 0) {
        /* The first call is on the thread that runs the loop. */
        hwi_account_open(&p->account);
        p->figures.accounted = p->account.known;
        p->poker.subject = &p->account;
        hwi_probe_move(p);
    } else {
        stage_of(p)->guard(p, hwi_probe_now());
    }
    settle(p);
}

void hwi_probe_chain_due(struct hws_timer *timer, hws_time turn)
{
    struct hws_probe *p =
        (void *)((char *)timer - offsetof(struct hws_probe, chain));
    (void)turn;
    stage_of(p)->chain(p, hwi_probe_now());
    settle(p);
}

void hwi_probe_alarm_due(struct hws_timer *timer, hws_time turn)
{
    hws_time now = hwi_probe_now();
    struct hwi_alarm *alarm =
        (void *)((char *)timer - offsetof(struct hwi_alarm, timer));
    struct hws_probe *p = alarm->probe;
    (void)turn;
    hwi_alarm_due(p, alarm, now);
    settle(p);
}

static void letter_call(void *context)
{
    struct hwi_letter *letter = context;
    struct hws_probe *p = letter->probe;
    unsigned left = atomic_fetch_sub(&letter->under_way, 1) - 1;
    if (p && !p->is_over) {
        /* One that was given up may come in a later stage. */
        if (stage_of(p) == &hwi_stage_post)
            stage_of(p)->ready(p, p->options.pipes, hwi_probe_now());
        settle(p);
    } else if (!p && left == 0) {
        hwi_free(letter);
    }
}

/* On the other thread. A call that is refused is awaited in vain. */
void hwi_probe_letter_poke(void *context)
{
    struct hwi_letter *letter = context;
    atomic_fetch_add(&letter->under_way, 1);
    if (letter->post(letter->loop, letter_call, letter) != 0)
        atomic_fetch_sub(&letter->under_way, 1);
}
