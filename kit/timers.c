/* Deadlines: never early, once per arming, never twice in a turn. */
#include "kit.h"

static struct kit_bell new_bell(struct kit *k)
{
    struct kit_bell b;
    kit_bell_init(&b, k);
    return b;
}

SCENARIO(deadline_is_waited_for)
{
    static const hws_time delays[] = {HWS_US(1),    HWS_US(300), HWS_MS(1),
                                      HWS_US(1500), HWS_MS(4),   HWS_MS(13)};
    for (size_t i = 0; i < sizeof(delays) / sizeof(*delays); i++) {
        struct kit_bell b = new_bell(k);
        kit_bell_after(&b, delays[i]);
        WAIT_UNTIL(k, b.calls == 1);
    }
}

/* A hundred of them, each a little off a whole millisecond. */
SCENARIO(deadlines_between_the_ticks_of_a_clock_are_never_early)
{
    for (int i = 1; i <= 100; i++) {
        struct kit_bell b = new_bell(k);
        kit_bell_after(&b, HWS_US(997) + i * 311);
        WAIT_UNTIL(k, b.calls == 1);
    }
}

SCENARIO(past_deadline_fires)
{
    struct kit_bell b = new_bell(k);
    kit_bell_set(&b, kit_now() - HWS_S(10));
    LOOK_UNTIL(k, b.calls == 1);
    kit_look_around(k);
    CHECK_EQ(b.calls, 1);
}

SCENARIO(odd_deadlines_of_the_past_fire)
{
    static const hws_time deadlines[] = {0, -1, 1, INT64_MIN, INT64_MIN + 1};
    for (size_t i = 0; i < sizeof(deadlines) / sizeof(*deadlines); i++) {
        struct kit_bell b = new_bell(k);
        kit_bell_set(&b, deadlines[i]);
        LOOK_UNTIL(k, b.calls == 1);
    }
}

SCENARIO(deadline_of_now_fires)
{
    for (int i = 0; i < 100; i++) {
        struct kit_bell b = new_bell(k);
        kit_bell_after(&b, 0);
        LOOK_UNTIL(k, b.calls == 1);
    }
}

SCENARIO(far_deadlines_do_not_fire)
{
    static const hws_time deadlines[] = {HWS_NEVER - 1, HWS_NEVER / 2,
                                         HWS_S(1000000000)};
    struct kit_bell far[3], near = new_bell(k);
    for (size_t i = 0; i < 3; i++) {
        far[i] = new_bell(k);
        kit_bell_set(&far[i], deadlines[i]);
    }
    kit_bell_after(&near, HWS_MS(2));
    WAIT_UNTIL(k, near.calls == 1);
    for (size_t i = 0; i < 3; i++) {
        CHECK_EQ(far[i].calls, 0);
        kit_bell_off(&far[i]);
    }
}

SCENARIO(disarmed_does_not_fire)
{
    struct kit_bell off = new_bell(k), on = new_bell(k);
    kit_bell_after(&off, HWS_MS(1));
    kit_bell_off(&off);
    kit_bell_after(&on, HWS_MS(5));
    WAIT_UNTIL(k, on.calls == 1);
    CHECK_EQ(off.calls, 0);
}

SCENARIO(disarming_what_is_not_armed_is_harmless)
{
    struct kit_bell b = new_bell(k);
    kit_bell_off(&b);
    kit_bell_off(&b);
    kit_bell_set(&b, 1);
    LOOK_UNTIL(k, b.calls == 1);
    kit_bell_off(&b);
    kit_look_around(k);
}

SCENARIO(timer_moves_later)
{
    struct kit_bell moved = new_bell(k), first = new_bell(k);
    kit_bell_after(&moved, HWS_MS(1));
    kit_bell_after(&moved, HWS_MS(12));
    kit_bell_after(&first, HWS_MS(4));
    WAIT_UNTIL(k, first.calls == 1);
    WAIT_UNTIL(k, moved.calls == 1);
}

/* The wait that is cut short ends for the new deadline. */
SCENARIO(timer_moves_earlier)
{
    struct kit_bell moved = new_bell(k), last = new_bell(k);
    kit_bell_after(&moved, HWS_S(3600));
    kit_look(k);
    kit_bell_after(&moved, HWS_MS(2));
    kit_bell_after(&last, HWS_S(3000));
    WAIT_UNTIL(k, moved.calls == 1);
    CHECK_EQ(last.calls, 0);
    kit_bell_off(&last);
}

SCENARIO(timer_fires_once_for_many_armings)
{
    struct kit_bell b = new_bell(k);
    for (int i = 0; i < 1000; i++)
        kit_bell_set(&b, 1 + i);
    LOOK_UNTIL(k, b.calls == 1);
    kit_look_around(k);
    CHECK_EQ(b.calls, 1);
}

