/*
 * Nobody starves and nobody wakes for nothing. Bounds are counts of calls and
 * turns, with room for hosts that call one watch in a turn.
 */
#include "kit.h"

#define QUIET 100

/* ---- starvation */

SCENARIO(firehose_does_not_starve_a_hundred_quiet_ones)
{
    static struct kit_probe quiet[QUIET];
    static int ends[QUIET][2];
    struct kit_probe hose;
    int hose_ends[2];
    kit_pair(hose_ends);
    kit_put(hose_ends[1]);
    kit_probe_init(&hose, k);
    kit_probe_set(&hose, hose_ends[0], BOTH);
    for (size_t i = 0; i < QUIET; i++) {
        kit_pair(ends[i]);
        kit_probe_init(&quiet[i], k);
        kit_probe_set(&quiet[i], ends[i][0], READ);
    }
    for (size_t i = 0; i < QUIET; i++) {
        unsigned before = hose.calls;
        kit_put(ends[i][1]);
        LOOK_UNTIL(k, quiet[i].calls > 0);
        if (hose.calls - before > 10)
            FAIL("a quiet one waited for %u calls of the firehose",
                 hose.calls - before);
        kit_take(ends[i][0]);
    }
    CHECK(hose.calls > 0);
    for (size_t i = 0; i < QUIET; i++) {
        kit_probe_forget(&quiet[i]);
        kit_unpair(ends[i]);
    }
    kit_probe_forget(&hose);
    kit_unpair(hose_ends);
}

SCENARIO(hundred_busy_ones_are_served_alike)
{
    static struct kit_probe busy[QUIET];
    static int ends[QUIET][2];
    unsigned calls = 0, most = 0, least = UINT32_MAX;
    for (size_t i = 0; i < QUIET; i++) {
        kit_pair(ends[i]);
        kit_probe_init(&busy[i], k);
        kit_probe_set(&busy[i], ends[i][0], WRITE);
    }
    while (calls < 100 * QUIET) {
        kit_look(k);
        calls = most = 0;
        least = UINT32_MAX;
        for (size_t i = 0; i < QUIET; i++) {
            calls += busy[i].calls;
            most = busy[i].calls > most ? busy[i].calls : most;
            least = busy[i].calls < least ? busy[i].calls : least;
        }
        if (k->turns > 100 * QUIET)
            FAIL("%u calls in %u turns", calls, k->turns);
    }
    if (most > 2 * least)
        FAIL("one was served %u times, another %u times", most, least);
    for (size_t i = 0; i < QUIET; i++) {
        kit_probe_forget(&busy[i]);
        kit_unpair(ends[i]);
    }
}

static void again(struct kit_bell *b)
{
    kit_bell_set(b, 1);
}

/* "More work, now": what a client does whose budget is spent. */
SCENARIO(timer_that_is_always_due_lets_watches_run)
{
    struct kit_bell b;
    struct kit_probe p;
    int ends[2];
    kit_pair(ends);
    kit_probe_init(&p, k);
    kit_bell_init(&b, k);
    b.then = again;
    kit_bell_set(&b, 1);
    kit_probe_set(&p, ends[0], WRITE);
    WAIT_UNTIL(k, b.calls >= 200);
    if (p.calls < 50)
        FAIL("a ready watch was called %u times beside 200 calls of a timer",
             p.calls);
    kit_bell_off(&b);
    kit_probe_forget(&p);
    kit_unpair(ends);
}

SCENARIO(timer_that_is_always_due_lets_timers_run)
{
    struct kit_bell bells[3], late;
    kit_bell_init(&late, k);
    for (size_t i = 0; i < 3; i++) {
        kit_bell_init(&bells[i], k);
        bells[i].then = again;
        kit_bell_set(&bells[i], 1);
    }
    kit_bell_after(&late, HWS_MS(2));
    WAIT_UNTIL(k, late.calls == 1);
    for (size_t i = 0; i < 3; i++)
        CHECK(bells[i].calls > 0);
    for (size_t i = 0; i < 3; i++)
        kit_bell_off(&bells[i]);
}

SCENARIO(descriptor_that_is_always_ready_lets_a_due_timer_run)
{
    struct kit_bell b;
    struct kit_probe p;
    int ends[2];
    kit_pair(ends);
    kit_probe_init(&p, k);
    kit_bell_init(&b, k);
    kit_probe_set(&p, ends[0], WRITE);
    for (int i = 0; i < 50; i++) {
        unsigned before = p.calls;
        kit_bell_set(&b, 1);
        LOOK_UNTIL(k, b.deadline == HWS_NEVER);
        if (p.calls - before > 10)
            FAIL("a due timer waited for %u calls of a watch",
                 p.calls - before);
    }
    kit_probe_forget(&p);
    kit_unpair(ends);
}

/* ---- idleness */