static void again_now(struct kit_bell *b)
{
    kit_bell_set(b, kit_now());
}

static void again_past(struct kit_bell *b)
{
    kit_bell_set(b, 1);
}

/* The bell itself checks that no turn calls it twice. */
SCENARIO(timer_armed_for_now_inside_itself_fires_on_a_later_turn)
{
    struct kit_bell b = new_bell(k);
    b.then = again_now;
    kit_bell_after(&b, 0);
    LOOK_UNTIL(k, b.calls == 100);
    kit_bell_off(&b);
}

SCENARIO(timer_armed_for_the_past_inside_itself_fires_on_a_later_turn)
{
    struct kit_bell b = new_bell(k);
    b.then = again_past;
    kit_bell_set(&b, 1);
    LOOK_UNTIL(k, b.calls == 100);
    kit_bell_off(&b);
}

/* Waiting turns do not wait while a deadline has passed. */
SCENARIO(waiting_turns_serve_a_timer_that_is_always_due)
{
    struct kit_bell b = new_bell(k);
    b.then = again_past;
    kit_bell_set(&b, 1);
    WAIT_UNTIL(k, b.calls == 100);
    kit_bell_off(&b);
}

static void arm_other(struct kit_bell *b)
{
    kit_bell_set(b->others, 1);
}

SCENARIO(timers_that_arm_each_other_take_turns)
{
    struct kit_bell b[2] = {new_bell(k), new_bell(k)};
    for (int i = 0; i < 2; i++) {
        b[i].then = arm_other;
        b[i].others = &b[1 - i];
    }
    kit_bell_set(&b[0], 1);
    LOOK_UNTIL(k, b[1].calls == 50);
    CHECK(b[0].calls == 50 || b[0].calls == 51);
    kit_bell_off(&b[0]);
    kit_bell_off(&b[1]);
}

static struct kit_bell *last_rung;

static void note_ring(struct kit_bell *b)
{
    last_rung = b;
}

SCENARIO(later_deadline_fires_after_the_earlier)
{
    struct kit_bell early = new_bell(k), late = new_bell(k);
    early.then = late.then = note_ring;
    hws_time now = kit_now();
    kit_bell_set(&late, now + HWS_MS(3));
    kit_bell_set(&early, now + HWS_MS(2));
    WAIT_UNTIL(k, early.calls + late.calls == 2);
    CHECK(last_rung == &late);
}

/* ---- many */

#define MANY 10000

static hws_time newest;
static bool is_ordered;
static unsigned rung;

static void check_order(struct kit_bell *b)
{
    if (is_ordered && b->rang_for < newest)
        FAIL("a timer fired behind one that is due %lld ns later",
             (long long)(newest - b->rang_for));
    newest = b->rang_for;
    rung++;
}

/* Over 50 ms, in an order that is not that of their arming. */
/* True: all were armed before the first was due. */
static bool arm_in_disorder(struct kit_bell *bells, hws_time begin)
{
    for (size_t i = 0; i < MANY; i++)
        kit_bell_set(&bells[i],
                     begin + HWS_US(5) * (hws_time)(i * 7919 % MANY));
    return kit_now() < begin;
}

SCENARIO(ten_thousand_timers_fire_in_order)
{
    struct kit_bell *bells = calloc(MANY, sizeof(*bells));
    newest = 0;
    rung = 0;
    for (size_t i = 0; i < MANY; i++) {
        kit_bell_init(&bells[i], k);
        bells[i].then = check_order;
    }
    /* Deadlines that have passed may fire in any order: where arming took too
     * long, all are moved further ahead. */
    is_ordered = false;
    for (hws_time ahead = HWS_MS(60); !is_ordered && ahead < HWS_S(8);
         ahead *= 2)
        is_ordered = arm_in_disorder(bells, kit_now() + ahead);
    WAIT_UNTIL(k, rung == MANY);
    free(bells);
}

SCENARIO(equal_deadlines_all_fire)
{
    struct kit_bell bells[200];
    unsigned calls = 0;
    hws_time deadline = kit_now() + HWS_MS(5);
    for (size_t i = 0; i < 200; i++) {
        bells[i] = new_bell(k);
        kit_bell_set(&bells[i], deadline);
    }
    while (calls < 200) {
        kit_waits_for(__FILE__, __LINE__, "all of 200 timers");
        kit_turn(k);
        calls = 0;
        for (size_t i = 0; i < 200; i++)
            calls += bells[i].calls;
    }
    kit_look_around(k);
    for (size_t i = 0; i < 200; i++)
        CHECK_EQ(bells[i].calls, 1);
}

SCENARIO(thousand_timers_are_disarmed_and_none_fires)
{
    struct kit_bell *bells = calloc(1000, sizeof(*bells));
    for (size_t i = 0; i < 1000; i++) {
        kit_bell_init(&bells[i], k);
        kit_bell_set(&bells[i], (hws_time)i);
    }
    for (size_t i = 0; i < 1000; i++)
        kit_bell_off(&bells[i]);
    kit_look_around(k);
    for (size_t i = 0; i < 1000; i++)
        CHECK_EQ(bells[i].calls, 0);
    free(bells);
}

SCENARIO(timer_memory_is_used_again_at_once)
{
    struct kit_bell *b = malloc(sizeof(*b));
    for (int i = 0; i < 200; i++) {
        kit_bell_init(b, k);
        kit_bell_set(b, i % 2 ? 1 : kit_now() + HWS_S(3600));
        if (i % 2)
            LOOK_UNTIL(k, b->calls == 1);
        else
            kit_bell_off(b);
        memset(b, 0xDB, sizeof(*b));
    }
    free(b);
}

/* ---- under load */

SCENARIO(timers_fire_beside_a_descriptor_that_is_always_ready)
{
    struct kit_bell bells[50];
    struct kit_probe p;
    int ends[2];
    kit_pair(ends);
    kit_probe_init(&p, k);
    kit_probe_set(&p, ends[0], WRITE);
    hws_time now = kit_now();
    for (size_t i = 0; i < 50; i++) {
        bells[i] = new_bell(k);
        kit_bell_set(&bells[i], now + HWS_US(200) * (hws_time)i);
    }
    for (size_t i = 0; i < 50; i++)
        WAIT_UNTIL(k, bells[i].calls == 1);
    CHECK(p.calls > 0);
    kit_probe_forget(&p);
    kit_unpair(ends);
}

SCENARIO(timers_fire_beside_fifty_descriptors_that_are_always_ready)
{
    struct kit_bell bells[10];
    struct kit_probe probes[50];
    int ends[50][2];
    for (size_t i = 0; i < 50; i++) {
        kit_pair(ends[i]);
        kit_probe_init(&probes[i], k);
        kit_probe_set(&probes[i], ends[i][0], WRITE);
    }
    hws_time now = kit_now();
    for (size_t i = 0; i < 10; i++) {
        bells[i] = new_bell(k);
        kit_bell_set(&bells[i], now + HWS_US(500) * (hws_time)i);
    }
    for (size_t i = 0; i < 10; i++)
        WAIT_UNTIL(k, bells[i].calls == 1);
    for (size_t i = 0; i < 50; i++) {
        kit_probe_forget(&probes[i]);
        kit_unpair(ends[i]);
    }
}

/* A hundred that start over whenever they fire, a thousand times in all. */
static void start_over(struct kit_bell *b)
{
    rung++;
    if (rung < 1000)
        kit_bell_after(b, HWS_US(50) * (hws_time)(1 + b->count % 17));
}

SCENARIO(repeating_timers_are_never_early)
{
    struct kit_bell bells[100];
    rung = 0;
    for (size_t i = 0; i < 100; i++) {
        bells[i] = new_bell(k);
        bells[i].then = start_over;
        bells[i].count = i;
        kit_bell_after(&bells[i], HWS_US(10) * (hws_time)i);
    }
    WAIT_UNTIL(k, rung >= 1000);
    for (size_t i = 0; i < 100; i++)
        kit_bell_off(&bells[i]);
}

extern const struct kit_scenario kit_timers[];
const struct kit_scenario kit_timers[] = {
    LIST(deadline_is_waited_for),
    LIST(deadlines_between_the_ticks_of_a_clock_are_never_early),
    LIST(past_deadline_fires),
    LIST(odd_deadlines_of_the_past_fire),
    LIST(deadline_of_now_fires),
    LIST(far_deadlines_do_not_fire),
    LIST(disarmed_does_not_fire),
    LIST(disarming_what_is_not_armed_is_harmless),
    LIST(timer_moves_later),
    LIST(timer_moves_earlier),
    LIST(timer_fires_once_for_many_armings),
    LIST(timer_armed_for_now_inside_itself_fires_on_a_later_turn),
    LIST(timer_armed_for_the_past_inside_itself_fires_on_a_later_turn),
    LIST(waiting_turns_serve_a_timer_that_is_always_due),
    LIST(timers_that_arm_each_other_take_turns),
    LIST(later_deadline_fires_after_the_earlier),
    LIST(ten_thousand_timers_fire_in_order),
    LIST(equal_deadlines_all_fire),
    LIST(thousand_timers_are_disarmed_and_none_fires),
    LIST(timer_memory_is_used_again_at_once),
    LIST(timers_fire_beside_a_descriptor_that_is_always_ready),
    LIST(timers_fire_beside_fifty_descriptors_that_are_always_ready),
    LIST(repeating_timers_are_never_early),
    LIST_END,
};