SCENARIO(idle_loop_rests)
{
    kit_expect_rest(k, HWS_MS(60));
}

/* A wait that is too short by a part of its unit ends in a spin. */
SCENARIO(deadline_between_two_ticks_is_waited_for_in_few_turns)
{
    enum { WAITS = 20, TURNS_MAX = 8 };
    struct kit_bell b;
    unsigned before = k->turns;
    kit_bell_init(&b, k);
    for (unsigned i = 1; i <= WAITS; i++) {
        kit_bell_after(&b, HWS_US(1500) + HWS_US(37) * (hws_time)i);
        WAIT_UNTIL(k, b.calls == i);
    }
    if (k->turns - before > WAITS * TURNS_MAX)
        FAIL("%u turns for %d deadlines", k->turns - before, (int)WAITS);
}

SCENARIO(idle_watches_wake_nobody)
{
    static struct kit_probe quiet[QUIET];
    static int ends[QUIET][2];
    for (size_t i = 0; i < QUIET; i++) {
        kit_pair(ends[i]);
        kit_probe_init(&quiet[i], k);
        kit_probe_set(&quiet[i], ends[i][0], READ);
    }
    kit_expect_rest(k, HWS_MS(60));
    for (size_t i = 0; i < QUIET; i++) {
        CHECK_EQ(quiet[i].calls, 0);
        kit_probe_forget(&quiet[i]);
        kit_unpair(ends[i]);
    }
}

SCENARIO(forgotten_watch_wakes_nobody)
{
    struct kit_probe p;
    int ends[2];
    kit_pair(ends);
    kit_put(ends[1]);
    kit_probe_init(&p, k);
    kit_probe_set(&p, ends[0], BOTH);
    LOOK_UNTIL(k, p.calls > 0);
    kit_probe_forget(&p);
    kit_expect_rest(k, HWS_MS(60));
    kit_unpair(ends);
}

SCENARIO(dropped_write_interest_wakes_nobody)
{
    struct kit_probe p;
    int ends[2];
    kit_pair(ends);
    kit_probe_init(&p, k);
    kit_probe_set(&p, ends[0], BOTH);
    LOOK_UNTIL(k, p.calls > 0);
    kit_probe_set(&p, ends[0], READ);
    kit_expect_rest(k, HWS_MS(60));
    kit_probe_forget(&p);
    kit_unpair(ends);
}

SCENARIO(disarmed_timers_wake_nobody)
{
    static struct kit_bell bells[QUIET];
    for (size_t i = 0; i < QUIET; i++) {
        kit_bell_init(&bells[i], k);
        kit_bell_after(&bells[i], HWS_MS(5) + HWS_US(300) * (hws_time)i);
    }
    for (size_t i = 0; i < QUIET; i++)
        kit_bell_off(&bells[i]);
    kit_expect_rest(k, HWS_MS(60));
}

SCENARIO(far_timers_wake_nobody)
{
    static struct kit_bell bells[QUIET];
    for (size_t i = 0; i < QUIET; i++) {
        kit_bell_init(&bells[i], k);
        kit_bell_after(&bells[i], HWS_S(100 + (hws_time)i));
    }
    kit_expect_rest(k, HWS_MS(60));
    for (size_t i = 0; i < QUIET; i++)
        kit_bell_off(&bells[i]);
}

SCENARIO(loop_rests_again_after_a_storm)
{
    struct kit_bell b;
    struct kit_probe p;
    int ends[2];
    kit_pair(ends);
    kit_probe_init(&p, k);
    kit_bell_init(&b, k);
    b.then = again;
    kit_bell_set(&b, 1);
    kit_probe_set(&p, ends[0], BOTH);
    WAIT_UNTIL(k, b.calls >= 500);
    kit_bell_off(&b);
    kit_probe_set(&p, ends[0], READ);
    kit_expect_rest(k, HWS_MS(60));
    kit_probe_forget(&p);
    kit_unpair(ends);
}

extern const struct kit_scenario kit_fairness[];
const struct kit_scenario kit_fairness[] = {
    LIST(firehose_does_not_starve_a_hundred_quiet_ones),
    LIST(hundred_busy_ones_are_served_alike),
    LIST(timer_that_is_always_due_lets_watches_run),
    LIST(timer_that_is_always_due_lets_timers_run),
    LIST(descriptor_that_is_always_ready_lets_a_due_timer_run),
    LIST(idle_loop_rests),
    LIST(deadline_between_two_ticks_is_waited_for_in_few_turns),
    LIST(idle_watches_wake_nobody),
    LIST(forgotten_watch_wakes_nobody),
    LIST(dropped_write_interest_wakes_nobody),
    LIST(disarmed_timers_wake_nobody),
    LIST(far_timers_wake_nobody),
    LIST(loop_rests_again_after_a_storm),
    LIST_END,
};
